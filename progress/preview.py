"""A document as a learner would see it before they begin, drawn from a text that is not published and has no rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from curriculum.markdown import Kind, Node, detail_kind, parse
from curriculum.models import Document, Month
from curriculum.outline import outline_of, page_outline
from curriculum.pages import MonthContent
from curriculum.rows import Wanted, wanted_rows
from progress.document import PLACES, SUM, Block, Layout, safe
from progress.learners import LEARNER
from progress.month_page import ShownCriterion, ShownProject, ShownWork, TickableTask
from progress.standing import CriterionStanding
from submissions.system import System

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Draft:
    """A text that somebody looks at."""

    source: str
    kind: str
    """Of the document; see `Document.Kind`."""

    @cached_property
    def months(self) -> list["PreviewedMonth"]:
        """The months of a text. Raises Refused for one that cannot be read."""
        if self.kind != Document.Kind.MONTH:
            return []
        tree = parse(self.source)
        wanted = wanted_rows(tree)
        rows = {one.node: one.model() for one in wanted}
        outlines = outline_of(self.source, tree, rows)["months"]
        named = {one.node: one for one in wanted}
        nodes = [node for node in tree.children if node.kind is Kind.MONTH]
        return [
            PreviewedMonth(row_of(named, node), outline)
            for node, outline in zip(nodes, outlines, strict=True)
        ]

    @cached_property
    def html(self) -> SafeString:
        """The page of a document that is no month."""
        return mark_safe("" if self.kind == Document.Kind.MONTH else page_outline(self.source)["html"])


def row_of(named: dict[Node, Wanted], node: Node) -> Month:
    """A month as its row would be, not stored."""
    return Month(**named[node].values)


class PreviewedMonth:
    """One month, with nothing done in it."""

    def __init__(self, row: Month, outline: Block) -> None:
        self.row, self.outline = row, outline
        self.preface = safe(outline["preface"])
        self.details = [
            one | {"html": safe(one["html"])} for one in outline["details"] if not detail_kind(one["label"])
        ]
        self.placed: dict[str, Any] = {}
        for section in outline["sections"]:
            self._place(section["blocks"])
            if section["project"]:
                self.placed[section["project"]] = project_of(section)

    def _place(self, blocks: list[Block]) -> None:
        make = {"tasks": task_of, "deliverables": work_of, "criteria": criterion_of}
        for block in blocks:
            if block["kind"] in make:
                self.placed |= {item["id"]: make[block["kind"]](item) for item in block["items"]}
            self._place(block.get("blocks", []))

    @property
    def html(self) -> SafeString:
        """The document, with the same fragments that a month's page has, none of them a form."""
        weeks = [block for section in self.outline["sections"] for block in section["blocks"]]
        weeks = [block for block in weeks if block["kind"] == "week"]
        content = MonthContent(self.row, self.outline, (), {}, tuple(weeks), (), {})
        layout = PreviewedLayout(NOBODY, self.row.uuid, True, ((None, False),) * len(weeks), content)
        pieces = PLACES.split(render_to_string("progress/_document.html", {"sections": layout.sections}))
        pieces[1::2] = [self._drawn(name) for name in pieces[1::2]]
        return mark_safe("".join(pieces))

    def _drawn(self, name: str) -> str:
        if name == SUM:
            return ""
        one = self.placed[name]
        nobody = {"ended_at": "never begun", "uuid": NOBODY}
        context = {"role": LEARNER, "editable": False, "learner": nobody, **one.shown}
        return render_to_string(one.template, context)


@dataclass(frozen=True)
class PreviewedLayout(Layout):
    """The look of a document that is kept nowhere."""

    shown: MonthContent

    @property
    def content(self) -> MonthContent:
        return self.shown


def task_of(item: Block) -> TickableTask:
    html, more = safe(item["html"]), safe(item["more"])
    return TickableTask(item["id"], html, "", more=more, depth=item["depth"])


def work_of(item: Block) -> ShownWork:
    return ShownWork(None, LEARNER, item["id"], safe(item["html"]))


def criterion_of(item: Block) -> ShownCriterion:
    standing: Any = CriterionStanding(criterion=None)  # type: ignore[arg-type]  # there is no row
    return ShownCriterion(item["id"], safe(item["html"]), "", standing)


def project_of(section: Block) -> ShownProject:
    uuid, html = section["project"], safe(section["title"])
    return ShownProject(System(NOBODY, UUID(uuid), []), ShownWork(None, LEARNER, uuid, html, "project"))
