"""Invitations in the admin: one at a time, and a list of people at once."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people.models import Invitation, Mail, User
from tests.factories import CohortFactory, InvitationFactory, MembershipFactory, mentor_of
from tests.mails import later
from tests.people.changelist import act


def test_adding_people_is_for_admins_alone(db: None, client: Client) -> None:
    cohort = CohortFactory.create()
    client.force_login(mentor_of(cohort))
    url = reverse("admin:people_cohort_add_people", args=[cohort.pk])
    assert client.post(url, {"text": "a@example.org", "role": "learner", "apply": "yes"}).status_code in {
        302,
        403,
    }
    assert not Invitation.objects.exists()


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
    for said in ("already a member", "doubled", "cannot be read", "nobody here", "Invite 1 person by mail"):
        assert said in text
    assert "Ana &lt;ana@example.org&gt;\nmember@example.org" in text
    assert f'<option value="{mentor.pk}" selected>' in text
    assert not Invitation.objects.exists()
    done = client.post(url, form | {"mail": "yes"}, follow=True)
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


def test_column_that_is_not_read_is_named(admin: User, client: Client) -> None:
    url = reverse("admin:people_cohort_add_people", args=[CohortFactory.create().pk])
    table = "\ufeffName;E-mail;Own mentor\nZoë;zoe@example.org;Tomas"
    page = client.post(url, {"role": "learner", "text": table, "preview": "yes"}).content.decode()
    assert "Not read: Own mentor." in page
    page = client.post(
        url, {"role": "learner", "text": "Zoë;zoe@example.org", "preview": "yes"}
    ).content.decode()
    assert "Not read:" not in page


def test_address_that_was_typed_wrong_is_put_right(admin: User, client: Client) -> None:
    invitation = InvitationFactory.create(email="zoe@exampel.org", name="Zoë")
    url = reverse("admin:people_invitation_change", args=[invitation.pk])
    form = {
        "email": "zoe@example.org",
        "name": "Zoë",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
    }
    said = client.post(url, form, follow=True).content.decode()
    assert "The link for zoe@exampel.org is closed." in said
    invitation.refresh_from_db()
    fresh = Invitation.objects.get(email="zoe@example.org")
    assert (invitation.email, invitation.is_open) == ("zoe@exampel.org", False)
    assert (fresh.is_open, fresh.cohort, fresh.name) == (True, invitation.cohort, "Zoë")
    assert not later()
    Mail.objects.write_invitation(fresh)
    client.post(
        reverse("admin:people_invitation_change", args=[fresh.pk]), form | {"email": "zoe@example.com"}
    )
    assert [message.to for message in later()] == [["zoe@example.com"]]


@pytest.mark.parametrize("email", ["", "zoe", "member@example.org", "open@example.org"])
def test_address_that_cannot_be_is_not_taken(admin: User, client: Client, email: str) -> None:
    invitation = InvitationFactory.create(email="zoe@exampel.org")
    InvitationFactory.create(email="open@example.org", cohort=invitation.cohort)
    MembershipFactory.create(user__email="member@example.org", cohort=invitation.cohort)
    url = reverse("admin:people_invitation_change", args=[invitation.pk])
    form = {"email": email, "name": "", "expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}
    page = client.post(url, form)
    assert page.status_code == 200
    assert "errornote" in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.is_open
    assert Invitation.objects.count() == 2


def test_shared_link_says_its_name_and_how_many_joined(admin: User, client: Client) -> None:
    shared = InvitationFactory.create(email="", name="Evening group")
    MembershipFactory.create_batch(2, cohort=shared.cohort, invitation=shared)
    page = client.get(reverse("admin:people_invitation_changelist")).content.decode()
    assert "“Evening group”, 2 have joined" in page


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
    for button in ("preview", "apply", "mail"):
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


def test_invitation_without_a_cohort_is_refused(admin: User, client: Client) -> None:
    answer = client.post(
        reverse("admin:people_invitation_add"), {"email": "a@example.org", "role": "learner"}
    )
    assert answer.status_code == 200
    assert "This field is required." in answer.text


def test_mail_says_how_many_invitations_were_left(admin: User, client: Client) -> None:
    personal = InvitationFactory.create(email="ana@example.org", created_by=admin)
    shared = InvitationFactory.create(email="", cohort=personal.cohort, created_by=admin)
    said = act(client, "invitation", "send", personal.pk, shared.pk)
    assert "1 mail is on its way." in said
    assert "1 was left: only personal invitations that are open are mailed." in said
