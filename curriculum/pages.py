"""What never changes about months, kept in the process's memory so that a request asks for a person's rows alone.

A published edition is immutable: what a month page shows of it is loaded once, by the edition's public id. Public ids
are random, so what a rolled-back transaction once published is never mistaken for something else.
"""

from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.html import strip_tags

from curriculum.markdown import render_inline
from curriculum.models import Criterion, Deliverable, Document, Edition, Idea, Month, Project, Task, Week


@dataclass(frozen=True)
class PageItem:
    """A row that people work on."""

    pk: int
    uuid: UUID
    text: str
    """Plain words, without Markdown."""
    week: UUID | None = None
    """The week it stands in; None outside the weeks."""
    meaning: int = 1
    """Of a criterion."""


@dataclass(frozen=True)
class PageWeek:
    pk: int
    uuid: UUID
    label: str
    title: str
    """Plain words."""


@dataclass(frozen=True)
class MonthPage:
    """One month as one edition has it. The items are in the document's order."""

    pk: int
    uuid: UUID
    curriculum: int
    edition: UUID
    slug: str
    label: str
    title: str
    """Plain words."""
    tier: str
    tier_number: int | None
    tier_name: str
    duration: str
    status: str
    planned_weeks: int
    lang: str
    outline: dict[str, Any]
    """As `curriculum/outline.py` describes a month; shared by all requests, never to be changed."""
    weeks: tuple[PageWeek, ...]
    tasks: tuple[PageItem, ...]
    deliverables: tuple[PageItem, ...]
    criteria: tuple[PageItem, ...]
    projects: tuple[PageItem, ...]
    ideas: tuple[PageItem, ...]

    @property
    def name(self) -> str:
        """Label and title: "Month 08: System Design"."""
        return f"{self.label}: {self.title}" if self.label and self.title else self.title or self.label


def plain(markdown: str) -> str:
    """The words of inline Markdown."""
    return unescape(strip_tags(render_inline(markdown))).strip()


def page_of(edition: UUID, month: UUID | None = None) -> MonthPage:
    """A month of an edition, by public ids; without a month the edition's first.

    A fixed number of queries the first time in a process, none afterwards. Raises Edition.DoesNotExist, and KeyError
    for a month that the edition does not have.
    """
    pages = pages_of(edition)
    return pages[month] if month is not None else next(iter(pages.values()))


@lru_cache(maxsize=256)
def pages_of(edition: UUID) -> dict[UUID, MonthPage]:
    """All months of an edition, in its order, by their public ids."""
    found = Edition.objects.select_related("document").get(uuid=edition)
    outlines = {UUID(outline["month"]): outline for outline in found.outline.get("months", [])}
    months = Month.objects.filter(uuid__in=outlines)
    weeks = Week.objects.filter(month__in=months)
    rows: dict[str, list[Any]] = {
        "weeks": list(weeks),
        "tasks": list(Task.objects.filter(month__in=months)),
        "deliverables": list(Deliverable.objects.filter(month__in=months)),
        "criteria": list(Criterion.objects.filter(month__in=months)),
        "projects": list(Project.objects.filter(month__in=months)),
        "ideas": list(Idea.objects.filter(project__month__in=months).select_related("project")),
    }
    by_uuid = {month.uuid: month for month in months}
    return {uuid: month_page(found, by_uuid[uuid], outline, rows) for uuid, outline in outlines.items()}


def month_page(edition: Edition, month: Month, outline: dict[str, Any], rows: dict[str, list[Any]]) -> MonthPage:
    order = {uuid: number for number, uuid in enumerate(ids_in(outline))}
    weeks = {week.pk: week.uuid for week in rows["weeks"]}

    def items(name: str) -> tuple[PageItem, ...]:
        mine = sorted((row for row in rows[name] if row.uuid in order), key=lambda row: order[row.uuid])
        return tuple(
            PageItem(
                row.pk,
                row.uuid,
                plain(row.title if isinstance(row, Project) else row.text),
                weeks.get(getattr(row, "week_id", None) or 0),
                getattr(row, "meaning", 1),
            )
            for row in mine
        )

    mine = sorted((week for week in rows["weeks"] if week.uuid in order), key=lambda week: order[week.uuid])
    return MonthPage(
        pk=month.pk,
        uuid=month.uuid,
        curriculum=month.curriculum_id,
        edition=edition.uuid,
        slug=month.slug,
        label=month.label,
        title=plain(month.title),
        tier=month.tier,
        tier_number=month.tier_number,
        tier_name=month.tier_name,
        duration=month.duration,
        status=month.status,
        planned_weeks=month.planned_weeks,
        lang=month.lang,
        outline=outline,
        weeks=tuple(PageWeek(week.pk, week.uuid, week.label, plain(week.title)) for week in mine),
        tasks=items("tasks"),
        deliverables=items("deliverables"),
        criteria=items("criteria"),
        projects=items("projects"),
        ideas=items("ideas"),
    )


