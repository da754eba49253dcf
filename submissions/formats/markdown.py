"""Markdown: rendered, and read as it is rendered, block by block."""

from pathlib import Path

from django.utils.translation import gettext as _

from submissions.formats import text
from submissions.formats.kinds import Kind
from submissions.formats.reading import Extracted, Reading, Writing
from submissions.formats.shown import Entry, Shown
from submissions.formats.text import inspect

__all__ = [
    "IS_READ",
    "SELECTORS",
    "extract",
    "inspect",
    "outline",
    "part_note",
    "put",
    "read",
    "show",
    "shown",
]

SELECTORS = frozenset({"passage", "heading", "block"})
IS_READ = True
SHOWN_CHARACTERS = 200_000
"""Of a file, that are rendered."""


def shown(source: str) -> str:
    """Safe HTML; the element that shows a block has its place in the reading's text as `data-start`."""
    return put(Writing(), source)


def read(source: str) -> Reading:
    """The text of each block as a browser shows it."""
    return _shown_and_read(source)[1]


def _shown_and_read(source: str) -> tuple[str, Reading]:
    writing = Writing()
    html = put(writing, source)
    return html, Reading(writing.text, tuple(writing.parts))


def entries(reading: Reading) -> tuple[Entry, ...]:
    """The headings of what was read, as lines of an outline."""
    return tuple(Entry("heading", one.number, reading.words(one), one.level) for one in reading.headings)


def part_note(source: str) -> str:
    """A sentence where a text is so long that its end is shown as it was typed."""
    from curriculum.markdown import rendered_lines  # noqa: PLC0415 (as below)

    lines = rendered_lines(source)
    note = _("This text is very long: from line %(line)s on it is shown as it was typed.")
    return note % {"line": lines + 1} if lines else ""


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
    notes = [_("Only the first part of this file is shown. Download it to read all of it.")] if cut else []
    html, reading = _shown_and_read(source)
    return Shown(
        "markdown",
        html,
        text.lines_of(source)[0],
        truncated=cut,
        note=" ".join(filter(None, [part_note(source), *notes])),
        headings=entries(reading),
    )


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    """Its headings, in whatever way they are written."""
    return list(entries(read(text.read(path, SHOWN_CHARACTERS)[0])))


def extract(path: Path, kind: Kind) -> Extracted:
    source, cut = text.read(path, SHOWN_CHARACTERS)
    found = read(source)
    return Extracted(found.text, found.parts, note="part" if cut else "")
