"""What somebody writes while they are being erased: a request that was let in before leaves nothing behind."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, transaction

from people.models import Membership, User
from progress import record
from progress.erasing import OnePerson
from progress.models import Completion
from submissions import store
from submissions.models import Said, Submission, Thread
from tests.cast import Cast, make_cast
from tests.progress.secret import SECRET, erase, everything
from tests.routes import undone
from tests.turns import interleaved

REFUSALS = (PermissionDenied, ObjectDoesNotExist, IntegrityError)
"""The last is the database's own: an erased account has no name."""
Act = Callable[[], Any]


def acts_of(cast: Cast) -> dict[str, Act]:
    """What the learner is about to write, from what a request has looked up already."""
    learner, person = cast.learner, cast.learner.user
    handed_in, draft = cast.hand_in(), Submission.objects.create(learner=learner, project=cast.project)
    begun = draft.start_draft()

    def begin_again() -> None:
        handed_in.submission.start_draft().save_draft(SECRET, "", "", 0)

    def upload() -> None:
        begun.add_file(f"{SECRET}.txt", store.receive([b"Words"], 100))

    def rename() -> None:
        person.name = SECRET
        person.save(update_fields=["name"])

    return {
        "note": partial(Completion.objects.note, learner, cast.task, SECRET),
        "tick": partial(Completion.objects.tick, learner, cast.task),
        "draft": partial(begun.save_draft, SECRET, "", "", begun.revision),
        "next draft": begin_again,
        "file": upload,
        "system": partial(draft.choose_system, None, SECRET),
        "question": partial(Thread.objects.open, handed_in, person, Said(SECRET, uuid4())),
        "claim": partial(record.claim, learner, cast.criteria[0], person, SECRET),
        "name": rename,
    }


def left() -> bool:
    """Whether any table of ours has what was written."""
    return SECRET in everything()


def test_everything_is_written_where_nobody_is_erased(cast: Cast) -> None:
    for act in acts_of(cast).values():
        act()
    assert everything().count(SECRET) >= 7


def test_nothing_is_written_once_somebody_is_erased(cast: Cast) -> None:
    acts = acts_of(cast)
    erase(cast.learner.user, cast.admin)
    for act in acts.values():
        with pytest.raises(REFUSALS), transaction.atomic():
            act()
    assert not left()
    assert not Completion.objects.filter(learner=cast.learner).exists()
    assert not OnePerson(User.objects.get(pk=cast.learner.user_id)).shown


def test_second_look_is_what_refuses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control, with the guard off."""
    acts = acts_of(cast)
    erase(cast.learner.user, cast.admin)
    monkeypatch.setattr(Membership, "require_running", lambda learner: None)
    for name in ("note", "next draft", "system", "question"):
        with undone():
            acts[name]()
            assert left(), name


LATE = {
    "note": 'SELECT "people_membership"',
    "question": 'SELECT "submissions_submission"',
    "next draft": 'SELECT "submissions_submission"',
}
"""Before which of its statements a writing is overtaken."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", LATE)
def test_race_of_erasing_that_overtakes_leaves_nothing(name: str) -> None:
    cast = make_cast()
    act = acts_of(cast)[name]
    _written, erased = interleaved(act, LATE[name], partial(erase, cast.learner.user, cast.admin))
    assert not isinstance(erased, Exception)
    assert not left()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["note", "question"])
def test_race_of_writing_that_waits_for_erasing_leaves_nothing(name: str) -> None:
    """What it waits for was taken before the membership ended: it has to look again."""
    cast = make_cast()
    act = acts_of(cast)[name]
    erasing = partial(erase, cast.learner.user, cast.admin)
    erased, written = interleaved(erasing, 'UPDATE "people_user"', act)
    assert not isinstance(erased, Exception)
    assert isinstance(written, REFUSALS)
    assert not left()
