"""Several threads settled in one act, and that act taken back."""

from collections.abc import Iterable
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import User
from submissions.models import Comment, Said, Submission, Thread

MOST = 500
"""Threads in one act."""


class Settlement:
    """What became of threads that one mentor confirmed, dropped or took back together."""

    def __init__(self, submission: Submission, user: User) -> None:
        self.submission, self.user = submission, user
        self.done: list[Comment] = []
        self.refused: list[tuple[Thread, str]] = []
        """What was not possible, each with the reason."""

    def settle(self, act: str, threads: Iterable[UUID], key: UUID) -> None:
        """Confirms or drops each that allows it. The same form again (`key`) finds it done, and changes nothing."""
        shown = Thread.objects.shown_to(self.user).filter(submission=self.submission, uuid__in=list(threads))
        with transaction.atomic():
            self.submission.lock()
            for thread in shown.with_asked():
                said = Said("", uuid5(key, str(thread.uuid)))
                try:
                    self.done.append(
                        thread.confirm(self.user, said)
                        if act == Comment.Act.CONFIRM
                        else thread.drop(self.user, said)
                    )
                except ValidationError as refusal:
                    self.refused.append((thread, refusal.messages[0]))
            if len(self.done) > 1:
                # Acts of one time are one act: they are taken back together.
                at = self.done[0].created_at
                Comment.objects.filter(pk__in=[one.pk for one in self.done]).update(created_at=at)

    def undo(self, acts: Iterable[UUID]) -> None:
        """Takes back those of the user's own acts on which nothing followed yet."""
        own = Comment.objects.filter(
            author=self.user, thread__submission=self.submission, uuid__in=list(acts)
        )
        with transaction.atomic():
            self.submission.lock()
            for comment in own.select_related("thread"):
                try:
                    self.done.append(comment.thread.undo(self.user, comment))
                except ValidationError as refusal:
                    thread = Thread.objects.with_asked().get(pk=comment.thread_id)
                    self.refused.append((thread, refusal.messages[0]))
