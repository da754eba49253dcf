"""The page of a whole curriculum: which tiers it names, in which order, and which months it leads to."""

import re
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from curriculum.markdown.blocks import blocks_of
from curriculum.markdown.headings import heading_text
from curriculum.markdown.lines import Lines

TIER = re.compile(r"(?:Tier|Stage|Level|Part)[ \t]+(\d{1,4})[ \t]*(?:[:.–—-]+[ \t]*)?(.*)", re.IGNORECASE)
"""Such as "Tier 1: Foundations (Months 1-4)"."""
REMARK = re.compile(r"[ \t]*\([^()]*\)[ \t]*$")
LINK = re.compile(r"\]\(<?([^)\s>]{1,300})")
LONGEST = 10_000
"""Characters of a line that are looked through for links."""


@dataclass(frozen=True)
class NamedTier:
    """A tier as the dashboard names it."""

    number: int
    name: str
    paths: tuple[str, ...]
    """The documents that it leads to."""


def tiers_of(source: str, path: str) -> list[NamedTier]:
    """The tiers of a dashboard that lies at `path`, in its order; of two with the same number the first."""
    lines = Lines.of(source)
    tiers: dict[int, NamedTier] = {}
    heads = [block for block in blocks_of(lines.plain) if block.name == "heading"]
    for place, block in enumerate(heads):
        found = TIER.match(heading_text(lines, block)[0].strip())
        if found is None or int(found[1]) in tiers:
            continue
        # Up to the next heading that is not below this one.
        ends = (other.first for other in heads[place + 1 :] if other.level <= block.level)
        below = lines.plain[block.last : next(ends, len(lines.plain))]
        targets = [target for line in below for target in LINK.findall(line[:LONGEST])]
        paths = dict.fromkeys(document_at(target, path) for target in targets)
        tiers[int(found[1])] = NamedTier(int(found[1]), REMARK.sub("", found[2]).strip(), tuple(paths))
    return list(tiers.values())


def document_at(target: str, path: str) -> str:
    """The path of the document that a link on the page at `path` leads to; a folder's is its README.md."""
    place = normpath(join(dirname(path), unquote(target.partition("#")[0].partition("?")[0]) or path))
    return place if place.lower().endswith((".md", ".markdown")) else join(place, "README.md")
