"""Threads at rest: they ask nothing of anybody any more, and stay with the version that they were opened on.

A page shows them in full beside that version, and elsewhere as a count by version.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.utils.text import Truncator

from curriculum.prepared import Prepared
from people.models import User
from submissions.models import Comment, Thread


@dataclass(frozen=True)
class RestingThread:
    """What is said of a thread at rest in one line."""

    uuid: UUID
    kind: str
    act: str
    """That it was settled with; empty for praise."""
    number: int
    """Of the version that it was opened on."""
    criterion_id: int | None
    asked: str
    """What it was opened with, where it is about a criterion."""
    withdrawn_at: datetime | None
    is_sent = True

    @property
    def kind_words(self) -> str:
        return str(Thread.Kind(self.kind).label)

    @property
    def first_words(self) -> str:
        return Truncator(self.asked).chars(80)

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def pill(self) -> tuple[str, str]:
        """The class of its pill and the words in it; two empty texts for none."""
        if self.act not in (Comment.Act.CONFIRM, Comment.Act.DROP):
            return "", ""
        return "done", str(Comment.Act(self.act).label)

    @property
    def href(self) -> str:
        """The page with it, since it is not on the one that names it."""
        return f"?thread={self.uuid}#thread-{self.uuid}"


@Prepared
def _resting(submission: int, user: int, version: int, before: datetime) -> QuerySet[Comment, Any]:
    first = Comment.objects.filter(thread=OuterRef("thread")).order_by("pk").values("body")[:1]
    # The words are long, and only those about a criterion are shown.
    asked = Case(When(thread__criterion__isnull=False, then=Subquery(first)), default=Value(""))
    return (
        Comment.objects.ending(submission, User(pk=user), before)
        .exclude(thread__anchor__version=version)
        .annotate(asked=asked)
        .order_by("thread__anchor__version__number", "thread")
        .values_list(
            "thread__uuid",
            "thread__kind",
            "act",
            "thread__anchor__version__number",
            "thread__criterion",
            "asked",
            "thread__review__withdrawn_at",
        )
    )


def resting(submission: int, user: int, version: int, before: datetime) -> list[RestingThread]:
    """Those that were opened on another version than `version`, in the order of their versions."""
    return [RestingThread(*row) for row in _resting(submission, user, version, before)]
