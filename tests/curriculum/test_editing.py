"""What forms ask, as edits of a text: whatever is asked, parse and rows agree, and rows keep their identity."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curriculum.drafting import Asked
from curriculum.editing import HOMES, AskedMonth, RefusedAt, brief_at, drafted
from curriculum.markdown import Kind, parse
from curriculum.models import (
    Criterion,
    Deliverable,
    Document,
    Idea,
    Month,
    Objective,
    Project,
    Resource,
    Row,
    Section,
    Task,
    Week,
)
from curriculum.publication import publish
from curriculum.rows import wanted_rows
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, run
from tests.factories import DocumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DETAILS = {"Tier": "tier", "Duration": "duration", "Status": "status"}
LISTS: list[tuple[Kind, Any, str]] = [
    (Kind.WEEK, Week, "title"),
    (Kind.TASK, Task, "text"),
    (Kind.DELIVERABLE, Deliverable, "text"),
    (Kind.OBJECTIVE, Objective, "text"),
    (Kind.RESOURCE, Resource, "text"),
    (Kind.CRITERION, Criterion, "text"),
]


def as_it_is(month: Month) -> AskedMonth:
    """A month's forms as they are before anybody types."""
    asked = AskedMonth(month, month.title, {label: getattr(month, name) for label, name in DETAILS.items()})
    for kind, model, name in LISTS:
        rows: Any = model._default_manager
        for row in rows.live().filter(month=month):
            one = Asked(kind, row, getattr(row, name))
            one.focus = getattr(row, "focus", None)
            one.label = getattr(row, "group", "")
            one.parent = getattr(row, "week", None) or getattr(row, "section", None)
            asked.items.append(one)
    return asked


def agree(document: Document) -> None:
    """The rows of a document say what its published text says, in its order."""
    document.refresh_from_db()
    assert document.published is not None
    for one in wanted_rows(parse(document.published.source)):
        place = {"month__document": document} if one.model is not Month else {"document": document}
        if one.model._meta.model_name == "idea":
            place = {"project__month__document": document}
        rows: Any = one.model._default_manager
        values = {name: value for name, value in one.values.items() if name != "slug"}
        assert rows.live().filter(**place, **values).exists(), (one.model, values)
    counts: dict[type[Row], int] = {}
    for one in wanted_rows(parse(document.published.source)):
        counts[one.model] = counts.get(one.model, 0) + 1
    for kind, model, _name in LISTS:
        rows = model._default_manager
        assert rows.live().filter(month__document=document).count() == counts.get(model, 0), kind


def save(document: Document, asked: AskedMonth) -> None:
    document.refresh_from_db()
    assert document.published is not None
    draft = drafted(document.published, asked)
    publish(document, draft.source, tree=draft.tree, pairs=draft.pairs(), accept_loss=True)
    agree(document)


def received() -> Document:
    run(RECEIVED)
    return Document.objects.get()


def test_nothing_asked_changes_nothing() -> None:
    document = received()
    assert document.published is not None

    draft = drafted(document.published, as_it_is(Month.objects.get()))

    assert draft.source == document.published.source


def test_reworded_item_keeps_its_row_and_all_other_lines() -> None:
    document = received()
    task = Task.objects.get(text="Study model registries")
    asked = as_it_is(Month.objects.get())
    next(item for item in asked.items if item.row == task).text = "Study *two* model registries"

    save(document, asked)

    task.refresh_from_db()
    assert task.text == "Study *two* model registries"
    assert document.published is not None
    old, new = RECEIVED.read_text().split("\n"), document.published.source.split("\n")
    assert [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]] == [
        ("- [ ] Study model registries", "- [ ] Study *two* model registries")
    ]


def test_two_equal_items_keep_their_own_rows_when_they_change_places() -> None:
    document = DocumentFactory.create()
    publish(document, MONTH.replace("Write", "Read"))
    first, second = Task.objects.order_by("position")
    asked = as_it_is(Month.objects.get())
    tasks = [item for item in asked.items if item.kind is Kind.TASK]
    asked.items.remove(tasks[1])
    asked.items.insert(asked.items.index(tasks[0]), tasks[1])

    save(document, asked)
    first.refresh_from_db()
    second.refresh_from_db()

    assert (first.position, second.position, first.archived_at, second.archived_at) in {
        (1, 0, None, None),
        (0, 1, None, None),
    }


