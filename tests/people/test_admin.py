"""Running a school in the admin."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Cohort, Invitation, Membership, User
from tests.factories import (
    PASSWORD,
    CohortFactory,
    CurriculumFactory,
    InvitationFactory,
    MembershipFactory,
    MonthFactory,
    UserFactory,
    mentor_of,
)
from tests.mails import later

MODELS = ["user", "cohort", "membership", "invitation"]


@pytest.fixture
def admin(db: None, client: Client) -> User:
    user: User = UserFactory.create(name="Rosa", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def act(client: Client, model: str, action: str, *rows: int, **extra: object) -> str:
    """What the list's page says after an action on these rows."""
    url = reverse(f"admin:people_{model}_changelist")
    answer = client.post(url, {"action": action, "_selected_action": rows, **extra}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


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


def test_adding_people_is_for_admins_alone(db: None, client: Client) -> None:
    cohort = CohortFactory.create()
    client.force_login(mentor_of(cohort))
    url = reverse("admin:people_cohort_add_people", args=[cohort.pk])
    assert client.post(url, {"text": "a@example.org", "role": "learner", "apply": "yes"}).status_code in {
        302,
        403,
    }
    assert not Invitation.objects.exists()


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


def cohort_form(curriculum: int, **fields: object) -> dict[str, object]:
    form: dict[str, object] = {
        "name": "Spring",
        "curriculum": curriculum,
        "starts": "2026-01-05",
        "pace": "1",
        "time_zone": "UTC",
        "notice": "",
        "talk_url": "",
    }
    for prefix in ("month_starts", "pauses", "memberships"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return form | fields


def test_new_cohort_has_its_dates(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    pause = {"pauses-TOTAL_FORMS": 1, "pauses-0-first": "2026-01-12", "pauses-0-last": "2026-01-18"}
    answer = client.post(reverse("admin:people_cohort_add"), cohort_form(month.curriculum.pk, **pause))
    assert answer.status_code == 302
    starts = Cohort.objects.get().month_starts.values_list("starts", flat=True)
    assert list(starts) == [date(2026, 1, 5), date(2026, 2, 9)]


def days(value: date | None = None, ahead: int = 0) -> date:
    return (value or timezone.localdate()) + timedelta(days=ahead)


@pytest.mark.parametrize("begun", [False, True])
def test_another_start_moves_the_dates_of_a_cohort_that_has_not_begun(
    admin: User, client: Client, begun: bool
) -> None:
    month = MonthFactory.create(duration="4 weeks")
    first = days(ahead=-7 if begun else 7)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=first, name="Spring")
    cohort.write_starts()
    later = cohort_form(month.curriculum.pk, starts=days(ahead=14).isoformat())
    start = cohort.month_starts.get()
    later |= {"month_starts-TOTAL_FORMS": 1, "month_starts-INITIAL_FORMS": 1}
    later |= {
        "month_starts-0-id": start.pk,
        "month_starts-0-cohort": cohort.pk,
        "month_starts-0-starts": str(first),
    }

    said = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), later, follow=True)

    assert cohort.month_starts.get().starts == (first if begun else days(ahead=14))
    words = "stay as they were told" if begun else "were written anew"
    assert words in said.content.decode()


def starts_form(cohort: Cohort, days: list[date]) -> dict[str, object]:
    """The cohort's form, with these days for its months in the order of the plan."""
    rows = list(cohort.month_starts.order_by("month__position"))
    form = cohort_form(cohort.curriculum.pk, name=cohort.name, starts=cohort.starts.isoformat())
    form |= {"month_starts-TOTAL_FORMS": len(rows), "month_starts-INITIAL_FORMS": len(rows)}
    for place, (row, day) in enumerate(zip(rows, days, strict=True)):
        name = f"month_starts-{place}"
        form |= {f"{name}-id": row.pk, f"{name}-cohort": cohort.pk, f"{name}-starts": day.isoformat()}
    return form


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0, 20, ""),
        (0, 0, ""),
        (-1, 30, "before the cohort&#x27;s first day"),
        (20, 10, "comes first in the plan"),
    ],
)
def test_months_begin_in_the_order_of_the_plan(
    admin: User, client: Client, first: int, second: int, words: str
) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=-7), name="Spring")
    cohort.write_starts()
    asked = [days(cohort.starts, first), days(cohort.starts, second)]
    answer = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), starts_form(cohort, asked))
    kept = list(cohort.month_starts.order_by("month__position").values_list("starts", flat=True))
    if words:
        assert words in answer.content.decode()
        assert kept != asked
    else:
        assert answer.status_code == 302
        assert kept == asked


