"""The lines of a page as paragraphs, told by where they stand: a PDF knows letters and their places, and no more.

So the same paragraph reads the same when it is wrapped elsewhere in the next version.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

BULLET = re.compile(r"(?:[•◦▪▫‣⁃·–—*-]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]|\[\d{1,3}\])$")
"""A first word that begins an item."""
UNSPACED = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Letters of scripts that put no space between words."""
NARROW = 12
"""Of lines no wider than so many times their height none was wrapped: they are a list, or a table."""


class Word(NamedTuple):
    """A word and its edges, in points from the upper left corner of the page as it is shown."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Line:
    """At least one word, in the order in which they are read, and the edges of them all."""

    __slots__ = ("height", "is_broken", "left", "right", "top", "words")

    def __init__(self, words: Sequence[Word], is_broken: bool = False) -> None:
        self.words = words
        self.is_broken = is_broken
        """Whether its last word goes on in the next line, after a hyphen."""
        _texts, lefts, tops, rights, bottoms = zip(*words, strict=True)
        self.left, self.right, self.top = min(lefts), max(rights), min(tops)
        self.height = max(max(bottoms) - self.top, 0.1)


def paragraphs(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines that were wrapped, put together again; each table row, item or heading stays by itself."""
    for column in _columns(lines):
        margin = max(line.right for line in column)
        is_narrow = margin - min(line.left for line in column) < NARROW * column[0].height
        block = [column[0]]
        for line in column[1:]:
            if not is_narrow and _is_wrapped(block[-1], line, margin):
                block.append(line)
            else:
                yield block
                block = [line]
        yield block


def separator(before: Line, after: Line) -> str:
    """What stands between two lines of a paragraph."""
    if before.is_broken:
        return ""
    last, first = before.words[-1].text[-1:], after.words[0].text[:1]
    return "" if UNSPACED.match(last) and UNSPACED.match(first) else " "


def _columns(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines below one another, of one size and at one distance."""
    column: list[Line] = []
    for line in lines:
        if column and not _goes_on(column, line):
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _goes_on(column: list[Line], line: Line) -> bool:
    above = column[-1]
    height = above.height
    step = line.top - above.top
    if not 0.8 < line.height / height < 1.25 or line.left > above.right or line.right < above.left:
        return False
    if len(column) > 1:
        return abs(step - (above.top - column[-2].top)) < 0.25 * height
    return 0.5 * height < step < 1.8 * height


def _is_wrapped(above: Line, line: Line, margin: float) -> bool:
    """Whether the break between two lines was made for want of room: the next word would not have fitted."""
    first = line.words[0]
    if above.is_broken:
        return True
    if BULLET.match(first.text):
        return False
    is_hanging = bool(BULLET.match(above.words[0].text)) and len(above.words) > 1
    if line.left > above.left + 0.5 * above.height and not is_hanging:
        return False
    return above.right + 0.2 * above.height + (first.right - first.left) > margin
