"""What a month's Markdown says, as a tree whose nodes know the lines they came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Refused(ValueError):
    """A text that cannot be read, or an edit that cannot be written.

    `line` and `column` count from 1, the column in characters; a column of 1 also stands for the whole line. `code` is
    one of `refusals.REFUSALS`, whose words are `reason`.
    """

    def __init__(self, line: int, reason: str, code: str, column: int = 1) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.code = code
        self.column = column


class Severity(StrEnum):
    """A note is about the manner of writing alone; a warning is about what may be meant differently; a refusal is no
    finding, and keeps a text out.
    """

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True)
class Finding:
    """Something about a text that a person should see: where, what was found, what was done about it."""

    line: int
    """Counted from 1."""
    severity: Severity
    code: str
    found: str
    done: str
    repair: str = ""
    """What `found` would be when repaired; empty where there is nothing to repair."""
    column: int = 1
    """Where it begins in its line, in characters, counted from 1."""


class Kind(StrEnum):
    DOCUMENT = "document"
    MONTH = "month"
    DETAIL = "detail"
    SECTION = "section"
    WEEK = "week"
    FOCUS = "focus"
    TASK = "task"
    DELIVERABLE = "deliverable"
    OBJECTIVE = "objective"
    GROUP = "group"
    RESOURCE = "resource"
    PROJECT = "project"
    IDEA = "idea"
    CRITERION = "criterion"
    LINK = "link"
    PROSE = "prose"


ITEMS = frozenset(
    {Kind.TASK, Kind.DELIVERABLE, Kind.OBJECTIVE, Kind.RESOURCE, Kind.IDEA, Kind.CRITERION, Kind.LINK}
)
"""Kinds that are items of a list."""


class Role(StrEnum):
    """What a section is for."""

    OBJECTIVES = "objectives"
    WEEKS = "weeks"
    RESOURCES = "resources"
    PROJECT = "project"
    CRITERIA = "criteria"
    NAVIGATION = "navigation"
    OTHER = "other"


@dataclass(eq=False, slots=True)
class Node:
    """One thing that the text says. See the package's docstring for what may hold what."""

    kind: Kind
    text: str = ""
    """Its own raw inline Markdown on one line; of prose, its lines, without the indent of an item they
    stand in.
    """
    label: str = ""
    """A detail's key, "Month 08", "Week 1", "Project", as written; of an item the label or the heading
    of its list.
    """
    number: int | None = None
    """Of a month or a week."""
    unit: str = ""
    """The word before the number: "Month", "Week"; empty for a title that names none."""
    role: Role | None = None
    """Of a section."""
    checked: bool | None = None
    """Of an item with a check box: whether it is ticked in the text. None without a box."""
    first: int = 0
    """The first of its own lines, counted from 0."""
    last: int = 0
    """The line after its last own one; blank lines and rules that follow it are nobody's."""
    start: int = 0
    """Where `text` begins in the source, in characters."""
    end: int = 0
    """Where `text` ends in the source; text that runs over lines is joined in `text` and not in the
    source.
    """
    level: int = 0
    """Of what has a heading: 1 to 6. 0 for a section without a heading of its own."""
    label_line: int = -1
    """Of an item: the line that labels its list ("**Tasks**:"), counted from 0; -1 without one. Of a focus below a
    heading, the heading's; of the first week of a table, the table's first line.
    """
    box: tuple[int, int] | None = None
    """Of an item with a check box: where that which stands between the brackets begins and ends in the source."""
    children: list["Node"] = field(default_factory=list, repr=False)
    """In the document's order."""
    findings: tuple[Finding, ...] = ()
    """Of the document alone."""

    def walk(self) -> Iterator["Node"]:
        """This node and everything below it, in the document's order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def find(self, *kinds: Kind) -> list["Node"]:
        """Everything below this node that is of one of these kinds, at any depth, in the document's order."""
        return [node for node in self.walk() if node is not self and node.kind in kinds]


RULE = re.compile(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}$")

Shape = tuple[Kind, str, str, int | None, bool | None, tuple[Any, ...]]
"""A node without its places: kind, text, label, number, checked, and the shapes of its children."""


def shape(node: Node) -> Shape:
    """What a node says, for comparing trees: prose side by side is one, its blank lines and rules do
    not count.
    """
    children: list[Shape] = []
    prose: list[str] = []
    for child in [*node.children, None]:
        if child is not None and child.kind is Kind.PROSE:
            prose += [
                line.rstrip(" \t")
                for line in child.text.split("\n")
                if line.strip(" \t") and not RULE.match(line)
            ]
            continue
        if prose:
            children.append((Kind.PROSE, "\n".join(prose), "", None, None, ()))
            prose = []
        if child is not None:
            children.append(shape(child))
    return node.kind, node.text, node.label, node.number, node.checked, tuple(children)
