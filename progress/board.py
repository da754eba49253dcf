"""The learners of a cohort by its months: where each stands, when they last did something, what waits for a mentor."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import Count, F, Max
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.pages import PlannedMonth
from people.dates import Dates
from people.models import Cohort, Membership
from people.templatetags.times import ago, lasting, timed
from progress.learners import dates_of
from progress.models import Completion, Entry
from progress.path import current_of
from progress.standing import Sum, sums
from submissions.models import Comment, Submission, Thread, Version

QUIET_DAYS = 7
"""Working days without a sign of life after which a learner is quiet: every week of a month asks for something, so
whoever is quiet has let a whole week of the plan go by."""


@dataclass
class Square:
    """One learner in one month."""

    planned: PlannedMonth
    sum: Sum
    starts: date | None
    ends: date | None
    begun: bool
    """Whether anything was ticked, handed in or decided. A draft is not told to mentors."""

    @property
    def css(self) -> str:
        """The class of its stone: laid, begun or nothing."""
        return "laid" if self.sum.complete else "begun" if self.begun else ""

    @property
    def met(self) -> int:
        """Criteria that are met. A complete month is met as a whole: what came later does not bind its learner."""
        return self.planned.criteria if self.sum.complete else min(self.sum.met, self.planned.criteria)

    @property
    def cap(self) -> str:
        """The month in short."""
        return self.planned.label or self.planned.title

    @property
    def words(self) -> str:
        """The state in words: "complete", "2 of 4", "begun" or "not started"."""
        if self.sum.complete:
            return _("complete")
        if not self.begun:
            return _("not started")
        if not self.planned.criteria:
            return _("begun")
        return _("%(met)s of %(all)s") % {"met": self.met, "all": self.planned.criteria}


@dataclass
class Line:
    """One learner of the cohort."""

    learner: Membership
    squares: list[Square]
    begins: date
    """The learner's first day."""
    today: date
    active_at: datetime | None
    """The newest tick, hand-in, comment or claim; None where there was nothing yet."""
    active_on: date | None
    """The day of that where the cohort is."""
    silent: int
    """Working days that have gone by since then, or since the learner was there to begin."""
    points: int
    """Must-fix points that no mentor has confirmed yet."""
    is_over: bool
    """Whether nothing is expected any more: the membership or the cohort has ended."""
    waiting: list["Waiting"] = field(default_factory=list)
    """What waits for a mentor, oldest first."""

    def __str__(self) -> str:
        return str(self.learner.user)

    @cached_property
    def square(self) -> Square | None:
        """The month the learner is in; None when all are complete."""
        return current_of(self.squares, self.today)

    @property
    def place(self) -> int:
        """The place of that month in the plan; after the last one when all are complete."""
        return self.squares.index(self.square) if self.square else len(self.squares)

    @property
    def is_ahead(self) -> bool:
        """Whether the learner's first day has not come."""
        return self.begins > self.today

    @cached_property
    def met(self) -> int:
        """Criteria met, in all months."""
        return sum(square.met for square in self.squares)

    @property
    def active(self) -> SafeString | str:
        """How long ago they last did something, by days of the calendar, as the rule of who is quiet counts."""
        if self.active_at is None or self.active_on is None:
            return _("nothing yet")
        days = (self.today - self.active_on).days
        if days < 1:
            return ago(self.active_at)
        if days > 30:
            return timed(self.active_at, date_format(self.active_on, "j M Y"))
        words = ngettext("yesterday", "%(count)s days ago", days) % {"count": days}
        return timed(self.active_at, words)

    @property
    def is_quiet(self) -> bool:
        """Whether it is time to ask. Nothing is expected before the start, at the end, and of who has left."""
        return self.silent >= QUIET_DAYS and not (self.is_over or self.is_ahead or self.square is None)

    @cached_property
    def behind(self) -> int:
        """Months whose last day has passed and that are not complete. One without criteria never completes."""
        if self.is_over:
            return 0
        return sum(
            bool(square.ends and square.ends < self.today and square.planned.criteria)
            and not square.sum.complete
            for square in self.squares
        )

    @property
    def since(self) -> datetime | None:
        """When the oldest work that waits for a mentor was handed in."""
        return self.waiting[0].since if self.waiting else None

    @property
    def is_late(self) -> bool:
        """Whether a work of theirs waits longer than the cohort promises."""
        return bool(self.waiting) and self.waiting[0].is_late


@dataclass
class Waiting:
    """A work that waits for a mentor."""

    submission: Submission
    since: datetime
    is_late: bool
    """Whether it waits longer than the cohort's review days."""
    line: Line

    @property
    def time(self) -> SafeString | str:
        """How long it has waited, as the desk says it."""
        return lasting(self.since)

    @property
    def turn_of(self) -> int | None:
        """The primary key of the mentor whose turn it is; None for nobody's."""
        return self.submission.turn_of


