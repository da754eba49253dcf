"""When months begin and weeks are due, for one learner: from the cohort's starts, its pace and its pauses.

Days of a pause do not count. A start is a day; a due date is a day too, and lasts until its end in the
cohort's zone.
"""

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import cached_property

if TYPE_CHECKING:
    from people.models import Membership

DAY = timedelta(days=1)


class Planned(Protocol):
    """A month as far as dates need it: a row, or its place in a plan."""

    @property
    def pk(self) -> int: ...

    @property
    def planned_weeks(self) -> int: ...


class Start(Protocol):
    """The first day of a month in a cohort."""

    @property
    def month_id(self) -> int: ...

    @property
    def starts(self) -> date: ...

    @property
    def month(self) -> Planned: ...


class Rest(Protocol):
    """First and last day of a pause."""

    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...


class Days:
    """The days on which a cohort works: all but those of its pauses."""

    def __init__(self, pauses: Iterable[Rest]) -> None:
        self.rests: list[tuple[date, date]] = []
        """First and last days of rest, apart from each other and in order."""
        for first, last in sorted((pause.first, pause.last) for pause in pauses):
            if self.rests and first <= self.rests[-1][1] + DAY:
                self.rests[-1] = (self.rests[-1][0], max(last, self.rests[-1][1]))
            else:
                self.rests.append((first, last))

    def after(self, day: date, count: int) -> date:
        """The working day that is `count` working days after the first one on or after `day`."""
        reached = day + timedelta(days=count)
        for first, last in self.rests:
            if last >= day and first <= reached:
                reached += last - max(first, day) + DAY
        return reached

    def between(self, first: date, end: date) -> int:
        """How many working days there are from `first` up to, but not including, `end`, or 0."""
        rested = sum(max((min(last + DAY, end) - max(start, first)).days, 0) for start, last in self.rests)
        return max((end - first).days - rested, 0)


def length(weeks: int, pace: Decimal) -> int:
    """Working days that so many weeks take: seven a week, times the pace, rounded up."""
    return ceil(7 * pace * weeks)


def missing_starts(
    starts: date, pace: Decimal, months: Iterable[Planned], known: dict[int, date], days: Days
) -> dict[int, date]:
    """Starts of the months that `known` lacks, by month: each follows the month before it."""
    found = {}
    free = days.after(starts, 0)
    for month in months:
        day = known.get(month.pk)
        if day is None:
            found[month.pk] = day = free
        free = days.after(day, length(month.planned_weeks, pace))
    return found


class Dates:
    """The dates of one learner. Makes no query by itself.

    `membership` comes with its cohort; `month_starts` are the cohort's, each with its month; `months`, if
    given, are the curriculum's live months in order: those without a row get the date that
    `Cohort.write_starts` would write.
    """

    def __init__(
        self,
        membership: "Membership",
        month_starts: Iterable[Start],
        pauses: Iterable[Rest],
        months: Iterable[Planned] = (),
    ) -> None:
        self.cohort = membership.cohort
        self.begins: date = membership.starts or self.cohort.starts
        """The learner's first day."""
        self.extension: int = membership.extension_days
        """Working days by which the dates from `extended_from` on come later."""
        self.extended_from = membership.extended_from
        self.days = Days(pauses)
        rows = list(month_starts)
        months = list(months)
        self.weeks = {row.month_id: row.month.planned_weeks for row in rows}
        self.weeks |= {month.pk: month.planned_weeks for month in months}
        written = {row.month_id: row.starts for row in rows}
        self.written = written | missing_starts(
            self.cohort.starts, self.cohort.pace, months, written, self.days
        )

    def of(self, membership: "Membership") -> "Dates":
        """The dates of another learner of the same cohort."""
        theirs = copy(self)
        theirs.begins = membership.starts or self.cohort.starts
        theirs.extension, theirs.extended_from = membership.extension_days, membership.extended_from
        theirs.__dict__.pop("timeline", None)
        return theirs

    def planned_start(self, month_id: int) -> date | None:
        """The month's first day without an extension."""
        written = self.written.get(month_id)
        if written is None:
            return None
        if self.begins == self.cohort.starts:
            return self.days.after(written, 0)
        return self.days.after(self.begins, self.days.between(self.cohort.starts, written))

    def extended(self, day: date) -> date:
        """A start or a due date as the extension has it: what lies before it stays.

        So the order of dates stays too, and the month or week in which it was given gets longer, no other.
        """
        if self.extended_from is None or day < self.extended_from:
            return day
        return self.days.after(day, self.extension)

    def start(self, month_id: int) -> date | None:
        """The month's first day for this learner; None for a month that the cohort does not have.

        A late joiner's month comes as many working days after their own start as it comes after the cohort's.
        """
        start = self.planned_start(month_id)
        return None if start is None else self.extended(start)

    def due(self, month_id: int, week_position: int) -> date | None:
        """The last day of a month's week, counted from 0; None for a month that the cohort does not have."""
        start = self.planned_start(month_id)
        if start is None:
            return None
        return self.extended(self.days.after(start, length(week_position + 1, self.cohort.pace) - 1))

    def end(self, month_id: int) -> date | None:
        """The last day of the month as it was planned; None for a month that the cohort does not have."""
        weeks = self.weeks.get(month_id)
        return None if weeks is None else self.due(month_id, weeks - 1)

    def closes(self, day: date) -> datetime:
        """The moment a day is over where the cohort is."""
        return datetime.combine(day + DAY, time.min, tzinfo=self.cohort.zone)

    @cached_property
    def timeline(self) -> list[tuple[date, int]]:
        """Each month's first day for this learner and its id, in time's order."""
        starts = ((self.start(month_id), month_id) for month_id in self.written)
        return sorted((day, month_id) for day, month_id in starts if day is not None)

    def week_of(self, today: date) -> tuple[int, int] | None:
        """A day's month, by id, and the position of its week; None before the start and after the end.

        A day of rest belongs to the week that it interrupts; a gap between two months belongs to none.
        """
        place = bisect_right(self.timeline, today, key=lambda entry: entry[0]) - 1
        if place < 0:
            return None
        month_id = self.timeline[place][1]
        for position in range(self.weeks[month_id]):
            due = self.due(month_id, position)
            if due is not None and today <= due:
                return month_id, position
        return None
