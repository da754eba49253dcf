"""A month as one learner works through it: the document, with everything they have done in its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from curriculum.changes import Change, changes_of, seen_at
from curriculum.kept import gap
from curriculum.markdown import detail_kind, render_inline
from curriculum.pages import MonthContent, PlannedMonth, content_of
from curriculum.prepared import Prepared
from curriculum.wording import Stretch, difference_of_markdown
from people.dates import Dates
from people.models import Membership
from progress.document import Block, Layout, contents_of
from progress.learners import LEARNER
from progress.looking import said_of
from progress.models import Completion, print_of
from progress.standing import CriterionStanding, Standing, State
from progress.works import Work, works_of
from submissions.forms import SystemForm
from submissions.models import Submission
from submissions.system import System


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
    former: str = ""
    """The words that the learner knows, while they have not said that they have seen the new ones."""

    template: ClassVar[str] = "progress/_task.html"
    gaps: ClassVar[dict[str, str | UUID]] = {}

    @property
    def is_plain(self) -> bool:
        """Whether it shows nothing that the learner wrote or ticked (see `templatetags/fragments.py`)."""
        return not self.note and not self.former

    @property
    def shown(self) -> dict[str, Any]:
        """What its template is given."""
        return {"task": self}

    @property
    def difference(self) -> tuple[Stretch, ...]:
        """From the words that the learner knows to those of now."""
        return difference_of_markdown(self.former, self.text)

    @property
    def print(self) -> str:
        """Names the words that the page shows to the form that says that they were seen."""
        return print_of(self.text)

    @property
    def note_print(self) -> str:
        """Names the note that the page shows to the form that writes another; nothing where there is none."""
        return print_of(self.note) if self.note else ""

    @classmethod
    def of(cls, item: Block, month: MonthContent, done: bool, note: str, former: str = "") -> "TickableTask":
        """From an item of an outline, whose html is sanitised."""
        html, more = mark_safe(item["html"]), mark_safe(item["more"])
        return cls(item["id"], html, month.text(item["id"]), done, note, more, item["depth"], former)

    @classmethod
    def by(cls, item: Block, month: MonthContent, row: Completion | None) -> "TickableTask":
        """The same with what a learner's row says of it."""
        if row is None:
            return cls.of(item, month, False, "")
        former = row.former(month.text(item["id"]))
        return cls.of(item, month, row.done_at is not None, row.note, former)


@dataclass
class ShownWork(Work):
    """A deliverable or a project in its place in the document."""

    uuid: str = ""
    html: str = ""
    kind: str = "deliverable"

    template: ClassVar[str] = "progress/_deliverable.html"

    is_plain: ClassVar[bool] = True

    @property
    def shown(self) -> dict[str, Any]:
        """What its template is given."""
        tone = self.tone if self.submission else ""
        return {"work": PlainWork(self.uuid, self.html, self.kind, tone, bool(self.detail))}

    @property
    def gaps(self) -> dict[str, str | UUID]:
        """What its template shows of a work that was begun."""
        if self.submission is None:
            return {}
        return {"submission": self.submission.uuid, "words": self.words, "detail": self.detail}


@dataclass(frozen=True)
class PlainWork:
    """What a work's place shows, apart from words about what was handed in."""

    uuid: str
    html: str
    kind: str
    tone: str = ""
    """The class of its pill; empty before anything is begun."""
    has_detail: bool = False


@dataclass(frozen=True)
class ShownCriterion:
    """A criterion in its place in the document."""

    uuid: str
    html: str
    text: str
    standing: CriterionStanding | None = None

    template: ClassVar[str] = "progress/_criterion.html"
    gaps: ClassVar[dict[str, str | UUID]] = {}

    @property
    def is_plain(self) -> bool:
        """Whether the record says nothing about it (see `templatetags/fragments.py`)."""
        return self.standing is not None and not self.standing.chain

    @property
    def shown(self) -> dict[str, Any]:
        """What its template is given."""
        if self.standing is None or self.standing.chain:
            return {"criterion": self, "standing": self.standing}
        untouched = Untouched(self.standing.is_met, self.standing.binds)
        return {"criterion": replace(self, standing=None), "standing": untouched}


@dataclass(frozen=True)
class ShownProject:
    """A project's own section: the system that is built, and the work on it."""

    system: System
    work: ShownWork

    template: ClassVar[str] = "progress/_project.html"

    @property
    def is_plain(self) -> bool:
        """Whether there is no sentence of the learner's to show (see `templatetags/fragments.py`)."""
        return not self.system.sentence

    @property
    def shown(self) -> dict[str, Any]:
        """What its template is given."""
        if not self.is_plain:
            return {"system": self.system} | self.work.shown | self.work.gaps
        ideas = tuple(self.system.ideas)
        return {"system": replace(self.system, learner=gap("learner_uuid"), ideas=ideas)} | self.work.shown

    @property
    def gaps(self) -> dict[str, str | UUID]:
        return self.work.gaps


