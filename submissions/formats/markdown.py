"""Markdown: rendered, and read as it is rendered, block by block."""

from curriculum.markdown import render_measured
from submissions.formats.reading import SEPARATOR, Part, Reading


def shown(source: str) -> str:
    """Safe HTML; the element that shows a block has its place in the reading's text as `data-start`."""
    return render_measured(source)[0]


def read(source: str) -> Reading:
    """The text of each block as a browser shows it."""
    blocks = render_measured(source)[1]
    parts = tuple(
        Part(
            "heading" if block.level else "block",
            block.start,
            block.start + len(block.text),
            block.line,
            block.level,
        )
        for block in blocks
    )
    return Reading(SEPARATOR.join(block.text for block in blocks), parts)
