"""What is published, kept in process memory: an edition never changes, so its pages are gathered once a process."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.utils.html import escape

from curriculum.dashboard import NamedTier, document_at, tiers_of
from curriculum.models import Criterion, Curriculum, Document, Edition, Month
from curriculum.units import Units

KEPT_EDITIONS = 256
KEPT_PLANS = 64


@dataclass(frozen=True)
class PlannedMonth:
    """A live month in its place in the plan."""

    pk: int
    uuid: UUID
    edition: UUID
    """The published edition whose text it is."""
    slug: str
    unit: str
    label: str
    title: str
    tier_number: int | None
    tier_name: str
    planned_weeks: int
    tasks: int
    deliverables: int
    criteria: int

    path: str
    """Of its document."""

    def __str__(self) -> str:
        return f"{self.label}: {self.title}" if self.label else self.title


@dataclass(frozen=True)
class Dashboard:
    """The published page of a whole curriculum."""

    path: str
    html: str
    """Sanitised."""
    tiers: tuple[NamedTier, ...]

    def linked(self, addresses: dict[str, str], title: str) -> str:
        """Its HTML for a page that has this title, with links to documents that have an address, by their paths."""

        def link(found: re.Match[str]) -> str:
            address = addresses.get(document_at(unescape(found[1]), self.path))
            return f'<a href="{escape(address)}">{found[2]}</a>' if address else found[0]

        return INSIDE.sub(link, self.html.removeprefix(f"<h2>{escape(title)}</h2>"))

    def tier(self, month: Month) -> NamedTier | None:
        """The tier that the dashboard lists a month in; else the one that it names by the number the month gives."""
        listed = (tier for tier in self.tiers if month.document.path in tier.paths)
        numbered = (tier for tier in self.tiers if tier.number == month.tier_number)
        return next(listed, None) or next(numbered, None)


INSIDE = re.compile(r'<span class="link-inside" title="([^"]*)">(.*?)</span>', re.DOTALL)
"""A link that leads nowhere on the web, as `curriculum/markdown/rendering.py` writes it."""


@dataclass(frozen=True)
class Plan:
    """A curriculum's live months in order: by number, then as their files stand; by tier where a dashboard has all."""

    months: tuple[PlannedMonth, ...]
    dashboard: Dashboard | None = None

    @cached_property
    def units(self) -> Units:
        """What its months are called in general."""
        return Units.of(self.months)

    def month(self, slug: str) -> PlannedMonth | None:
        return next((month for month in self.months if month.slug == slug), None)


def published_state(curriculum: str) -> dict[str, Combinable]:
    """Annotations `newest_edition` and `live_documents` for a query that names a curriculum by the look-up given.

    They change whenever something is published or archived, so a plan is kept as long as they are the same.
    """
    live = Document.objects.filter(curriculum=OuterRef(curriculum), archived_at=None, published__isnull=False)
    count = live.order_by().values("curriculum").annotate(count=Count("pk")).values("count")
    return {
        # By its key: "-published" would follow the order of editions, which is by document.
        "newest_edition": Subquery(live.order_by("-published_id").values("published__uuid")[:1]),
        "live_documents": Subquery(count, output_field=IntegerField()),
    }


def plan_of(curriculum_id: int, state: tuple[UUID | None, int | None] | None = None) -> Plan:
    """The plan of a curriculum.

    `state` holds the annotations of `published_state`, for who has asked already; without it they cost a query. A plan
    that this process has not gathered yet costs five.
    """
    if state is None:
        rows = Curriculum.objects.filter(pk=curriculum_id).annotate(**published_state("pk"))
        state = rows.values_list("newest_edition", "live_documents").get()  # type: ignore[misc]  # annotated above
    return _plan(curriculum_id, *state)


