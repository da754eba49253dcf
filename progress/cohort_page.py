"""A cohort as its mentors and admins see it: the list of learners, narrowed and in the order that is asked for."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from curriculum.pages import Plan
from people.models import Cohort
from progress.board import QUIET_DAYS, Board, Line

SHORT_LIST = 4
"""Names in each of the short lists above the table."""


def plain(words: str) -> str:
    """Without capitals and accents, so that names are found and put in order as people expect."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Column:
    """A column that the list can be sorted by."""

    name: str
    label: Promise
    key: Callable[[Line], Any]
    """What is compared; None comes last in both directions."""
    up: Promise
    """In words: from the smallest."""
    down: Promise
    first: str = ""
    """`-` where the first click sorts from the largest."""


COLUMNS = (
    Column("name", _("Learner"), lambda line: plain(str(line)), _("A to Z"), _("Z to A")),
    Column("month", _("Working on"), lambda line: line.place, _("first to last"), _("last to first")),
    Column("met", _("Criteria met"), lambda line: line.met, _("fewest first"), _("most first")),
    Column("points", _("Open points"), lambda line: line.points, _("fewest first"), _("most first"), "-"),
    Column("activity", _("Last activity"), lambda line: line.active_at, _("oldest first"), _("newest first")),
    Column("waiting", _("Waiting since"), lambda line: line.since, _("oldest first"), _("newest first")),
    Column(
        "mentor",
        _("Own mentor"),
        lambda line: plain(str(line.learner.mentor)) if line.learner.mentor else None,
        _("A to Z"),
        _("Z to A"),
    ),
)
BY_NAME = COLUMNS[0]
STATES: dict[str, tuple[Promise, Callable[[Line], bool]]] = {
    "quiet": (_("Quiet"), lambda line: line.is_quiet),
    "late": (_("Waiting too long"), lambda line: line.is_late),
    "behind": (_("Behind the plan"), lambda line: line.behind > 0),
}


class CohortFilter(forms.Form):
    """What the list is narrowed to, and its order. What is not understood is told, and leaves the list as it is."""

    q = forms.CharField(label=_("Name"), required=False, max_length=150, widget=forms.SearchInput)
    mentor = forms.ChoiceField(
        label=_("Own mentor"),
        required=False,
        error_messages={
            "invalid_choice": _("Nobody here has that mentor. Learners of all mentors are shown.")
        },
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Everybody")), *((name, label) for name, (label, _fits) in STATES.items())],
        error_messages={"invalid_choice": _("There is no such state. Everybody is shown.")},
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        error_messages={"invalid_choice": _("There is no such order. The list is sorted by name.")},
    )
    ended = forms.ChoiceField(required=False, choices=[("", ""), ("yes", "")], widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, board: Board) -> None:
        super().__init__(data, auto_id="filter-%s")
        mentors = {
            str(line.learner.mentor.uuid): str(line.learner.mentor)
            for line in board.lines
            if line.learner.mentor
        }
        named = sorted(mentors.items(), key=lambda entry: plain(entry[1]))
        self.fields["mentor"].choices = [("", _("All")), *named, ("none", _("nobody yet"))]  # type: ignore[attr-defined]
        orders = [
            (sign + column.name, f"{column.label}, {words}")
            for column in COLUMNS
            for sign, words in (("", column.up), ("-", column.down))
        ]
        self.fields["sort"].choices = [("", f"{BY_NAME.label}, {BY_NAME.up}"), *orders[1:], orders[0]]  # type: ignore[attr-defined]
        self.full_clean()

    def chosen(self, name: str) -> str:
        """What was chosen, or nothing."""
        return str(self.cleaned_data.get(name) or "")


@dataclass(frozen=True)
class Heading:
    """A column's head: a link that sorts by it, or the other way round."""

    column: Column
    href: str
    aria: str
    """`ascending`, `descending`, or nothing where the list is sorted by something else."""


class CohortPage:
    """The list, beside the board that all of it comes from."""

    def __init__(self, cohort: Cohort, plan: Plan, data: QueryDict) -> None:
        self.cohort, self.data, self.units = cohort, data, plan.units
        self.board = Board(cohort, plan.months)
        self.filter = CohortFilter(data, self.board)
        self.shows_ended = self.filter.chosen("ended") == "yes"
        order = self.filter.chosen("sort")
        self.column = next((column for column in COLUMNS if column.name == order.lstrip("-")), BY_NAME)
        self.is_down = order.startswith("-")

    @property
    def everybody(self) -> list[Line]:
        """Those the list is about: who is there, or who has left."""
        return self.board.ended if self.shows_ended else self.board.current

    @cached_property
    def lines(self) -> list[Line]:
        """What is shown, in order. Where two are equal, by name."""
        lines = [line for line in self.everybody if self._fits(line)]
        lines.sort(key=lambda line: (plain(str(line)), line.learner.pk))
        known = [line for line in lines if self.column.key(line) is not None]
        known.sort(key=self.column.key, reverse=self.is_down)
        return known + [line for line in lines if self.column.key(line) is None]

    def _fits(self, line: Line) -> bool:
        chosen, mentor = self.filter.chosen, line.learner.mentor
        wanted = chosen("mentor")
        if wanted and wanted != (str(mentor.uuid) if mentor else "none"):
            return False
        if chosen("state") and not STATES[chosen("state")][1](line):
            return False
        return plain(chosen("q")) in plain(str(line))

    @property
    def is_narrowed(self) -> bool:
        return any(self.filter.chosen(name) for name in ("q", "mentor", "state"))

    @property
    def waits_for_promise(self) -> bool:
        """Whether the list asks for what waits too long, in a cohort that promises no time."""
        return self.filter.chosen("state") == "late" and self.cohort.review_days is None

    @property
    def order(self) -> str:
        """The order in words."""
        words = self.column.down if self.is_down else self.column.up
        return f"{self.column.label}, {words}"

    def address(self, **changed: str) -> str:
        """The query string of this list with something changed; an empty value takes it away."""
        asked = {name: self.filter.chosen(name) for name in self.filter.fields} | changed
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in asked.items() if value})
        return f"?{query.urlencode()}"

    @property
    def headings(self) -> list[Heading]:
        """The heads of the columns before the months."""
        found = []
        for column in COLUMNS:
            is_it = column is self.column
            sign = ("" if self.is_down else "-") if is_it else column.first
            aria = ("descending" if self.is_down else "ascending") if is_it else ""
            found.append(Heading(column, self.address(sort=sign + column.name), aria))
        return found

    @property
    def all_address(self) -> str:
        """The list that is not narrowed."""
        return self.address(q="", mentor="", state="")

    @property
    def ended_address(self) -> str:
        return self.address(ended="yes", state="")

    @property
    def current_address(self) -> str:
        return self.address(ended="")

    @property
    def notes(self) -> list[dict[str, Any]]:
        """The short lists: who is quiet, what waits too long, who is behind; each with the list that has them all."""
        found: dict[str, list[Any]] = {
            "late": self.board.late,
            "quiet": self.board.quiet,
            "behind": self.board.behind,
        }
        return [
            {
                "name": name,
                "count": len(rows),
                "first": rows[:SHORT_LIST],
                "more": max(len(rows) - SHORT_LIST, 0),
                "address": self.address(q="", mentor="", ended="", state=name),
            }
            for name, rows in found.items()
        ]

    quiet_days = QUIET_DAYS
