"""Talk: threads, and the acts by which people open, answer and settle them.

Each act takes the submission's row first, so that of two people one comes after the other, sees the newer
state and is told.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from people.models import Notification, User
from submissions.models.anchor import Anchor
from submissions.models.comment import Comment
from submissions.models.review import Review
from submissions.models.version import Version
from submissions.models.work import Submission

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext.db.models.manager import RelatedManager

    from curriculum.models import Criterion
    from submissions.models.file import File


SETTLING = (Comment.Act.CONFIRM, Comment.Act.DROP, Comment.Act.UNDO)
"""Acts that settle a thread, or take that back; who does so has not answered it."""


@dataclass(frozen=True)
class Said:
    """What a form says: the words and the form's key; for a new thread also its kind and criterion."""

    body: str
    key: UUID
    kind: str = "question"
    criterion: "Criterion | None" = None


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Threads."""

    def shown_to(self, user: User) -> "ThreadQuerySet":
        """Of threads in visible submissions: those that were sent, and those the user is still writing."""
        return self.filter(
            Q(review=None) | Q(review__published_at__isnull=False) | Q(review__mentor=user) | Q(author=user)
        )

    def visible_to(self, user: User) -> "ThreadQuerySet":
        """Threads of visible submissions that somebody has sent, and those the user is still writing."""
        return self.filter(submission__in=Submission.objects.visible_to(user)).shown_to(user)

    def with_state(self) -> "ThreadQuerySet":
        """Adds what `Thread.state` derives from, of what was sent in the thread.

        `act`: the last act that counts; `last_author`: the primary key of whoever spoke last, but for settling it;
        `has_newer`: whether a version was handed in after the one it was last asked about.
        """
        sent = Comment.objects.sent().filter(thread=OuterRef("pk")).order_by("-pk")
        asking = sent.filter(act__in=["", Comment.Act.REOPEN], version__isnull=False)
        newer = Version.objects.submitted().filter(submission=OuterRef("submission"))
        return self.annotate(
            act=Subquery(sent.exclude(act="").with_effect().values("effect")[:1]),  # type: ignore[misc]  # added there
            last_author=Subquery(sent.exclude(act__in=SETTLING).values("author")[:1]),
            asked_on=Subquery(asking.values("version__number")[:1]),
        ).annotate(has_newer=Exists(newer.filter(number__gt=OuterRef("asked_on"))))

    def with_asked(self) -> "ThreadQuerySet":
        """Adds `asked`, the words that it was opened with, and when those were erased, `asked_erased_at`."""
        first = Comment.objects.filter(thread=OuterRef("pk")).order_by("pk")
        return self.annotate(
            asked=Subquery(first.values("body")[:1]), asked_erased_at=Subquery(first.values("erased_at")[:1])
        )

    def standing(self) -> "ThreadQuerySet":
        """Those that were sent and not withdrawn with their review."""
        sent = Q(review__published_at__isnull=False, review__withdrawn_at=None)
        return self.filter(Q(review=None) | sent)

    def unanswered_must_fix(self) -> "ThreadQuerySet":
        """Must-fix threads without an answer: no new version is submitted while there is one."""
        must = self.standing().filter(kind=Thread.Kind.MUST).with_state()
        return must.filter(Q(act=None) | Q(act=Comment.Act.REOPEN))

    def unanswered_questions(self) -> "ThreadQuerySet":
        """Learners' own questions on which nobody else has spoken since."""
        asked = self.filter(review=None, kind=Thread.Kind.QUESTION).with_state()
        # The types know nothing of what with_state adds.
        unanswered = Q(("last_author", F("author")))
        return asked.filter(Q(act=None) | Q(act=Comment.Act.REOPEN)).filter(unanswered)

    def open_must_fix(self) -> "ThreadQuerySet":
        """Must-fix threads that were sent and are neither confirmed nor dropped: what is left to be done."""
        must = self.standing().filter(kind=Thread.Kind.MUST).with_state()
        return must.filter(Q(act=None) | ~Q(act__in=[Comment.Act.CONFIRM, Comment.Act.DROP]))

    def unsettled_must_fix(self, review: Review) -> "ThreadQuerySet":
        """Must-fix threads that are neither confirmed nor dropped, those in the draft `review` included."""
        must = self.filter(kind=Thread.Kind.MUST).with_state()
        mine = must.filter(
            Q(review__published_at__isnull=False, review__withdrawn_at=None) | Q(review=review)
        )
        settled = [Comment.Act.CONFIRM, Comment.Act.DROP]
        return mine.filter(Q(act=None) | ~Q(act__in=settled))

    def open(
        self,
        version: Version,
        author: User,
        said: Said,
        review: Review | None = None,
        place: "tuple[File | None, list[dict[str, Any]]] | None" = None,
    ) -> "Thread":
        """A new thread on a place of a version, by default on the whole, once for each form that was shown.

        `place` is as `submissions.pointing.pointed` gives it.
        A mentor opens it in their draft `review`, and it is sent with that; the learner's own is a question
        and is sent at once. Raises PermissionDenied for anybody else, and for one whose membership has ended.
        """
        with transaction.atomic():
            submission = version.submission.lock()
            if review is None:
                submission.learner.require_learner(author)
            else:
                submission.require_mentor(author)
            known = self.filter(key=said.key).first()
            if known is not None and known.is_from(submission, author, said):
                return known
            thread = self.create(
                submission=submission,
                anchor=Anchor.objects.on_place(version, *(place or (None, []))),
                review=review,
                author=author,
                kind=said.kind if review else Thread.Kind.QUESTION,
                criterion=said.criterion,
                key=uuid4() if known else said.key,
            )
            comment = Comment.objects.create(
                thread=thread, author=author, review=review, version=version, body=said.body
            )
            if review is None:
                told = submission.answerers()
                submission.tell(told, Notification.Kind.ASKED, author, thread.get_absolute_url())
                comment.call(submission, told)
        return thread


