"""What can be changed in a text, and how words are written so that they stay words."""

import re
from dataclasses import dataclass

from .refusals import refused
from .tree import ITEMS, RULE, Kind, Node


@dataclass(frozen=True)
class Rewrite:
    """Give a node other words. Of prose, all its lines."""

    node: Node
    text: str


@dataclass(frozen=True)
class Relabel:
    """Give a month or a week another name before its title: "Month 09", "Week 5"."""

    node: Node
    label: str


@dataclass(frozen=True)
class Tick:
    """Tick or clear an item's box; nothing else changes than the character between the brackets."""

    node: Node
    checked: bool


@dataclass(frozen=True)
class Remove:
    """Take a node away with everything in it; the label of a list goes with its last item."""

    node: Node


@dataclass(frozen=True)
class Insert:
    """A new child of `parent`, behind `after`; without it, before the first of its kind.

    `label` is the label of the list or the heading of the group it belongs to (made when missing), a detail's key, or
    a week's "Week 5" (without it, the next number). Several inserts at one place stand in the order of the edits.
    """

    parent: Node
    kind: Kind
    text: str
    after: Node | None = None
    label: str = ""


@dataclass(frozen=True)
class Reorder:
    """Siblings of one kind in a new order, in the places that they have now; a subset of the siblings
    will do.
    """

    parent: Node
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Move:
    """Take an item out of its list into one of `parent`, behind `after` or first, in the manner of its
    new neighbours.
    """

    node: Node
    parent: Node
    after: Node | None = None
    label: str = ""


Edit = Rewrite | Relabel | Tick | Remove | Insert | Reorder | Move

BLOCK_STARTS = re.compile(
    r"""(?P<box>\[[ xX]\](?=[ \t]))
      | (?P<reference>\[[^\]]*\]:)
      | (?P<bullet>[-+*](?=[ \t]|$))
      | (?P<heading>\#{1,6}(?=[ \t]|$))
      | (?P<quote>>)
      | (?P<fence>~~~|```(?=[^`]*$))
      | (?P<html><(?=[a-zA-Z!?/])(?![a-zA-Z][a-zA-Z0-9+.-]*:|[^>\s]+@))""",
    re.VERBOSE,
)
NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:[ \t]|$))")
CLOSING = re.compile(r"(?:^|[ \t])#+$")


BLANKS = " \t\n\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u3000"
"""What is a blank behind a name or a check box, and so cannot begin what stands there."""


def tidy(text: str) -> str:
    """Typed text with the line ends of the parser and without blanks around it, those of other widths too."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(BLANKS)


def as_written(text: str, kind: Kind, line: int = 1, *, boxed: bool = False, hashes: bool = False) -> str:
    """A node's words as they must stand in the text, with a backslash before what Markdown would take for a block.

    `boxed` says that a check box goes before them, `hashes` that they are a heading of the `#` form. Raises Refused for
    blank words, and for words on several lines where there is room for one.
    """
    text = tidy(text)
    if not text:
        raise refused("edit-empty", line)
    if "\n" in text:
        raise refused("edit-lines", line)
    if hashes:
        return text[:-1] + "\\#" if CLOSING.search(text) else text
    if boxed or kind in {Kind.FOCUS, Kind.DETAIL}:
        return text
    if BLOCK_STARTS.match(text) or RULE.match(text):
        return "\\" + text
    return NUMBER.sub(r"\1\\", text, count=1) if NUMBER.match(text) else text


def checked_edit(edit: Edit) -> None:
    """Raise Refused for an edit that no text could take."""
    if isinstance(edit, Remove) and edit.node.kind in {Kind.DOCUMENT, Kind.MONTH, Kind.PROJECT}:
        raise refused("not-removable", edit.node.first + 1)
    if isinstance(edit, Rewrite) and (
        edit.node.kind is Kind.DOCUMENT or (edit.node.kind is Kind.SECTION and not edit.node.level)
    ):
        raise refused("no-words", edit.node.first + 1)
    if isinstance(edit, Relabel) and not edit.node.label:
        raise refused("no-name", edit.node.first + 1)
    if isinstance(edit, Tick) and edit.node.checked is None:
        raise refused("no-box", edit.node.first + 1)
    if isinstance(edit, Move) and edit.node.kind not in ITEMS:
        raise refused("not-movable", edit.node.first + 1)
    if isinstance(edit, Insert) and edit.kind in {Kind.DOCUMENT, Kind.MONTH, Kind.PROJECT}:
        raise refused("not-addable", edit.parent.first + 1)
