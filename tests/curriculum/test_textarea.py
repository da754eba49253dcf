"""A text area's text keeps the line ends, the mark and the blanks that it had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.textarea import END, MARK, Places, received, shown

pytestmark = pytest.mark.pure

TEXTS = st.lists(
    st.sampled_from(["a", "- [ ] b", " ", "\t", "\n", "\r\n", "\r", "\ufeff", "\u2028", "\x0c", "é"]),
    max_size=16,
).map("".join)


def by_browser(text: str) -> str:
    """What a browser sends for a text area with this text."""
    return END.sub("\r\n", text)


@given(TEXTS)
def test_untouched_text_comes_back_to_the_byte(source: str) -> None:
    assert received(by_browser(shown(source)), source) == source


@given(TEXTS, TEXTS)
def test_typed_text_is_what_was_meant(before: str, typed: str) -> None:
    got = received(by_browser(shown(typed)), before)
    assert END.sub("\n", got.removeprefix(MARK if before.startswith(MARK) else "")) == shown(typed)


@given(TEXTS.filter(lambda text: "\r" not in text.replace("\r\n", "")), st.integers(0, 20))
def test_lines_that_are_not_touched_keep_their_ends(source: str, place: int) -> None:
    lines = shown(source).split("\n")
    at = place % len(lines)
    lines[at] += "!"
    got = END.split(received(by_browser("\n".join(lines)), source))
    assert got[1::2] == END.split(source)[1::2]
    assert got[2 * at].endswith("!")


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ("a\r\nb\r\nc\n", "a\r\nnew\r\nb\r\nc\r\n", "a\r\nnew\r\nb\r\nc\n"),
        ("a\nb\nc", "a\r\nb\r\nc\r\nd", "a\nb\nc\nd"),
        ("a\r\nb", "a\r\nb\r\n", "a\r\nb\r\n"),
        ("a\nb\n", "a\r\nb", "a\nb"),
        ("\ufeffa  \n", "a  \r\nb", "\ufeffa  \nb"),
        ("Read\ralone\n", "Read\r\nall alone\r\n", "Read\rall alone\n"),
        ("", "a\r\nb\r\n", "a\nb\n"),
    ],
)
def test_new_lines_take_the_end_that_most_lines_have(before: str, typed: str, after: str) -> None:
    assert received(typed, before) == after


@given(TEXTS)
def test_place_in_a_text_is_the_same_letter_in_its_text_area(source: str) -> None:
    places, lines = Places(source), shown(source).split("\n")
    for at, letter in enumerate(source):
        if letter in "\r\n" or (letter, at) == (MARK, 0):
            continue
        line, column = places.shown_at(source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at))
        assert lines[line - 1][column - 1] == letter


def test_place_behind_the_text_is_at_its_end() -> None:
    assert Places("a\rb").shown_at(1, 3) == (2, 1)
    assert Places("").shown_at(1, 1) == (1, 1)
    assert Places("a\n").shown_at(9, 1) == (2, 1)
    assert Places(f"{MARK}a").shown_at(1, 1) == (1, 1)
