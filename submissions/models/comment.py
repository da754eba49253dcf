"""Comments: what somebody says in a thread, from a draft review to the words that everybody reads."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Max, Q, Value, When
from django.db.models.functions import NullIf
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people.models import Notification, User
from submissions.models.review import Review, rendered_words
from submissions.models.version import Version
from submissions.models.work import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django_stubs_ext.db.models.manager import RelatedManager

    from submissions.models.talk import Said, Thread
    from submissions.models.words import EarlierWords


UNDO_TIME = timedelta(minutes=10)
"""How long a confirmation or a drop can be taken back."""


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

    def with_effect(self) -> "CommentQuerySet":
        """Adds `effect`: the act that counts from then on; of what takes one back the one before, None for none."""
        before = NullIf(F("restores"), Value(""))
        return self.annotate(effect=Case(When(act=Comment.Act.UNDO, then=before), default=F("act")))

    def last_in(self, submission: Any, user: User, before: "datetime") -> "CommentQuerySet":
        """Of each thread that the user sees in a submission the last comment they see, with `rests`.

        `rests`: whether its thread asks nothing of anybody any more. It was confirmed, dropped or withdrawn, or is
        praise; that before `before`, and nothing was said since.
        """
        shown = self.filter(thread__submission=submission).shown_to(user)
        last = shown.order_by().values("thread").annotate(last=Max("pk")).values("last")
        settled = Q(act__in=[Comment.Act.CONFIRM, Comment.Act.DROP], created_at__lt=before)
        praise = Q(thread__kind="praise", review=F("thread__review"), review__published_at__lt=before)
        withdrawn = Q(thread__review__withdrawn_at__lt=before)
        rests = Case(When(settled | praise | withdrawn, then=True), default=False)
        return self.filter(pk__in=last).annotate(rests=rests)

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
        UNDO = "undo", _("Took that back")

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
    edits = models.PositiveSmallIntegerField(default=0, editable=False)
    """How often its words were changed after it was sent: each time `EarlierWords` has what they were."""
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="undone_by"
    )
    """The confirmation or drop that this one takes back."""
    restores = models.CharField(max_length=8, choices=Act, blank=True, editable=False)
    """The act that counts again then; empty for none."""
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
            models.CheckConstraint(
                condition=Q(act="undo", undoes__isnull=False)
                | (~Q(act="undo") & Q(undoes=None, restores="")),
                name="comment_undoes_one_act",
            ),
            models.CheckConstraint(condition=Q(erased_at=None) | Q(body=""), name="comment_erased_is_empty"),
        ]

    called: "Sequence[User]" = ()
    """Whom it calls by name; filled by `submissions.called.tell_called`."""

    if TYPE_CHECKING:
        earlier: RelatedManager["EarlierWords"]
        is_undone: bool

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
        """The other side hears of it, unless it goes with a version that is about to be handed in.

        So do those whom it calls by name.
        """
        told: list[User] = []
        if mentoring:
            submission.settle(Notification.Kind.ASKED)
            submission.tell([submission.learner.user], Notification.Kind.REPLIED, self.author)
        elif self.act != self.Act.DROP and not (self.version and self.version.is_draft):
            told = submission.answerers()
            submission.tell(told, Notification.Kind.ASKED, self.author)
        self.call(submission, told)

    def call(self, submission: Submission, told: "Iterable[User]" = ()) -> None:
        """Those whom it calls by name hear of it, but for those who are `told` anyway."""
        from submissions.models.mention import Mention  # noqa: PLC0415 (that module imports this one)

        Mention.objects.tell(self, submission, told)

    def may_change(self, user: User, *, mentoring: bool) -> bool:
        """Whether the user may give it other words: their own that have any, of a review that was not withdrawn.

        `mentoring`: whether the user may review this submission; otherwise it is the learner.
        """
        learner = self.thread.submission.learner
        is_there = mentoring or (learner.user_id == user.pk and learner.ended_at is None)
        withdrawn = self.review is not None and self.review.withdrawn_at is not None
        return self.author_id == user.pk and bool(self.body) and is_there and not withdrawn

    def may_undo(self, user: User) -> bool:
        """Whether the user may take back this act of theirs, if nothing was said since."""
        is_act = self.act in (self.Act.CONFIRM, self.Act.DROP)
        return is_act and self.author_id == user.pk and self.created_at > timezone.now() - UNDO_TIME

    def change(self, author: User, body: str, seen: str = "") -> None:
        """Other words, by its author. Of what was sent the earlier ones are kept, and everybody can read them.

        Raises PermissionDenied for anybody else, for one who may say nothing here any more, and for what has no
        words; ValidationError (code `stale`) when the words are others than those that were `seen`.
        """
        with transaction.atomic():
            submission = self.thread.submission.lock()
            self.refresh_from_db(fields=["body", "edits", "review"])
            mentoring = submission.learner.is_mentored_by(author)
            if not self.may_change(author, mentoring=mentoring):
                raise PermissionDenied
            if seen and seen != self.state_digest and body != self.body:
                raise ValidationError(
                    _(
                        "This comment was changed in another window meanwhile: “%(body)s” Save again to keep yours."
                    ),
                    code="stale",
                    params={"body": self.body},
                )
            if body == self.body:
                return
            if self.is_sent:
                self.edits += 1
                self.earlier.create(number=self.edits, body=self.body)
            self.body = body
            self.save(update_fields=["body", "edits"])
            if self.is_sent:
                # Who was told of the comment is not told again; who is called by name only now has not been.
                self.call(submission, [] if mentoring else submission.answerers())

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
