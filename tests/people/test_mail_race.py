"""Somebody is told something while a worker begins the mail that would tell it; and what is lost without a turn."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from people.models import Mail, Notification, User
from people.tasks import send_mail
from tests.cast import Cast, make_cast
from tests.turns import interleaved, take_no_rows


def tell(cast: Cast, *people: User, about: UUID | None = None) -> None:
    facts = {"learner": cast.learner, "what": "Work", "about": about or uuid4(), "url": "/path/"}
    Notification.objects.tell(people, Notification.Kind.COMMENTED, actor=cast.mentor, **facts)


def untold() -> int:
    """News that no mail told and none will tell."""
    waiting = Mail.objects.waiting().values("user")
    return Notification.objects.unread().filter(mail=None).exclude(user__in=waiting).count()


def due_mail(user: User) -> str:
    """The public id of the person's mail, which is due now."""
    mail = Mail.objects.get(user=user)
    Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now())
    return str(mail.uuid)


def untold_when_told_while_a_mail_begins() -> int:
    cast = make_cast()
    learner, fellow = cast.learner.user, cast.fellow.user
    tell(cast, learner)
    mail = due_mail(learner)
    # The fellow has no mail yet: at that moment it is known that the learner has one.
    ends = interleaved(
        lambda: tell(cast, learner, fellow),
        'INSERT INTO "people_mail"',
        lambda: send_mail.func(mail),
    )
    assert ends == [None, None]
    return untold()


@pytest.mark.django_db(transaction=True)
def test_news_told_while_a_mail_begins_are_mailed() -> None:
    assert untold_when_told_while_a_mail_begins() == 0


@pytest.mark.django_db(transaction=True)
def test_news_told_while_a_mail_begins_are_not_mailed_without_taking_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control. On SQLite the turn is the immediate transaction, which still holds."""
    take_no_rows(monkeypatch)
    assert untold_when_told_while_a_mail_begins() == (1 if connection.vendor == "postgresql" else 0)


@pytest.mark.django_db(transaction=True)
def test_same_news_told_again_while_a_mail_begins_wait_for_no_row_of_each_other() -> None:
    """Both the mail and the row of the list are there already, and each side wants both."""
    cast, about = make_cast(), uuid4()
    tell(cast, cast.learner.user, about=about)
    mail = due_mail(cast.learner.user)
    again = partial(tell, cast, cast.learner.user, about=about)
    assert interleaved(again, 'SELECT "people_mail"', partial(send_mail.func, mail)) == [None, None]
    assert untold() == 0
