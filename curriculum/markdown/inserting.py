"""What is new in a text: items in the lists they belong to, and parts with a heading or a line of their own."""

from itertools import pairwise

from .edits import Insert, as_written, tidy
from .headings import ITEM, LABEL, PROJECT, label_kind, name_of
from .refusals import refused
from .sheet import Cell
from .tree import ITEMS, RULE, Kind, Node, Role
from .writing import Writing, same

LABELS = {Kind.TASK: "tasks", Kind.DELIVERABLE: "deliverables", Kind.FOCUS: "focus"}
NAMES = {
    Kind.TASK: "Requirements",
    Kind.DELIVERABLE: "Deliverables",
    Kind.OBJECTIVE: "Objectives",
    Kind.RESOURCE: "Resources",
    Kind.IDEA: "Project ideas",
    Kind.CRITERION: "Criteria",
    Kind.LINK: "Links",
}
PREFIXES = {Kind.TASK: "- [ ] ", Kind.CRITERION: "- [ ] ", Kind.OBJECTIVE: "1. "}


class Inserting(Writing):
    """Writes new items and parts in the manner of their neighbours, or of the document where there is none."""

    # Items

    def insert(self, edit: Insert) -> None:
        parent = self.own(edit.parent)
        after = self.own(edit.after) if edit.after else None
        builders = {
            Kind.SECTION: self.insert_section,
            Kind.WEEK: self.insert_week,
            Kind.GROUP: self.insert_group,
            Kind.PROSE: self.insert_prose,
            Kind.FOCUS: self.insert_focus,
            Kind.DETAIL: self.insert_detail,
        }
        if edit.kind in builders:
            builders[edit.kind](edit, parent, after)
            return
        ideas = [node for node in self.siblings[parent] if node.kind is Kind.IDEA]
        if edit.kind is Kind.IDEA and ideas and all(node.level for node in ideas):
            self.insert_group(edit, parent, after)
            return
        node = Node(edit.kind, checked=False if edit.kind is Kind.TASK else None, first=parent.first)
        self.place(node, [Cell("- ")], parent, after, edit.label, typed=edit.text)

    def place(
        self,
        node: Node,
        cells: list[Cell],
        parent: Node,
        after: Node | None,
        label: str,
        typed: str | None = None,
    ) -> None:
        """Put an item's lines into a list of a parent, in the manner of the list."""
        group = next(
            (
                child
                for child in self.siblings[parent]
                if label and child.kind is Kind.GROUP and same(child.text, label)
            ),
            None,
        )
        parent = group or parent
        around = [child for child in self.siblings[parent] if child.kind is node.kind and not child.level]
        around = [child for child in around if not label or group or same(child.label, label)] or (
            [after] if after in around else []
        )
        made = self.made.get((parent, node.kind, label.lower()))
        if made is not None and (after is None or after.kind is not node.kind):
            self.place_made(node, cells, made, typed)
            self.made[(parent, node.kind, label.lower())] = (cells[-1], made[1], made[2])
            return
        if not around:
            self.place_new_list(node, cells, parent, after, label, typed)
            return
        moved = after if after is not None and after in self.tails else None
        neighbour = moved or (after if after is not None and after in around else around[0])
        self.dress(node, cells, neighbour, typed)
        loose = any(one.last < two.first for one, two in pairwise(around) if one.label_line == two.label_line)
        if after is not None and after is neighbour:
            self.tail(after).after += [Cell(""), *cells] if loose else cells
            self.places[node] = (self.places[after][0], next(self.order))
        elif after is not None and after.kind is not node.kind:
            raise refused("item-place", parent.first + 1)
        else:
            self.sheet.cells[neighbour.first - 1].after += [*cells, Cell("")] if loose else cells
            self.places[node] = (neighbour.first - 0.5, next(self.order))
        node.label, node.label_line = neighbour.label, neighbour.label_line
        self.joined.add((parent, neighbour.label_line))
        self.adopt(node, parent, cells, self.list_of(neighbour))

    def dress(self, node: Node, cells: list[Cell], neighbour: Node, typed: str | None) -> None:
        """Write an item's lines in the manner of a neighbour; a new item also takes its box."""
        if neighbour in self.tails:
            line = self.tails[neighbour].text
            found = ITEM.match(line)
        else:
            found = ITEM.match(self.plain[neighbour.first])
        marker = found[1] + found[2] + found[3] if found else "- "
        if typed is None:
            self.restyle(cells, marker)
            if neighbour.checked is not None and node.kind is Kind.TASK and node.checked is None:
                self.give_box(node, cells[0])
            return
        if neighbour.checked is not None:
            node.checked = False
        space = found[5] if found and found[5] else " "
        node.text = as_written(typed, node.kind, node.first + 1, boxed=node.checked is not None)
        cells[0].text = marker + ("[ ]" + space if node.checked is not None else "") + node.text

    def place_made(
        self, node: Node, cells: list[Cell], made: tuple[Cell, Node, str], typed: str | None
    ) -> None:
        last, parent, prefix = made
        self.dress_by_prefix(node, cells, prefix, typed)
        last.after += cells
        sibling = next(child for child in reversed(parent.children) if child.kind is node.kind)
        node.label = sibling.label
        self.places[node] = (self.places[sibling][0], next(self.order))
        above, own = ITEM.match(last.text), ITEM.match(cells[0].text)
        if above and own and above[2][0].isdigit():
            number = f"{int(above[2][:-1]) + 1}{above[2][-1]}"
            cells[0].text = own[1] + number + cells[0].text[own.end(2) :]
        parent.children.append(node)
        self.parents[node] = parent

    def dress_by_prefix(self, node: Node, cells: list[Cell], prefix: str, typed: str | None) -> None:
        found = ITEM.match(prefix + "x")
        assert found is not None
        if typed is None:
            self.restyle(cells, found[1] + found[2] + found[3])
            if found[4] is not None and node.kind is Kind.TASK and node.checked is None:
                self.give_box(node, cells[0])
            return
        node.checked = False if found[4] is not None else None
        node.text = as_written(typed, node.kind, node.first + 1, boxed=node.checked is not None)
        cells[0].text = prefix + node.text

    def place_new_list(
        self, node: Node, cells: list[Cell], parent: Node, after: Node | None, label: str, typed: str | None
    ) -> None:
        """Make the list that an item needs, with its label, as the document's other lists of the kind
        are made.
        """
        model = self.model(node.kind, parent)
        prefix = self.prefix(node, model)
        self.dress_by_prefix(node, cells, prefix, typed)
        needs_label = parent.kind is Kind.WEEK or (
            node.kind is Kind.IDEA and "idea" not in f"{parent.label} {parent.text}".lower()
        )
        written = label or (self.words(node.kind) if needs_label else "")
        asked = written != ""
        if parent.kind is Kind.GROUP and same(parent.text, written):
            written = ""
        anchor = after.last - 1 if after is not None else self.room(node.kind, parent, written)
        owner, head = parent, [Cell("")]
        if not asked and any(first <= anchor < last for first, last in self.listed):
            written = NAMES[node.kind]  # without a label the item would join the list above
        if asked and (
            node.kind is Kind.RESOURCE or (node.kind is not Kind.IDEA and parent.kind is Kind.SECTION)
        ):
            owner = Node(Kind.GROUP, written, written, first=parent.first)
            self.places[owner] = (anchor + 0.5, next(self.order))
            parent.children.append(owner)
            self.parents[owner], self.siblings[owner] = parent, []
            head += [Cell(f"### {written}"), Cell("")]
        elif written:
            head += [Cell(self.label_like(written, model)), *self.gap_below_label(model)]
        node.label = written or (parent.text if parent.kind is Kind.GROUP else "")
        self.block(anchor, head, cells)
        self.places[node] = (anchor + 0.5, next(self.order))
        owner.children.append(node)
        self.parents[node] = owner
        self.made[(parent, node.kind, label.lower())] = (cells[-1], owner, prefix)

    def words(self, kind: Kind) -> str:
        """What a new label of a kind is called: as others in the document are, or as its language calls it."""
        if kind is Kind.IDEA:
            return NAMES[kind]
        name = LABELS.get(kind, "")
        used = (node.label for node in self.tree.walk() if node.kind is kind and node.label)
        return next((label for label in used if label_kind(label) == name), self.language.labels[name].own[0])

    def model(self, kind: Kind, parent: Node) -> Node | None:
        """Another item of the kind, by preference labelled and in a parent of the same kind, whose
        manner is followed.
        """
        found = [
            node
            for node in self.tree.walk()
            if node.kind is kind and node in self.siblings.get(self.parents[node], []) and not node.level
        ]
        alike = [node for node in found if self.parents[node].kind is parent.kind]
        return next(
            (node for node in [*alike, *found] if node.label_line >= 0), next(iter([*alike, *found]), None)
        )

    def prefix(self, node: Node, model: Node | None) -> str:
        found = (
            ITEM.match(self.plain[model.first])
            if model is not None and self.parents[model].kind not in ITEMS
            else None
        )
        if found is None:
            return PREFIXES.get(node.kind, "- ")
        bullet = "1" + found[2][-1] if found[2][0].isdigit() else found[2]
        space = " " if found[2][0].isdigit() else found[3]
        boxed = found[4] is not None or node.kind is Kind.TASK
        return f"{bullet}{space}[ ] " if boxed else f"{bullet}{space}"

    def label_like(self, label: str, model: Node | None) -> str:
        """A label line in the manner of another: colon inside or outside, stars or underscores."""
        line = model.label_line if model is not None and model.label_line >= 0 else -1
        lines = (
            [self.plain[line]]
            if line >= 0
            else [self.plain[node.first] for node in self.tree.find(Kind.FOCUS, Kind.DETAIL)]
        )
        found = LABEL.match(lines[0]) if lines else None
        if found is None:
            return f"**{label}**:"
        return (found[0][: found.start(1)] + label + found[2]).strip(" \t")

    def gap_below_label(self, model: Node | None) -> list[Cell]:
        if model is None or model.label_line < 0:
            return []
        return [Cell("")] if self.sheet.blank(model.label_line + 1) else []

    def room(self, kind: Kind, parent: Node, label: str) -> int:
        """The line below which a new list of a parent begins."""
        children = self.siblings[parent]
        if kind is Kind.TASK and parent.kind is Kind.WEEK:
            below = [
                node.label_line if node.label_line >= 0 else node.first
                for node in children
                if node.kind is Kind.DELIVERABLE
            ]
            if below:
                return max(self.above(below[0]), self.heading_end(parent) - 1)
        if parent.kind in {Kind.SECTION, Kind.PROJECT} and not (label and kind is Kind.RESOURCE):
            below = [node.first for node in children if node.level]
            if below:
                return max(self.above(below[0]), self.heading_end(parent) - 1)
        return parent.last - 1

    def above(self, line: int) -> int:
        """The last line above one that is neither blank nor a rule."""
        line -= 1
        while line > 0 and (self.sheet.blank(line) or RULE.match(self.plain[line])):
            line -= 1
        return line

    def block(self, anchor: int, head: list[Cell], cells: list[Cell]) -> None:
        """Put lines below a line, with a blank one above (the first of `head`) and, where there is
        none, below.
        """
        below = [] if self.sheet.blank(anchor + 1) else [Cell("")]
        if not self.sheet.cells[anchor].alive and self.sheet.blank(anchor - 1):
            head = head[1:]
        self.sheet.cells[anchor].after += [*head, *cells, *below]

    # Parts with a heading or a line of their own

    def insert_section(self, edit: Insert, parent: Node, after: Node | None) -> None:
        if parent.kind is not Kind.MONTH:
            raise refused("section-place", parent.first + 1)
        text = as_written(edit.text, Kind.SECTION, parent.first + 1, hashes=True)
        node = Node(Kind.SECTION, text, role=Role.OTHER, level=2, first=parent.first)
        found = PROJECT.match(text)
        if found:
            node.children = [Node(Kind.PROJECT, found[3], found[1])]
            self.places[node.children[0]] = (0, 0)
        sections = [child for child in self.siblings[parent] if child.kind is Kind.SECTION]
        gaps = [
            range(one.last, two.first)
            for one, two in pairwise(self.siblings[parent])
            if two.kind is Kind.SECTION
        ]
        rule = next(
            (self.plain[line].strip(" \t") for gap in gaps for line in gap if RULE.match(self.plain[line])),
            "",
        )
        separator = [Cell(""), Cell(rule), Cell("")] if rule else [Cell("")]
        self.head(node, Cell(f"## {text}"), parent, after, sections, separator)

    def insert_week(self, edit: Insert, parent: Node, after: Node | None) -> None:
        if parent.kind is Kind.MONTH:
            parent = next((child for child in self.siblings[parent] if child.role is Role.WEEKS), parent)
        if parent.kind is not Kind.SECTION:
            raise refused("week-place", parent.first + 1)
        weeks = [child for child in self.siblings[parent] if child.kind is Kind.WEEK]
        numbers = [child.number or 0 for child in [*weeks, *parent.children] if child.kind is Kind.WEEK]
        label = tidy(edit.label) or self.next_name(weeks, max(numbers, default=0) + 1)
        text = as_written(edit.text, Kind.WEEK, parent.first + 1, hashes=True)
        name = name_of(label)
        if name is None or name.label != label:
            raise refused("week-name", parent.first + 1)
        line, level = self.week_heading(weeks[-1] if weeks else None, label, text)
        node = Node(Kind.WEEK, text, label, name.number, name.unit, level=level, first=parent.first)
        self.head(node, Cell(line), parent, after, weeks, [Cell("")])

    def next_name(self, weeks: list[Node], number: int) -> str:
        """The name of one more week: like that of the last one, with the next number."""
        unit = self.language.week.own[0]
        last = next((week for week in reversed(weeks) if week.number is not None), None)
        if last is not None and str(last.number) in last.label:
            before, _number, after = last.label.rpartition(str(last.number))
            label = f"{before}{number}{after}"
            name = name_of(label)
            if name is not None and name.number == name.until == number:
                return label
            unit = last.unit or unit
        return unit.replace("{n}", str(number)) if "{n}" in unit else f"{unit} {number}"

    def week_heading(self, model: Node | None, label: str, text: str) -> tuple[str, int]:
        """A week's heading and its level, in the manner of another week: its level, its bold marks, its separator."""
        if model is not None and model.label and model.label_line < 0:
            line, offset = self.plain[model.first], self.sheet.lines.offsets[model.first]
            before, _label, rest = line.partition(model.label)
            words = line[model.start - offset : model.end - offset]
            between, _words, after = rest.partition(words) if words else (": ", "", "")
            if _label and before.lstrip(" \t")[:1] in {"#", "*", "_"}:
                return before.lstrip(" \t\ufeff") + label + between + text + after.rstrip(" \t"), model.level
        level = model.level if model is not None and model.level else 3
        return f"{'#' * level} {label}: {text}", level

    def insert_group(self, edit: Insert, parent: Node, after: Node | None) -> None:
        """A `###` heading: a group of items, or an idea that has a heading of its own."""
        if parent.kind not in {Kind.SECTION, Kind.PROJECT}:
            raise refused("group-place", parent.first + 1)
        text = as_written(edit.text, edit.kind, parent.first + 1, hashes=True)
        node = Node(edit.kind, text, text if edit.kind is Kind.GROUP else "", level=3, first=parent.first)
        parts = [child for child in self.siblings[parent] if child.level]
        self.head(node, Cell(f"### {text}"), parent, after, parts, [Cell("")])

    def head(
        self,
        node: Node,
        heading: Cell,
        parent: Node,
        after: Node | None,
        parts: list[Node],
        separator: list[Cell],
    ) -> None:
        """Put a new heading behind a part, or before the first of the parts, or at the parent's end."""
        if after is not None and parts and after.first < parts[0].first:
            after = None
        if after is None and parts:
            line = parts[0].first
            self.sheet.cells[line - 1].after += [heading, *separator]
            self.places[node] = (line - 0.5, next(self.order))
        else:
            anchor = after or (self.siblings[parent] or [parent])[-1]
            below = [] if self.sheet.blank(anchor.last) else [Cell("")]
            self.tail(anchor).after += [*separator, heading, *below]
            place = self.places[anchor][0] if anchor is not parent else parent.last - 0.5
            self.places[node] = (place, next(self.order))
        parent.children.append(node)
        self.parents[node], self.siblings[node] = parent, []

    def insert_prose(self, edit: Insert, parent: Node, after: Node | None) -> None:
        if parent.kind in ITEMS or parent.kind is Kind.DOCUMENT:
            raise refused("prose-place", parent.first + 1)
        text = tidy(edit.text)
        if not text:
            raise refused("prose-empty", parent.first + 1)
        anchor = after.last - 1 if after is not None else self.heading_end(parent) - 1
        self.line_node(Node(Kind.PROSE, text), parent, after, anchor, text.split("\n"))

    def insert_focus(self, edit: Insert, parent: Node, after: Node | None) -> None:
        text = as_written(edit.text, Kind.FOCUS, parent.first + 1)
        label = edit.label or self.words(Kind.FOCUS)
        model = next(iter(self.tree.find(Kind.FOCUS)), None)
        line = (
            f"{self.label_like(label, None) if model is None else self.label_at(label, model.first)} {text}"
        )
        self.line_node(Node(Kind.FOCUS, text, label), parent, None, self.heading_end(parent) - 1, [line])

    def insert_detail(self, edit: Insert, parent: Node, after: Node | None) -> None:
        details = [child for child in self.siblings[parent] if child.kind is Kind.DETAIL]
        text = as_written(edit.text, Kind.DETAIL, parent.first + 1)
        label = as_written(edit.label, Kind.DETAIL, parent.first + 1)
        node = Node(Kind.DETAIL, text, label, first=parent.first)
        if not details:
            self.line_node(node, parent, None, self.heading_end(parent) - 1, [f"**{label}**: {text}"])
            return
        neighbour = after if after is not None and after in details else details[0]
        cell = Cell(f"{self.label_at(label, neighbour.first)} {text}")
        if after is neighbour:
            self.tail(neighbour).after.append(cell)
            self.places[node] = (self.places[neighbour][0], next(self.order))
        else:
            self.sheet.cells[neighbour.first - 1].after.append(cell)
            self.places[node] = (neighbour.first - 0.5, next(self.order))
        parent.children.append(node)

    def line_node(self, node: Node, parent: Node, after: Node | None, anchor: int, lines: list[str]) -> None:
        """Put a node's lines below a line, with blank lines around."""
        self.block(anchor, [Cell("")], [Cell(line) for line in lines])
        base = self.places[after][0] if after is not None else anchor + 0.5
        self.places[node] = (base, next(self.order))
        parent.children.append(node)
