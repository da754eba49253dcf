"""What forms ask, as edits of a text: whatever is asked, parse and rows agree, and rows keep their identity."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curriculum.editing import Asked, AskedMonth, RefusedAt, drafted
from curriculum.markdown import Kind, parse
from curriculum.models import Criterion, Deliverable, Document, Month, Objective, Resource, Row, Task, Week
from curriculum.publication import publish
from curriculum.rows import wanted_rows
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, run
from tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db

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


WORDS = st.text(st.sampled_from("ab *_`[]()#->1.é "), min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_asked_parse_and_rows_agree(data: st.DataObject) -> None:
    document = DocumentFactory.create()
    file = data.draw(st.sampled_from([RECEIVED, *sorted(FOLDER.glob("month-*/README.md"))]))
    publish(document, Path(file).read_bytes().decode())
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
    """Reword, remove, add, move and reorder a few items."""
    for _number in range(data.draw(st.integers(1, 4))):
        items = [item for item in asked.items if not item.removed]
        item = data.draw(st.sampled_from(items))
        what = data.draw(st.sampled_from(["reword", "remove", "add", "move", "shift"]))
        if what == "reword":
            item.text = data.draw(WORDS)
        elif what == "remove" and item.kind is not Kind.WEEK:
            item.removed = True
        elif what == "add" and item.kind is not Kind.WEEK:
            new = Asked(item.kind, None, data.draw(WORDS), parent=item.parent, label=item.label)
            asked.items.insert(asked.items.index(item) + data.draw(st.integers(0, 1)), new)
        elif what == "move" and item.kind in (Kind.TASK, Kind.DELIVERABLE):
            item.parent = data.draw(
                st.sampled_from([one.row for one in asked.items if one.kind is Kind.WEEK])
            )
        elif what == "shift":
            asked.items.remove(item)
            asked.items.insert(data.draw(st.integers(0, len(asked.items))), item)
