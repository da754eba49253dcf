"""A month's document: what everybody sees alike is drawn once a process, with places for what is a learner's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import unescape
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from curriculum.pages import MonthContent, content_of

Block = dict[str, Any]
"""A block of the outline (see `curriculum/outline.py`)."""

KEPT = 256
"""Layouts, of some dozens of kB each."""
PLACE = "place-6a8f2c1e5b0d4e97-"
PLACES = re.compile(rf"{PLACE}([0-9a-z-]+);")
SUM = "criteria-sum"
"""The place of the sentence above the criteria; every other place has the public id of what stands there."""


@dataclass(frozen=True)
class Layout:
    """Everything that the document's look depends on, apart from what is in its places."""

    edition: UUID
    month: UUID
    has_ideas: bool
    """Whether a project's ideas are listed: for a learner they stand in the form as choices."""
    weeks: tuple[tuple[date | None, bool], ...]
    """Of each week its last day, and whether that is past while something is left to do."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """HTML and the names of places in turn, beginning and ending with HTML."""
        return _pieces(self, get_language())

    @property
    def content(self) -> MonthContent:
        return content_of(self.edition)[self.month]

    @property
    def sections(self) -> list[Block]:
        return [
            section
            | {
                "title": safe(section["title"]),
                "blocks": self._blocks(
                    block
                    for block in section["blocks"]
                    if self.has_ideas or not section.get("project") or block["kind"] != "ideas"
                ),
                "sum": place(SUM),
                "place": place(section["project"]) if section.get("project") else "",
            }
            for section in self.content.outline["sections"]
        ]

    def _blocks(self, blocks: Iterable[Block]) -> list[Block]:
        return [self._block(block) for block in blocks]

    def _block(self, block: Block) -> Block:
        shown = block | {name: safe(block[name]) for name in ("html", "title", "focus") if name in block}
        shown["blocks"] = self._blocks(block.get("blocks", []))
        shown["items"] = [
            item | {"html": safe(item["html"]), "more": safe(item["more"]), "place": place(item["id"])}
            for item in block.get("items", [])
        ]
        if block["kind"] == "week":
            shown["due"], shown["late"] = self.weeks[self.content.week_position(block["id"])]
        return shown


def place(name: str | None) -> str:
    return f"{PLACE}{name};"


def safe(html: str) -> str:
    """Rendered and sanitised when it was published."""
    return mark_safe(html)


@lru_cache(maxsize=KEPT)
def _pieces(layout: Layout, _language: str | None) -> tuple[str, ...]:
    html = render_to_string("progress/_document.html", {"sections": layout.sections})
    return tuple(PLACES.split(html))


@lru_cache(maxsize=KEPT)
def contents_of(edition: UUID, month: UUID) -> tuple[tuple[str, str], ...]:
    """The table of contents, anchor and plain words: weeks stand in the place of the section that holds them."""
    lines = []
    for section in content_of(edition)[month].outline["sections"]:
        weeks = [block for block in section["blocks"] if block["kind"] == "week"]
        if section["role"] == "navigation":
            continue
        if not weeks:
            lines.append((section["slug"], unescape(strip_tags(section["title"]))))
        for week in weeks:
            words = ": ".join(part for part in (week["label"], week["title"]) if part)
            lines.append((week["slug"], unescape(strip_tags(words))))
    return tuple(lines)
