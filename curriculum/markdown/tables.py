"""A table whose lines are weeks: `| Week | Topic | Tasks | Deliverables |`."""

import re
from dataclasses import dataclass

from .blocks import Block
from .headings import LABELS, TITLES, WEEK_UNITS, bare, name_of
from .lines import Lines
from .tree import Kind, Node

BREAK = re.compile(r"<br[ \t]*/?>|[ \t]*[;,]?[ \t]+(?=[-*+•][ \t]+\[[ xX✓✔✅☑]?\][ \t])", re.IGNORECASE)
"""Where a cell's lines end: a break, or the bullet and the box of the next item."""
BOX = re.compile(r"[ \t]*(?:[-*+•][ \t]+)?\[([ xX✓✔✅☑]?)\][ \t]+")
BULLET = re.compile(r"[ \t]*(?:[-*+•][ \t]+)?")
RANGE = re.compile(r"(\d{1,6})(?:[ \t]*[-–—][ \t]*(\d{1,6}))?")
MOST_CELLS = 100


@dataclass(frozen=True)
class Cell:
    """A cell's words without the blanks around them, and where they begin in their line."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def parts(self) -> "list[Cell]":
        """The cell's lines, cut at `<br>` and before a bullet with a box."""
        parts, begin = [], 0
        for cut in [*BREAK.finditer(self.text), None]:
            end = cut.start() if cut else len(self.text)
            parts.append(cell(self.text, begin, end, self.start))
            begin = cut.end() if cut else end
        return [part for part in parts if part.text]


def cell(text: str, begin: int, end: int, offset: int) -> Cell:
    while begin < end and text[begin] in " \t":
        begin += 1
    return Cell(text[begin:end].rstrip(" \t"), offset + begin)


def cells(line: str) -> list[Cell]:
    """The cells of a table's line; a `\\|` is no border."""
    borders = [at for at, letter in enumerate(line) if letter == "|" and line[at - 1 : at] != "\\"]
    opened = line.lstrip(" \t").startswith("|")
    begins = [*([] if opened else [0]), *[at + 1 for at in borders]]
    ends = [*[at for at in borders if at >= begins[0]], len(line)]
    found = [
        cell(line, begin, end, 0) for begin, end in zip(begins[:MOST_CELLS], ends[:MOST_CELLS], strict=False)
    ]
    return found[:-1] if found and not found[-1].text and line.rstrip(" \t").endswith("|") else found


def table_weeks(lines: Lines, block: Block) -> list[Node]:
    """The weeks of a table, one a line; none where any line is no week's. Nothing of its words is left out: a column
    that is not known is prose of the week.
    """
    rows = [cells(lines.plain[line]) for line in range(block.first, block.last)]
    heads = rows[0]
    if not heads or bare(heads[0].text).removesuffix("s") not in WEEK_UNITS:
        return []
    kinds = [column_kind(head.text) for head in heads]
    if "title" not in kinds and "focus" in kinds:
        kinds[kinds.index("focus")] = "title"
    weeks = []
    for at, row in enumerate(rows[2:], start=block.first + 2):
        if lines.blank(at):
            continue
        week = week_of(lines, at, row, heads, kinds)
        if week is None:
            return []
        weeks.append(week)
    if weeks:
        weeks[0].label_line = block.first
    return weeks


def column_kind(head: str) -> str:
    if bare(head) in TITLES:
        return "title"
    return LABELS.get(bare(head), ("", True))[0]


def week_of(lines: Lines, line: int, row: list[Cell], heads: list[Cell], kinds: list[str]) -> Node | None:
    if not row:
        return None
    named, number = name_of(row[0].text), RANGE.fullmatch(row[0].text.strip("*_ "))
    offset = lines.offsets[line]
    if named is None and number is None:
        return None
    node = Node(Kind.WEEK, first=line, last=line + 1)
    if named is not None:
        node.label, node.unit, node.number, node.text = named.label, named.unit, named.number, named.title
        node.start, node.end = offset + row[0].start + named.start, offset + row[0].start + named.end
    else:
        assert number is not None
        node.unit = heads[0].text.strip("*_ ").removesuffix("s")
        node.label, node.number = f"{node.unit} {number[0]}", int(number[1])
        node.start = node.end = offset + row[0].end
    for head, kind, one in zip(heads[1:], kinds[1:], row[1:], strict=False):
        if kind == "title" and one.text and not node.text:
            node.text, node.start, node.end = one.text, offset + one.start, offset + one.end
        elif one.text:
            own = column_kind(head.text) if kind == "title" else kind
            node.children += column(own, head, one, line, offset)
    return node


def column(kind: str, head: Cell, one: Cell, line: int, offset: int) -> list[Node]:
    """What one cell says, by the kind of its column."""
    if kind == "focus":
        return [spot(Kind.FOCUS, one, line, offset, head.text)]
    if kind in {"tasks", "deliverables"}:
        return [
            item(Kind.TASK if kind == "tasks" else Kind.DELIVERABLE, part, line, offset, head.text)
            for part in one.parts()
        ]
    node = spot(Kind.PROSE, one, line, offset, "")
    node.text = f"**{head.text}**: {one.text}" if head.text else one.text
    return [node]


def item(kind: Kind, part: Cell, line: int, offset: int, label: str) -> Node:
    box = BOX.match(part.text)
    begin = box.end() if box else BULLET.match(part.text).end()  # type: ignore[union-attr]  # matches anything
    node = spot(kind, Cell(part.text[begin:], part.start + begin), line, offset, label)
    if box:
        node.checked = box[1].strip() != ""
        node.box = (offset + part.start + box.start(1), offset + part.start + box.end(1))
    return node


def spot(kind: Kind, one: Cell, line: int, offset: int, label: str) -> Node:
    start, end = offset + one.start, offset + one.end
    return Node(kind, one.text, label, first=line, last=line + 1, start=start, end=end)
