"""Which task each box of a fork's file is, and what its learner wrote beside and below it."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from curriculum.markdown import Kind, Node, parse, repaired
from curriculum.matching import Pair, Part, Stage, parts_of, plan
from curriculum.models import Edition
from curriculum.pages import PlannedMonth
from progress.copies import tasks_of
from progress.fork.files import Box, Brought
from progress.fork.left import BOX, left_in, unread_in

EDITIONS = 30
"""So many editions of a month are looked at, the newest ones."""
KNOWN = 0.2
"""A file with a month's number and another title is that month if it has so much of the month's tasks, from 0 to 1."""
BETWEEN = " \t-–—:;,→>|·"
"""What people put between a task and what they say behind it."""


class Reading:
    """One file held against the edition that it is of."""

    def __init__(self, file: Brought) -> None:
        assert file.tree is not None, "only a file that was read is held against anything"
        self.file, self.tree = file, file.tree
        self.tasks: dict[Node, str] = {}
        """The public ids of the tasks of the editions."""
        best = {month.pk: self.editions_of(month) for month in file.months}
        self.editions = {one.pk: one for some in best.values() for one in some}
        nearest = {some[0].pk for some in best.values() if some}
        self.old = [part for pk in self.editions if pk in nearest for part in self.parts(pk)]
        """What the editions say that the file shares most lines with."""
        self.newest = [part for pk in self.editions if pk not in nearest for part in self.parts(pk)]
        """What the published ones say, where those are others."""
        self.known = {line for edition in self.editions.values() for line in lines_of(edition.source)}
        """All lines of the author's."""
        self.unread = unread_in(self.tree)
        """Lines that nobody understands: they are never a note of the task above them."""
        self.behind: dict[Node, str] = {}
        """What the learner wrote behind a task, on its line or in lines that continue it."""

    def parts(self, edition: int) -> list[Part]:
        """What one of the editions says, in the letters that were meant."""
        tree = parse(self.editions[edition].source)
        self.tasks |= tasks_of(self.editions[edition], tree)
        return [replace(part, text=repaired(part.text)) for part in parts_of(tree)]

    def editions_of(self, month: PlannedMonth) -> list[Edition]:
        """The edition that the file shares most lines with, of several the newest; then the newest of all."""
        editions = Edition.objects.filter(document__months=month.pk, published_at__isnull=False)
        newest = list(editions.defer("outline").order_by("-number")[:EDITIONS])
        mine = lines_of(self.file.source)
        nearest = sorted(newest, key=lambda one: ((lines_of(one.source) & mine).total(), one.number))[-1:]
        return list(dict.fromkeys([*nearest, *newest[:1]]))

    def pairs(self, new: list[Part]) -> dict[Node, Pair]:
        """The boxes that are tasks: by the same words in an edition, else by words that are nearly the same."""
        near, newest = (
            [pair for pair in plan(old, new).pairs if pair.new.kind == "task"]
            for old in (self.old, self.newest)
        )
        sure, guessed = (
            [pair for pair in near if (pair.stage is Stage.REWORDED) is is_guessed]
            for is_guessed in (False, True)
        )
        found: dict[Node, Pair] = {}
        taken: set[str] = set()
        for pair in [*sure, *(pair for pair in newest if pair.stage is not Stage.REWORDED), *guessed]:
            node, old = pair.new.key, pair.old.key
            assert isinstance(node, Node), "as parts_of gives it"
            assert isinstance(old, Node), "as parts_of gives it"
            uuid = self.tasks.get(old, "")
            if node not in found and uuid not in taken:
                found[node] = pair
                taken.add(uuid)
        return found

    def run(self) -> None:
        """Find each box's task, and what was added to it; refuse a file that only looks like a month of these."""
        new = self.new()
        pairs = self.pairs(new)
        if not self.is_known(len(pairs)):
            sentence = _(
                "It has the number of “%(months)s” and is something else: hardly a task is the same."
            )
            self.file.refuse(sentence % {"months": self.file.title})
            return
        added = Added(self.tree, pairs.keys(), self.known, self.unread)
        texts = {part.key: part.text for part in new}
        for node in self.tree.find(Kind.TASK):
            if node in added.inside:
                continue
            note = "\n\n".join(filter(None, (self.behind.get(node, ""), added.to(node))))
            box = Box(f"box-{self.file.key}-{node.first + 1}", node, texts[node], note=note)
            if node in pairs:
                old: Any = pairs[node].old.key
                box.stage, box.words, box.uuid = pairs[node].stage, old.text, self.tasks.get(old, "")
            self.file.boxes.append(box)
        told = [box.node for box in self.file.boxes if box.node in pairs or box.is_checked or box.note]
        self.file.left = list(left_in(self.file.source, [*told, *added.prose], self.known, self.unread))
        self.file.remark(is_damaged=self.is_damaged)

    def new(self) -> list[Part]:
        """The parts of the file, each task without what stands behind it."""
        texts = Counter(part.text for part in [*self.old, *self.newest] if part.kind == "task")
        parts = [replace(part, text=repaired(part.text)) for part in parts_of(self.tree)]
        have = {part.text for part in parts if part.kind == "task" and texts[part.text]}
        left = sorted(texts.keys() - have, key=len, reverse=True)
        return [
            self.without_note(part, left) if part.kind == "task" and part.text not in have else part
            for part in parts
        ]

    def without_note(self, part: Part, left: list[str]) -> Part:
        """A task as the author wrote it, if the file has it with more words behind it, or in lines that continue it."""
        node = part.key
        assert isinstance(node, Node), "as parts_of gives it"
        written = [
            line
            for number, line in enumerate(repaired(self.file.source[node.start : node.end]).split("\n"))
            if not number or node.first + number not in self.unread
        ]
        # As the parser joins them: a backslash at a line's end is a break.
        lines = [line.strip().removesuffix("\\").rstrip() for line in written[:-1]] + [written[-1].strip()]
        if self.unread.intersection(range(node.first + 1, node.last)):
            part = replace(part, text=" ".join(lines))
            if part.text in left:
                return part
        for text in left:
            rest = part.text[len(text) :]
            if part.text.startswith(text) and rest and not rest[0].isalnum() and any(map(str.isalnum, rest)):
                self.behind[node] = "\n".join(lines)[len(text) :].lstrip(BETWEEN + "\n")
                return replace(part, text=text)
        own = next((n for n, line in enumerate(reversed(lines)) if line in self.known), len(lines) - 1)
        if own:
            self.behind[node] = "\n".join(lines[-own:])
            return replace(part, text=" ".join(lines[:-own]))
        return part

    def is_known(self, pairs: int) -> bool:
        """Whether the file is what its heading says: by the title, or by enough of the tasks."""
        titles = {node.text.casefold() for node in self.tree.children if node.kind is Kind.MONTH}
        if any(month.title.casefold() in titles for month in self.file.months):
            return True
        return pairs > 0 and pairs >= KNOWN * len(set(self.tasks.values()))

    @property
    def is_damaged(self) -> bool:
        """Whether letters of the file are damaged that the author's are not."""
        sources = [self.file.source, *(edition.source for edition in self.editions.values())]
        return [repaired(source) != source for source in sources] == [True, *[False] * len(self.editions)]


