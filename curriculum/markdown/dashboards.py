"""Which text is the page of a whole curriculum."""

import re

from .blocks import blocks_of
from .headings import ALL_UNITS, heading_text, name_of
from .lines import Lines, check
from .slips import headed

WORDS_OF_LINKS = "|".join(sorted({unit.replace("{n}", "") for unit in ALL_UNITS if unit.isascii()}))
MONTH_LINK = re.compile(rf"\]\([^)\s]{{0,200}}?\b(?:{WORDS_OF_LINKS})[-_ ]?\d", re.IGNORECASE)
HEADED_BY_MONTH = re.compile(rf"[ \t]*\|?[ \t]*(?:{WORDS_OF_LINKS})s?[ \t]*\|", re.IGNORECASE)


def is_dashboard(source: str) -> bool:
    """Whether a text is the page of a whole curriculum: its title is no month, and it lists several
    months.
    """
    check(source)
    lines = Lines.of(source)
    blocks = blocks_of(headed(lines.plain, source))
    headings = [(block.level, heading_text(lines, block)[0]) for block in blocks if block.name == "heading"]
    titles = [text for level, text in headings if level == 1]
    if not titles or any(name_of(text) for text in titles):
        return False
    if any((name := name_of(text)) and name.is_week for _level, text in headings):
        return False
    links = sum(len(MONTH_LINK.findall(line[:10_000])) for line in lines.plain)
    return links > 1 or any(HEADED_BY_MONTH.match(line) for line in lines.plain)


def line_of_month(source: str) -> int:
    """The line of the first heading that makes a text a month and no dashboard, counted from 1; 1 where none does."""
    lines = Lines.of(source)
    for block in blocks_of(headed(lines.plain, source)):
        name = name_of(heading_text(lines, block)[0]) if block.name == "heading" else None
        if name and (block.level == 1 or name.is_week):
            return block.first + 1
    return 1
