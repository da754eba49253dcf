"""Markdown: rendered, and read as it is rendered, block by block."""

from pathlib import Path

from django.utils.translation import gettext as _

from submissions.formats import text
from submissions.formats.kinds import Kind
from submissions.formats.reading import Extracted, Reading, Writing
from submissions.formats.shown import Entry, Shown
from submissions.formats.text import inspect

__all__ = ["IS_READ", "SELECTORS", "extract", "inspect", "outline", "put", "read", "show", "shown"]

SELECTORS = frozenset({"passage", "heading", "block"})
IS_READ = True
SHOWN_CHARACTERS = 200_000
"""Of a file, that are rendered."""


def shown(source: str) -> str:
    """Safe HTML; the element that shows a block has its place in the reading's text as `data-start`."""
    return put(Writing(), source)


def read(source: str) -> Reading:
    """The text of each block as a browser shows it."""
    writing = Writing()
    put(writing, source)
    return Reading(writing.text, tuple(writing.parts))


def put(writing: Writing, source: str, line: int = 0) -> str:
    """Adds the blocks of a text to what is written, `line` lines further down; the HTML as `shown` gives it."""
    # Late, because the child process imports this package too, and has no use for Markdown.
    from curriculum.markdown import render_measured  # noqa: PLC0415

    html, blocks = render_measured(source, start=writing.at)
    for block in blocks:
        writing.put("heading" if block.level else "block", block.text, line + block.line, block.level)
    return html


def show(path: Path) -> Shown:
    source, cut = text.read(path, SHOWN_CHARACTERS)
    note = _("Only the first part of this file is shown. Download it to read all of it.") if cut else ""
    return Shown("markdown", shown(source), text.lines_of(source)[0], truncated=cut, note=note)


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    """Its headings."""
    source = text.read(path, SHOWN_CHARACTERS)[0]
    return [Entry("heading", line, words, level) for level, words, line in text.headings(source)]


def extract(path: Path, kind: Kind) -> Extracted:
    source, cut = text.read(path, SHOWN_CHARACTERS)
    found = read(source)
    return Extracted(found.text, found.parts, note="part" if cut else "")
