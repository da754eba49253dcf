"""Running a school in the admin: its lists, and people."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
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
from tests.people.changelist import act

MODELS = ["user", "cohort", "membership", "invitation"]


@pytest.mark.parametrize("model", MODELS)
def test_lists_ask_the_same_number_of_queries_for_any_length(
    admin: User, client: Client, model: str, django_assert_max_num_queries: object
) -> None:
    def fill(count: int) -> None:
        for _one in range(count):
            cohort = CohortFactory.create()
            membership = MembershipFactory.create(cohort=cohort)
            InvitationFactory.create(cohort=cohort, created_by=membership.user, email=membership.user.email)

    def queries() -> int:
        with django_assert_max_num_queries(100) as asked:  # type: ignore[operator]
            assert client.get(reverse(f"admin:people_{model}_changelist")).status_code == 200
        return len(asked)

    fill(1)
    one = queries()
    fill(4)
    assert queries() == one


def test_cohorts_page_asks_the_same_number_of_queries_for_any_length(
    admin: User, client: Client, django_assert_max_num_queries: object
) -> None:
    cohort = CohortFactory.create()
    url = reverse("admin:people_cohort_change", args=[cohort.pk])

    def queries() -> int:
        with django_assert_max_num_queries(100) as asked:  # type: ignore[operator]
            assert client.get(url).status_code == 200
        return len(asked)

    def fill() -> None:
        MembershipFactory.create(cohort=cohort, mentor=mentor_of(cohort))
        MonthFactory.create(document__curriculum=cohort.curriculum)
        cohort.write_starts()

    fill()
    queries()  # the first reads what is kept in memory later
    one = queries()
    fill()
    fill()
    assert queries() == one


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_deleted(admin: User, client: Client, model: str) -> None:
    membership = MembershipFactory.create()
    invitation = InvitationFactory.create(cohort=membership.cohort)
    rows = {
        "user": membership.user,
        "cohort": membership.cohort,
        "membership": membership,
        "invitation": invitation,
    }
    row = rows[model]
    assert (
        client.post(reverse(f"admin:people_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code
        == 403
    )
    act(client, model, "delete_selected", row.pk, post="yes")
    assert type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["changelist", "add"])
def test_pages_are_for_admins_alone(db: None, client: Client, model: str, name: str) -> None:
    cohort = CohortFactory.create()
    client.force_login(mentor_of(cohort))
    assert client.get(reverse(f"admin:people_{model}_{name}")).status_code in {302, 403}


def test_new_person_gets_a_mail_for_a_password(admin: User, client: Client) -> None:
    client.post(
        reverse("admin:people_user_add"), {"name": "Ana", "email": "Ana@Example.org", "password1": ""}
    )
    person = User.objects.get(email="ana@example.org")
    assert not person.has_usable_password()
    link = re.search(r"http://testserver(\S+)", str(later()[0].body))
    assert link
    stranger = Client()
    form = stranger.get(link[1], follow=True).redirect_chain[-1][0]
    stranger.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_new_person_may_be_given_a_password(admin: User, client: Client) -> None:
    form = {"name": "Ana", "email": "ana@example.org", "password1": PASSWORD, "is_staff": "on"}
    client.post(reverse("admin:people_user_add"), form)
    person = User.objects.get(email="ana@example.org")
    assert person.check_password(PASSWORD)
    assert (person.is_staff, person.is_superuser) == (True, True)
    assert not later()
    again = client.post(reverse("admin:people_user_add"), form | {"email": "ANA@example.org"})
    assert again.status_code == 200
    assert User.objects.filter(email__iexact="ana@example.org").count() == 1


NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


def test_person_shows_where_they_belong(admin: User, client: Client) -> None:
    membership = MembershipFactory.create()
    page = client.get(reverse("admin:people_user_change", args=[membership.user.pk])).content.decode()
    url = reverse("admin:people_membership_change", args=[membership.pk])
    assert f'<a href="{url}">{membership.cohort}</a>' in page


@pytest.mark.parametrize("known", [True, False])
def test_mail_for_a_password_tells_a_new_account_from_an_old_one(
    admin: User, client: Client, known: bool
) -> None:
    person = UserFactory.create(last_login=timezone.now() if known else None)
    act(client, "user", "send_password_mail", person.pk)
    words = "setting a new password" if known else "An account was made for you"
    assert words in str(later()[0].body)


def test_person_is_changed_and_logged(admin: User, client: Client) -> None:
    person = UserFactory.create(email="old@example.org")
    url = reverse("admin:people_user_change", args=[person.pk])
    form = {"name": "Ana", "email": "New@Example.org", "time_zone": "UTC", "is_active": "on"} | NO_MEMBERSHIPS
    assert client.post(url, form).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.email, person.is_active, person.is_staff) == (
        "Ana",
        "new@example.org",
        True,
        False,
    )
    assert LogEntry.objects.get(object_id=str(person.pk)).user == admin


def test_admin_cannot_lock_themselves_out(admin: User, client: Client) -> None:
    url = reverse("admin:people_user_change", args=[admin.pk])
    form = {"name": "Rosa", "email": admin.email, "time_zone": "UTC"} | NO_MEMBERSHIPS
    assert client.post(url, form).status_code == 302
    act(client, "user", "deactivate", admin.pk)
    admin.refresh_from_db()
    assert (admin.is_active, admin.is_staff, admin.is_superuser) == (True, True, True)


def test_people_are_deactivated_and_logged(admin: User, client: Client) -> None:
    person = UserFactory.create()
    assert "1 person was deactivated" in act(client, "user", "deactivate", person.pk)
    person.refresh_from_db()
    assert not person.is_active
    assert LogEntry.objects.filter(object_id=str(person.pk), user=admin).exists()


def test_admin_is_told_why_they_are_not_deactivated(admin: User, client: Client) -> None:
    said = act(client, "user", "deactivate", admin.pk)
    assert "ask another admin to deactivate you" in said
    assert User.objects.get(pk=admin.pk).is_active


@pytest.mark.parametrize("junk", ["1e99", "🪨", "9" * 25, "a\0b"])
@pytest.mark.parametrize(
    ("model", "page", "form"),
    [
        ("membership", "add", {"user": "{}", "cohort": "1", "role": "learner"}),
        ("membership", "changelist", {"action": "end", "_selected_action": "{}"}),
        ("invitation", "changelist", {"action": "revoke", "_selected_action": "{}"}),
        ("user", "changelist", {"action": "deactivate", "_selected_action": "{}"}),
        ("cohort", "changelist", {"action": "move_starts", "_selected_action": "{}"}),
    ],
)
def test_keys_that_are_none_are_a_bad_request(
    admin: User, client: Client, model: str, page: str, form: dict[str, str], junk: str
) -> None:
    MembershipFactory.create()
    client.raise_request_exception = False
    sent = {name: value.format(junk) for name, value in form.items()}
    answer = client.post(reverse(f"admin:people_{model}_{page}"), sent)
    assert answer.status_code in (200, 302, 400)
    if answer.status_code == 400:
        assert 'class="brand"' in answer.text


@pytest.mark.parametrize("year", ["0", "99999"])
def test_year_that_is_none_in_a_lists_address_is_a_bad_request(
    admin: User, client: Client, year: str
) -> None:
    client.raise_request_exception = False
    answer = client.get(reverse("admin:people_membership_changelist"), {"starts__year": year})
    assert answer.status_code in (302, 400)
