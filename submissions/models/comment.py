"""Comments: what somebody says in a thread, from a draft review to the words that everybody reads."""

import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people.models import Notification, User
from submissions.models.review import Review, rendered_words
from submissions.models.version import Version
from submissions.models.work import Submission

if TYPE_CHECKING:
    from datetime import datetime

    from submissions.models.talk import Said, Thread


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments."""

    def sent(self) -> "CommentQuerySet":
        """Those that others may see: not part of a draft review."""
        return self.filter(Q(review=None) | Q(review__published_at__isnull=False))

    def shown_to(self, user: User) -> "CommentQuerySet":
        """Of comments in visible threads: those that were sent, and those the user is still writing."""
        return self.filter(
            Q(review=None) | Q(review__published_at__isnull=False) | Q(review__mentor=user) | Q(author=user)
        )

    def visible_to(self, user: User) -> "CommentQuerySet":
        from submissions.models.talk import Thread  # noqa: PLC0415 (that module imports this one)

        return self.filter(thread__in=Thread.objects.visible_to(user)).shown_to(user)

    def answers_in(self, version: Any) -> "CommentQuerySet":
        """The learner's answers that speak of a version, by its primary key."""
        return self.filter(version=version, act__in=[Comment.Act.FIXED, Comment.Act.DISAGREE])

    def unsent(self) -> "CommentQuerySet":
        """Those in draft reviews."""
        return self.filter(review__isnull=False, review__published_at=None)


class Comment(models.Model):
    """What somebody says in a thread. Some comments are acts that change the thread's state."""

    class Act(models.TextChoices):
        FIXED = "fixed", _("Fixed here")
        DISAGREE = "disagree", _("I disagree, because")
        CONFIRM = "confirm", _("Confirmed fixed")
        DROP = "drop", _("Dropped")
        REOPEN = "reopen", _("Reopened")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    thread = models.ForeignKey("Thread", models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="comments")
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="comments")
    """The review it is part of; with a draft review it is not sent yet."""
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="comments")
    """The version that an answer speaks of."""
    act = models.CharField(max_length=8, choices=Act, blank=True)
    body = models.TextField(_("comment"), blank=True)
    """Markdown."""
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    """Made by the form, so that a double click or a retry adds one comment."""
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the words of a sent comment were erased, and `body` became empty."""

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                condition=~Q(body="") | ~Q(act="") | Q(erased_at__isnull=False),
                name="comment_says_or_does_something",
            ),
            models.CheckConstraint(condition=Q(erased_at=None) | Q(body=""), name="comment_erased_is_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.author}, {self.created_at:%Y-%m-%d}"

    @property
    def html(self) -> SafeString:
        """What is said, as safe HTML."""
        return rendered_words(self.body)

    def is_from(self, thread: "Thread", author: User, said: "Said", act: str) -> bool:
        """Whether this is what the same form said already."""
        same = self.thread_id == thread.pk and self.author_id == author.pk
        return same and (self.body, self.act) == (said.body, act)

    @property
    def is_sent(self) -> bool:
        return self.review is None or self.review.published_at is not None

    @property
    def sent_at(self) -> "datetime":
        """When others could first read it; for what is not sent yet, when it was written."""
        return (self.review and self.review.published_at) or self.created_at

    @property
    def state_digest(self) -> str:
        """Tells one state of its words from another; the form that changes them sends it back as `seen`."""
        return hashlib.sha256(self.body.encode()).hexdigest()[:16]

    def tell(self, submission: Submission, *, mentoring: bool) -> None:
        """The other side hears of it, unless it goes with a version that is about to be handed in."""
        if mentoring:
            submission.settle(Notification.Kind.ASKED)
            submission.tell([submission.learner.user], Notification.Kind.REPLIED, self.author)
        elif self.act != self.Act.DROP and not (self.version and self.version.is_draft):
            submission.tell(submission.answerers(), Notification.Kind.ASKED, self.author)

    def change(self, author: User, body: str, seen: str = "") -> None:
        """Other words, as long as it is not sent: by its author. Raises PermissionDenied afterwards.

        Raises ValidationError (code `stale`) when the words are others than those that were `seen`.
        """
        if author.pk != self.author_id:
            raise PermissionDenied
        with transaction.atomic():
            self.thread.submission.lock()
            if not Comment.objects.unsent().filter(pk=self.pk).exists():
                raise PermissionDenied
            self.refresh_from_db(fields=["body"])
            if seen and seen != self.state_digest and body != self.body:
                raise ValidationError(
                    _(
                        "This comment was changed in another window meanwhile: “%(body)s” Save again to keep yours."
                    ),
                    code="stale",
                    params={"body": self.body},
                )
            self.body = body
            self.save(update_fields=["body"])

    def remove(self, user: User) -> None:
        """Take it out of a draft review: by its author or whoever has the draft. An empty thread goes too."""
        with transaction.atomic():
            self.thread.submission.lock()
            unsent = Comment.objects.unsent().filter(Q(author=user) | Q(review__mentor=user), pk=self.pk)
            if not unsent.exists():
                raise PermissionDenied
            self.take_out()

    def take_out(self) -> None:
        """Delete what is not sent; a thread that is empty then goes too, with its anchor. No question of rights."""
        thread = self.thread
        self.delete()
        if not thread.comments.exists():
            anchor = thread.anchor
            thread.delete()
            anchor.placements.all().delete()
            anchor.delete()
