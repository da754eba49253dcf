"""The forms in which work can be handed in: what is accepted, whether a file is sound, what a page shows.

`clean_name` and `inspect` stand at the door and raise `Unacceptable`; `show`, `outline` and `cell_image` take
only files that passed `inspect`. Nothing here knows a model.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from submissions.formats import notebook, sandbox, text
from submissions.formats.kinds import KINDS, SIGNATURES, Form, Inspected, Kind, Unacceptable, kind_of, sniff
from submissions.formats.notebook import Cell, Output, cell_image

__all__ = [
    "Cell",
    "Entry",
    "Form",
    "Inspected",
    "Output",
    "Shown",
    "Unacceptable",
    "accepts",
    "cell_image",
    "clean_name",
    "inspect",
    "is_read",
    "outline",
    "show",
]

NAME_CHARACTERS = 150
HEAD = 1024
PLAIN_TEXT = {Form.MARKDOWN, Form.TEXT, Form.CODE, Form.PLANTUML, Form.MERMAID}
"""Forms that need no parser: what is UTF-8 is sound."""
UNREAD = {Form.PDF, Form.IMAGE, Form.SVG, Form.DOCX, Form.OFFICE}
"""Forms of which the page shows nothing that is in the bytes."""
SHOWN_MARKDOWN = 200_000
"""Characters of a Markdown file that are rendered."""
JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian and parts of emoji: they stay in names."""
SLASHES = re.compile("[/\\\\\u2044\u2215\u29f8\uff0f\uff3c]")
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
"""The entry in an old-style container in which Office wraps a file that has a password."""


@dataclass(frozen=True)
class Shown:
    """What the page needs to show a file.

    `kind` is "markdown" (`html`, safe), "lines", "notebook" (`cells`), "pdf", "image" or "download"; the last
    three need only the file's address. `lines` are there for every form of text. `note` is a sentence when
    something was cut.
    """

    kind: str
    html: str = ""
    lines: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    truncated: bool = False
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of a file's outline: a heading (`number` is its line), a page or a cell; counted from 1."""

    kind: str
    number: int
    words: str
    level: int = 1


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
    if kind.form in PLAIN_TEXT:
        return text.inspect(path, kind)
    return Inspected(kind.form, kind.media_type, **sandbox.inspect(path, kind))


def is_read(form: Form | str) -> bool:
    """Whether `show` and `outline` look into a file of this form; for the others, it need not be there."""
    return Form(form) not in UNREAD


def show(path: Path, form: Form | str, name: str) -> Shown:
    """What the page shows of a file that passed `inspect`."""
    form = Form(form)
    if form == Form.PDF:
        return Shown("pdf")
    if form in (Form.IMAGE, Form.SVG):
        return Shown("image")
    if form in (Form.DOCX, Form.OFFICE):
        return Shown("download")
    if form == Form.NOTEBOOK:
        return _notebook(path)
    return _text(path, form)


def outline(path: Path, form: Form | str, pages: int | None = None) -> list[Entry]:
    """Headings of Markdown, pages of a PDF (`pages` as inspected), cells of a notebook; no others."""
    form = Form(form)
    if form == Form.MARKDOWN:
        return [
            Entry("heading", line, words, level) for level, words, line in text.headings(text.read(path)[0])
        ]
    if form == Form.PDF:
        return [
            Entry("page", number, _("Page %(number)s") % {"number": number})
            for number in range(1, (pages or 0) + 1)
        ]
    if form == Form.NOTEBOOK:
        return [
            Entry("cell", cell.number, next((line.strip() for line in cell.lines if line.strip()), "")[:80])
            for cell in notebook.cells(path)[0]
        ]
    return []


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


def _text(path: Path, form: Form) -> Shown:
    rendered = form in (Form.MARKDOWN, Form.MERMAID)
    source, cut = text.read(path, SHOWN_MARKDOWN if rendered else text.SHOWN_CHARACTERS)
    lines, shorter = text.lines_of(source)
    if rendered:
        html = _render(_fenced(source) if form == Form.MERMAID else source)
        note = _("Only the first part of this file is shown. Download it to read all of it.") if cut else ""
        return Shown("markdown", html, lines, truncated=cut, note=note)
    cut = cut or shorter
    note = _(
        "Only the first %(lines)s lines are shown, and long ones are cut. Download it to read all of it."
    )
    return Shown("lines", lines=lines, truncated=cut, note=note % {"lines": len(lines)} if cut else "")


def _notebook(path: Path) -> Shown:
    found, cut = notebook.cells(path)
    cells = tuple(
        replace(cell, html=_render(cell.source[:SHOWN_MARKDOWN])) if cell.kind == "markdown" else cell
        for cell in found
    )
    note = _("Only a part of this notebook is shown. Download it to read all of it.") if cut else ""
    return Shown("notebook", cells=cells, truncated=cut, note=note)


def _fenced(source: str) -> str:
    """A diagram's source as the one fenced block of a Markdown text, which the page draws."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}mermaid\n{source.removesuffix(chr(10))}\n{fence}\n"


def _render(source: str) -> str:
    # Late, because the child process imports this package too, and has no use for Markdown.
    from curriculum.markdown import render  # noqa: PLC0415

    return str(render(source))
