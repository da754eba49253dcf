"""Two readings beside each other as HTML, with what differs shown in the text as people see it.

Markdown keeps its headings, lists and tables: what differs is put into the HTML that the page shows anyway, by the
places that its elements have in the reading's text (`data-start`). Of everything else its text is shown.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from submissions.difference import ADDED, REMOVED, SAME, Difference
from submissions.formats.reading import Part, Reading

TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*/?>')
"""One tag of the HTML that our renderer lets through, whose attributes always stand in double quotes."""
START = re.compile(r'\sdata-start="(\d+)"')
VOID = {"br", "hr"}
DRAWING = 'class="mermaid-source"'
OLD, NEW, WORDS = "old", "new", "words"
"""Which text is shown: the old one, the new one, or the new one with the words that went in it."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a part as it is shown: `tag` is ins, del or nothing. One that is `put_in` is not in the element."""

    text: str
    tag: str = ""
    put_in: bool = False
    whole: bool = False
    """Whether a whole part went, so that it stands in a line of its own."""
    attributes: str = ""


@dataclass
class Ink:
    """What is to be shown of one part: its pieces, and the attributes by which the page finds it."""

    pieces: list[Piece] = field(default_factory=list)
    attributes: str = ""


@dataclass(frozen=True)
class Element:
    """An element at the top of rendered Markdown."""

    html: str
    start: int | None
    """The first character of the reading's text in it; None where it has no text, such as a rule."""

    @property
    def is_drawing(self) -> bool:
        return DRAWING in self.html[:200]


@dataclass
class Stretch:
    """Rows that are shown beside each other in one piece."""

    rows: list[int]
    """Their places among the rows of the difference."""
    kinds: list[str]
    """Of its changes, each once: changed, removed, added, moved (is here), went (was here)."""
    numbers: list[int] = field(default_factory=list)
    old: SafeString = field(default_factory=SafeString)
    new: SafeString = field(default_factory=SafeString)
    words: SafeString = field(default_factory=SafeString)
    """The new text with the words that went in it."""
    is_apart: bool = False
    """Whether that cannot be: two drawings have to be looked at beside each other."""
    went_to: int = 0
    """The change as which what was here moved elsewhere."""
    came_as: int = 0
    """The change as which something moved here."""
    pictures: tuple[tuple[int | None, int | None], ...] = ()
    """Of a cell: the pictures that it puts out and that are others now, by the numbers that they have in the files."""
    old_number: int | None = None
    """The line, the cell or the page."""
    new_number: int | None = None

    @property
    def is_same(self) -> bool:
        return not self.kinds

    @property
    def has_old(self) -> bool:
        """Whether anything stood here before, if only an empty line."""
        return bool(self.old) or self.old_number is not None

    @property
    def has_new(self) -> bool:
        """Whether anything stands here now."""
        return bool(self.new) or self.new_number is not None


@dataclass
class Group:
    """Rows that cannot be shown apart, with the elements on either side that hold them."""

    rows: list[int]
    held: tuple[set[int], ...]


