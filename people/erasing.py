"""What erasing one person does to their account: the parts that lie in this app and in the log-in's tables.

Each part says what it takes away before it does. Whatever else is kept about a person goes into `parts_of` as
another part: the confirmation, the command and the erasure itself all read that one list.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.models import FORMER, NOWHERE, Invitation, Mail, Membership, User

Thing = tuple[str, str]
"""What the record calls something that was erased: its kind and its public id."""


@dataclass(frozen=True)
class Part:
    """Things of one kind that an erasure takes away."""

    label: str | Promise
    """What they are, in the plural: "sessions"."""
    names: list[str]
    """What a confirmation says of each: never the text that is to go."""
    blank: Callable[[], object]
    """Takes them away for good; called once, inside the erasure's transaction."""
    things: list[Thing] = field(default_factory=list)
    """Those that the record has to name."""

    @property
    def count(self) -> int:
        return len(self.names)


def parts_of(person: User) -> Iterable[Part]:
    """Everything of the person's account that is there to be erased; parts with nothing in them are left out."""
    addresses = EmailAddress.objects.filter(user=person)
    keys = Authenticator.objects.filter(user=person)
    sessions = sessions_of(person)
    invitations = list(invitations_of(person).exclude(email__endswith=f"@{NOWHERE}"))
    running = list(Membership.objects.filter(user=person, ended_at=None).select_related("cohort"))
    learners = Membership.objects.filter(mentor=person).select_related("user", "cohort")
    lines = Lines(person)
    account = Part(
        _("name and address of the account, with its settings and its rights"),
        [] if person.erased_at else [person.name, person.email],
        person.erase,
    )
    mails = Mail.objects.filter(Q(user=person) | Q(to__in=addresses_of(person)))
    found = [
        Part(_("mails, sent or not"), [str(mail) for mail in mails], lambda: gone(list(mails))),
        Part(
            _("notifications"),
            [notification.kind for notification in person.notifications.all()],
            lambda: gone(list(person.notifications.all())),
        ),
        # The lines come first: they are found by the name.
        Part(_("lines of the admin's log that name the person"), lines.names, lines.blank),
        account,
        Part(_("e-mail addresses"), [row.email for row in addresses], addresses.delete),
        Part(_("passkeys, authenticator apps, recovery codes"), [row.type for row in keys], keys.delete),
        Part(_("sessions"), [str(row.expire_date) for row in sessions], lambda: gone(sessions)),
        Part(
            _("invitations"),
            [str(row.email) for row in invitations],
            lambda: close(invitations),
        ),
        Part(
            _("memberships, which end"),
            [f"{row.cohort}, {row.get_role_display()}" for row in running],
            lambda: end(running),
        ),
        Part(
            _("learners who have the person as own mentor, and will have none"),
            [str(row) for row in learners],
            lambda: learners.update(mentor=None),
        ),
    ]
    return [part for part in found if part.count]


def close(invitations: Iterable[Invitation]) -> None:
    for row in invitations:
        row.erase()


def end(memberships: Iterable[Membership]) -> None:
    for row in memberships:
        row.end()


def gone(rows: Iterable[Model]) -> None:
    for row in rows:
        row.delete()


def sessions_of(person: User) -> list[Session]:
    """Where the person is logged in. A session says whose it is only inside, so each is read."""
    every = Session.objects.iterator(chunk_size=500)
    return [row for row in every if row.get_decoded().get("_auth_user_id") == str(person.pk)]


def addresses_of(person: User) -> set[str]:
    """Every address that the person has here."""
    return {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}


def invitations_of(person: User) -> QuerySet[Invitation]:
    """Those made out to one of the person's addresses, and those by which they came."""
    mine = Q(email__in=addresses_of(person)) | Q(memberships__user=person)
    return Invitation.objects.filter(mine).exclude(email="").distinct()


class Lines:
    """Lines of the admin's log with a name or an address of the person in their words."""

    def __init__(self, person: User) -> None:
        called = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)
        ).values_list("object_repr", flat=True)
        invited = invitations_of(person).values_list("email", "name")
        known = {person.name, person.email, *called, *(word for pair in invited for word in pair)}
        words = {word for word in known if len(word.strip()) > 1} - {FORMER}
        self.words = sorted(words, key=len, reverse=True)
        """Every name and address that the person is known to have had, the longest first."""

    @property
    def rows(self) -> list[LogEntry]:
        named = Q(pk=None)
        for word in self.words:
            for written in {word, escaped(word)}:
                named |= Q(object_repr__icontains=written) | Q(change_message__icontains=written)
        found = LogEntry.objects.filter(named).order_by("pk")
        return [line for line in found if self.changed(line)]

    @property
    def names(self) -> list[str]:
        return [f"{line.action_time:%Y-%m-%d %H:%M}" for line in self.rows]

    def blank(self) -> None:
        for line in self.rows:
            for column, value in self.changed(line).items():
                setattr(line, column, value)
            line.save(update_fields=["object_repr", "change_message"])

    def changed(self, line: LogEntry) -> dict[str, str]:
        """What the line says without the person, if that is something else."""
        new = {
            "object_repr": self.without(line.object_repr)[:200],
            "change_message": self.without(line.change_message),
        }
        return new if any(getattr(line, column) != value for column, value in new.items()) else {}

    def without(self, said: str) -> str:
        for word in self.words:
            for written in {word, escaped(word)}:
                # A name inside a longer word is another word.
                said = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", FORMER, said, flags=re.IGNORECASE)
        return said


def escaped(word: str) -> str:
    """As it stands in a message that the admin keeps as JSON."""
    return json.dumps(word)[1:-1]
