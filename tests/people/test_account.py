"""The account page, logging in, and what is left of rights that were taken away."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Cohort, User
from tests.factories import PASSWORD, CohortFactory, MembershipFactory, MonthFactory, UserFactory, mentor_of
from tests.mails import later

FORM = {
    "name": "Ana Prior",
    "time_zone": "Europe/Lisbon",
    "theme": "dark",
    "keys": "on",
    "learner_mail": "daily",
}


@pytest.fixture
def person(db: None, client: Client) -> User:
    user: User = UserFactory.create(name="Ana", email="ana@example.org")
    user.confirm_address()
    client.force_login(user)
    return user


def test_account_is_saved(client: Client, person: User) -> None:
    assert client.post("/account/", FORM)["Location"] == "/account/"
    person.refresh_from_db()
    assert (person.name, person.time_zone, person.theme, person.keys) == (
        "Ana Prior",
        "Europe/Lisbon",
        "dark",
        True,
    )
    page = client.get("/account/").content.decode()
    assert 'data-theme="dark"' in page
    client.post("/account/", {**FORM, "keys": ""})
    person.refresh_from_db()
    assert person.keys is False


@pytest.mark.parametrize(
    ("typed", "zone"), [("lisbon", "Europe/Lisbon"), ("america/new york", "America/New_York")]
)
def test_time_zone_is_found_as_people_type_it(client: Client, person: User, typed: str, zone: str) -> None:
    client.post("/account/", FORM | {"time_zone": typed})
    person.refresh_from_db()
    assert person.time_zone == zone


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Moon/Base"),
        ("time_zone", "a\0"),
        ("theme", "pink"),
        ("name", " "),
        ("name", "\0"),
        ("name", "n" * 200),
    ],
)
def test_account_with_an_error_keeps_what_was_typed(
    client: Client, person: User, field: str, value: str
) -> None:
    answer = client.post("/account/", FORM | {field: value})
    assert answer.status_code == 422
    person.refresh_from_db()
    assert (person.name, person.theme) == ("Ana", "auto")
    page = answer.content.decode()
    if field == "time_zone":
        assert "Ana Prior" in page
        assert 'data-theme="dark"' not in page


def test_account_takes_no_other_fields(client: Client, person: User) -> None:
    client.post("/account/", FORM | {"is_staff": "on", "is_superuser": "on", "email": "x@example.org"})
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.email) == (False, False, "ana@example.org")


def test_account_of_ten_megabytes_is_refused(client: Client, person: User) -> None:
    assert client.post("/account/", FORM | {"name": "n" * 10_000_000}).status_code in {400, 413}


def test_account_asks_strangers_to_log_in(client: Client, db: None) -> None:
    assert client.get("/account/")["Location"] == "/accounts/login/?next=/account/"


@pytest.mark.parametrize("typed", ["ana@example.org", "ANA@Example.ORG", "  Ana@example.org "])
def test_log_in_takes_any_capitals(db: None, client: Client, typed: str) -> None:
    UserFactory.create(email="ana@example.org")
    answer = client.post("/accounts/login/", {"login": typed, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("login", ["\0", "a\0@example.org", "nobody@example.org", "", "x" * 5000])
def test_bad_log_in_is_told_on_the_page(db: None, client: Client, login: str) -> None:
    answer = client.post("/accounts/login/", {"login": login, "password": "a\0b"})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_log_in_is_rate_limited(db: None, client: Client) -> None:
    cache.clear()
    UserFactory.create(email="ana@example.org")
    for _attempt in range(12):
        client.post("/accounts/login/", {"login": "ana@example.org", "password": "wrong"})
    answer = client.post("/accounts/login/", {"login": "ana@example.org", "password": PASSWORD})
    assert answer.status_code != 302
    cache.clear()


def test_log_in_goes_nowhere_else(db: None, client: Client) -> None:
    UserFactory.create(email="ana@example.org")
    answer = client.post(
        "/accounts/login/",
        {"login": "ana@example.org", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/"


def test_log_out_needs_a_post(client: Client, person: User) -> None:
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/account/").status_code == 302


def test_nobody_signs_up(client: Client, db: None) -> None:
    page = client.get("/accounts/signup/")
    assert "People join by invitation" in page.content.decode()
    client.post("/accounts/signup/", {"email": "a@example.org", "password1": PASSWORD})
    assert not User.objects.exists()


def test_demo_log_ins_are_listed_in_the_demo_alone(client: Client, db: None) -> None:
    assert "demo@" not in client.get("/accounts/login/").content.decode()
    assert "learner@demo.test" not in client.get("/accounts/login/").content.decode()
    with override_settings(DEMO=True):
        assert "learner@demo.test" in client.get("/accounts/login/").content.decode()


def test_password_is_reset_by_mail(client: Client, db: None) -> None:
    user = UserFactory.create(email="ana@example.org")
    client.post("/accounts/password/reset/", {"email": "Ana@Example.org"})
    link = re.search(r"http://testserver(\S+)", str(later()[0].body))
    assert link
    form = client.get(link[1], follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "six grey stones there", "password2": "six grey stones there"},
    )
    user.refresh_from_db()
    assert user.check_password("six grey stones there")
    assert "works no more" in client.get(link[1], follow=True).content.decode()


def test_password_reset_does_not_tell_who_is_known(client: Client, db: None) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert not later()


def test_deactivated_person_is_out_at_once(client: Client, person: User) -> None:
    assert client.get("/account/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/account/").status_code == 302
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, follow=True)
    assert "This account is closed" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_mentor_whose_membership_ended_has_no_rights_left(db: None) -> None:
    learner = MembershipFactory.create()
    mentor = mentor_of(learner.cohort)
    fresh = User.objects.get(pk=mentor.pk)
    assert fresh.is_mentor
    assert learner.is_mentored_by(fresh)
    mentor.memberships.get().end()
    fresh = User.objects.get(pk=mentor.pk)
    assert not fresh.is_mentor
    assert not learner.is_mentored_by(fresh)
    assert not Cohort.objects.mentored_by(fresh).exists()


def test_who_learns_nowhere_any_more_is_no_learner(db: None) -> None:
    membership = MembershipFactory.create()
    assert User.objects.get(pk=membership.user_id).is_learner
    assert not mentor_of(membership.cohort).is_learner
    membership.end()
    assert not User.objects.get(pk=membership.user_id).is_learner


def test_page_knows_its_person_without_a_query_of_its_own(client: Client, person: User) -> None:
    MembershipFactory.create(user=person)
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/account/").content.decode()
    assert 'data-way="path"' in page
    assert sum("people_membership" in query["sql"] for query in asked) == 1


def test_cookie_that_no_session_has_is_nobody(client: Client, person: User) -> None:
    for cookie in ('"\\000\\000\\000\\000\\000\\000\\000\\000\\000"', "a" * 32, "'; --------"):
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        assert client.get("/account/").status_code == 302


def test_months_are_those_of_own_curricula(db: None) -> None:
    mine, other = MonthFactory.create(), MonthFactory.create()
    user = UserFactory.create()
    membership = MembershipFactory.create(user=user, cohort=CohortFactory.create(curriculum=mine.curriculum))
    assert list(user.months()) == [mine]
    assert list(UserFactory.create(is_staff=True).months()) == [mine, other]
    membership.end()
    assert list(user.months()) == []


MANAGED = ["account_change_password", "account_email", "mfa_index", "mfa_list_webauthn"]


@pytest.mark.parametrize("name", [*MANAGED, "account_logout", "account_reauthenticate"])
def test_page_of_log_in_has_our_look(client: Client, person: User, name: str) -> None:
    page = client.get(reverse(name), follow=True).content.decode()
    assert '<main id="main"' in page
    assert "Menu:" not in page
    assert " style=" not in page


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_inactive"]
)
def test_open_page_of_log_in_has_our_look(client: Client, db: None, name: str) -> None:
    page = client.get(reverse(name)).content.decode()
    assert '<main id="main"' in page
    assert " style=" not in page


def test_code_of_the_authenticator_app_is_drawn_in_the_page(client: Client, db: None) -> None:
    UserFactory.create(email="ana@example.org").confirm_address()
    client.post("/accounts/login/", {"login": "ana@example.org", "password": PASSWORD})
    asked = client.get(reverse("mfa_activate_totp"))["Location"]
    answer = client.post(asked, {"password": PASSWORD}, follow=True)
    page = answer.content.decode()
    assert '<svg class="qr" role="img"' in page
    assert "data:image" not in page


def test_second_step_stands_before_joining(db: None, client: Client) -> None:
    """A password alone does not let somebody in whose account asks for a code."""
    user = UserFactory.create(email="ana@example.org")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    cohort = CohortFactory.create()
    url = cohort.invitations.create().url
    answer = client.post(url, {"name": "Ana", "email": "ana@example.org", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/account/").status_code == 302
    assert not user.memberships.exists()
    assert 'id="main"' in client.get("/accounts/2fa/authenticate/").content.decode()


def test_confirm_address_keeps_what_was_verified(db: None) -> None:
    user = UserFactory.create(email="old@example.org")
    user.confirm_address()
    user.confirm_address(verified=False)
    assert EmailAddress.objects.get(user=user).verified
    user.email = "new@example.org"
    user.save()
    user.confirm_address()
    assert EmailAddress.objects.get(user=user).email == "new@example.org"
