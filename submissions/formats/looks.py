"""How pages and pictures look: a digest of each tile of what is drawn, so that a region can be told to be the same.

Made in the child, compared without the pixels. What was saved anew without loss, or with other words about it, looks
the same; so does a part that nobody touched.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from math import ceil
from typing import Any

GRID = 20
"""Tiles across, and down."""
DIGEST = 4
"""Bytes of a tile."""
SIZE = GRID * GRID * DIGEST
HEAD = struct.Struct("<HII")
MOST = 2_000
"""Pages of one file; more than any limit lets in."""
AROUND = 1
"""Tiles beside those that a region touches, which must be the same too."""
PLAIN = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}
"""Of the modes of Pillow those that are the same picture when they are made one of them."""
REGION = re.compile(r"(?:page=\d+&)?xywh=percent:([\d.]+),([\d.]+),([\d.]+),([\d.]+)")


@dataclass(frozen=True)
class Look:
    """One page, or a picture, as it was drawn: width and height in pixels, and its tiles row by row."""

    width: int
    height: int
    tiles: bytes

    def is_same(self, other: "Look", region: str) -> bool:
        """Whether a region, as a media fragment has it, looks the same on both, and what is close around it."""
        if (self.width, self.height) != (other.width, other.height):
            return False
        found = REGION.fullmatch(region)
        if not found or min(self.width, self.height) < 2 * GRID:
            return self == other
        left, top, width, height = (float(one) * GRID / 100 for one in found.groups())
        across, down = _touched(left, left + width), _touched(top, top + height)
        return all(self._row(row, across) == other._row(row, across) for row in down)

    def _row(self, row: int, across: range) -> bytes:
        start = row * GRID * DIGEST
        return self.tiles[start + across.start * DIGEST : start + across.stop * DIGEST]


def _touched(first: float, last: float) -> range:
    return range(max(int(first) - AROUND, 0), min(ceil(last) + AROUND, GRID))


class Looks:
    """Of one file by page, from 1; a picture is page 1. What could not be drawn in time has none."""

    def __init__(self, packed: bytes) -> None:
        plain = zlib.decompress(packed) if packed else b""
        self.pages: dict[int, Look] = {}
        for at in range(0, len(plain), HEAD.size + SIZE):
            page, width, height = HEAD.unpack_from(plain, at)
            self.pages[page] = Look(width, height, plain[at + HEAD.size : at + HEAD.size + SIZE])

    def is_same(self, page: int, other: "Looks", there: int, region: str) -> bool:
        """Whether a region of a page looks as it does on that page of the other; False where that is not known."""
        mine, theirs = self.pages.get(page), other.pages.get(there)
        return bool(mine and theirs and mine.is_same(theirs, region))


def packed(found: Iterable[tuple[int, Look]]) -> bytes:
    """For the database; nothing of nothing."""
    plain = b"".join(HEAD.pack(page, one.width, one.height) + one.tiles for page, one in found)
    return zlib.compress(plain) if plain else b""


def heard(said: list[Any]) -> tuple[int, Look]:
    """What the child says of a page. Raises ValueError and its kin for nonsense."""
    page, width, height, tiles = said
    look = Look(int(width), int(height), bytes.fromhex(tiles))
    if (
        len(look.tiles) != SIZE
        or not 1 <= page <= MOST
        or not 0 < min(width, height) <= max(width, height) < 2**32
    ):
        raise ValueError(page)
    return page, look


# In the child -----------------------------------------------------------------------------------------------
def told(page: int, image: Any, seed: bytes = b"") -> dict[str, Any]:
    """What the child says of a page or a picture, as Pillow has it. `seed`: what else decides how it looks."""
    width, height = image.size
    tiles = b"".join(blake2b(tile, digest_size=DIGEST, key=seed).digest() for tile in _tiles(image))
    return {"look": [page, width, height, tiles.hex()]}


def _tiles(image: Any) -> Iterator[bytes]:
    """The pixels of each, a row of tiles at a time, so that no second copy of the whole is made."""
    width, height = image.size
    edges = [round(column * width / GRID) for column in range(GRID + 1)]
    for row in range(GRID):
        strip = image.crop((0, round(row * height / GRID), width, round((row + 1) * height / GRID)))
        if strip.mode in PLAIN and strip.size[1]:
            # What is not seen through has the same colours however it was saved; what is not seen at all has none.
            strip = strip.convert("RGBA").convert("RGBa")
        for left, right in pairwise(edges):
            yield strip.crop((left, 0, right, strip.size[1])).tobytes() if strip.size[1] else b""
