"""SVG drawings: shown as a picture only, where no script runs; read in the child."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from submissions.formats.reading import Writing
from submissions.formats.sandbox import SHARE, Limits, extract, inspect
from submissions.formats.shown import Entry, Shown
from submissions.formats.xml import parse

__all__ = [
    "BROKEN",
    "IS_READ",
    "LIBRARIES",
    "SELECTORS",
    "extract",
    "inspect",
    "outline",
    "parse",
    "pieces",
    "show",
]

BROKEN = "svg-other"
LIBRARIES = ("xml.parsers.expat",)
SELECTORS = frozenset({"region", "block"})
IS_READ = False
WORDED = {"text", "foreignObject"}
HIDDEN = {"desc", "metadata", "script", "style", "title"}
BREAKS = {"br", "div", "li", "p", "td", "th", "tr"}
"""Elements of HTML that put what follows apart."""


def show(path: Path) -> Shown:
    return Shown("image")


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    return []


def pieces(file: BinaryIO, limits: Limits) -> Iterator[dict[str, Any]]:
    """The words of each text, in the order of the file, as a block; as long as there is time."""
    writing = Writing()
    try:
        for number, words in enumerate(texts(file, SHARE * limits.processor), 1):
            if writing.at + len(words) > limits.characters:
                raise TimeoutError
            writing.put("block", words, number)
    except TimeoutError:
        yield {"note": "part"}
    parts = [[part.kind, part.start, part.end, part.number] for part in writing.parts]
    yield {"text": writing.text, "parts": parts, "words": []}


class _Open:
    """An element whose end has not come; `told` is how many texts there were before it."""

    def __init__(self, element: Element, told: int) -> None:
        self.element, self.told = element, told
        self.name = str(element.tag).rpartition("}")[2]
        self.is_chosen = False
        """Of a switch: whether one of its children had words. The others say the same for other programs."""


def texts(file: BinaryIO, seconds: float) -> Iterator[str]:
    """What is written in the drawing. A text that is used many times is read once.

    Raises TimeoutError when so much of the processor's time is gone.
    """
    path: list[_Open] = []
    told = silent = worded = 0
    for count, (event, element) in enumerate(
        iterparse(file, ("start", "end"), forbid_dtd=False, forbid_entities=True)
    ):
        if count % 1000 == 0 and time.process_time() > seconds:
            raise TimeoutError
        if event == "start":
            here = _Open(element, told)
            is_other = bool(path) and path[-1].name == "switch" and path[-1].is_chosen
            silent += bool(silent or is_other or here.name in HIDDEN)
            worded += bool(worded or here.name in WORDED)
            path.append(here)
            continue
        here = path.pop()
        if worded == 1 and not silent and (words := _words(element)):
            told += 1
            yield words
        silent, worded = max(silent - 1, 0), max(worded - 1, 0)
        if path and path[-1].name == "switch" and told > here.told:
            path[-1].is_chosen = True
        if not worded:
            element.clear()
            if path:
                path[-1].element.remove(element)


def _words(text: Element) -> str:
    """The words of a text with those of its pieces; pieces in lines of their own are put apart."""
    said: list[str] = []
    for _event, element in _walk(text):
        name = str(element.tag).rpartition("}")[2]
        if _event == "start" and name not in HIDDEN:
            said += [
                " " * (name in BREAKS or bool({"x", "y", "dy"} & element.attrib.keys())),
                element.text or "",
            ]
        elif _event == "end" and element is not text:
            said += [" " * (name in BREAKS), element.tail or ""]
    return " ".join("".join(said).split())


def _walk(text: Element) -> Iterator[tuple[str, Element]]:
    left: list[tuple[str, Element]] = [("start", text)]
    while left:
        event, element = left.pop()
        yield event, element
        if event == "start":
            left += [("end", element), *(("start", child) for child in reversed(element))]
