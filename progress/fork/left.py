"""What a learner wrote in a file of a fork that belongs to no task, and is not brought."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from curriculum.markdown import Node, repaired

BOX = re.compile(r"\[[ xX]\]")
BARE = re.compile(r"\[[ xX]\][ \t]+")


@dataclass(frozen=True)
class Left:
    """Lines of the learner's that stand together."""

    line: int
    """Where they begin, counted from 1."""
    text: str


def unread_in(tree: Node) -> set[int]:
    """The lines, counted from 0, that are meant as check boxes and are read as none."""
    return {one.line - 1 for one in tree.findings if one.code in {"no-list", "unknown-box"}}


def left_in(
    source: str, brought: Collection[Node], known: Collection[str], unread: Collection[int] = ()
) -> Iterator[Left]:
    """All that stands neither in the nodes `brought` nor among the lines `known` as the author's; and the `unread`
    lines, wherever they stand.

    A tick, or a box that was put before words of the author's, makes no line the learner's.
    """
    taken = {line for node in brought for line in range(node.first, node.last)}.difference(unread)
    lines = [repaired(line).removeprefix("\ufeff").rstrip() for line in source.split("\n")]
    runs: list[range] = []
    for number, line in enumerate(lines):
        if not line or number in taken or is_known(line.strip(), known):
            continue
        if runs and not any(lines[runs[-1].stop : number]):
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    for run in runs:
        text = "\n".join(lines[run.start : run.stop])
        if any(map(str.isalnum, text)):  # no rule
            yield Left(run.start + 1, text)


def is_known(line: str, known: Collection[str]) -> bool:
    return BOX.sub("[ ]", line, count=1) in known or BARE.sub("", line, count=1) in known
