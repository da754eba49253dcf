"""What the child says of a file, piece by piece, made one. The child has looked at the file: it is not believed."""

import json
import re
from collections.abc import Iterable
from typing import Any

from submissions.formats.looks import MOST as MOST_LOOKS
from submissions.formats.looks import Look, heard, packed
from submissions.formats.reading import SEPARATOR, Extracted, Part
from submissions.formats.words import MOST, SCALE, Packing, Word

CHARACTERS = 2_000_000
"""The most that is read of one file."""
END = {"end": True}
"""What the child says after the last of the text: without it there was more. How pages look follows."""
KINDS = {"heading", "block", "line", "cell", "page"}
UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
"""What no database keeps."""


def assembled(lines: Iterable[bytes]) -> Extracted:
    """The text of all pieces that arrived whole; the note says whether something is missing."""
    texts: list[str] = []
    parts: list[Part] = []
    words = Packing()
    at = 0
    seen: list[tuple[int, Look]] = []
    note = is_whole = ""
    for line in lines:
        try:
            piece = json.loads(line)
            if piece == END:
                is_whole = "yes"
                continue
            if is_whole:
                seen.append(heard(piece["look"]))
                continue
            if "note" in piece:
                note = "failed" if piece["note"] == "failed" else "part"
                continue
            text, found, placed = _checked(piece, at)
            if at + len(text) > CHARACTERS or len(words) + len(placed) > MOST:
                break
            for word in placed:
                words.add(word)
        except (ValueError, TypeError, KeyError, IndexError, OverflowError):
            break
        texts.append(text)
        parts += found
        at += len(text) + len(SEPARATOR)
    if not is_whole:
        note = "part" if texts else "failed"
    return Extracted(SEPARATOR.join(texts), tuple(parts), words.packed(), note, packed(seen[:MOST_LOOKS]))


def _checked(piece: dict[str, Any], at: int) -> tuple[str, list[Part], list[Word]]:
    """Text, parts and words of a piece that begins at a place; raises ValueError and its kin for nonsense."""
    text = UNPRINTABLE.sub("\ufffd", piece["text"])
    parts = [
        Part(str(kind), at + start, at + end, int(number)) for kind, start, end, number in piece["parts"]
    ]
    last = 0
    words: list[Word] = []
    for page, start, length, *box in piece["words"]:
        steps = [page, length, *map(int, box)]
        if len(box) != 4 or min(steps) < 0 or max(steps) > SCALE or not last <= start <= len(text) - length:
            raise ValueError(start)
        last = start
        words.append((page, at + start, length, *box))
    if any(
        part.kind not in KINDS or part.number < 1 or not at <= part.start <= part.end <= at + len(text)
        for part in parts
    ):
        raise ValueError(parts)
    return text, parts, words
