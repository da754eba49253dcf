"""Invitations, and joining by them."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from people.models import Invitation, Membership, User
from tests.factories import (
    PASSWORD,
    CohortFactory,
    InvitationFactory,
    MembershipFactory,
    MonthFactory,
    UserFactory,
    mentor_of,
)
from tests.mails import later

ANA = {"name": "Ana Prior", "email": "ana@example.org", "password": PASSWORD}


@pytest.fixture
def personal(db: None) -> Invitation:
    invitation: Invitation = InvitationFactory.create(
        email="ana@example.org", name="Ana", cohort__starts=timezone.now().date() + timedelta(7)
    )
    return invitation


@pytest.fixture
def shared(db: None) -> Invitation:
    invitation: Invitation = InvitationFactory.create(cohort__starts=timezone.now().date() + timedelta(7))
    return invitation


def test_page_tells_strangers_what_they_are_invited_to(client: Client, personal: Invitation) -> None:
    personal.created_by = UserFactory.create(name="Rosa Admin")
    personal.save()
    page = client.get(personal.url).content.decode()
    for text in (
        personal.cohort.name,
        personal.cohort.curriculum.title,
        "Rosa Admin",
        "learner",
        "ana@example.org",
    ):
        assert text in page


def test_new_person_joins_and_is_logged_in(client: Client, personal: Invitation) -> None:
    answer = client.post(personal.url, ANA | {"time_zone": "Asia/Tokyo"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.name, user.time_zone, user.is_staff) == ("Ana Prior", "Asia/Tokyo", False)
    membership = user.memberships.get()
    assert (membership.cohort, membership.role, membership.invitation) == (
        personal.cohort,
        "learner",
        personal,
    )
    assert client.get("/account/").status_code == 200
    assert EmailAddress.objects.get(user=user).verified
    assert personal.state == Invitation.State.JOINED


def test_personal_invitation_fixes_the_address(client: Client, personal: Invitation) -> None:
    client.post(personal.url, ANA | {"email": "somebody.else@example.org"})
    assert User.objects.get().email == "ana@example.org"


def test_shared_invitation_takes_any_address_once_each(shared: Invitation) -> None:
    for name in ("one", "TWO"):
        Client().post(shared.url, ANA | {"email": f"{name}@Example.org"})
    assert set(User.objects.values_list("email", flat=True)) == {"one@example.org", "two@example.org"}
    assert shared.memberships.count() == 2
    assert shared.is_open
    assert not EmailAddress.objects.filter(verified=True).exists()
    assert [message.to for message in later()] == [["one@example.org"], ["two@example.org"]]


def test_extra_fields_change_nothing(client: Client, shared: Invitation) -> None:
    boss = mentor_of(shared.cohort)
    extra = {
        "is_staff": "on",
        "is_superuser": "on",
        "role": "mentor",
        "mentor": boss.pk,
        "cohort": "1",
        "status": "x",
    }
    client.post(shared.url, ANA | extra)
    user = User.objects.get(email="ana@example.org")
    membership = user.memberships.get()
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert (membership.role, membership.mentor) == ("learner", None)


def test_second_half_of_a_double_click_joins_nobody_twice(personal: Invitation) -> None:
    first, second = Client(), Client()
    assert first.post(personal.url, ANA).status_code == 302
    again = second.post(personal.url, ANA)
    assert again.status_code == 410
    assert Membership.objects.count() == 1


def test_second_half_of_a_double_click_on_a_shared_link_goes_on(shared: Invitation) -> None:
    first, second = Client(), Client()
    first.post(shared.url, ANA)
    assert second.post(shared.url, ANA).status_code == 302
    assert Membership.objects.count() == 1


def test_existing_account_is_asked_to_log_in(client: Client, shared: Invitation) -> None:
    UserFactory.create(email="ana@example.org")
    answer = client.post(shared.url, ANA | {"password": "not that one at all"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"/accounts/login/?next={shared.url}" in page
    assert "Ana Prior" in page
    assert not Membership.objects.exists()


def test_log_in_returns_to_the_invitation(client: Client, personal: Invitation) -> None:
    user = UserFactory.create(email="ana@example.org")
    answer = client.post(
        "/accounts/login/", {"login": "Ana@Example.org", "password": PASSWORD, "next": personal.url}
    )
    assert answer["Location"] == personal.url
    assert 'name="password"' not in client.get(personal.url).content.decode()
    assert client.post(personal.url)["Location"] == "/"
    assert user.memberships.get().cohort == personal.cohort


def test_joining_again_is_harmless(client: Client, personal: Invitation) -> None:
    user = UserFactory.create(email="ana@example.org")
    client.force_login(user)
    assert [client.post(personal.url).status_code for _time in range(2)] == [302, 302]
    assert user.memberships.count() == 1
    assert client.get(personal.url).status_code == 200


def test_other_person_is_refused(client: Client, personal: Invitation) -> None:
    client.force_login(UserFactory.create())
    assert client.get(personal.url).status_code == 403
    assert client.post(personal.url).status_code == 403
    assert not Membership.objects.exists()


@pytest.mark.parametrize("change", ["expires_at", "revoked_at", "cohort"])
def test_closed_invitation_is_gone(client: Client, personal: Invitation, change: str) -> None:
    now = timezone.now()
    if change == "cohort":
        personal.cohort.ended_at = now
        personal.cohort.save()
    else:
        setattr(personal, change, now)
        personal.save()
    for answer in (client.get(personal.url), client.post(personal.url, ANA)):
        assert answer.status_code == 410
        assert "<main" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("token", ["x", "a.b", "é", "%00", "0" * 32 + "." + "A" * 43, "../../etc"])
def test_unknown_token_is_a_404(client: Client, db: None, token: str) -> None:
    assert client.get(f"/join/{token}/").status_code == 404
    assert client.post(f"/join/{token}/", ANA).status_code == 404


def test_token_of_another_secret_is_a_404(client: Client, personal: Invitation, settings: object) -> None:
    url = personal.url
    assert client.get(url[:-3] + "AA/").status_code == 404
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client: Client, personal: Invitation, method: str) -> None:
    assert getattr(client, method)(personal.url).status_code == 405


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "A\0na"),
        ("name", ""),
        ("name", "n" * 151),
        ("email", "a\0@example.org"),
        ("email", "not an address"),
        ("password", "a\0bcdefgh long"),
        ("password", "123"),
        ("password", "password"),
        ("password", "ana@example.org"),
    ],
)
def test_bad_field_is_refused_and_the_rest_kept(
    client: Client, shared: Invitation, field: str, value: str
) -> None:
    answer = client.post(shared.url, ANA | {field: value})
    assert answer.status_code == 422
    kept = {"name": "Ana Prior", "email": "ana@example.org"} | {field: ""}
    for text in kept.values():
        assert text in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not User.objects.exists()


def test_ten_megabytes_are_refused(client: Client, shared: Invitation) -> None:
    answer = client.post(shared.url, ANA | {"name": "n" * 10_000_000})
    assert answer.status_code in {400, 413}
    assert not User.objects.exists()


def test_unknown_zone_becomes_the_cohorts(client: Client, shared: Invitation) -> None:
    shared.cohort.time_zone = "Europe/Lisbon"
    shared.cohort.save()
    client.post(shared.url, ANA | {"time_zone": "Moon/Tranquillity"})
    assert User.objects.get().time_zone == "Europe/Lisbon"


def test_late_learner_has_an_own_start_and_others_none(db: None) -> None:
    cohort = CohortFactory.create(starts=timezone.now().date() - timedelta(30), time_zone="Asia/Tokyo")
    late = InvitationFactory.create(cohort=cohort).accept(UserFactory.create())
    assert late.starts == cohort.today()
    mentor = InvitationFactory.create(cohort=cohort, role="mentor", email="m@example.org")
    assert mentor.accept(UserFactory.create(email="m@example.org")).starts is None
    early = CohortFactory.create(starts=timezone.now().date() + timedelta(30))
    assert InvitationFactory.create(cohort=early).accept(UserFactory.create()).starts is None


def test_accepting_copies_the_own_mentor_and_writes_the_starts(db: None) -> None:
    month = MonthFactory.create()
    cohort = CohortFactory.create(curriculum=month.curriculum)
    mentor = mentor_of(cohort)
    membership = InvitationFactory.create(cohort=cohort, mentor=mentor).accept(UserFactory.create())
    assert membership.mentor == mentor
    assert cohort.month_starts.get().month == month


def test_mentor_who_left_is_no_own_mentor(db: None) -> None:
    invitation = InvitationFactory.create()
    invitation.mentor = mentor_of(invitation.cohort)
    invitation.save()
    invitation.cohort.memberships.get().end()
    assert invitation.accept(UserFactory.create()).mentor is None


def test_who_was_removed_needs_a_personal_invitation(shared: Invitation) -> None:
    user = UserFactory.create()
    shared.accept(user).end()
    with pytest.raises(ValidationError, match="shared link does not bring you back"):
        shared.accept(user)
    again = InvitationFactory.create(cohort=shared.cohort, email=user.email)
    assert again.accept(user).ended_at is None
    assert user.memberships.count() == 2


def test_member_in_another_role_is_refused(client: Client, personal: Invitation) -> None:
    user = UserFactory.create(email="ana@example.org")
    MembershipFactory.create(user=user, cohort=personal.cohort, role="mentor")
    client.force_login(user)
    assert client.post(personal.url).status_code == 409
    assert user.memberships.get().role == "mentor"


def test_deactivated_person_cannot_join(client: Client, personal: Invitation) -> None:
    UserFactory.create(email="ana@example.org", is_active=False)
    answer = client.post(personal.url, ANA)
    assert answer["Location"] == "/accounts/inactive/"
    assert not Membership.objects.exists()


def test_shared_link_never_makes_a_mentor(db: None) -> None:
    cohort = CohortFactory.create()
    with pytest.raises(ValidationError):
        Invitation(cohort=cohort, role="mentor").full_clean()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_join_once() -> None:
    invitation = InvitationFactory.create()
    user = UserFactory.create()
    gate, outcomes = Barrier(2), []

    def click() -> None:
        try:
            gate.wait()
            outcomes.append(Invitation.objects.get(pk=invitation.pk).accept(user).pk)
        finally:
            connection.close()

    clicks = [Thread(target=click) for _click in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert outcomes == [Membership.objects.get().pk] * 2


def test_password_like_the_own_name_is_refused() -> None:
    person = UserFactory.build(name="Sofia Marques", email="s@example.org")
    for password in ("sofiamarques", "Sofia Marques"):
        with pytest.raises(ValidationError):
            validate_password(password, person)
