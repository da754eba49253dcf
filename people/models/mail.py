"""Mails that are to be sent: each is a row, written with what it tells of, and a task that sends it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models.user import User

if TYPE_CHECKING:
    from people.models.invitation import Invitation

GATHERED = timedelta(minutes=2)
"""How long a mail "at once" waits for what else happens, so that ten comments are one mail."""
DAILY_AT = time(7)
"""When a daily mail goes out, in the person's zone."""
LONGEST_WAIT = timedelta(hours=1)
"""Between two tries to reach a mail server that does not answer."""

CLAIMED = timedelta(minutes=10)
"""Whoever tries a mail has it for so long; then it is given to another worker (`people/tasks.py`)."""


def due(person: User, how: str, now: datetime) -> datetime:
    """When a mail to this person goes out."""
    if how == User.Mails.AT_ONCE:
        return now + GATHERED
    local = now.astimezone(ZoneInfo(person.time_zone))
    day = local.date() if local.time() < DAILY_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DAILY_AT, tzinfo=local.tzinfo)


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails."""

    def waiting(self) -> "MailQuerySet":
        """Those that nobody has begun to send: what they are about is looked up when they are."""
        return self.filter(begun_at=None)

    def unsent(self) -> "MailQuerySet":
        """Waiting, or tried and not given up."""
        return self.filter(sent_at=None, failed_at=None)

    def failing(self) -> "MailQuerySet":
        """Given up, or tried more than once without success, and wanted still: what an admin has to look at."""
        return self.filter(Q(failed_at__isnull=False) | Q(sent_at=None, tries__gt=1)).needed()

    def needed(self) -> "MailQuerySet":
        """Without those about an invitation that was accepted, closed, or can be followed no more."""
        from people.models.invitation import Invitation  # noqa: PLC0415 (that module imports this one)

        return self.filter(Q(invitation=None) | Q(invitation__in=Invitation.objects.standing()))

    def write_news(self, people: Iterable[User], kind: str) -> None:
        """One mail of that kind to each who wants any, unless one is waiting that will tell this too."""
        wanted = {
            person.pk: (person, how) for person in people if (how := person.mails(kind)) != User.Mails.NEVER
        }
        # Locked: one that was begun before the news are committed would go out without them, and none after it.
        waiting = self.waiting().select_for_update(no_key=True).filter(user__in=wanted, kind=kind)
        known = set(waiting.order_by("pk").values_list("user", flat=True))
        now = timezone.now()
        mails = [
            Mail(kind=kind, user=person, to=person.email, due_at=due(person, how, now))
            for pk, (person, how) in wanted.items()
            if pk not in known
        ]
        # Of two that are written at once the database keeps one, and the other's task finds nothing to send.
        self.bulk_create(mails, ignore_conflicts=True)
        for mail in mails:
            mail.enqueue()

    def reschedule(self, person: User) -> None:
        """What waits goes out when the person wants it by now."""
        now = timezone.now()
        for mail in self.waiting().filter(user=person):
            mail.due_at = due(person, person.mails(mail.kind), now)
            mail.save(update_fields=["due_at"])
            mail.enqueue()

    def write_invitation(self, invitation: "Invitation") -> "Mail":
        """The mail that brings an invitation's link, and the reminder for whoever does not answer."""
        known = self.filter(invitation=invitation, sent_at=None, failed_at=None)
        if mail := known.filter(kind=Mail.Kind.INVITATION).first():
            return mail
        mail = self.create(kind=Mail.Kind.INVITATION, invitation=invitation, to=invitation.email)
        mail.enqueue()
        days = settings.INVITATION_REMINDER_DAYS
        if days and not self.filter(invitation=invitation, kind=Mail.Kind.REMINDER).exists():
            due_at = timezone.now() + timedelta(days=days)
            self.create(
                kind=Mail.Kind.REMINDER, invitation=invitation, to=invitation.email, due_at=due_at
            ).enqueue()
        return mail

    def write_account(self, to: str, subject: str, text: str) -> "Mail":
        """A mail about logging in, as it was written; its words are forgotten when it is sent."""
        mail = self.create(kind=Mail.Kind.ACCOUNT, to=to, subject=subject, text=text)
        mail.enqueue()
        return mail


class Mail(models.Model):
    """One mail: waiting, being tried, sent, or given up because its address was refused."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        REMINDER = "reminder", _("reminder of an invitation")
        LEARNER = "learner", _("news for a learner")
        MENTOR = "mentor", _("list for a mentor")
        ACCOUNT = "account", _("log-in")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TRYING = "trying", _("being tried again")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    to = models.EmailField(_("to"))
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    invitation = models.ForeignKey(
        "Invitation",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("invitation"),
    )
    subject = models.CharField(max_length=300, blank=True, editable=False)
    """Of a mail about logging in; all others are written when they are sent."""
    text = models.TextField(blank=True, editable=False)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    begun_at = models.DateTimeField(_("first tried"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    error = models.TextField(_("what the mail server said"), blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(begun_at=None), name="mail_one_waiting"
            ),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="mail_sent_or_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.to}"

    @property
    def state(self) -> "Mail.State":
        if self.sent_at:
            return self.State.SENT
        if self.failed_at:
            return self.State.FAILED
        return self.State.TRYING if self.tries else self.State.WAITING

    def enqueue(self) -> None:
        """Has the worker send it when it is due; a row of the same transaction."""
        from people.tasks import send_mail  # noqa: PLC0415 (tasks import the models)

        send_mail.using(run_after=self.due_at).enqueue(str(self.uuid))

    def take(self) -> None:
        """Begins a try. With the first one it takes up all that it has to tell, and nothing is added any more."""
        if self.begun_at is None and self.user:
            self.user.notifications.to_mail(self).update(mail=self)
        now = timezone.now()
        self.begun_at = self.begun_at or now
        self.due_at = now + CLAIMED
        self.tries += 1
        self.save(update_fields=["begun_at", "due_at", "tries"])

    def sent(self) -> None:
        """The mail server has taken it: what it said is forgotten."""
        self.sent_at, self.error, self.subject, self.text = timezone.now(), "", "", ""
        self.save(update_fields=["sent_at", "error", "subject", "text"])

    def later(self, error: str) -> None:
        """The server could not take it: tried again after a wait that doubles, up to LONGEST_WAIT."""
        self.error = error
        self.due_at = timezone.now() + min(timedelta(minutes=2 ** min(self.tries - 1, 10)), LONGEST_WAIT)
        self.save(update_fields=["error", "due_at"])
        self.enqueue()

    def fail(self, error: str) -> None:
        """The server refuses this address: trying again would not help."""
        self.error, self.failed_at = error, timezone.now()
        self.save(update_fields=["error", "failed_at"])

    def again(self) -> None:
        """An admin has it tried once more, now."""
        self.failed_at, self.due_at = None, timezone.now()
        self.save(update_fields=["failed_at", "due_at"])
        self.enqueue()
