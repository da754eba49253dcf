"""New words of a task that was ticked: shown beside it until its learner has seen them."""

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.models import Task
from curriculum.wording import Stretch, difference, difference_of_markdown
from progress.models import Completion, print_of
from tests.cast import Cast

HTMX = {"HX-Request": "true"}
OLD = "Read chapter one and write a page"


@pytest.fixture
def task(cast: Cast) -> Task:
    """Ticked when it said `OLD`."""
    Task.objects.filter(pk=cast.task.pk).update(text=OLD)
    cast.task.refresh_from_db()
    Completion.objects.tick(cast.learner, cast.task)
    Task.objects.filter(pk=cast.task.pk).update(text="Task 1.1")
    cast.task.refresh_from_db()
    return cast.task


def page(client: Client, cast: Cast, name: str = "month") -> str:
    own = cast.learner.uuid
    places = {"month": reverse("progress:month_detail", args=[own, cast.month.slug]), "path": "/path/"}
    return client.get(places[name]).text


def seen(client: Client, cast: Cast, task: Task, words: str) -> str:
    place = reverse("progress:wording", args=[cast.learner.uuid, task.uuid])
    return client.post(place, {"seen": print_of(words)}, headers=HTMX).text


@pytest.mark.parametrize("name", ["month", "path"])
def test_new_words_are_shown_until_they_were_seen(client: Client, cast: Cast, task: Task, name: str) -> None:
    client.force_login(cast.learner.user)
    assert "Wording changed" in page(client, cast, name)
    assert f"<del>{OLD}</del> <ins>Task 1.1</ins>" in page(client, cast, name)
    assert "Wording changed" not in seen(client, cast, task, "Task 1.1")
    assert "Wording changed" not in page(client, cast, name)
    row = Completion.objects.get()
    assert row.done_at
    assert (row.words, row.seen) == (OLD, "Task 1.1")


def test_words_that_came_meanwhile_are_not_seen(client: Client, cast: Cast, task: Task) -> None:
    client.force_login(cast.learner.user)
    assert "Wording changed" in seen(client, cast, task, "What the page said an hour ago")
    assert Completion.objects.get().seen == ""


def test_newer_words_are_compared_with_those_that_were_seen(client: Client, cast: Cast, task: Task) -> None:
    client.force_login(cast.learner.user)
    Completion.objects.update(seen="Task 1.0")
    for name in ("month", "path"):
        assert "<del>1.0</del> <ins>1.1</ins>" in page(client, cast, name)


def test_note_alone_shows_new_words_too_and_keeps_its_own(client: Client, cast: Cast, task: Task) -> None:
    Completion.objects.note(cast.learner, task, "Half done.")
    Completion.objects.untick(cast.learner, task)
    client.force_login(cast.learner.user)
    assert "Wording changed" in page(client, cast)
    Completion.objects.note(cast.learner, task, "Nearly done.")
    assert Completion.objects.get().words == OLD
    Completion.objects.tick(cast.learner, task)
    assert Completion.objects.get().words == "Task 1.1"
    assert "Wording changed" not in page(client, cast)


@pytest.mark.parametrize("name", ["month", "path"])
@pytest.mark.parametrize("words", ["", "Task 1.1"])
def test_same_words_and_unknown_ones_are_nothing_new(
    client: Client, cast: Cast, task: Task, name: str, words: str
) -> None:
    Completion.objects.update(words=words)
    client.force_login(cast.learner.user)
    assert "Wording changed" not in page(client, cast, name)


def test_mentor_sees_the_difference_and_cannot_say_that_it_was_seen(
    client: Client, cast: Cast, task: Task
) -> None:
    client.force_login(cast.mentor)
    shown = page(client, cast)
    assert "Wording changed" in shown
    assert "/wording/" not in shown


@pytest.mark.pure
@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Read one", "Read two", "Read [-one][+two]"),
        ("Read it", "Read it twice", "Read it [+twice]"),
        ("Read it now", "Read now", "Read [-it ]now"),
        ("", "Read", "[+Read]"),
        ("Same", "Same", "Same"),
    ],
)
def test_difference_is_told_word_by_word(old: str, new: str, shown: str) -> None:
    found = difference(old, new)
    assert "".join(part.text for part in found if part.kind != "removed") == new
    marks = {"same": "{}", "added": "[+{}]", "removed": "[-{}]"}
    told = "".join(marks[part.kind].format(part.text) for part in found)
    assert told == shown


@pytest.mark.pure
def test_difference_of_marks_alone_is_shown_as_it_is_written() -> None:
    assert difference_of_markdown("Read **it**", "Read it")[-2:] == (
        Stretch("removed", "**it**"),
        Stretch("added", "it"),
    )
    assert difference_of_markdown("[Read](https://a.example)", "[Write](https://b.example)") == (
        Stretch("removed", "Read"),
        Stretch("added", "Write"),
    )
