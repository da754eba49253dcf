"""What the page needs to show a file, and the lines of its outline."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from submissions.formats.reading import SEPARATOR


def placed(lines: tuple[str, ...], start: int = 0) -> Iterator[tuple[int, str]]:
    """Each line with the place of its first character in the reading."""
    for line in lines:
        yield start, line
        start += len(line) + len(SEPARATOR)


@dataclass(frozen=True)
class Output:
    """What one cell put out: lines of text, a picture by its number for `cell_image`, or neither of them."""

    lines: tuple[str, ...] = ()
    image: int | None = None
    error: bool = False
    start: int = field(default=0, compare=False)
    """Where the first line begins in the reading."""

    @property
    def placed(self) -> Iterator[tuple[int, str]]:
        return placed(self.lines, self.start)


@dataclass(frozen=True)
class Cell:
    """One cell, counted from 1: `kind` is "markdown" (then `html` is there, and safe), "code" or "raw"."""

    number: int
    kind: str
    source: str
    lines: tuple[str, ...]
    outputs: tuple[Output, ...] = ()
    html: str = ""
    start: int = field(default=0, compare=False)
    """Where the first line of code begins in the reading."""

    @property
    def placed(self) -> Iterator[tuple[int, str]]:
        return placed(self.lines, self.start)


@dataclass(frozen=True)
class Shown:
    """What the page needs to show a file.

    `kind` is "markdown" (`html`, safe), "lines", "notebook" (`cells`), "pdf", "image" or "download"; the last
    three need only the file's address. `lines` are there for every form of text. `note` is a sentence when
    something was cut.
    """

    kind: str
    html: str = ""
    lines: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    truncated: bool = False
    note: str = ""
    headings: tuple["Entry", ...] = ()
    """Of Markdown: its outline, which was read with it."""

    @property
    def placed(self) -> Iterator[tuple[int, str]]:
        """The lines with their places in the reading, of the kind "lines"."""
        return placed(self.lines)


@dataclass(frozen=True)
class Entry:
    """One line of a file's outline: a heading (`number` is its line), a page or a cell; counted from 1."""

    kind: str
    number: int
    words: str
    level: int = 1
