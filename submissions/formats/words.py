"""Where the words of a PDF are on its pages: packed for the database, and asked by their place in the text."""

import struct
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from submissions.formats.reading import Box

SCALE = 65_535
"""Fractions of a page are kept as so many steps."""
FIELDS = 7

Word = Sequence[int]
"""Page, first character in the text, number of characters; left, top, width and height in steps."""


def pack(words: Iterable[Word]) -> bytes:
    """Words in the order of the text. Column by column, and places as steps: that packs to a third."""
    columns = [array("H") for _ in range(FIELDS)]
    page = start = 0
    for word in words:
        for column, value in zip(columns, (word[0] - page, word[1] - start, *word[2:]), strict=True):
            column.append(value)
        page, start = word[0], word[1]
    if not columns[0]:
        return b""
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return zlib.compress(
        struct.pack("<I", len(columns[0])) + b"".join(column.tobytes() for column in columns)
    )


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