@lru_cache(maxsize=KEPT_PLANS)
def _plan(curriculum_id: int, newest: UUID | None, count: int | None) -> Plan:
    months = (
        Month.objects.live()
        .filter(curriculum=curriculum_id, document__archived_at=None, document__published__isnull=False)
        .select_related("document__published")
        .defer("document__published__source", "document__published__outline")
    )
    counted = {
        name: dict(
            months.order_by()
            .annotate(count=Count(name, filter=Q(**{f"{name}__archived_at": None})))
            .values_list("pk", "count")
        )
        for name in ("tasks", "deliverables", "criteria")
    }
    rows = sorted(months, key=lambda m: (m.number is None, m.number or 0, m.document.path, m.position, m.pk))
    dashboard = _dashboard(curriculum_id)
    tiers = [dashboard.tier(month) if dashboard else None for month in rows]
    planned = [_planned(month, counted, tier) for month, tier in zip(rows, tiers, strict=True)]
    if dashboard and None not in tiers:
        order = {tier: place for place, tier in enumerate(dashboard.tiers)}
        places = {month.pk: order[tier] for month, tier in zip(planned, tiers, strict=True) if tier}
        planned.sort(key=lambda month: places[month.pk])
    return Plan(tuple(planned), dashboard)


def _dashboard(curriculum_id: int) -> Dashboard | None:
    found = Document.objects.published().filter(curriculum=curriculum_id, kind=Document.Kind.DASHBOARD)
    document = found.order_by("path").first()
    if document is None or document.published is None:
        return None
    edition = document.published
    return Dashboard(
        document.path, edition.outline.get("html", ""), tuple(tiers_of(edition.source, document.path))
    )


def _planned(month: Month, counted: dict[str, dict[int, int]], tier: NamedTier | None) -> PlannedMonth:
    published = month.document.published
    assert published is not None, "the query asks for published documents"
    return PlannedMonth(
        pk=month.pk,
        uuid=month.uuid,
        edition=published.uuid,
        slug=month.slug,
        unit=month.unit,
        label=month.label,
        title=month.title,
        tier_number=tier.number if tier else month.tier_number,
        tier_name=tier.name if tier and tier.name else month.tier_name,
        planned_weeks=month.planned_weeks,
        path=month.document.path,
        **{name: of_month[month.pk] for name, of_month in counted.items()},
    )


@dataclass(frozen=True)
class MonthContent:
    """A month as published: its row, its outline (see `curriculum/outline.py`), and the rows named in it."""

    row: Month
    outline: dict[str, Any]
    criteria: tuple[Criterion, ...]
    """All of the month, archived ones too: a completed month may rest on them."""
    texts: dict[str, str]
    """Plain texts of tasks, deliverables, projects, ideas and criteria, by public id."""
    weeks: tuple[dict[str, Any], ...]
    """The outlines of the weeks, in order."""
    ends: tuple[int, ...]
    """For each of them, in which week of the month it ends, counted from 0; one called "Weeks 1-2" lasts for two."""
    items: dict[str, dict[str, Any]]
    """The outlines of all items that have a row, by public id."""

    def text(self, uuid: str) -> str:
        return self.texts.get(uuid, "")

    def week_position(self, uuid: str) -> int:
        """The place of a week in the month, from 0."""
        return next(place for place, week in enumerate(self.weeks) if week["id"] == uuid)


@lru_cache(maxsize=KEPT_EDITIONS)
def content_of(edition: UUID) -> dict[UUID, MonthContent]:
    """The months of a published edition, by public id."""
    found = Edition.objects.select_related("document").get(uuid=edition)
    rows = (
        Month.objects.live()
        .filter(document=found.document)
        .prefetch_related("tasks", "deliverables", "projects__ideas", "criteria")
    )
    outlines = {UUID(month["month"]): month for month in found.outline.get("months", [])}
    return {row.uuid: _content(row, outlines[row.uuid]) for row in rows if row.uuid in outlines}


def _content(row: Month, outline: dict[str, Any]) -> MonthContent:
    ideas = chain.from_iterable(project.ideas.all() for project in row.projects.all())
    named: Iterable[Any] = chain(
        row.tasks.all(), row.deliverables.all(), row.projects.all(), ideas, row.criteria.all()
    )
    weeks = [
        block for section in outline["sections"] for block in section["blocks"] if block["kind"] == "week"
    ]
    texts = {str(item.uuid): str(item) for item in named}
    items = {
        item["id"]: item
        for section in outline["sections"]
        for item in _items(section["blocks"])
        if item["id"]
    }
    # An edition that was published before outlines told how long a week lasts has weeks of one week.
    ends = tuple(end - 1 for end in accumulate(week.get("lasts", 1) for week in weeks))
    return MonthContent(row, outline, tuple(row.criteria.all()), texts, tuple(weeks), ends, items)


def _items(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All items below these blocks."""
    for block in blocks:
        yield from block.get("items", [])
        yield from _items(block.get("blocks", []))
