"""A reading without what moves when nothing is said anew: white space, line ends, hyphens at them, running heads.

What is left are its letters. Both readings are compared letter by letter, and each letter knows its place in the text.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from submissions.formats.reading import Reading

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
HYPHENS = "-\u2010\u2011\u00ad"
HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=\s*[^\W\d_])")
"""Between two letters of words; on pages, where lines are broken, one may come or go."""
SENTENCE = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[]*[^\W_a-z])|[。！？])")
"""The end of a sentence."""
WORD = re.compile(r"\S+")
TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
LONG_UNIT = 60
"""Words; a longer unit, which has no sentences, is cut."""
NUMBERED = re.compile(r"\s*(?:\d+(?:\.\d+)*\.?\s+[^\W\d_]|[•–▪◦*-]\s)")
"""How a heading or an item begins on a page."""
SHORT = 0.6
"""Of the usual length; a shorter line ends a paragraph."""
ENDS = tuple(".!?:;")
TITLE = 60
"""Characters of a line that can be a heading."""
EDGE = 2
"""Lines at the top and at the foot of a page that can be running heads."""
PAGES = 3
"""On fewer pages nothing is a running head."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a line, a heading: what is matched as one. `start` and `end` count letters."""

    start: int
    end: int
    key: str
    """Its letters: two units with the same are twins."""
    is_heading: bool
    leads: bool
    """Whether it is a heading, or a line on a page that looks like one: it belongs to what stands under it."""


