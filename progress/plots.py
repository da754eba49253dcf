"""A cohort in three small pictures: progress against plan, waiting time by week, load by mentor.

Each is drawn by the server as SVG, from figures that stand in words and in a table beside it.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.dates import DAY
from people.models import Cohort, Membership
from progress.board import Board
from progress.models import Completion
from progress.standing import COMPLETED, MET_NOW, standing_entries
from submissions.models import Review

POINTS = 60
"""About so many points on a line at most; a longer time has a point every second week, or third …"""
WEEKS = 12
"""Waiting times are shown for so many weeks, the running one included."""
LOAD_WEEKS = 4
"""Reviews of so many weeks count as a mentor's load."""
DRAWN = 5
"""Mentors that are drawn; the table has them all."""
NAMED = 3
"""Mentors that the sentence about their load names."""
WIDTH, HEIGHT = 260, 110
"""Of the field that lines and bars are drawn in."""
APART = 14
"""Heights of two words that do not touch."""


def in_number(value: float) -> str:
    """A number as the page writes it: "3", or "2.5"."""
    return number_format(value, 0 if value == int(value) else 1)


def opens(cohort: Cohort, day: date) -> datetime:
    """The moment a day begins where the cohort is."""
    return datetime.combine(day, time.min, tzinfo=cohort.zone)


@dataclass
class Curve:
    """One line: a share of a hundred at the start, at the end of each week, and today."""

    name: str
    css: str
    shares: list[float]
    label_y: float = 0
    """Where its name stands, from the top."""

    @property
    def last(self) -> int:
        return round(self.shares[-1])

    @property
    def points(self) -> str:
        """As SVG wants them."""
        step = WIDTH / (len(self.shares) - 1)
        return " ".join(
            f"{place * step:.1f},{HEIGHT - HEIGHT * share / 100:.1f}"
            for place, share in enumerate(self.shares)
        )