class Thread(models.Model):
    """One point of discussion, with a kind and a state."""

    class Kind(models.TextChoices):
        MUST = "must", _("Must fix")
        SHOULD = "should", _("Should")
        QUESTION = "question", _("Question")
        PRAISE = "praise", _("Praise")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        CONFIRMED = "confirmed", _("Confirmed fixed")
        DROPPED = "dropped", _("Dropped")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="threads")
    anchor = models.ForeignKey(Anchor, models.PROTECT, related_name="threads")
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="threads")
    """The review it was opened in; None for a learner's own thread."""
    author = models.ForeignKey(User, models.PROTECT, related_name="threads")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    criterion = models.ForeignKey(
        "curriculum.Criterion", models.PROTECT, null=True, blank=True, related_name="threads"
    )
    """The criterion it bears on, if any."""
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    """Made by the form, so that a double click or a retry opens one thread."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("thread")
        verbose_name_plural = _("threads")

    if TYPE_CHECKING:
        comments: RelatedManager["Comment"]
        act: str | None
        last_author: int | None
        has_newer: bool
        asked: str | None
        asked_erased_at: "datetime | None"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.uuid}"

    def get_absolute_url(self) -> str:
        """The page that shows it, at rest or not."""
        return f"{self.submission.get_absolute_url()}?thread={self.uuid}#thread-{self.uuid}"

    def is_from(self, submission: Submission, author: User, said: Said) -> bool:
        """Whether this is the thread that the same form opened already: same people, same words."""
        first = self.comments.first()
        same = self.submission_id == submission.pk and self.author_id == author.pk
        return same and first is not None and first.body == said.body

    @property
    def is_sent(self) -> bool:
        """Whether others may see it."""
        return self.review is None or self.review.published_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.review is not None and self.review.withdrawn_at is not None

    @property
    def state(self) -> "Thread.State":
        """Derived from the last act that was sent. Needs the annotations of `with_state`.

        A question is answered as soon as somebody else than who asked it spoke last.
        """
        states = {
            Comment.Act.FIXED: self.State.ANSWERED,
            Comment.Act.DISAGREE: self.State.ANSWERED,
            Comment.Act.CONFIRM: self.State.CONFIRMED,
            Comment.Act.DROP: self.State.DROPPED,
        }
        state = states.get(Comment.Act(self.act)) if self.act else None
        if (
            state is None
            and self.kind == self.Kind.QUESTION
            and self.last_author not in (None, self.author_id)
        ):
            return self.State.ANSWERED
        return state or self.State.OPEN

    def reclassify(self, author: User, kind: str, criterion: "Criterion | None") -> None:
        """Another kind and criterion, as long as it is not sent: by whoever opened it; PermissionDenied otherwise."""
        with transaction.atomic():
            self.submission.lock()
            mine = Thread.objects.filter(pk=self.pk, author=author, review__published_at=None)
            if not mine.exclude(review=None).update(kind=kind, criterion=criterion):
                raise PermissionDenied

    def acts_for(self, user: User, *, mentoring: bool) -> "list[Comment.Act]":
        """What the user may do about it now. `mentoring`: whether the user may review this submission.

        "Fixed here" speaks of a version: one that was handed in after the one it was asked about.
        """
        if not self.is_sent or self.is_withdrawn or self.kind == self.Kind.PRAISE:
            return []
        act, state = Comment.Act, self.state
        waits = state in (self.State.OPEN, self.State.ANSWERED)
        asked = self.kind != self.Kind.QUESTION
        acts = []
        if not mentoring and self.review_id and asked and waits:
            acts += [act.FIXED, act.DISAGREE] if self.has_newer else [act.DISAGREE]
        if mentoring and asked and waits:
            acts.append(act.CONFIRM)
        if self.author_id == user.pk and waits:
            acts.append(act.DROP)
        closed = state in (self.State.CONFIRMED, self.State.DROPPED)
        insists = asked and state == self.State.ANSWERED
        if (closed or (mentoring and insists)) and (
            self.author_id == user.pk or (mentoring and self.review_id)
        ):
            acts.append(act.REOPEN)
        return acts

    def reply(self, author: User, said: Said, review: Review | None = None) -> "Comment":
        """Say something. In a draft `review` it is sent with that; without one it is sent at once.

        Raises PermissionDenied for one who is neither the learner, while they belong to the cohort, nor may review.
        """
        return self._say(author, said, review=review)

    def answer(self, learner: User, act: str, said: Said, version: Version | None = None) -> "Comment":
        """The learner's answer: `fixed` in `version`, such as the draft that is about to be handed in, or
        `disagree` and why.

        Raises ValidationError for disagreeing without a word, and for what the thread's state does not allow.
        """
        if act not in (Comment.Act.FIXED, Comment.Act.DISAGREE):
            raise ValidationError(_("Choose “Fixed here” or “I disagree”."), code="act")
        if act == Comment.Act.DISAGREE and not said.body.strip():
            raise ValidationError(_("Say why you disagree."), code="why")
        return self._say(learner, said, act=act, version=version)

    def confirm(self, mentor: User, said: Said) -> "Comment":
        """It is fixed, says a mentor of the cohort. Sent at once: acts are never part of a draft review."""
        return self._say(mentor, said, act=Comment.Act.CONFIRM)

    def drop(self, author: User, said: Said) -> "Comment":
        """It is not asked any more, says whoever opened it. Sent at once."""
        return self._say(author, said, act=Comment.Act.DROP)

    def reopen(self, user: User, said: Said) -> "Comment":
        """It is asked again, by a mentor or by whoever opened it. Sent at once."""
        return self._say(user, said, act=Comment.Act.REOPEN, version=self.submission.last_version)

    def undo(self, user: User, act: "Comment") -> "Comment":
        """Takes back a confirmation or a drop of the user's own: the thread is as it was before, and nobody is told.

        Taking back twice is once. Raises PermissionDenied for another's act, and ValidationError when it is too late.
        """
        with transaction.atomic():
            submission = self.submission.lock()
            if not submission.learner.is_mentored_by(user):
                submission.learner.require_learner(user)
            known = Comment.objects.filter(undoes=act).first()
            if known is not None and known.author_id == user.pk:
                return known
            if act.author_id != user.pk or act.thread_id != self.pk:
                raise PermissionDenied
            last = Comment.objects.sent().filter(thread=self).order_by("pk").last()
            decided = Review.objects.deciding().filter(version__submission=submission)
            was_decided = decided.filter(published_at__gt=act.created_at).exists()
            if last != act or was_decided or not act.may_undo(user):
                raise ValidationError(
                    _(
                        "It is too late to take this back: something was said or decided since, or ten minutes passed."
                    ),
                    code="late",
                )
            acts = Comment.objects.sent().filter(thread=self, pk__lt=act.pk).exclude(act="").with_effect()
            before = acts.order_by("-pk").values_list("effect", flat=True).first() or ""  # type: ignore[misc]  # added
            return Comment.objects.create(
                thread=self, author=user, act=Comment.Act.UNDO, undoes=act, restores=before
            )

    def refusal_of(self, act: str) -> ValidationError:
        """Why that cannot be done now."""
        if act == Comment.Act.FIXED and self.state == self.State.OPEN and not self.has_newer:
            return ValidationError(
                _(
                    "This was said about your newest version. Fix it in the next one, and say so when you hand that in."
                ),
                code="next-version",
            )
        return ValidationError(
            _("This thread is “%(state)s” by now, so that is not possible."),
            code="state",
            params={"state": self.state.label},
        )

    def _say(self, author: User, said: Said, act: str = "", **where: Any) -> "Comment":
        """One comment for each form that was shown. `where`: its review, its version."""
        with transaction.atomic():
            submission = self.submission.lock()
            mentoring = submission.learner.is_mentored_by(author)
            if not mentoring:
                submission.learner.require_learner(author)
            key = said.key
            known = Comment.objects.filter(key=key).first()
            if known is not None:
                if known.is_from(self, author, said, act):
                    return known
                key = uuid4()
            thread = Thread.objects.with_state().select_related("review").get(pk=self.pk)
            version: Version | None = where.get("version")
            thread.has_newer |= version is not None and version.is_draft
            if act and act not in thread.acts_for(author, mentoring=mentoring):
                raise thread.refusal_of(act)
            if not thread.is_sent:
                where["review"] = thread.review
            comment = Comment.objects.create(
                thread=thread, author=author, act=act, body=said.body, key=key, **where
            )
            if act == Comment.Act.REOPEN:
                thread.anchor.catch_up()
            if comment.review is None:
                comment.tell(submission, mentoring=mentoring)
            return comment
