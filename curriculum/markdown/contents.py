"""What stands below a heading: the items of lists, each with its label, and prose."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .blocks import Block, blocks_of
from .choices import Choice, boxes_as_criteria, boxes_only, criterion_item
from .headings import (
    BARE_LABEL,
    FINE_BOX,
    ITEM,
    LABEL,
    LABELLED,
    LABELS,
    LONGEST,
    WORD_ALONE,
    bare,
    heading_text,
    joined,
    label_kind,
)
from .lines import Lines
from .reports import Reports
from .slips import headed, label_meant, name_meant
from .tree import Kind, Node

TICKED = frozenset("xX✓✔✅☑")


class Contents:
    """One reading of one text: its lines, its blocks, and what is found on the way."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = Lines.of(source)
        self.reports = Reports()
        plain = self.lines.plain
        shown = headed(plain, source)
        self.blocks = blocks_of(shown)
        self.boxed: set[int] = set()
        """The lines of the items with a check box."""
        if shown is not plain:
            self.report_glued(self.blocks, shown)

    def report_glued(self, blocks: list[Block], shown: list[str]) -> None:
        for block in blocks:
            if block.name == "heading" and shown[block.first] != self.lines.plain[block.first]:
                self.reports.add("heading-glued", block.first, self.lines.plain[block.first])
            self.report_glued(block.children, shown)

    def contents(
        self,
        node: Node,
        blocks: list[Block],
        first: int,
        last: int,
        choice: Choice,
        parts: Sequence[Node] = (),
    ) -> int:
        """Give a node the items and the prose of a run of lines, beside its `parts`; where its own lines end."""
        taken: list[Node] = [*parts]
        label, label_line, under = "", -1, ""
        for at, block in enumerate(blocks):
            if block.name == "list":
                items = self.items(block, choice, label, label_line)
                if node.kind is Kind.WEEK and at and blocks[at - 1].name == "paragraph":
                    self.report_list(blocks[at - 1].last - 1, label, has_items=bool(items))
                taken += items
                continue
            if block.name == "paragraph" and self.lines.plain[block.first][:2] in {"**", "__"}:
                self.report_bold(block.first)
            if block.name == "paragraph" and node.kind is Kind.WEEK:
                taken += self.focus(block, under, label, label_line)
            has_list = at + 1 < len(blocks) and blocks[at + 1].name == "list"
            label, label_line = self.label(block, node, has_list)
            under = label_kind(label) if block.name == "heading" else ""
        rules = {block.first for block in blocks if block.name == "rule"}
        taken.sort(key=lambda one: (one.first, one.start))
        node.children += self.with_prose(taken, *self.without_rules(first, last, rules))
        return max([first, *[child.last for child in node.children]])

    def report_list(self, line: int, label: str, has_items: bool) -> None:
        """A list in a week below a line that is nearly a label, or one that is no label of tasks or deliverables."""
        if label_kind(label):
            return
        found = self.lines.plain[line]
        bare_label = BARE_LABEL.match(found)
        words = label or ((bare_label[2] or bare_label[3]) if bare_label else found)
        if len(words) <= LONGEST and (meant := label_meant(words)):
            self.reports.add("label-nearly", line, found, meant=meant)
        elif label and not has_items:
            self.reports.add("list-kept", line, found)

    def without_rules(self, first: int, last: int, rules: set[int]) -> tuple[int, int]:
        """The same lines without rules and blank lines at either side: those separate, and are nobody's."""
        first, last = self.lines.trimmed(first, last)
        while first < last and last - 1 in rules:
            first, last = self.lines.trimmed(first, last - 1)
        while first < last and first in rules:
            first, last = self.lines.trimmed(first + 1, last)
        return first, last

    # Labels

    def label(self, block: Block, node: Node, has_list: bool = False) -> tuple[str, int]:
        """The label on a paragraph's last line, or a week's heading that is one, and its line; or ("", -1). `has_list`
        says whether a list follows: a known word alone is a label only then.
        """
        if block.name == "heading" and node.kind is Kind.WEEK:
            text = heading_text(self.lines, block)[0]
            if label_kind(text):
                self.reports.add("label-heading", block.first, text)
                self.note_words(text, block.first)
                return text, block.first
        if block.name != "paragraph":
            return "", -1
        if node.kind is Kind.WEEK:
            self.report_one_line(block)
        line = block.last - 1
        found = LABEL.match(self.lines.plain[line])
        if found:
            if self.value(found):
                return "", -1
            self.note_colon(found, line)
            self.note_words(found[1], line)
            return found[1], line
        found = BARE_LABEL.match(self.lines.plain[line])
        words = (found[2] or found[3]) if found else self.word_alone(line) if has_list else ""
        if not label_kind(words) or node.kind is not Kind.WEEK:
            return "", -1
        self.reports.add("label-no-colon" if found and found[2] else "label-plain", line, words)
        self.note_words(words, line)
        return words.strip(" \t"), line

    def report_bold(self, line: int) -> None:
        """A line in bold that is nearly a week's name."""
        first = self.lines.plain[line]
        if meant := name_meant(first[:LONGEST], False):
            self.reports.add("name-nearly", line, first, meant=meant)

    def word_alone(self, line: int) -> str:
        """A line's words, where nothing but a word for a list of tasks or deliverables stands on it."""
        found = WORD_ALONE.match(self.lines.plain[line])
        return found[1] if found and label_kind(found[1]) in {"tasks", "deliverables"} else ""

    def report_one_line(self, block: Block) -> None:
        """Labels of tasks or deliverables with words behind the colon, which are no list."""
        for line in range(block.first, block.last):
            plain = self.lines.plain[line]
            if ":" not in plain and "：" not in plain:
                continue
            found = LABEL.match(plain) or LABELLED.match(plain)
            if found and label_kind(found[1]) in {"tasks", "deliverables"} and self.value(found):
                self.reports.add("label-with-item", line, plain)

    def note_colon(self, found: re.Match[str], line: int) -> None:
        if found[2][0] in ":：":
            self.reports.add("label-colon", line, found[0], column=found.start(2) + 1)

    def note_words(self, label: str, line: int) -> None:
        """A label that is one of a language's further words."""
        if label_kind(label) and not LABELS[bare(label)][1]:
            self.reports.add("label-words", line, label, kind=label_kind(label))

    @staticmethod
    def value(found: re.Match[str]) -> str:
        """What follows a label on its line."""
        return found.string[found.end() :].rstrip(" \t")

    def focus(self, block: Block, under: str, label: str, label_line: int) -> list[Node]:
        """The `**Focus**: text` of a paragraph with its further lines, or the paragraph below such a heading."""
        if under == "focus":
            text, start, end = joined(self.lines, block.first, block.last, 0)
            node = Node(Kind.FOCUS, text, label, first=block.first, last=block.last, start=start, end=end)
            node.label_line = label_line
            return [node]
        lines = range(block.first, block.last)
        labels = [line for line in lines if LABEL.match(self.lines.plain[line])]
        nodes = []
        for line, following in pairwise([*labels, block.last]):
            found = LABEL.match(self.lines.plain[line])
            assert found is not None
            if label_kind(found[1]) == "focus" and self.value(found):
                self.note_colon(found, line)
                self.note_words(found[1], line)
                text, start, end = joined(self.lines, line, following, found.end())
                nodes.append(
                    Node(Kind.FOCUS, text, found[1], first=line, last=following, start=start, end=end)
                )
        return nodes

    # Lists

    def items(self, block: Block, choice: Choice, label: str, label_line: int, outer: int = -1) -> list[Node]:
        """A list's items that are somebody's, with those nested in nobody's. `outer` is the line of
        the item around it.
        """
        nodes: list[Node] = []
        for item in block.children:
            node = self.item(item, choice, label) if item.first != outer else None
            if node is not None:
                node.label_line = label_line
                nodes.append(node)
            else:
                nodes += self.nested(item, choice)
        bare_task = next((node for node in nodes if node.kind is Kind.TASK and node.box is None), None)
        if bare_task is not None:
            self.reports.add("tasks-without-box", bare_task.first, self.lines.plain[bare_task.first])
        return nodes

    def has_box(self, block: Block) -> bool:
        """Whether any item of a list has a check box, at any depth."""
        return any(
            (
                item.name == "item"
                and (found := ITEM.match(self.lines.plain[item.first]))
                and found[4] is not None
            )
            or self.has_box(item)
            for item in block.children
        )

    def nested(self, item: Block, choice: Choice) -> list[Node]:
        inner = boxes_as_criteria if choice in {criterion_item, boxes_as_criteria} else boxes_only
        lists = [child for child in item.children if child.name == "list"]
        nodes = [node for child in lists for node in self.items(child, inner, "", -1, item.first)]
        for node in nodes:
            if node.kind is Kind.TASK:
                self.reports.add("nested-task", node.first, node.text)
        return nodes

    def item(self, item: Block, choice: Choice, label: str) -> Node | None:
        """An item's node, or None when it is nobody's or begins with something else than words."""
        if not item.children or item.children[0].name != "paragraph" or item.children[0].first != item.first:
            return None
        found = ITEM.match(self.lines.plain[item.first])
        if found is None:
            return None
        words = item.children[0].last
        text, start, end = joined(self.lines, item.first, words, found.end())
        kind = choice(label, text, found[4] is not None)
        if kind is None or not text:
            return None
        last = self.lines.trimmed(item.first, item.last)[1]
        node = Node(kind, text, label, first=item.first, last=last, start=start, end=end)
        if found[4] is not None:
            self.boxed.add(item.first)
            node.checked = not TICKED.isdisjoint(found[4])
            offset = self.lines.offsets[item.first]
            node.box = (offset + found.start(4), offset + found.end(4))
            self.note_box(found, item.first)
        if found[2] in "*+" and kind in {Kind.TASK, Kind.DELIVERABLE, Kind.CRITERION}:
            self.reports.add("bullet", item.first, found.string)
        width = len(found.string[: found.end(3)].expandtabs(4))
        node.children = self.with_prose(self.nested(item, choice), words, last, width)
        return node

    def note_box(self, found: re.Match[str], line: int) -> None:
        if not FINE_BOX.match(found.string, found.end(3)):
            self.reports.add("broken-box", line, found.string, column=found.end(3) + 1)
        elif found[2][0].isdigit():
            self.reports.add("numbered-box", line, found.string)

    # Prose

    def with_prose(self, taken: list[Node], first: int, last: int, width: int = 0) -> list[Node]:
        """Nodes, with the lines between them that are nobody's as prose, in the document's order."""
        nodes: list[Node] = []
        for node in taken:
            begin = node.label_line if first <= node.label_line < node.first else node.first
            if begin >= first:
                nodes += self.prose(first, begin, width)
            nodes.append(node)
            first = node.last
        return nodes + self.prose(first, last, width)

    def prose(self, first: int, last: int, width: int = 0) -> list[Node]:
        """The prose of a run of lines, without an indent of so many columns: one node, or none where
        all are blank.
        """
        first, last = self.lines.trimmed(first, last)
        if first >= last:
            return []
        text = "\n".join(dedented(line, width) for line in self.lines.plain[first:last])
        end = self.lines.offsets[last - 1] + len(self.lines.raw[last - 1])
        return [Node(Kind.PROSE, text, first=first, last=last, start=self.lines.offsets[first], end=end)]


def dedented(line: str, width: int) -> str:
    """A line without up to `width` columns of white space at its beginning."""
    column = index = 0
    while index < len(line) and column < width and line[index] in " \t":
        column += 1 if line[index] == " " else 4 - column % 4
        index += 1
    return " " * (column - width if column > width else 0) + line[index:]
