"""From a text to the tree of what it says."""

import re
from functools import cached_property
from itertools import pairwise

from .damage import repaired
from .headings import Name, heading_text, name_of
from .lines import check
from .refusals import refused
from .sections import Sections
from .slips import nearly_box, texts_apart
from .tree import Kind, Node

NUMBERED_LINK = re.compile(r"\[[^\]]*\d|\]\([^)]*\d")
HOME_LINK = re.compile(
    r"\]\((?:\.\./)*(?:\./)?(?:README\.md|index\.md)?(?:#[^)]*)?\)|\]\(https?://", re.IGNORECASE
)
LONG_LINE = 10_000


def parse(source: str) -> Node:
    """The tree of a text. Raises Refused where there is no month to find; see the package's docstring."""
    check(source)
    return Parser(source).document()


class Parser(Sections):
    """One reading of one text, from its titles down."""

    def document(self) -> Node:
        """The whole tree, with its findings in the order of their lines."""
        self.refuse_swallowed()
        titles = [
            index for index, block in enumerate(self.blocks) if block.name == "heading" and block.level == 1
        ]
        if not titles:
            raise refused("no-title", 1)
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
                column = self.lines.plain[block.first].index(opening) + 1
                raise refused("never-closed", block.first + 1, column, found=opening[:80])
            self.reports.add("open-fence", block.first, opening)

    def refuse_without_unit(self, root: Node) -> None:
        month = next(node for node in root.children if node.kind is Kind.MONTH)
        if month.unit or any(
            node.kind in {Kind.WEEK, Kind.TASK} or node.checked is not None for node in root.walk()
        ):
            return
        raise refused("no-month", month.first + 1, self.column(month), found=month.text[:80])

    def refuse_twice(self, root: Node) -> None:
        """Two months of one name."""
        seen: dict[tuple[str, int], Node] = {}
        for node in root.children:
            if node.kind is not Kind.MONTH or node.number is None:
                continue
            name = (node.unit.lower(), node.number)
            if name in seen:
                line = seen[name].first + 1
                raise refused("same-month", node.first + 1, self.column(node), line=line)
            seen[name] = node

    def column(self, node: Node) -> int:
        """Where a heading's words begin in its line, counted from 1."""
        line = self.lines.plain[node.first]
        return len(line) - len(line.lstrip(" \t#")) + 1

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
            self.report_numbers(month)
        for link in root.find(Kind.LINK):
            if not NUMBERED_LINK.search(link.text) and not HOME_LINK.search(link.text):
                self.reports.add("link-without-month", link.first, link.text)
        for number, line in enumerate(self.lines.plain):
            if len(line) > LONG_LINE:
                self.reports.add("long-line", number, line[:80])
            if ("[" in line or not line.isascii()) and number not in self.boxed:
                self.report_box(number, line)

    def report_box(self, number: int, line: str) -> None:
        """A line that is meant as a check box and is read as none."""
        code = nearly_box(line)
        if code and number not in self.texts_apart:
            column = line.find("]") + 1 or len(line) - len(line.lstrip(" \t")) + 1
            self.reports.add("no-list" if code == "no-list" else "unknown-box", number, line, column=column)

    @cached_property
    def texts_apart(self) -> set[int]:
        """The lines that are code, HTML or a quote."""
        return texts_apart(self.blocks)

    def report_numbers(self, month: Node) -> None:
        """Weeks with the number of another, or with a lower one than the week before."""
        before: Node | None = None
        seen: dict[tuple[str, int], Node] = {}
        for week in month.find(Kind.WEEK):
            name = week.unit.lower(), week.number or 0
            if before and name[0] == before.unit.lower():
                if name in seen:
                    self.reports.add("number-twice", week.first, week.label, there=seen[name].first + 1)
                elif name[1] <= (before.number or 0):
                    self.reports.add("number-order", week.first, week.label, before=before.label)
            seen.setdefault(name, week)
            before = week

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
