"""Markdown as HTML: what learners and authors wrote is shown, and nothing of it runs."""

import os
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.markdown import render, render_inline

pytestmark = pytest.mark.pure

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "<javascript:alert(1)>",
    "![a](javascript:alert(1))",
    '[a](http://b.c "\\" onmouseover=\\"x")',
    "[a](<http://b.c onclick=x>)",
    '<div hx-get="/x" hx-trigger="load">a</div>',
    '<p style="position:fixed">a</p>',
    "<iframe src=//evil.example></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:x'>",
    '```js" onclick="x\n<script>\n```',
    "```mermaid\n</code></pre><script>alert(1)</script>\n```",
    "| a |\n|:-:|\n| <b onclick=x> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a]: javascript:x\n\n[a]",
    "# <style>*{display:none}</style>",
    "<form action=/accounts/logout/><button>",
    "a\0b<scr\0ipt>",
    "[a](//evil.example/x)",
    '[a](http://b.c/"><script>)',
]
ALLOWED = {
    "a": {"href", "title", "rel"}, "span": {"title", "class"}, "pre": {"class"}, "code": {"data-language"},
    "ol": {"start"}, "th": {"class"}, "td": {"class"},
}  # fmt: skip
TAGS = {
    *ALLOWED,
    *[
        "p",
        "br",
        "hr",
        "em",
        "strong",
        "s",
        "ul",
        "li",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ],
}
CLASSES = {"link-inside", "mermaid-source", "align-left", "align-center", "align-right"}


class Inspector(HTMLParser):
    """Fails on any tag, attribute or address that is not on the lists."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ALLOWED.get(tag, set())
            assert name != "class" or value in CLASSES
            assert name != "href" or re.match(r"(?:https?://|mailto:)", value or "", re.IGNORECASE)
            assert name != "rel" or value == "nofollow noopener noreferrer"


def inspect(html: str) -> None:
    inspector = Inspector(convert_charrefs=True)
    inspector.feed(html)
    inspector.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_tame(text: str) -> None:
    for html in (render(text), render_inline(text), render(f"- [ ] {text}\n\n> {text}")):
        inspect(html)


@pytest.mark.law
@settings(max_examples=10_000 if os.environ.get("PROVE") else 100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from([*HOSTILE, "\n", "> ", "- ", "`", "*", "http://a.b", '"', "'", "<", ">"]),
            max_size=6,
        ).map("".join),
    )
)
def test_any_text_comes_out_tame(text: str) -> None:
    inspect(render(text))
    inspect(render_inline(text))


def test_headings_are_never_the_pages_own() -> None:
    assert render("# a\n\n## b\n\n###### c") == "<h2>a</h2>\n<h3>b</h3>\n<h6>c</h6>\n"
    assert render("# a\n\n#### b", top=4) == "<h4>a</h4>\n<h6>b</h6>\n"


def test_links_lead_to_the_web_or_are_words() -> None:
    assert render_inline("[a](../b.md) [c](#d)") == (
        '<span class="link-inside" title="../b.md">a</span> <span class="link-inside" title="#d">c</span>'
    )
    assert (
        render_inline("see https://a.b/c")
        == 'see <a href="https://a.b/c" rel="nofollow noopener noreferrer">https://a.b/c</a>'
    )


def test_images_are_links_to_them() -> None:
    assert (
        render_inline("![a *b*](https://c.d/e.png)")
        == '<a href="https://c.d/e.png" rel="nofollow noopener noreferrer">a b</a>'
    )
    assert render_inline("![](x.png)") == '<span class="link-inside" title="x.png">x.png</span>'
    assert (
        render_inline("[![a](https://b.c/d.png)](https://e.f)")
        == '<a href="https://e.f" rel="nofollow noopener noreferrer">a</a>'
    )


def test_blocks_are_shown() -> None:
    assert '<td class="align-right"><s>b</s></td>' in render("| a |\n|--:|\n| ~~b~~ |")
    assert (
        render("```mermaid\na --> b\n```") == '<pre class="mermaid-source"><code>a --&gt; b\n</code></pre>\n'
    )
    assert render("```py\na < b\n```") == '<pre><code data-language="py">a &lt; b\n</code></pre>\n'
    assert render("3. a") == '<ol start="3">\n<li>a</li>\n</ol>\n'
    assert render("- [x] a\n- [ ] b") == "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>\n"


def test_empty_corner_of_a_table_heads_nothing() -> None:
    assert "<tr>\n<td></td>\n<th>a</th>\n</tr>\n</thead>" in render("| | a |\n|---|---|\n| b | c |")


def test_long_lines_are_shown_as_plain_text() -> None:
    line = "*a* " * 3_000
    assert render_inline(line).strip() == line.strip()
    assert "<em>" in render_inline(line[:100])


@pytest.mark.parametrize(
    "unit", ["[", "![", "[a](", "*a_ ", "`a``", "<a ", "~~a~", "http://", "://", "a@b.c ", "&"]
)
def test_hostile_text_ends_soon(unit: str) -> None:
    paragraph = unit * (1_990 // len(unit))
    size = 990_000 if os.environ.get("PROVE") else 160_000
    text = (paragraph + "\n\n") * (size // (len(paragraph) + 2))
    began = time.process_time()
    inspect(render(text))
    render(unit * (size // len(unit)))
    # A third of it at most, on a machine with nothing else to do; what is short has a second more to begin.
    assert time.process_time() - began < 1 + size / 110_000


@pytest.mark.parametrize(
    ("unit", "body"),
    [
        ("&", "{}"),
        ("&\n    ", "`{}`"),
        *[
            pytest.param(unit, body, marks=pytest.mark.prove)
            for unit in ("&", '"', "&\n    ")
            for body in ("{}", "```\n{}\n```", "    {}", "`{}`")
        ],
    ],
)
def test_a_million_entities_are_shown_soon_and_whole(unit: str, body: str) -> None:
    """The cleaner needs over ten seconds for as many in one piece."""
    count = 990_000 // len(unit)
    began = time.process_time()
    html = render(body.format(unit * count))
    assert time.process_time() - began < 6  # at most 1.2 on a machine with nothing else to do
    assert html.count("&amp;" if "&" in unit else '"') == count
    assert "<!--" not in html
