"""The weeks of a month, whichever way they are headed: as a section, below one, in bold or in a table."""

from .blocks import Block
from .choices import week_item
from .contents import Contents
from .headings import Name, heading_text, label_kind, name_of
from .tables import table_weeks
from .tree import Kind, Node, Role


class Weeks(Contents):
    """One reading of one text: which blocks are a week, and what the name of a week or a month says."""

    def week_name(self, blocks: list[Block], unit: str, role: Role | None = None) -> Name | None:
        """The name of a week, if the first of these blocks is the heading of one. What is called as weeks are is one
        anywhere; what has another unit is one in a section of weeks, or with something to tick.
        """
        block = blocks[0]
        if block.name == "heading":
            name = name_of(heading_text(self.lines, block)[0])
        elif block.name == "paragraph":
            name = name_of(self.lines.plain[block.first].strip(" \t"))
            name = name if name and name.bold else None
        else:
            return None
        if name is None or name.unit.lower() == unit.lower():
            return None
        if name.is_week or role is Role.WEEKS:
            return name
        return name if any(one.name == "list" and self.has_box(one) for one in blocks) else None

    def role_before(self, month: Node, heading: Block) -> Role | None:
        """That of weeks, where the last one has this heading's level and unit: a day without a box among days."""
        last = next(reversed(month.children[-1].children), None) if month.children else None
        name = name_of(heading_text(self.lines, heading)[0])
        if last is None or last.kind is not Kind.WEEK or name is None:
            return None
        same = (last.level, last.unit.lower()) == (heading.level, name.unit.lower())
        return Role.WEEKS if same else None

    def is_week(self, node: Node, blocks: list[Block], index: int, unit: str) -> bool:
        end = self.part_end(blocks, index)
        return self.week_name(blocks[index:end], unit, node.role) is not None

    def is_label(self, blocks: list[Block], week: int, index: int, weeks: set[int]) -> bool:
        """Whether a heading is the label of a list in the week above it, though it has a week's level."""
        return week in weeks and label_kind(heading_text(self.lines, blocks[index])[0]) != ""

    @staticmethod
    def part_end(blocks: list[Block], index: int) -> int:
        """Behind the blocks up to the next heading that is not below this one."""
        level = blocks[index].level or 6
        following = range(index + 1, len(blocks))
        return next(
            (at for at in following if blocks[at].name == "heading" and blocks[at].level <= level),
            len(blocks),
        )

    def week(self, blocks: list[Block], last: int) -> Node:
        heading, rest = blocks[0], blocks[1:]
        if heading.name == "heading":
            text, start, end = heading_text(self.lines, heading)
            below = heading.last
            if heading.level != 3:
                self.reports.add("week-level", heading.first, text)
        else:
            line = self.lines.plain[heading.first]
            text, below = line.strip(" \t"), heading.first + 1
            start = self.lines.offsets[heading.first] + len(line) - len(line.lstrip(" \t"))
            end = start + len(text)
            self.reports.add("week-bold", heading.first, text)
            if heading.last > below:
                rest = [Block("paragraph", below, heading.last), *rest]
        node = Node(Kind.WEEK, text, first=heading.first, start=start, end=end, level=heading.level)
        name = name_of(text)
        assert name is not None, "a week has a name"
        self.name(node, name)
        node.last = self.contents(node, rest, below, last, week_item)
        return node

    def week_in(self, month: Node, blocks: list[Block], last: int) -> None:
        """Add a week that has a section's heading to the section of weeks before it, or to one without a heading."""
        section = month.children[-1] if month.children else None
        if section is None or section.kind is not Kind.SECTION or section.role is not Role.WEEKS:
            start = self.lines.offsets[blocks[0].first]
            section = Node(Kind.SECTION, first=blocks[0].first, start=start, end=start, role=Role.WEEKS)
            month.children.append(section)
        week = self.week(blocks, last)
        section.children.append(week)
        section.last = week.last

    def name(self, node: Node, name: Name) -> None:
        """Take "Month 08" or "Week 1" off a heading's words, and say in what it differs from the dialect."""
        node.label, node.unit, node.number, node.text = name.label, name.unit, name.number, name.title
        node.end = node.start + name.end
        node.start += name.start
        if name.picture:
            self.reports.add("heading-picture", node.first, name.picture, label=name.label)
        if name.bold and node.level:
            self.reports.add("heading-bold", node.first, name.label)
        if name.mark not in {":", "："} and name.title:
            found = f"{name.label} {name.mark}".strip()
            self.reports.add("heading-separator", node.first, found, label=name.label, title=name.title)
        if name.until > name.number:
            self.reports.add("week-range", node.first, name.label, label=name.label)

    def tables(self, node: Node, blocks: list[Block]) -> list[Node]:
        """The weeks of the tables of a section that may have weeks."""
        if node.kind is not Kind.SECTION or node.role not in {Role.WEEKS, Role.OTHER}:
            return []
        weeks = [week for block in blocks if block.name == "table" for week in table_weeks(self.lines, block)]
        if weeks:
            node.role = Role.WEEKS
            self.reports.add("week-table", weeks[0].label_line, self.lines.plain[weeks[0].label_line])
            tasks = (task for week in weeks for task in week.find(Kind.TASK))
            plain = next((task for task in tasks if task.box is None), None)
            if plain is not None:
                column = plain.start - self.lines.offsets[plain.first] + 1
                self.reports.add("cell-without-box", plain.first, plain.text, column=column)
        return weeks
