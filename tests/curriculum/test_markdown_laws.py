"""The laws of months as Markdown, on made-up documents and on every file of the sample curricula.

`make prove` tries many more of them.
"""

import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from curriculum.markdown import (
    ITEMS,
    Edit,
    Insert,
    Kind,
    Move,
    Node,
    Refused,
    Relabel,
    Remove,
    Reorder,
    Rewrite,
    Tick,
    as_written,
    is_dashboard,
    parse,
    read,
    shape,
    splice,
)
from curriculum.markdown.edits import tidy
from tests.curriculum.documents import PARAGRAPHS, documents, hostile

pytestmark = [pytest.mark.pure, pytest.mark.law]

CURRICULA = Path(__file__).parents[3] / "shared" / "curricula"
SAMPLES = [path for path in sorted(CURRICULA.rglob("*.md")) if not is_dashboard(read(path.read_bytes()))]
EXAMPLES = int(os.environ.get("EXAMPLES") or (5_000 if os.environ.get("PROVE") else 46))
"""Documents with an edit for each of the eleven laws: 500 in make test, 55,000 in make prove."""
law = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


# What can be asked of a tree


def said(tree: Node) -> list[tuple[Kind, str]]:
    """Everything that a tree says but its prose, in order."""
    return [(node.kind, node.text) for node in tree.walk() if node.kind not in {Kind.PROSE, Kind.DOCUMENT}]


def prose(tree: Node) -> list[str]:
    return [line.strip() for node in tree.find(Kind.PROSE) for line in node.text.split("\n") if line.strip()]


def cut(source: str) -> list[str]:
    """Lines with their ends."""
    return [line + "\n" for line in source.split("\n")[:-1]] + [
        line for line in source.split("\n")[-1:] if line
    ]


def outside_unchanged(old: str, new: str, first: int, last: int) -> None:
    """Every line outside old[first:last] is in the new text, with its own end, before and behind the touched lines."""
    before, after = cut(old), cut(new)
    assert after[:first] == before[:first] or (
        first == len(before) and after[: first - 1] == before[: first - 1]
    )
    tail = before[last:]
    assert after[len(after) - len(tail) :] == tail


def owner(tree: Node, node: Node) -> Node:
    return next(parent for parent in tree.walk() if node in parent.children)


def listed(tree: Node) -> list[Node]:
    """Items of lists, none of them an idea with a heading."""
    return [node for node in tree.find(*ITEMS) if not node.level]


# The laws


@law
@given(documents())
def test_tree_shows_every_line_once(source: str) -> None:
    tree = parse(source)
    lines = source.replace("\ufeff", " ").split("\n")
    seen: list[int] = []
    for node in tree.walk():
        assert 0 <= node.first <= node.last <= len(lines)
        if node.kind is Kind.PROSE:
            seen += range(node.first, node.last)
        elif node.kind is not Kind.DOCUMENT and "\n" not in source[node.start : node.end]:
            assert source[node.start : node.end] == node.text
        spans = [(child.first, child.last) for child in node.children]
        assert spans == sorted(spans)
        assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert len(seen) == len(set(seen))


@law
@given(documents())
def test_splice_without_edits_is_the_text(source: str) -> None:
    assert splice(source, []) == source
    rewrites = [
        Rewrite(node, node.text)
        for node in parse(source).walk()
        if node.kind is not Kind.DOCUMENT and (node.kind is not Kind.SECTION or node.level)
    ]
    assert splice(source, rewrites) == source


