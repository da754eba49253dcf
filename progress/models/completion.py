"""Ticks with the words that they were made for, and what of a month's changes its learner has seen."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Edition, Month, Task
from curriculum.prepared import Prepared
from people.models import Membership

NEW_WORDS = ~Q(words="") & ~Q(words=F("task__text")) & ~Q(seen=F("task__text"))
"""Finds completions whose task says something else than their learner knows (see `Completion.former`)."""


class OtherNote(ValueError):
    """The note was written in another window since. `row` has it."""

    def __init__(self, row: "Completion") -> None:
        super().__init__(row.note)
        self.row = row


class CompletionQuerySet(models.QuerySet["Completion"]):
    """Completions."""

    def done(self) -> "CompletionQuerySet":
        return self.filter(done_at__isnull=False)

    def reworded(self) -> "CompletionQuerySet":
        """Those whose task is there still and has words that their learner has not said to have seen."""
        return self.filter(NEW_WORDS, task__archived_at=None)

    @contextmanager
    def turn(self, learner: Membership, task: Task) -> Iterator["Completion | None"]:
        """One transaction on a learner's ticks, with the task's row; another tab comes before it or after it."""
        with transaction.atomic():
            learner.lock()
            yield _completion(learner.pk, task.pk)

    def tick(self, learner: Membership, task: Task) -> "Completion":
        """Ticks the task; a second tick changes nothing, nor does it move the first one's time."""
        with self.turn(learner, task) as row:
            learner.require_running()
            if row is None:
                return self.create(learner=learner, task=task, done_at=timezone.now(), words=task.text)
            if row.done_at is None:
                row.done_at, row.words, row.seen = timezone.now(), task.text, ""
                row.save(update_fields=["done_at", "words", "seen"])
            return row

    def untick(self, learner: Membership, task: Task) -> "Completion | None":
        """Takes the tick away; a note stays, and its row with it."""
        with self.turn(learner, task) as row:
            if row and row.note:
                row.done_at = None
                row.save(update_fields=["done_at"])
                return row
            if row:
                row.delete()
            return None

    def note(
        self, learner: Membership, task: Task, text: str, seen: str | None = None
    ) -> "Completion | None":
        """Writes the note beside the tick; an empty one takes it away. The tick stays as it is.

        Raises OtherNote for a note that is another one than that whose `print_of` was `seen`; None asks nothing.
        """
        with self.turn(learner, task) as row:
            if row and row.note not in ("", text) and seen not in (None, print_of(row.note)):
                raise OtherNote(row)
            if text:
                learner.require_running()
            if row is None:
                return self.create(learner=learner, task=task, note=text, words=task.text) if text else None
            if row.done_at is None and not text:
                row.delete()
                return None
            row.note = text
            row.save(update_fields=["note"])
            return row

    def look(self, learner: Membership, task: Task, seen: str) -> "Completion | None":
        """Notes that the learner has seen the words whose `print_of` is `seen`, where the task has them still."""
        with self.turn(learner, task) as row:
            learner.require_running()
            if row and row.former(task.text) and seen == print_of(task.text):
                row.seen = task.text
                row.save(update_fields=["seen"])
            return row


def print_of(words: str) -> str:
    """Tells words from others, short enough for a form."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _completion(learner: int, task: int) -> "Completion | None":
    return next(iter(_completions(learner, task)), None)


@Prepared
def _completions(learner: int, task: int) -> "models.QuerySet[Completion]":
    return Completion.objects.filter(learner=learner, task=task)


class Completion(models.Model):
    """A learner's tick on a task, with an optional note. An unticked row is kept only for its note."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    learner = models.ForeignKey(Membership, models.PROTECT, related_name="completions")
    task = models.ForeignKey(Task, models.PROTECT, related_name="completions")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    words = models.TextField(_("words"), blank=True, editable=False)
    """The task's text when it was ticked, or noted first. Empty where nobody knows: it counts as what the task says."""
    seen = models.TextField(_("seen words"), blank=True, editable=False)
    """The task's text when the learner last said that they have seen its new words; empty before that."""

    objects = CompletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(fields=["learner", "task"], name="completion_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | ~Q(note=""), name="completion_done_or_noted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}, {self.task}"

    def former(self, text: str) -> str:
        """The words that the learner knows of a task that says `text`, where those are others; else empty."""
        return "" if self.words in ("", text) or self.seen == text else self.seen or self.words


class LookQuerySet(models.QuerySet["Look"]):
    """Looks."""

    @transaction.atomic
    def take(self, learner: Membership, month: Month, edition: Edition) -> None:
        """The learner has seen what an edition made of a month, and with the newest one the new words of their tasks.

        An older edition than they had seen before changes nothing.
        """
        learner.lock()
        learner.require_running()
        row = self.filter(membership=learner, month=month).select_related("edition").first()
        if row is None:
            self.create(membership=learner, month=month, edition=edition)
        elif row.edition.number < edition.number or row.edition.document_id != edition.document_id:
            row.edition, row.at = edition, timezone.now()
            row.save(update_fields=["edition", "at"])
        if month.document.published_id == edition.pk:
            for tick in (
                Completion.objects.reworded()
                .filter(learner=learner, task__month=month)
                .select_related("task")
            ):
                tick.seen = tick.task.text
                tick.save(update_fields=["seen"])


class Look(models.Model):
    """Up to which edition a learner has said that they have seen what changed in a month."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="looks")
    """Not called learner: what that names is work, which an import must not take away."""
    month = models.ForeignKey(Month, models.PROTECT, related_name="looks")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = LookQuerySet.as_manager()

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        constraints = [models.UniqueConstraint(fields=["membership", "month"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.membership}, {self.month}"
