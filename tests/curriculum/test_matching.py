"""Which part of an old text each part of a new one is: what is found, and what is rather left alone."""

import time
from dataclasses import replace

import pytest

from curriculum import rewording
from curriculum.markdown import parse
from curriculum.matching import Part, Plan, Stage, parts_of, plan
from tests.bench.identity import KEPT, WRONG_FUZZY
from tests.bench.ticks import counted, ticks

pytestmark = pytest.mark.pure

WEEKS = """# Month 01: Start

## Weekly Breakdown

### Week 1: Lists

**Tasks**:
- [ ] Read the chapter about linked lists
- [ ] Write a list of your own
- [ ] Weekly quiz

### Week 2: Trees

**Tasks**:
- [ ] Draw a tree
- [ ] Balance it by hand
- [ ] Weekly quiz

**Deliverables**:
- A drawing

## Resources

### Books
- The book of lists

## Success Criteria

- [ ] Can draw a tree
- [ ] Knows what a list costs
"""


def planned(old: str, new: str) -> Plan:
    return plan(parts_of(parse(old)), parts_of(parse(new)))


def stages(found: Plan) -> dict[tuple[str, str], str]:
    """How the parts found each other that are not as they were, by old and new text."""
    return {
        (pair.old.text, pair.new.text): str(pair.stage)
        for pair in found.pairs
        if pair.stage is not Stage.EXACT
    }


def texts(parts: list[Part]) -> list[str]:
    return [part.text for part in parts]


def with_tasks(*tasks: str) -> str:
    return "# Month 01: Start\n\n## To do\n\n" + "".join(f"- [ ] {task}\n" for task in tasks)


def test_same_text_is_exact_throughout() -> None:
    found = planned(WEEKS, WEEKS)
    assert stages(found) == {}
    assert (found.new, found.removed) == ([], [])
    assert len(found.pairs) == len(parts_of(parse(WEEKS)))


def test_item_that_moves_within_the_month_is_moved() -> None:
    new = WEEKS.replace("- [ ] Draw a tree\n", "").replace(
        "- [ ] Write a list", "- [ ] Draw a tree\n- [ ] Write a list"
    )
    found = planned(WEEKS, new)
    assert stages(found) == {("Draw a tree", "Draw a tree"): "moved"}
    assert (found.new, found.removed) == ([], [])


def test_equals_stay_in_their_weeks_when_weeks_are_numbered_anew() -> None:
    new = WEEKS.replace("Week 2", "Week 3").replace(
        "### Week 3", "### Week 2: Queues\n\n**Tasks**:\n- [ ] Build a queue\n- [ ] Weekly quiz\n\n### Week 3"
    )
    found = planned(WEEKS, new)
    places = {
        pair.old.place[-1]: pair.new.place[-1] for pair in found.pairs if pair.old.text == "Weekly quiz"
    }
    assert places == {"Week 1: Lists": "Week 1: Lists", "Week 2: Trees": "Week 3: Trees"}
    assert texts(found.new) == ["Queues", "Build a queue", "Weekly quiz"]


def test_weeks_without_titles_are_known_by_what_they_hold() -> None:
    old = WEEKS.replace("Week 1: Lists", "Week 1").replace("Week 2: Trees", "Week 2")
    new = old.replace("### Week 2", "### Week 3").replace("### Week 1", "### Week 2")
    new = new.replace("### Week 2", "### Week 1\n\n**Tasks**:\n- [ ] Say hello\n\n### Week 2", 1)
    found = planned(old, new)
    assert {(pair.old.label, pair.new.label) for pair in found.pairs if pair.new.kind == "week"} == {
        ("Week 1", "Week 2"),
        ("Week 2", "Week 3"),
    }


def test_renamed_week_keeps_what_stands_in_it() -> None:
    found = planned(WEEKS, WEEKS.replace("Week 1: Lists", "Week 1: Chains of nodes"))
    assert stages(found) == {("Lists", "Chains of nodes"): "reworded"}


