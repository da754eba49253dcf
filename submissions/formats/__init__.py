"""The forms in which work can be handed in: what is accepted, whether a file is sound, what a page shows.

`clean_name` and `inspect` stand at the door and raise `Unacceptable`; `extract`, `show`, `outline` and `cell_image`
take only files that passed `inspect`. Each form has a module that answers for it. Nothing here knows a model.
"""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from submissions.formats import (
    drawio,
    excalidraw,
    image,
    markdown,
    mermaid,
    notebook,
    office,
    pdf,
    sandbox,
    svg,
    text,
)
from submissions.formats.kinds import KINDS, SIGNATURES, Form, Inspected, Kind, Unacceptable, kind_of, sniff
from submissions.formats.notebook import cell_image
from submissions.formats.reading import Extracted
from submissions.formats.shown import Cell, Entry, Output, Shown

__all__ = [
    "NOTES",
    "Cell",
    "Entry",
    "Extracted",
    "Form",
    "Inspected",
    "Output",
    "Shown",
    "Unacceptable",
    "accepts",
    "cell_image",
    "clean_name",
    "extract",
    "inspect",
    "is_read",
    "is_read_apart",
    "outline",
    "selectors",
    "show",
]


class Format(Protocol):
    """What a module answers for the forms it knows. One that parses in the child has `parse` besides, and may have
    `pieces` (submissions/formats/child.py).
    """

    SELECTORS: frozenset[str]
    """What a comment can be about beside the whole: "passage", "region", or a kind of part."""
    IS_READ: bool
    """Whether `show` and `outline` look into a file; for the others, it need not be there."""

    def inspect(self, path: Path, kind: Kind, /) -> Inspected:
        """Is it one? Raises Unacceptable when not."""

    def extract(self, path: Path, kind: Kind, /) -> Extracted:
        """What is its text?"""

    def outline(self, path: Path, pages: int | None = None, /) -> list[Entry]:
        """And its outline? `pages` as inspected."""

    def show(self, path: Path, /) -> Shown:
        """How is it shown?"""


FORMATS: dict[Form, Format] = {
    Form.MARKDOWN: markdown,
    Form.TEXT: text,
    Form.CODE: text,
    Form.NOTEBOOK: notebook,
    Form.PDF: pdf,
    Form.IMAGE: image,
    Form.SVG: svg,
    Form.DRAWIO: drawio,
    Form.EXCALIDRAW: excalidraw,
    Form.PLANTUML: text,
    Form.MERMAID: mermaid,
    Form.DOCX: office,
    Form.OFFICE: office,
}
"""A form joins by its module."""
NOTES = {
    "part": _("Only the first part of this file could be read. Comments can be about all that is shown."),
    "failed": _("The words of this file could not be read. Comments can be about its pages or the whole."),
    "later": _("The words of this file were not read yet. Comments can be about its pages or the whole."),
}
"""Why the text of a file is not all there, by `Extracted.note`."""
NAME_CHARACTERS = 150
HEAD = 1024
JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian and parts of emoji: they stay in names."""
SLASHES = re.compile("[/\\\\\u2044\u2215\u29f8\uff0f\uff3c]")
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
"""The entry in an old-style container in which Office wraps a file that has a password."""


def accepts() -> str:
    """The value of the `accept` attribute of the hand-in form: every ending of the table."""
    return ",".join(KINDS)


def clean_name(name: str) -> str:
    """The name as it is kept and shown: NFC, no folders, control or direction marks; raises Unacceptable."""
    base = SLASHES.split(unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        character
        for character in base
        if character in JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    kept = " ".join(kept.split()).rstrip(". ")
    if not kept.strip(JOINERS):
        raise Unacceptable("name-missing")
    if len(kept) > NAME_CHARACTERS:
        raise Unacceptable("name-too-long", limit=NAME_CHARACTERS)
    return kept


def inspect(path: Path, name: str) -> Inspected:
    """Say what a file is; raises Unacceptable unless its ending, its first bytes and a full parse agree.

    Takes any size that `store.receive` lets through. Text is checked here, the rest in a child process.
    """
    kind = kind_of(name)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Unacceptable("empty")
    _agree(path, kind, head)
    found = FORMATS[kind.form].inspect(path, kind)
    if is_read_apart(kind.form):
        return found
    return replace(found, extracted=FORMATS[kind.form].extract(path, kind))


def is_read(form: Form | str) -> bool:
    """Whether `show` and `outline` look into a file of this form; for the others, it need not be there."""
    return FORMATS[Form(form)].IS_READ


def is_read_apart(form: Form | str) -> bool:
    """Whether reading a file of this form takes a child process: too long for the request of a page."""
    return FORMATS[Form(form)].extract is sandbox.extract


def extract(path: Path, name: str) -> Extracted:
    """The text of a file that passed `inspect`, as people see it; raises Unacceptable if it would not pass now."""
    kind = kind_of(name)
    return FORMATS[kind.form].extract(path, kind)


def selectors(form: Form | str) -> frozenset[str]:
    """What a comment on a file of this form can be about: "passage", "region", or a kind of part."""
    return FORMATS[Form(form)].SELECTORS


def show(path: Path, form: Form | str, name: str) -> Shown:
    """What the page shows of a file that passed `inspect`."""
    return FORMATS[Form(form)].show(path)


def outline(path: Path, form: Form | str, pages: int | None = None) -> list[Entry]:
    """Headings of Markdown, pages of a PDF (`pages` as inspected), cells of a notebook; no others."""
    return FORMATS[Form(form)].outline(path, pages)


def _agree(path: Path, kind: Kind, head: bytes) -> None:
    """Raises Unacceptable when the first bytes are not what the ending says."""
    found = "pdf" if kind.signature == "pdf" and b"%PDF-" in head else sniff(head)
    if found == kind.signature:
        return
    if found == "heic":
        raise Unacceptable("heic")
    if found == "ole" and kind.signature == "zip" and ENCRYPTED_OFFICE in path.read_bytes():
        raise Unacceptable("archive-encrypted")
    if found:
        raise Unacceptable("wrong-content", extension=kind.extension, found=SIGNATURES[found])
    raise Unacceptable("wrong-content-unknown", extension=kind.extension)
