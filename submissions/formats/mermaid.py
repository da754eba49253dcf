"""Mermaid: one diagram, which the page draws; its source by line."""

from pathlib import Path

from django.utils.html import escape
from django.utils.translation import gettext as _

from submissions.formats import text
from submissions.formats.kinds import Kind
from submissions.formats.reading import Extracted
from submissions.formats.shown import Entry, Shown, placed
from submissions.formats.text import inspect

__all__ = ["IS_READ", "SELECTORS", "extract", "inspect", "outline", "show"]

SELECTORS = frozenset({"passage", "line"})
IS_READ = True
SHOWN_CHARACTERS = 200_000


def lines(path: Path) -> tuple[tuple[str, ...], bool]:
    """Its lines, none of them shortened, or they would draw something else; and whether there are more."""
    source, cut = text.read(path, SHOWN_CHARACTERS)
    found = tuple(source.removesuffix("\n").split("\n")) if source else ()
    return found[: text.SHOWN_LINES], cut or len(found) > text.SHOWN_LINES


def show(path: Path) -> Shown:
    """As Markdown shows a diagram, for the page's script to draw; with the place of each line."""
    found, cut = lines(path)
    source = "\n".join(f'<span data-start="{start}">{escape(line)}</span>' for start, line in placed(found))
    note = _("Only the first part of this file is shown. Download it to read all of it.") if cut else ""
    html = f'<pre class="mermaid-source"><code>{source}\n</code></pre>\n'
    return Shown("markdown", html, found, truncated=cut, note=note)


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    return []


def extract(path: Path, kind: Kind) -> Extracted:
    return text.extracted(*lines(path))
