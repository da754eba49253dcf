"""Writing edits into a text so that nothing but the edited lines changes.

Every edit is made twice: in the lines (`Sheet`) and in the tree. The new lines are parsed, and what they say must be
the edited tree; an edit that would make the text mean anything else is refused, so a wrong guess here never reaches
a text.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import count, pairwise

from django.utils.translation import gettext as _

from .blocks import blocks_of
from .edits import Edit, Insert, Move, Relabel, Remove, Reorder, Rewrite, Tick, as_written, checked_edit, tidy
from .parsing import ITEM, LABEL, MONTH, PROJECT, WEEK, parse
from .sheet import Cell, Sheet
from .tree import ITEMS, RULE, Kind, Node, Refused, Role, shape

LABELS = {Kind.TASK: "Tasks", Kind.DELIVERABLE: "Deliverables", Kind.IDEA: "Project ideas"}
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
HEADED = {Kind.MONTH, Kind.SECTION, Kind.WEEK, Kind.GROUP, Kind.PROJECT}


def splice(source: str, edits: Sequence[Edit]) -> str:
    """The text with the edits made; `splice(source, [])` is `source`.

    The nodes of the edits come from `parse(source)`. All edits are made at once: a node keeps its meaning while others
    go, come and change places around it. Raises Refused, with nothing made, for an edit that cannot be written, and
    ValueError for a node of another text.
    """
    if not edits:
        return source
    return Splicer(source).spliced(edits)


class Splicer:
    """One splice of one text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = parse(source)
        self.sheet = Sheet(source)
        self.raw = self.sheet.lines.raw
        self.plain = self.sheet.lines.plain
        self.nodes = {key(node): node for node in self.tree.walk()}
        self.parents = {child: node for node in self.tree.walk() for child in node.children}
        self.siblings = {node: list(node.children) for node in self.tree.walk()}
        self.places: dict[Node, tuple[float, int]] = {node: (node.first, 0) for node in self.tree.walk()}
        self.tails: dict[Node, Cell] = {}
        """The last line of a node that moved."""
        self.joined: set[tuple[Node, int]] = set()
        """Labels, by parent and line, whose lists got a new item."""
        self.left: set[tuple[Node, int]] = set()
        self.made: dict[tuple[Node, Kind, str], tuple[Cell, Node, str]] = {}
        """Lists that an edit made: the last line so far, the parent of its items, and the prefix of
        the next.
        """
        self.lists: dict[Node, tuple[Node, int]] = self.ordered_lists()
        self.touched: set[tuple[Node, int]] = set()
        self.in_list: dict[Cell, tuple[Node, int]] = {}
        self.rests: dict[Cell, list[Cell]] = {}
        self.order = count(1)
        self.labelled: dict[tuple[Node, int], list[tuple[Node, int]]] = defaultdict(list)
        """The items, with their last lines, by the parent and line of their label."""
        for parent, children in self.siblings.items():
            for node in children:
                if node.label_line >= 0:
                    self.labelled[parent, node.label_line].append((node, node.last))
        self.listed = [(block.first, block.last) for block in blocks_of(self.plain) if block.name == "list"]

    def spliced(self, edits: Sequence[Edit]) -> str:
        for edit in edits:
            checked_edit(edit)
        steps = {
            Rewrite: self.rewrite,
            Relabel: self.relabel,
            Tick: self.tick,
            Reorder: self.reorder,
            Remove: self.remove,
            Move: self.move,
            Insert: self.insert,
        }
        for kind, step in steps.items():
            for edit in edits:
                if isinstance(edit, kind):
                    step(edit)  # type: ignore[operator]
        self.drop_labels()
        self.renumber()
        for node in list(self.tree.walk()):
            node.children.sort(key=lambda child: self.places[child])
        text = self.sheet.text()
        line = (
            min(
                edit.parent.first if isinstance(edit, Insert | Reorder) else edit.node.first for edit in edits
            )
            + 1
        )
        try:
            same = shape(parse(text)) == shape(self.tree)
        except Refused as refused:
            raise Refused(
                line, _("Nothing was changed: %(reason)s") % {"reason": refused.reason}
            ) from refused
        if not same:
            raise Refused(
                line,
                _(
                    "Nothing was changed: the new text would be read as another part of "
                    "the document. Write it without headings, labels, check boxes or open fences."
                ),
            )
        return text

    def own(self, node: Node) -> Node:
        """The node of this splice's tree that stands for one of the caller's."""
        try:
            return self.nodes[key(node)]
        except KeyError:
            raise ValueError("The node is not of this text.") from None

    # Words

    def rewrite(self, edit: Rewrite) -> None:
        node = self.own(edit.node)
        if node.kind is Kind.PROSE:
            self.rewrite_prose(node, edit.text)
        elif tidy(edit.text) != node.text.strip(" \t"):
            self.rewrite_words(node, edit.text)

    def rewrite_words(self, node: Node, typed: str) -> None:
        line, ending = self.line_of(node.start), self.line_of(max(node.end - 1, node.start))
        offsets, cells = self.sheet.lines.offsets, self.sheet.cells
        before, after = (
            self.raw[line][: node.start - offsets[line]],
            self.raw[ending][node.end - offsets[ending] :],
        )
        hashes = node.level > 0 and self.plain[line].lstrip(" \t").startswith("#")
        text = as_written(typed, node.kind, node.first + 1, boxed=node.checked is not None, hashes=hashes)
        if not node.text and node.kind in {Kind.MONTH, Kind.WEEK, Kind.PROJECT} and node.label:
            before, after = before.rstrip(" \t"), ""
            before += " " if before[-1] in ":：–—-" else ": "
        elif not node.text and before[-1:] not in {" ", "\t"}:
            before += " "
        cells[line].text = before + text + after
        self.sheet.kill(line + 1, ending + 1)
        self.say(node, text)

    def say(self, node: Node, text: str) -> None:
        """Change a node's words in the tree, and what repeats them."""
        parent = self.parents.get(node)
        if node.kind is Kind.PROJECT and parent is not None:
            old = (
                parent.text.rstrip(" \t")
                if not node.text
                else parent.text[: len(parent.text) - len(node.text)]
            )
            parent.text = old + (text if node.text else (" " if old.endswith((":", "：")) else ": ") + text)
        if node.kind is Kind.SECTION and node.children and node.children[0].kind is Kind.PROJECT:
            found = PROJECT.match(text)
            if found:
                node.children[0].label, node.children[0].text = found[1], found[3]
        if node.kind is Kind.GROUP:
            for item in node.find(*ITEMS):
                item.label = text if item.label == node.text and item.label_line < 0 else item.label
            node.label = text
        node.text = text

    def relabel(self, edit: Relabel) -> None:
        node, label = self.own(edit.node), tidy(edit.label)
        found = (WEEK if node.kind is Kind.WEEK else MONTH).match(label)
        if node.kind not in {Kind.MONTH, Kind.WEEK} or found is None or found[1] != label:
            like = _("Week 5") if node.kind is Kind.WEEK else _("Month 08")
            reason = _("The name must be one like “%(like)s”; nothing was changed.")
            raise Refused(node.first + 1, reason % {"like": like})
        cell = self.sheet.cells[node.first]
        cell.text = cell.text.replace(node.label, label, 1)
        node.label, node.unit, node.number = found[1], found[2], int(found[3])

    def rewrite_prose(self, node: Node, typed: str) -> None:
        old = node.text.split("\n")
        new = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        while new and not new[-1].strip(" \t"):
            new.pop()
        while new and not new[0].strip(" \t"):
            new.pop(0)
        if not new:
            raise Refused(
                node.first + 1, _("The text is empty; nothing was changed. Remove the item instead.")
            )
        # A form strips the text: an indent at its beginning and blanks at its end are no change.
        new[0] = old[0] if new[0] == old[0].lstrip(" \t") else new[0]
        new[-1] = old[-1] if new[-1] == old[-1].rstrip(" \t") else new[-1]
        first_line = self.raw[node.first]
        indent = first_line[: len(first_line) - len(old[0])] if self.parents[node].kind in ITEMS else ""
        for begin, end, lines in changes(old, new):
            self.sheet.kill(node.first + begin, node.first + end)
            cells = [Cell(indent + line if line else "") for line in lines]
            if begin:
                self.sheet.cells[node.first + begin - 1].after += cells
            else:
                self.sheet.cells[node.first].before += cells
        node.text = "\n".join(new)

    def tick(self, edit: Tick) -> None:
        node = self.own(edit.node)
        found = ITEM.match(self.plain[node.first])
        assert found is not None
        if node.checked != edit.checked:
            cell, at = self.sheet.cells[node.first], found.start(4)
            cell.text = cell.text[:at] + ("x" if edit.checked else " ") + cell.text[at + 1 :]
            node.checked = edit.checked

    def line_of(self, offset: int) -> int:
        return bisect_right(self.sheet.lines.offsets, offset) - 1

    # Going

    def remove(self, edit: Remove) -> None:
        node = self.own(edit.node)
        first, last = node.first, node.last
        around = self.siblings[self.parents[node]]
        index = around.index(node)
        if node.kind is Kind.SECTION and node.level and index + 1 < len(around):
            last = around[index + 1].first
        elif node.kind is Kind.SECTION and node.level and index:
            first = around[index - 1].last
        self.sheet.kill(first, last)
        if (first, last) == (node.first, node.last):
            self.sheet.close_gap(first, last)
        self.leave(node)

    def leave(self, node: Node) -> None:
        """Take a node out of the tree, and remember the lists that lost an item."""
        parent = self.parents[node]
        if node in parent.children:
            parent.children.remove(node)
        self.left.add((parent, node.label_line))
        if node in self.lists:
            self.touched.add(self.lists[node])

    def drop_labels(self) -> None:
        """A list's label goes with its last item, unless items that are nobody's are left below it."""
        for parent, line in self.left - self.joined:
            members = self.labelled.get((parent, line), [])
            if not members or any(node in parent.children for node, _last in members):
                continue
            last = max(last for _node, last in members)
            leftover = [node for node in parent.children if self.under_label(node, line, last)]
            if leftover:
                label = Node(Kind.PROSE, self.plain[line])
                self.places[label] = (line, 0)
                parent.children.append(label)
            else:
                self.sheet.kill(line, last)
                self.sheet.close_gap(line, last)

    def under_label(self, node: Node, line: int, last: int) -> bool:
        """Whether prose is what is left of a labelled list whose items, up to a line, all went."""
        if node.kind is not Kind.PROSE or node.first <= line:
            return False
        below = ITEM.match(self.plain[node.first]) is not None
        return node.first < last or (below and all(map(self.sheet.blank, range(last, node.first))))

    # Changing places

    def reorder(self, edit: Reorder) -> None:
        parent, nodes = self.own(edit.parent), [self.own(node) for node in edit.nodes]
        if len(set(nodes)) != len(nodes) or any(self.parents.get(node) is not parent for node in nodes):
            raise ValueError("The nodes are not siblings.")
        if len({node.kind for node in nodes}) > 1 or any(
            node.kind is Kind.SECTION and not node.level for node in nodes
        ):
            raise Refused(
                parent.first + 1, _("Only parts of the same kind can change places; nothing was changed.")
            )
        slots = sorted(nodes, key=lambda node: node.first)
        manners = [(slot.label, slot.label_line, self.marker(slot), self.lists.get(slot)) for slot in slots]
        places = [self.places[slot] for slot in slots]
        for slot, node, manner, place in zip(slots, nodes, manners, places, strict=True):
            if slot is node:
                continue
            self.sheet.slots[slot.first] = (slot.last, node.first, node.last)
            self.places[node] = place
            if node.level and not self.sheet.blank(slot.last):
                self.sheet.cells[node.last - 1].after.append(
                    Cell("")
                )  # a rule there would make a heading of it
            if node.kind in ITEMS and not node.level:
                self.take_manner(node, *manner)

    def take_manner(
        self, node: Node, label: str, label_line: int, marker: str, name: tuple[Node, int] | None
    ) -> None:
        """Give an item the manner of the place it comes to: bullet, label, and number."""
        cells = self.sheet.cells[node.first : node.last]
        if (label_line, marker, name) != (node.label_line, self.marker(node), self.lists.get(node)):
            self.restyle(cells, marker)
            node.label = label or node.label
        if name is not None:
            self.list_with(cells, name)
        elif node in self.lists:
            self.in_list[cells[0]] = (node, -1)  # no list any more
        if node in self.lists:
            self.touched.add(self.lists[node])

    def move(self, edit: Move) -> None:
        node, parent = self.own(edit.node), self.own(edit.parent)
        after = self.own(edit.after) if edit.after else None
        if node is after or parent in node.walk():
            raise ValueError("A node cannot move into or behind itself.")
        if parent is self.parents[node] and (not edit.label or same(edit.label, node.label)):
            row = [child for child in parent.children if child.kind is node.kind and child is not node]
            at = row.index(after) + 1 if after in row else 0
            self.reorder(Reorder(parent, (*row[:at], node, *row[at:])))
            return
        old = self.sheet.cells[node.first : node.last]
        cells = [Cell(cell.text, cell.end or None) for cell in old if cell.alive]
        self.sheet.kill(node.first, node.last)
        self.sheet.close_gap(node.first, node.last)
        self.leave(node)
        self.place(node, cells, parent, after, edit.label)
        self.tails[node] = cells[-1]

    def marker(self, node: Node) -> str:
        """The indent, bullet and space before an item's box or words."""
        found = ITEM.match(self.plain[node.first]) if node.kind in ITEMS and not node.level else None
        return found[1] + found[2] + found[3] if found else ""

    @staticmethod
    def restyle(cells: list[Cell], marker: str) -> None:
        """Give an item's lines another bullet and indent."""
        found = ITEM.match(cells[0].text)
        assert found is not None
        old = found[1] + found[2] + found[3]
        cells[0].text = marker + cells[0].text[len(old) :]
        wider = len(marker.expandtabs(4)) - len(old.expandtabs(4))
        for cell in cells[1:]:
            bare = cell.text.lstrip(" \t")
            indent = cell.text[: len(cell.text) - len(bare)].expandtabs(4)
            if bare and indent and wider:
                cell.text = " " * max(len(indent) + wider, 0) + bare

    # Coming

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
            raise Refused(
                parent.first + 1,
                _("An item can only be put behind an item of its own list; nothing was changed."),
            )
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
        written = label or (LABELS.get(node.kind, "") if needs_label else "")
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
        return f"{bullet}{space}[ ] " if found[4] is not None else f"{bullet}{space}"

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
                return self.above(below[0])
        if parent.kind in {Kind.SECTION, Kind.PROJECT} and not (label and kind is Kind.RESOURCE):
            below = [node.first for node in children if node.level]
            if below:
                return self.above(below[0])
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
            raise Refused(parent.first + 1, _("A section stands in a month; nothing was changed."))
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
            raise Refused(
                parent.first + 1, _("The month has no section for weeks; nothing was changed. Add one first.")
            )
        weeks = [child for child in self.siblings[parent] if child.kind is Kind.WEEK]
        numbers = [child.number or 0 for child in [*weeks, *parent.children] if child.kind is Kind.WEEK]
        label = tidy(edit.label) or f"{weeks[0].unit if weeks else 'Week'} {max(numbers, default=0) + 1}"
        text = as_written(edit.text, Kind.WEEK, parent.first + 1, hashes=True)
        found = WEEK.match(label)
        if found is None or found[5]:
            raise Refused(parent.first + 1, _("A week is named like “Week 5”; nothing was changed."))
        node = Node(Kind.WEEK, text, label, int(found[3]), found[2], level=3, first=parent.first)
        self.head(node, Cell(f"### {label}: {text}"), parent, after, weeks, [Cell("")])

    def insert_group(self, edit: Insert, parent: Node, after: Node | None) -> None:
        """A `###` heading: a group of items, or an idea that has a heading of its own."""
        if parent.kind not in {Kind.SECTION, Kind.PROJECT}:
            raise Refused(parent.first + 1, _("A group stands in a section; nothing was changed."))
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
            raise Refused(
                parent.first + 1, _("Free text stands in a month, a section or a week; nothing was changed.")
            )
        text = tidy(edit.text)
        if not text:
            raise Refused(parent.first + 1, _("The text is empty; nothing was changed."))
        anchor = after.last - 1 if after is not None else self.heading_end(parent) - 1
        self.line_node(Node(Kind.PROSE, text), parent, after, anchor, text.split("\n"))

    def insert_focus(self, edit: Insert, parent: Node, after: Node | None) -> None:
        text = as_written(edit.text, Kind.FOCUS, parent.first + 1)
        label = edit.label or "Focus"
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

    def label_at(self, label: str, line: int) -> str:
        """A label in the manner of the one on a line."""
        found = LABEL.match(self.plain[line])
        return found[0][: found.start(1)].lstrip(" \t") + label + found[2] if found else f"**{label}**:"

    def heading_end(self, node: Node) -> int:
        """The line below a node's heading."""
        line = self.line_of(max(node.end - 1, node.start))
        if node.kind is Kind.MONTH or node.level:
            return line + (1 if self.plain[line].lstrip(" \t").startswith("#") else 2)
        return node.first

    # Lists

    def tail(self, node: Node) -> Cell:
        return self.tails.get(node) or self.sheet.cells[node.last - 1]

    def ordered_lists(self) -> dict[Node, tuple[Node, int]]:
        """Each item of an ordered list, with what names the list: its parent and its first line."""
        lists: dict[Node, tuple[Node, int]] = {}
        for parent, children in self.siblings.items():
            previous: Node | None = None
            for node in children:
                marker = self.marker(node).strip(" \t")
                if not marker[:1].isdigit():
                    previous = None
                    continue
                joins = (
                    previous is not None
                    and previous.label_line == node.label_line
                    and all(map(self.sheet.blank, range(previous.last, node.first)))
                )
                lists[node] = lists[previous] if joins and previous is not None else (parent, node.first)
                previous = node
        return lists

    def list_of(self, neighbour: Node) -> tuple[Node, int] | None:
        return self.lists.get(neighbour)

    def list_with(self, cells: list[Cell], name: tuple[Node, int]) -> None:
        self.in_list[cells[0]] = name
        self.rests[cells[0]] = cells[1:]
        self.touched.add(name)

    def adopt(self, node: Node, parent: Node, cells: list[Cell], name: tuple[Node, int] | None) -> None:
        """Add a placed item to the tree and to the ordered list it now stands in."""
        parent.children.append(node)
        self.parents[node] = parent
        if name is not None:
            self.list_with(cells, name)
            self.lists[node] = name

    def renumber(self) -> None:
        """Number the items of every ordered list that was touched."""
        if not self.touched:
            return
        numbers: dict[tuple[Node, int], list[int]] = defaultdict(list)
        for node, name in list(self.lists.items()):
            if name in self.touched and node in self.siblings.get(name[0], []):
                numbers[name].append(int(self.marker(node).strip(" \t")[:-1]))
                cell = self.sheet.cells[node.first]
                self.in_list.setdefault(cell, name)
                self.rests.setdefault(cell, self.sheet.cells[node.first + 1 : node.last])
        members: dict[tuple[Node, int], list[Cell]] = defaultdict(list)
        for cell in self.sheet.output(0, len(self.sheet.cells)):
            of = self.in_list.get(cell)
            if of is not None and of in self.touched:
                members[of].append(cell)
        for name, cells in members.items():
            self.sheet.renumber(cells, self.rests, numbers[name])


def key(node: Node) -> tuple[Kind, int, int, int, int]:
    return node.kind, node.first, node.last, node.start, node.end


def same(one: str, two: str) -> bool:
    return one.strip().lower() == two.strip().lower()


def changes(old: list[str], new: list[str]) -> list[tuple[int, int, list[str]]]:
    """What differs: old lines from and to, and the new ones in their place."""
    if len(old) * len(new) > 4_000_000:
        return [] if old == new else [(0, len(old), new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(a, b, new[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
