"""The rows that a text asks for: what a month's tree says, as the columns of the tables that index it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify

from curriculum import markdown
from curriculum.markdown import Kind, Node
from curriculum.models import (
    Criterion,
    Deliverable,
    Detail,
    Idea,
    Month,
    Objective,
    Project,
    Resource,
    Row,
    Section,
    Task,
    Week,
)

MODELS: dict[Kind, type[Row]] = {
    Kind.MONTH: Month,
    Kind.SECTION: Section,
    Kind.WEEK: Week,
    Kind.PROJECT: Project,
    Kind.DETAIL: Detail,
    Kind.OBJECTIVE: Objective,
    Kind.RESOURCE: Resource,
    Kind.TASK: Task,
    Kind.DELIVERABLE: Deliverable,
    Kind.CRITERION: Criterion,
    Kind.IDEA: Idea,
}
"""In the order in which rows are written: what others point at comes first."""

LIMITS = {"title": 300, "label": 60, "tier": 200, "duration": 200, "status": 200, "unit": 30, "group": 200}


@dataclass(eq=False)
class Wanted:
    """One row that a text asks for."""

    model: type[Row]
    node: Node
    values: dict[str, Any]
    """The columns that the text decides, without the keys of other rows."""
    month: "Wanted | None" = None
    """None for a month itself."""
    parent: "Wanted | None" = None
    """The month, week, section or project it stands in; None for a month."""
    row: Row | None = None
    """The row it has or will have; set by the matching."""
    children: list["Wanted"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it is recognised by."""
        return str(self.values.get("text") or self.values.get("title") or "")

    def links(self) -> dict[str, Row]:
        """The rows it stands in, by the name of the column."""
        assert self.parent is not None, "a month stands in no other row"
        assert self.month is not None, "everything else stands in a month"
        if self.model is Idea:
            return {"project": found(self.parent)}
        links = {"month": found(self.month)}
        if self.model in (Task, Deliverable):
            links[self.parent.model._meta.model_name or ""] = found(self.parent)
        return links


def found(wanted: Wanted) -> Row:
    assert wanted.row is not None, "rows are matched from the outside in"
    return wanted.row


def wanted_rows(tree: Node) -> list[Wanted]:
    """The rows of a document's tree, each after the one it stands in, otherwise in the document's order."""
    reader = Reader()
    for node in tree.children:
        if node.kind is Kind.MONTH:
            reader.month(node)
    return reader.rows


class Reader:
    """One walk through a tree."""

    def __init__(self) -> None:
        self.rows: list[Wanted] = []
        self.counts: Counter[tuple[int, type[Row]]] = Counter()

    def add(self, node: Node, values: dict[str, Any], month: Wanted | None, parent: Wanted | None) -> Wanted:
        wanted = Wanted(MODELS[node.kind], node, values, month, parent)
        place = (id(parent), wanted.model)
        values["position"] = self.counts[place]
        self.counts[place] += 1
        self.rows.append(wanted)
        if parent is not None:
            parent.children.append(wanted)
        return wanted

    def month(self, node: Node) -> None:
        values = cut(
            {
                "unit": node.unit or "Month",
                "number": node.number,
                "label": node.label,
                "title": node.text,
                "tier": "",
                "duration": "",
                "status": "",
            }
        )
        values["slug"] = month_slug(node)
        month = self.add(node, values, None, None)
        for child in node.children:
            column = markdown.detail_kind(child.label) if child.kind is Kind.DETAIL else ""
            if column and not values[column]:
                values[column] = detail_text(child)[: LIMITS[column]]
            else:
                self.node(child, month, {})

    def node(self, node: Node, month: Wanted, around: dict[Kind, Any]) -> None:
        """Add a node's row, if it has one, and those of what stands in it. `around` holds what it stands in."""
        inner = dict(around)
        if node.kind is Kind.GROUP:
            inner[Kind.GROUP] = node.text
        elif node.kind in MODELS:
            parent = self.parent(node, month, around)
            inner[node.kind] = self.add(node, self.values(node, around), month, parent)
        for child in node.children:
            self.node(child, month, inner)

    @staticmethod
    def parent(node: Node, month: Wanted, around: dict[Kind, Any]) -> Wanted:
        if node.kind in (Kind.TASK, Kind.DELIVERABLE):
            place = around.get(Kind.WEEK) or around.get(Kind.SECTION)
            assert isinstance(place, Wanted), "the parser puts every item into a week or a section"
            return place
        if node.kind is Kind.IDEA:
            project = around[Kind.PROJECT]
            assert isinstance(project, Wanted)
            return project
        return month

    @staticmethod
    def values(node: Node, around: dict[Kind, Any]) -> dict[str, Any]:
        match node.kind:
            case Kind.SECTION:
                values = cut({"role": str(node.role), "title": node.text})
            case Kind.WEEK:
                focus = " ".join(child.text for child in node.children if child.kind is Kind.FOCUS)
                values = cut({"number": node.number, "label": node.label, "title": node.text}) | {
                    "focus": focus
                }
            case Kind.PROJECT:
                values = cut({"title": node.text})
            case Kind.RESOURCE:
                values = cut({"group": around.get(Kind.GROUP) or node.label}) | {"text": node.text}
            case Kind.DETAIL | Kind.IDEA:
                values = {"label": node.label[:200], "text": node.text}
            case _:
                values = {"text": node.text}
        return values


def cut(values: dict[str, Any]) -> dict[str, Any]:
    """The same values, no longer than their columns."""
    return {name: value[: LIMITS[name]] if name in LIMITS else value for name, value in values.items()}


def detail_text(node: Node) -> str:
    """A detail's text; of a status as it was meant, should its letters be damaged."""
    return markdown.repaired(node.text) if markdown.detail_kind(node.label) == "status" else node.text


def month_slug(node: Node) -> str:
    """The last part of a month's address: "month-08", or its title where it names no unit."""
    name = slugify(node.label)[:80]
    if name.isdecimal():  # of a label in letters that addresses have not
        return f"month-{int(name):02}"
    return name or slugify(node.text)[:80] or f"month-from-line-{node.first + 1}"