class Letters:
    """The letters of a reading and the units they form."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.is_paged = any(part.kind == "page" for part in reading.parts)
        self.text, self.places = _squeezed(reading, self.is_paged)

    def inside(self, start: int, end: int) -> tuple[int, int]:
        """The letters of a stretch of the text: from, to."""
        return bisect_left(self.places, start), bisect_left(self.places, end)

    def outside(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text that holds these letters, at least one."""
        return self.places[start], self.places[end - 1] + 1

    @cached_property
    def units(self) -> list[Unit]:
        """In order; together they have every letter once."""
        heads = {part.start for part in self.reading.headings}
        found: list[Unit] = []
        for first, last in _stretches(self.reading, self.is_paged):
            start, end = self.inside(first, last)
            if start < end:
                key, is_heading = self.text[start:end], first in heads
                inner = self.reading.text[slice(*self.outside(start, end))]
                leads = is_heading or (self.is_paged and _is_title(inner))
                found.append(Unit(start, end, key, is_heading, leads))
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.start for unit in self.units]

    def unit_at(self, letter: int) -> int:
        """The number of the unit that a letter is in."""
        return max(bisect_right(self._starts, letter) - 1, 0)

    @cached_property
    def _tokens(self) -> tuple[list[str], list[int], list[int]]:
        """All words and marks in order: their letters, where they begin and where they end."""
        words: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for found in TOKEN.finditer(self.reading.text):
            start, end = self.inside(*found.span())
            if start == end:
                continue
            # A word that a hyphen or a line end had parted is one again.
            if ends and self.is_paged and self._is_torn(ends[-1], start) and words[-1].isalpha():
                words[-1] += self.text[start:end]
                ends[-1] = end
            else:
                words.append(self.text[start:end])
                starts.append(start)
                ends.append(end)
        return words, starts, ends

    def _is_torn(self, before: int, after: int) -> bool:
        """Whether a hyphen that does not count stands between two letters."""
        between = self.reading.text[self.places[before - 1] + 1 : self.places[after]]
        return before == after and any(mark in HYPHENS for mark in between)

    def tokens(self, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """The words and marks between two letters."""
        words, starts, ends = self._tokens
        for at in range(bisect_left(starts, start), bisect_left(starts, end)):
            yield words[at], starts[at], ends[at]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word or mark is there."""
        return Counter(self._tokens[0])

    @cached_property
    def rows(self) -> Counter[tuple[str, str]]:
        """How often each word follows each."""
        words = self._tokens[0]
        return Counter(pairwise(words))


def _is_title(text: str) -> bool:
    """Whether a stretch between two paragraphs looks like a heading: a short line that is no sentence."""
    line = text.strip()
    return (
        "\n" not in line
        and len(line) <= TITLE
        and line[:1].isupper() | line[:1].isdigit()
        and line[-1:].isalnum()
    )


def _squeezed(reading: Reading, is_paged: bool) -> tuple[str, list[int]]:
    text = reading.text
    dropped = {found.start() for found in HYPHEN.finditer(text)} if is_paged else set()
    for start, end in _running_heads(reading) if is_paged else ():
        dropped.update(range(start, end))
    letters: list[str] = []
    places: list[int] = []
    for run in WORD.finditer(text):
        first, last = run.span()
        word = run.group()
        if word.isascii() and not (dropped and any(at in dropped for at in range(first, last))):
            letters.append(word)
            places.extend(range(first, last))
            continue
        for at in range(first, last):
            if at in dropped or text[at] in INVISIBLE:
                continue
            # Ligatures and accents count the same however they are written.
            plain = "".join(unicodedata.normalize("NFKD", text[at]).split())
            letters.append(plain)
            places.extend([at] * len(plain))
    return "".join(letters), places


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a stretch that say something."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if text[start:stop].strip():
            yield start, stop
        start = stop + 1


def _running_heads(reading: Reading) -> list[tuple[int, int]]:
    """The lines at the edges of pages that stand on many of them, but for their numbers."""
    seen: dict[str, list[tuple[int, int]]] = {}
    pages = [part for part in reading.parts if part.kind == "page"]
    for page in pages:
        lines = list(_lines(reading.text, page.start, page.end))
        for start, end in dict.fromkeys(lines[:EDGE] + lines[-EDGE:]):
            mask = re.sub(r"\d+", "#", "".join(reading.text[start:end].split())).casefold()
            seen.setdefault(mask, []).append((start, end))
    enough = max(PAGES, len(pages) // 2)
    return [line for lines in seen.values() if len(lines) >= enough for line in lines]


def _stretches(reading: Reading, is_paged: bool) -> Iterator[tuple[int, int]]:
    """Sentences within blocks, lines and paragraphs, as stretches of the text."""
    cuts = {0, len(reading.text)}
    if is_paged:
        cuts.update(_paragraphs(reading))
        kinds: Iterable[str] = ("heading",)
    else:
        kinds = ("heading", "block", "line", "cell")
        if not any(part.kind in kinds for part in reading.parts):
            cuts.update(found.end() for found in re.finditer(r"\n\s*\n", reading.text))
    for part in reading.parts:
        if part.kind in kinds:
            cuts.update((part.start, part.end))
    ordered = sorted(cuts)
    for start, end in pairwise(ordered):
        yield from _sentences(reading.text, start, end)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a stretch; what has none is cut after so many words."""
    for found in SENTENCE.finditer(text, start, end):
        yield from _cut(text, start, found.end())
        start = found.end()
    yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch itself, or, where it is long, pieces of it that end at commas if there are any."""
    if end - start > LONG_UNIT * 6:
        words = 0
        for found in WORD.finditer(text, start, end):
            words += 1
            # So that the same words are cut alike wherever they stand.
            is_seam = found.group()[-1] in ",;:" or len(found.group()) > LONG_UNIT
            if words >= LONG_UNIT * 2 or (words >= LONG_UNIT // 3 and is_seam):
                yield start, found.end()
                start, words = found.end(), 0
    if start < end:
        yield start, end


def _paragraphs(reading: Reading) -> Iterator[int]:
    """Where paragraphs end on pages."""
    heads = set(_running_heads(reading))
    blocks = [(part.start, part.end) for part in reading.parts if part.kind in ("block", "heading")]
    text = reading.text
    if blocks:
        for (start, end), (after, last) in pairwise(blocks):
            # A paragraph that goes on overleaf is two blocks.
            goes_on = text[start:end].rstrip()[-1:] not in ENDS and text[after:last].lstrip()[:1].islower()
            if not goes_on or {(start, end), (after, last)} & heads:
                yield after
        return
    pages = [part for part in reading.parts if part.kind == "page"]
    lines = [line for page in pages for line in _lines(text, page.start, page.end) if line not in heads]
    lengths = sorted(end - start for start, end in lines)
    usual = lengths[len(lengths) * 3 // 4] if lengths else 0
    for (start, end), (after, last) in pairwise(lines):
        begins = text[after:last].lstrip()[:1]
        is_short = end - start < SHORT * usual and not begins.islower()
        if is_short or NUMBERED.match(text, after, last):
            yield after