def ids_in(part: Any) -> list[UUID]:
    """The public ids that an outline names, in its order."""
    if isinstance(part, list):
        return [uuid for inner in part for uuid in ids_in(inner)]
    if not isinstance(part, dict):
        return []
    own = [UUID(part[key]) for key in ("id", "project") if part.get(key)]
    return own + [uuid for inner in part.values() for uuid in ids_in(inner)]


@dataclass(frozen=True)
class Stop:
    """One live month of a curriculum, with the way to its neighbours."""

    pk: int
    uuid: UUID
    edition: UUID
    slug: str
    label: str
    title: str
    """Plain words."""
    tier_number: int | None
    tier_name: str
    status: str
    planned_weeks: int
    tasks: int
    """How many, requirements included."""
    deliverables: int
    criteria: int
    index: int
    """Its place in the plan, from 0."""

    @property
    def name(self) -> str:
        """Label and title: "Month 08: System Design"."""
        return f"{self.label}: {self.title}" if self.label and self.title else self.title or self.label

    @property
    def page(self) -> MonthPage:
        return page_of(self.edition, self.uuid)


@dataclass(frozen=True)
class Plan:
    """The live months of a curriculum, in order."""

    months: tuple[Stop, ...]
    dashboard: UUID | None
    """The edition of the dashboard page, if there is one: its html is `dashboard_of(plan.dashboard)`."""

    def stop(self, slug: str) -> Stop | None:
        return next((stop for stop in self.months if stop.slug == slug), None)

    def before(self, stop: Stop) -> Stop | None:
        return self.months[stop.index - 1] if stop.index else None

    def after(self, stop: Stop) -> Stop | None:
        return self.months[stop.index + 1] if stop.index + 1 < len(self.months) else None


def plan_of(curriculum: int) -> Plan:
    """The plan of a curriculum, by primary key: one query, and a fixed few more after something was published."""
    documents = Document.objects.filter(curriculum=curriculum, archived_at=None, published__isnull=False)
    return plan_at(curriculum, tuple(sorted(documents.values_list("published__uuid", flat=True))))


@lru_cache(maxsize=64)
def plan_at(curriculum: int, editions: tuple[UUID, ...]) -> Plan:
    """The plan that these editions make up."""
    months = Month.objects.in_order().filter(curriculum=curriculum, document__published__uuid__in=editions)
    months = list(months.live().select_related("document__published"))
    counts = {
        model: dict(
            model.objects.live().filter(month__in=months).values_list("month").annotate(Count("pk")).order_by()
        )
        for model in (Task, Deliverable, Criterion)
    }
    stops = tuple(
        Stop(
            pk=month.pk,
            uuid=month.uuid,
            edition=month.document.published.uuid,
            slug=month.slug,
            label=month.label,
            title=plain(month.title),
            tier_number=month.tier_number,
            tier_name=month.tier_name,
            status=month.status,
            planned_weeks=month.planned_weeks,
            tasks=counts[Task].get(month.pk, 0),
            deliverables=counts[Deliverable].get(month.pk, 0),
            criteria=counts[Criterion].get(month.pk, 0),
            index=index,
        )
        for index, month in enumerate(months)
    )
    dashboards = Edition.objects.filter(uuid__in=editions, document__kind=Document.Kind.DASHBOARD)
    return Plan(stops, dashboards.order_by("document__path").values_list("uuid", flat=True).first())


@lru_cache(maxsize=64)
def dashboard_of(edition: UUID) -> str:
    """The safe html of a page that is no month."""
    return str(Edition.objects.get(uuid=edition).outline.get("html", ""))
