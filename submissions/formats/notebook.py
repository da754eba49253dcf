"""Jupyter notebooks by cell. Of what the cells put out, only text and PNG or JPEG pictures are ever shown."""

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from submissions.formats.json import load
from submissions.formats.kinds import Unacceptable, sniff
from submissions.formats.sandbox import Limits
from submissions.formats.text import lines_of

PICTURES = {"image/png": "png", "image/jpeg": "jpeg"}
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
HALVES = re.compile("[\ud800-\udfff]")
"""Halves of a character: JSON can name them, and no page can hold them."""
SHOWN_CELLS = 500
SHOWN_LINES = 1_000
"""Of one cell or one output."""


@dataclass(frozen=True)
class Output:
    """What one cell put out: lines of text, a picture by its number for `cell_image`, or neither of them."""

    lines: tuple[str, ...] = ()
    image: int | None = None
    error: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell, counted from 1: `kind` is "markdown" (then `html` is there, and safe), "code" or "raw"."""

    number: int
    kind: str
    source: str
    lines: tuple[str, ...]
    outputs: tuple[Output, ...] = ()
    html: str = ""


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """In the child: nothing to say beyond that there are cells, and no picture in them is too large."""
    # Late, because the pages import this module too, and Pillow is for the child alone.
    from submissions.formats.image import size_of  # noqa: PLC0415

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


def cells(path: Path) -> tuple[tuple[Cell, ...], bool]:
    """The cells of a notebook that passed `inspect`, Markdown not rendered; and whether anything was cut."""
    found: list[Cell] = []
    cut = False
    pictures = 0
    for number, cell in enumerate(_cells(_read(path)), 1):
        outputs = []
        for output in _outputs(cell):
            shown, longer = _shown(output, pictures)
            pictures += shown.image is not None
            outputs.append(shown)
            cut = cut or longer
        if number > SHOWN_CELLS:
            return tuple(found), True
        kind = cell.get("cell_type")
        source = _joined(cell.get("source"))
        lines, longer = lines_of(source, SHOWN_LINES)
        cut = cut or longer
        found.append(
            Cell(number, kind if kind in ("markdown", "code") else "raw", source, lines, tuple(outputs))
        )
    return tuple(found), cut


def cell_image(path: Path, index: int) -> tuple[str, bytes]:
    """Media type and bytes of one picture that a cell put out; raises LookupError when there is none."""
    for number, picture in enumerate(_pictures(_read(path))):
        if number == index:
            return picture
    raise LookupError(index)


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


def _shown(output: dict[str, Any], pictures: int) -> tuple[Output, bool]:
    if _picture(output):
        return Output(image=pictures), False
    data = output.get("data")
    error = output.get("output_type") == "error"
    if output.get("output_type") == "stream":
        text = _joined(output.get("text"))
    elif error:
        traceback = output.get("traceback")
        text = (
            "\n".join(line for line in traceback if isinstance(line, str))
            if isinstance(traceback, list)
            else ""
        )
        text = _whole(text or f"{output.get('ename', '')}: {output.get('evalue', '')}")
    else:
        text = _joined(data.get("text/plain")) if isinstance(data, dict) else ""
    lines, cut = lines_of(TERMINAL_CODES.sub("", text), SHOWN_LINES)
    return Output(lines, error=error), cut


def _joined(text: object) -> str:
    """A notebook's text, which is a string or a list of strings."""
    if isinstance(text, list):
        return _whole("".join(part for part in text if isinstance(part, str)))
    return _whole(text) if isinstance(text, str) else ""


def _whole(text: str) -> str:
    return HALVES.sub("\ufffd", text)
