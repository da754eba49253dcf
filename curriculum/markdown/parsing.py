"""From a text to the tree of what it says."""

import re
from itertools import pairwise

from django.utils.translation import gettext as _

from .blocks import Block, blocks_of
from .choices import CHOICES, Choice, boxes_only, project_item, week_item
from .contents import Contents
from .damage import repaired
from .headings import (
    ALL_UNITS,
    IDEA_SECTIONS,
    LABEL,
    PROJECT,
    PROJECTS,
    SECTIONS,
    Name,
    bare,
    heading_text,
    label_kind,
    name_of,
    speaks_of_ideas,
)
from .languages import LANGUAGES
from .lines import Lines, check
from .tables import table_weeks
from .tree import ITEMS, Kind, Node, Refused, Role

WORDS_OF_LINKS = "|".join(sorted({unit.replace("{n}", "") for unit in ALL_UNITS if unit.isascii()}))
MONTH_LINK = re.compile(rf"\]\([^)\s]{{0,200}}?\b(?:{WORDS_OF_LINKS})[-_ ]?\d", re.IGNORECASE)
NUMBERED_LINK = re.compile(r"\[[^\]]*\d|\]\([^)]*\d")
HOME_LINK = re.compile(
    r"\]\((?:\.\./)*(?:\./)?(?:README\.md|index\.md)?(?:#[^)]*)?\)|\]\(https?://", re.IGNORECASE
)
HEADED_BY_MONTH = re.compile(rf"[ \t]*\|?[ \t]*(?:{WORDS_OF_LINKS})s?[ \t]*\|", re.IGNORECASE)
LONG_LINE = 10_000


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
    if not titles or any(name_of(text) for text in titles):
        return False
    if any((name := name_of(text)) and name.is_week for _level, text in headings):
        return False
    links = sum(len(MONTH_LINK.findall(line[:10_000])) for line in lines.plain)
    return links > 1 or any(HEADED_BY_MONTH.match(line) for line in lines.plain)


