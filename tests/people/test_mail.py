"""Mails: written with what they tell of, sent once by the worker, later when the server is away, never lost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as locmem
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from people.models import Invitation, Mail, Notification, User
from people.models.mail import due
from people.tasks import LONGEST, send_mail, tidy
from tests.cast import Cast
from tests.factories import InvitationFactory, UserFactory
from tests.mails import later, post_office

SILENT = override_settings(
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9
)


def tell(cast: Cast, *people: User, kind: str = "replied", **facts: Any) -> None:
    told = {"what": "Data flow", "about": cast.learner.uuid, "url": "/path/", "learner": cast.learner} | facts
    Notification.objects.tell(people, kind, actor=cast.mentor, **told)


@pytest.fixture
def invitation(db: None) -> Invitation:
    made: Invitation = InvitationFactory.create(email="ana@example.org", name="Ana")
    return made


def test_invitation_arrives_by_a_real_server(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    with post_office() as box:
        later()
    (message,) = box.messages
    assert (message["To"], message["Auto-Submitted"]) == ("ana@example.org", "auto-generated")
    for part in message.iter_parts():
        assert f"http://localhost{invitation.url}" in part.get_content()
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert invitation.last_mail
    assert invitation.last_mail.state == Mail.State.SENT


def test_reminder_goes_to_who_has_not_joined(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    assert [message.subject for message in later()] == [f"Your invitation to {invitation.cohort}"]
    assert not later(timedelta(days=6))
    assert [message.subject for message in later(timedelta(days=2))] == [
        f"Your invitation to {invitation.cohort} is still open"
    ]


def test_reminder_is_dropped_when_somebody_joined(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    later()
    invitation.accept(UserFactory.create(email="ana@example.org"))
    assert not later(timedelta(days=8))
    assert not Mail.objects.unsent().exists()


def test_invitation_is_sent_again_when_asked(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    Mail.objects.write_invitation(invitation)
    assert len(later()) == 1
    Mail.objects.write_invitation(invitation)
    assert len(later()) == 1
    assert Mail.objects.filter(kind=Mail.Kind.REMINDER).count() == 1


def test_refused_address_is_given_up_and_shown(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    with post_office() as box:
        box.refusals["ana@example.org"] = "550 5.1.1 No such person here"
        later()
        mail = Mail.objects.get(kind=Mail.Kind.INVITATION)
        assert (mail.state, mail.tries) == (Mail.State.FAILED, 1)
        assert "550" in mail.error
        assert "No such person" in mail.error
        box.refusals.clear()
        later(timedelta(hours=3))
        later(timedelta(days=8))
        assert not box.messages  # nor is anybody reminded there
        mail.again()
        later()
    assert len(box.messages) == 1
    assert Mail.objects.get(pk=mail.pk).state == Mail.State.SENT


def test_address_that_is_refused_for_now_is_tried_again(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    with post_office() as box:
        box.refusals["ana@example.org"] = "451 4.7.1 Greylisted, come back later"
        later()
        assert Mail.objects.get(kind=Mail.Kind.INVITATION).state == Mail.State.TRYING
        box.refusals.clear()
        later()
    assert len(box.messages) == 1


def test_silent_server_delays_and_loses_nothing(invitation: Invitation) -> None:
    Mail.objects.write_invitation(invitation)
    waits = []
    with SILENT:
        for _try in range(4):
            later(timedelta(hours=1))
            mail = Mail.objects.get(kind=Mail.Kind.INVITATION)
            waits.append(round((mail.due_at - timezone.now()).total_seconds() / 60))
    assert waits == [1, 2, 4, 8]
    assert "Error" in mail.error
    assert Mail.objects.failing().get() == mail
    ids = set()
    with post_office() as box:
        later(timedelta(hours=1))
        ids.add(box.messages[0]["Message-ID"])
    assert ids == {f"<{mail.uuid}@localhost>"}
    mail.refresh_from_db()
    assert (mail.state, mail.error, mail.tries) == (Mail.State.SENT, "", 5)


def test_fault_in_a_letter_is_kept_with_its_mail(cast: Cast) -> None:
    tell(cast, cast.learner.user)
    Mail.objects.update(to="not an address\nat all")
    later()
    mail = Mail.objects.get()
    assert mail.state == Mail.State.TRYING
    assert "Header" in mail.error


def test_second_task_for_the_same_mail_sends_nothing(invitation: Invitation) -> None:
    mail = Mail.objects.write_invitation(invitation)
    mail.take()  # as a worker that is sending it right now
    send_mail.call(str(mail.uuid))
    assert not getattr(locmem, "outbox", [])
    assert len(later(timedelta(minutes=11))) == 1
    send_mail.call(str(mail.uuid))
    assert len(locmem.outbox) == 1


def test_task_of_a_killed_worker_is_done_by_the_next(invitation: Invitation) -> None:
    mail = Mail.objects.write_invitation(invitation)
    row = DBTaskResult.objects.get(args_kwargs__args=[str(mail.uuid)])
    row.claim("killed")
    mail.take()
    tidy.call()
    assert not later()
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - LONGEST - timedelta(seconds=1))
    Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now())
    tidy.call()
    assert len(later()) == 1


def test_tidying_has_itself_done_again_once(db: None) -> None:
    tidy.call()
    tidy.call()
    assert DBTaskResult.objects.filter(task_path=tidy.module_path, status="READY").count() == 1


def test_ten_things_at_once_are_one_mail(cast: Cast) -> None:
    for number in range(10):
        tell(cast, cast.learner.user, what=f"Work {number}", about=cast.task.uuid, kind="replied")
        tell(cast, cast.learner.user, what=f"Work {number}", about=cast.deliverable.uuid)
    (message,) = later()
    assert message.subject == "2 things are new"
    assert message.to == [cast.learner.user.email]
    assert message.body.count("Tomas Lindqvist answered you on “Work 9”.") == 2
    assert not later(timedelta(days=2))


def test_mail_says_only_what_is_unread(cast: Cast) -> None:
    tell(cast, cast.learner.user)
    Notification.objects.mark_read()
    assert not later()
    assert not Mail.objects.exists()


def test_what_happens_while_a_mail_is_tried_goes_into_the_next(cast: Cast) -> None:
    tell(cast, cast.learner.user)
    with SILENT:
        later()
    tell(cast, cast.learner.user, about=cast.task.uuid, what="Later work")
    bodies = [message.body for message in later(timedelta(minutes=5))]
    assert [("Data flow" in body, "Later work" in body) for body in bodies] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("zone", "now", "wanted"),
    [
        ("Europe/Lisbon", datetime(2026, 11, 24, 6, 59, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("Europe/Lisbon", datetime(2026, 11, 24, 7, 0, tzinfo=UTC), datetime(2026, 11, 25, 7, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 24, 21, 0, tzinfo=UTC), datetime(2026, 11, 24, 22, tzinfo=UTC)),
        # The night in which clocks go back an hour.
        ("Europe/Lisbon", datetime(2026, 10, 24, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
    ],
)
@pytest.mark.pure
def test_daily_mail_goes_out_at_seven_where_the_person_is(zone: str, now: datetime, wanted: datetime) -> None:
    person = User(time_zone=zone)
    assert due(person, User.Mails.DAILY, now) == wanted
    assert due(person, User.Mails.AT_ONCE, now) == now + timedelta(minutes=2)


def test_each_side_has_its_choice(cast: Cast) -> None:
    person = cast.mentor
    tell(cast, person, kind="waiting")
    assert not Mail.objects.exists()  # nobody is told of what they did themselves
    Notification.objects.tell(
        [person],
        "waiting",
        actor=cast.learner.user,
        learner=cast.learner,
        what="A",
        about=cast.task.uuid,
        url="/",
    )
    mail = Mail.objects.get()
    assert mail.kind == Mail.Kind.MENTOR
    assert mail.due_at > timezone.now() + timedelta(minutes=2)
    person.mentor_mail = User.Mails.AT_ONCE
    person.save()
    Mail.objects.reschedule(person)
    assert len(later()) == 1


def test_list_of_a_mentor_names_what_still_waits(cast: Cast) -> None:
    cast.hand_in()
    (first,) = later(timedelta(days=1))
    assert first.subject == "Ines Duarte handed in “Work 1.1”."
    assert "still waits" not in first.body
    cast.hand_in(cast.fellow)
    (second,) = later(timedelta(days=1))
    assert "Kwame Mensah handed in" in second.body.partition("This still waits:")[0]
    assert "Ines Duarte handed in" in second.body.partition("This still waits:")[2]


def test_never_means_no_mail_and_the_list_stays(cast: Cast) -> None:
    cast.learner.user.stop_mails("learner")
    tell(cast, cast.learner.user)
    assert not later()
    assert cast.learner.user.notifications.unread().count() == 1


def test_one_click_ends_the_mails(cast: Cast, client: Client) -> None:
    tell(cast, cast.learner.user)
    (message,) = later()
    stop = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in message.body
    path = stop.removeprefix("http://localhost")
    assert "Stop these mails?" in client.get(path).text
    assert User.objects.get(pk=cast.learner.user.pk).learner_mail == User.Mails.AT_ONCE
    # As a mail program sends it: no cookie, no key.
    Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert User.objects.get(pk=cast.learner.user.pk).learner_mail == User.Mails.NEVER
    assert User.objects.get(pk=cast.learner.user.pk).mentor_mail == User.Mails.DAILY
    assert client.get(path[:-3] + "x/").status_code == 404


def test_words_of_a_log_in_mail_are_forgotten_once_sent(db: None, client: Client) -> None:
    UserFactory.create(email="ana@example.org")
    client.post("/accounts/password/reset/", {"email": "ana@example.org"})
    assert re.search(r"/accounts/password/reset/key/\S+", Mail.objects.get().text)
    later()
    mail = Mail.objects.get()
    assert (mail.state, mail.text, mail.subject) == (Mail.State.SENT, "", "")


def test_mail_is_rolled_back_with_what_it_tells_of(cast: Cast) -> None:
    with transaction.atomic():
        tell(cast, cast.learner.user)
        assert Mail.objects.exists()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert not DBTaskResult.objects.filter(task_path=send_mail.module_path).exists()


def test_one_mail_waits_for_each_person_and_side(cast: Cast) -> None:
    tell(cast, cast.learner.user)
    row = Mail.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.create(kind=row.kind, user=row.user, to=row.to)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(pk=row.pk).update(sent_at=timezone.now(), failed_at=timezone.now())


def test_test_mail_says_what_the_server_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with post_office() as box:
        call_command("send_test_mail", "ana@example.org")
        assert "took the mail" in capsys.readouterr().out
        assert box.messages[0]["To"] == "ana@example.org"
        box.refusals["bad@example.org"] = "550 No such person"
        with pytest.raises(CommandError, match="No such person"):
            call_command("send_test_mail", "bad@example.org")
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("send_test_mail", "nobody")
    with SILENT, pytest.raises(CommandError, match=r"127\.0\.0\.1:9 did not take the mail.*EMAIL_HOST"):
        call_command("send_test_mail", "ana@example.org")


def test_mail_about_an_invitation_that_was_closed_needs_nobody(db: None) -> None:
    invitation = InvitationFactory.create(email="typo@exmaple.org")
    mail = Mail.objects.write_invitation(invitation)
    mail.fail("550 no such domain")
    assert list(Mail.objects.failing()) == [mail]
    invitation.revoke()
    assert not Mail.objects.failing().exists()
