"""The outline of a version: every place in it that can be led to, and commented on, without a mouse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from django.utils.translation import gettext as _

from submissions.formats import Entry
from submissions.showing import ShownFile, ShownVersion, text_outline

LONG = 30
"""Pages; a list of more is folded away, and a page is named by its number."""
LETTERS = {"heading": "H", "page": "P", "cell": "C"}


@dataclass(frozen=True)
class Spot:
    """One line of an outline."""

    value: str
    """What a form says of it in `about`, such as "text:heading:12" or "file-UUID:page:3"."""
    place: str
    """The id of its element."""
    words: str
    kind: str
    level: int = 1

    @property
    def about(self) -> str:
        return quote(self.value, safe=":")


@dataclass(frozen=True)
class Group:
    """The outline of the text, or of one file: `whole` is the file itself, None for the text."""

    name: str
    whole: Spot | None
    spots: tuple[Spot, ...]
    has_lines: bool = False

    @property
    def is_pages(self) -> bool:
        return bool(self.spots) and self.spots[0].kind == "page"

    @property
    def is_long(self) -> bool:
        return self.is_pages and len(self.spots) > LONG

    @property
    def place(self) -> str:
        return self.whole.place if self.whole else "text"


class Outline:
    """The groups of a version, in the order in which it is shown. Asks the database nothing."""

    def __init__(self, shown: ShownVersion, chosen: str = "") -> None:
        """`chosen`: the value of the spot that the form is about."""
        self.shown, self.chosen = shown, chosen

    @cached_property
    def groups(self) -> list[Group]:
        text = self.shown.version.text
        written = [Group(_("Text"), None, spots(text_outline(text), "text"))] if text else []
        return written + [self._group(one) for one in self.shown.files if one.is_there]

    def _group(self, one: ShownFile) -> Group:
        whole = Spot(one.anchor, one.anchor, one.name, "file")
        return Group(one.name, whole, spots(one.outline, one.anchor), one.shown.kind == "lines")

    @property
    def sight(self) -> tuple[str, tuple[Group, ...]]:
        """All that its drawing depends on."""
        return self.chosen, tuple(self.groups)

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        files = [one.anchor for one in self.shown.files]
        return {place: rank for rank, place in enumerate(["text", *files])}

    def rank_of(self, place: str) -> int:
        """The place of the text or of a file among them all."""
        return self._ranks.get(place, len(self._ranks))

    @cached_property
    def _lines(self) -> dict[tuple[str, str], str]:
        return {
            (group.place, spot.words): spot.place
            for group in reversed(self.groups)
            for spot in reversed(group.spots)
            if spot.kind == "heading"
        }

    def heading(self, place: str, words: str) -> str:
        """The id of the first heading of these words in the text or a file; that of the whole where there is none."""
        return self._lines.get((place, words), place)

    @cached_property
    def has_lines(self) -> bool:
        """Whether there is a file of which lines can be named."""
        return any(group.has_lines for group in self.groups)

    @cached_property
    def is_worth_it(self) -> bool:
        """Whether there is anything to go to: more than one thing, or parts of it."""
        return len(self.groups) > 1 or any(group.spots for group in self.groups)


def spots(entries: Iterable[Entry], anchor: str) -> tuple[Spot, ...]:
    return tuple(
        Spot(
            f"{anchor}:{one.kind}:{one.number}",
            f"{anchor}-{LETTERS[one.kind]}{one.number}",
            named(one),
            one.kind,
            one.level,
        )
        for one in entries
    )


def named(entry: Entry) -> str:
    """An entry in words; of a cell its number and how it begins."""
    if entry.kind != "cell":
        return entry.words or _("(without words)")
    cell = _("Cell %(n)s") % {"n": entry.number}
    return f"{cell}: {entry.words}" if entry.words else cell
