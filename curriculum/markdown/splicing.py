"""Writing edits into a text so that nothing but the edited lines changes.

Every edit is made twice: in the lines (`Sheet`) and in the tree. The new lines are parsed, and what they say must be
the edited tree; an edit that would make the text mean anything else is refused, so a wrong guess here never reaches
a text.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from .edits import Edit, Insert, Move, Relabel, Remove, Reorder, Rewrite, Tick, as_written, checked_edit, tidy
from .headings import HASHES, ITEM, PROJECT, name_of
from .inserting import Inserting
from .parsing import parse
from .refusals import refused
from .sheet import Cell
from .tree import ITEMS, Kind, Node, Refused, shape
from .writing import same


def splice(source: str, edits: Sequence[Edit]) -> str:
    """The text with the edits made; `splice(source, [])` is `source`.

    The nodes of the edits come from `parse(source)`. All edits are made at once: a node keeps its meaning while others
    go, come and change places around it. Raises Refused, with nothing made, for an edit that cannot be written, and
    ValueError for a node of another text.
    """
    if not edits:
        return source
    return Splicer(source).spliced(edits)


class Splicer(Inserting):
    """One splice of one text: what is reworded, goes, changes places and comes."""

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
        except Refused as why:
            raise refused("edit-refused", line, reason=why.reason) from why
        if not same:
            raise refused("edit-meaning", line)
        return text

    # Words

    def rewrite(self, edit: Rewrite) -> None:
        node = self.own(edit.node)
        if node.kind is Kind.PROSE:
            self.rewrite_prose(node, edit.text)
        elif tidy(edit.text) != tidy(node.text):
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
        if node.kind in {Kind.MONTH, Kind.WEEK} and node.label and node.label_line < 0:
            self.keep_name(node, cells[line], text)
        self.sheet.kill(line + 1, ending + 1)
        self.say(node, text)

    @staticmethod
    def keep_name(node: Node, cell: Cell, text: str) -> None:
        """Where other words behind a name would be read as a part of it, a colon sets them apart."""
        name = name_of(
            HASHES.sub("", cell.text.replace("\r", " ").replace("\ufeff", " "), count=1).strip(" \t")
        )
        if name is not None and (name.label, name.title) == (node.label, text):
            return
        before, label, rest = cell.text.partition(node.label)
        at = rest.rfind(text)
        bold = next((mark for mark in ("**", "__") if mark in rest[:at]), "")
        cell.text = f"{before}{label}{bold}: {rest[at:]}"

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
        name = name_of(label)
        fits = name is not None and name.label == label and not name.picture
        if name is not None and name.unit.lower() != node.unit.lower():
            fits = fits and name.is_week is (node.kind is Kind.WEEK)
        if node.kind not in {Kind.MONTH, Kind.WEEK} or name is None or not fits:
            like = _("Week 5") if node.kind is Kind.WEEK else _("Month 08")
            raise refused("edit-name", node.first + 1, like=like)
        cell = self.sheet.cells[node.first]
        cell.text = cell.text.replace(node.label, label, 1)
        node.label, node.unit, node.number = name.label, name.unit, name.number

    def rewrite_prose(self, node: Node, typed: str) -> None:
        old = node.text.split("\n")
        new = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        while new and not new[-1].strip(" \t"):
            new.pop()
        while new and not new[0].strip(" \t"):
            new.pop(0)
        if not new:
            raise refused("edit-empty", node.first + 1)
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
        assert node.box is not None, "what has a box knows where"
        if node.checked != edit.checked:
            cell, offset = self.sheet.cells[node.first], self.sheet.lines.offsets[node.first]
            begin, end = node.box[0] - offset, node.box[1] - offset
            # Of what is written on the same line, such as in a table, places further right stay what they are.
            cell.text = cell.text[:begin] + ("x" if edit.checked else " ") + cell.text[end:]
            node.checked = edit.checked

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
        else:
            self.sheet.keep_apart(first, last)
        self.leave(node)

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
            raise refused("mixed-order", parent.first + 1)
        slots = sorted(nodes, key=lambda node: node.first)
        manners = [
            (slot.label, slot.label_line, self.marker(slot), self.lists.get(slot), slot.checked is not None)
            for slot in slots
        ]
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
        self, node: Node, label: str, label_line: int, marker: str, name: tuple[Node, int] | None, boxed: bool
    ) -> None:
        """Give an item the manner of the place it comes to: bullet, label, and number."""
        cells = self.sheet.cells[node.first : node.last]
        if (label_line, marker, name) != (node.label_line, self.marker(node), self.lists.get(node)):
            self.restyle(cells, marker)
            node.label = label or node.label
            if boxed and node.kind is Kind.TASK and node.checked is None:
                self.give_box(node, cells[0])
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


def changes(old: list[str], new: list[str]) -> list[tuple[int, int, list[str]]]:
    """What differs: old lines from and to, and the new ones in their place."""
    if len(old) * len(new) > 4_000_000:
        return [] if old == new else [(0, len(old), new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(a, b, new[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
