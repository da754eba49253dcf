"""Who comes first: acts in threads against the real database, and what is lost once a guard is off."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection

from people.models import Membership
from progress import chain, record
from progress.models import Defence, Entry, EntryText
from progress.record import Stale
from progress.verification import Verification
from submissions.models import Version
from tests.progress.school import School, make_school

Act = Callable[[], Any]


@pytest.fixture
def school(transactional_db: None) -> School:
    return make_school()


def race(*acts: Act) -> list[Any]:
    """What each act returned or raised, when all began at the same moment."""
    start, ends = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Act) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            ends[index] = act()
        except (Stale, DatabaseError) as error:
            ends[index] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def two_mentors(school: School, seen: int = 0) -> tuple[Act, Act]:
    return (
        lambda: school.mark(decision="not_yet", note="Not for me.", seen=seen),
        lambda: school.mark(mentor=school.other_mentor, note="Fine for me.", seen=seen),
    )


def is_intact() -> bool:
    chains = [problem for problem in Verification().problems() if not problem.startswith("blob")]
    return chains == []


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting in turn: two writers read the chain before either writes.

    On SQLite the turn is the immediate transaction; where it still holds, the meeting does not take place.
    """
    met = threading.Barrier(2)
    digest_of = chain.digest_of

    def meet(entry: Entry) -> str:
        with suppress(threading.BrokenBarrierError):  # the other is waiting for its turn, or has ended
            met.wait(timeout=2)
        return digest_of(entry)

    monkeypatch.setattr(Membership, "lock", lambda learner: None)
    monkeypatch.setattr(chain, "digest_of", meet)


def test_race_of_two_mentors_shows_the_second_the_first_ones_mark(school: School) -> None:
    first, second = race(*two_mentors(school))
    won, lost = (first, second) if isinstance(first, Entry) else (second, first)
    assert isinstance(won, Entry)
    assert isinstance(lost, Stale)
    assert lost.entry == won
    assert lost.entry.note == won.note
    assert Entry.objects.count() == 1
    assert is_intact()


def test_race_without_what_was_seen_overrules_silently(school: School) -> None:
    """The control: two mentors decide, and neither learns of the other."""
    ends = race(*two_mentors(school, seen=10_000))
    assert all(isinstance(end, Entry) for end in ends)
    assert Entry.objects.filter(kind="mark").count() == 2


@pytest.mark.usefixtures("meeting")
def test_race_for_a_number_is_decided_by_the_database(school: School) -> None:
    first, second = race(*two_mentors(school))
    assert {type(first), type(second)} == {Entry, Stale}
    assert is_intact()


@pytest.mark.usefixtures("meeting")
def test_race_for_a_number_loses_a_mark_without_turns_and_tries(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without turns and without a second try, one of two texts ends in an error."""
    monkeypatch.setattr(record, "TRIES", 1)

    def deferred(act: Act) -> Act:
        def run() -> Any:
            if connection.vendor == "sqlite":
                setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010  # of this thread alone
            return act()

        return run

    ends = race(*map(deferred, two_mentors(school)))
    assert sum(isinstance(end, Entry) for end in ends) == 1
    assert sum(isinstance(end, DatabaseError) for end in ends) == 1
    assert EntryText.objects.filter(name="note").count() == 1


def test_race_for_the_last_two_criteria_completes_the_month_once(school: School) -> None:
    race(
        lambda: school.mark(0, seen=0),
        lambda: school.mark(1, mentor=school.other_mentor, seen=0),
    )
    assert school.kinds == ["met", "met", "complete"]
    assert is_intact()


def test_race_of_one_claim_sent_twice_leaves_one(school: School) -> None:
    first, second = race(school.claim, school.claim)
    assert first == second
    assert school.kinds == ["claim"]


def test_race_of_one_defence_sent_twice_leaves_one(school: School) -> None:
    key = uuid4()
    first, second = race(lambda: school.defend(key=key), lambda: school.defend(key=key))
    assert first == second
    assert Defence.objects.count() == 1
    assert school.kinds == ["defence"]


def test_race_of_a_claim_and_taking_its_evidence_back_ends_in_one_order(school: School) -> None:
    def take_back() -> Any:
        try:
            school.version.take_back()
        except Exception as error:  # a refusal is one of the two orders
            return error
        return None

    def claim() -> Any:
        try:
            return school.claim(version=Version.objects.get(pk=school.version.pk))
        except Exception as error:  # so is this one
            return error

    claimed, taken = race(claim, take_back)
    is_draft = Version.objects.get(pk=school.version.pk).is_draft
    assert is_draft == (taken is None)
    assert isinstance(claimed, Entry) == (not is_draft)
    assert is_intact()