def test_task_moves_to_another_week_with_its_row() -> None:
    document = received()
    task = Task.objects.get(text="Study model registries")
    asked = as_it_is(Month.objects.get())
    item = next(item for item in asked.items if item.row == task)
    item.parent = Week.objects.get(number=3)

    save(document, asked)

    task.refresh_from_db()
    assert task.week is not None
    assert (task.week.number, task.archived_at) == (3, None)


def test_new_week_gets_its_tasks_and_deliverables() -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    week = Asked(Kind.WEEK, None, "Looking back", focus="What was learned")
    asked.items += [
        week,
        Asked(Kind.TASK, None, "Write a retrospective", parent=week),
        Asked(Kind.TASK, None, "Show it", parent=week),
        Asked(Kind.DELIVERABLE, None, "Retrospective", parent=week),
    ]

    save(document, asked)

    new = Week.objects.get(number=5)
    assert (new.label, new.title, new.focus) == ("Week 5", "Looking back", "What was learned")
    assert [task.text for task in new.tasks.all()] == ["Write a retrospective", "Show it"]
    assert [one.text for one in new.deliverables.all()] == ["Retrospective"]


def test_removed_week_is_archived_with_what_stood_in_it() -> None:
    document = received()
    week = Week.objects.get(number=2)
    asked = as_it_is(Month.objects.get())
    for item in asked.items:
        item.removed = week in (item.row, item.parent)

    save(document, asked)

    week.refresh_from_db()
    assert week.archived_at is not None
    assert (
        set(week.tasks.values_list("archived_at", flat=True)) == {week.archived_at} or week.tasks.count() == 4
    )
    assert Task.objects.live().count() == 12


def test_resource_changes_its_group() -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    item = next(item for item in asked.items if item.text.startswith("Netflix"))
    item.label = "Books"
    new = Asked(Kind.RESOURCE, None, "A talk", label="Videos")
    asked.items.append(new)

    save(document, asked)

    assert Resource.objects.get(text__startswith="Netflix").group == "Books"
    assert Resource.objects.get(text="A talk").group == "Videos"


def test_details_are_written_and_taken_away() -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    asked.title = "System Design, again"
    asked.details = {"Tier": "3 (Mastery)", "Duration": "", "Status": "⏳ Upcoming"}

    save(document, asked)

    month = Month.objects.get()
    assert (month.title, month.tier, month.duration) == ("System Design, again", "3 (Mastery)", "")
    assert document.published is not None
    assert "‚è≥ Upcoming" in document.published.source


@pytest.mark.parametrize("text", ["", "two\nlines"])
def test_words_that_cannot_stand_are_refused_at_their_form(text: str) -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    item = next(item for item in asked.items if item.kind is Kind.TASK)
    item.text = text

    with pytest.raises(RefusedAt) as refused:
        save(document, asked)

    assert refused.value.asked is item
    assert document.editions.count() == 1


BARE = """\
# Month 05: Bare

**Tier**: 1

---

## Portfolio

Keep all of it.

---

## Navigation

- [Back](../README.md)
"""


