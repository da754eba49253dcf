"""The lines of a text while it is being edited: what stays, what goes, what comes where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .lines import Lines

UNDERLINE = re.compile(r"[ ]{0,3}(?:-+|=+)[ \t]*$")
MARKER_NUMBER = re.compile(r"([ \t]*)(\d{1,9})(?=[.)])")


@dataclass(eq=False)
class Cell:
    """One line. `end` is None for a new line, which takes the document's majority."""

    text: str
    end: str | None = None
    alive: bool = True
    before: list["Cell"] = field(default_factory=list)
    after: list["Cell"] = field(default_factory=list)

    def all(self) -> Iterator["Cell"]:
        """This line, where it stays, between the new lines that hang on it."""
        for cell in self.before:
            yield from cell.all()
        if self.alive:
            yield self
        for cell in self.after:
            yield from cell.all()


class Sheet:
    """A text's lines as cells, and the blocks of lines that change places."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = Lines.of(source)
        self.cells = [Cell(text, end) for text, end in zip(self.lines.raw, self.lines.ends, strict=True)]
        self.slots: dict[int, tuple[int, int, int]] = {}
        """By the first line of a place: its end, and the first and last line of the block that goes there."""
        crlf = sum(end == "\r\n" for end in self.lines.ends)
        self.newline = "\r\n" if crlf * 2 > len(self.lines.ends) else "\n"

    def blank(self, line: int) -> bool:
        """Whether a line, counted in the old text, is blank or outside the text."""
        return not 0 <= line < len(self.cells) or not self.cells[line].text.replace("\r", " ").strip(
            " \t\ufeff"
        )

    def kill(self, first: int, last: int) -> None:
        for cell in self.cells[first:last]:
            cell.alive = False

    def close_gap(self, first: int, last: int) -> None:
        """After the lines from `first` to `last` went: keep one of the two runs of blank lines around
        them.
        """
        while first > 0 and not self.cells[first - 1].alive:
            first -= 1
        while last < len(self.cells) and not self.cells[last].alive:
            last += 1
        following = last
        while following < len(self.cells) and self.blank(following):
            following += 1
        if following == len(self.cells):
            while first > 0 and self.blank(first - 1):
                first -= 1
            self.kill(first, following)
        elif self.blank(first - 1):
            self.kill(last, following)
        elif following == last:
            self.keep_apart(first, last)

    def keep_apart(self, first: int, last: int) -> None:
        """After the lines from `first` to `last` went: a rule that follows must not underline what stands above."""
        if self.blank(first - 1) or self.blank(last):
            return
        if UNDERLINE.match(self.lines.plain[last]):
            self.cells[first].after.append(Cell(""))

    def renumber(self, cells: list[Cell], rests: dict[Cell, list[Cell]], numbers: list[int]) -> None:
        """Give the items of an ordered list, in their new order, the numbers that fit the old ones."""
        same = len(numbers) > 1 and len(set(numbers)) == 1
        for index, cell in enumerate(cells):
            number = numbers[index] if len(cells) == len(numbers) else numbers[0] + (0 if same else index)
            found = MARKER_NUMBER.match(cell.text)
            if found is None or int(found[2]) == number:
                continue
            written = str(number).zfill(len(found[2]) if found[2][0] == "0" else 0)
            cell.text = found[1] + written + cell.text[found.end() :]
            wider = len(written) - len(found[2])
            for rest in rests.get(cell, []) if wider > 0 else []:
                if rest.text[:1] in {" ", "\t"} and rest.text.strip(" \t"):
                    rest.text = " " * wider + rest.text

    def output(self, first: int, last: int, inside: bool = False) -> Iterator[Cell]:
        """The living cells of a run of lines in their new order."""
        line = first
        while line < last:
            slot = self.slots.get(line) if not (inside and line == first) else None
            if slot is None:
                yield from self.cells[line].all()
                line += 1
            else:
                yield from self.output(slot[1], slot[2], inside=True)
                line = slot[0]

    def text(self) -> str:
        """The whole new text: every old line keeps its own end."""
        cells = list(self.output(0, len(self.cells)))
        parts = []
        for index, cell in enumerate(cells):
            end = self.newline if cell.end is None else cell.end
            if index < len(cells) - 1:
                end = end or self.newline
            elif not self.lines.ends[-1] and (cell.end is None or self.cells[-1].alive):
                end = ""
            parts.append(cell.text + end)
        return "".join(parts)
