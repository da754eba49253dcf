"""The block structure of a text: markdown-it-py's block pass, reduced to what the month's parser looks at.

Inline Markdown is never parsed here: for one line of a million "[" that alone takes 13 seconds.
"""

from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Ten lists in one another; deeper, and the time for hostile quotes grows past what a request may take.
PARSER = MarkdownIt("commonmark", {"maxNesting": 20}).enable("table")
PARSER.core.ruler.enableOnly(["block"])

NAMES = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "fence": "fence",
    "html_block": "html",
    "hr": "rule",
    "table_open": "table",
}
NESTING = {"list", "item"}


@dataclass(slots=True)
class Block:
    """A block and the lines it covers, `last` exclusive, blank lines at its end not trimmed."""

    name: str
    """One of heading, paragraph, list, item, fence, html, rule, table, other."""
    first: int
    last: int
    level: int = 0
    """Of a heading, 1 to 6."""
    markup: str = ""
    """Of a heading "##" or "=", of a fence its opening run."""
    ordered: bool = False
    children: list["Block"] = field(default_factory=list)
    """Of lists and items alone: what stands in a quote or a table is text."""


def blocks_of(lines: list[str]) -> list[Block]:
    """The top blocks of a text given as lines without ends."""
    root = Block("root", 0, len(lines))
    stack = [root]
    skipped = 0
    for token in PARSER.parse("\n".join(lines) + "\n"):
        if skipped:
            skipped += token.nesting
        elif token.nesting == -1:
            stack.pop()
        elif token.type != "inline" and token.map is not None:
            block = block_of(token)
            stack[-1].children.append(block)
            if token.nesting == 1:
                if block.name in NESTING:
                    stack.append(block)
                else:
                    skipped = 1
    return root.children


def block_of(token: Token) -> Block:
    name = NAMES.get(token.type, "other")
    first, last = token.map or (0, 0)
    level = int(token.tag[1]) if name == "heading" else 0
    return Block(name, first, last, level, token.markup, token.type == "ordered_list_open")