class Board:
    """All learners of a cohort, those who have left too.

    Queries: the learners, the dates, the record, the ticks, the hand-ins, the talk, the queue, the open points.
    """

    def __init__(self, cohort: Cohort, months: tuple[PlannedMonth, ...]) -> None:
        self.cohort, self.months = cohort, months
        self.today = cohort.today()
        self.dates = dates_of(Membership(cohort=cohort), months)
        members = Membership.objects.learners().filter(cohort=cohort)
        self._spans: dict[tuple[date, int, date | None], list[tuple[date | None, date | None]]] = {}
        self.record = sums(members)
        self.begun, self.active = self._signs()
        self.points = self._points()
        self.lines = [self._line(member) for member in members.select_related("user", "mentor")]
        """By name; whoever has left is among them."""
        self.waiting = self._waiting()
        """What waits for a mentor, oldest first."""

    def _signs(self) -> tuple[set[tuple[int, int]], dict[int, datetime]]:
        """In which months something was ticked or handed in, and the last sign of each learner, by primary keys."""
        learner, month = (
            F("submission__learner"),
            Coalesce("submission__deliverable__month", "submission__project__month"),
        )
        ticks = Completion.objects.done().filter(learner__cohort=self.cohort)
        works = Version.objects.submitted().filter(submission__learner__cohort=self.cohort)
        rows = [
            *ticks.values_list("learner", "task__month").annotate(at=Max("done_at")),
            *works.order_by().values_list(learner, month).annotate(at=Max("submitted_at")),
        ]
        said = Comment.objects.filter(
            review=None,
            author=F("thread__submission__learner__user"),
            thread__submission__learner__cohort=self.cohort,
        )
        claims = Entry.objects.filter(kind=Entry.Kind.CLAIM, learner__cohort=self.cohort)
        talk = (
            said.order_by()
            .values_list("thread__submission__learner")
            .annotate(at=Max("created_at"))
            .union(claims.order_by().values_list("learner").annotate(at=Max("at")), all=True)
        )
        active: dict[int, datetime] = {}
        for who, at in [*((who, at) for who, _month, at in rows), *talk]:
            active[who] = max(at, active.get(who, at))
        return {(who, month) for who, month, _at in rows}, active

    def _points(self) -> Counter[int]:
        """Open must-fix points by learner."""
        open_ones = Thread.objects.filter(submission__learner__cohort=self.cohort).open_must_fix()
        rows = open_ones.order_by().values_list("submission__learner").annotate(count=Count("pk"))
        return Counter(dict(rows))

    def _span(self, dates: Dates) -> list[tuple[date | None, date | None]]:
        """First and last days of the months, the same for all who begin on that day and have that extension."""
        plan = dates.begins, dates.extension, dates.extended_from
        if plan not in self._spans:
            self._spans[plan] = [(dates.start(month.pk), dates.end(month.pk)) for month in self.months]
        return self._spans[plan]

    def _line(self, member: Membership) -> Line:
        member.cohort = self.cohort
        dates = self.dates.of(member)
        squares = []
        for month, (starts, ends) in zip(self.months, self._span(dates), strict=True):
            at = (member.pk, month.pk)
            square_sum = self.record.get(at, Sum())
            begun = at in self.begun or at in self.record
            squares.append(Square(month, square_sum, starts, ends, begun))
        active_at = self.active.get(member.pk)
        there = max(dates.begins, self.day(member.joined_at))
        return Line(
            member,
            squares,
            dates.begins,
            self.today,
            active_at,
            self.day(active_at) if active_at else None,
            self.dates.days.between(max(there, self.day(active_at or member.joined_at)), self.today),
            self.points[member.pk],
            not self.is_current(member) or self.cohort.ended_at is not None,
        )

    def _waiting(self) -> list[Waiting]:
        lines = {line.learner.pk: line for line in self.lines}
        rows = Submission.objects.queued().filter(learner__cohort=self.cohort)
        found = []
        for row in rows.select_related("deliverable", "project").order_by(F("waiting_since"), "pk"):
            day, line = self.day(row.waiting_since), lines[row.learner_id]
            work = Waiting(row, row.waiting_since, self.is_late(day), line)
            line.waiting.append(work)
            found.append(work)
        return found

    def day(self, when: datetime) -> date:
        """The day it was where the cohort is."""
        return when.astimezone(self.cohort.zone).date()

    def is_late(self, handed_in: date) -> bool:
        """Whether work of that day waits longer than the cohort promises; days of a pause do not count."""
        promised = self.cohort.review_days
        return promised is not None and self.today > self.dates.days.after(handed_in, promised)

    @staticmethod
    def is_current(member: Membership) -> bool:
        """As `MembershipQuerySet.current` has it."""
        return member.ended_at is None and member.user.is_active

    @cached_property
    def current(self) -> list[Line]:
        """The learners who are there now, by name."""
        return [line for line in self.lines if self.is_current(line.learner)]

    @cached_property
    def ended(self) -> list[Line]:
        """Those who have left, by name."""
        return [line for line in self.lines if not self.is_current(line.learner)]

    @cached_property
    def criteria(self) -> int:
        """Success criteria of the whole plan."""
        return sum(month.criteria for month in self.months)

    @cached_property
    def quiet(self) -> list[Line]:
        """The longest silence first."""
        return sorted((line for line in self.current if line.is_quiet), key=lambda line: -line.silent)

    @cached_property
    def late(self) -> list[Waiting]:
        """What waits longer than promised, oldest first."""
        return [work for work in self.waiting if work.is_late]

    @cached_property
    def behind(self) -> list[Line]:
        """Most months behind first."""
        return sorted((line for line in self.current if line.behind), key=lambda line: -line.behind)
