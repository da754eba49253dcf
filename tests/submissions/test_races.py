"""Handing in, from two windows or by two people at once; and what goes wrong once a guard is off."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any

import pytest

from people.models import User
from submissions.models import Blob, File, Submission, Version
from tests.cast import make_cast
from tests.submissions.sending import as_user, at, fields, send
from tests.turns import at_once, interleaved, take_no_rows


def no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for another who is at the same version: neither for its rows nor for a transaction."""
    take_no_rows(monkeypatch)
    monkeypatch.setattr("submissions.models.version.transaction", SimpleNamespace(atomic=nullcontext))


def clicks(user: User, place: str, sent: dict[str, Any], times: int) -> list[Callable[[], int]]:
    """The same form sent from so many windows."""
    return [
        partial(lambda client: client.post(place, sent).status_code, as_user(user)) for _n in range(times)
    ]


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_gives_one_version() -> None:
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    place = at("submission_submit", submission.uuid)
    assert at_once(*clicks(cast.learner.user, place, fields(text="Done"), 4)) == [302] * 4
    assert [version.number for version in submission.versions.all()] == [1]


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_without_taking_turns_gives_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the race above: both clicks have looked before the first is done."""
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    gate, done, begin = Barrier(2), Event(), Submission.start_draft

    def begin_late(late: Submission) -> Version:
        if gate.wait(10):
            done.wait(10)
        return begin(late)

    def click(act: Callable[[], int]) -> int:
        status = act()
        done.set()
        return status

    monkeypatch.setattr("submissions.views.work.transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(Submission, "lock", lambda row: row)
    monkeypatch.setattr(Submission, "start_draft", begin_late)
    place = at("submission_submit", submission.uuid)
    at_once(*(partial(click, act) for act in clicks(cast.learner.user, place, fields(text="Done"), 2)))
    assert submission.versions.submitted().count() == 2


@pytest.mark.django_db(transaction=True)
def test_start_at_once_makes_one_submission() -> None:
    cast = make_cast()
    place, sent = at("start", cast.learner.uuid), {"deliverable": str(cast.deliverable.uuid)}
    assert at_once(*clicks(cast.learner.user, place, sent, 4)) == [302] * 4
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_opening_at_once_never_both_succeed() -> None:
    cast = make_cast()
    for turn in range(5):
        version = cast.hand_in(text=f"# {turn}")
        at_once(version.take_back, partial(Version.objects.get(pk=version.pk).open_for, cast.mentor))
        now = Version.objects.get(pk=version.pk)
        assert now.is_draft != now.openings.exists()
        if now.is_draft:
            now.submit()


def taken_back_while_opened() -> tuple[bool, bool]:
    """Whether the version was taken back, and whether it was opened, when both came in the same moment."""
    cast = make_cast()
    version = cast.hand_in()
    opening = partial(Version.objects.get(pk=version.pk).open_for, cast.mentor)
    interleaved(opening, 'SELECT "submissions_opening"', version.take_back)
    now = Version.objects.get(pk=version.pk)
    return now.is_draft, now.openings.exists()


@pytest.mark.django_db(transaction=True)
def test_taking_back_while_it_is_opened_is_refused() -> None:
    assert taken_back_while_opened() == (False, True)


@pytest.mark.django_db(transaction=True)
def test_taking_back_while_it_is_opened_without_taking_turns_is_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each has looked before the other is done, and the mentor reads what is a draft again."""
    no_turns(monkeypatch)
    assert taken_back_while_opened() == (True, True)


@pytest.mark.django_db(transaction=True)
def test_uploads_at_once_do_not_pass_the_quota(settings: Any) -> None:
    settings.LEARNER_QUOTA = 1000
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    submission.start_draft()
    acts = [
        partial(send, as_user(cast.learner.user), submission, (f"{n}.md", str(n).encode() * 600))
        for n in range(4)
    ]
    answers = at_once(*acts)
    assert sorted(getattr(answer, "status_code", answer) for answer in answers) == [200, 422, 422, 422]
    assert File.objects.of_learner(cast.learner).size() == 600


def kept_of_two_uploads(settings: Any) -> int:
    """Bytes that a learner has when of two uploads each fits in the quota alone, and both came together."""
    settings.LEARNER_QUOTA = 1000
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    submission.start_draft()
    first, second = (
        partial(send, as_user(cast.learner.user), submission, (f"{n}.md", b"x" * 600)) for n in "ab"
    )
    interleaved(first, 'INSERT INTO "submissions_file"', second)
    return File.objects.of_learner(cast.learner).size()


@pytest.mark.django_db(transaction=True)
def test_upload_while_another_is_written_does_not_pass_the_quota(settings: Any) -> None:
    assert kept_of_two_uploads(settings) == 600


@pytest.mark.django_db(transaction=True)
def test_upload_while_another_is_written_without_taking_turns_passes_the_quota(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have found room before either takes it."""
    no_turns(monkeypatch)
    assert kept_of_two_uploads(settings) == 1200


@pytest.mark.django_db(transaction=True)
def test_same_bytes_at_once_are_one_blob() -> None:
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    submission.start_draft()
    acts = [partial(send, as_user(cast.learner.user), submission, (f"{n}.md", b"same")) for n in range(4)]
    assert [getattr(answer, "status_code", answer) for answer in at_once(*acts)] == [200] * 4
    assert (File.objects.count(), Blob.objects.count()) == (4, 1)
