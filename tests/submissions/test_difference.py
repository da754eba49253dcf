"""Two readings compared: nothing is lost, what moved is known again, and hostile sizes take no long time."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.difference import ADDED, CHANGED, MOVED_TO, REMOVED, SAME, Difference, difference
from submissions.edits import edits
from submissions.formats.markdown import read
from submissions.formats.reading import SEPARATOR, Reading
from tests.submissions.readings import reading

pytestmark = pytest.mark.pure

KINDS = ["block", "line", "cell", "page"]
WORDS = [
    "We",
    "score",
    "each",
    "event",
    "within",
    "150",
    "ms",
    "so",
    "the",
    "path",
    "is",
    "streaming",
    "—",
    "(a)",
    " ",
    "\n",
]
PARTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=9)
PARAGRAPHS = [
    "Card transactions arrive at 4,200 events a second at peak, from three regions.",
    "A score is due within 150 ms of the event, and labels arrive weeks later with the chargebacks.",
    "We chose one registry over two code bases, and accept that a schema change blocks both paths.",
    "A replay reads the topic from an offset and writes to a shadow table.",
    "The swap is one rename, so readers never see half a day.",
]


def blocks(*texts: str) -> Reading:
    return read("\n\n".join(texts))


def told(found: Difference, old: Reading, new: Reading) -> list[tuple[str, str, str]]:
    return [
        (
            row.kind + row.side,
            old.words(row.in_old) if row.in_old else "",
            new.words(row.in_new) if row.in_new else "",
        )
        for row in found.rows
        if row.kind != SAME
    ]


def replayed(old: str, found: list[tuple[str, str, bool]]) -> str:
    """The new text, made from the old one by doing what the edits say."""
    at, made = 0, []
    for before, after, changed in found:
        assert old[at : at + len(before)] == before
        assert changed or before.split() == after.split()
        at += len(before)
        made.append(after)
    assert at == len(old)
    return "".join(made)


# Nothing is lost --------------------------------------------------------------------------------------------
@pytest.mark.law
@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_edits_done_to_the_old_text_give_the_new_one(old: str, new: str, exact: bool) -> None:
    found = edits(old, new, exact=exact)
    assert replayed(old, [(one.old, one.new, one.changed) for one in found]) == new
    if exact:
        assert all(one.changed or one.old == one.new for one in found)


@pytest.mark.law
@given(PARTS, PARTS, st.sampled_from(["block", "line", "cell"]))
def test_every_part_has_its_row_and_every_row_its_texts(
    ours: list[str], theirs: list[str], kind: str
) -> None:
    old, new = reading(ours, kind), reading(theirs, kind)
    found = difference(old, new)
    assert [row.in_old for row in found.rows if row.in_old] == list(old.parts)
    assert [row.in_new for row in found.rows if row.in_new] == list(new.parts)
    for row in found.rows:
        before, after = (old.words(row.old) if row.old else ""), (new.words(row.new) if row.new else "")
        assert replayed(before, [(one.old, one.new, one.changed) for one in row.edits]) == after
        assert row.kind in (SAME, CHANGED, REMOVED, ADDED, MOVED_TO)
    assert (found.count == 0) == (not [row for row in found.rows if row.kind != SAME])
    numbers = [number for number in found.numbers if number]
    assert sorted(set(numbers)) == list(range(1, found.count + 1))
    assert numbers == sorted(numbers)


@pytest.mark.law
@given(PARTS.filter(len), PARTS.filter(len))
def test_pages_hold_every_word_of_both(ours: list[str], theirs: list[str]) -> None:
    old, new = reading(ours, "page"), reading(theirs, "page")
    rows = difference(old, new).rows
    assert [row.new for row in rows] == list(new.parts)
    whole = [(one.old, one.new, one.changed) for row in rows for one in row.edits]
    assert replayed(old.text, whole) == new.text
    for row in rows:
        assert row.new
        following = SEPARATOR if row is not rows[-1] else ""
        assert "".join(one.new for one in row.edits) == new.words(row.new) + following


@pytest.mark.law
@given(PARTS, st.sampled_from(KINDS))
def test_a_text_beside_itself_has_no_change(texts: list[str], kind: str) -> None:
    found = difference(reading(texts, kind), reading(texts, kind))
    assert found.count == 0
    assert all(row.kind == SAME for row in found.rows)


# What is said -----------------------------------------------------------------------------------------------
def test_words_inside_a_paragraph() -> None:
    old, new = blocks(*PARAGRAPHS), blocks(PARAGRAPHS[0].replace("4,200", "5,000"), *PARAGRAPHS[1:])
    found = difference(old, new)
    assert [row.kind for row in found.rows] == [CHANGED, SAME, SAME, SAME, SAME]
    assert [(one.old, one.new) for one in found.rows[0].edits if one.changed] == [("4,200", "5,000")]


def test_text_that_flows_anew_says_the_same_but_code_does_not() -> None:
    flowed = PARAGRAPHS[1].replace("of the event", "of\nthe event")
    assert difference(blocks(PARAGRAPHS[1]), blocks(flowed)).count == 0
    assert difference(blocks("```\nif a:\n  b\n```"), blocks("```\nif a:\n    b\n```")).count == 1
    assert difference(reading(["  x = 1"], "line"), reading(["    x = 1"], "line")).count == 1


def test_a_block_that_moved_is_known_again_and_so_is_one_that_was_edited_on_the_way() -> None:
    old = blocks(*PARAGRAPHS)
    new = blocks(*PARAGRAPHS[1:4], PARAGRAPHS[4], PARAGRAPHS[0].replace("three", "four"))
    assert told(difference(old, new), old, new) == [
        ("movedold", PARAGRAPHS[0], ""),
        ("movednew", "", PARAGRAPHS[0].replace("three", "four")),
    ]
    found = difference(old, new)
    assert found.count == 1, "where it was is no change of its own"
    row = next(row for row in found.rows if row.side == "new")
    assert [(one.old, one.new) for one in row.edits if one.changed] == [("three", "four")]


def test_added_removed_and_rewritten_blocks() -> None:
    old, new = (
        blocks(*PARAGRAPHS[:3]),
        blocks(PARAGRAPHS[0], "Something else entirely is written now.", PARAGRAPHS[2]),
    )
    assert told(difference(old, new), old, new) == [
        ("removed", PARAGRAPHS[1], ""),
        ("added", "", "Something else entirely is written now."),
    ]


def test_lone_signs_have_not_moved() -> None:
    old, new = reading(["}", "a = 1", "b = 2"], "line"), reading(["a = 1", "b = 2", "}"], "line")
    assert {row.kind for row in difference(old, new).rows} == {REMOVED, SAME, ADDED}


def test_lines_that_follow_each_other_are_one_change() -> None:
    old, new = reading(list("abcdefg"), "line"), reading(["a", "x", "y", "d", "e", "z", "g"], "line")
    assert difference(old, new).count == 2


def test_text_that_flows_to_the_next_page_is_no_change() -> None:
    words = " ".join(PARAGRAPHS).split()
    old = reading([" ".join(words[:20]), " ".join(words[20:])], "page")
    new = reading([" ".join(words[:9]), " ".join(words[9:30]), " ".join([*words[30:], "At last."])], "page")
    found = difference(old, new)
    assert [row.kind for row in found.rows] == [SAME, SAME, CHANGED]
    # What stood at the end of the first page stands on the second now.
    assert found.row_at("old", old.parts[0].end - 1) == 1
    assert found.row_at("new", 0) == found.row_at("old", 0) == 0
    assert found.row_at("old", len(old.text)) == 2


def test_place_of_a_character_and_the_change_that_is_nearest() -> None:
    old, new = (
        blocks(*PARAGRAPHS),
        blocks(*PARAGRAPHS[:3], "A new one stands here.", *PARAGRAPHS[3:4], "The swap is one rename."),
    )
    found = difference(old, new)
    assert found.row_at("old", 0) == 0
    first = found.row_at("old", old.parts[3].start)
    assert first is not None
    assert found.nearest(first) == 1
    last = found.row_at("old", old.parts[4].end)
    assert last is not None
    assert found.nearest(last) == found.count
    assert difference(old, old).nearest(0) == 0
    moved = difference(old, blocks("Another beginning.", *PARAGRAPHS[1:], PARAGRAPHS[0]))
    assert [row.side for row in moved.rows][:2] == ["old", ""]
    assert moved.nearest(0) == moved.count == 2


# Hostile sizes ----------------------------------------------------------------------------------------------
def pages_of(made: random.Random, words: int) -> str:
    known = ["".join(made.choices("abcdefghijklmnop", k=made.randint(2, 9))) for _n in range(600)]
    return " ".join(made.choices(known, k=words))


def hostile(kind: str) -> dict[str, tuple[Reading, Reading]]:
    made = random.Random(7)  # noqa: S311 (nothing secret)
    size = 100_000
    two = ["".join(made.choices("ab", k=1)) for _n in range(size // 2)]
    other = ["".join(made.choices("ab", k=1)) for _n in range(size // 2)]
    words = [pages_of(made, 40) for _n in range(420)]
    return {
        "two letters": (reading(two, kind), reading(other, kind)),
        "all the same": (reading(["x"] * (size // 2), kind), reading(["x"] * (size // 2 - 9), kind)),
        "rewritten": (reading(words, kind), reading([pages_of(made, 40) for _n in range(420)], kind)),
        "every word anew": (reading(words, kind), reading([one.replace("a", "z") for one in words], kind)),
        "backwards": (reading(words, kind), reading(words[::-1], kind)),
        "in one piece": (reading([" ".join(two)], kind), reading([" ".join(other)], kind)),
        "one long word": (reading(["a" * size], kind), reading(["b" * size], kind)),
    }


@pytest.mark.parametrize(
    "kind",
    ["block", *(pytest.param(kind, marks=pytest.mark.prove) for kind in KINDS[1:])],
)
def test_hundred_kilobytes_are_compared_in_time(kind: str) -> None:
    for name, (old, new) in hostile(kind).items():
        begun = time.process_time()
        found = difference(old, new)
        assert time.process_time() - begun < 2, name
        assert found.count, name
        assert not found.is_partial, name


@pytest.mark.prove
def test_long_blocks_are_compared_in_time() -> None:
    made = random.Random(5)  # noqa: S311
    old, new = (reading([pages_of(made, 800) for _n in range(200)]) for _side in (0, 1))
    begun = time.process_time()
    difference(old, new)
    assert time.process_time() - begun < 4, "ten times as long a text"


def test_of_a_text_that_is_too_long_only_the_beginning_is_compared() -> None:
    long = reading(["word " * 300_000], "page")
    assert difference(long, long).is_partial
