"""A learner's home: what waits for them, this week, and all months as stones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db.models import Case, QuerySet, TextField, Value, When
from django.utils.safestring import mark_safe

from curriculum.pages import MonthContent, PlannedMonth, content_of
from curriculum.prepared import Prepared
from people.dates import Dates
from people.models import Membership
from progress.learners import LEARNER
from progress.models import NEW_WORDS, Completion
from progress.month_page import ShownWork, TickableTask
from progress.standing import Sum, sums_of
from progress.works import Work, works_of

SHAPES = (
    "M46 4C72 4 97 26 97 52S80 96 54 96 3 74 3 48 20 4 46 4Z",
    "M55 4C80 4 97 21 97 46S72 96 47 96 3 79 3 54 30 4 55 4Z",
    "M50 4C77 4 97 29 97 56S83 96 56 96 3 72 3 45 23 4 50 4Z",
    "M44 4C69 4 97 22 97 47S75 96 50 96 3 80 3 55 19 4 44 4Z",
)
"""Outlines of stones in a square of 100: a stone's shape follows from its place in the curriculum."""
NARROWEST = 5
"""Stones get narrower by a step up to this many."""


@dataclass(unsafe_hash=True)  # it is looked up among kept fragments, when nothing of it changes any more
class Stone:
    """One month on the path."""

    planned: PlannedMonth
    sum: Sum
    ticked: int = 0
    begun: bool = False
    now: bool = False
    starts: Any = None
    shape: str = ""
    width: int = 0

    @property
    def css(self) -> str:
        """Its class: laid, now, begun or nothing."""
        return "laid" if self.sum.complete else "now" if self.now else "begun" if self.begun else ""

    @property
    def percent(self) -> int:
        """Tasks ticked, of a hundred."""
        return round(100 * self.ticked / self.planned.tasks) if self.planned.tasks else 0

    @property
    def fill_from(self) -> int:
        """Where the filling of the stone begins, from the top of its square of 100."""
        return 100 - self.percent


class Dated(Protocol):
    """A learner's month, with the day it begins for them."""

    sum: Sum
    starts: Any


SomeMonth = TypeVar("SomeMonth", bound=Dated)


def current_of(months: Sequence[SomeMonth], today: date) -> SomeMonth | None:
    """The month of today that is not complete, else the first one that is not; None when all are."""
    left = [month for month in months if not month.sum.complete]
    begun = [month for month in left if month.starts and month.starts <= today]
    return begun[-1] if begun else left[0] if left else None


@dataclass
class Tier:
    """Months that share a tier: one cairn."""

    number: int | None
    name: str
    stones: list[Stone] = field(default_factory=list)

    @property
    def laid(self) -> int:
        return sum(stone.sum.complete for stone in self.stones)


@Prepared
def _ticks(learner: int) -> QuerySet[Any, tuple[UUID, int, datetime | None, str, str]]:
    """Of each task that is still there, it, its month, when it was done, the note, and the words that the learner knows
    where the task has others.
    """
    known = Case(When(seen="", then="words"), default="seen")
    former = Case(When(NEW_WORDS, then=known), default=Value(""), output_field=TextField())
    rows = Completion.objects.filter(learner=learner, task__archived_at=None)
    return rows.values_list("task__uuid", "task__month", "done_at", "note", former)


