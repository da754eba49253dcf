"""Markdown as HTML that is safe to put into a page, whoever wrote it.

Two locks: markdown-it-py without raw HTML writes the HTML, and nh3 lets nothing through but a short list of tags.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt, rules_core
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LONG_LINE = 10_000
"""A line of more characters is shown as plain text: the inline parser takes seconds for a hostile one."""
LONG_TEXT = 100_000
"""The same for a paragraph of so many characters."""

TAGS = {
    *("a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"),
    *("pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "span": {"title", "data-start"},
    "ol": {"start"},
    "code": {"data-language", "data-start"},
}
ALIGNED = {"align-left", "align-center", "align-right"}
CLASSES = {"th": ALIGNED, "td": ALIGNED, "pre": {"mermaid-source"}, "span": {"link-inside"}}
SCHEMES = {"http", "https", "mailto"}
OUTSIDE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
BOX = re.compile(r"\[([ xX])\](?=[ \t])")
LONG_RUN = re.compile(r"(?:\A|(?<=>))[^<>]{20000,}")
PIECE = re.compile(r".{10000}[^&]*", re.DOTALL)
HOSTILE_MARKS = 2_000
"""The same for one with so many characters that may begin something."""
BUDGET = 20_000_000
"""What the paragraphs of one text may cost together, each the square of its marks; after that they are
plain text.
"""
BLOCKS = 15_000
"""What is rendered of one text, in blocks and in cells of tables: more than a second of the processor's time for the
dearest. What comes after that is shown as it was typed.
"""
LEAD = re.compile(r"(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)))*")
"""What begins items and quotations at the beginning of a line."""
RULE = re.compile(r"[ \t>]*[|:-][|: \t-]*")
"""The line below a table's head, which says how many cells each row is filled up to."""
LEVELS = {"=": 1, "-": 2} | {"#" * level: level for level in range(1, 7)}
"""Of a heading by its mark."""
MARKS = ("[", "*", "_", "~", "`", "<", "&", "://", "@", "!", "\\")


def render(markdown_text: str, top: int = 2) -> str:
    """A text as HTML blocks. Its highest headings become `<h2>`, or those of the level `top`; there is never an `<h1>`.

    Links that lead nowhere on the web (relative ones, anchors) are their words, with the target as title. Images are
    links. A fence named mermaid is `<pre class="mermaid-source"><code>`, for the page's script to draw.
    """
    return clean(PARSER.render(printable(markdown_text), {"top": max(2, min(top, 6))}))


@dataclass(frozen=True)
class Measured:
    """One block of a text as it is shown: a heading, a paragraph, an item, a table's cell, a code block."""

    text: str
    """What a browser shows of it, letter by letter; line ends are "\\n"."""
    start: int
    """Its first character in all blocks' texts, which are joined by line ends."""
    line: int
    """Of the source, from 1."""
    level: int
    """Of a heading, from 1; 0 of all else."""


def render_measured(markdown_text: str, top: int = 2, start: int = 0) -> tuple[str, list[Measured]]:
    """As `render` does, with the place of each block's text: the element that shows it has it as `data-start`.

    `start` is the place of the first, of a text that stands behind others.
    """
    measured: list[Measured] = []
    env = {"top": max(2, min(top, 6)), "measured": measured, "start": start}
    return clean(PARSER.render(printable(markdown_text), env)), measured


def render_inline(text: str) -> str:
    """A line such as an item's text as HTML without any block."""
    return clean(PARSER.renderInline(printable(text)))


def printable(text: str) -> str:
    return text.replace("\0", "\ufffd").removeprefix("\ufeff")


def clean(html: str) -> str:
    """Only the tags, attributes, classes and addresses of the lists above."""
    return nh3.clean(
        LONG_RUN.sub(paused, html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
        clean_content_tags={"script", "style"},
    )


def paused(run: re.Match[str]) -> str:
    """A long text with comments before some of its entities, which cleaning takes out again: the time that cleaning
    takes grows with the square of the entities in one piece of text.
    """
    return PIECE.sub(r"\g<0><!---->", run[0])


def block(state: StateCore) -> None:
    """The first pass, which takes what lies beyond BLOCKS as one block of code."""
    text = state.src
    end = 0 if state.inlineMode else rendered_lines(text)
    if not end:
        rules_core.block(state)
        return
    lines = text.removesuffix("\n").split("\n")
    state.src = "\n".join(lines[:end])
    rules_core.block(state)
    state.src = text
    rest = "\n".join([*lines[end:], ""])
    state.tokens.append(Token("code_block", "code", 0, content=rest, map=[end, len(lines)], block=True))


def rendered_lines(text: str) -> int:
    """How many lines of a text are rendered, where not all of them are; otherwise 0."""
    return next((number for number, price in enumerate(prices(text)) if price > BLOCKS), 0)


def prices(text: str) -> Iterator[int]:
    """What a text comes to, in blocks and cells, up to each line's end; rather too much than too little."""
    price = columns = 0
    for line in text.removesuffix("\n").split("\n"):
        cells, lead = line.count("|"), LEAD.match(line)
        if not line or line.isspace():
            columns = 0
        elif "-" in line and RULE.fullmatch(line):
            columns = cells
        price += 1 + max(cells, columns) + sum(map(lead[0].count, "-*+>.)") if lead else ())
        yield price


def inline(state: StateCore) -> None:
    """The inline pass, which leaves what would take too long as plain text."""
    budget = BUDGET
    for token in state.tokens:
        if token.type == "inline":
            price = cost(token.content)
            budget -= price
            token.children = []
            if price > HOSTILE_MARKS**2 or budget < 0:
                token.children = [
                    Token("text_special", "", 0, content=token.content)
                ]  # not searched for links
            else:
                state.md.inline.parse(token.content, state.md, state.env, token.children)


def cost(text: str) -> int:
    """About what it takes to parse a paragraph: the square of the marks in it, or more than any
    paragraph may take.
    """
    if len(text) > LONG_LINE and (
        len(text) > LONG_TEXT or any(len(line) > LONG_LINE for line in text.split("\n"))
    ):
        return HOSTILE_MARKS**2 + 1
    return sum(text.count(mark) for mark in MARKS) ** 2


def tame(state: StateCore) -> None:
    """Make of each token what this module promises: headings, links, images, boxes, aligned cells."""
    top = state.env.get("top", 2)
    previous: Sequence[Token] = ()
    for index, token in enumerate(state.tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + top - 1, 6)}"
        elif token.type in {"th_open", "td_open"}:
            align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
            if align:
                token.attrs["class"] = f"align-{align}"
            if token.tag == "th" and not state.tokens[index + 1].content:
                # The empty corner of a table heads nothing, though a screen reader would say so.
                token.tag = state.tokens[index + 2].tag = "td"
        elif token.type == "inline" and token.children:
            previous = state.tokens[max(index - 2, 0) : index]
            if [before.type for before in previous] == ["list_item_open", "paragraph_open"]:
                tick(token.children[0])
            token.children = tamed(token.children)


