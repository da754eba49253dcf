"""Reviews: a mentor's answer to one version, from the first word of the draft to its withdrawal."""

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from curriculum.markdown import render
from curriculum.models import Criterion
from people.models import Absence, Membership, Notification, User
from submissions.memory import MEMORY
from submissions.models.hold import Hold
from submissions.models.version import Version
from submissions.models.work import Submission

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from submissions.models.comment import Comment
    from submissions.models.talk import Thread


SIGNS = re.compile(r"[*_`#>\[~|\\&<]|^\s*[-+\d]", re.MULTILINE)
"""Without one of these a text means what it says in Markdown too: most need not be read as such."""


@MEMORY.keeps(256)
def rendered_words(text: str) -> SafeString:
    """What was said, in Markdown, as safe HTML."""
    return mark_safe(render(text, top=4))  # render lets only safe HTML through


@MEMORY.keeps(512)
def plain_words(text: str) -> str:
    """The words of what was said, in one line and without the signs of Markdown."""
    said = unescape(strip_tags(rendered_words(text))) if SIGNS.search(text) else text
    return " ".join(said.split())


class StaleDraft(Exception):
    """The draft was saved from somewhere else in the meantime: `review` has that other text, or was sent."""

    def __init__(self, review: "Review") -> None:
        super().__init__(str(review))
        self.review = review


class Newer(Exception):
    """The learner has submitted `version` since: finish on the old one, or carry the draft over."""

    def __init__(self, version: Version) -> None:
        super().__init__(str(version))
        self.version = version


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews."""

    def counted(self) -> "ReviewQuerySet":
        """Published and not withdrawn."""
        return self.filter(published_at__isnull=False, withdrawn_at=None)

    def deciding(self) -> "ReviewQuerySet":
        """Those that accepted the work or asked for changes, and stand."""
        return self.counted().exclude(verdict=Review.Verdict.COMMENT)

    def visible_to(self, user: User) -> "ReviewQuerySet":
        """Published ones of visible submissions, and the user's own drafts."""
        return self.filter(version__submission__in=Submission.objects.visible_to(user)).filter(
            Q(published_at__isnull=False) | Q(mentor=user)
        )

    def drafts(self) -> "ReviewQuerySet":
        return self.filter(published_at=None)

    def unattended(self) -> "ReviewQuerySet":
        """Drafts of mentors who have left the cohort or are away from it today: others of it may take them over."""
        cohort = OuterRef("version__submission__learner__cohort")
        there = Membership.objects.current().mentors().filter(user=OuterRef("mentor"), cohort=cohort)
        away = Absence.objects.now().filter(membership__user=OuterRef("mentor"), membership__cohort=cohort)
        return self.drafts().filter(~Exists(there) | Exists(away))

    def draft_of(self, mentor: User, submission: Submission) -> "Review | None":
        """The mentor's draft on this submission, whichever version it is about."""
        mine = self.drafts().filter(mentor=mentor, version__submission=submission)
        return mine.select_related("version").order_by("-version__number").first()

    def begin(self, version: Version, mentor: User) -> "Review":
        """The mentor's draft on this submission: the one there is, else a new one about `version`.

        From then on the version counts as opened. Raises PermissionDenied for one who may not review, and
        Version.DoesNotExist when the version has been taken back.
        """
        with transaction.atomic():
            submission = version.submission.lock()
            submission.require_mentor(mentor)
            version = submission.versions.submitted().get(pk=version.pk)
            draft = self.draft_of(mentor, submission) or self.create(version=version, mentor=mentor)
            draft.version.open_for(mentor)
        return draft


