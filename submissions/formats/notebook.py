"""Jupyter notebooks by cell. Of what the cells put out, only text and PNG or JPEG pictures are ever shown."""

import base64
import binascii
import io
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from submissions.formats import markdown
from submissions.formats.image import LIBRARIES, size_of
from submissions.formats.json import load
from submissions.formats.kinds import Kind, Unacceptable, sniff
from submissions.formats.reading import Extracted, Writing
from submissions.formats.sandbox import Limits, inspect
from submissions.formats.shown import Cell, Entry, Output, Shown
from submissions.formats.text import SHOWN_CHARACTERS, lines_of

__all__ = [
    "BROKEN",
    "IS_READ",
    "LIBRARIES",
    "SELECTORS",
    "cell_image",
    "cells",
    "extract",
    "inspect",
    "outline",
    "parse",
    "pictures",
    "show",
]

BROKEN = "notebook-other"
SELECTORS = frozenset({"passage", "heading", "block", "cell", "line"})
IS_READ = True

PICTURES = {"image/png": "png", "image/jpeg": "jpeg"}
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
HALVES = re.compile("[\0\ud800-\udfff]")
"""Halves of a character, and NUL: JSON can name them, and no page can hold them."""
LINE_ENDS = re.compile("\r\n?")
SHOWN_CELLS = 500
CELL_LINES = 1_000
"""Of one cell or one output."""
SHOWN_LINES = 10_000
"""Of all of them."""
CELL_BLOCKS = 15_000
"""Blocks, and cells of tables, that are rendered of all Markdown cells: more than a second's work."""


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """In the child: nothing to say beyond that there are cells, and no picture in them is too large."""
    notebook = load(file, limits)
    if (
        not isinstance(notebook, dict)
        or notebook.get("nbformat") != 4
        or not isinstance(notebook.get("cells"), list)
    ):
        raise Unacceptable("notebook-other")
    for media_type, data in _pictures(notebook):
        try:
            size_of(io.BytesIO(data), PICTURES[media_type].upper(), limits)
        except (OSError, SyntaxError):
            continue  # A damaged picture in a sound notebook: the page shows what the browser makes of it.
    return {}


def show(path: Path) -> Shown:
    found, cut = laid(path, Writing())
    note = _("Only a part of this notebook is shown. Download it to read all of it.") if cut else ""
    return Shown("notebook", cells=found, truncated=cut, note=note)


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    """Its cells, by their first words."""
    return [
        Entry("cell", cell.number, next((line.strip() for line in cell.lines if line.strip()), "")[:80])
        for cell in cells(path)[0]
    ]


def extract(path: Path, kind: Kind) -> Extracted:
    writing = Writing()
    _found, cut = laid(path, writing)
    return writing.extracted("part" if cut else "")


def laid(path: Path, writing: Writing) -> tuple[tuple[Cell, ...], bool]:
    """The cells as they are shown, each with its place in what is written; and whether anything was cut.

    Lines are counted through all cells and what they put out.
    """
    found, cut = cells(path)
    shown: list[Cell] = []
    line = 0
    for cell in found:
        html, outputs = "", []
        with writing.within("cell", cell.number):
            start = writing.at
            if cell.kind == "markdown":
                html = markdown.put(writing, cell.source, line)
                line += len(cell.lines)
            else:
                line = _put(writing, cell.lines, line)
            for output in cell.outputs:
                outputs.append(replace(output, start=writing.at))
                line = _put(writing, output.lines, line)
        shown.append(replace(cell, html=html, outputs=tuple(outputs), start=start))
    return tuple(shown), cut


def _put(writing: Writing, lines: tuple[str, ...], before: int) -> int:
    """Adds lines of which so many stand before, and counts them too."""
    for number, words in enumerate(lines, before + 1):
        writing.put("line", words, number)
    return before + len(lines)


def cells(path: Path) -> tuple[tuple[Cell, ...], bool]:
    """The cells of a notebook that passed `inspect`, Markdown not rendered; and whether anything was cut."""
    found: list[Cell] = []
    room = Room()
    pictures = 0
    for number, cell in enumerate(_cells(_read(path)), 1):
        if number > SHOWN_CELLS or room.is_full:
            return tuple(found), True
        kind = cell.get("cell_type")
        source = _joined(cell.get("source"))[: room.characters + 1]
        if kind == "markdown":
            source = room.rendered(source)
        lines = room.take(source)
        outputs = []
        for output in _outputs(cell):
            is_picture, words = _said(output)
            outputs.append(
                Output(image=pictures)
                if is_picture
                else Output(room.take(words), error=output.get("output_type") == "error")
            )
            pictures += is_picture
        found.append(
            Cell(number, kind if kind in ("markdown", "code") else "raw", source, lines, tuple(outputs))
        )
    return tuple(found), room.was_short


