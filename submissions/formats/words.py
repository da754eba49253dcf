"""Where the words of a PDF are on its pages: packed for the database, and asked by their place in the text."""

import struct
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from submissions.formats.reading import Box

SCALE = 65_535
"""Fractions of a page are kept as so many steps."""
FIELDS = 7

MOST = 500_000
"""Words of one file that have boxes: more than fill its pages."""

Word = Sequence[int]
"""Page, first character in the text, number of characters; left, top, width and height in steps."""


class Packing:
    """Words as they come, in the order of the text. Column by column, and places as steps: that packs to a third."""

    def __init__(self) -> None:
        self._columns = [array("H") for _ in range(FIELDS)]
        self._page = self._start = 0

    def __len__(self) -> int:
        return len(self._columns[0])

    def add(self, word: Word) -> None:
        """Raises OverflowError for what no page has."""
        steps = (word[0] - self._page, word[1] - self._start, *word[2:])
        if min(steps) < 0 or max(steps) > SCALE:
            raise OverflowError(word)
        for column, value in zip(self._columns, steps, strict=True):
            column.append(value)
        self._page, self._start = word[0], word[1]

    def packed(self) -> bytes:
        """For the database; nothing of no words."""
        if not len(self):
            return b""
        if sys.byteorder == "big":
            for column in self._columns:
                column.byteswap()
        columns = b"".join(column.tobytes() for column in self._columns)
        return zlib.compress(struct.pack("<I", len(self)) + columns)


class Words:
    """The words of one file, unpacked."""

    def __init__(self, packed: bytes) -> None:
        plain = zlib.decompress(packed) if packed else bytes(4)
        (count,) = struct.unpack_from("<I", plain)
        columns = [array("H") for _ in range(FIELDS)]
        for number, column in enumerate(columns):
            column.frombytes(plain[4 + 2 * count * number : 4 + 2 * count * (number + 1)])
            if sys.byteorder == "big":
                column.byteswap()
        self.pages = array("H", accumulate(columns[0]))
        self.starts = array("I", accumulate(columns[1]))
        self.lengths, self.lefts, self.tops, self.widths, self.heights = columns[2:]

    def boxes(self, start: int, end: int) -> list[Box]:
        """A box for each line, or piece of a line, that the characters from `start` to before `end` stand on."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        found: list[list[int]] = []
        for index in range(first, bisect_left(self.starts, end)):
            if self.starts[index] + self.lengths[index] <= start:
                continue
            left, top = self.lefts[index], self.tops[index]
            word = [self.pages[index], left, top, left + self.widths[index], top + self.heights[index]]
            if found and _is_beside(found[-1], word):
                line = found[-1]
                line[1:] = [
                    min(line[1], left),
                    min(line[2], top),
                    max(line[3], word[3]),
                    max(line[4], word[4]),
                ]
            else:
                found.append(word)
        return [
            Box(page, left / SCALE, top / SCALE, (right - left) / SCALE, (bottom - top) / SCALE)
            for page, left, top, right, bottom in found
        ]


def _is_beside(line: Sequence[int], word: Sequence[int]) -> bool:
    """Whether the word goes on on the same line: level with it, and no further away than a wide gap."""
    middle = (word[2] + word[4]) / 2
    gap = max(word[1] - line[3], line[1] - word[3])
    return line[0] == word[0] and line[2] <= middle <= line[4] and gap < SCALE / 20
