"""Ticks: they state their target, keep their notes, and belong to one learner."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Task
from people.models import Membership
from progress.models import Completion
from tests.cast import Cast, make_cast

HTMX = {"HX-Request": "true"}


def url(cast: Cast, name: str = "completion", learner: Membership | None = None) -> str:
    return reverse(f"progress:{name}", args=[(learner or cast.learner).uuid, cast.task.uuid])


@pytest.fixture
def client_of(client: Client, cast: Cast) -> Client:
    client.force_login(cast.learner.user)
    return client


def test_tick_is_kept_and_shown(client_of: Client, cast: Cast) -> None:
    answer = client_of.post(url(cast), {"done": "yes"}, headers=HTMX)

    assert 'aria-checked="true"' in answer.text
    assert Completion.objects.done().get().task == cast.task


def test_tick_twice_is_one_tick_at_its_first_time(client_of: Client, cast: Cast) -> None:
    client_of.post(url(cast), {"done": "yes"}, headers=HTMX)
    first = Completion.objects.get().done_at
    client_of.post(url(cast), {"done": "yes"}, headers=HTMX)

    assert Completion.objects.get().done_at == first


def test_untick_takes_the_row_away(client_of: Client, cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    client_of.post(url(cast), {"done": "no"}, headers=HTMX)
    client_of.post(url(cast), {"done": "no"}, headers=HTMX)

    assert not Completion.objects.exists()


def test_untick_keeps_the_note(client_of: Client, cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    client_of.post(url(cast, "completion_note"), {"note": "See section 3."}, headers=HTMX)
    client_of.post(url(cast), {"done": "no"}, headers=HTMX)

    row = Completion.objects.get()
    assert (row.done_at, row.note) == (None, "See section 3.")


def test_note_leaves_the_tick_alone(client_of: Client, cast: Cast) -> None:
    client_of.post(url(cast, "completion_note"), {"note": "First thoughts."}, headers=HTMX)
    assert not Completion.objects.done().exists()

    client_of.post(url(cast), {"done": "yes"}, headers=HTMX)
    client_of.post(url(cast, "completion_note"), {"note": ""}, headers=HTMX)
    row = Completion.objects.get()
    assert row.done_at
    assert row.note == ""


def test_form_without_script_returns_to_the_task(client_of: Client, cast: Cast) -> None:
    answer = client_of.post(url(cast), {"done": "yes"})

    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{month}#task-{cast.task.uuid}"


@pytest.mark.parametrize("data", [{}, {"done": "toggle"}, {"done": ""}])
def test_a_target_that_is_none_changes_nothing(client_of: Client, cast: Cast, data: dict[str, str]) -> None:
    Completion.objects.tick(cast.learner, cast.task)

    assert client_of.post(url(cast), data, headers=HTMX).status_code == 400
    assert Completion.objects.done().exists()


@pytest.mark.parametrize("note", ["x" * 2001, "a\x00b"])
def test_a_note_that_cannot_be_kept_is_shown_again(client_of: Client, cast: Cast, note: str) -> None:
    answer = client_of.post(url(cast, "completion_note"), {"note": note}, headers=HTMX)

    assert answer.status_code == 422
    assert note.replace("\x00", "") in answer.text.replace("\x00", "")
    assert not Completion.objects.exists()


def test_a_note_that_is_too_long_says_by_how_much(client_of: Client, cast: Cast) -> None:
    answer = client_of.post(url(cast, "completion_note"), {"note": "x" * 2001}, headers=HTMX)
    assert "This note has 2001 characters and was not saved; at most 2000 are kept." in answer.text
    assert "x" * 2001 in answer.text


def test_a_long_note_is_folded_and_a_short_one_is_not(client_of: Client, cast: Cast) -> None:
    long = client_of.post(url(cast, "completion_note"), {"note": "Forty words. " * 40}, headers=HTMX)
    short = client_of.post(url(cast, "completion_note"), {"note": "Forty words."}, headers=HTMX)
    assert '<details class="noted">' in long.text
    assert '<details class="noted">' not in short.text
    assert '<p class="noted">Forty words.</p>' in short.text


def test_a_note_that_cannot_be_kept_has_a_page_without_script(client_of: Client, cast: Cast) -> None:
    answer = client_of.post(url(cast, "completion_note"), {"note": "x" * 2001})

    assert answer.status_code == 422
    assert "x" * 2001 in answer.text
    assert "Skip to the page" in answer.text


def test_note_of_another_window_is_not_overwritten_unseen(client_of: Client, cast: Cast) -> None:
    note = url(cast, "completion_note")
    client_of.post(note, {"note": "three paragraphs", "seen": ""}, headers=HTMX)
    answer = client_of.post(note, {"note": "short", "seen": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "changed in another window meanwhile: “three paragraphs”" in answer.text
    assert ">short</textarea>" in answer.text
    assert Completion.objects.get().note == "three paragraphs"
    # Whoever saves again has read it; and the same words twice are no conflict.
    seen = answer.text.split('name="seen" value="')[1].split('"')[0]
    for _again in range(2):
        assert client_of.post(note, {"note": "short", "seen": seen}, headers=HTMX).status_code == 200
    assert Completion.objects.get().note == "short"


def test_ticks_of_removed_tasks_are_not_counted_on_the_path(client_of: Client, cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    path = reverse("progress:path")
    assert re.findall(r">1</span> of \d+ tasks", client_of.get(path).text)
    Task.objects.filter(pk=cast.task.pk).update(archived_at=timezone.now())
    assert not re.findall(r">1</span> of \d+ tasks", client_of.get(path).text)


def test_extra_fields_change_nothing(client_of: Client, cast: Cast) -> None:
    extra = {"done": "yes", "learner": cast.fellow.pk, "note": "sneaked in", "done_at": "2001-01-01"}
    client_of.post(url(cast), extra, headers=HTMX)

    row = Completion.objects.get()
    assert (row.learner, row.note) == (cast.learner, "")
    assert row.done_at
    assert row.done_at > timezone.now() - timedelta(minutes=1)


def test_nobody_ticks_for_somebody_else(client: Client, cast: Cast) -> None:
    expected: list[tuple[Any, int]] = [
        (cast.fellow.user, 404),
        (cast.mentor, 403),
        (cast.other_mentor, 404),
        (cast.admin, 404),
    ]
    for user, status in expected:
        client.force_login(user)
        assert client.post(url(cast), {"done": "yes"}).status_code == status
    assert not Completion.objects.exists()


def test_a_task_of_another_curriculum_is_not_there(client_of: Client, cast: Cast) -> None:

    other = make_cast()
    address = reverse("progress:completion", args=[cast.learner.uuid, other.task.uuid])

    assert client_of.post(address, {"done": "yes"}).status_code == 404


def test_an_ended_membership_ticks_no_more(client_of: Client, cast: Cast) -> None:
    cast.learner.end()

    assert client_of.post(url(cast), {"done": "yes"}).status_code == 404
    assert not Completion.objects.exists()


def test_the_table_holds_one_row_a_task_and_none_that_says_nothing(cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    with pytest.raises(IntegrityError), transaction.atomic():
        Completion.objects.create(learner=cast.learner, task=cast.task, done_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Completion.objects.create(learner=cast.fellow, task=cast.task)