def measure(state: StateCore) -> None:
    """Note where each block's text stands, for whoever asked; its element says so to the page."""
    measured: list[Measured] | None = state.env.get("measured")
    if measured is None:
        return
    start, line = state.env.get("start", 0), 1
    for index, token in enumerate(state.tokens):
        # A table's cells have no lines of their own, but their row has.
        line = token.map[0] + 1 if token.map else line
        if token.type == "inline":
            text = "".join(map(letters, token.children or []))
            token.children = [
                Token("span_open", "span", 1, attrs={"data-start": start}),
                *(token.children or []),
                Token("span_close", "span", -1),
            ]
        elif token.type in {"fence", "code_block"}:
            text = token.content
            token.meta["start"] = start
        else:
            continue
        before = state.tokens[index - 1]
        level = LEVELS.get(before.markup, 0) if before.type == "heading_open" else 0
        measured.append(Measured(text, start, line, level))
        start += len(text) + 1


def letters(token: Token) -> str:
    """What a browser shows of an inline token."""
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def tick(token: Token) -> None:
    """A check box in running text is a drawn one: what can be ticked is made by the page."""
    found = BOX.match(token.content) if token.type == "text" else None
    if found:
        token.content = ("☐" if found[1] == " " else "☑") + token.content[found.end() :]


def tamed(tokens: Sequence[Token]) -> list[Token]:
    """Inline tokens with images as links, and links that stay inside as their words."""
    out: list[Token] = []
    depth = 0
    inside: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            depth += 1
            inside.append(not OUTSIDE.match(str(token.attrs.get("href", ""))))
            out.append(span(str(token.attrs.get("href", ""))) if inside[-1] else token)
        elif token.type == "link_close":
            depth -= 1
            out.append(Token("span_close", "span", -1) if inside.pop() else token)
        elif token.type == "image":
            out += image(token, linked=depth > 0)
        else:
            out.append(token)
    return out


def span(target: str) -> Token:
    return Token("span_open", "span", 1, attrs={"class": "link-inside", "title": target})


def image(token: Token, linked: bool) -> list[Token]:
    """An image as a link to it; inside a link, its description alone."""
    source = str(token.attrs.get("src", ""))
    words = Token("text", "", 0, content=plain(token.children or []) or source)
    if linked:
        return [words]
    if OUTSIDE.match(source):
        return [Token("link_open", "a", 1, attrs={"href": source}), words, Token("link_close", "a", -1)]
    return [span(source), words, Token("span_close", "span", -1)]


def plain(tokens: Sequence[Token]) -> str:
    return "".join(
        plain(token.children or []) or token.content or " " * (token.type == "softbreak") for token in tokens
    )


def fence(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A code block, with the language it names; a drawing in Mermaid is marked as such."""
    token = tokens[index]
    words = token.info.split()
    language = words[0].lower() if words and LANGUAGE.fullmatch(words[0]) else ""
    code = escaped(token.content)
    start = f' data-start="{token.meta["start"]}"' if "start" in token.meta else ""
    if language == "mermaid":
        return f'<pre class="mermaid-source"><code{start}>{code}</code></pre>\n'
    named = f' data-language="{escaped(language)}"' if language else ""
    return f"<pre><code{named}{start}>{code}</code></pre>\n"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


PARSER = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 20})
PARSER.enable(["table", "strikethrough", "linkify"])
PARSER.core.ruler.at("block", block)
PARSER.core.ruler.at("inline", inline)
PARSER.core.ruler.push("tame", tame)
PARSER.core.ruler.push("measure", measure)
PARSER.add_render_rule("fence", fence)
PARSER.add_render_rule("code_block", fence)
