"""From a text to the tree of what it says."""

import re
from itertools import pairwise

from django.utils.translation import gettext as _

from .blocks import Block, blocks_of
from .choices import (
    CHOICES,
    FOCUS,
    TASKS,
    Choice,
    boxes_as_criteria,
    boxes_only,
    criterion_item,
    project_item,
    week_item,
)
from .damage import repaired
from .headings import ITEM, LABEL, MONTH, PROJECT, ROLES, WEEK, heading_text, joined
from .lines import Lines, check
from .tree import ITEMS, Finding, Kind, Node, Refused, Role, Severity

MONTH_LINK = re.compile(r"\]\([^)\s]{0,200}?\bmonth[-_ ]?\d", re.IGNORECASE)
HEADED_BY_MONTH = re.compile(r"[ \t]*\|?[ \t]*Months?[ \t]*\|", re.IGNORECASE)


def parse(source: str) -> Node:
    """The tree of a text. Raises Refused where there is no month to find; see the package's docstring."""
    check(source)
    return Parser(source).document()


def is_dashboard(source: str) -> bool:
    """Whether a text is the page of a whole curriculum: its title is no month, and it lists several
    months.
    """
    check(source)
    lines = Lines.of(source)
    blocks = blocks_of(lines.plain)
    headings = [(block.level, heading_text(lines, block)[0]) for block in blocks if block.name == "heading"]
    titles = [text for level, text in headings if level == 1]
    if (
        not titles
        or any(MONTH.match(text) for text in titles)
        or any(WEEK.match(text) for _l, text in headings)
    ):
        return False
    links = sum(len(MONTH_LINK.findall(line[:10_000])) for line in lines.plain)
    return links > 1 or any(HEADED_BY_MONTH.match(line) for line in lines.plain)


