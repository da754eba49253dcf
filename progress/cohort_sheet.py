"""The cohort's list as a sheet: CSV that spreadsheets open as it is meant."""

import csv
from collections.abc import Iterable
from datetime import datetime
from io import StringIO

from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from progress.board import Line
from progress.cohort_page import CohortPage

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; the wide forms too."""


def quoted(words: str) -> str:
    """Words as words: what a spreadsheet would calculate gets an apostrophe in front."""
    return f"'{words}" if words.startswith(FORMULA) else words


class CohortSheet:
    """What the list shows, in its order, a learner a row. Dates are days where the cohort is, as in 2026-11-02."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self, page: CohortPage) -> None:
        self.page = page

    @property
    def name(self) -> str:
        """The file's name: the cohort, what it is narrowed to, and the day."""
        parts = [
            slugify(self.page.cohort.name) or "cohort",
            "ended" if self.page.shows_ended else "",
            self.page.filter.chosen("state"),
            self.page.board.today.isoformat(),
        ]
        return "-".join(filter(None, parts)) + ".csv"

    @property
    def head(self) -> list[str]:
        return [
            _("Learner"),
            _("Working on"),
            _("%(units)s behind") % {"units": capfirst(self.page.units.many)},
            _("Criteria met"),
            _("Criteria"),
            _("Open points"),
            _("Last activity"),
            _("Quiet"),
            _("Works waiting"),
            _("Waiting since"),
            _("Waiting too long"),
            _("Own mentor"),
            *[str(month) for month in self.page.board.months],
            *([_("Ended")] if self.page.shows_ended else []),
        ]

    def row(self, line: Line) -> list[str]:
        return [
            str(line),
            str(line.square.planned) if line.square else _("all complete"),
            str(line.behind),
            str(line.met),
            str(self.page.board.criteria),
            str(line.points),
            self.day(line.active_at),
            self.yes(line.is_quiet),
            str(len(line.waiting)),
            self.day(line.since),
            self.yes(line.is_late),
            str(line.learner.mentor or ""),
            *[square.words for square in line.squares],
            *([self.day(line.learner.ended_at)] if self.page.shows_ended else []),
        ]

    @staticmethod
    def yes(state: bool) -> str:
        return _("yes") if state else ""

    def day(self, when: datetime | None) -> str:
        return self.page.board.day(when).isoformat() if when else ""

    @property
    def content(self) -> bytes:
        """With a byte order mark: Excel takes UTF-8 for another encoding without it, and others pass over it."""
        rows: Iterable[list[str]] = [self.head, *(self.row(line) for line in self.page.lines)]
        text = StringIO(newline="")
        csv.writer(text).writerows([quoted(cell) for cell in row] for row in rows)
        return text.getvalue().encode("utf-8-sig")
