"""A learner's copy of a document: the author's bytes, with nothing changed but the character between the brackets."""

from collections.abc import Iterable

from curriculum.markdown import Node, Refused, Tick, parse, splice
from curriculum.models import Curriculum, Document, Edition, Task
from curriculum.publication import rows_at
from curriculum.rows import wanted_rows
from people.models import Membership
from progress.models import Completion


def copy_for(learner: Membership, document: Document) -> bytes:
    """A published document with the learner's ticks in its boxes; any other page as it is."""
    return Copies(learner).of(document)


def copies_for(learner: Membership, curriculum: Curriculum) -> list[Document]:
    """What learners see of a curriculum; the published text of each is the learner's copy, and not to be saved."""
    copies, documents = Copies(learner), list(curriculum.documents.published())
    for document in documents:
        assert document.published is not None, "the query asks for published ones"
        document.published.source = copies.of(document).decode()
    return documents


class Copies:
    """One learner's ticks, and the documents that they go into."""

    def __init__(self, learner: Membership) -> None:
        ticks = Completion.objects.done().filter(learner=learner)
        self.ticked = {str(uuid) for uuid in ticks.values_list("task__uuid", flat=True)}

    def of(self, document: Document) -> bytes:
        edition = document.published
        assert edition is not None, "only what is published is copied"
        if document.kind != Document.Kind.MONTH:
            return edition.data
        tree = parse(edition.source)
        ticks = [
            Tick(node, uuid in self.ticked)
            for node, uuid in tasks_of(edition, tree).items()
            if node.checked is not None and node.checked != (uuid in self.ticked)
        ]
        return ticked(edition.source, ticks).encode()


def ticked(source: str, ticks: list[Tick]) -> str:
    """The text with these boxes changed; a box that cannot be written stays as it is, and the others do not mind."""
    try:
        return splice(source, ticks)
    except Refused:
        for tick in ticks:
            try:
                splice(source, [tick])
            except Refused:
                return ticked(source, [other for other in ticks if other is not tick])
        raise


def tasks_of(edition: Edition, tree: Node) -> dict[Node, str]:
    """The public ids of the tasks of an edition's text, as they were when it was published."""
    wanted, uuids = wanted_rows(tree), edition.outline.get("rows", [])
    if len(wanted) == len(uuids):
        found = {one.node: uuid for one, uuid in zip(wanted, uuids, strict=True) if one.model is Task}
        if set(found.values()) == set(ids_of_tasks(edition.outline)):
            return found
    rows = rows_at(edition, tree)
    return {node: str(row.uuid) for node, row in rows.items() if isinstance(row, Task)}


def ids_of_tasks(outline: dict[str, object]) -> Iterable[str]:
    """The public ids of all tasks that an outline shows."""
    waiting: list[object] = [outline.get("months", [])]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if one.get("kind") == "tasks":
                yield from (item["id"] for item in one["items"] if item["id"])
            waiting += [one[name] for name in ("sections", "blocks") if name in one]
