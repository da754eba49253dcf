"""Several threads settled in one act, and that act taken back."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import User
from submissions.models import Comment, Said, Submission, Thread

MOST = 500
"""Threads in one act."""
PAUSE = timedelta(seconds=2)
"""Between two acts of one person; what is settled together has less between one thread and the next."""


def last_act(acts: Iterable[Comment]) -> list[Comment]:
    """The newest of a person's acts, with those that were made together with it."""
    newest_first = sorted(acts, key=lambda act: act.created_at, reverse=True)
    last = newest_first[:1]
    for act in newest_first[1:]:
        # The key of an act on several is made from that of their form, that of an act on one is the form's own.
        if {act.key.version, last[-1].key.version} != {5} or last[-1].created_at - act.created_at > PAUSE:
            break
        last.append(act)
    return last


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
