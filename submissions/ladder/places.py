"""Selectors, in the terms of the W3C Web Annotation model: made for a place in a reading, and read again."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from submissions.formats.reading import Part, Reading

Selector = dict[str, Any]
AROUND = 32
"""Characters before and after a passage that are kept with it."""
QUOTED = 4000
"""Characters; a part that has more, such as a page, is named but not quoted."""
INNER = ("page", "cell", "line", "heading", "block")
PAGE = re.compile(r"page=(\d{1,6})(?=&)")


@dataclass(frozen=True)
class Place:
    """What selectors say of a place; what they do not say is empty."""

    exact: str = ""
    prefix: str = ""
    suffix: str = ""
    start: int = -1
    end: int = -1
    region: str = ""
    kind: str = ""
    number: int = 0
    is_passage: bool = False
    """Whether words are named, and not a part or a region alone."""

    @property
    def page(self) -> int:
        """Of a region, or of what names a page; 0 without one."""
        found = PAGE.match(self.region)
        return int(found[1]) if found else self.number if self.kind == "page" else 0


def read(selectors: Iterable[Selector]) -> Place:
    """The place that selectors name."""
    by_type = {str(one.get("type")): one for one in selectors if isinstance(one, dict)}
    quote, position = by_type.get("TextQuoteSelector", {}), by_type.get("TextPositionSelector", {})
    fragment, section = by_type.get("FragmentSelector", {}), by_type.get("SectionSelector", {})
    return Place(
        str(quote.get("exact", "")),
        str(quote.get("prefix", "")),
        str(quote.get("suffix", "")),
        int(position.get("start", -1)),
        int(position.get("end", -1)),
        str(fragment.get("value", "")),
        str(section.get("kind", "")),
        int(section.get("number", 0)),
        bool(quote) or bool(position),
    )


def find(place: Place, reading: Reading) -> tuple[int, int] | None:
    """Where in the reading in which it was made the passage or part stands; None when it is not there.

    The words count, wherever they are: what was read of a file may be read otherwise by a later release.
    """
    text = reading.text
    if 0 <= place.start < place.end <= len(text) and (
        not place.exact or text[place.start : place.end] == place.exact
    ):
        return place.start, place.end
    if place.exact:
        found = [one.start() for one in re.finditer(re.escape(place.exact), text)][:1000]
        if found:
            start = max(found, key=lambda at: (_agreement(place, text, at), -abs(at - place.start)))
            return start, start + len(place.exact)
    part = next((one for one in reading.parts if (one.kind, one.number) == (place.kind, place.number)), None)
    return (part.start, part.end) if part and not place.exact else None


def _agreement(place: Place, text: str, at: int) -> int:
    """How many characters before and after are as they were."""
    before, after = text[max(at - AROUND, 0) : at], text[at + len(place.exact) :][:AROUND]
    same = 0
    for ours, theirs in ((place.prefix[::-1], before[::-1]), (place.suffix, after)):
        for one, other in zip(ours, theirs, strict=False):
            if one != other:
                break
            same += 1
    return same


def passage(reading: Reading, start: int, end: int) -> list[Selector]:
    """The selectors of a stretch of the text."""
    part = next((one for kind in INNER if (one := reading.part(kind, start))), None)
    return [*_words(reading, start, end), _section(reading, start, part)]


def entry(reading: Reading, part: Part) -> list[Selector]:
    """The selectors of a part as a whole: a heading, a page, a cell, a line, a block."""
    words = reading.words(part)
    quoted = _words(reading, part.start, part.end) if words.strip() and len(words) <= QUOTED else []
    return [*quoted, _section(reading, part.start, part)]


def region(value: str) -> list[Selector]:
    """The selector of a rectangle on a page or a picture."""
    return [{"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": value}]


def _words(reading: Reading, start: int, end: int) -> list[Selector]:
    text = reading.text
    return [
        {
            "type": "TextQuoteSelector",
            "exact": text[start:end],
            "prefix": text[max(start - AROUND, 0) : start],
            "suffix": text[end : end + AROUND],
        },
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]


def _section(reading: Reading, at: int, part: Part | None) -> Selector:
    path: Sequence[str] = [reading.words(one) for one in reading.section(at)]
    found: Selector = {"type": "SectionSelector", "path": path}
    return found | ({"kind": part.kind, "number": part.number} if part else {})