def test_dates_that_stay_are_not_called_new(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=-7))
    cohort.write_starts()
    assert "Nothing was changed" in act(client, "cohort", "move_starts", cohort.pk)
    cohort.pauses.create(first=days(ahead=1), last=days(ahead=7))
    assert "The dates of 1 cohort are new" in act(client, "cohort", "move_starts", cohort.pk)


def test_zone_is_taken_as_people_type_it_and_a_pause_is_refused_in_words(admin: User, client: Client) -> None:
    form = cohort_form(CurriculumFactory.create().pk, time_zone="new york")
    pause = {"pauses-TOTAL_FORMS": 1, "pauses-0-first": "2026-01-18", "pauses-0-last": "2026-01-12"}
    page = client.post(reverse("admin:people_cohort_add"), form | pause).content.decode()
    assert "The last day comes before the first." in page
    assert client.post(reverse("admin:people_cohort_add"), form).status_code == 302
    assert Cohort.objects.get().time_zone == "America/New_York"


@pytest.mark.parametrize(
    "bad", [{"time_zone": "Moon"}, {"pace": "0"}, {"starts": "tomorrow"}, {"name": "a\0b"}, {"name": ""}]
)
def test_cohort_with_an_error_is_not_saved(admin: User, client: Client, bad: dict[str, object]) -> None:
    curriculum = CurriculumFactory.create()
    assert (
        client.post(reverse("admin:people_cohort_add"), cohort_form(curriculum.pk, **bad)).status_code == 200
    )
    assert not Cohort.objects.exists()


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


def test_invitation_is_made_shown_and_revoked(admin: User, client: Client) -> None:
    cohort = CohortFactory.create()
    form = {
        "cohort": cohort.pk,
        "role": "learner",
        "email": "Ana@Example.org",
        "name": "Ana",
        "mentor": "",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
    }
    client.post(reverse("admin:people_invitation_add"), form)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.created_by) == ("ana@example.org", admin)
    link = f"http://testserver{invitation.url}"
    page = client.get(reverse("admin:people_invitation_change", args=[invitation.pk])).content.decode()
    assert link in page
    assert link in client.get(reverse("admin:people_invitation_changelist")).content.decode()
    assert "1 mail is on its way" in act(client, "invitation", "send", invitation.pk)
    assert invitation.url in str(later()[0].body)
    assert "1 link was closed" in act(client, "invitation", "revoke", invitation.pk)
    assert Client().get(invitation.url).status_code == 410
    assert link not in client.get(reverse("admin:people_invitation_changelist")).content.decode()


def test_shared_invitation_for_mentors_is_refused(admin: User, client: Client) -> None:
    form = {
        "cohort": CohortFactory.create().pk,
        "role": "mentor",
        "email": "",
        "name": "",
        "mentor": "",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
    }
    answer = client.post(reverse("admin:people_invitation_add"), form)
    assert "a shared link is for learners" in answer.content.decode()
    assert client.post(reverse("admin:people_invitation_add"), form | {"cohort": ""}).status_code == 200
    assert not Invitation.objects.exists()


def test_invitation_that_is_over_or_doubled_is_refused(admin: User, client: Client) -> None:
    cohort = CohortFactory.create()
    form = {
        "cohort": cohort.pk,
        "role": "learner",
        "email": "ana@example.org",
        "name": "",
        "mentor": "",
        "expires_at_0": "2020-01-01",
        "expires_at_1": "00:00:00",
    }
    add = reverse("admin:people_invitation_add")
    assert "This time is over already." in client.post(add, form).content.decode()
    form["expires_at_0"] = "2099-01-01"
    assert client.post(add, form).status_code == 302
    assert "There is an open invitation for this address already." in client.post(add, form).content.decode()
    assert Invitation.objects.count() == 1
    member = MembershipFactory.create(cohort=cohort)
    page = client.post(add, form | {"email": member.user.email.upper()}).content.decode()
    assert "is a member of the cohort already" in page
    assert Invitation.objects.count() == 1


LIST = "Ana <ana@example.org>\nmember@example.org\nnobody here\nana@example.org"


