"""The ladder: the same text, twins, edits, sections, pages, files, and laws that hold for any text."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from submissions.formats import markdown
from submissions.formats.reading import Part, Reading
from submissions.ladder import Ladder, Placed, place, places

pytestmark = pytest.mark.pure
EXAMPLES = 1_000 if os.environ.get("PROVE") else 25
OLD = """# Design

The gateway lets forty requests a second through.

## Storage

The queue keeps ten messages for a day. The cache keeps the last hundred results.

- To be decided.
- The journal is written twice.

## Costs

We pay for each request that the gateway lets through.

- To be decided.
"""


def sought(quote: str, new: str, old: str = OLD, nth: int = 0) -> tuple[str, str]:
    """The state of the nth place of the old text that reads so, and what it is in the new one."""
    before, after = markdown.read(old), markdown.read(new)
    start = -1
    for _each in range(nth + 1):
        start = before.text.index(quote, start + 1)
    placed = place(places.passage(before, start, start + len(quote)), before, [(1, "a.md", after)], "a.md")
    return placed.state, places.read(placed.selectors).exact


# Rungs ------------------------------------------------------------------------------------------------------


def test_unchanged_passage_is_exact_whatever_stands_before_it() -> None:
    new = OLD.replace("The gateway lets", "Everything begins here. A new sentence too.\n\nThe gateway lets")
    assert sought("ten messages for a day", new) == ("exact", "ten messages for a day")


def test_moved_section_keeps_its_passages() -> None:
    intro, storage, costs = OLD.split("\n## ")
    new = "\n## ".join([intro, costs + "\n", storage])
    assert sought("the last hundred results", new) == ("exact", "the last hundred results")


def test_passage_in_another_section_is_moved() -> None:
    moved = " The cache keeps the last hundred results."
    new = OLD.replace(moved, "").replace("We pay", f"{moved.strip()}\n\nWe pay")
    assert sought("the last hundred results", new) == ("moved", "the last hundred results")


@pytest.mark.parametrize(
    ("said", "now"),
    [
        ("The queue keeps ten messages for a day.", "The queue keeps twelve messages for a day."),
        ("The queue keeps ten messages for a day.", "The qeue keeps ten messages for a day."),
        (
            "The queue keeps ten messages for a day. The cache keeps the last hundred results.",
            "The queue keeps ten messages for a day, and the cache keeps the last hundred results.",
        ),
    ],
    ids=["reworded", "slip", "merged"],
)
def test_passage_with_other_words_is_changed(said: str, now: str) -> None:
    assert sought(said, OLD.replace(said, now)) == ("changed", now)


def test_deleted_passage_ends_at_its_section() -> None:
    new = OLD.replace("The queue keeps ten messages for a day. ", "")
    assert sought("The queue keeps ten messages for a day.", new) == ("section", "Storage")


def test_deleted_passage_ends_at_its_section_under_another_name() -> None:
    new = OLD.replace("The queue keeps ten messages for a day. ", "").replace("## Storage", "## What is kept")
    assert sought("The queue keeps ten messages for a day.", new) == ("section", "What is kept")


def test_deleted_section_ends_at_the_one_above_and_without_any_at_the_file() -> None:
    gone = OLD[OLD.index("## Storage") : OLD.index("## Costs")]
    assert sought("the last hundred results", OLD.replace(gone, "")) == ("section", "Design")
    assert sought("the last hundred results", "Something else altogether.\n") == ("whole", "")


def test_rewritten_passage_is_not_taken_for_changed() -> None:
    said = "The queue keeps ten messages for a day."
    new = OLD.replace(said, "Our broker may lose whatever an operator has not confirmed.")
    assert sought(said, new) == ("section", "Storage")


# Twins ------------------------------------------------------------------------------------------------------


def test_twin_is_known_by_where_it_stands() -> None:
    new = OLD.replace("The gateway lets", "First of all: yes.\n\nThe gateway lets")
    before, after = markdown.read(OLD), markdown.read(new)
    for nth in range(2):
        start = before.text.index("To be decided.")
        if nth:
            start = before.text.index("To be decided.", start + 1)
        there = after.text.index("To be decided.")
        if nth:
            there = after.text.index("To be decided.", there + 1)
        said = places.passage(before, start, start + 14)
        found = place(said, before, [(1, "a.md", after)], "a.md")
        assert (found.state, places.read(found.selectors).start) == ("exact", there)


def test_twin_of_a_deleted_passage_is_not_taken_for_it() -> None:
    new = OLD.replace("- To be decided.\n- The journal", "- The journal")
    assert sought("To be decided.", new) == ("section", "Storage")
    assert sought("To be decided.", new, nth=1) == ("exact", "To be decided.")


def test_one_of_two_neighbours_that_are_twins_is_not_guessed() -> None:
    twice = OLD.replace("- To be decided.\n- The", "- To be decided.\n- To be decided.\n- The")
    for nth in range(2):
        assert sought("To be decided.", OLD, twice, nth)[0] == "section"


def test_near_twin_of_a_deleted_passage_is_not_taken_for_it() -> None:
    old = OLD.replace("We pay", "The queue keeps twenty messages for a day.\n\nWe pay")
    new = old.replace("The queue keeps ten messages for a day. ", "")
    assert sought("The queue keeps ten", new, old) == ("section", "Storage")
    assert sought("The queue keeps twenty", new, old) == ("exact", "The queue keeps twenty")


# Pages ------------------------------------------------------------------------------------------------------


def paged(*pages: str) -> Reading:
    parts, at = [], 0
    for number, page in enumerate(pages, 1):
        parts.append(Part("page", at, at + len(page), number))
        at += len(page) + 1
    return Reading("\n".join(pages), tuple(parts))


def test_lines_hyphens_and_pages_do_not_count() -> None:
    old = paged(
        "A design\nThe asynchro-\nnous queue keeps ten\n1",
        "A design\nmessages for a day.\n2",
        "A design\nEnd.\n3",
    )
    new = paged(
        "A design\nThe asynchronous queue\nkeeps ten messages for a day.\n1",
        "A design\nEnd.\n2",
        "A design\n3",
    )
    start, end = old.text.index("asynchro"), old.text.index("for a day")
    found = place(places.passage(old, start, end), old, [(1, "a.pdf", new)], "a.pdf")
    assert found.state == "exact"
    assert places.read(found.selectors).exact == "asynchronous queue\nkeeps ten messages"


def test_region_follows_its_page_and_is_never_sure() -> None:
    first, second = "The first page speaks of queues.", "The second page speaks of caches and of costs."
    region = places.region("page=2&xywh=percent:10,20,30,12.25")
    old = paged(first, second)
    for new, state, value in [
        (paged("New.", first, second), "changed", "page=3&xywh=percent:10,20,30,12.25"),
        (paged(first, "Something else altogether, from the first word to the last."), "section", ""),
    ]:
        found = place(region, old, [(1, "a.pdf", new)], "a.pdf")
        assert found.state == state
        assert places.read(found.selectors).region == value
    same = Ladder(old, [(1, "a.pdf", old)], "a.pdf", same=[1]).place(region)
    assert (same.state, same.selectors) == ("exact", region)


# Files ------------------------------------------------------------------------------------------------------


def of_files(*news: tuple[int, str, str]) -> Placed[int]:
    before = markdown.read(OLD)
    start = before.text.index("The queue keeps ten messages for a day.")
    some = [(key, name, markdown.read(text)) for key, name, text in news]
    return place(places.passage(before, start, start + 39), before, some, "design.md")


def test_file_of_the_same_name_comes_first() -> None:
    found = of_files((1, "copy.md", OLD), (2, "design.md", OLD.replace("Costs", "Price")))
    assert (found.key, found.state) == (2, "exact")


def test_renamed_file_is_known_by_its_text() -> None:
    found = of_files((1, "notes.md", "# Notes\n\nNothing.\n"), (2, "final.md", OLD.replace("Costs", "Price")))
    assert (found.key, found.state) == (2, "exact")


def test_names_that_were_exchanged_do_not_deceive() -> None:
    found = of_files((1, "design.md", "# Notes\n\nNothing of it is here.\n"), (2, "notes.md", OLD))
    assert (found.key, found.state) == (2, "exact")


def test_passage_that_went_to_another_file_is_followed() -> None:
    rest = OLD.replace("The queue keeps ten messages for a day. ", "")
    found = of_files(
        (1, "design.md", rest), (2, "more.md", "# More\n\nThe queue keeps ten messages for a day.\n")
    )
    assert found.key == 1  # so short a passage may be there by chance
    long = "The queue keeps ten messages for a day, and then the broker throws them away."
    before = markdown.read(OLD.replace("The queue keeps ten messages for a day.", long))
    start = before.text.index(long)
    said = places.passage(before, start, start + len(long))
    news = [(1, "design.md", markdown.read(rest)), (2, "more.md", markdown.read(f"# More\n\n{long}\n"))]
    assert place(said, before, news, "design.md").key == 2
    there_before = Ladder(before, news, "design.md", others=[news[1][2]])
    assert there_before.place(said).key == 1


def test_gone_file_leaves_the_whole_version() -> None:
    found = of_files((1, "other.md", "# Other\n\nNothing.\n"))
    assert (found.key, found.state, found.score, found.selectors) == (None, "whole", 0.0, [])
    assert place([], markdown.read(OLD), [(1, "a.md", markdown.read("x"))], "a.md") == Placed(1, "whole", 1.0)


# Laws -------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["queue", "cache", "the", "keeps", "a", "É", "To be decided.", "ten", "of-course", "x", "10"]
)
LINES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
TEXTS = st.lists(
    st.one_of(LINES, LINES.map(lambda line: f"# {line}"), LINES.map(lambda line: f"- {line}.")),
    min_size=1,
    max_size=12,
).map("\n\n".join)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    if draw(st.booleans()):
        return markdown.read(draw(TEXTS))
    return paged(*draw(st.lists(TEXTS, min_size=1, max_size=4)))


@st.composite
def passages(draw: st.DrawFn) -> tuple[Reading, int, int]:
    reading = draw(readings().filter(lambda one: one.text))  # "- 10." is an item with an empty list in it
    start = draw(st.integers(0, len(reading.text) - 1))
    return reading, start, draw(st.integers(start + 1, len(reading.text)))


@given(passages())
@settings(max_examples=EXAMPLES, deadline=None)
def test_same_text_is_always_exact(passage: tuple[Reading, int, int]) -> None:
    reading, start, end = passage
    said = places.passage(reading, start, end)
    again = Reading(reading.text, reading.parts)
    assert place(said, reading, [(1, "a", again)], "a") == Placed(1, "exact", 1.0, said)


@given(passages(), readings())
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_is_found_reads_as_it_says_where_it_says(
    passage: tuple[Reading, int, int], new: Reading
) -> None:
    old, start, end = passage
    said = places.passage(old, start, end)
    found = place(said, old, [(1, "a", new)], "a")
    now = places.read(found.selectors)
    assert 0 <= found.score <= 1
    if now.exact:
        assert new.text[now.start : now.end] == now.exact
    if found.state in ("exact", "moved"):
        assert found.score == 1
        assert letters(now.exact) == letters(old.text[start:end])
    assert place(said, old, [(1, "a", new)], "a") == found


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize("form", ["markdown", "pages", "blocks"])
def test_generated_edits_are_followed(form: str) -> None:
    from random import Random  # noqa: PLC0415

    from tests.bench import anchors, passages  # noqa: PLC0415

    dice = Random(8)  # noqa: S311 (the same each time)
    for kind in anchors.KINDS:
        old = passages.Writer(dice).document(4)
        new = passages.edited(old, dice, kind)
        before, after = (passages.FORMS[form](one, dice) for one in (old, new))
        some = [
            anchors.case_of(words, before, after, new, kind, form) for words in anchors.chosen(old, new, dice)
        ]
        for case, answer, marks in anchors.judged(some, anchors.ours(some)):
            assert "wrong" not in marks, (case.quote, answer)
