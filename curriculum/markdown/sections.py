"""A month from its title down: its details, its sections with their role, and the parts of these."""

from itertools import pairwise

from .blocks import Block
from .choices import CHOICES, Choice, boxes_only, project_item
from .headings import (
    IDEA_SECTIONS,
    LABEL,
    PROJECT,
    PROJECTS,
    SECTIONS,
    bare,
    heading_text,
    label_kind,
    name_of,
    speaks_of_ideas,
)
from .languages import LANGUAGES
from .slips import lacks_number, name_meant, title_meant
from .tree import ITEMS, Kind, Node, Role
from .weeks import Weeks


class Sections(Weeks):
    """One reading of one text: its months, each with the sections that it has."""

    def month(self, blocks: list[Block], last: int) -> Node:
        heading, rest = blocks[0], blocks[1:]
        text, start, end = heading_text(self.lines, heading)
        node = Node(Kind.MONTH, text, first=heading.first, start=start, end=end, level=1)
        name = name_of(text)
        if name:
            self.name(node, name)
            if not name.is_own or name.is_week:
                self.reports.add("unit-word", node.first, name.label, label=name.label)
        elif meant := name_meant(text, True):
            self.reports.add("name-nearly", node.first, text, meant=meant)
        elif unit := lacks_number(text):
            self.reports.add("number-lacking", node.first, text, unit=unit)
        cuts = self.sections(node, rest)
        before = rest[: cuts[0]] if cuts else rest
        node.children += self.preamble(before, heading.last, rest[cuts[0]].first if cuts else last, node.unit)
        for index, following in pairwise([*cuts, len(rest)]):
            stop = rest[following].first if following < len(rest) else last
            role = self.role_before(node, rest[index])
            if self.week_name(rest[index:following], node.unit, role):
                self.week_in(node, rest[index:following], stop)
            else:
                node.children.append(self.section(rest[index:following], stop, node.unit))
        node.last = max([heading.last, *[child.last for child in node.children]])
        return node

    def sections(self, month: Node, blocks: list[Block]) -> list[int]:
        """Where a month's sections begin, and its weeks that have a section's heading; not the labels below those."""
        cuts: list[int] = []
        in_week = False
        for index, block in enumerate(blocks):
            if block.name != "heading" or block.level > 2:
                continue
            if in_week and label_kind(heading_text(self.lines, block)[0]):
                continue
            cuts.append(index)
            in_week = self.week_name(blocks[index : self.part_end(blocks, index)], month.unit) is not None
        return cuts

    def preamble(self, blocks: list[Block], first: int, last: int, unit: str) -> list[Node]:
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
        self.fill(node, rest, split, last, unit)
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
            self.note_colon(found, line)
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

    def section(self, blocks: list[Block], last: int, unit: str) -> Node:
        heading = blocks[0]
        text, start, end = heading_text(self.lines, heading)
        node = Node(Kind.SECTION, text, first=heading.first, start=start, end=end, level=heading.level)
        node.role, is_own = SECTIONS.get(bare(text), (Role.OTHER, True))
        if heading.level == 1:
            self.reports.add("section-level", heading.first, text)
        if heading.markup == "-" and (heading.last - heading.first > 2 or LABEL.match(text)):
            self.reports.add("heading-by-rule", heading.first, text)
        project = PROJECT.match(text)
        if project is None or node.role is not Role.OTHER:
            if not is_own:
                self.reports.add("section-words", heading.first, text, own=own_words(node.role))
            self.fill(node, blocks[1:], heading.last, last, unit)
            self.report_title(node, blocks[1:])
            return node
        if not (PROJECTS | IDEA_SECTIONS)[project[1].lower()]:
            self.reports.add("section-words", heading.first, text, own=own_words(Role.PROJECT))
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
        self.fill(inner, blocks[1:], heading.last, last, unit)
        node.last = inner.last
        node.children.append(inner)
        return node

    def report_title(self, node: Node, blocks: list[Block]) -> None:
        """A title that is nearly a known one, or nearly a week's, above what is ticked or listed."""
        if node.role is not Role.OTHER:
            return
        if meant := name_meant(node.text, is_month=node.level == 1):
            self.reports.add("name-nearly", node.first, node.text, meant=meant)
        elif any(block.name == "list" for block in blocks) and (meant := title_meant(node.text)):
            self.reports.add("title-nearly", node.first, node.text, meant=meant)

    def fill(self, node: Node, blocks: list[Block], first: int, last: int, unit: str) -> None:
        """Give a section, or its project, what stands in it: free content first, then its weeks and `###` parts."""
        weeks: set[int] = set()
        cuts: list[int] = []
        for index, block in enumerate(blocks):
            if block.name == "list":
                continue
            is_week = node.kind is Kind.SECTION and self.is_week(node, blocks, index, unit)
            if is_week:
                weeks.add(index)
            elif (
                block.name != "heading"
                or block.level > 3
                or (cuts and self.is_label(blocks, cuts[-1], index, weeks))
            ):
                continue
            cuts.append(index)
        if weeks:
            node.role = Role.WEEKS
        stop = blocks[cuts[0]].first if cuts else last
        ideas = node.kind is Kind.PROJECT and speaks_of_ideas(node.label)
        free = blocks[: cuts[0]] if cuts else blocks
        tables = self.tables(node, free)
        node.last = self.contents(node, free, first, stop, self.choice(node, ideas), tables)
        for index, following in pairwise([*cuts, len(blocks)]):
            stop = blocks[following].first if following < len(blocks) else last
            part = self.part(node, blocks[index:following], stop, index in weeks, ideas)
            node.children.append(part)
            node.last = part.last

    def part(self, parent: Node, blocks: list[Block], last: int, week: bool, ideas: bool) -> Node:
        """A `###` heading with what follows it: a week, an idea of its own, or a group of items."""
        heading = blocks[0]
        if week:
            return self.week(blocks, last)
        text, start, end = heading_text(self.lines, heading)
        if parent.role in {Role.WEEKS, Role.OTHER} and (meant := name_meant(text, False)):
            self.reports.add("name-nearly", heading.first, text, meant=meant)
        kind = Kind.IDEA if ideas and text else Kind.GROUP
        node = Node(kind, text, first=heading.first, start=start, end=end, level=heading.level)
        choice = boxes_only if kind is Kind.IDEA else self.choice(parent, False, text)
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


def own_words(role: str) -> str:
    """What the dialect calls a section, in English."""
    return LANGUAGES["en"].sections[role].own[0]