@law
@given(documents(), hostile, st.data())
def test_rewrite_changes_its_words_alone(source: str, text: str, data: Any) -> None:
    tree = parse(source)
    nodes = [
        node
        for node in tree.walk()
        if node.kind in (ITEMS - {Kind.LINK}) | {Kind.FOCUS, Kind.DETAIL, Kind.WEEK, Kind.MONTH}
    ]
    node = data.draw(st.sampled_from(nodes))
    before, at = (
        said(tree),
        [other for other in tree.walk() if other.kind not in {Kind.PROSE, Kind.DOCUMENT}].index(node),
    )
    line = source.split("\n")[node.first].lstrip("\ufeff ")
    if tidy(text) != tidy(node.text):
        before[at] = (
            node.kind,
            as_written(text, node.kind, boxed=node.checked is not None, hashes=line.startswith("#")),
        )

    after = splice(source, [Rewrite(node, text)])

    assert said(parse(after)) == before
    assert prose(parse(after)) == prose(tree)
    outside_unchanged(
        source, after, node.first, max(node.last if not node.level else node.first + 1, node.first + 1)
    )


@law
@given(
    documents(),
    st.one_of(
        st.builds("{} {:02}".format, st.sampled_from(["Week", "Month", "week"]), st.integers(0, 120)), hostile
    ),
    st.data(),
)
def test_relabel_changes_the_name_alone(source: str, label: str, data: Any) -> None:
    tree = parse(source)
    node = data.draw(st.sampled_from([node for node in tree.walk() if node.kind in {Kind.MONTH, Kind.WEEK}]))
    unit = "Week" if node.kind is Kind.WEEK else "Month"
    if not re.fullmatch(rf"{unit} \d+", label, re.IGNORECASE):
        with pytest.raises(Refused):
            splice(source, [Relabel(node, label)])
        return

    after = splice(source, [Relabel(node, label)])

    again = parse(after)
    named = again.find(node.kind)[tree.find(node.kind).index(node)]
    assert (named.label, named.number, named.text) == (label, int(label.split()[1]), node.text)
    assert said(again) == said(tree)
    assert prose(again) == prose(tree)
    outside_unchanged(source, after, node.first, node.first + 1)
    assert cut(after)[node.first] == cut(source)[node.first].replace(node.label, label, 1)


@law
@given(documents())
def test_relabel_to_the_same_name_is_the_text(source: str) -> None:
    nodes = [node for node in parse(source).walk() if node.kind in {Kind.MONTH, Kind.WEEK}]
    assert splice(source, [Relabel(node, node.label) for node in nodes]) == source


@law
@given(documents(), st.data())
def test_remove_takes_the_item_alone(source: str, data: Any) -> None:
    tree = parse(source)
    nodes = [node for node in tree.walk() if node.kind not in {Kind.DOCUMENT, Kind.MONTH, Kind.PROJECT}]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    gone = list(node.walk())
    before = [
        (other.kind, other.text)
        for other in tree.walk()
        if other.kind not in {Kind.PROSE, Kind.DOCUMENT} and other not in gone
    ]

    after = splice(source, [Remove(node)])

    assert said(parse(after)) == before
    lines = [line.rstrip("\r\n") for line in cut(after) if line.strip()]
    kept = [
        line.rstrip("\r\n")
        for number, line in enumerate(cut(source))
        if line.strip() and not node.first <= number < node.last
    ]
    numbers = str.maketrans("", "", "0123456789")
    rules = {"---", "***"}
    missing = [
        line
        for line in kept
        if line.translate(numbers) not in [other.translate(numbers) for other in lines] and line not in rules
    ]
    labels = [cut(source)[other.label_line].rstrip("\r\n") for other in gone if other.label_line >= 0]
    assert set(missing) <= set(labels)
    assert len(missing) <= 1


def test_move_of_the_first_of_a_numbered_list_leaves_it_numbered_from_one() -> None:
    """A list that begins with another number cannot follow its label without a blank line."""
    weeks = "### Week 1: A\n\n**Tasks**:\n1. [ ] a\n\n### Week 2: B\n\n**Tasks**:\n1. [ ] b\n2. [ ] c\n"
    source = f"# Month 08: Do\n\n## Weekly Breakdown\n\n{weeks}"
    one, two = parse(source).find(Kind.WEEK)
    after = splice(source, [Move(two.children[0], one, one.children[0])])
    assert "1. [ ] a\n2. [ ] b\n" in after
    assert after.endswith("**Tasks**:\n1. [ ] c\n")


