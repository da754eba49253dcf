"""What a mail says: composed when it is sent, in the person's language and zone, as plain text and as HTML."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Invitation, Mail, Notification, User

STOPS = signing.Signer(salt="people.mail", sep=".")
SHOWN = 30
"""Lines of a mail; the rest is a number and a link."""


def absolute(path: str) -> str:
    """The whole address of a page of this site."""
    return settings.SITE_ORIGIN + path


def stop_token(user: User, kind: str) -> str:
    """What the link carries that ends mails of a kind for a person, without logging in (RFC 8058)."""
    return STOPS.sign(f"{user.uuid.hex}.{kind}")


def stopped(token: str) -> tuple[User, str]:
    """Whose mails of which kind a link ends; raises User.DoesNotExist for a link that we did not make."""
    try:
        name, kind = STOPS.unsign(token).split(".")
        return User.objects.get(uuid=name), kind
    except (signing.BadSignature, ValueError) as error:
        raise User.DoesNotExist from error


@contextmanager
def as_read_by(user: User | None) -> Iterator[None]:
    """The language and the zone of the person who reads; the site's own for somebody without an account."""
    language = user.language if user else settings.LANGUAGE_CODE
    zone = ZoneInfo(user.time_zone if user else settings.TIME_ZONE)
    with translation.override(language), timezone.override(zone):
        yield


def letter(mail: Mail) -> EmailMultiAlternatives | None:
    """The mail as it goes out; None when there is nothing (left) to say, so that none goes out."""
    with as_read_by(mail.user):
        if mail.invitation:
            return _invitation(mail, mail.invitation)
        if mail.user:
            return _news(mail, mail.user)
        return written(mail, "account", {"text": mail.text}, mail.subject) if mail.text else None


def written(mail: Mail, template: str, context: dict[str, Any], subject: str) -> EmailMultiAlternatives:
    """A message with both bodies; a retry has the same id, so that a mail that came twice is shown once."""
    context |= {"subject": subject, "home": absolute("/")}
    host = settings.SITE_ORIGIN.partition("://")[2].partition(":")[0]
    message = EmailMultiAlternatives(
        subject,
        render_to_string(f"people/mail/{template}.txt", context),
        to=[mail.to],
        headers={"Message-ID": f"<{mail.uuid}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"people/mail/{template}.html", context), "text/html")
    return message


def _invitation(mail: Mail, invitation: Invitation) -> EmailMultiAlternatives | None:
    if not invitation.is_open:
        return None
    is_reminder = mail.kind == Mail.Kind.REMINDER
    if is_reminder and invitation.last_mail and invitation.last_mail.failed_at:
        return None
    words = {"cohort": invitation.cohort.name}
    subject = (
        _("Your invitation to %(cohort)s is still open")
        if is_reminder
        else _("Your invitation to %(cohort)s")
    )
    context = {"invitation": invitation, "link": absolute(invitation.url), "is_reminder": is_reminder}
    return written(mail, "invitation", context, subject % words)


def _news(mail: Mail, user: User) -> EmailMultiAlternatives | None:
    if not user.is_active or user.mails(mail.kind) == User.Mails.NEVER:
        return None
    rows = list(mail.notifications.unread().select_related("actor").newest_first())
    if not rows:
        return None
    older = user.notifications.still_waiting().filter(mail__isnull=False).exclude(mail=mail)
    still = list(older.select_related("actor").newest_first()[:SHOWN]) if mail.kind == "mentor" else []
    stop = absolute(reverse("people:mail_stop", args=[stop_token(user, mail.kind)]))
    context = {
        "person": user,
        "news": lines(rows),
        "more": max(len(rows) - SHOWN, 0),
        "still": lines(still),
        "all": absolute(reverse("people:notifications")),
        "account": absolute(reverse("people:account")),
        "stop": stop,
        "often": user.mails(mail.kind).label,
    }
    message = written(mail, "news", context, subject_of(rows, mail.kind))
    message.extra_headers |= {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return message


def lines(rows: list[Notification]) -> list[tuple[str, str]]:
    """Each sentence with the whole address of its page."""
    return [(row.sentence, absolute(row.url)) for row in rows[:SHOWN]]


def subject_of(rows: list[Notification], kind: str) -> str:
    """The sentence itself where there is one, else how many there are."""
    if len(rows) == 1:
        return rows[0].sentence
    count = {"count": len(rows)}
    if kind == Mail.Kind.MENTOR:
        return ngettext("%(count)s thing waits for you", "%(count)s things wait for you", len(rows)) % count
    return ngettext("%(count)s thing is new", "%(count)s things are new", len(rows)) % count
