"""What a month page shows, in the document's order, as JSON that is rendered once, when an edition is published.

    {"months": [{"month": uuid, "preface": html,
                 "details": [{"label": text, "html": html}],
                 "sections": [{"section": uuid, "role": text, "title": html, "slug": text, "project": uuid or None,
                               "blocks": [block]}]}]}

and, beside the months, "rows": the public ids of all rows in the order of `wanted_rows`, which keeps for each edition
what was which. A slug is an anchor, once in its month's page. A block is one of

    {"kind": "prose", "html": html}
    {"kind": "objectives" | "resources" | "ideas" | "links" | "tasks" | "deliverables" | "criteria",
     "label": text, "ordered": bool, "items": [{"id": uuid or None, "html": html, "depth": number, "more": html}]}
    {"kind": "week", "id": uuid, "slug": text, "label": text, "title": html, "focus": html, "lasts": number,
     "blocks": [block]}
    {"kind": "group", "title": html, "blocks": [block]}

`lasts` is how many weeks a week has that is called "Weeks 1-2"; `depth` counts from 0; `more` is what stands below an
item's first paragraph. All html is safe. Any other document is
{"html": html}.
"""

import re
from typing import Any

from django.utils.html import strip_tags
from django.utils.text import slugify

from curriculum.markdown import ITEMS, Kind, Node, lasting, render, render_inline
from curriculum.models import Row
from curriculum.rows import detail_text

Outline = dict[str, Any]

NAMES = {
    Kind.OBJECTIVE: "objectives",
    Kind.RESOURCE: "resources",
    Kind.IDEA: "ideas",
    Kind.LINK: "links",
    Kind.TASK: "tasks",
    Kind.DELIVERABLE: "deliverables",
    Kind.CRITERION: "criteria",
}
ORDERED = re.compile(r"[ \t]*\d{1,9}[.)][ \t]")


def outline_of(source: str, tree: Node, rows: dict[Node, Row]) -> Outline:
    """The outline of a document of months; `rows` names the row of each node that has one."""
    lines = source.split("\n")
    above = "".join(render(node.text) for node in tree.children if node.kind is Kind.PROSE)
    months = [MonthOutline(node, rows, lines).drawn() for node in tree.children if node.kind is Kind.MONTH]
    months[0]["preface"] = above + months[0]["preface"]
    return {"months": months}


def page_outline(source: str) -> Outline:
    """The outline of a document that is no month."""
    return {"html": render(source)}


class MonthOutline:
    """The drawing of one month."""

    def __init__(self, node: Node, rows: dict[Node, Row], lines: list[str]) -> None:
        self.node = node
        self.rows = rows
        self.lines = lines
        self.slugs = {"main", "top"}

    def drawn(self) -> Outline:
        parts = self.node.children
        return {
            "month": self.id(self.node),
            "preface": "".join(render(node.text) for node in parts if node.kind is Kind.PROSE),
            "details": [
                {"label": node.label, "html": render_inline(detail_text(node))}
                for node in parts
                if node.kind is Kind.DETAIL
            ],
            "sections": [self.section(node) for node in parts if node.kind is Kind.SECTION],
        }

    def id(self, node: Node) -> str | None:
        return str(self.rows[node].uuid) if node in self.rows else None

    def slug(self, title: str, otherwise: str) -> str:
        """An anchor that this page does not have yet."""
        wish = slugify(strip_tags(title))[:60] or otherwise
        slug, number = wish, 1
        while slug in self.slugs:
            number += 1
            slug = f"{wish}-{number}"
        self.slugs.add(slug)
        return slug

    def section(self, node: Node) -> Outline:
        title = render_inline(node.text)
        project = next((child for child in node.children if child.kind is Kind.PROJECT), None)
        parts = [
            part for child in node.children for part in (child.children if child is project else [child])
        ]
        return {
            "section": self.id(node),
            "role": str(node.role),
            "title": title,
            "slug": self.slug(title, "section"),
            "project": self.id(project) if project else None,
            "blocks": self.blocks(parts),
        }

    def blocks(self, nodes: list[Node]) -> list[Outline]:
        blocks: list[Outline] = []
        before: Node | None = None
        for node in nodes:
            if node.kind in ITEMS:
                if (
                    before is None
                    or not self.same_list(before, node)
                    or blocks[-1]["kind"] != NAMES[node.kind]
                ):
                    blocks.append(self.list_of(node))
                self.add_item(blocks, node, 0)
                before = node
                continue
            before = None
            if node.kind is Kind.PROSE:
                blocks.append({"kind": "prose", "html": render(node.text)})
            elif node.kind is Kind.WEEK:
                blocks.append(self.week(node))
            elif node.kind is Kind.GROUP:
                title = render_inline(node.text)
                blocks.append({"kind": "group", "title": title, "blocks": self.blocks(node.children)})
        return blocks

    @staticmethod
    def same_list(before: Node, node: Node) -> bool:
        return (before.kind, before.label, before.label_line) == (node.kind, node.label, node.label_line)

    def list_of(self, node: Node) -> Outline:
        return {
            "kind": NAMES[node.kind],
            "label": node.label if node.label_line >= 0 else "",
            "ordered": ORDERED.match(self.lines[node.first]) is not None,
            "items": [],
        }

    def add_item(self, blocks: list[Outline], node: Node, depth: int) -> None:
        """Add an item to the last block, or to one of its own kind after it; then what is nested in it."""
        if blocks[-1]["kind"] != NAMES[node.kind]:
            blocks.append(self.list_of(node))
        more = "".join(render(child.text) for child in node.children if child.kind is Kind.PROSE)
        item = {"id": self.id(node), "html": render_inline(node.text), "depth": depth, "more": more}
        blocks[-1]["items"].append(item)
        for child in node.children:
            if child.kind in ITEMS:
                self.add_item(blocks, child, depth + 1)

    def week(self, node: Node) -> Outline:
        focus = " ".join(child.text for child in node.children if child.kind is Kind.FOCUS)
        parts = [child for child in node.children if child.kind is not Kind.FOCUS]
        return {
            "kind": "week",
            "id": self.id(node),
            "slug": self.slug(node.label or node.text, "week"),
            "label": node.label,
            "title": render_inline(node.text),
            "focus": render_inline(focus) if focus else "",
            "lasts": lasting(node.label),
            "blocks": self.blocks(parts),
        }