Placed = TickableTask | ShownWork | ShownCriterion | ShownProject
"""What can stand in a place of the document: each says its `template`, what that is `shown`, its `gaps`, and whether it
is plain, so that nothing else tells one from another (see `curriculum/kept.py`)."""


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
    """Everything the month page shows, gathered once, for a learner as `learner_or_404` gives them with the month.

    Queries: the plan's key, the dates, the completions, the works, the record.
    """

    def __init__(self, learner: Membership, role: str, planned: PlannedMonth, dates: Dates) -> None:
        self.learner, self.role, self.planned, self.dates = learner, role, planned, dates
        self.month = content_of(planned.edition)[planned.uuid]
        self.editable = role == LEARNER and learner.ended_at is None
        rows = _ticks(learner.pk, planned.pk)
        self.today = learner.cohort.today()
        self.rows = {str(row.task.uuid): row for row in rows}
        """The learner's ticks and notes, by the public ids of the tasks."""
        self.completions = dict(self.rows)
        """Those that have no place in the document."""
        self.submissions = works_of(learner, planned.pk)
        begun = [row.done_at for row in rows if row.done_at] + [row.created_at for row in self.submissions]
        self.begun_at = min(begun, default=None)
        self.standing = Standing(learner, self.month.row, self.month.criteria)
        self.placed: dict[str, Placed] = {}
        """What stands in the places of the document, by public id, in its order."""
        for section in self.month.outline["sections"]:
            self._place(section["blocks"])
            if section.get("project"):
                self.placed[section["project"]] = self._project(section)
        self.tasks = [one for one in self.placed.values() if isinstance(one, TickableTask)]
        self.works = [
            one.work if isinstance(one, ShownProject) else one
            for one in self.placed.values()
            if isinstance(one, ShownWork | ShownProject)
        ]

    # The document, with the learner's part in it --------------------------------------------------------------
    @property
    def layout(self) -> Layout:
        weeks = tuple(self._week(place, week) for place, week in enumerate(self.month.weeks))
        return Layout(self.planned.edition, self.planned.uuid, not self.editable, weeks)

    def _week(self, place: int, week: Block) -> tuple[date | None, bool]:
        """Its last day, and whether that is past while something is left to tick or to hand in."""
        due = self.dates.due(self.planned.pk, self.month.ends[place])
        if due is None or due >= self.today:
            return due, False
        inside = [self.placed.get(item["id"]) for block in week["blocks"] for item in block.get("items", [])]
        return due, any(not one.done for one in inside if isinstance(one, TickableTask)) or any(
            one.state in ("none", "draft") for one in inside if isinstance(one, ShownWork)
        )

    def _place(self, blocks: list[Block]) -> None:
        make: dict[str, Callable[[Block], Any]] = {
            "tasks": self._task,
            "deliverables": self._deliverable,
            "criteria": self._criterion,
        }
        for block in blocks:
            if block["kind"] in make:
                self.placed |= {item["id"]: make[block["kind"]](item) for item in block["items"]}
            self._place(block.get("blocks", []))

    def _task(self, item: Block) -> TickableTask:
        return TickableTask.by(item, self.month, self.completions.pop(item["id"], None))

    def _deliverable(self, item: Block) -> ShownWork:
        return ShownWork(self._handed_in(item["id"]), self.role, item["id"], mark_safe(item["html"]))

    def _handed_in(self, subject: str) -> Submission | None:
        return next((row for row in self.submissions if str(row.subject.uuid) == subject), None)

    def _project(self, section: Block) -> ShownProject:
        project, html = section["project"], mark_safe(section["title"])
        work = ShownWork(self._handed_in(project), self.role, project, html, "project")
        return ShownProject(self._system(section, work), work)

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

    def _criterion(self, item: Block) -> ShownCriterion:
        text, standing = self.month.text(item["id"]), self._standings.get(item["id"])
        return ShownCriterion(item["id"], mark_safe(item["html"]), text, standing)

    @cached_property
    def _standings(self) -> dict[str, CriterionStanding]:
        return {str(one.criterion.uuid): one for one in self.standing.criteria.values()}

    @property
    def details(self) -> list[dict[str, str]]:
        """What the author says below the title, beside tier, duration and status, which the page says itself."""
        return [self._safe(one) for one in self.month.outline["details"] if not detail_kind(one["label"])]

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

    @cached_property
    def gone(self) -> list[TickableTask]:
        """Tasks that the month no longer has, which the learner had ticked or noted."""
        rows = [row for uuid, row in self.completions.items() if row.task.archived_at is not None]
        return [
            TickableTask(str(r.task.uuid), r.task.text, r.task.text, r.done_at is not None, r.note)
            for r in rows
        ]

    @cached_property
    def gone_works(self) -> list[ShownWork]:
        """What the learner handed in for what the month no longer has."""
        gone = [row for row in self.submissions if str(row.subject.uuid) not in self.placed]
        return [
            ShownWork(row, self.role, str(row.subject.uuid), escape(str(row.subject)))
            for row in gone
            if row.last_number is not None or self.role == LEARNER
        ]

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What is otherwise since the learner who looks said that they had seen the month, or else since they began."""
        if not self.editable:
            return ()
        seen: UUID | None = self.learner.seen_edition  # type: ignore[attr-defined]  # annotated by learner_or_404
        if seen is None and self.begun_at is not None:
            seen = seen_at(self.planned.edition, self.begun_at)
        return changes_of(self.planned.uuid, seen, self.planned.edition) if seen else ()

    @property
    def changes_said(self) -> str:
        """How many of the changes are of which kind, in words."""
        return said_of(self.changes)

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """The table of contents: anchor and plain words."""
        found = contents_of(self.planned.edition, self.planned.uuid)
        return (*found, ("defences", _("Defences"))) if self.standing.defences else found


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
