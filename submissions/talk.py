"""The talk about a submission as one person sees it."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils import timezone

from curriculum.models import Criterion
from curriculum.prepared import Prepared
from people.models import User
from submissions.called import tell_called
from submissions.memory import MEMORY, Shelf
from submissions.models import (
    Anchor,
    Comment,
    Placement,
    Review,
    SavedReply,
    State,
    Submission,
    Thread,
    Version,
)
from submissions.models.comment import UNDO_TIME
from submissions.outline import Outline
from submissions.rest import Line, lines
from submissions.saying import CommentForm
from submissions.showing import ShownVersion
from submissions.threads import ShownThread

NOBODY = UUID(int=0)


class Sum(NamedTuple):
    """A list of threads in figures."""

    all: int
    """All threads that the person may see."""
    waiting: int
    """Those that wait for them."""
    has_loose: bool
    """Whether a place can be put right by hand."""


SUMS: Shelf[Sum] = MEMORY.shelf(3 * 2048)


class Talk:
    """All that has been said about a submission, as one person sees it; the queries are few and fixed."""

    def __init__(self, submission: Submission, user: User, version: Version | None = None) -> None:
        """`version`: the one on the screen, by default the newest that was submitted."""
        self.submission, self.user = submission, user
        self.shown = version
        self.wanted = NOBODY
        """A thread that is shown in full though it may be at rest."""
        self.group: int | None = None
        """The number of a version of which the threads at rest are asked for, and none else."""
        self.state = ""
        """What tells one state of what is said here from another, as `submissions.news` has it; empty: not known."""
        self.now = timezone.now()
        self.before = self.now - UNDO_TIME
        """Threads that were settled before are at rest."""

    @cached_property
    def mentoring(self) -> bool:
        """Whether the person may review; otherwise it is the learner."""
        return self.submission.learner.is_mentored_by(self.user)

    @property
    def is_open(self) -> bool:
        """Whether the person may say something here: a learner whose membership has ended only reads."""
        return self.mentoring or self.submission.learner.ended_at is None

    @cached_property
    def address(self) -> str:
        """Of the submission's page."""
        return self.submission.get_absolute_url()

    @cached_property
    def is_accepted(self) -> bool:
        """Whether the work was accepted: then no point waits for anybody, though it may still be open."""
        return self.submission.state == State.ACCEPTED

    @cached_property
    def latest(self) -> Version | None:
        return self.submission.versions.filter(submitted_at__isnull=False).order_by("number").last()

    @property
    def version(self) -> Version | None:
        return self.shown or self.latest

    @cached_property
    def draft(self) -> Review | None:
        """The person's draft review."""
        return Review.objects.draft_of(self.user, self.submission) if self.mentoring else None

    @property
    def unsent(self) -> int:
        """Comments in the person's draft review."""
        if self.draft is None:
            return 0
        return sum(
            comment.review_id == self.draft.pk for thread in self.threads for comment in thread.comments
        )

    @cached_property
    def unsettled(self) -> int:
        """Must-fix threads that are neither confirmed nor dropped, those not sent yet included."""
        waits = (Thread.State.OPEN, Thread.State.ANSWERED)
        return sum(
            one.row.kind == Thread.Kind.MUST and not one.row.is_withdrawn and one.row.state in waits
            for one in self.threads
        )

    @property
    def points(self) -> int:
        """Must-fix threads that need the learner's answer before a new version; none of accepted work."""
        if self.is_accepted:
            return 0
        return sum(
            one.row.kind == Thread.Kind.MUST
            and one.row.is_sent
            and not one.row.is_withdrawn
            and one.row.state == Thread.State.OPEN
            for one in self.threads
        )

    @cached_property
    def sight(self) -> tuple[Any, ...]:
        """What every thread's drawing depends on: what is looked at, and what the person may do there."""
        version, latest = self.version, self.latest
        return (
            self.submission.uuid,
            self.mentoring,
            self.is_open,
            self.is_accepted,
            self.draft is None,
            version and (version.pk, version.number, version.text_erased_at),
            latest and latest.number,
        )

    @property
    def sight_of_new(self) -> tuple[Any, ...]:
        """What the form for a new thread depends on."""
        criteria = tuple((one.uuid, str(one)) for one in self.criteria) if self.mentoring else ()
        return self.sight, self.outline and self.outline.sight, criteria

    @property
    def sight_of_all(self) -> tuple[Any, ...] | None:
        """What the whole list depends on; None where only the rows can tell.

        What an open page takes for news, a new page takes for another state. How old things are, and what people
        are called, may be a minute old.
        """
        if not self.state or self.draft:
            return None
        return self.state, self.sight_of_new, self.wanted, int(self.now.timestamp() // 60)

    @cached_property
    def sum(self) -> Sum:
        """The list in figures."""
        if self.sight_of_all is None:
            return self._sum()
        return SUMS.get((self.user.pk, self.sight_of_all), self._sum)

    def _sum(self) -> Sum:
        loose = self.is_open and any(one.place and one.place.is_loose for one in self.threads)
        return Sum(len(self.lines), sum(one.waits for one in self.threads), loose)

    @cached_property
    def criteria(self) -> list[Criterion]:
        """Those that a new thread may name."""
        return _criteria(self.submission.month.pk)

    @cached_property
    def kinds(self) -> list[tuple[str, Any]]:
        return Thread.Kind.choices

    @cached_property
    def versions(self) -> dict[int, Version]:
        """Those of the submission, by primary key; a page that has them already gives them."""
        return {version.pk: version for version in _versions(self.submission.pk)}

    @cached_property
    def reviews(self) -> dict[int, Review]:
        """The same for reviews."""
        return {review.pk: review for review in _reviews(self.submission.pk)}

    @cached_property
    def lines(self) -> list[Line]:
        """All threads that the person sees."""
        return lines(self.submission.pk, self.user.pk, self.before)

    def _in_full(self, line: Line) -> bool:
        """Whether the page shows a thread in full: what does not rest, and what was opened on its version."""
        number = self.version.number if self.version else None
        if self.group is not None:
            return line.rests and line.number == self.group != number
        return not line.rests or line.number == number or line.uuid == self.wanted

    @cached_property
    def shown_keys(self) -> tuple[int, ...]:
        """The primary keys of the threads that are shown in full."""
        return tuple(line.pk for line in self.lines if self._in_full(line))

    @cached_property
    def rows(self) -> list[Thread]:
        """Those that are shown in full."""
        found = _threads(self.shown_keys)
        for row in found:
            share(row, "review", self.reviews)
            share(row.anchor, "version", self.versions)
        return found

    @cached_property
    def resting(self) -> list[Line]:
        """Those that the page only counts."""
        return [line for line in self.lines if not self._in_full(line)]

    @property
    def rest(self) -> list[tuple[int, int]]:
        """The numbers of versions with threads at rest, each with how many; the newest version first."""
        return sorted(Counter(line.number for line in self.resting).items(), reverse=True)

    @cached_property
    def said(self) -> dict[int, list[Comment]]:
        """What the person sees of each thread, by the thread's primary key."""
        said: dict[int, list[Comment]] = {row.pk: [] for row in self.rows}
        for comment in _comments(self.shown_keys, self.user.pk):
            # A thread may have come, or been sent, since its row was sought: the next look shows it.
            if comment.thread_id in said:
                share(comment, "review", self.reviews)
                share(comment, "version", self.versions)
                said[comment.thread_id].append(comment)
        tell_called(self.submission, (comment for comments in said.values() for comment in comments))
        for comments in said.values():
            taken_back = {comment.undoes_id for comment in comments} - {None}
            for comment in comments:
                comment.is_undone = comment.pk in taken_back
        return said

    @cached_property
    def threads(self) -> list[ShownThread]:
        """In the order of the document, and of one place in the order they were opened."""
        return sorted((ShownThread(row, self) for row in self.rows), key=lambda thread: thread.order)

    @cached_property
    def outline(self) -> Outline | None:
        """What can be pointed at; a page that shows the version gives it."""
        return Outline(ShownVersion(self.version)) if self.version else None

    @cached_property
    def placements(self) -> dict[int, Placement]:
        """Where things are in the version on the screen, by the primary key of their anchors."""
        if self.version is None:
            return {}
        found = _placements(tuple(row.anchor_id for row in self.rows), self.version.pk)
        for one in found:
            one.version = self.version
        return {one.anchor_id: one for one in found}

    @property
    def places(self) -> list[dict[str, Any]]:
        """For the page's scripts: where threads are in what is shown."""
        return [
            {"thread": str(one.row.uuid), **one.place.marked}
            for one in self.threads
            if one.place and one.place.is_shown
        ]

    def __iter__(self) -> Iterator[ShownThread]:
        return iter(self.threads)

    @property
    def pickable(self) -> int:
        """Threads that a mentor can settle together."""
        return sum(one.is_pickable for one in self.threads)

    @property
    def undoable(self) -> list[Comment]:
        """The person's own acts of the last minutes that can still be taken back."""
        return [one.undoable for one in self.threads if one.undoable]

    @cached_property
    def saved_replies(self) -> list[SavedReply]:
        """A mentor's own, those that they use most first."""
        return list(SavedReply.objects.of(self.user)) if self.mentoring else []

    def thread(self, uuid: UUID, form: CommentForm | None = None) -> ShownThread:
        """One thread, at rest or not, with a form that was not taken. Raises Thread.DoesNotExist."""
        if "rows" not in vars(self):
            self.wanted = uuid
        row = next((row for row in self.rows if row.uuid == uuid), None)
        if row is None:
            raise Thread.DoesNotExist
        return ShownThread(row, self, form)

    @property
    def key(self) -> UUID:
        """For a form that is shown now."""
        return uuid4()


def share(row: Anchor | Thread | Comment, name: str, known: dict[int, Any]) -> None:
    """Gives a row what it refers to from what is known: many refer to the same few, whose texts may be long."""
    found = known.get(getattr(row, f"{name}_id"))
    if found is not None:
        setattr(row, name, found)


@Prepared
def _threads(keys: tuple[int, ...]) -> QuerySet[Thread]:
    threads = Thread.objects.filter(pk__among=keys).with_state()
    return threads.select_related("author", "criterion", "anchor__file")


@Prepared
def _comments(keys: tuple[int, ...], user: int) -> QuerySet[Comment]:
    comments = Comment.objects.filter(thread__pk__among=keys).shown_to(User(pk=user))
    return comments.select_related("author")


@Prepared
def _placements(anchors: tuple[int, ...], version: int) -> QuerySet[Placement]:
    found = Placement.objects.filter(version=version, anchor__pk__among=anchors)
    return found.select_related("file__blob", "by")


@Prepared
def _versions(submission: int) -> QuerySet[Version]:
    return Version.objects.filter(submission=submission)


@Prepared
def _reviews(submission: int) -> QuerySet[Review]:
    return Review.objects.filter(version__submission=submission)


@Prepared
def _criteria(month: int) -> QuerySet[Criterion]:
    return Criterion.objects.filter(month=month, archived_at=None)
