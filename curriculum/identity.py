"""Rows and parts: which stored row each part of a text keeps when it is published."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from curriculum.markdown import Node
from curriculum.matching import plan
from curriculum.models import Document, Month, Project, Row, Section, Week
from curriculum.parts import Part, group_of, label_of, names_of, part_of, place_of, title
from curriculum.rows import MODELS, Wanted

Rows = Mapping[type[Row], list[Row]]


def stored(*documents: Document) -> dict[type[Row], list[Row]]:
    """Every row of the documents' months, archived ones too, in order; kinds in the order in which they are written."""
    rows: dict[type[Row], list[Row]] = {}
    for model in MODELS.values():
        objects: Any = model._default_manager
        found = objects.filter(**{f"{path_to_month(model)}document__in": documents})
        rows[model] = list(found.select_related("project") if model._meta.model_name == "idea" else found)
    return rows


def path_to_month(model: type[Row]) -> str:
    """How a look-up on a row reaches its month's columns."""
    if model is Month:
        return ""
    return "month__" if any(field.name == "month" for field in model._meta.fields) else "project__month__"


def parts_of_rows(rows: Rows) -> list[Part]:
    """Stored rows as parts, each after the one it stands in; the key of each is its public id."""
    by_pk = {(model, row.pk): row for model, some in rows.items() for row in some}
    return [part_of_row(row, by_pk) for some in rows.values() for row in some]


def part_of_row(row: Row, by_pk: Mapping[tuple[type[Row], int], Row]) -> Part:
    values = vars(row)
    kind = row._meta.model_name or ""
    around = list(above(row, by_pk))
    return Part(
        row.uuid,
        kind,
        str(values.get("text") or values.get("title") or ""),
        place_of([title(vars(each)) for each in reversed(around)], values),
        around[0].uuid if around else None,
        names_of(kind, values),
        label_of(kind, values),
        group_of(values),
        row.archived_at is not None,
    )


def above(row: Row, by_pk: Mapping[tuple[type[Row], int], Row]) -> Iterable[Row]:
    """What a row stands in, the nearest first, but for what has gone to another document since."""
    columns: dict[str, type[Row]] = {"week": Week, "section": Section, "project": Project, "month": Month}
    for name, model in columns.items():
        found = by_pk.get((model, getattr(row, f"{name}_id", None) or 0))
        if found is not None:
            yield found
            if name == "project":
                yield from above(found, by_pk)


def match(document: Document, wanted: list[Wanted], pairs: Mapping[Node, Row] | None = None) -> list[Row]:
    """Give every wanted row the row it keeps, or a new unsaved one; returns the live rows that none of them keeps.

    `pairs` says for certain which row a node keeps, and is complete when it is given: nothing else is recognised. It
    may give nodes the rows of other documents, and rows of this one to nodes of other texts.
    """
    have = stored(document)
    rows: dict[Hashable, Row] = {row.uuid: row for some in have.values() for row in some}
    if pairs is None:
        found = plan(parts_of_rows(have), [part_of(one) for one in wanted])
        kept: dict[Hashable, Row] = {pair.new.key: rows[pair.old.key] for pair in found.pairs}
    else:
        kept = {node: rows.get(row.uuid, row) for node, row in pairs.items()}
    for one in wanted:
        one.row = kept.get(one.node) or one.model()
    taken = {row.uuid for row in kept.values()}
    return [row for row in rows.values() if row.archived_at is None and row.uuid not in taken]
