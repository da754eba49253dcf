"""Which row belongs to which part of a changed text, and what people have done on rows that would lose their place.

A learner's tick belongs to a row, so rows must survive an edit. An item keeps its row when its exact text stands
under the same heading (counting occurrences), or else anywhere in the month; rows that an earlier edition archived
come back the same way. Weeks are known by number and title, sections and projects by role and title.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.markdown import Node
from curriculum.models import Detail, Document, Month, Project, Row, Section, Week
from curriculum.rows import MODELS, Wanted

WORK = {"learner", "submission"}
"""Fields by which a row says that it is somebody's work: see the memberships and submissions of the design."""


@dataclass(frozen=True)
class Lost:
    """A row that a text no longer has although people have work on it."""

    row: Row
    work: int
    """How many rows of work."""

    def __str__(self) -> str:
        sentence = ngettext(
            "%(kind)s “%(text)s” (%(work)d piece of work)",
            "%(kind)s “%(text)s” (%(work)d pieces of work)",
            self.work,
        )
        return sentence % {
            "kind": str(self.row._meta.verbose_name).capitalize(),
            "text": str(self.row)[:120],
            "work": self.work,
        }


class WorkWouldBeLost(ValueError):
    """A text that was refused because rows with work on them would lose their place."""

    def __init__(self, lost: list[Lost]) -> None:
        super().__init__(_("People have work on what this text no longer has."))
        self.lost = lost


@dataclass(frozen=True)
class Place:
    """What a row, stored or wanted, is recognised by."""

    month: int | None
    parent: tuple[str, int | None]
    values: Mapping[str, Any]

    @classmethod
    def of_row(cls, row: Any) -> "Place":
        names = [name for name in ("week", "section", "project", "month") if getattr(row, f"{name}_id", None)]
        parent = (names[0], getattr(row, f"{names[0]}_id")) if names else ("", None)
        month = row.project.month_id if hasattr(row, "project_id") else getattr(row, "month_id", None)
        return cls(month, parent, vars(row))

    @classmethod
    def of_wanted(cls, one: Wanted) -> "Place":
        month = one.month.row.pk if one.month and one.month.row else None
        parent = one.parent
        return cls(
            month,
            (parent.model._meta.model_name or "", parent.row.pk if parent.row else None)
            if parent
            else ("", None),
            one.values,
        )


Key = Callable[[Place], Hashable]
"""Equal for what is the same; None for what cannot be told by this."""

MONTH_KEYS: list[Key] = [
    lambda at: at.values["slug"],
    lambda at: (at.values["unit"].lower(), at.values["number"]) if at.values["number"] is not None else None,
    lambda at: at.values["title"] or None,
]
WEEK_KEYS: list[Key] = [
    lambda at: (at.month, at.values["number"], at.values["title"]),
    lambda at: (at.month, at.values["title"]) if at.values["title"] else None,
    lambda at: (at.month, at.values["number"]) if at.values["number"] is not None else None,
]
SECTION_KEYS: list[Key] = [
    lambda at: (at.month, at.values["role"], at.values["title"]),
    lambda at: (at.month, at.values["title"]),
    lambda at: (at.month, at.values["role"]) if at.values["role"] != Section.Role.OTHER else None,
]
PROJECT_KEYS: list[Key] = [lambda at: (at.month, at.values["title"]), lambda at: at.month]
DETAIL_KEYS: list[Key] = [lambda at: (at.month, at.values["label"].lower())]
ITEM_KEYS: list[Key] = [
    lambda at: (at.parent, at.values.get("group"), at.values.get("label"), at.values["text"]),
    lambda at: (at.month, at.values["text"]),
]
KEYS: dict[type[Row], list[Key]] = {
    Month: MONTH_KEYS,
    Week: WEEK_KEYS,
    Section: SECTION_KEYS,
    Project: PROJECT_KEYS,
    Detail: DETAIL_KEYS,
}


def match(document: Document, wanted: list[Wanted], pairs: Mapping[Node, Row] | None = None) -> list[Row]:
    """Give every wanted row the row it keeps, or a new unsaved one; returns the live rows that none of them keeps.

    `pairs` says for certain which row a node keeps, and is complete when it is given: nothing else is recognised.
    """
    have = stored(document)
    taken: set[int] = set()
    gone: list[Row] = []
    for model, rows in have.items():
        asked = [one for one in wanted if one.model is model]
        if pairs is None:
            recognise(asked, rows, KEYS.get(model, ITEM_KEYS))
        else:
            by_pk = {row.pk: row for row in rows}
            for one in asked:
                one.row = by_pk[pairs[one.node].pk] if one.node in pairs else None
        taken = {one.row.pk for one in asked if one.row is not None}
        gone += [row for row in rows if row.archived_at is None and row.pk not in taken]
        for one in asked:
            one.row = one.row or model()
    return gone


def stored(document: Document) -> dict[type[Row], list[Row]]:
    """Every row of a document's months, archived ones too, in order; kinds in the order in which they are written."""
    rows: dict[type[Row], list[Row]] = {}
    for model in MODELS.values():
        objects: Any = model._default_manager
        found = objects.filter(**{f"{path_to_month(model)}document": document})
        rows[model] = list(found.select_related("project") if model._meta.model_name == "idea" else found)
    return rows


def path_to_month(model: type[Row]) -> str:
    """How a look-up on a row reaches its month's columns."""
    if model is Month:
        return ""
    return "month__" if any(field.name == "month" for field in model._meta.fields) else "project__month__"


def recognise(asked: list[Wanted], rows: list[Row], keys: list[Key]) -> None:
    """Give wanted rows the stored ones they are: live ones by every key in turn, then archived ones."""
    for live in (True, False):
        for key in keys if live or keys is ITEM_KEYS else keys[:1]:
            left = [one for one in asked if one.row is None]
            taken = {one.row.pk for one in asked if one.row is not None}
            waiting: dict[Hashable, list[Row]] = defaultdict(list)
            for row in rows:
                if row.pk not in taken and (row.archived_at is None) is live:
                    waiting[key(Place.of_row(row))].append(row)
            for one in left:
                at = key(Place.of_wanted(one))
                if at is not None and waiting[at]:
                    one.row = waiting[at].pop(0)


def work_on(rows: Iterable[Row]) -> dict[Row, int]:
    """How many rows of work hang on each of these, without those that nothing hangs on.

    What counts as work is found from the tables themselves, so that the plan need not know who builds upon it.
    """
    by_model: dict[type[Row], list[Row]] = defaultdict(list)
    for row in rows:
        if row.pk is not None:
            by_model[type(row)].append(row)
    counts: dict[Row, int] = defaultdict(int)
    for model, some in by_model.items():
        by_pk = {row.pk: row for row in some}
        for relation in relations_of_work(model):
            related: Any = relation.related_model._base_manager
            name = relation.field.name
            for pk in related.filter(**{f"{name}__in": list(by_pk)}).values_list(name, flat=True):
                counts[by_pk[pk]] += 1
    return dict(counts)


def relations_of_work(model: type[Row]) -> list[Any]:
    """The keys of other apps' tables that point at a table of the plan and say whose work they are."""
    relations: list[Any] = list(model._meta.get_fields(include_hidden=True))
    return [
        relation
        for relation in relations
        if relation.one_to_many
        and relation.auto_created
        and relation.related_model._meta.app_label != model._meta.app_label
        and WORK & {field.name for field in relation.related_model._meta.fields}
    ]


def lost(rows: Iterable[Row]) -> list[Lost]:
    """Those of the rows that people have work on."""
    return [Lost(row, work) for row, work in work_on(rows).items()]