class Progress:
    """How far the learners are, week by week since the start, beside how far the plan would have them.

    Queries: the ticks and the record, each counted by weeks.
    """

    width, height = WIDTH, HEIGHT
    grid = [{"share": share, "y": HEIGHT - HEIGHT * share // 100} for share in (0, 50, 100)]

    def __init__(self, board: Board) -> None:
        self.board = board
        self.learners = Membership.objects.current().learners().filter(cohort=board.cohort)
        self.months = {month.pk: month for month in board.months}
        self.days = self._days()
        """The last days of the weeks that are over, and today."""
        curves = [self._plan(), self._ticked(), self._met()] if self.days and board.current else []
        self.curves = [curve for curve in curves if curve]
        self._place_names()

    def _days(self) -> list[date]:
        first = self.board.cohort.starts
        gone = (self.board.today - first).days
        if gone < 0:
            return []
        step = 7 * (gone // 7 // POINTS + 1)
        return [first + timedelta(days=count - 1) for count in range(step, gone + 1, step)] + [
            self.board.today
        ]

    def _by_day(self, name: str) -> Case:
        """The place among `days` of the first one by whose end something had happened."""
        ends = [opens(self.board.cohort, day + DAY) for day in self.days]
        whens = [When(**{f"{name}__lt": end}, then=Value(place)) for place, end in enumerate(ends)]
        return Case(*whens, default=Value(len(ends) - 1), output_field=IntegerField())

    def _curve(self, name: str, css: str, counts: Counter[int], whole: int) -> Curve | None:
        """What was done by each of the days, as a share of all that the learners have before them."""
        shares, done = [0.0], 0
        for place in range(len(self.days)):
            done += counts[place]
            shares.append(100 * done / whole if whole else 0)
        return Curve(name, css, shares) if whole else None

    def _plan(self) -> Curve | None:
        """The weeks that are over, of all weeks of the plan: for each learner from their own start."""
        counts: Counter[int] = Counter()
        whole = 0
        plans = Counter(
            (line.begins, line.learner.extension_days, line.learner.extended_from)
            for line in self.board.current
        )
        for (begins, days, since), learners in plans.items():
            alike = Membership(starts=begins, extension_days=days, extended_from=since)
            dates = self.board.dates.of(alike)
            weeks = [(month.pk, week) for month in self.board.months for week in range(month.planned_weeks)]
            dues = sorted(due for due in (dates.due(*week) for week in weeks) if due)
            whole += learners * len(dues)
            over = 0
            for place, day in enumerate(self.days):
                # Of a week that ends today, the learners have the rest of the day.
                now_over = bisect_right(dues, min(day, self.board.today - DAY))
                counts[place] += learners * (now_over - over)
                over = now_over
        return self._curve(_("plan"), "plan", counts, whole)

    def _ticked(self) -> Curve | None:
        live = Completion.objects.done().filter(task__archived_at=None, task__month__in=self.months)
        rows = live.filter(learner__in=self.learners).values_list(self._by_day("done_at"))
        whole = len(self.board.current) * sum(month.tasks for month in self.board.months)
        return self._curve(_("tasks"), "ticked", Counter(dict(rows.annotate(count=Count("pk")))), whole)

    def _met(self) -> Curve | None:
        """By the time of the mark that stands; what a complete month holds beyond those, when it was completed."""
        entries = standing_entries(self.learners).filter(month__in=self.months)
        rows = entries.values_list("learner", "month", self._by_day("at")).annotate(
            met=Count("pk", filter=MET_NOW), complete=Count("pk", filter=COMPLETED)
        )
        counts: Counter[int] = Counter()
        marked: Counter[tuple[int, int]] = Counter()
        completed: dict[tuple[int, int], int] = {}
        for learner, month, place, met, complete in rows:
            counts[place] += met
            marked[learner, month] += met
            if complete:
                completed[learner, month] = place
        for (learner, month), place in completed.items():
            counts[place] += self.months[month].criteria - marked[learner, month]
        return self._curve(_("criteria"), "met", counts, len(self.board.current) * self.board.criteria)

    def _place_names(self) -> None:
        """Each name beside the end of its line, moved where two would touch."""
        free = 0.0
        for curve in sorted(self.curves, key=lambda curve: -curve.shares[-1]):
            curve.label_y = max(HEIGHT - HEIGHT * curve.shares[-1] / 100, free)
            free = curve.label_y + APART
        low: float = HEIGHT + APART
        for curve in sorted(self.curves, key=lambda curve: -curve.label_y):
            curve.label_y = min(curve.label_y, low - APART)
            low = curve.label_y

    def of(self, css: str) -> Curve | None:
        return next((curve for curve in self.curves if curve.css == css), None)

    @property
    def sentence(self) -> str:
        """The picture in words."""
        plan, ticked, met = self.of("plan"), self.of("ticked"), self.of("met")
        said = []
        if plan:
            said.append(_("By today %(plan)s %% of the plan's weeks are over.") % {"plan": plan.last})
        if ticked:
            said.append(_("%(share)s %% of the tasks are ticked.") % {"share": ticked.last})
        if met:
            done = sum(line.met for line in self.board.current)
            whole = len(self.board.current) * self.board.criteria
            said.append(
                _("%(share)s %% of the criteria are met: %(done)s of %(all)s.")
                % {"share": met.last, "done": done, "all": whole}
            )
        return " ".join(said)

    @property
    def rows(self) -> list[tuple[date, list[int]]]:
        """The table: each of the days with the shares by then."""
        return [
            (day, [round(curve.shares[place]) for curve in self.curves])
            for place, day in enumerate(self.days, start=1)
        ]


@dataclass
class Week:
    """How long the works that were decided in one week had waited."""

    first: date
    waited: list[int]
    """Working days, one for each review."""
    x: float = 0
    top: float = 0
    """Height of the longest wait, from the top."""
    middle: float = 0
    """Height of the median, from the top."""

    @property
    def median(self) -> float:
        return median(self.waited)

    @property
    def median_words(self) -> str:
        return in_number(self.median)

    @property
    def longest(self) -> int:
        return max(self.waited)

    @property
    def half_height(self) -> float:
        """Of the bar, which a median of 0 leaves thin, not away."""
        return max(round(HEIGHT - self.middle, 1), 1)


class Waits:
    """From hand-in to the first review that decides on the version, by the week of that review, in working days.

    One query.
    """

    width, height, bar, half_bar = WIDTH, HEIGHT, 10, 5

    def __init__(self, board: Board) -> None:
        self.cohort = board.cohort
        monday = board.today - timedelta(days=board.today.weekday())
        mondays = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
        waited: dict[date, list[int]] = defaultdict(list)
        for handed_in, decided in self._decided(opens(board.cohort, mondays[0])):
            day = board.day(decided)
            waited[day - timedelta(days=day.weekday())].append(
                board.dates.days.between(board.day(handed_in), day)
            )
        self.weeks = [Week(first, waited[first]) for first in mondays]
        self._draw()

    def _decided(self, since: datetime) -> Any:
        """When a version was handed in, and when it was decided on."""
        deciding = Review.objects.counted().exclude(verdict=Review.Verdict.COMMENT)
        earlier = deciding.filter(version=OuterRef("version"), published_at__lt=OuterRef("published_at"))
        return (
            deciding.filter(
                ~Exists(earlier),
                version__submission__learner__cohort=self.cohort,
                published_at__gte=since,
            )
            .order_by()
            .values_list("version__submitted_at", "published_at")
        )

    @cached_property
    def all(self) -> list[int]:
        return [days for week in self.weeks for days in week.waited]

    @cached_property
    def most(self) -> int:
        """The number of days at the top of the picture."""
        return max([*self.all, self.cohort.review_days or 0, 1])

    def _draw(self) -> None:
        for place, week in enumerate(self.weeks):
            week.x = round((place + 0.5) * WIDTH / WEEKS - self.bar / 2, 1)
            if week.waited:
                week.top = self.y(week.longest)
                week.middle = self.y(week.median)

    def y(self, days: float) -> float:
        return round(HEIGHT - HEIGHT * days / self.most, 1)

    @property
    def promise_y(self) -> float | None:
        """The height of what the cohort promises."""
        return None if self.cohort.review_days is None else self.y(self.cohort.review_days)

    @property
    def shown(self) -> list[Week]:
        """The weeks in which something was decided."""
        return [week for week in self.weeks if week.waited]

    @property
    def sentence(self) -> str:
        """The picture in words."""
        said = ngettext(
            "In %(weeks)s weeks %(count)s work was decided on:",
            "In %(weeks)s weeks %(count)s works were decided on:",
            len(self.all),
        ) % {"weeks": WEEKS, "count": len(self.all)}
        half, longest = median(self.all), max(self.all)
        said += " " + _("half of them within %(half)s, the longest wait was %(longest)s.") % {
            "half": self.in_days(half),
            "longest": self.in_days(longest),
        }
        if self.cohort.review_days is not None:
            said += " " + _("Promised: %(days)s.") % {"days": self.in_days(self.cohort.review_days)}
        return said

    @staticmethod
    def in_days(days: float) -> str:
        return ngettext("%(days)s day", "%(days)s days", 1 if days == 1 else 2) % {"days": in_number(days)}


@dataclass
class Load:
    """What one mentor has before them, and what they did lately."""

    name: str
    waiting: int
    reviewed: int
    learners: int
    """Whose own mentor they are."""
    waiting_width: float = 0
    reviewed_width: float = 0


class Loads:
    """Works waiting for each mentor, and reviews they sent in the last weeks. One query."""

    width, weeks = WIDTH, LOAD_WEEKS

    def __init__(self, board: Board) -> None:
        since = opens(board.cohort, board.today - timedelta(weeks=LOAD_WEEKS))
        sent = (
            Review.objects.counted()
            .filter(
                mentor=OuterRef("user"),
                version__submission__learner__cohort=board.cohort,
                published_at__gte=since,
            )
            .order_by()
            .values("mentor")
            .annotate(count=Count("pk"))
            .values("count")
        )
        mentors = Membership.objects.current().mentors().filter(cohort=board.cohort).select_related("user")
        waiting = Counter(work.turn_of for work in board.waiting)
        own = Counter(line.learner.mentor_id for line in board.current)
        self.loads = [
            Load(str(row.user), waiting[row.user_id], row.sent, own[row.user_id])  # type: ignore[attr-defined]
            for row in mentors.annotate(sent=Coalesce(Subquery(sent, output_field=IntegerField()), 0))
        ]
        if waiting[None]:
            self.loads.append(Load(_("nobody in particular"), waiting[None], 0, own[None]))
        self.drawn = sorted(self.loads, key=lambda load: (-load.waiting, -load.reviewed))[:DRAWN]
        self.more = len(self.loads) - len(self.drawn)
        most = max([1, *(max(load.waiting, load.reviewed) for load in self.loads)])
        for load in self.loads:
            load.waiting_width = round(WIDTH * load.waiting / most, 1)
            load.reviewed_width = round(WIDTH * load.reviewed / most, 1)

    @property
    def waiting(self) -> int:
        return sum(load.waiting for load in self.loads)

    @property
    def reviewed(self) -> int:
        return sum(load.reviewed for load in self.loads)

    @property
    def sentence(self) -> str:
        """The picture in words."""
        said = ngettext("%(count)s work waits", "%(count)s works wait", self.waiting) % {
            "count": self.waiting
        }
        busy = sorted((load for load in self.loads if load.waiting), key=lambda load: -load.waiting)
        parts = [
            _("%(count)s for %(name)s") % {"count": load.waiting, "name": load.name} for load in busy[:NAMED]
        ]
        if rest := sum(load.waiting for load in busy[NAMED:]):
            parts.append(_("%(count)s for others") % {"count": rest})
        if parts:
            said += ": " + ", ".join(parts)
        return (
            said
            + ". "
            + ngettext(
                "In the last four weeks %(count)s review was sent.",
                "In the last four weeks %(count)s reviews were sent.",
                self.reviewed,
            )
            % {"count": self.reviewed}
        )


class Plots:
    """The three pictures of a cohort's page."""

    def __init__(self, board: Board) -> None:
        self.progress, self.waits, self.loads = Progress(board), Waits(board), Loads(board)