def lines_of(source: str) -> Counter[str]:
    """A text's lines as they were meant, without what a tick changes, each with how often it stands there."""
    lines = (line.strip() for line in repaired(source).splitlines())
    return Counter(BOX.sub("[ ]", line, count=1) for line in lines if line)


def goes_on(before: Node, following: Node | None) -> bool:
    """Whether a list goes on below a paragraph: after its last task, the paragraph belongs to the week."""
    if following is None or following.kind is not Kind.TASK:
        return False
    return following.label_line in (-1, before.label_line)


class Added:
    """What a learner wrote below the tasks of a file: lines that the author has nowhere."""

    def __init__(
        self, tree: Node, found: Collection[Any], known: Collection[str], unread: Collection[int]
    ) -> None:
        """`found` holds the boxes that are tasks of the author's, `known` all lines of the author's, `unread` the
        numbers of those that nobody understands.
        """
        self.found, self.known, self.unread = found, known, unread
        self.below: dict[Node, list[str]] = defaultdict(list)
        self.inside: set[Node] = set()
        """Boxes of the learner's own below a task: they are a part of what was added to it."""
        self.prose: list[Node] = []
        """Paragraphs between two tasks of a list: they are a part of what was added to the first."""
        for parent in tree.walk():
            before: Node | None = None
            for child, following in zip_longest(parent.children, parent.children[1:]):
                if child.kind is Kind.TASK and child not in self.inside:
                    self.below[child] += self.lines_in(child, child in found)
                elif (
                    before is not None
                    and child.kind is Kind.PROSE
                    and parent.kind is not Kind.TASK
                    and goes_on(before, following)
                ):
                    self.below[before] += ["", *self.own(child)]
                    self.prose.append(child)
                before = child if child.kind is Kind.TASK else None

    def to(self, node: Node) -> str:
        """All that was added below a task, as one text."""
        return re.sub(r"\n{3,}", "\n\n", repaired("\n".join(self.below[node]))).strip()

    def own(self, prose: Node) -> list[str]:
        """The lines of a run of prose that are the learner's."""
        lines = enumerate(prose.text.split("\n"), start=prose.first)
        return [
            line.rstrip()
            for number, line in lines
            if repaired(line).strip() not in self.known and number not in self.unread
        ]

    def lines_in(self, node: Node, is_found: bool) -> Iterator[str]:
        """The learner's lines among what stands in a task, with their own boxes below one that was found."""
        for child in node.children:
            if child.kind is Kind.PROSE:
                yield from self.own(child)
            elif is_found and child not in self.found:
                self.inside.add(child)
                yield f"- [{'x' if child.checked else ' '}] {child.text}"
                yield from (f"  {line}" for line in self.lines_in(child, is_found))
