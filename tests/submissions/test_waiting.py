"""Since when work waits is kept beside it, and says what its versions and reviews say, whatever was done last."""

import random
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from submissions.models import Newer, Review, State, Submission, Version
from tests.cast import Cast


def derived(work: Submission) -> object:
    """Since when it waits, by its rows."""
    row = Submission.objects.with_state().get(pk=work.pk)
    return row.waiting_since if row.state == State.WAITING else None


def kept(work: Submission) -> object:
    return Submission.objects.get(pk=work.pk).queued_at


ACTS = ("submit", "take back", "accept", "changes", "comment", "withdraw")


def act(cast: Cast, work: Submission, name: str, dice: random.Random) -> None:
    """Something that a learner or a mentor does to it, if it can be done now."""
    reviews = list(Review.objects.counted().filter(version__submission=work))
    versions = list(Version.objects.submitted().filter(submission=work))
    if name == "submit":
        cast.hand_in(text=f"# Work {dice.random()}")
    elif name == "take back" and versions:
        versions[-1].take_back()
    elif name == "withdraw" and reviews:
        dice.choice(reviews).withdraw(cast.mentor, "A mistake.")
    elif name in ("accept", "changes", "comment") and versions:
        draft = Review(version=dice.choice(versions), mentor=cast.mentor, summary="Well said.")
        draft.save()
        draft.publish(name, here=True)


@pytest.mark.parametrize("seed", range(8))
def test_queue_says_what_the_rows_say_after_whatever_was_done(cast: Cast, db: None, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # no secret: the same acts each time
    work = cast.hand_in().submission
    waited = set()
    for _act in range(14):
        with suppress(ValidationError, PermissionDenied, Newer):
            act(cast, work, dice.choice(ACTS), dice)
        assert kept(work) == derived(work)
        waited.add(kept(work) is not None)
    assert waited == {True, False}


def test_queue_can_be_found_anew_from_the_rows(cast: Cast, db: None) -> None:
    work = cast.hand_in().submission
    since = kept(work)
    Submission.objects.update(queued_at=None)
    Submission.objects.requeue()
    assert kept(work) == since
    Submission.objects.update(queued_at=timezone.now())
    Submission.objects.requeue()
    assert kept(work) == since