class Redline:
    """A difference ready for the page. `first`: the number of its first change on that page."""

    def __init__(
        self,
        found: Difference,
        old: Reading,
        new: Reading,
        html: tuple[str, str] | None = None,
        first: int = 1,
    ) -> None:
        """`html`: both texts rendered with the places of their parts, for Markdown."""
        self.found, self.old, self.new, self.html, self.first = found, old, new, html, first

    def number(self, place: int) -> int:
        """The change that a row belongs to, on the page; 0 for none."""
        number = self.found.numbers[place]
        return number + self.first - 1 if number else 0

    @cached_property
    def stretches(self) -> list[Stretch]:
        made = self._of_elements() if self.html else self._of_text()
        for one in made:
            self._describe(one)
        return made

    def _describe(self, one: Stretch) -> None:
        rows = [self.found.rows[place] for place in one.rows]
        for place in one.rows:
            row = self.found.rows[place]
            kind = "went" if row.side == OLD else row.kind
            if kind != SAME and kind not in one.kinds:
                one.kinds.append(kind)
            if row.side == OLD:
                one.went_to = self.number(self._arrivals[row.old])
            elif row.side == NEW:
                one.came_as = self.number(place)
        one.numbers = sorted({number for place in one.rows if (number := self.number(place))})
        olds = [row.in_old for row in rows if row.in_old]
        news = [row.in_new for row in rows if row.in_new]
        one.old_number = olds[0].number if olds else None
        one.new_number = news[0].number if news else None

    @cached_property
    def _arrivals(self) -> dict[Part | None, int]:
        """Where each part that moved is now, by the part that it was."""
        return {row.old: place for place, row in enumerate(self.found.rows) if row.side == NEW}

    @cached_property
    def _departures(self) -> dict[int, int]:
        """The first row of what moved, where it was, by the change as which it did."""
        found: dict[int, int] = {}
        for place, row in enumerate(self.found.rows):
            if row.side == OLD:
                found.setdefault(self.number(self._arrivals[row.old]), place)
        return found

    # Attributes and pieces ----------------------------------------------------------------------------------
    def _ids(self, place: int) -> str:
        """What makes the first row of a change findable, and the place that something moved away from."""
        row, number = self.found.rows[place], self.number(place)
        if row.side == OLD:
            there = self.number(self._arrivals[row.old])
            return f' id="was-{there}"' if self._departures[there] == place else ""
        if not number or (place and self.number(place - 1) == number):
            return ""
        return f' id="change-{number}" data-change="{number}" tabindex="-1"'

    def ink(self, place: int, side: str) -> Ink:
        """Of one row, as it is shown on that side."""
        row = self.found.rows[place]
        alone = row.kind in (REMOVED, ADDED)
        mine = "" if side == OLD and row.in_new else self._ids(place)
        pieces: list[Piece] = []
        for edit in row.edits:
            if not edit.changed:
                pieces.append(Piece(edit.old if side == OLD else edit.new))
                continue
            if edit.old and side != NEW:
                pieces.append(Piece(edit.old, "del", put_in=side == WORDS and not alone))
            if edit.new and side != OLD:
                pieces.append(Piece(edit.new, "ins"))
        if row.side == OLD and row.old:
            pieces = [Piece(self.old.words(row.old), "del")]
        return Ink(pieces, mine)

    # Plain text ---------------------------------------------------------------------------------------------
    def _of_text(self) -> list[Stretch]:
        made = []
        for place, row in enumerate(self.found.rows):
            one = Stretch([place], [])
            if row.in_old:
                one.old = plain(self.ink(place, OLD))
            if row.in_new:
                one.new = plain(self.ink(place, NEW))
            one.words = plain(self.ink(place, WORDS))
            made.append(one)
        return made

    # Markdown -----------------------------------------------------------------------------------------------
    def _of_elements(self) -> list[Stretch]:
        assert self.html
        olds, news = (list(elements(html)) for html in self.html)
        made = []
        for rows, before, after in self._groups(olds, news):
            one = Stretch(rows, [])
            inks = {side: self._inks(rows, side) for side in (OLD, NEW)}
            one.old = mark_safe("".join(inked(each.html, inks[OLD]) for each in before))
            one.new = mark_safe("".join(inked(each.html, inks[NEW]) for each in after))
            kinds = {self.found.rows[place].kind for place in rows}
            drawn = any(each.is_drawing for each in (*before, *after))
            if not after:
                one.words = one.old
            elif kinds <= {SAME}:
                one.words = one.new
            elif drawn and before:
                one.is_apart = True
            else:
                one.words = mark_safe("".join(inked(each.html, self._with_what_went(rows)) for each in after))
            made.append(one)
        return made

    def _inks(self, rows: list[int], side: str) -> dict[int, Ink]:
        found = {}
        for place in rows:
            row = self.found.rows[place]
            part = row.in_old if side == OLD else row.in_new
            if part:
                found[part.start] = self.ink(place, side)
        return found

    def _with_what_went(self, rows: list[int]) -> dict[int, Ink]:
        """The new text's parts, with what went; a whole part that did stands at the end of the one before it."""
        found: dict[int, Ink] = {}
        waiting: list[Piece] = []
        last: Ink | None = None
        for place in rows:
            row, ink = self.found.rows[place], self.ink(place, WORDS)
            if row.in_new:
                ink.pieces[:0] = waiting
                waiting = []
                found[row.in_new.start] = last = ink
                continue
            text = "".join(piece.text for piece in ink.pieces)
            (waiting if last is None else last.pieces).append(
                Piece(text, "del", put_in=True, whole=True, attributes=ink.attributes)
            )
        return found

    def _groups(
        self, olds: list[Element], news: list[Element]
    ) -> Iterator[tuple[list[int], list[Element], list[Element]]]:
        """Rows whose elements belong together, such as two lists of which one has an item more."""
        which = [holder(olds), holder(news)]
        groups: list[Group] = []
        last: list[int | None] = [None, None]
        for place, row in enumerate(self.found.rows):
            parts = (row.in_old, row.in_new)
            held = tuple({which[side](part)} if part else set() for side, part in enumerate(parts))
            first = len(groups)
            for side, mine in enumerate(held):
                before = last[side]
                # Both sides are in order: an element that was held before is in the last group that held any.
                if before is not None and mine & groups[before].held[side]:
                    first = min(first, before)
            group = Group([], (set(), set()))
            for one in [*groups[first:], Group([place], held)]:
                group.rows.extend(one.rows)
                for side in (0, 1):
                    group.held[side].update(one.held[side])
            groups[first:] = [group]
            last = [first if group.held[side] else last[side] for side in (0, 1)]
        yield from self._with_rules(groups, olds, news)

    def _with_rules(
        self, groups: list[Group], olds: list[Element], news: list[Element]
    ) -> Iterator[tuple[list[int], list[Element], list[Element]]]:
        """With the elements that have no text, which follow what stands before them."""
        ends = [0, 0]
        for group in groups:
            shown: list[list[Element]] = []
            for side, (held, all_of) in enumerate(zip(group.held, (olds, news), strict=True)):
                first, last = ends[side], max(held, default=-1) + 1
                while held and last < len(all_of) and all_of[last].start is None:
                    last += 1
                shown.append(all_of[first:last])
                ends[side] = max(ends[side], last)
            yield group.rows, shown[0], shown[1]
        if ends[0] < len(olds) or ends[1] < len(news):
            yield [], olds[ends[0] :], news[ends[1] :]