def test_remove_of_the_last_section_leaves_its_rule_a_rule() -> None:
    source = "# Month 08: Do\n\n**Level**: hard\n\n## Navigation\n\n- [On](../README.md)\n---\n"
    section = parse(source).find(Kind.SECTION)[0]
    assert splice(source, [Remove(section)]) == "# Month 08: Do\n\n**Level**: hard\n\n---\n"


@law
@given(documents(), hostile, st.data())
def test_insert_adds_the_item_alone(source: str, text: str, data: Any) -> None:
    tree = parse(source)
    parents = [
        node
        for node in tree.walk()
        if node.kind in {Kind.WEEK, Kind.SECTION} and (node.kind is Kind.WEEK or node.level)
    ]
    assume(parents)
    parent = data.draw(st.sampled_from(parents))
    by_role = {
        "objectives": Kind.OBJECTIVE,
        "resources": Kind.RESOURCE,
        "criteria": Kind.CRITERION,
        "other": Kind.TASK,
        "weeks": Kind.WEEK,
    }
    kind = (
        data.draw(st.sampled_from([Kind.TASK, Kind.DELIVERABLE]))
        if parent.kind is Kind.WEEK
        else by_role.get(str(parent.role), Kind.TASK)
    )
    if parent.role == "project":
        parent = parent.children[0]
        kind = data.draw(st.sampled_from([Kind.TASK, Kind.IDEA]))
    alike = [child for child in parent.children if child.kind is kind]
    behind = data.draw(st.sampled_from([None, *alike]))
    number = tree.find(kind)

    after = splice(source, [Insert(parent, kind, text, behind)])

    new = parse(after).find(kind)
    at = (
        number.index(behind) + 1 + len(behind.find(kind))
        if behind
        else number.index(alike[0])
        if alike
        else None
    )
    assert len(new) == len(number) + 1
    if at is not None:
        assert [node.text for node in new[:at] + new[at + 1 :]] == [node.text for node in number]
    assert prose(parse(after)) == prose(tree)
    assert [pair for pair in said(parse(after)) if pair[0] not in {kind, Kind.GROUP}] == [
        pair for pair in said(tree) if pair[0] not in {kind, Kind.GROUP}
    ]


@law
@given(documents(), st.data())
def test_reorder_permutes_the_siblings(source: str, data: Any) -> None:
    tree = parse(source)
    rows = [
        [child for child in node.children if child.kind is kind]
        for node in tree.walk()
        for kind in Kind
        if kind is not Kind.PROSE
    ]
    rows = [
        row
        for row in rows
        if len(row) > 1 and all(child.kind is not Kind.SECTION or child.level for child in row)
    ]
    assume(rows)
    row = data.draw(st.sampled_from(rows))
    order = data.draw(st.permutations(row))
    parent = owner(tree, row[0])

    after = splice(source, [Reorder(parent, tuple(order))])

    again = parse(after)
    assert sorted(said(again)) == sorted(said(tree))
    home = again if parent is tree else again.find(parent.kind)[tree.find(parent.kind).index(parent)]
    assert [node.text for node in home.children if node.kind is row[0].kind] == [node.text for node in order]
    if row[0].kind not in ITEMS:
        assert sorted(filter(str.strip, after.splitlines())) == sorted(filter(str.strip, source.splitlines()))


