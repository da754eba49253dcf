"""How the parts of a month are headed and labelled: "Month 08: …", "Week 1: …", `**Tasks**:`, and their items."""

import re

from .blocks import Block
from .lines import Lines
from .tree import Role

HASHES = re.compile(r"[ \t]*#{1,6}[ \t]*")
MONTH = re.compile(r"((Month)[ \t]+(\d{1,6}))(?:[ \t]*([:：–—-])[ \t]*|[ \t]*$)(.*)", re.IGNORECASE)
WEEK = re.compile(r"((Week)[ \t]+(\d{1,6}))(?:[ \t]*([:：–—-])[ \t]*|[ \t]*$)(.*)", re.IGNORECASE)
PROJECT = re.compile(r"(Project(?:[ \t]+Ideas?)?)(?:[ \t]*([:：])[ \t]*|[ \t]*$)(.*)", re.IGNORECASE)
LABEL = re.compile(
    r"[ \t]{0,3}(?:\*\*|__)([^*_\s](?:[^*\n]*?[^*\s:])?)(:(?:\*\*|__)|(?:\*\*|__)[ \t]*:)[ \t]*"
)
ITEM = re.compile(r"([ \t]*)([-+*]|\d{1,9}[.)])([ \t]+)(?:\[([ xX])\]([ \t]+)(?=[^ \t]))?")

ROLES = {
    "objectives": Role.OBJECTIVES,
    "learning objectives": Role.OBJECTIVES,
    "weekly breakdown": Role.WEEKS,
    "weekly plan": Role.WEEKS,
    "weeks": Role.WEEKS,
    "resources": Role.RESOURCES,
    "success criteria": Role.CRITERIA,
    "navigation": Role.NAVIGATION,
}


def heading_text(lines: Lines, block: Block) -> tuple[str, int, int]:
    """A heading's words and where they begin and end in the source."""
    if not block.markup.startswith("#"):
        return joined(lines, block.first, block.last - 1, 0)
    line = lines.plain[block.first].rstrip(" \t")
    opening = HASHES.match(line)
    assert opening is not None
    start = opening.end()
    bare = line.rstrip("#")
    if len(bare) <= start:
        line = line[:start]
    elif bare[-1] in " \t":
        line = bare.rstrip(" \t")
    offset = lines.offsets[block.first]
    return line[start:], offset + start, offset + max(len(line), start)


def joined(lines: Lines, first: int, last: int, column: int) -> tuple[str, int, int]:
    """The words of the lines from `first`, beginning in a column, to `last`, exclusive, on one line;
    and their span.
    """
    parts = [lines.plain[first][column:], *lines.plain[first + 1 : last]]
    start = lines.offsets[first] + column + len(parts[0]) - len(parts[0].lstrip(" \t"))
    ending = parts[-1].rstrip(" \t")
    end = lines.offsets[last - 1] + (column if last - 1 == first else 0) + len(ending)
    stripped = [part.strip(" \t") for part in parts]
    hard = [part[:-1].rstrip(" \t") if part.endswith("\\") else part for part in stripped[:-1]]
    return " ".join([*hard, stripped[-1]]), start, max(end, start)
