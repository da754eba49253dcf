"""Memberships in the admin: who belongs where, and whose own mentor is who."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from people.models import Membership, User
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of
from tests.people.changelist import act


def test_membership_is_ended_and_logged(admin: User, client: Client) -> None:
    membership = MembershipFactory.create()
    assert "1 membership has ended" in act(client, "membership", "end", membership.pk)
    membership.refresh_from_db()
    assert membership.ended_at
    assert LogEntry.objects.filter(object_id=str(membership.pk)).exists()


def test_many_learners_get_an_own_mentor(admin: User, client: Client) -> None:
    cohort = CohortFactory.create()
    mentor = mentor_of(cohort)
    learners = [MembershipFactory.create(cohort=cohort) for _one in range(2)]
    stranger = MembershipFactory.create()
    rows = [one.pk for one in [*learners, stranger, mentor.memberships.get()]]
    said = act(client, "membership", "set_mentor", *rows, mentor=mentor.pk)
    assert "2 learners have a new mentor" in said
    assert set(Membership.objects.filter(mentor=mentor)) == set(learners)


@pytest.mark.parametrize("mentor", ["", "0", "x", "9" * 30])
def test_no_mentor_chosen_changes_nothing(admin: User, client: Client, mentor: str) -> None:
    membership = MembershipFactory.create()
    act(client, "membership", "set_mentor", membership.pk, mentor=mentor)
    membership.refresh_from_db()
    assert membership.mentor is None
    assert not LogEntry.objects.exists()


def membership_form(membership: Membership, **fields: object) -> dict[str, object]:
    return {"cohort": membership.cohort_id, "mentor": "", "starts": "", **fields}


def test_transfer_stays_within_the_curriculum(admin: User, client: Client) -> None:
    membership = MembershipFactory.create()
    url = reverse("admin:people_membership_change", args=[membership.pk])
    other = CohortFactory.create()
    assert client.post(url, membership_form(membership, cohort=other.pk)).status_code == 200
    sibling = CohortFactory.create(curriculum=membership.cohort.curriculum)
    assert client.post(url, membership_form(membership, cohort=sibling.pk)).status_code == 302
    membership.refresh_from_db()
    assert membership.cohort == sibling
    assert "Cohort" in LogEntry.objects.get(object_id=str(membership.pk)).change_message


def test_own_mentor_mentors_the_cohort(admin: User, client: Client) -> None:
    membership = MembershipFactory.create()
    url = reverse("admin:people_membership_change", args=[membership.pk])
    elsewhere = mentor_of(CohortFactory.create())
    assert client.post(url, membership_form(membership, mentor=elsewhere.pk)).status_code == 200
    here = mentor_of(membership.cohort)
    assert client.post(url, membership_form(membership, mentor=here.pk)).status_code == 302
    membership.refresh_from_db()
    assert membership.mentor == here


@pytest.mark.parametrize("filled", [[], ["user"]])
def test_membership_without_a_cohort_is_refused(admin: User, client: Client, filled: list[str]) -> None:
    values = {"role": "learner"} | dict.fromkeys(filled, str(UserFactory.create().pk))
    answer = client.post(reverse("admin:people_membership_add"), values)
    assert answer.status_code == 200
    assert "This field is required." in answer.text
    assert not Membership.objects.exists()


def test_membership_of_a_member_is_refused_until_the_first_has_ended(admin: User, client: Client) -> None:
    member = MembershipFactory.create()
    values = {"user": member.user_id, "cohort": member.cohort_id, "role": "learner"}
    answer = client.post(reverse("admin:people_membership_add"), values)
    assert "This person is in this cohort already." in answer.text
    assert Membership.objects.count() == 1

    member.end()
    assert client.post(reverse("admin:people_membership_add"), values).status_code == 302
    assert Membership.objects.current().get().user == member.user


def test_transfer_into_a_cohort_of_the_same_person_is_refused(admin: User, client: Client) -> None:
    member = MembershipFactory.create()
    other = CohortFactory.create(curriculum=member.cohort.curriculum)
    MembershipFactory.create(user=member.user, cohort=other)
    answer = client.post(
        reverse("admin:people_membership_change", args=[member.pk]), {"cohort": other.pk, "starts": ""}
    )
    assert "This person is in this cohort already." in answer.text