def holder(found: Sequence[Element]) -> Callable[[Part], int]:
    """Says in which of the elements a part stands."""
    places = [(one.start, number) for number, one in enumerate(found) if one.start is not None]
    starts = [start for start, _number in places]
    return lambda part: places[max(bisect_right(starts, part.start) - 1, 0)][1] if places else 0


def elements(html: str) -> Iterator[Element]:
    """The elements at the top of rendered Markdown, in order."""
    depth, begin = 0, 0
    for tag in TAG.finditer(html):
        if tag[2] in VOID:
            if depth == 0:
                yield Element(html[begin : tag.end()].strip(), None)
                begin = tag.end()
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            inside = html[begin : tag.end()].strip()
            place = START.search(inside)
            yield Element(inside, int(place[1]) if place else None)
            begin = tag.end()


def inked(html: str, inks: dict[int, Ink]) -> str:
    """Rendered Markdown with the pieces of its parts where their text stands."""
    out: list[str] = []
    at, depth, inside = 0, 0, 0
    ink: Ink | None = None
    left: list[Piece] = []
    for tag in TAG.finditer(html):
        text = html[at : tag.start()]
        out.append(spread(text, left) if ink else text)
        at = tag.end()
        if tag[2] in VOID:
            out.append(tag[0])
            continue
        if tag[1]:
            if ink and depth == inside:
                out += [wrapped(piece) for piece in left if piece.put_in]
                ink, left = None, []
            depth -= 1
            out.append(tag[0])
            continue
        depth += 1
        place = START.search(tag[3])
        if place and (ink := inks.get(int(place[1]))):
            inside, left = depth, list(ink.pieces)
            out.append(f"{tag[0][:-1]}{ink.attributes}>")
        else:
            out.append(tag[0])
    return "".join([*out, html[at:]])


def spread(html: str, left: list[Piece]) -> str:
    """A run of text as its pieces; takes them from those that are left."""
    text = unescape(html)
    out = []
    while text and left:
        piece = left.pop(0)
        if piece.put_in:
            out.append(wrapped(piece))
            continue
        mine, text = text[: len(piece.text)], text[len(piece.text) :]
        out.append(wrapped(Piece(mine, piece.tag)))
        if len(mine) < len(piece.text):
            left.insert(0, Piece(piece.text[len(mine) :], piece.tag))
    return "".join(out) + escape(text)


def wrapped(piece: Piece) -> str:
    if not piece.tag:
        return str(escape(piece.text))
    kind = ' class="whole"' if piece.whole else ""
    return f"<{piece.tag}{kind}{piece.attributes}>{escape(piece.text)}</{piece.tag}>"


def plain(ink: Ink) -> SafeString:
    text = "".join(wrapped(piece) for piece in ink.pieces)
    return mark_safe(f"<span{ink.attributes}>{text}</span>" if ink.attributes else text)
