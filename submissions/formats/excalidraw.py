"""Excalidraw: as the lines of its JSON, until it is drawn."""

from typing import BinaryIO

from submissions.formats.json import load
from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import Limits, inspect
from submissions.formats.text import IS_READ, SELECTORS, extract, outline, show

__all__ = ["BROKEN", "IS_READ", "LIBRARIES", "SELECTORS", "extract", "inspect", "outline", "parse", "show"]

BROKEN = "excalidraw-other"
LIBRARIES = ()


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """In the child: nothing to say beyond that it is a drawing."""
    drawing = load(file, limits)
    if not isinstance(drawing, dict) or not isinstance(drawing.get("elements"), list):
        raise Unacceptable("excalidraw-other")
    return {}
