"""A text on its way from one edition to the next, edit by edit, and what each edit was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curriculum.markdown import (
    Edit,
    Insert,
    Kind,
    Move,
    Node,
    Refused,
    Relabel,
    Remove,
    Reorder,
    Rewrite,
    parse,
    refused,
    splice,
)
from curriculum.models import Edition, Row
from curriculum.publication import rows_at


@dataclass(eq=False)
class Asked:
    """One row as a form asks for it."""

    kind: Kind
    row: Row | None
    """None for a new one."""
    text: str
    """An item's words, a week's, a project's or a section's title, a detail's value."""
    parent: "Asked | Row | None" = None
    """The week, section or project it stands in; None for what stands in the month."""
    focus: str | None = None
    """Of a week; None leaves it as it is."""
    label: str = ""
    """Of a resource its group, of a detail its key, of a week its name; blank leaves a week's as it is, and gives a new
    one the next number."""
    brief: str | None = None
    """Of a project, the prose it begins with; None leaves it as it is."""
    removed: bool = False
    form: Any = None
    """Where a refusal is to be shown."""
    field: str = "text"


class Draft:
    """A text on its way from one edition to the next, in single edits that keep track of what is which."""

    def __init__(self, edition: Edition) -> None:
        self.source = edition.source
        self.tree = parse(edition.source)
        self.rows = rows_at(edition, self.tree)
        self.nodes: dict[tuple[type[Row], int] | Asked, Node] = {
            key(row): node for node, row in self.rows.items()
        }

    def node(self, of: "Asked | Row") -> Node:
        """Where something stands now. Raises Refused for a row that the edition does not have."""
        name = (
            of if isinstance(of, Asked) and of.row is None else key(of.row if isinstance(of, Asked) else of)
        )
        try:
            return self.nodes[name]
        except KeyError:
            raise refused("part-gone", 1) from None

    def has(self, of: "Asked | Row") -> bool:
        try:
            return bool(self.node(of))
        except Refused:
            return False

    def parent(self, node: Node) -> Node:
        return next(above for above in self.tree.walk() if node in above.children)

    def pairs(self) -> dict[Node, Row]:
        """The row that each node of the text as it is now keeps."""
        rows = {key(row): row for row in self.rows.values()}
        return {node: rows[name] for name, node in self.nodes.items() if not isinstance(name, Asked)}

    # Single edits

    def rewrite(self, node: Node, text: str) -> None:
        self.apply(Rewrite(node, text), lambda: None)

    def relabel(self, node: Node, label: str) -> None:
        self.apply(Relabel(node, label), lambda: None)

    def remove(self, node: Node) -> None:
        self.apply(Remove(node), lambda: self.parent(node).children.remove(node))

    def reorder(self, parent: Node, nodes: list[Node]) -> None:
        def simulate() -> None:
            places = [index for index, child in enumerate(parent.children) if child in nodes]
            for index, node in zip(places, nodes, strict=True):
                parent.children[index] = node

        self.apply(Reorder(parent, tuple(nodes)), simulate)

    def move(self, node: Node, parent: Node, after: Node | None, label: str) -> None:
        block = named(node)
        self.apply(
            Move(node, parent, after, label),
            lambda: self.parent(node).children.remove(node),
            after,
            block=block,
        )

    def insert(self, asked: Asked, parent: Node, after: Node | None, label: str = "") -> None:
        self.apply(Insert(parent, asked.kind, asked.text, after, label), lambda: None, after, new=asked)

    def insert_line(self, parent: Node, kind: Kind, text: str, after: Node | None, label: str) -> None:
        """Insert what is no item of a form: a focus, a month's tier, a section for a first item."""
        self.apply(Insert(parent, kind, text, after, label), lambda: None, after)

    def insert_project(self, asked: Asked, month: Node, after: Node | None) -> None:
        """A project comes with the section that it names."""
        text = ": ".join(part for part in ("Project", asked.text.strip()) if part)
        self.apply(Insert(month, Kind.SECTION, text, after), lambda: None, after, new=asked)

    def apply(
        self,
        edit: Edit,
        simulate: Callable[[], None],
        after: Node | None = None,
        *,
        block: list[Node] | None = None,
        new: Asked | None = None,
    ) -> None:
        """Make one edit, and find every node again in the new tree. `block` is what moves, `new` what is added."""
        source = splice(self.source, [edit])
        tree = parse(source)
        simulate()
        old, fresh = named(self.tree), named(tree)
        start = place_of_new(old, fresh, after)
        added = len(fresh) - len(old)
        found = dict(zip(old, fresh[:start] + fresh[start + added :], strict=True))
        if block:
            found |= dict(zip(block, fresh[start : start + added][-len(block) :], strict=True))
        self.nodes = {name: found[node] for name, node in self.nodes.items() if node in found}
        if new is not None:
            self.nodes[new] = fresh[start + added - 1]
        self.source, self.tree = source, tree


def key(row: Row | None) -> tuple[type[Row], int]:
    if row is None or row.pk is None:
        raise refused("part-gone", 1)
    return type(row), row.pk


def named(tree: Node) -> list[Node]:
    """A node with all below it, without prose: runs of prose join and part when something between them changes."""
    return [node for node in tree.walk() if node.kind is not Kind.PROSE]


def place_of_new(old: list[Node], fresh: list[Node], after: Node | None) -> int:
    """Where among the nodes of a new tree those begin that the old one has not: behind `after`, where equals stand."""
    added = len(fresh) - len(old)
    if added < 0:
        raise refused("edit-lost", 1)
    if not added:
        return len(old)
    ours, theirs = [mark(node) for node in old], [mark(node) for node in fresh]
    begins = next((i for i, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two), len(old))
    ends = next(
        (i for i, (one, two) in enumerate(zip(reversed(ours), reversed(theirs), strict=False)) if one != two),
        len(old),
    )
    earliest, latest = len(old) - ends, begins
    if earliest > latest:
        raise refused("edit-lost", 1)
    wish = old.index(after) + len(named(after)) if after in old else earliest
    return min(max(wish, earliest), latest)


def mark(node: Node) -> tuple[Kind, str]:
    return node.kind, node.text