@law
@given(documents(), st.data())
def test_move_takes_the_item_along(source: str, data: Any) -> None:
    tree = parse(source)
    homes = tree.find(Kind.WEEK)
    nodes = [node for week in homes for node in week.children if node.kind in {Kind.TASK, Kind.DELIVERABLE}]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    parent = data.draw(st.sampled_from(homes))
    behind = data.draw(
        st.sampled_from(
            [None, *[child for child in parent.children if child.kind is node.kind and child is not node]]
        )
    )

    after = splice(source, [Move(node, parent, behind)])

    week = parse(after).find(Kind.WEEK)[homes.index(parent)]
    alike = [child.text for child in week.children if child.kind is node.kind]
    rest = [child.text for child in parent.children if child.kind is node.kind and child is not node]
    at = (
        [child for child in parent.children if child.kind is node.kind and child is not node].index(behind)
        + 1
        if behind
        else 0
    )
    assert alike == [*rest[:at], node.text, *rest[at:]]
    assert sorted(said(parse(after))) == sorted(said(tree))
    # A label stays, as prose, above the plain bullets that its list still has.
    label = cut(source)[node.label_line].strip() if node.label_line >= 0 else ""
    assert sorted(line for line in prose(parse(after)) if line != label) == sorted(
        line for line in prose(tree) if line != label
    )


@law
@given(documents(), st.data())
def test_several_edits_at_once_are_each_made(source: str, data: Any) -> None:
    tree = parse(source)
    nodes = listed(tree)
    tasks = [node for node in nodes if node.kind is Kind.TASK and node.box]
    assume(tasks)
    removed = data.draw(st.sampled_from(nodes))
    other = data.draw(st.sampled_from(tasks))
    assume(other not in list(removed.walk()) and removed not in list(other.walk()))
    edits: list[Edit] = [
        Remove(removed),
        Rewrite(other, "Something else"),
        Tick(other, True),
        Insert(owner(tree, other), Kind.TASK, "One more", other),
    ]

    after = parse(splice(source, edits))

    texts = [node.text for node in after.find(Kind.TASK)]
    assert {"Something else", "One more"} <= set(texts)
    assert next(node for node in after.find(Kind.TASK) if node.text == "Something else").checked
    assert len(listed(after)) == len(nodes) + 1 - len([node for node in removed.walk() if node.kind in ITEMS])


@law
@given(documents(), st.data())
def test_prose_is_rewritten_or_refused(source: str, data: Any) -> None:
    tree = parse(source)
    nodes = tree.find(Kind.PROSE)
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    text = data.draw(
        st.one_of(
            st.just("New words.\n\nAnd more."),
            st.just(node.text + "\nmore"),
            st.sampled_from(PARAGRAPHS),
            st.lists(hostile, min_size=1, max_size=3).map("\n".join),
        )
    )
    try:
        after = splice(source, [Rewrite(node, text.replace("\n", "\r\n"))])
    except Refused:
        assert splice(source, []) == source
        return
    again = parse(after)
    assert said(again) == said(tree)
    outside_unchanged(source, after, node.first, node.last)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: "-".join(path.parts[-2:]))
@pytest.mark.parametrize(
    "change",
    [lambda text: text, lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text.rstrip("\n")],
)
def test_every_node_of_the_samples_can_be_edited(path: Path, change: Callable[[str], str]) -> None:
    """Every one in make prove, every fifth in make test."""
    source = change(read(path.read_bytes()))
    tree = parse(source)
    assert splice(source, []) == source
    for node in list(tree.walk())[:: 1 if os.environ.get("PROVE") else 5]:
        if node.kind in ITEMS - {Kind.LINK} | {
            Kind.FOCUS,
            Kind.DETAIL,
            Kind.WEEK,
            Kind.PROJECT,
            Kind.PROSE,
            Kind.MONTH,
        }:
            after = splice(source, [Rewrite(node, "Other words")])
            assert (
                len([old for old, new in zip(cut(source), cut(after), strict=False) if old != new]) == 1
                or node.kind is Kind.PROSE
            )
            assert (node.kind, "Other words") in [(other.kind, other.text) for other in parse(after).walk()]
        if node.kind not in {Kind.DOCUMENT, Kind.MONTH, Kind.PROJECT}:
            after = splice(source, [Remove(node)])
            assert shape(parse(after)) != shape(tree)
    for week in tree.find(Kind.WEEK):
        for kind in (Kind.TASK, Kind.DELIVERABLE):
            after = splice(source, [Insert(week, kind, "One more")])
            assert len(cut(after)) == len(cut(source)) + 1
