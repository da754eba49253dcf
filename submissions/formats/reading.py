"""What is read of a file: its text as people see it, and where each part of it stands.

Anchors are made and placed against this text, never against what a viewer happens to draw.
"""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

SEPARATOR = "\n"
"""Between the texts of two blocks, lines or cells."""


@dataclass(frozen=True)
class Part:
    """A stretch of a reading's text that can be pointed at as a whole.

    `kind` is "heading", "block" (a paragraph, an item, a table's cell, a drawing), "line", "cell" or "page". Headings,
    blocks and lines never overlap; a cell or a page holds the blocks or lines within it.
    """

    kind: str
    start: int
    """Its first character in the text, from 0."""
    end: int
    """One after its last character."""
    number: int
    """Of a page, a cell or a line its place among its kind; of a heading or block the line of the source; from 1."""
    level: int = 0
    """Of a heading, from 1 for the highest; 0 of all else."""


@dataclass(frozen=True)
class Box:
    """A rectangle on a page or a picture, in fractions of its width and height from the upper left corner."""

    page: int
    """From 1; of a picture 1."""
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Reading:
    """The text of one file, or of what was written in the page, with its parts in order."""

    text: str
    parts: tuple[Part, ...] = ()
    note: str = ""
    """A sentence for people when not all of it was read; nothing otherwise."""

    def words(self, part: Part) -> str:
        """The text of a part."""
        return self.text[part.start : part.end]

    @cached_property
    def headings(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.kind == "heading")

    @cached_property
    def _heads(self) -> list[int]:
        return [heading.start for heading in self.headings]

    def section(self, at: int) -> tuple[Part, ...]:
        """The headings that a character stands under, the highest first; with the heading it stands in."""
        path: list[Part] = []
        for heading in self.headings[: bisect_right(self._heads, at)]:
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        return tuple(path)

    def part(self, kind: str, at: int) -> Part | None:
        """The page, the cell, the line or the block that a character stands in."""
        return next((part for part in self.parts if part.kind == kind and part.start <= at <= part.end), None)


@dataclass(frozen=True)
class Extracted:
    """What was read of a file, as it is kept: a reading, and where on the pages its words are."""

    text: str = ""
    parts: tuple[Part, ...] = ()
    boxes: bytes = b""
    """Of a PDF, as `words.pack` makes them."""
    note: str = ""
    """Why not all of it was read, a key of `formats.NOTES`; nothing when all of it was."""
    looks: bytes = b""
    """Of a PDF or a picture, as `looks.packed` makes them."""


class Writing:
    """A text in the making, with its parts: what is put goes to the end, after a separator."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._texts: list[str] = []
        self._length = 0

    @property
    def at(self) -> int:
        """Where the next text will start."""
        return self._length + bool(self._texts)

    @property
    def text(self) -> str:
        return SEPARATOR.join(self._texts)

    def put(self, kind: str, text: str, number: int, level: int = 0) -> None:
        self.parts.append(Part(kind, self.at, self.at + len(text), number, level))
        self._add(text)

    @contextmanager
    def within(self, kind: str, number: int) -> Iterator[None]:
        """A page or a cell, around what is put meanwhile. Of an empty one an empty text is there, to point at."""
        start, index, texts = self.at, len(self.parts), len(self._texts)
        yield
        if len(self._texts) == texts:
            self._add("")
        self.parts.insert(index, Part(kind, start, self._length, number))

    def extracted(self, note: str = "") -> Extracted:
        return Extracted(self.text, tuple(self.parts), note=note)

    def _add(self, text: str) -> None:
        self._length = self.at + len(text)
        self._texts.append(text)
