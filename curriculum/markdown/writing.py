"""A text while it is being edited, as lines and as a tree: what every kind of edit stands on."""

from bisect import bisect_right
from collections import defaultdict
from itertools import count

from .blocks import blocks_of
from .headings import ITEM, LABEL, language_of
from .languages import LANGUAGES
from .parsing import parse
from .sheet import UNDERLINE, Cell, Sheet
from .tree import ITEMS, Kind, Node


class Writing:
    """One text and its tree, each node knowing its lines, its siblings and its ordered list."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = parse(source)
        self.language = LANGUAGES[language_of(self.tree)]
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
        self.numbers: dict[tuple[Node, int], list[int]] = defaultdict(list)
        """The numbers that each ordered list has in the old text: what moved out of it counts too."""
        for node, name in self.lists.items():
            self.numbers[name].append(int(self.marker(node).strip(" \t")[:-1]))
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

    def own(self, node: Node) -> Node:
        """The node of this splice's tree that stands for one of the caller's."""
        try:
            return self.nodes[key(node)]
        except KeyError:
            raise ValueError("The node is not of this text.") from None

    def line_of(self, offset: int) -> int:
        return bisect_right(self.sheet.lines.offsets, offset) - 1

    def leave(self, node: Node) -> None:
        """Take a node out of the tree, and remember the lists that lost an item."""
        parent = self.parents[node]
        if node in parent.children:
            parent.children.remove(node)
        self.left.add((parent, node.label_line))
        if node in self.lists:
            self.touched.add(self.lists[node])

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

    @staticmethod
    def give_box(node: Node, cell: Cell) -> None:
        """A box for a task that had none where it came from, which is none without it where it comes to."""
        found = ITEM.match(cell.text)
        assert found is not None
        cell.text = f"{cell.text[: found.end(3)]}[ ] {cell.text[found.end(3) :]}"
        node.checked = False

    def label_at(self, label: str, line: int) -> str:
        """A label in the manner of the one on a line."""
        found = LABEL.match(self.plain[line])
        return found[0][: found.start(1)].lstrip(" \t") + label + found[2] if found else f"**{label}**:"

    def heading_end(self, node: Node) -> int:
        """The line below a node's heading."""
        line = self.line_of(max(node.end - 1, node.start))
        if node.kind is Kind.MONTH or node.level:
            underlined = line + 1 < len(self.plain) and UNDERLINE.match(self.plain[line + 1])
            return line + (2 if underlined and not self.plain[line].lstrip(" \t").startswith("#") else 1)
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
        for node, name in list(self.lists.items()):
            if name in self.touched and node in self.siblings.get(name[0], []):
                cell = self.sheet.cells[node.first]
                self.in_list.setdefault(cell, name)
                self.rests.setdefault(cell, self.sheet.cells[node.first + 1 : node.last])
        members: dict[tuple[Node, int], list[Cell]] = defaultdict(list)
        for cell in self.sheet.output(0, len(self.sheet.cells)):
            of = self.in_list.get(cell)
            if of is not None and of in self.touched:
                members[of].append(cell)
        for name, cells in members.items():
            self.sheet.renumber(cells, self.rests, self.numbers[name])


def key(node: Node) -> tuple[Kind, int, int, int, int]:
    return node.kind, node.first, node.last, node.start, node.end


def same(one: str, two: str) -> bool:
    return one.strip().lower() == two.strip().lower()
