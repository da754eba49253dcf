"""Ticks from several tabs at once: they end as if one had come after the other; and what is lost without that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Task
from people.models import Membership
from progress.models import Completion, CompletionQuerySet
from tests.cast import Cast, make_cast
from tests.turns import at_once, interleaved

INSERT, UPDATE, DELETE = 'INSERT INTO "progress_', 'UPDATE "progress_', 'DELETE FROM "progress_'
"""How the statements begin that write completions."""


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for another who is at the same learner's ticks."""

    @contextmanager
    def turn(rows: CompletionQuerySet, learner: Membership, task: Task) -> Iterator[Completion | None]:
        yield rows.filter(learner=learner, task=task).first()

    monkeypatch.setattr(CompletionQuerySet, "turn", turn)


def tab(cast: Cast, name: str, **form: str) -> Callable[[], int]:
    """A form that is sent from a window of its own; its status."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.learner.user)
    place = reverse(f"progress:{name}", args=[cast.learner.uuid, cast.task.uuid])
    return lambda: client.post(place, form, headers={"HX-Request": "true"}).status_code


def tick(cast: Cast) -> Callable[[], int]:
    return tab(cast, "completion", done="yes")


def untick(cast: Cast) -> Callable[[], int]:
    return tab(cast, "completion", done="no")


def note(cast: Cast, text: str) -> Callable[[], int]:
    return tab(cast, "completion_note", note=text)


def state() -> tuple[bool, str] | None:
    """Whether the task is ticked, and its note; None without a row."""
    row = Completion.objects.first()
    return (row.done_at is not None, row.note) if row else None


def test_ticks_at_once_are_one_row_at_one_time(cast: Cast) -> None:
    def tick_and_look(act: Callable[[], int]) -> datetime | None:
        assert act() == 200
        return Completion.objects.get().done_at

    times = at_once(*(partial(tick_and_look, tick(cast)) for _tab in range(4)))

    assert times == [Completion.objects.get().done_at] * 4


def test_ticks_at_once_leave_the_first_ones_time(cast: Cast) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    Completion.objects.create(learner=cast.learner, task=cast.task, done_at=hour_ago)

    assert at_once(*(tick(cast) for _tab in range(4))) == [200] * 4
    assert Completion.objects.get().done_at == hour_ago


def test_ticks_that_look_first_and_then_write_fail(cast: Cast) -> None:
    """The control: the second tab finds no row, as the first did, and its own cannot be there beside it."""

    def look_then_write() -> None:
        if not Completion.objects.filter(learner=cast.learner, task=cast.task).exists():
            Completion.objects.create(learner=cast.learner, task=cast.task, done_at=timezone.now())

    ends = interleaved(look_then_write, INSERT, look_then_write)

    assert [type(end) for end in ends if end] == [IntegrityError]


def test_ticks_that_just_write_move_the_first_ones_time(cast: Cast) -> None:
    """The control of the time: what is not asked for first is overwritten."""
    hour_ago = timezone.now() - timedelta(hours=1)
    key: dict[str, Any] = {"learner": cast.learner, "task": cast.task}
    Completion.objects.create(**key, done_at=hour_ago)

    at_once(lambda: Completion.objects.update_or_create(**key, defaults={"done_at": timezone.now()}))

    assert Completion.objects.get().done_at != hour_ago


def tick_while_the_note_is_taken_away(cast: Cast) -> list[int]:
    Completion.objects.create(learner=cast.learner, task=cast.task, note="For later.")
    return interleaved(tick(cast), UPDATE, note(cast, ""))


def test_tick_while_the_note_is_taken_away_stays(cast: Cast) -> None:
    assert tick_while_the_note_is_taken_away(cast) == [200, 200]
    assert state() == (True, "")


@pytest.mark.usefixtures("no_turns")
def test_tick_while_the_note_is_taken_away_is_lost_without_taking_turns(cast: Cast) -> None:
    """The control: the tick has found the row that the other takes away."""
    tick_while_the_note_is_taken_away(cast)
    assert state() is None


def untick_while_a_note_is_written(cast: Cast) -> list[int]:
    Completion.objects.tick(cast.learner, cast.task)
    return interleaved(untick(cast), DELETE, note(cast, "Not yet."))


def test_untick_while_a_note_is_written_stays(cast: Cast) -> None:
    assert untick_while_a_note_is_written(cast) == [200, 200]
    assert state() == (False, "Not yet.")


@pytest.mark.usefixtures("no_turns")
def test_untick_while_a_note_is_written_loses_one_without_taking_turns(cast: Cast) -> None:
    """The control: the untick has found a row without a note, and takes it away with the note."""
    untick_while_a_note_is_written(cast)
    assert state() is None


def untick_while_the_note_is_taken_away(cast: Cast) -> list[int]:
    Completion.objects.create(learner=cast.learner, task=cast.task, note="For later.", done_at=timezone.now())
    return interleaved(note(cast, ""), UPDATE, untick(cast))


def test_untick_while_the_note_is_taken_away_leaves_nothing(cast: Cast) -> None:
    assert untick_while_the_note_is_taken_away(cast) == [200, 200]
    assert state() is None


@pytest.mark.usefixtures("no_turns")
def test_untick_while_the_note_is_taken_away_fails_without_taking_turns(cast: Cast) -> None:
    """The control: what is left is a row that says nothing, which the database refuses."""
    assert untick_while_the_note_is_taken_away(cast) == [500, 200]
