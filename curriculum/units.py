"""What pages call the months of a curriculum in general: by the word that its author writes before their numbers.

A sentence names a month by its own label where it can ("Module 3 is complete"). These words are for what is left:
counts, lists and navigation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from curriculum.markdown.languages import known

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WORDS: "dict[str, tuple[_StrPromise, _StrPromise, Any]]" = {
    "month": (_("month"), _("months"), ngettext_lazy("%(n)d month", "%(n)d months", "n")),
    "module": (_("module"), _("modules"), ngettext_lazy("%(n)d module", "%(n)d modules", "n")),
    "week": (_("week"), _("weeks"), ngettext_lazy("%(n)d week", "%(n)d weeks", "n")),
    "phase": (_("phase"), _("phases"), ngettext_lazy("%(n)d phase", "%(n)d phases", "n")),
    "sprint": (_("sprint"), _("sprints"), ngettext_lazy("%(n)d sprint", "%(n)d sprints", "n")),
    "day": (_("day"), _("days"), ngettext_lazy("%(n)d day", "%(n)d days", "n")),
    "unit": (_("unit"), _("units"), ngettext_lazy("%(n)d unit", "%(n)d units", "n")),
    "part": (_("part"), _("parts"), ngettext_lazy("%(n)d part", "%(n)d parts", "n")),
}
"""By kind: one, many, and so many. A part is what has no word here, or is called by several."""
MONTHS = {word.replace("{n}", "") for word, is_own in known("month").items() if is_own}
"""The words for a month in every language that is read, in small letters."""


class Called(Protocol):
    """A month as far as its words need it: a row, or its place in a plan."""

    @property
    def unit(self) -> str: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Units:
    """The general words for the months of a curriculum. Of what is kept with them, one `kind` is like another."""

    kind: str = "month"
    """A key of `WORDS`."""

    @classmethod
    def of(cls, months: Iterable[Called]) -> "Units":
        """By the labels of these months; one without a label says nothing."""
        kinds = {kind_of(month.unit) for month in months if month.label}
        return cls(kinds.pop()) if len(kinds) == 1 else cls("part" if kinds else "month")

    @property
    def one(self) -> "_StrPromise":
        return WORDS[self.kind][0]

    @property
    def many(self) -> "_StrPromise":
        return WORDS[self.kind][1]

    def counted(self, number: int) -> str:
        """So many of them: "2 modules"."""
        return str(WORDS[self.kind][2] % {"n": number})


def kind_of(unit: str) -> str:
    """The key of `WORDS` for the word that stands before a month's number."""
    small = unit.lower()
    for word in (small, small.removesuffix("s")):
        if word in MONTHS:
            return "month"
        if word in WORDS:
            return word
    return "part"
