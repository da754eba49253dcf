"""Threads in one line: which of them a page shows in full, and what it says of the others.

A thread at rest asks nothing of anybody any more, and stays with the version that it was opened on. A page shows it in
full beside that version, and elsewhere counts it.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.utils.text import Truncator

from curriculum.prepared import Prepared
from people.models import User
from submissions.models import Comment, Thread
from submissions.models.review import plain_words


class Line(NamedTuple):
    """What is said of a thread in one line."""

    pk: int
    uuid: UUID
    kind: str
    act: str
    """That its last comment was; empty for words alone."""
    rests: bool
    number: int
    """Of the version that it was opened on."""
    criterion_id: int | None
    asked: str
    """What it was opened with, where it is about a criterion."""
    is_withdrawn: bool

    @property
    def is_sent(self) -> bool:
        return True

    @property
    def kind_words(self) -> str:
        return str(Thread.Kind(self.kind).label)

    @property
    def first_words(self) -> str:
        return Truncator(plain_words(self.asked)).chars(80)

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
def _lines(submission: int, user: int, before: datetime) -> QuerySet[Comment, Any]:
    first = Comment.objects.filter(thread=OuterRef("thread")).order_by("pk").values("body")[:1]
    # The words are long, and only those about a criterion are shown.
    asked = Case(
        When(thread__criterion__isnull=False, then=Subquery(first)),
        default=Value(""),
        output_field=TextField(),
    )
    withdrawn = Case(When(thread__review__withdrawn_at__isnull=False, then=True), default=False)
    return (
        Comment.objects.last_in(submission, User(pk=user), before)
        .annotate(asked=asked, is_withdrawn=withdrawn)
        .order_by("thread")
        .values_list(
            "thread",
            "thread__uuid",
            "thread__kind",
            "act",
            "rests",
            "thread__anchor__version__number",
            "thread__criterion",
            "asked",
            "is_withdrawn",
        )
    )


def lines(submission: int, user: int, before: datetime) -> list[Line]:
    """All threads that the person sees in a submission, in the order they were opened."""
    return [Line(*row) for row in _lines(submission, user, before)]