class Room:
    """What may still be shown of a notebook. Lines that are taken when there is no room are cut."""

    def __init__(self) -> None:
        self.characters, self.lines = SHOWN_CHARACTERS, SHOWN_LINES
        self.was_short = False
        self.blocks = CELL_BLOCKS

    @property
    def is_full(self) -> bool:
        return self.lines <= 0 or self.characters <= 0

    def rendered(self, text: str) -> str:
        """As much of a Markdown cell as may be rendered."""
        from curriculum.markdown import prices  # noqa: PLC0415 (the child imports this module, and has no use for it)

        found = list(prices(text[: self.characters]))
        lines = bisect_right(found, self.blocks)
        self.blocks -= found[lines - 1] if lines else 0
        shown = "\n".join(text[: self.characters].split("\n")[:lines])
        self.was_short |= lines < len(found) or len(text) > self.characters
        return shown if lines < len(found) else text[: self.characters]

    def take(self, text: str) -> tuple[str, ...]:
        lines, cut = lines_of(text[: max(self.characters, 0)], max(min(CELL_LINES, self.lines), 0))
        self.was_short |= cut or len(text) > self.characters
        self.lines -= len(lines)
        self.characters -= sum(len(line) + 1 for line in lines)
        return lines


def cell_image(path: Path, index: int) -> tuple[str, bytes]:
    """Media type and bytes of one picture that a cell put out; raises LookupError when there is none."""
    for number, picture in enumerate(_pictures(_read(path))):
        if number == index:
            return picture
    raise LookupError(index)


def pictures(path: Path) -> dict[int, tuple[tuple[int, str], ...]]:
    """Of each cell that put out pictures: the number of each for `cell_image`, and the digest of its bytes."""
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    count = 0
    for number, cell in enumerate(_cells(_read(path)), 1):
        some = [picture for output in _outputs(cell) if (picture := _picture(output))]
        if some:
            digests = (sha256(data).hexdigest() for _media_type, data in some)
            found[number] = tuple(enumerate(digests, count))
        count += len(some)
    return found


def _read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
    return notebook


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (cell for cell in notebook["cells"] if isinstance(cell, dict))


def _outputs(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    outputs = cell.get("outputs")
    return (
        (output for output in outputs if isinstance(output, dict)) if isinstance(outputs, list) else iter(())
    )


def _pictures(notebook: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Every picture in the order of the cells: the numbers that `cell_image` takes count these."""
    for cell in _cells(notebook):
        for output in _outputs(cell):
            if picture := _picture(output):
                yield picture


def _picture(output: dict[str, Any]) -> tuple[str, bytes] | None:
    """The one picture of an output, if its bytes are what it says they are."""
    data = output.get("data")
    for media_type, form in PICTURES.items():
        if isinstance(data, dict) and media_type in data:
            try:
                picture = base64.b64decode("".join(_joined(data[media_type]).split()), validate=True)
            except (binascii.Error, ValueError):
                continue
            if sniff(picture[:64]) == form:
                return media_type, picture
    return None


def _said(output: dict[str, Any]) -> tuple[bool, str]:
    """Whether an output is a picture; if not, its text."""
    if _picture(output):
        return True, ""
    data = output.get("data")
    if output.get("output_type") == "stream":
        text = _joined(output.get("text"))
    elif output.get("output_type") == "error":
        traceback = output.get("traceback")
        text = (
            "\n".join(line for line in traceback if isinstance(line, str))
            if isinstance(traceback, list)
            else ""
        )
        text = _whole(text or f"{output.get('ename', '')}: {output.get('evalue', '')}")
    else:
        text = _joined(data.get("text/plain")) if isinstance(data, dict) else ""
    return False, TERMINAL_CODES.sub("", text)


def _joined(text: object) -> str:
    """A notebook's text, which is a string or a list of strings."""
    if isinstance(text, list):
        return _whole("".join(part for part in text if isinstance(part, str)))
    return _whole(text) if isinstance(text, str) else ""


def _whole(text: str) -> str:
    """As a browser would have it: every character whole, every end of a line the same."""
    return LINE_ENDS.sub("\n", HALVES.sub("\ufffd", text))
