"""Holds: one mentor at a time, said to the others, and nobody kept out."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from submissions.models import HOLD_TIME, Held, Hold, Opening, Review, Submission
from tests.cast import Cast, make_cast
from tests.factories import mentor_of


def test_hold_keeps_the_second_mentor_out_until_it_ends(cast: Cast) -> None:
    submission, colleague = cast.hand_in().submission, mentor_of(cast.cohort)
    hold = Hold.objects.take(submission, cast.mentor)

    with pytest.raises(Held) as held:
        Hold.objects.take(submission, colleague)
    Hold.objects.update(until=timezone.now() - timedelta(seconds=1))
    taken = Hold.objects.take(submission, colleague)

    assert held.value.hold.mentor == cast.mentor
    assert hold.until - hold.since == pytest.approx(HOLD_TIME, abs=timedelta(seconds=5))
    assert taken.mentor == colleague


def test_hold_is_renewed_by_whoever_has_it_only(cast: Cast) -> None:
    submission, colleague = cast.hand_in().submission, mentor_of(cast.cohort)
    Hold.objects.take(submission, cast.mentor)
    soon = timezone.now() + timedelta(minutes=1)
    Hold.objects.update(until=soon)

    shown = Hold.objects.renew(submission, colleague)
    assert shown is not None
    assert (shown.mentor, shown.until) == (cast.mentor, soon)
    Hold.objects.renew(submission, cast.mentor)

    assert Hold.objects.get().until > soon


def test_hold_taken_over_leaves_the_draft_with_its_author(cast: Cast) -> None:
    version, colleague = cast.hand_in(), mentor_of(cast.cohort)
    Hold.objects.take(version.submission, cast.mentor)
    Review.objects.begin(version, cast.mentor)

    Hold.objects.take_over(version.submission, colleague)

    assert Hold.objects.get().mentor == colleague
    assert Review.objects.get().mentor == cast.mentor


def test_hold_released_by_another_stays(cast: Cast) -> None:
    submission = cast.hand_in().submission
    Hold.objects.take(submission, cast.mentor)

    Hold.objects.release(submission, mentor_of(cast.cohort))
    assert Hold.objects.exists()
    Hold.objects.release(submission, cast.mentor)
    assert not Hold.objects.exists()


def test_hold_is_for_mentors_of_the_cohort(cast: Cast) -> None:
    submission = cast.hand_in().submission

    for person in (cast.learner.user, cast.other_mentor, cast.admin):
        with pytest.raises(PermissionDenied):
            Hold.objects.take(submission, person)
        with pytest.raises(PermissionDenied):
            Hold.objects.take_over(submission, person)


def test_opening_begins_the_review_and_leads_to_the_page(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)

    answer = client.post(reverse("submissions:opening", args=[version.submission.uuid]))

    assert answer["Location"] == version.submission.get_absolute_url()
    assert Hold.objects.get().mentor == cast.mentor
    assert Opening.objects.get().version == version
    assert Review.objects.get().is_draft


def test_opening_of_what_another_holds_needs_taking_over(cast: Cast, client: Client) -> None:
    version, colleague = cast.hand_in(), mentor_of(cast.cohort)
    Hold.objects.take(version.submission, colleague)
    client.force_login(cast.mentor)
    url = reverse("submissions:opening", args=[version.submission.uuid])

    client.post(url)
    assert Hold.objects.get().mentor == colleague
    client.post(url, {"over": "yes"})
    assert Hold.objects.get().mentor == cast.mentor


@pytest.mark.parametrize(
    ("who", "status"), [("learner", 403), ("fellow", 404), ("other_mentor", 404), ("admin", 404)]
)
def test_opening_and_hold_refuse_all_but_mentors(cast: Cast, client: Client, who: str, status: int) -> None:
    version = cast.hand_in()
    person = getattr(cast, who)
    client.force_login(getattr(person, "user", person))

    for name in ("opening", "hold"):
        url = reverse(f"submissions:{name}", args=[version.submission.uuid])
        assert client.post(url, {"state": "taken"}).status_code == status
        assert client.get(url).status_code == 405

    assert not Hold.objects.exists()
    assert not Opening.objects.exists()


@pytest.mark.parametrize("number", ["0", "7", "x", "²", "9" * 30])
def test_opening_of_a_version_that_is_not_there(cast: Cast, client: Client, number: str) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)

    url = reverse("submissions:opening", args=[version.submission.uuid])

    assert client.post(url, {"version": number}).status_code == 404
    assert not Hold.objects.exists()


def test_hold_renewal_after_a_takeover_says_who_has_it(cast: Cast, client: Client) -> None:
    version, colleague = cast.hand_in(), mentor_of(cast.cohort, name="Sofia Marques")
    Hold.objects.take(version.submission, colleague)
    client.force_login(cast.mentor)

    url = reverse("submissions:hold", args=[version.submission.uuid])
    answer = client.post(url, {"state": "renewed"}, headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert "Sofia Marques is reviewing until" in answer.text
    assert client.post(url, {"state": "mine"}).status_code == 400


def both(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, begun at the same moment."""
    start = threading.Barrier(len(acts))
    ends: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            ends[index] = act()
        except Held as held:
            ends[index] = held
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def test_race_of_two_mentors_gives_one_of_them_the_hold(transactional_db: None) -> None:
    cast = make_cast()
    submission, colleague = cast.hand_in().submission, mentor_of(cast.cohort)
    Hold.objects.create(submission=submission, mentor=colleague, until=timezone.now() - timedelta(hours=1))

    ends = both(
        lambda: Hold.objects.take(submission, cast.mentor), lambda: Hold.objects.take(submission, colleague)
    )

    assert sorted(type(end).__name__ for end in ends) == ["Held", "Hold"]


def test_race_of_two_mentors_who_only_look_first_gives_it_to_both(transactional_db: None) -> None:
    """The control: without the one conditional write, both look, find it free and believe that it is theirs."""
    cast = make_cast()
    submission, colleague = cast.hand_in().submission, mentor_of(cast.cohort)
    looked = threading.Barrier(2)

    def look_then_write(mentor: User) -> Hold:
        held = Submission.objects.select_related("hold").get(pk=submission.pk).running_hold
        looked.wait(timeout=10)
        if held:
            raise Held(held)
        until = timezone.now() + HOLD_TIME
        hold, _made = Hold.objects.update_or_create(
            submission=submission, defaults={"mentor": mentor, "until": until}
        )
        return hold

    ends = both(lambda: look_then_write(cast.mentor), lambda: look_then_write(colleague))

    assert [type(end) for end in ends] == [Hold, Hold]