class Parser:
    """One reading of one text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = Lines.of(source)
        self.blocks = blocks_of(self.lines.plain)
        self.findings: list[Finding] = []

    def warn(self, line: int, code: str, found: str, done: str, repair: str = "") -> None:
        self.findings.append(
            Finding(line + 1, Severity.WARNING, code, found.strip()[:300], done, repair.strip()[:300])
        )

    # The document

    def document(self) -> Node:
        """The whole tree, with its findings in the order of their lines."""
        self.refuse_swallowed()
        titles = [
            index for index, block in enumerate(self.blocks) if block.name == "heading" and block.level == 1
        ]
        if not titles:
            raise Refused(
                1, _("There is no title: a month begins with a line such as “# Month 08: System Design”.")
            )
        months = [i for i in titles if MONTH.match(heading_text(self.lines, self.blocks[i])[0])]
        if titles[0] not in months:
            months = [titles[0], *[index for index in months if index > titles[0]]]
        root = Node(Kind.DOCUMENT, last=len(self.lines.raw), end=len(self.source))
        root.children += self.prose(0, self.blocks[months[0]].first)
        for index, following in pairwise([*months, len(self.blocks)]):
            root.children.append(self.month(self.blocks[index:following], self.first_line(following)))
        self.refuse_without_unit(root)
        self.report_damage(root)
        root.findings = tuple(sorted(self.findings, key=lambda finding: finding.line))
        return root

    def first_line(self, index: int) -> int:
        """Where a top block begins, or the text's end after the last one."""
        return self.blocks[index].first if index < len(self.blocks) else len(self.lines.raw)

    def refuse_swallowed(self) -> None:
        """A fence or a comment that never closes hides all that follows it."""
        for block in self.blocks[-1:]:
            opening, ending = self.lines.plain[block.first].strip(), self.lines.plain[block.last - 1].strip()
            if block.name == "fence":
                mark = block.markup
                closed = (
                    block.last - block.first > 1 and not ending.strip(mark[0]) and len(ending) >= len(mark)
                )
            else:
                text = (line for line in self.lines.plain[block.first : block.last])
                closed = not (block.name == "html" and opening.startswith("<!--")) or any(
                    "-->" in line for line in text
                )
            if closed:
                continue
            hidden = self.lines.plain[block.first + 1 : block.last]
            if any(re.match(r"[ ]{0,3}(#{1,3} |[-+*] \[[ xX]\] )", line) for line in hidden):
                raise Refused(
                    block.first + 1,
                    _("“%(found)s” is never closed and hides all that follows it.") % {"found": opening[:80]},
                )
            self.warn(
                block.first,
                "open-fence",
                opening,
                _("It is never closed; it was read up to the end of the text."),
            )

    def refuse_without_unit(self, root: Node) -> None:
        month = next(node for node in root.children if node.kind is Kind.MONTH)
        if month.unit or any(node.kind is Kind.WEEK or node.checked is not None for node in root.walk()):
            return
        raise Refused(
            month.first + 1,
            _("This is not a month: “%(found)s” names no month, and there is nothing to tick.")
            % {"found": month.text[:80]},
        )

    def report_damage(self, root: Node) -> None:
        if self.source.isascii():
            return
        details = {node.first: node for node in root.find(Kind.DETAIL)}
        for number, line in enumerate(self.lines.plain):
            meant = line if line.isascii() else repaired(line)
            if meant != line:
                node = details.get(number)
                found, repair = (
                    (node.text, repaired(node.text))
                    if node and repaired(node.text) != node.text
                    else (line, meant)
                )
                self.warn(
                    number,
                    "damaged-text",
                    found,
                    _(
                        "The letters were damaged by a wrong decoding. They are kept as they "
                        "are; put the repair into the text."
                    ),
                    repair,
                )

    # Months and sections

    def month(self, blocks: list[Block], last: int) -> Node:
        heading, rest = blocks[0], blocks[1:]
        text, start, end = heading_text(self.lines, heading)
        node = Node(Kind.MONTH, text, first=heading.first, start=start, end=end, level=1)
        self.name(node, MONTH)
        cuts = [index for index, block in enumerate(rest) if block.name == "heading" and block.level <= 2]
        before = rest[: cuts[0]] if cuts else rest
        node.children += self.preamble(before, heading.last, rest[cuts[0]].first if cuts else last)
        for index, following in pairwise([*cuts, len(rest)]):
            stop = rest[following].first if following < len(rest) else last
            node.children.append(self.section(rest[index:following], stop))
        node.last = max([heading.last, *[child.last for child in node.children]])
        return node

    def name(self, node: Node, pattern: re.Pattern[str]) -> bool:
        """Take "Month 08" or "Week 1" off a heading's words; False for a heading that has no such name."""
        found = pattern.match(node.text)
        if found is None:
            return False
        node.label, node.unit, node.number = found[1], found[2], int(found[3])
        node.text = found[5]
        node.start += found.start(5)
        if found[4] and found[4] != ":":
            self.warn(
                node.first,
                "heading-separator",
                found[0],
                _("Read as “%(label)s” with the title “%(title)s”.")
                % {"label": node.label, "title": node.text},
            )
        return True

    def preamble(self, blocks: list[Block], first: int, last: int) -> list[Node]:
        """What stands between a month's title and its first section: details, then prose or a section
        without a heading.
        """
        details: list[Node] = []
        rest = list(blocks)
        while rest and rest[0].name == "paragraph":
            block = rest.pop(0)
            ending = self.details(block, details, before_list=bool(rest) and rest[0].name == "list")
            if ending < block.last:
                rest.insert(0, Block("paragraph", ending, block.last))
                break
        split = details[-1].last if details else first
        above = self.with_prose(details, first, split)
        node = Node(Kind.SECTION, first=split, role=Role.OTHER)
        self.fill(node, rest, split, last)
        if all(child.kind is Kind.PROSE for child in node.children):
            return above + node.children
        node.first = (
            node.children[0].first if node.children[0].label_line < 0 else node.children[0].label_line
        )
        node.start = node.end = self.lines.offsets[node.first]
        return [*above, node]

    def details(self, block: Block, details: list[Node], before_list: bool) -> int:
        """Add a paragraph's `**Key**: value` lines; where they end."""
        for line in range(block.first, block.last):
            found = LABEL.match(self.lines.plain[line])
            if found is None or (before_list and line == block.last - 1 and not self.value(found)):
                return line
            value = self.value(found)
            start = self.lines.offsets[line] + found.end()
            details.append(
                Node(
                    Kind.DETAIL,
                    value,
                    found[1],
                    first=line,
                    last=line + 1,
                    start=start,
                    end=start + len(value),
                )
            )
        return block.last

    @staticmethod
    def value(found: re.Match[str]) -> str:
        """What follows a label on its line."""
        return found.string[found.end() :].rstrip(" \t")

    def section(self, blocks: list[Block], last: int) -> Node:
        heading = blocks[0]
        text, start, end = heading_text(self.lines, heading)
        node = Node(Kind.SECTION, text, first=heading.first, start=start, end=end, level=heading.level)
        node.role = ROLES.get(text.strip().rstrip(":").lower(), Role.OTHER)
        project = PROJECT.match(text)
        if project is None:
            self.fill(node, blocks[1:], heading.last, last)
            return node
        node.role = Role.PROJECT
        inner = Node(
            Kind.PROJECT,
            project[3],
            project[1],
            first=heading.first,
            start=start + project.start(3),
            end=end,
            level=heading.level,
        )
        self.fill(inner, blocks[1:], heading.last, last)
        node.last = inner.last
        node.children.append(inner)
        return node

    def fill(self, node: Node, blocks: list[Block], first: int, last: int) -> None:
        """Give a section, or its project, what stands in it: free content first, then its `###` parts."""
        cuts = [index for index, block in enumerate(blocks) if block.name == "heading" and block.level == 3]
        weeks = {index for index in cuts if WEEK.match(heading_text(self.lines, blocks[index])[0])}
        if weeks and node.kind is Kind.SECTION:
            node.role = Role.WEEKS
        stop = blocks[cuts[0]].first if cuts else last
        ideas = node.kind is Kind.PROJECT and "idea" in node.label.lower()
        node.last = self.contents(
            node, blocks[: cuts[0]] if cuts else blocks, first, stop, self.choice(node, ideas)
        )
        for index, following in pairwise([*cuts, len(blocks)]):
            stop = blocks[following].first if following < len(blocks) else last
            part = self.part(node, blocks[index:following], stop, index in weeks, ideas)
            node.children.append(part)
            node.last = part.last

    def part(self, parent: Node, blocks: list[Block], last: int, week: bool, ideas: bool) -> Node:
        """A `###` heading with what follows it: a week, an idea of its own, or a group of items."""
        heading = blocks[0]
        text, start, end = heading_text(self.lines, heading)
        kind = Kind.WEEK if week else Kind.IDEA if ideas and text else Kind.GROUP
        node = Node(kind, text, first=heading.first, start=start, end=end, level=heading.level)
        if week:
            self.name(node, WEEK)
        choice = week_item if week else boxes_only if kind is Kind.IDEA else self.choice(parent, False, text)
        node.last = self.contents(node, blocks[1:], heading.last, last, choice)
        if kind is Kind.GROUP:
            node.label = text
            for item in node.find(*ITEMS):
                item.label = item.label or text
        return node

    def choice(self, node: Node, ideas: bool, group: str = "") -> Choice:
        if node.kind is Kind.PROJECT:
            return lambda label, text, boxed: project_item(label or group, boxed, ideas)
        return CHOICES.get(node.role or Role.OTHER, boxes_only)

    # Lists and prose

    def contents(self, node: Node, blocks: list[Block], first: int, last: int, choice: Choice) -> int:
        """Give a node the items and the prose of a run of lines; where its own lines end."""
        taken: list[Node] = []
        label, label_line = "", -1
        for block in blocks:
            if block.name == "list":
                taken += self.items(block, choice, label, label_line)
                continue
            label, label_line = self.label(block) if block.name == "paragraph" else ("", -1)
            if block.name == "paragraph" and node.kind is Kind.WEEK:
                taken += self.focus(block)
        rules = {block.first for block in blocks if block.name == "rule"}
        node.children += self.with_prose(taken, *self.without_rules(first, last, rules))
        return max([first, *[child.last for child in node.children]])

    def without_rules(self, first: int, last: int, rules: set[int]) -> tuple[int, int]:
        """The same lines without rules and blank lines at either side: those separate, and are nobody's."""
        first, last = self.lines.trimmed(first, last)
        while first < last and last - 1 in rules:
            first, last = self.lines.trimmed(first, last - 1)
        while first < last and first in rules:
            first, last = self.lines.trimmed(first + 1, last)
        return first, last

    def label(self, block: Block) -> tuple[str, int]:
        """The label on a paragraph's last line and that line, or ("", -1)."""
        line = block.last - 1
        found = LABEL.match(self.lines.plain[line])
        return (found[1], line) if found and not self.value(found) else ("", -1)

    def focus(self, block: Block) -> list[Node]:
        """The `**Focus**: text` of a paragraph, with the lines that continue it."""
        lines = range(block.first, block.last)
        labels = [line for line in lines if LABEL.match(self.lines.plain[line])]
        nodes = []
        for line, following in pairwise([*labels, block.last]):
            found = LABEL.match(self.lines.plain[line])
            assert found is not None
            if found[1].lower() in FOCUS and self.value(found):
                text, start, end = joined(self.lines, line, following, found.end())
                nodes.append(
                    Node(Kind.FOCUS, text, found[1], first=line, last=following, start=start, end=end)
                )
        return nodes

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
        bare = block.first if label.lower() in TASKS and choice is week_item and not nodes else -1
        if bare >= 0:
            self.warn(
                bare,
                "tasks-without-box",
                self.lines.plain[bare],
                _("These tasks have no check boxes; they are shown as text."),
            )
        return nodes

    def nested(self, item: Block, choice: Choice) -> list[Node]:
        inner = boxes_as_criteria if choice in {criterion_item, boxes_as_criteria} else boxes_only
        lists = [child for child in item.children if child.name == "list"]
        return [node for child in lists for node in self.items(child, inner, "", -1, item.first)]

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
        checked = None if found[4] is None else found[4] in "xX"
        last = self.lines.trimmed(item.first, item.last)[1]
        node = Node(kind, text, label, checked=checked, first=item.first, last=last, start=start, end=end)
        width = len(found.string[: found.end(3)].expandtabs(4))
        node.children = self.with_prose(self.nested(item, choice), words, last, width)
        return node

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
