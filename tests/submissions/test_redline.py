"""What differs, in rendered Markdown: every word stands where it stood, and every change can be led to once."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.difference import difference
from submissions.formats.markdown import read, shown
from submissions.formats.reading import Reading
from submissions.redline import Redline, Stretch, elements, inked
from tests.submissions.readings import reading

pytestmark = pytest.mark.pure

BLOCKS = st.sampled_from(
    [
        "## Heading & more",
        'A paragraph with **bold words** and a [link](https://example.org/?a=1&b=2 "a > b").',
        "A paragraph with **other words** and a [link](https://example.org/?a=1&b=2).",
        "Two lines\nin one paragraph \\\nand a third <i>line</i>.",
        "- one item here\n- two items here\n  - within an item",
        "- one item here\n- two other items here\n- three items here",
        "1. first\n\n   with a paragraph\n2. second",
        "| a | b |\n|---|---|\n| cell one | cell two |",
        "| a | b |\n|---|---|\n| cell one | cell three |\n| more | cells |",
        "```python\nif a < b:\n    c\n```",
        "```python\nif a < b:\n        c\n```",
        "```mermaid\ngraph TD; A-->B\n```",
        "```mermaid\ngraph TD; A-->C\n```",
        "> quoted words of somebody\n>\n> and more of them",
        "---",
        "![picture](flow.png) `code & code`",
    ]
)
TEXTS = st.lists(BLOCKS, max_size=7).map("\n\n".join)


class Shown(HTMLParser):
    """The text of each measured element, with and without what was put in."""

    def __init__(self, html: str, left_out: str = "") -> None:
        super().__init__()
        self.left_out, self.depth, self.hidden = left_out, 0, 0
        self.texts: dict[int, str] = {}
        self.open: list[tuple[str, int | None]] = []
        self.feed(html)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "hr"):
            return
        start = dict(attrs).get("data-start")
        self.open.append((tag, int(start) if start else None))
        if start:
            self.texts[int(start)] = ""
        self.hidden += tag == self.left_out

    def handle_endtag(self, tag: str) -> None:
        if tag in ("br", "hr"):
            return
        assert self.open.pop()[0] == tag
        self.hidden -= tag == self.left_out

    def handle_data(self, data: str) -> None:
        at = next((start for _tag, start in reversed(self.open) if start is not None), None)
        if at is not None and not self.hidden:
            self.texts[at] += data


def redlined(old: str, new: str) -> tuple[list[Stretch], Reading, Reading, int]:
    before, after = read(old), read(new)
    found = difference(before, after)
    return Redline(found, before, after, (shown(old), shown(new))).stretches, before, after, found.count


def parts(reading: Reading) -> dict[int, str]:
    return {part.start: reading.words(part) for part in reading.parts}


def ids(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="change-(\d+)"', html)]


@pytest.mark.law
@given(TEXTS, TEXTS)
def test_every_word_of_both_stands_where_it_stood(old: str, new: str) -> None:
    stretches, before, after, count = redlined(old, new)
    ours, theirs = ("".join(getattr(one, side) for one in stretches) for side in ("old", "new"))
    assert Shown(ours).texts == parts(before)
    assert Shown(theirs).texts == parts(after)
    assert "<ins>" not in ours
    assert "<del>" not in theirs
    assert sorted(ids(ours) + ids(theirs)) == list(range(1, count + 1))
    assert re.sub(
        r"</?(ins|del)[^>]*>", "", re.sub(r' id="\w+-\d+"( data-change="\d+" tabindex="-1")?', "", theirs)
    ).count("<hr") == shown(new).count("<hr")


@pytest.mark.law
@given(TEXTS, TEXTS)
def test_one_column_holds_the_new_text_and_every_change(old: str, new: str) -> None:
    stretches, _before, after, count = redlined(old, new)
    column = "".join(one.old + one.new if one.is_apart else one.words for one in stretches)
    texts = Shown(column, left_out="del").texts
    assert {start: text for start, text in texts.items() if text}.items() >= {
        start: text for start, text in parts(after).items() if text
    }.items() or count
    assert sorted(ids(column)) == list(range(1, count + 1))


@given(TEXTS)
def test_elements_are_the_whole_of_what_is_rendered(text: str) -> None:
    html = shown(text)
    assert re.sub(r"\s+", "", "".join(one.html for one in elements(html))) == re.sub(r"\s+", "", html)
    assert inked(html, {}) == html


def test_words_that_differ_are_marked_inside_what_they_stand_in() -> None:
    (one,), *_rest = redlined("Very **bold words** here", "Very **bold signs** here")
    assert "<strong>bold <del>words</del></strong> here" in one.old
    assert "<strong>bold <ins>signs</ins></strong> here" in one.new
    assert "<strong>bold <del>words</del><ins>signs</ins></strong> here" in one.words


def test_item_that_went_stands_in_its_list() -> None:
    (one,), *_rest = redlined("- one\n- two words\n- three", "- one\n- three")
    assert re.search(r'one<del class="whole" id="change-1"[^>]*>two words</del></span></li>', one.words)
    assert one.kinds == ["removed"]


def test_changed_drawing_is_looked_at_beside_the_old_one() -> None:
    (one,), *_rest = redlined("```mermaid\ngraph TD; A-->B\n```", "```mermaid\ngraph TD; A-->C\n```")
    assert one.is_apart
    assert "mermaid-source" in one.old
    assert "mermaid-source" in one.new


def test_nothing_of_a_hostile_text_gets_out_of_its_element() -> None:
    evil = '<img src=x onerror=alert(1)> <script>alert(1)</script> [x](javascript:alert(1)) "><b>'
    for stretches, *_rest in (redlined(evil, f"{evil} more"), redlined("", evil), redlined(evil, "")):
        for one in stretches:
            for html in (one.old, one.new, one.words):
                assert not re.search(r"<(img|script|b)\b|href=\"javascript", html)


# Of everything else, its text -------------------------------------------------------------------------------
def plain(old: list[str], new: list[str], kind: str) -> list[Stretch]:
    before, after = reading(old, kind), reading(new, kind)
    return Redline(difference(before, after), before, after, first=5).stretches


def test_lines_stand_beside_each_other_with_their_numbers() -> None:
    same, changed, added = plain(["a = 1", "b = <x>"], ["a = 1", "b = <y>", "c = 3"], "line")
    assert (same.is_same, same.new) == (True, "a = 1")
    assert changed.old == "b = &lt;<del>x</del>&gt;"
    assert changed.new == '<span id="change-5" data-change="5" tabindex="-1">b = &lt;<ins>y</ins>&gt;</span>'
    assert (added.old_number, added.new_number, added.old) == (None, 3, "")
    assert added.new == "<ins>c = 3</ins>", "lines that follow each other are one change"


def test_what_moved_says_where_it_was_and_where_it_is() -> None:
    texts = ["a line of many words", "the second line here", "and the third line now"]
    left, *_same, came = plain(texts, [*texts[1:], texts[0]], "line")
    assert (left.went_to, came.came_as) == (5, 5)
    assert left.old == '<span id="was-5"><del>a line of many words</del></span>'
    assert came.new == '<span id="change-5" data-change="5" tabindex="-1">a line of many words</span>'


def test_pages_show_the_words_that_came_and_went() -> None:
    first, second = plain(["One page of words", "and more"], ["One page of other words", "and more"], "page")
    assert first.words == (
        '<span id="change-5" data-change="5" tabindex="-1">One page of <ins>other </ins>words\n</span>'
    )
    assert (second.is_same, second.old_number, second.new_number) == (True, 2, 2)