def test_months_numbered_anew_are_known_by_what_they_hold() -> None:
    first, second = WEEKS, WEEKS.replace("Month 01: Start", "Month 02: Go on").replace("a tree", "a graph")
    third = second.replace("Month 02", "Month 03")
    new = "# Month 02: Between\n\n## To do\n\n- [ ] Take a walk\n"
    olds = [part for text in (first, second) for part in parts_of(parse(text))]
    news = [part for text in (first, new, third) for part in parts_of(parse(text))]
    found = plan(olds, news)
    months = {(pair.old.label, pair.new.label) for pair in found.pairs if pair.new.kind == "month"}
    assert months == {("Month 01", "Month 01"), ("Month 02", "Month 03")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Read the chapter about linked lists", "Read the chapter on linked lists"),
        ("Read the chapter about linked lists", "Read the **chapter** about linked lists."),
        ("Read the chapter about linked lists", "Read the chapter about linked lists (two hours)"),
        ("Read the chapter about linked lists", "Raed the chapter abuot linked lists"),
        ("Install Python 3.8", "Install Python 3.12"),
        ("[The guide](https://a.example/old)", "[The guide](https://a.example/new)"),
        ("設計の文書を書く", "設計の文書を書いて見せる"),
    ],
)
def test_reworded_item_is_recognised(before: str, after: str) -> None:
    found = planned(
        with_tasks("One thing", before, "Another thing"), with_tasks("One thing", after, "Another thing")
    )
    assert stages(found) == {(before, after): "reworded"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Read chapter 1", "Read chapter 2"], ["Read chapter 1", "Read chapter 3"]),
        (["Watch video A", "Watch video B"], ["Watch video A", "Watch video C"]),
        (
            ["Write the first draft", "Write the second draft"],
            ["Write the first draft", "Write the third draft"],
        ),
        (["Write unit tests", "Write load tests"], ["Write unit tests", "Write system tests"]),
        (["Sort a list"], ["Sing a song"]),
        (["Read about trees and draw a graph"], ["Read about trees", "Draw a graph"]),
        (["Read about trees", "Draw a graph"], ["Read about trees and draw a graph"]),
        (["Read about trees and heaps"], ["Read about trees and hashes", "Read about trees and ropes"]),
    ],
    ids=["number", "letter", "counting", "template", "another", "split", "merge", "two alike"],
)
def test_what_may_be_another_item_is_left_alone(before: list[str], after: list[str]) -> None:
    found = planned(with_tasks("One thing", *before), with_tasks("One thing", *after))
    assert stages(found) == {}
    assert texts(found.removed) == [text for text in before if text not in after]
    assert texts(found.new) == [text for text in after if text not in before]


def test_items_of_different_kinds_are_never_each_other() -> None:
    old = WEEKS.replace("- [ ] Can draw a tree\n", "")
    new = WEEKS.replace("- [ ] Draw a tree\n", "").replace("- [ ] Can draw a tree\n", "- [ ] Draw a tree\n")
    found = planned(old, new)
    assert stages(found) == {}
    assert [(part.kind, part.text) for part in found.removed] == [("task", "Draw a tree")]
    assert [(part.kind, part.text) for part in found.new] == [("criterion", "Draw a tree")]


def test_of_two_equals_the_one_goes_that_stood_there() -> None:
    old = with_tasks("Push", "One thing", "Push", "Another thing")
    found = planned(old, with_tasks("One thing", "Push", "Another thing"))
    kept = next(pair.old for pair in found.pairs if pair.old.text == "Push")
    assert [part.key for part in found.removed] != [kept.key]
    assert parts_of(parse(old))[4].text == kept.text
    assert kept.key.first == 6  # type: ignore[attr-defined]


def test_equals_that_cannot_be_told_apart_elsewhere_are_left_alone() -> None:
    new = WEEKS.replace("- [ ] Weekly quiz\n", "").replace(
        "## Resources", "## More\n\n- [ ] Weekly quiz\n\n## Resources"
    )
    found = planned(WEEKS, new)
    assert texts(found.removed) == ["Weekly quiz", "Weekly quiz"]
    assert texts(found.new) == ["More", "Weekly quiz"]


