"""A mentor who leaves or is away: whose turn it is then, their drafts and their holds."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Absence, Invitation, Membership, User
from submissions.models import Hold, Review, Said, Submission, Thread, Version
from submissions.succession import replace
from tests.cast import Cast
from tests.factories import MembershipFactory, mentor_of


@pytest.fixture
def sofia(cast: Cast) -> User:
    """Another mentor of the cohort."""
    return mentor_of(cast.cohort, name="Sofia Berg")


def away(cast: Cast, stand_in: User, **fields: Any) -> Absence:
    """Tomas is away from today on."""
    today = cast.cohort.today()
    days: dict[str, Any] = {"first": today, "last": today + timedelta(3)}
    membership = Membership.objects.get(user=cast.mentor, cohort=cast.cohort)
    return Absence.objects.create(membership=membership, stand_in=stand_in, **(days | fields))


def turn(version: Version) -> int | None:
    return Submission.objects.with_turn().get(pk=version.submission_id).turn_of


def begun(version: Version, mentor: User) -> Review:
    """A draft with a comment, by a mentor who holds the work."""
    Hold.objects.take(version.submission, mentor)
    review = Review.objects.begin(version, mentor)
    Thread.objects.open(version, mentor, Said("Name the queue.", uuid4(), "must"), review)
    review.save_draft("changes", "So far so good.", review.revision)
    return review


def test_turn_of_who_is_away_goes_to_the_stand_in_while_it_lasts(cast: Cast, sofia: User) -> None:
    own, reviewed = cast.hand_in(), cast.hand_in(cast.fellow)
    Review.objects.begin(reviewed, cast.mentor).publish(Review.Verdict.CHANGES)
    again = cast.hand_in(cast.fellow)
    assert (turn(own), turn(again)) == (cast.mentor.pk, cast.mentor.pk)
    absence = away(cast, sofia)
    assert (turn(own), turn(again)) == (sofia.pk, sofia.pk)
    mine = {row.pk: row.mine for row in Submission.objects.waiting_for(sofia)}
    assert mine == {own.submission_id: True, again.submission_id: True}
    assert not any(row.mine for row in Submission.objects.waiting_for(cast.mentor))
    absence.finish()
    assert (turn(own), turn(again)) == (cast.mentor.pk, cast.mentor.pk)
    tomorrow = cast.cohort.today() + timedelta(1)
    away(cast, sofia, first=tomorrow)
    assert turn(own) == cast.mentor.pk


def test_stand_in_who_left_stands_in_no_more(cast: Cast, sofia: User) -> None:
    own = cast.hand_in()
    away(cast, sofia)
    sofia.memberships.get().end()
    assert turn(own) == cast.mentor.pk


def test_absence_from_one_cohort_is_none_from_another(cast: Cast, sofia: User) -> None:
    MembershipFactory.create(cohort=cast.other_cohort, user=cast.mentor, role=Membership.Role.MENTOR)
    cast.stranger.mentor = cast.mentor
    cast.stranger.save()
    there = cast.hand_in(cast.stranger)
    away(cast, sofia)
    assert turn(there) == cast.mentor.pk


def test_learner_and_mentors_read_who_stands_in(client: Client, cast: Cast, sofia: User) -> None:
    version = cast.hand_in()
    page = version.submission.get_absolute_url()
    until = away(cast, sofia).last
    day = date_format(until, "j F")
    client.force_login(cast.learner.user)
    assert f"With Sofia Berg (for Tomas Lindqvist, until {day})" in client.get(page).text
    path = client.get("/path/").text
    assert f"With Sofia (for Tomas, until {day})" in path
    assert f"mentor Tomas Lindqvist (away until {day}, Sofia Berg stands in)" in path
    client.force_login(sofia)
    assert f"Your turn (for Tomas Lindqvist, until {day})" in client.get(page).text
    assert "1 waits for you" in client.get("/desk/").text
    client.force_login(cast.mentor)
    assert f"With Sofia Berg (for Tomas Lindqvist, until {day})" in client.get(page).text
    Absence.objects.all().delete()
    client.force_login(cast.learner.user)
    assert "With Tomas Lindqvist<" in client.get(page).text
    assert "away until" not in client.get("/path/").text


def test_waiting_is_with_who_answers_now_not_with_who_left(client: Client, cast: Cast, sofia: User) -> None:
    Review.objects.begin(cast.hand_in(), sofia).publish(Review.Verdict.CHANGES)
    cast.hand_in()
    client.force_login(cast.learner.user)
    assert "With Sofia" in client.get("/path/").text
    sofia.memberships.get().end()
    assert "With Tomas" in client.get("/path/").text


def test_draft_of_who_is_away_or_left_is_taken_over_with_its_comments(
    client: Client, cast: Cast, sofia: User
) -> None:
    review = begun(cast.hand_in(), cast.mentor)
    page, url = (
        review.version.submission.get_absolute_url(),
        reverse("submissions:review_take_over", args=[review.uuid]),
    )
    client.force_login(sofia)
    assert url not in client.get(page).text
    assert client.post(url).status_code == 404  # its mentor is there
    away(cast, cast.other_mentor)  # away is away, whoever was named
    assert url in client.get(page).text
    assert "So far so good." not in client.get(page).text
    for person in (cast.learner.user, cast.fellow.user, cast.other_mentor, cast.mentor, cast.admin):
        client.force_login(person)
        assert client.post(url).status_code == 404
    client.force_login(sofia)
    said = client.post(url, follow=True).text
    assert "The draft of Tomas Lindqvist is yours now." in said
    review.refresh_from_db()
    assert (review.mentor, review.summary, review.verdict) == (sofia, "So far so good.", "changes")
    assert review.comments.get().author == cast.mentor
    assert not Hold.objects.filter(mentor=cast.mentor).exists()
    client.force_login(cast.mentor)
    assert url not in client.get(page).text
    review.publish("changes")
    assert review.comments.get().author == cast.mentor


def test_draft_is_not_taken_from_who_is_there(cast: Cast, sofia: User) -> None:
    review = begun(cast.hand_in(), cast.mentor)
    with pytest.raises(PermissionDenied):
        review.take_over(sofia)
    cast.mentor.memberships.get().end()
    with pytest.raises(PermissionDenied):
        review.take_over(cast.other_mentor)
    Review.objects.get(pk=review.pk).take_over(sofia)
    assert Review.objects.get().mentor == sofia


def test_taken_draft_and_the_own_one_become_one(cast: Cast, sofia: User) -> None:
    version = cast.hand_in()
    review = begun(version, cast.mentor)
    mine = Review.objects.begin(version, sofia)
    mine.save_draft("", "Mine.", mine.revision)
    away(cast, sofia)
    review.take_over(sofia)
    assert Review.objects.get().summary == "Mine.\n\nSo far so good."


def ended(cast: Cast, client: Client) -> None:
    cast.mentor.memberships.get().end()


def transferred(cast: Cast, client: Client) -> None:
    url = reverse("admin:people_membership_change", args=[cast.mentor.memberships.get().pk])
    empty = {"absences-TOTAL_FORMS": 0, "absences-INITIAL_FORMS": 0}
    assert client.post(url, {"cohort": cast.other_cohort.pk} | empty).status_code == 302


def deactivated(cast: Cast, client: Client) -> None:
    action = {"action": "deactivate", "_selected_action": cast.mentor.pk}
    client.post(reverse("admin:people_user_changelist"), action)


def made_inactive(cast: Cast, client: Client) -> None:
    form = {"name": "Tomas", "email": cast.mentor.email, "time_zone": "UTC"}
    form |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert client.post(reverse("admin:people_user_change", args=[cast.mentor.pk]), form).status_code == 302


@pytest.mark.parametrize("way", [ended, transferred, deactivated, made_inactive])
def test_holds_end_with_whoever_has_them_by_whatever_way(
    client: Client, cast: Cast, sofia: User, way: Any
) -> None:
    mine, hers = cast.hand_in().submission, cast.hand_in(cast.fellow).submission
    MembershipFactory.create(cohort=cast.other_cohort, user=sofia, role=Membership.Role.MENTOR)
    Hold.objects.take(mine, cast.mentor)
    Hold.objects.take(hers, sofia)
    client.force_login(cast.admin)
    way(cast, client)
    assert [hold.mentor for hold in Hold.objects.all()] == [sofia]
    sofia.memberships.get(cohort=cast.other_cohort).end()
    assert Hold.objects.exists()  # a hold in another cohort


def test_mentor_is_replaced_at_one_go(client: Client, cast: Cast, sofia: User) -> None:
    waiting, review = cast.hand_in(cast.fellow), begun(cast.hand_in(), cast.mentor)
    Membership.objects.filter(pk=cast.fellow.pk).update(mentor=sofia)
    invitation = Invitation.objects.create(cohort=cast.cohort, mentor=cast.mentor, email="new@example.org")
    ada = mentor_of(cast.cohort, name="Ada")
    lean = away(cast, sofia)
    lean.membership, lean.stand_in = ada.memberships.get(), cast.mentor
    lean.save()
    url = reverse("admin:people_cohort_replacement", args=[cast.cohort.pk])
    client.force_login(cast.admin)
    assert url in client.get(reverse("admin:people_cohort_change", args=[cast.cohort.pk])).text
    page = " ".join(client.get(url).text.split())
    assert '<th scope="row">Tomas Lindqvist</th><td>1</td><td>1</td><td>1</td>' in page
    leaving = cast.mentor.memberships.get()
    answer = client.post(
        url, {"leaving": leaving.pk, "successor": sofia.pk, "drafts": "on"}, follow=True
    ).text
    said = "1 learner, 1 work that waited, 1 review not sent yet, 1 open invitation, 1 hold ended"
    assert f"Sofia Berg took over from Tomas Lindqvist: {said}." in answer
    for row in (leaving, cast.learner, invitation, review, lean):
        row.refresh_from_db()
    assert leaving.ended_at is not None
    assert (cast.learner.mentor, invitation.mentor, review.mentor, lean.stand_in) == (sofia,) * 4
    assert not Hold.objects.exists()
    assert (turn(review.version), turn(waiting)) == (sofia.pk, sofia.pk)
    logged = set(LogEntry.objects.values_list("object_id", flat=True))
    assert {str(leaving.pk), str(cast.learner.pk), str(cast.cohort.pk)} <= logged
    client.force_login(cast.mentor)
    assert client.get("/desk/").status_code == 403


def test_drafts_that_nobody_goes_on_with_can_be_taken_over_later(
    client: Client, cast: Cast, sofia: User
) -> None:
    review = begun(cast.hand_in(), cast.mentor)
    client.force_login(cast.admin)
    form = {"leaving": cast.mentor.memberships.get().pk, "successor": sofia.pk}
    url = reverse("admin:people_cohort_replacement", args=[cast.cohort.pk])
    assert "1 review was begun and not sent" in client.post(url, form, follow=True).text
    client.force_login(sofia)
    assert client.post(reverse("submissions:review_take_over", args=[review.uuid])).status_code == 302


def test_replacement_that_cannot_be_changes_nothing(client: Client, cast: Cast, sofia: User) -> None:
    review = begun(cast.hand_in(), cast.mentor)
    url = reverse("admin:people_cohort_replacement", args=[cast.cohort.pk])
    leaving = cast.mentor.memberships.get()
    client.force_login(cast.admin)
    for form in (
        {},
        {"leaving": leaving.pk, "successor": cast.mentor.pk},
        {"leaving": leaving.pk, "successor": cast.other_mentor.pk},
        {"leaving": cast.learner.pk, "successor": sofia.pk},
        {"leaving": "x", "successor": "9" * 30},
    ):
        assert client.post(url, form).status_code == 422
    with pytest.raises(ValidationError):
        replace(leaving, cast.other_mentor, drafts=True)
    assert Membership.objects.get(pk=leaving.pk).ended_at is None
    assert Membership.objects.get(pk=cast.learner.pk).mentor == cast.mentor
    assert Review.objects.get(pk=review.pk).mentor == cast.mentor
    assert Hold.objects.exists()
    replace(leaving, sofia, drafts=True)
    with pytest.raises(ValidationError):
        replace(leaving, sofia, drafts=True)
    assert "no second mentor" in client.get(url).text


def test_absence_in_which_nobody_stands_in_any_more_is_told(cast: Cast, sofia: User) -> None:
    away(cast, sofia)
    done = replace(sofia.memberships.get(), cast.mentor, drafts=True)
    assert [absence.membership.user for absence in done.alone] == [cast.mentor]
    assert timezone.now() < Absence.objects.get().ends_at
