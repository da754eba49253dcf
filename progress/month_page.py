"""A month as one learner works through it: the document, with everything they have done in its place."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from curriculum.markdown import render_inline
from curriculum.pages import MonthContent, PlannedMonth, content_of
from curriculum.prepared import Prepared
from people.dates import Dates
from people.models import Membership
from progress.learners import LEARNER
from progress.models import Completion
from progress.standing import CriterionStanding, Standing, State
from progress.works import Work, works_of
from submissions.forms import SystemForm
from submissions.system import System

Block = dict[str, Any]
"""A block of the outline (see `curriculum/outline.py`), with the learner's part added."""


@dataclass(frozen=True)
class TickableTask:
    """A task as the page shows it to one learner."""

    uuid: str
    html: str
    text: str
    done: bool = False
    note: str = ""
    more: str = ""
    """What stands below its first paragraph, as html."""
    depth: int = 0
    """How deep it is nested in other tasks, from 0."""

    @property
    def is_plain(self) -> bool:
        """Whether it shows nothing that the learner wrote (see `templatetags/fragments.py`)."""
        return not self.note

    @classmethod
    def of(cls, item: Block, month: MonthContent, done: bool, note: str) -> "TickableTask":
        """From an item of an outline, whose html is sanitised."""
        html, more = mark_safe(item["html"]), mark_safe(item["more"])
        return cls(item["id"], html, month.text(item["id"]), done, note, more, item["depth"])


@dataclass
class ShownWork(Work):
    """A deliverable or a project in its place in the document."""

    uuid: str = ""
    html: str = ""
    kind: str = "deliverable"
    more: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing of the learner to show (see `templatetags/fragments.py`)."""
        return self.submission is None

    @property
    def plain(self) -> "ShownWork | PlainWork":
        return PlainWork(self.uuid, self.html, self.kind) if self.is_plain else self


@dataclass(frozen=True)
class PlainWork:
    """What a work's place shows before anything is handed in."""

    uuid: str
    html: str
    kind: str