class Review(models.Model):
    """A mentor's answer to one version: comments and a verdict. Invisible to the learner until published."""

    class Verdict(models.TextChoices):
        COMMENT = "comment", _("Comment only")
        CHANGES = "changes", _("Request changes")
        ACCEPT = "accept", _("Accept")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="reviews")
    mentor = models.ForeignKey(User, models.PROTECT, related_name="reviews", verbose_name=_("mentor"))
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    digests = models.JSONField(default=list, blank=True)
    """SHA-256 of what it was made on, as `Version.digests` has them, written when it is published.

    Empty in the place of what was erased since.
    """
    revision = models.PositiveIntegerField(default=0)
    """Counts the saves of a draft, so that a save made from an older state is seen."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    marks = models.JSONField(default=dict, blank=True, editable=False)
    """Of a draft: what is typed about criteria on its sheet, by the names of the fields. Empty once it is sent."""
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.TextField(_("reason"), blank=True)
    summary_erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the summary of a published review was erased, and it became empty; so the reason."""
    reason_erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReviewQuerySet.as_manager()
    beside: "list[tuple[str, str, str]]" = []  # of a draft that a save came too late for
    """What it says of criteria that the late save does not: criterion, decision, note."""

    class Meta:
        ordering = ["pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "mentor"], condition=Q(published_at=None), name="review_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | ~Q(verdict=""), name="review_decides_on_verdict"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None)
                | (
                    Q(published_at__isnull=False)
                    & (~Q(withdrawn_reason="") | Q(reason_erased_at__isnull=False))
                ),
                name="review_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=(Q(summary_erased_at=None) | Q(published_at__isnull=False, summary=""))
                & (Q(reason_erased_at=None) | Q(withdrawn_at__isnull=False, withdrawn_reason="")),
                name="review_erased_is_empty",
            ),
        ]

    if TYPE_CHECKING:
        comments: RelatedManager["Comment"]
        threads: RelatedManager["Thread"]

    def __str__(self) -> str:
        return f"{self.mentor}, {self.version}"

    @property
    def decision(self) -> str:
        """What was decided, as the page tells it afterwards."""
        said = {
            self.Verdict.COMMENT: _("Commented"),
            self.Verdict.CHANGES: _("Asked for changes"),
            self.Verdict.ACCEPT: _("Accepted"),
        }
        return str(said[self.Verdict(self.verdict)]) if self.verdict else ""

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def html(self) -> SafeString:
        """The summary, as safe HTML."""
        return rendered_words(self.summary)

    def save_draft(
        self, verdict: str, summary: str, revision: int, marks: dict[str, str] | None = None
    ) -> None:
        """Keep what has been typed so far, from the state numbered `revision`; no `marks` leave those it has.

        Raises StaleDraft when another save, or the sending, came between, unless it says the same.
        """
        said: dict[str, Any] = {"verdict": verdict, "summary": summary}
        if marks is not None:
            said["marks"] = marks
        mine = Review.objects.drafts().filter(pk=self.pk, revision=revision)
        saved = mine.update(**said, revision=F("revision") + 1, saved_at=timezone.now())
        self.refresh_from_db(fields=["verdict", "summary", "marks", "revision", "saved_at", "published_at"])
        if not saved and (self.published_at or any(getattr(self, name) != said[name] for name in said)):
            self.beside = self._marks_beside(marks or {})
            raise StaleDraft(self)

    def _marks_beside(self, typed: dict[str, str]) -> list[tuple[str, str, str]]:
        """What the draft says of criteria where it differs from what is `typed`: criterion, decision and note."""
        words = {"met": _("Met"), "not_yet": _("Not met yet")}
        others = {name for name, value in self.marks.items() if value and value != typed.get(name, "")}
        named = {name[:36] for name in others if name.endswith(("-decision", "-note"))}
        return [
            (
                str(criterion),
                str(words.get(self.marks.get(f"{criterion.uuid}-decision", ""), "")),
                self.marks.get(f"{criterion.uuid}-note", ""),
            )
            for criterion in Criterion.objects.filter(uuid__in=named)
        ]

    def publish(
        self, verdict: str, *, here: bool = False, accept_open: bool = False, revision: int | None = None
    ) -> None:
        """Send the review with all its comments, once: a review that is published already stays as it is.

        Raises PermissionDenied when the mentor may not review (any more); Newer when another version has been
        submitted since, unless the mentor wants to finish `here`; ValidationError when nothing is said or
        decided (code `empty`), and for accepting while a must-fix thread is not settled (code `open`), unless
        `accept_open`; StaleDraft when it is no draft of this `revision` any more, where one is given.
        """
        with transaction.atomic():
            submission = self.version.submission.lock()
            submission.require_mentor(self.mentor)
            # Taken, so that no other words are saved between this look and the sending.
            fresh = Review.objects.select_for_update(no_key=True).get(pk=self.pk)
            if revision is not None and (fresh.published_at or fresh.revision != revision):
                raise StaleDraft(fresh)
            self.refresh_from_db(fields=["published_at", "summary", "version"])
            if self.published_at:
                return
            newest = submission.versions.submitted().latest("number")
            if newest.pk != self.version_id and not here:
                raise Newer(newest)
            self._check(verdict, submission, accept_open)
            self.verdict, self.digests, self.marks = verdict, self.version.digests(), {}
            self.published_at = self.saved_at = timezone.now()
            self.save(update_fields=["verdict", "digests", "marks", "published_at", "saved_at"])
            submission.requeue()
            self._tell(submission, newest)
            for comment in self.comments.select_related("author", "thread"):
                comment.call(submission)

    def _tell(self, submission: Submission, newest: Version) -> None:
        """The learner hears of it, and no mentor has to be told any more that this waits."""
        kind = Notification.Kind
        submission.settle(kind.ASKED)
        if newest.pk == self.version_id and self.verdict != self.Verdict.COMMENT:
            submission.settle(kind.WAITING)
        told = {
            self.Verdict.COMMENT: kind.COMMENTED,
            self.Verdict.CHANGES: kind.CHANGES,
            self.Verdict.ACCEPT: kind.ACCEPTED,
        }
        submission.tell([submission.learner.user], told[self.Verdict(self.verdict)], self.mentor)

    def _check(self, verdict: str, submission: Submission, accept_open: bool) -> None:
        """Raises ValidationError for what cannot be sent."""
        if verdict not in self.Verdict.values:
            raise ValidationError(_("Choose what this review decides."), code="verdict")
        if verdict == self.Verdict.COMMENT and not self.summary.strip() and not self.comments.exists():
            raise ValidationError(
                _("There is nothing to send yet. Write a comment or a summary, or decide."), code="empty"
            )
        if verdict == self.Verdict.ACCEPT and not accept_open:
            unsettled = submission.threads.unsettled_must_fix(self).count()
            if unsettled:
                raise ValidationError(
                    _("Must-fix threads not confirmed: %(count)s. Confirm them, or accept all the same."),
                    code="open",
                    params={"count": unsettled},
                )

    def carry_over(self) -> None:
        """Make the draft one about the newest version; its threads are placed there already.

        The decision is taken back: it was meant for the older version. Where the mentor has a draft on the
        newest version too, both become one.
        """
        with transaction.atomic():
            submission = self.version.submission.lock()
            submission.require_mentor(self.mentor)
            newest = submission.versions.submitted().latest("number")
            if newest.pk == self.version_id or self.published_at:
                return
            self._merge(Review.objects.drafts().filter(version=newest, mentor=self.mentor).first())
            older = self.version
            self.version, self.verdict, self.revision = newest, "", self.revision + 1
            # Evidence that was the older version is now the newest, as the sheet proposes.
            named = {f"version:{older.uuid}": f"version:{newest.uuid}"}
            self.marks = {name: named.get(value, value) for name, value in self.marks.items()}
            self.save(update_fields=["version", "verdict", "revision", "summary", "marks"])
            newest.open_for(self.mentor)

    def hand_over(self, mentor: User) -> None:
        """Give the draft to another mentor of the cohort, and the hold back; each comment keeps its author."""
        with transaction.atomic():
            submission = self.version.submission.lock()
            submission.require_mentor(mentor)
            self._merge(Review.objects.draft_of(mentor, submission))
            Hold.objects.release(submission, self.mentor)
            before, self.mentor, self.revision = self.mentor, mentor, self.revision + 1
            self.save(update_fields=["mentor", "revision", "summary", "marks"])
            self.version.open_for(mentor)
            submission.tell([mentor], Notification.Kind.HANDED_OVER, before)

    def take_over(self, mentor: User) -> None:
        """Make the draft another mentor's, with the comments, each of which keeps its author.

        Raises PermissionDenied for one who may not review, and while the draft's own mentor is there to say so.
        """
        with transaction.atomic():
            self.version.submission.lock().require_mentor(mentor)
            fresh = Review.objects.select_for_update(no_key=True).get(pk=self.pk)
            if not Review.objects.unattended().filter(pk=fresh.pk).exists():
                raise PermissionDenied
            fresh.hand_over(mentor)

    def _merge(self, other: "Review | None") -> None:
        """Take in all that another draft says, and remove its empty row."""
        if other is None or other.pk == self.pk:
            return
        other.comments.update(review=self)
        other.threads.update(review=self)
        self.summary = "\n\n".join(part for part in (other.summary, self.summary) if part)
        self.marks = other.marks | self.marks
        other.delete()

    def withdraw(self, user: User, reason: str) -> None:
        """Take back a published review, by its author, with a reason. It counts no more and stays readable.

        Raises PermissionDenied for anybody else, ValidationError without a reason, for a draft, and for one
        that was withdrawn with another reason.
        """
        if user.pk != self.mentor_id:
            raise PermissionDenied
        if not reason.strip():
            raise ValidationError(_("Say why: the learner reads the reason."))
        published = Review.objects.filter(pk=self.pk, published_at__isnull=False)
        if not published.exists():
            raise ValidationError(_("This review was not sent yet, so there is nothing to withdraw."))
        with transaction.atomic():
            submission = self.version.submission.lock()
            standing = published.filter(withdrawn_at=None)
            if standing.update(withdrawn_at=timezone.now(), withdrawn_reason=reason):
                submission.requeue()
                submission.tell([submission.learner.user], Notification.Kind.TAKEN_AWAY, self.mentor)
        self.refresh_from_db(fields=["withdrawn_at", "withdrawn_reason"])
        if self.withdrawn_reason != reason:
            raise ValidationError(
                _("This review is withdrawn already, and the reason given then stays: “%(reason)s”."),
                params={"reason": self.withdrawn_reason},
            )