class Parser(Contents):
    """One reading of one text, from its titles down."""

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
        months = self.titles(titles)
        root = Node(Kind.DOCUMENT, last=len(self.lines.raw), end=len(self.source))
        root.children += self.prose(0, self.blocks[months[0]].first)
        for index, following in pairwise([*months, len(self.blocks)]):
            root.children.append(self.month(self.blocks[index:following], self.first_line(following)))
        self.refuse_without_unit(root)
        self.refuse_twice(root)
        self.report_whole(root)
        self.report_damage(root)
        root.findings = self.reports.findings()
        return root

    def titles(self, indices: list[int]) -> list[int]:
        """Of the headings with one #, those that begin a month: the first, and others named by the same unit."""
        names = {index: self.heading_name(index) for index in indices}
        first = names[indices[0]]
        unit = first.unit.lower() if first else None
        others = [
            index
            for index, name in names.items()
            if name and (name.unit.lower() == unit if unit else not name.is_week)
        ]
        return [indices[0], *[index for index in others if index > indices[0]]]

    def heading_name(self, index: int) -> Name | None:
        return name_of(heading_text(self.lines, self.blocks[index])[0])

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
            self.reports.add("open-fence", block.first, opening)

    def refuse_without_unit(self, root: Node) -> None:
        month = next(node for node in root.children if node.kind is Kind.MONTH)
        if month.unit or any(
            node.kind in {Kind.WEEK, Kind.TASK} or node.checked is not None for node in root.walk()
        ):
            return
        raise Refused(
            month.first + 1,
            _("This is not a month: “%(found)s” names no month, and there is nothing to tick.")
            % {"found": month.text[:80]},
        )

    def refuse_twice(self, root: Node) -> None:
        """Two months of one name."""
        seen: dict[tuple[str, int], Node] = {}
        for node in root.children:
            if node.kind is not Kind.MONTH or node.number is None:
                continue
            name = (node.unit.lower(), node.number)
            if name in seen:
                reason = _("The same month stands in line %(line)d already.")
                raise Refused(node.first + 1, reason % {"line": seen[name].first + 1})
            seen[name] = node

    def report_whole(self, root: Node) -> None:
        """What is seen in the whole text alone."""
        months = [node for node in root.children if node.kind is Kind.MONTH]
        if len(months) > 1:
            self.reports.add(
                "several-months", months[1].first, months[1].label or months[1].text, count=len(months)
            )
        if self.lines.front:
            self.reports.add("front-matter", 0, self.lines.raw[0])
        for month in months:
            before: Node | None = None
            for week in month.find(Kind.WEEK):
                if (
                    before
                    and (week.number or 0) <= (before.number or 0)
                    and week.unit.lower() == before.unit.lower()
                ):
                    self.reports.add("number-order", week.first, week.label, before=before.label)
                before = week
        for link in root.find(Kind.LINK):
            if not NUMBERED_LINK.search(link.text) and not HOME_LINK.search(link.text):
                self.reports.add("link-without-month", link.first, link.text)
        for number, line in enumerate(self.lines.plain):
            if len(line) > LONG_LINE:
                self.reports.add("long-line", number, line[:80])

    def report_damage(self, root: Node) -> None:
        if self.source.isascii():
            return
        details = {node.first: node for node in root.find(Kind.DETAIL)}
        for number, line in enumerate(self.lines.plain):
            meant = line if line.isascii() else repaired(line)
            if meant == line:
                continue
            node = details.get(number)
            column = (
                next(at for at, (one, two) in enumerate(zip(line, meant, strict=False)) if one != two) + 1
            )
            found, repair = (
                (node.text, repaired(node.text))
                if node and repaired(node.text) != node.text
                else (line, meant)
            )
            self.reports.add("damaged-text", number, found, column=column, repair=repair)

    # Months and sections

    def month(self, blocks: list[Block], last: int) -> Node:
        heading, rest = blocks[0], blocks[1:]
        text, start, end = heading_text(self.lines, heading)
        node = Node(Kind.MONTH, text, first=heading.first, start=start, end=end, level=1)
        name = name_of(text)
        if name:
            self.name(node, name)
            if not name.is_own or name.is_week:
                self.reports.add("unit-word", node.first, name.label, label=name.label)
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

    @staticmethod
    def part_end(blocks: list[Block], index: int) -> int:
        """Behind the blocks up to the next heading that is not below this one."""
        level = blocks[index].level or 6
        following = range(index + 1, len(blocks))
        return next(
            (at for at in following if blocks[at].name == "heading" and blocks[at].level <= level),
            len(blocks),
        )

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

    def week_in(self, month: Node, blocks: list[Block], last: int) -> None:
        """Add a week that has a section's heading to the section of weeks before it, or to one without a heading."""
        section = month.children[-1] if month.children else None
        if section is None or section.kind is not Kind.SECTION or section.role is not Role.WEEKS:
            start = self.lines.offsets[blocks[0].first]
            section = Node(Kind.SECTION, first=blocks[0].first, start=start, end=start, role=Role.WEEKS)
            month.children.append(section)
        week = self.part(section, blocks, last, True, False)
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
        project = PROJECT.match(text)
        if project is None or node.role is not Role.OTHER:
            if not is_own:
                self.reports.add("section-words", heading.first, text, own=own_words(node.role))
            self.fill(node, blocks[1:], heading.last, last, unit)
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

    def is_week(self, node: Node, blocks: list[Block], index: int, unit: str) -> bool:
        end = self.part_end(blocks, index)
        return self.week_name(blocks[index:end], unit, node.role) is not None

    def is_label(self, blocks: list[Block], week: int, index: int, weeks: set[int]) -> bool:
        """Whether a heading is the label of a list in the week above it, though it has a week's level."""
        return week in weeks and label_kind(heading_text(self.lines, blocks[index])[0]) != ""

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
                self.reports.add("tasks-without-box", plain.first, plain.text)
        return weeks

    def part(self, parent: Node, blocks: list[Block], last: int, week: bool, ideas: bool) -> Node:
        """A `###` heading with what follows it: a week, an idea of its own, or a group of items."""
        heading = blocks[0]
        if week:
            return self.week(blocks, last)
        text, start, end = heading_text(self.lines, heading)
        kind = Kind.IDEA if ideas and text else Kind.GROUP
        node = Node(kind, text, first=heading.first, start=start, end=end, level=heading.level)
        choice = boxes_only if kind is Kind.IDEA else self.choice(parent, False, text)
        node.last = self.contents(node, blocks[1:], heading.last, last, choice)
        if kind is Kind.GROUP:
            node.label = text
            for item in node.find(*ITEMS):
                item.label = item.label or text
        return node

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

    def choice(self, node: Node, ideas: bool, group: str = "") -> Choice:
        if node.kind is Kind.PROJECT:
            return lambda label, text, boxed: project_item(label or group, boxed, ideas)
        return CHOICES.get(node.role or Role.OTHER, boxes_only)


def own_words(role: str) -> str:
    """What the dialect calls a section, in English."""
    return LANGUAGES["en"].sections[role].own[0]