@dataclass(frozen=True)
class ShownCriterion:
    """A criterion in its place in the document."""

    uuid: str
    html: str
    text: str
    standing: CriterionStanding | None = None
    more: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the record says nothing about it (see `templatetags/fragments.py`)."""
        return self.standing is not None and not self.standing.chain

    @property
    def plain(self) -> "ShownCriterion":
        return replace(self, standing=None, more="") if self.is_plain else self

    @property
    def shown_standing(self) -> "CriterionStanding | Untouched | None":
        if self.standing is None or self.standing.chain:
            return self.standing
        return Untouched(self.standing.is_met, self.standing.binds)


@dataclass(frozen=True)
class Untouched:
    """Where a learner stands on a criterion that nothing was ever said about."""

    is_met: bool
    """As part of a completed month."""
    binds: bool
    state: str = State.NONE


@Prepared
def _ticks(learner: int, month: int) -> QuerySet[Completion]:
    return Completion.objects.filter(learner=learner, task__month=month).select_related("task")


class MonthPage:
    """Everything the month page shows, gathered once.

    Queries: the plan's key, the dates, the completions, the works, the record.
    """

    def __init__(self, learner: Membership, role: str, planned: PlannedMonth, dates: Dates) -> None:
        self.learner, self.role, self.planned, self.dates = learner, role, planned, dates
        self.month = content_of(planned.edition)[planned.uuid]
        self.editable = role == LEARNER and learner.ended_at is None
        rows = _ticks(learner.pk, planned.pk)
        self.today = learner.cohort.today()
        self.completions = {str(row.task.uuid): row for row in rows}
        self.submissions = works_of(learner, planned.pk)
        self.standing = Standing(learner, self.month.row, self.month.criteria)
        self.tasks: list[TickableTask] = []
        self.works: list[ShownWork] = []
        self.sections = [self._section(section) for section in self.month.outline["sections"]]

    # The document, with the learner's part in it --------------------------------------------------------------
    def _section(self, section: dict[str, Any]) -> dict[str, Any]:
        shown = section | {
            "title": mark_safe(section["title"])
        }  # rendered and sanitised when it was published
        shown["blocks"] = [self._block(block) for block in section["blocks"]]
        if section.get("project"):
            shown["work"] = self._work("project", {"id": section["project"], "html": section["title"]})
            shown["system"] = self._system(section, shown["work"])
            if self.editable:
                # The form below offers the same ideas as choices.
                shown["blocks"] = [block for block in shown["blocks"] if block["kind"] != "ideas"]
        return shown

    def _block(self, block: Block) -> Block:
        shown = dict(block)
        for name in ("title", "focus"):
            if name in shown:
                shown[name] = mark_safe(shown[name])  # rendered and sanitised when it was published
        if "blocks" in block:
            shown["blocks"] = [self._block(inner) for inner in block["blocks"]]
        if "items" in block:
            make: Callable[[Block], Any] = {
                "tasks": self._task,
                "deliverables": lambda item: self._work("deliverable", item),
                "criteria": self._criterion,
            }.get(block["kind"], self._plain)
            shown["items"] = [made for item in block["items"] if (made := make(item)) is not None]
        if block["kind"] == "week":
            shown["due"] = self.dates.due(self.planned.pk, self.month.week_position(block["id"]))
            shown["late"] = bool(shown["due"]) and self._is_late(shown)
        return shown

    def _is_late(self, week: Block) -> bool:
        """Whether a past week still has something to tick or to hand in."""
        if week["due"] >= self.today:
            return False
        inside = [item for block in week["blocks"] for item in block.get("items", [])]
        return any(not item.done for item in inside if isinstance(item, TickableTask)) or any(
            item.state in ("none", "draft") for item in inside if isinstance(item, ShownWork)
        )

    @staticmethod
    def _plain(item: Block) -> Block:
        return item | {
            "html": mark_safe(item["html"]),
            "more": mark_safe(item["more"]),
        }  # rendered and sanitised when it was published

    def _task(self, item: Block) -> TickableTask:
        row = self.completions.pop(item["id"], None)
        done, note = (row.done_at is not None, row.note) if row else (False, "")
        task = TickableTask.of(item, self.month, done, note)
        self.tasks.append(task)
        return task

    def _work(self, kind: str, item: Block) -> ShownWork:
        found = next((row for row in self.submissions if str(row.subject.uuid) == item["id"]), None)
        work = ShownWork(
            found, self.role, item["id"], mark_safe(item["html"]), kind, mark_safe(item.get("more", ""))
        )
        self.works.append(work)
        return work

    def _system(self, section: dict[str, Any], work: ShownWork) -> System:
        """The ideas of the project, with the chosen one; for a learner they stand in the form alone."""
        blocks = [block for block in section["blocks"] if block["kind"] == "ideas"]
        ideas = [
            (UUID(item["id"]), item["html"]) for block in blocks for item in block["items"] if item["id"]
        ]
        system = System(self.learner.uuid, UUID(section["project"]), ideas, editable=self.editable)
        if work.submission and work.submission.idea:
            system.idea = str(work.submission.idea.uuid)
            if work.submission.idea.archived_at:
                chosen = (work.submission.idea.uuid, render_inline(work.submission.idea.text))
                system.ideas = [*ideas, chosen]
        elif work.submission and work.submission.system:
            system.idea, system.sentence = SystemForm.OWN, work.submission.system
        return system

    def _criterion(self, item: Block) -> ShownCriterion | None:
        standing = self._standings.get(item["id"])
        html, more = mark_safe(item["html"]), mark_safe(item["more"])
        return ShownCriterion(item["id"], html, self.month.text(item["id"]), standing, more)

    @cached_property
    def _standings(self) -> dict[str, CriterionStanding]:
        return {str(one.criterion.uuid): one for one in self.standing.criteria.values()}

    @property
    def details(self) -> list[dict[str, str]]:
        """What the author says below the title, beside tier, duration and status, which the page says itself."""
        said = ("tier", "duration", "status")
        return [self._safe(one) for one in self.month.outline["details"] if one["label"].lower() not in said]

    @staticmethod
    def _safe(detail: dict[str, str]) -> dict[str, str]:
        return detail | {"html": mark_safe(detail["html"])}

    # What it adds up to -----------------------------------------------------------------------------------
    @property
    def tasks_done(self) -> int:
        return sum(task.done for task in self.tasks)

    @property
    def works_accepted(self) -> int:
        return sum(work.state == "accepted" for work in self.works if work.kind == "deliverable")

    @property
    def works_count(self) -> int:
        return sum(work.kind == "deliverable" for work in self.works)

    @property
    def percent(self) -> int:
        """Tasks ticked, of a hundred."""
        return round(100 * self.tasks_done / len(self.tasks)) if self.tasks else 0

    @property
    def percent_wide(self) -> int:
        """The same as a width of 200."""
        return 2 * self.percent

    @property
    def state(self) -> str:
        """Where the learner is in this month, in words."""
        if self.standing.complete:
            return _("Complete")
        begun = self.completions or self.tasks_done or self.submissions
        return _("In progress") if begun else _("Not started")

    @property
    def waiting(self) -> list[ShownWork]:
        """Works on which it is the turn of whoever looks."""
        return [work for work in self.works if work.is_mine]

    @property
    def drafts(self) -> list[ShownWork]:
        """Works with a draft that is nobody's turn; a mentor does not learn of them."""
        return [work for work in self.works if work.is_drafted and not work.is_mine]

    @property
    def not_yet(self) -> list[CriterionStanding]:
        """Criteria that a mentor has looked at, and not found met."""
        return [one for one in self.standing.criteria.values() if one.state == "not-yet"]

    @property
    def again(self) -> list[CriterionStanding]:
        """Criteria whose wording asks for another look."""
        return [one for one in self.standing.criteria.values() if one.state == "again"]

    @property
    def gone(self) -> list[TickableTask]:
        """Tasks that the month no longer has, which the learner had ticked or noted."""
        rows = [row for uuid, row in self.completions.items() if row.task.archived_at is not None]
        return [
            TickableTask(str(r.task.uuid), r.task.text, r.task.text, r.done_at is not None, r.note)
            for r in rows
        ]

    @property
    def contents(self) -> Iterator[tuple[str, str]]:
        """The table of contents: anchor and plain words, weeks in the place of the section that holds them."""
        for section in self.sections:
            weeks = [block for block in section["blocks"] if block["kind"] == "week"]
            if section["role"] == "navigation":
                continue
            if not weeks:
                yield section["slug"], unescape(strip_tags(section["title"]))
            for week in weeks:
                words = ": ".join(part for part in (week["label"], week["title"]) if part)
                yield week["slug"], unescape(strip_tags(words))
        if self.standing.defences:
            yield "defences", _("Defences")


@dataclass(frozen=True)
class Neighbours:
    """The months before and after one, as the plan has them."""

    previous: PlannedMonth | None
    next: PlannedMonth | None


def neighbours(months: Iterable[PlannedMonth], slug: str) -> Neighbours:
    """The neighbours of a month in the plan."""
    ordered = list(months)
    at = next(i for i, month in enumerate(ordered) if month.slug == slug)
    return Neighbours(ordered[at - 1] if at else None, ordered[at + 1] if at + 1 < len(ordered) else None)
