"""What is refused, as the page on Markdown shows it: each example is read, or changed, by the parser itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from curriculum.intake import Incoming, Intake
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
    Tick,
    parse,
    splice,
)
from curriculum.markdown.refusals import EDITS, FILES, TEXTS, Refusal

MOST_SHOWN = 8
"""Lines of an example."""

TEXT = """# Month 03: Caching

## Weekly Breakdown

### Week 1: Invalidation

**Tasks**:
- [ ] Measure the cache

**Deliverables**:
- A diagram

## Project: A cache for the library

Draw it first.
"""
"""What the changes are tried on."""
WITHOUT_WEEKS = "# Month 03: Caching\n\n- [ ] Measure the cache\n"


def one(tree: Node, kind: Kind) -> Node:
    return tree.find(kind)[0]


CHANGES: dict[str, Callable[[Node], Edit]] = {
    "edit-empty": lambda tree: Rewrite(one(tree, Kind.TASK), " "),
    "edit-lines": lambda tree: Rewrite(one(tree, Kind.TASK), "Measure\nthe cache"),
    "edit-meaning": lambda tree: Rewrite(one(tree, Kind.PROSE), "## Objectives"),
    "edit-refused": lambda tree: Rewrite(one(tree, Kind.PROSE), "# Month 3: Again"),
    "edit-name": lambda tree: Relabel(one(tree, Kind.WEEK), "The first week"),
    "no-name": lambda tree: Relabel(one(tree, Kind.PROSE), "Week 2"),
    "no-words": lambda tree: Rewrite(tree, "Words"),
    "no-box": lambda tree: Tick(one(tree, Kind.DELIVERABLE), True),
    "not-removable": lambda tree: Remove(one(tree, Kind.PROJECT)),
    "not-movable": lambda tree: Move(one(tree, Kind.WEEK), one(tree, Kind.MONTH)),
    "not-addable": lambda tree: Insert(one(tree, Kind.MONTH), Kind.PROJECT, "Another"),
    "mixed-order": lambda tree: Reorder(one(tree, Kind.WEEK), tuple(one(tree, Kind.WEEK).children)),
    "item-place": lambda tree: Insert(
        one(tree, Kind.WEEK), Kind.TASK, "Read", one(tree, Kind.DELIVERABLE), "Tasks"
    ),
    "section-place": lambda tree: Insert(one(tree, Kind.WEEK), Kind.SECTION, "Notes"),
    "week-place": lambda tree: Insert(one(tree, Kind.MONTH), Kind.WEEK, "Keys"),
    "week-name": lambda tree: Insert(one(tree, Kind.MONTH), Kind.WEEK, "Keys", label="The second"),
    "group-place": lambda tree: Insert(one(tree, Kind.WEEK), Kind.GROUP, "Books"),
    "prose-place": lambda tree: Insert(one(tree, Kind.TASK), Kind.PROSE, "Words"),
    "prose-empty": lambda tree: Insert(one(tree, Kind.WEEK), Kind.PROSE, " "),
}
"""A change that is refused, for each code that the parser has for one; the others come of the forms around it."""


@dataclass(frozen=True)
class Shown:
    """One kind of refusal with its example, and what is said of it."""

    refusal: Refusal
    files: list[tuple[str, str]] = field(default_factory=list)
    """Each with its name, its end left out where it is long; what no letter stands for is shown as a sign."""
    said: list[str] = field(default_factory=list)
    """The lines that `check_curriculum` prints, or the sentence that somebody is told."""

    @property
    def words(self) -> str:
        """The sentence without what it is about, where there is no example."""
        return re.sub(r"%\(\w+\)[sd]", "…", str(self.refusal.reason))


def refusals() -> dict[str, list[Shown]]:
    """All kinds by what they are about: a text, a file among others, a change."""
    return {
        "texts": [shown(refusal) for refusal in TEXTS.values()],
        "files": [shown(refusal) for refusal in FILES.values()],
        "changes": [shown_change(refusal) for refusal in EDITS.values()],
    }


def shown(refusal: Refusal) -> Shown:
    """As `check_curriculum` reads the files, from one folder where there are more."""
    files = [
        Incoming(PurePosixPath(name).name, name, data, in_folder=len(refusal.files) > 1)
        for name, data in refusal.files
    ]
    for file in files:
        file.read()
    Intake("", "", files).refuse_twice()
    said = [
        f"{file.shown}:{one.line}:{one.column}: refusal {one.code} {one.reason}"
        for file in files
        for one in file.refusals
    ]
    return Shown(refusal, [(name, legible(data)) for name, data in refusal.files], said)


def legible(data: bytes) -> str:
    lines = data.decode("utf-8", "replace").replace("\0", "\ufffd").split("\n")
    return "\n".join(lines if len(lines) <= MOST_SHOWN else [*lines[:MOST_SHOWN], "…"])


def shown_change(refusal: Refusal) -> Shown:
    change = CHANGES.get(refusal.code)
    if change is None:
        return Shown(refusal)
    text = WITHOUT_WEEKS if refusal.code == "week-place" else TEXT
    try:
        splice(text, [change(parse(text))])
    except Refused as why:
        return Shown(refusal, said=[why.reason] if why.code == refusal.code else [])
    return Shown(refusal)
