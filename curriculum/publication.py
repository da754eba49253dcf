"""Publishing: a text becomes the document's published edition, and the rows that index it follow.

All of it is one transaction that locks the document. Rows are written only where they differ, and archived instead of
deleted. Who has not asked to lose work is refused with the list of what people have work on.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.identity import match, stored
from curriculum.markdown import Node, parse, refused
from curriculum.models import Criterion, Document, Edition, Month, Row, Task
from curriculum.outline import outline_of, page_outline
from curriculum.rows import MODELS, Wanted, wanted_rows
from curriculum.work import WorkWouldBeLost, lost

reworded = Signal()
"""Sent within the publishing transaction with `tasks`: the public ids, as text, of live tasks whose words changed."""


@transaction.atomic
def publish(
    document: Document,
    source: str,
    *,
    author: Any = None,
    message: str = "",
    pairs: Mapping[Node, Row] | None = None,
    tree: Node | None = None,
    meant: frozenset[int] = frozenset(),
    accept_loss: bool = False,
) -> Edition:
    """Make a text the document's published edition; the published edition itself when it has this text already.

    `pairs` (for `tree`, the text as parsed) says which row each node keeps, also in other texts of the same import,
    and `meant` which criteria (by primary key) are asked differently now. Raises Refused for a text that is no month
    where one is expected, or whose month another document has, and WorkWouldBeLost unless `accept_loss`.
    """
    document = Document.objects.select_for_update().get(pk=document.pk)
    published = document.published
    if published is not None and published.source == source and document.archived_at is None and not meant:
        return published
    before = texts_of_tasks(document)
    before |= {
        row.uuid: row.text for row in (pairs or {}).values() if isinstance(row, Task) and not row.archived_at
    }
    if document.kind == Document.Kind.MONTH:
        outline = write_rows(document, source, tree or parse(source), pairs, meant, accept_loss)
    else:
        outline = page_outline(source)
    newest = document.editions.order_by("-number").first()
    edition = Edition.objects.create(
        document=document,
        number=newest.number + 1 if newest else 1,
        source=source,
        author=author,
        message=message[:300],
        published_at=timezone.now(),
        outline=outline,
    )
    document.published = edition
    document.archived_at = None
    document.save(update_fields=["published", "archived_at"])
    changed = [uuid for uuid, text in texts_of_tasks(document).items() if before.get(uuid, text) != text]
    if changed:
        reworded.send(Document, tasks=[str(uuid) for uuid in changed])
    return edition


def texts_of_tasks(document: Document) -> dict[UUID, str]:
    """What the live tasks of a document's months say, by public id."""
    return dict(Task.objects.live().filter(month__document=document).values_list("uuid", "text"))


def write_rows(
    document: Document,
    source: str,
    tree: Node,
    pairs: Mapping[Node, Row] | None,
    meant: frozenset[int],
    accept_loss: bool,
) -> dict[str, Any]:
    """Bring a document's rows in line with its text, and return the outline."""
    wanted = wanted_rows(tree)
    refuse_months_elsewhere(document, wanted)
    gone = match(document, wanted, pairs)
    if not accept_loss and (losing := lost(gone)):
        raise WorkWouldBeLost(losing)
    archive(gone)
    free_slugs(wanted)
    for model in MODELS.values():
        new = [
            row for one in wanted if one.model is model and (row := written(document, one, meant)) is not None
        ]
        objects: Any = model._default_manager
        objects.bulk_create(new)
    outline = outline_of(source, tree, {one.node: one.row for one in wanted if one.row is not None})
    return outline | {"rows": [str(one.row.uuid) for one in wanted if one.row is not None]}


def rows_at(edition: Edition, tree: Node) -> dict[Node, Row]:
    """The row of each node of an edition's tree, as they were when it was published. `tree` is its text, parsed.

    Without those that another document has taken over since.
    """
    wanted = wanted_rows(tree)
    uuids = [UUID(uuid) for uuid in edition.outline.get("rows", [])]
    by_uuid = {row.uuid: row for rows in stored(edition.document).values() for row in rows}
    if len(uuids) == len(wanted) and all(
        isinstance(by_uuid.get(uuid), one.model | None) for uuid, one in zip(uuids, wanted, strict=True)
    ):
        return {one.node: by_uuid[uuid] for uuid, one in zip(uuids, wanted, strict=True) if uuid in by_uuid}
    # Published by a version that read the text differently: recognise what can be.
    match(edition.document, wanted)
    return {one.node: one.row for one in wanted if one.row is not None and one.row.pk is not None}


