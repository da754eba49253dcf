"""Two texts side by side: nothing but what differs is marked, and nothing is left out."""

from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.comparison import CONTEXT, compared, unified

pytestmark = pytest.mark.pure

LINES = st.lists(st.sampled_from(["", "one two", "one two three", "two", "- [ ] x", "y\r"]), max_size=12)


def marked(words: list[dict[str, Any]]) -> list[str]:
    return [word["text"] for word in words if word["changed"]]


@given(LINES, LINES)
def test_every_difference_is_shown_once_and_in_order(old: list[str], new: list[str]) -> None:
    rows = [row for row in compared("\n".join(old), "\n".join(new)) if row["kind"] != "gap"]
    old, new = "\n".join(old).split("\n"), "\n".join(new).split("\n")
    for side, lines in (("old", old), ("new", new)):
        shown = [(row[f"{side}_line"], row[side]) for row in rows if row[side] is not None]
        assert shown == sorted(shown)
        assert all(lines[number - 1] == text for number, text in shown)
    # What is not shown is the same on both sides.
    left = [line for number, line in enumerate(old, 1) if number not in {row["old_line"] for row in rows}]
    right = [line for number, line in enumerate(new, 1) if number not in {row["new_line"] for row in rows}]
    assert left == right
    assert all(row["old"] == row["new"] for row in rows if row["kind"] == "equal")
    longest = max(
        (len(list(run)) for kind, run in groupby(row["kind"] for row in rows) if kind == "equal"), default=0
    )
    assert longest <= 2 * CONTEXT


def test_only_the_words_that_differ_are_marked() -> None:
    (row,) = compared("- [ ] Read the paper", "- [ ] Read the whole paper")
    assert (marked(row["old_words"]), marked(row["new_words"])) == ([], ["whole "])


def test_reworded_line_stands_beside_what_it_was() -> None:
    rows = compared("a\nRead the long paper\nb", "a\nNew\nAnother\nRead the short paper\nb")
    pairs = [(row["old"], row["new"]) for row in rows if row["kind"] != "equal"]
    assert pairs == [(None, "New"), (None, "Another"), ("Read the long paper", "Read the short paper")]


def test_white_space_that_differs_can_be_seen() -> None:
    rows = compared("a\r\nb\n\tc", "a\nb  \n  c")
    assert [marked(row["old_words"]) + marked(row["new_words"]) for row in rows] == [
        ["␍"],
        ["··"],
        ["→", "··"],
    ]


def test_difference_for_a_console() -> None:
    said = unified("m.md", "a\nb\nc\n", "a\nB\nc\n")
    assert "-b\n+B" in said
    assert said.startswith("--- m.md\n+++ m.md")
