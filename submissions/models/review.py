"""What mentors answer: holds, reviews, threads and their comments, and the places they are about."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import User
from submissions.models.file import File
from submissions.models.version import Version
from submissions.models.work import Submission

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

HOLD_TIME = timedelta(minutes=30)


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds."""

    def running(self) -> "HoldQuerySet":
        return self.filter(until__gt=timezone.now())


class Hold(models.Model):
    """A mentor's reservation of a submission while reviewing it; it means nothing after `until`."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="hold")
    mentor = models.ForeignKey(User, models.CASCADE, related_name="holds")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")

    def __str__(self) -> str:
        return f"{self.mentor}, {self.submission}"

    @property
    def is_running(self) -> bool:
        return self.until > timezone.now()


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews."""

    def counted(self) -> "ReviewQuerySet":
        """Published and not withdrawn."""
        return self.filter(published_at__isnull=False, withdrawn_at=None)

    def visible_to(self, user: User) -> "ReviewQuerySet":
        """Published ones of visible submissions, and the user's own drafts."""
        return self.filter(version__submission__in=Submission.objects.visible_to(user)).filter(
            Q(published_at__isnull=False) | Q(mentor=user)
        )


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
    """SHA-256 of what it was made on (text and files of the version), written when it is published."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the saves of a draft, so that a save made from an older state is seen."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.TextField(_("reason"), blank=True)

    objects = ReviewQuerySet.as_manager()

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
                condition=Q(withdrawn_at=None) | (Q(published_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="review_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor}, {self.version}"


class Anchor(models.Model):
    """What a thread, or a piece of evidence, is about: the whole of a version, or a place in it."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="anchors")
    """The version in which it was made."""
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="anchors")
    selectors = models.JSONField(default=list, blank=True)
    """Selectors in the terms of the W3C Web Annotation model; empty for the whole."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    def __str__(self) -> str:
        return f"{self.version}, {self.uuid}"


class Placement(models.Model):
    """Where an anchor's place is in one version."""

    class State(models.TextChoices):
        EXACT = "exact", _("unchanged")
        MOVED = "moved", _("moved")
        CHANGED = "changed", _("changed")
        SECTION = "section", _("same section or page")
        WHOLE = "whole", _("whole")

    anchor = models.ForeignKey(Anchor, models.PROTECT, related_name="placements")
    version = models.ForeignKey(Version, models.PROTECT, related_name="placements")
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=7, choices=State)
    score = models.FloatField(default=1.0)
    """Likeness of the text, from 0 to 1."""
    selectors = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.UniqueConstraint(fields=["anchor", "version"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.anchor}: {self.state}"


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Threads."""

    def visible_to(self, user: User) -> "ThreadQuerySet":
        """Threads of visible submissions that somebody has sent, and those the user is still writing."""
        return self.filter(submission__in=Submission.objects.visible_to(user)).filter(
            Q(review=None) | Q(review__published_at__isnull=False) | Q(author=user)
        )

    def with_state(self) -> "ThreadQuerySet":
        """Adds `act`, the last act that was sent in the thread: what `Thread.state` derives from."""
        acts = Comment.objects.sent().filter(thread=OuterRef("pk")).exclude(act="").order_by("-pk")
        return self.annotate(act=Subquery(acts.values("act")[:1]))


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

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.uuid}"


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments."""

    def sent(self) -> "CommentQuerySet":
        """Those that others may see: not part of a draft review."""
        return self.filter(Q(review=None) | Q(review__published_at__isnull=False))

    def visible_to(self, user: User) -> "CommentQuerySet":
        return self.filter(thread__in=Thread.objects.visible_to(user)).filter(
            Q(review=None) | Q(review__published_at__isnull=False) | Q(author=user)
        )


class Comment(models.Model):
    """What somebody says in a thread. Some comments are acts that change the thread's state."""

    class Act(models.TextChoices):
        FIXED = "fixed", _("Fixed here")
        DISAGREE = "disagree", _("I disagree, because")
        CONFIRM = "confirm", _("Confirm fixed")
        DROP = "drop", _("Drop")
        REOPEN = "reopen", _("Reopen")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="comments")
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="comments")
    """The review it is part of; with a draft review it is not sent yet."""
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="answers")
    """The version that an answer speaks of."""
    act = models.CharField(max_length=8, choices=Act, blank=True)
    body = models.TextField(_("comment"), blank=True)
    """Markdown."""
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    """Made by the form, so that a double click or a retry adds one comment."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(condition=~Q(body="") | ~Q(act=""), name="comment_says_or_does_something")
        ]

    def __str__(self) -> str:
        return f"{self.author}, {self.created_at:%Y-%m-%d}"