def test_refrain_that_goes_here_and_comes_there_is_not_the_same() -> None:
    third = "\n### Week 3: Graphs\n\n**Tasks**:\n- [ ] Draw a graph\n"
    old = WEEKS.replace("\n**Deliverables**", third + "\n**Deliverables**", 1)
    new = old.replace("- [ ] Weekly quiz\n", "", 1).replace(
        "- [ ] Draw a graph\n", "- [ ] Draw a graph\n- [ ] Weekly quiz\n"
    )
    found = planned(old, new)
    assert [part.text for part in found.removed] == [part.text for part in found.new] == ["Weekly quiz"]
    # What only one item says has moved.
    alone = old.replace("- [ ] Weekly quiz", "- [ ] First quiz", 1)
    moved = alone.replace("- [ ] First quiz\n", "").replace(
        "- [ ] Draw a graph\n", "- [ ] Draw a graph\n- [ ] First quiz\n"
    )
    assert stages(planned(alone, moved)) == {("First quiz", "First quiz"): "moved"}


def test_archived_item_comes_back_by_its_exact_text_alone() -> None:
    old = [
        replace(part, is_archived=True) if part.text == "Balance it by hand" else part
        for part in parts_of(parse(WEEKS))
    ]
    assert "Balance it by hand" in {pair.old.text for pair in plan(old, parts_of(parse(WEEKS))).pairs}
    other = plan(old, parts_of(parse(WEEKS.replace("Balance it by hand", "Balance it all by hand"))))
    assert texts(other.new) == ["Balance it all by hand"]
    assert other.removed == []


def test_of_two_archived_equals_one_comes_back() -> None:
    twice = parts_of(parse(with_tasks("Read", "Write", "Read")))
    old = [replace(part, is_archived=part.text == "Read") for part in twice]
    found = plan(old, parts_of(parse(with_tasks("Write", "Read"))))
    assert [pair.old.key for pair in found.pairs if pair.old.text == "Read"] == [old[2].key]
    assert (found.new, found.removed) == ([], [])


def test_what_somebody_says_comes_first() -> None:
    old = parts_of(parse(with_tasks("Read", "Write")))
    new = parts_of(parse(with_tasks("Read", "Sing a song", "Dance")))
    key = {part.text: part.key for part in [*old, *new]}
    read, write = old[-2].key, old[-1].key
    by_hand = {key["Sing a song"]: write, key["Dance"]: read, key["Start"]: read}
    found = plan(old, new, by_hand)
    assert stages(found) == {("Write", "Sing a song"): "by-hand", ("Read", "Dance"): "by-hand"}
    assert texts(found.new) == ["Read"]
    nothing = plan(old, new, {new[-3].key: None})
    assert texts(nothing.new) == ["Read", "Sing a song", "Dance"]


def test_ticks_survive_generated_edits() -> None:
    found = counted(ticks(50, 3))
    assert found["fuzzy"] > 10
    assert found["kept"] / found["surviving"] >= KEPT
    assert found["wrong_exact"] == 0
    assert found["wrong_fuzzy"] / found["ticks"] <= WRONG_FUZZY


def test_edits_show_a_matching_that_takes_what_is_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALIKE", "IN_PLACE"):
        monkeypatch.setattr(rewording, name, 0)
    monkeypatch.setattr(rewording, "AHEAD", -1)
    assert counted(ticks(30, 3))["wrong_fuzzy"] > 0


def test_hostile_texts_take_no_time() -> None:
    """A learner's own file is matched too: thousands of equals, and one line of nothing but brackets."""
    many = with_tasks("Weekly quiz", *["Read", "Weekly quiz"] * 600, "](" * 5_000)
    began = time.process_time()
    found = planned(with_tasks("Weekly quiz", "Read", "Write](" * 1_000), many)
    assert len(found.pairs) >= 4
    assert time.process_time() - began < 2