def restore(edition: Edition, *, author: Any = None) -> Edition:
    """Publish an earlier edition's text again, as a new edition. Rows that were archived since come back."""
    message = _("Restored edition %(number)d") % {"number": edition.number}
    if edition.document.kind != Document.Kind.MONTH:
        return publish(edition.document, edition.source, author=author, message=message)
    tree = parse(edition.source)
    return publish(
        edition.document,
        edition.source,
        author=author,
        message=message,
        tree=tree,
        pairs=rows_at(edition, tree),
        accept_loss=True,
    )


def refuse_months_elsewhere(document: Document, wanted: list[Wanted]) -> None:
    """Raises Refused for a month that stands twice in the text, or in another document of the curriculum."""
    seen: dict[str, Wanted] = {}
    for one in wanted:
        if one.model is not Month:
            continue
        slug = one.values["slug"]
        if slug in seen:
            line = seen[slug].node.first + 1
            raise refused("same-month", one.node.first + 1, line=line)
        seen[slug] = one
    others = Month.objects.live().filter(curriculum=document.curriculum_id, slug__in=seen)
    for month in others.exclude(document=document).select_related("document"):
        raise refused("month-elsewhere", seen[month.slug].node.first + 1, path=month.document.path)


def archive(rows: list[Row]) -> None:
    now = timezone.now()
    for row in rows:
        row.archived_at = now
        row.save(update_fields=["archived_at"])


def free_slugs(wanted: Iterable[Wanted]) -> None:
    """Take from months the slugs they give up, so that two months can change theirs for each other's."""
    for one in wanted:
        if isinstance(one.row, Month):
            free_slug(one.row, one.values["slug"])


def free_slug(month: Month, wanted: str) -> None:
    """Take from a month a slug that it gives up for another one."""
    if month.pk and month.slug != wanted:
        month.slug = uuid4().hex
        month.save(update_fields=["slug"])


def written(document: Document, one: Wanted, meant: frozenset[int]) -> Row | None:
    """Save what differs in a row that stands already, or return the new row, which is still to be created."""
    row = one.row
    assert row is not None, "matching gives each a row"
    values: dict[str, Any] = one.values | {"archived_at": None}
    if one.model is Month:
        values |= {"curriculum": document.curriculum, "document": document}
        if row.pk is None:
            values["lang"] = document.curriculum.lang
    else:
        values |= links_of(one)
    if isinstance(row, Criterion) and row.pk in meant:
        values["meaning"] = row.meaning + 1
    changed = [name for name, value in values.items() if differs(row, name, value)]
    for name in changed:
        setattr(row, name, values[name])
    if row.pk is None:
        return row
    if changed:
        row.save(update_fields=changed)
    return None


def links_of(one: Wanted) -> dict[str, Row | None]:
    """The rows a row stands in, and None for those of the other kind."""
    links: dict[str, Row | None] = {}
    if one.model._meta.model_name in ("task", "deliverable"):
        links = {"week": None, "section": None}
    links.update(one.links())
    return links


def differs(row: Row, name: str, value: Any) -> bool:
    if isinstance(value, Row | Document) or name in ("week", "section", "curriculum"):
        return bool(getattr(row, f"{name}_id") != (value.pk if value is not None else None))
    return bool(getattr(row, name) != value)


@transaction.atomic
def archive_document(
    document: Document, *, pairs: Mapping[Node, Row] | None = None, accept_loss: bool = False
) -> list[Row]:
    """Take a document out of its curriculum; its editions and rows stay. Returns the rows that were archived.

    `pairs` says which rows other texts of the same import keep. Raises WorkWouldBeLost unless `accept_loss`.
    """
    document = Document.objects.select_for_update().get(pk=document.pk)
    gone = match(document, [], pairs or {})
    if not accept_loss and (losing := lost(gone)):
        raise WorkWouldBeLost(losing)
    archive(gone)
    document.archived_at = timezone.now()
    document.save(update_fields=["archived_at"])
    return gone