class Path:
    """Everything the path shows, gathered once.

    Queries: the plan's key, the dates, the completions, the works, the record.
    """

    def __init__(
        self, learner: Membership, role: str, months: tuple[PlannedMonth, ...], dates: Dates
    ) -> None:
        self.learner, self.role, self.dates = learner, role, dates
        self.editable = role == LEARNER and learner.ended_at is None
        self.today = learner.cohort.today()
        record = sums_of(learner)
        rows = _ticks(learner.pk)
        self.completions = {
            str(uuid): (done_at is not None, note, former) for uuid, month, done_at, note, former in rows
        }
        ticked = Counter(month for uuid, month, done_at, note, former in rows if done_at)
        self.works = [Work(row, role) for row in works_of(learner)]
        worked = {work.month_id for work in self.works}
        self.stones = [
            Stone(
                planned,
                record.get((learner.pk, planned.pk), Sum()),
                min(ticked[planned.pk], planned.tasks),
                bool(ticked[planned.pk]) or planned.pk in worked,
                starts=dates.start(planned.pk),
                shape=SHAPES[place % len(SHAPES)],
            )
            for place, planned in enumerate(months)
        ]
        if self.current:
            self.current.now = True

    @cached_property
    def current(self) -> Stone | None:
        """The month that the learner is in; None when all are complete."""
        return current_of(self.stones, self.today)

    @property
    def tiers(self) -> list[Tier]:
        """Months by tier, in the order of the plan."""
        tiers = []
        for (number, name), stones in groupby(
            self.stones, lambda s: (s.planned.tier_number, s.planned.tier_name)
        ):
            tier = Tier(number, name, list(stones))
            for place, stone in enumerate(tier.stones):
                stone.width = min(place, NARROWEST)
            tiers.append(tier)
        return tiers

    @property
    def turns(self) -> list[Work]:
        """Works on which it is the turn of whoever looks."""
        return [work for work in self.works if work.is_mine]

    @property
    def drafts(self) -> list[Work]:
        """Works whose draft is nobody's turn: the first version, or one after work that is with a mentor."""
        return [work for work in self.works if work.is_drafted and not work.is_mine]

    @property
    def open_points(self) -> list[Stone]:
        """Months in which a mentor found something not met yet, or asked for corrections."""
        return [
            stone
            for stone in self.stones
            if not stone.sum.complete and (stone.sum.not_yet or stone.sum.corrections_by)
        ]

    @property
    def elsewhere(self) -> list[Work]:
        """Works that are with somebody else."""
        return [work for work in self.works if work.tone == "theirs"]

    @cached_property
    def content(self) -> MonthContent | None:
        """The text of the current month."""
        return content_of(self.current.planned.edition)[self.current.planned.uuid] if self.current else None

    @property
    def begins(self) -> date | None:
        """The learner's first day while it has not come."""
        return self.dates.begins if self.dates.begins > self.today else None

    @cached_property
    def week(self) -> dict[str, Any] | None:
        """The week of today in the current month, as its outline has it; the first where the plan gives no day."""
        if self.current is None or self.content is None:
            return None
        weeks = self.content.weeks
        if not weeks:
            return None
        ends = zip(self.content.ends, weeks, strict=True)
        due = [(self.dates.due(self.current.planned.pk, end), week) for end, week in ends]
        coming = [week for day, week in due if day and day >= self.today]
        return coming[0] if coming else weeks[-1] if due[-1][0] else weeks[0]

    @property
    def is_ahead(self) -> bool:
        """Whether the current month has not begun."""
        return bool(self.current and self.current.starts and self.current.starts > self.today)

    @property
    def week_due(self) -> date | None:
        """The last day of `week`."""
        if self.week is None or self.content is None or self.current is None:
            return None
        end = self.content.ends[self.content.week_position(self.week["id"])]
        return self.dates.due(self.current.planned.pk, end)

    def week_items(self, kind: str) -> list[dict[str, Any]]:
        """What `week` has of a kind, as its outline has it."""
        blocks = self.week["blocks"] if self.week else []
        return [item for block in blocks if block["kind"] == kind for item in block["items"]]

    @cached_property
    def week_tasks(self) -> list[TickableTask]:
        """The tasks of `week`."""
        assert self.content is not None, "a week stands in a month's text"
        return [
            TickableTask.of(item, self.content, *self.completions.get(item["id"], (False, "", "")))
            for item in self.week_items("tasks")
        ]

    @cached_property
    def week_works(self) -> list[ShownWork]:
        """What `week` asks to be handed in."""
        works = {str(work.submission.subject.uuid): work for work in self.works if work.submission}
        return [
            ShownWork(
                works[item["id"]].submission if item["id"] in works else None,
                self.role,
                item["id"],
                mark_safe(item["html"]),  # rendered and sanitised when it was published
            )
            for item in self.week_items("deliverables")
        ]