def bare() -> Document:
    document: Document = DocumentFactory.create()
    publish(document, BARE)
    return document


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        (Asked(Kind.OBJECTIVE, None, "Know"), ["## Objectives", "1. Know"]),
        (Asked(Kind.WEEK, None, "First"), ["## Weekly Breakdown", "### Week 1: First"]),
        (Asked(Kind.RESOURCE, None, "A book", label="Books"), ["## Resources", "### Books", "- A book"]),
        (Asked(Kind.RESOURCE, None, "A book"), ["## Resources", "- A book"]),
        (Asked(Kind.PROJECT, None, "Build", brief="All of it."), ["## Project: Build", "All of it."]),
        (Asked(Kind.PROJECT, None, ""), ["## Project"]),
        (Asked(Kind.TASK, None, "Sign up"), ["## Requirements", "- [ ] Sign up"]),
        (Asked(Kind.CRITERION, None, "Works"), ["## Success Criteria", "- [ ] Works"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_first_item_makes_its_section_before_the_navigation(item: Asked, lines: list[str]) -> None:
    document = bare()
    asked = as_it_is(Month.objects.get())
    asked.items.append(item)

    save(document, asked)

    assert document.published is not None
    above, below = BARE.split("## Navigation")
    made = "\n\n".join([*lines, "---", ""])
    assert document.published.source == f"{above}{made}\n## Navigation{below}".replace("\n\n\n", "\n\n")


def test_sections_made_at_once_stand_in_the_order_of_a_month() -> None:
    document = bare()
    asked = as_it_is(Month.objects.get())
    project = Asked(Kind.PROJECT, None, "Build")
    week = Asked(Kind.WEEK, None, "First")
    asked.items += [
        Asked(Kind.OBJECTIVE, None, "Know"),
        Asked(Kind.OBJECTIVE, None, "Do"),
        week,
        Asked(Kind.TASK, None, "Read", parent=week),
        Asked(Kind.RESOURCE, None, "A book", label="Books"),
        Asked(Kind.RESOURCE, None, "A talk", label="Talks"),
        project,
        Asked(Kind.IDEA, None, "A shop", parent=project),
        Asked(Kind.CRITERION, None, "Works"),
        Asked(Kind.TASK, None, "Sign up"),
    ]

    save(document, asked)

    month = Month.objects.get()
    assert list(Section.objects.live().filter(month=month).values_list("title", flat=True)) == [
        "Portfolio",
        "Objectives",
        "Weekly Breakdown",
        "Resources",
        "Project: Build",
        "Requirements",
        "Success Criteria",
        "Navigation",
    ]
    assert list(month.objectives.values_list("text", flat=True)) == ["Know", "Do"]
    assert list(month.resources.values_list("group", "text")) == [("Books", "A book"), ("Talks", "A talk")]
    assert month.weeks.get().tasks.get().text == "Read"
    assert month.projects.get().ideas.get().text == "A shop"


def test_names_of_month_and_week_are_changed_in_their_lines_alone() -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    asked.label = "Month 11"
    next(item for item in asked.items if item.kind is Kind.WEEK).label = "Week 0"

    save(document, asked)

    month = Month.objects.get()
    assert (month.label, month.number, month.slug) == ("Month 11", 11, "month-11")
    assert Week.objects.get(number=0).label == "Week 0"
    assert document.published is not None
    old, new = RECEIVED.read_text().split("\n"), document.published.source.split("\n")
    assert [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]] == [
        ("# Month 08: System Design", "# Month 11: System Design"),
        ("### Week 1: ML System Components", "### Week 0: ML System Components"),
    ]


@pytest.mark.parametrize("label", ["Module 3", "Week 1: and more", "Week"])
def test_name_that_is_none_is_refused_at_its_field(label: str) -> None:
    document = received()
    asked = as_it_is(Month.objects.get())
    week = next(item for item in asked.items if item.kind is Kind.WEEK)
    week.label = label

    with pytest.raises(RefusedAt) as refused:
        save(document, asked)

    assert (refused.value.asked, refused.value.name) == (week, "label")


def test_brief_is_rewritten_taken_away_and_written_again() -> None:
    document = received()
    assert document.published is not None
    project = Project.objects.get()
    before = brief_at(document.published, project)
    assert before is not None
    assert before.startswith("Design a complete ML system:\n1. Requirements")

    def with_brief(text: str) -> None:
        asked = as_it_is(Month.objects.get())
        asked.items.append(Asked(Kind.PROJECT, project, project.title, brief=text))
        save(document, asked)

    with_brief(before.replace("\n", "\r\n").replace("complete", "whole"))
    text = RECEIVED.read_text()
    assert document.published.source == text.replace("Design a complete", "Design a whole")
    with_brief("")
    assert brief_at(document.published, project) == ""
    with_brief(before)
    assert brief_at(document.published, project) == before
    assert document.published.source == text
    assert Idea.objects.live().filter(project=project).count() == 4


def test_brief_that_would_be_a_list_of_the_project_is_refused_at_its_field() -> None:
    document = received()
    project = Project.objects.get()
    asked = as_it_is(Month.objects.get())
    item = Asked(Kind.PROJECT, project, project.title, brief="Do:\n\n- [ ] this")
    asked.items.append(item)

    with pytest.raises(RefusedAt) as refused:
        save(document, asked)

    assert (refused.value.asked, refused.value.name) == (item, "brief")


def test_heading_is_reworded_unless_its_section_would_mean_something_else() -> None:
    document: Document = DocumentFactory.create()
    publish(document, BARE.replace("Keep all", "- Keep all"))
    section = Section.objects.get(title="Portfolio")
    asked = as_it_is(Month.objects.get())
    asked.items.append(Asked(Kind.SECTION, section, "What to keep"))

    save(document, asked)

    section.refresh_from_db()
    assert section.title == "What to keep"
    asked.items[-1].text = "Resources"
    with pytest.raises(RefusedAt):
        save(document, asked)


WORDS = st.text(st.sampled_from("ab *_`[]()#->1.é "), min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


@settings(
    max_examples=200 if os.environ.get("PROVE") else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_asked_parse_and_rows_agree(data: st.DataObject) -> None:
    document = DocumentFactory.create()
    files = [RECEIVED, *sorted(FOLDER.glob("month-*/README.md"))]
    publish(document, data.draw(st.sampled_from([BARE, *[file.read_bytes().decode() for file in files]])))
    for _round in range(data.draw(st.integers(1, 2))):
        month = document.months.get()
        asked = as_it_is(month)
        kept = {item.row for item in asked.items}
        change(data, asked)
        try:
            save(document, asked)
        except RefusedAt:
            agree(document)
            continue
        kept = {item.row for item in asked.items if item.row is not None and not item.removed}
        for row in kept:
            assert row is not None
            row.refresh_from_db()
            assert row.archived_at is None


def change(data: st.DataObject, asked: AskedMonth) -> None:
    """Reword, remove, add, move and reorder a few items, name things, and add what is the first of its kind."""
    for _number in range(data.draw(st.integers(1, 4))):
        items = [item for item in asked.items if not item.removed]
        if not items or data.draw(st.integers(0, 3)) == 0:
            change_month(data, asked)
        else:
            change_item(data, asked, data.draw(st.sampled_from(items)))


def change_item(data: st.DataObject, asked: AskedMonth, item: Asked) -> None:
    what = data.draw(st.sampled_from(["reword", "remove", "add", "move", "shift"]))
    if what == "reword":
        item.text = data.draw(WORDS)
    elif what == "remove" and item.kind is not Kind.WEEK:
        item.removed = True
    elif what == "add" and item.kind is not Kind.WEEK:
        new = Asked(item.kind, None, data.draw(WORDS), parent=item.parent, label=item.label)
        asked.items.insert(asked.items.index(item) + data.draw(st.integers(0, 1)), new)
    elif what == "move" and item.kind in (Kind.TASK, Kind.DELIVERABLE):
        weeks = [one.row for one in asked.items if one.kind is Kind.WEEK]
        item.parent = data.draw(st.sampled_from(weeks)) if weeks else item.parent
    elif what == "shift":
        asked.items.remove(item)
        asked.items.insert(data.draw(st.integers(0, len(asked.items))), item)


def change_month(data: st.DataObject, asked: AskedMonth) -> None:
    what = data.draw(st.sampled_from(["month", "week", "first", "brief"]))
    weeks = [item for item in asked.items if item.kind is Kind.WEEK]
    if what == "month":
        asked.label = data.draw(st.one_of(st.just("Month 9"), WORDS))
    elif what == "week" and weeks:
        data.draw(st.sampled_from(weeks)).label = data.draw(st.one_of(st.just("Week 9"), WORDS))
    elif what == "first":
        kind = data.draw(st.sampled_from(list(HOMES)))
        asked.items.append(Asked(kind, None, data.draw(WORDS)))
    elif what == "brief":
        project = Project.objects.live().filter(month=asked.month.pk).first()
        words = "\n".join(data.draw(st.lists(WORDS, max_size=3)))
        asked.items.append(Asked(Kind.PROJECT, project, project.title if project else "", brief=words))