def test_adding_people_is_previewed_then_applied(admin: User, client: Client) -> None:
    cohort = CohortFactory.create()
    mentor = mentor_of(cohort)
    MembershipFactory.create(cohort=cohort, user__email="member@example.org")
    url = reverse("admin:people_cohort_add_people", args=[cohort.pk])
    assert client.get(url).status_code == 200
    form = {"text": LIST, "role": "learner", "mentor": mentor.pk}
    page = client.post(url, form | {"preview": "yes"})
    assert page.status_code == 200
    text = page.content.decode()
    for said in ("already a member", "doubled", "cannot be read", "nobody here", "Invite 1 person"):
        assert said in text
    assert "Ana &lt;ana@example.org&gt;\nmember@example.org" in text
    assert f'<option value="{mentor.pk}" selected>' in text
    assert not Invitation.objects.exists()
    done = client.post(url, form | {"apply": "yes", "mail": "yes"}, follow=True)
    assert "1 invitation was written" in done.content.decode()
    assert "Lines left out: 2:" in done.content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.mentor, invitation.created_by) == ("ana@example.org", mentor, admin)
    assert [message.to for message in later()] == [["ana@example.org"]]
    assert LogEntry.objects.filter(object_id=str(invitation.pk)).exists()
    assert LogEntry.objects.filter(object_id=str(cohort.pk)).exists()


def test_uploaded_list_is_kept_for_the_second_step(admin: User, client: Client) -> None:
    cohort = CohortFactory.create()
    url = reverse("admin:people_cohort_add_people", args=[cohort.pk])
    file = SimpleUploadedFile("people.csv", "name,email\nZoë,zoe@example.org".encode("utf-16"))
    page = client.post(url, {"role": "learner", "file": file, "preview": "yes"}).content.decode()
    assert "Zoë,zoe@example.org" in page


@pytest.mark.parametrize(
    "form",
    [
        {"text": "", "role": "learner"},
        {"text": "a\0@example.org", "role": "learner"},
        {"text": "a@example.org", "role": "king"},
        {"text": "a@example.org", "role": "learner", "mentor": "1e9"},
        {"text": "a@example.org", "role": ""},
        {"file": SimpleUploadedFile("people.xlsx", b"PK\x03\x04..."), "role": "learner"},
        {"file": SimpleUploadedFile("people.csv", b"x" * 1_100_000), "role": "learner"},
    ],
)
def test_bad_list_is_refused_with_the_form_kept(admin: User, client: Client, form: dict[str, object]) -> None:
    url = reverse("admin:people_cohort_add_people", args=[CohortFactory.create().pk])
    for button in ("preview", "apply"):
        answer = client.post(url, form | {button: "yes"})
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_list_of_ten_megabytes_is_refused(admin: User, client: Client) -> None:
    url = reverse("admin:people_cohort_add_people", args=[CohortFactory.create().pk])
    assert client.post(url, {"text": "a@example.org\n" * 700_000, "role": "learner"}).status_code in {
        400,
        413,
    }


def test_unknown_cohort_is_a_404(admin: User, client: Client) -> None:
    assert client.get("/admin/people/cohort/987654/people/").status_code == 404


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


def test_invitation_without_a_cohort_is_refused(admin: User, client: Client) -> None:
    answer = client.post(
        reverse("admin:people_invitation_add"), {"email": "a@example.org", "role": "learner"}
    )
    assert answer.status_code == 200
    assert "This field is required." in answer.text


@pytest.mark.parametrize("starts", ["9999-12-31", "0207-01-04"])
def test_year_that_was_mistyped_is_an_error_of_its_field(admin: User, client: Client, starts: str) -> None:
    values = {"curriculum": CurriculumFactory.create().pk, "name": "Spring", "starts": starts, "pace": "1"}
    forms = {
        f"{name}-{part}": "0"
        for name in ("month_starts", "pauses")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    answer = client.post(reverse("admin:people_cohort_add"), values | forms | {"time_zone": "UTC"})
    assert answer.status_code == 200
    assert "Is the year right?" in answer.text
    assert not Cohort.objects.exists()


def test_admin_is_told_why_they_are_not_deactivated(admin: User, client: Client) -> None:
    said = act(client, "user", "deactivate", admin.pk)
    assert "ask another admin to deactivate you" in said
    assert User.objects.get(pk=admin.pk).is_active


def test_mail_says_how_many_invitations_were_left(admin: User, client: Client) -> None:
    personal = InvitationFactory.create(email="ana@example.org", created_by=admin)
    shared = InvitationFactory.create(email="", cohort=personal.cohort, created_by=admin)
    said = act(client, "invitation", "send", personal.pk, shared.pk)
    assert "1 mail is on its way." in said
    assert "1 was left: only personal invitations that are open are mailed." in said


def test_dates_that_are_written_anew_are_told(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", label="Month 01")
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=10), name="Spring")
    cohort.write_starts()
    cohort.month_starts.update(starts=days(ahead=15))
    form = starts_form(cohort, [days(ahead=15)]) | {"starts": days(ahead=11).isoformat()}
    page = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), form, follow=True).text
    assert f"Month 01: {date_format(days(ahead=15))} → {date_format(days(ahead=11))}" in page


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
