"""Lists of people as somebody pastes or uploads them: read by line, and compared with who is there already.

A line is an address, `Name <address>`, several of these, or cells of a table (tabs, semicolons or commas) of
which one is the address and the others are the name. A first line that names its columns says which is which.
"""

import csv
import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import Cohort, Invitation, Membership, User

LIMIT = 2000
"""People added at once."""
NAME_LENGTH = 150
BLANK = " \t,;\ufeff"
"""What may stand around the words of a line, or be all of it."""
NAMED = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^<>;"]*?))\s*<(?P<email>[^<>]*)>\s*[,;]?')
HEADS = {
    "email": {"email", "e-mail", "mail", "e-mail address", "email address", "address"},
    "name": {
        "name",
        "full name",
        "first name",
        "given name",
        "last name",
        "family name",
        "surname",
        "forename",
    },
}


def decoded(data: bytes) -> str:
    """The text of an uploaded file: UTF-8 or UTF-16 with its mark, UTF-8, else Windows' Latin letters.

    Raises ValidationError for a file that holds no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data or data.startswith((b"PK\x03\x04", b"%PDF")):
        raise ValidationError(_("This file is no text. Save the table as CSV and upload that."))
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(_("This file is damaged: its text cannot be read. Save it again as UTF-8."))


@dataclass
class Entry:
    """One address of the list: `line` counts from 1; `reason` says why it is not invited, if it is not."""

    class State(TextChoices):
        NEW = "new", gettext_lazy("new")
        MEMBER = "member", gettext_lazy("already a member")
        INVITED = "invited", gettext_lazy("already invited")
        DOUBLED = "doubled", gettext_lazy("doubled")
        BAD = "bad", gettext_lazy("cannot be read")

    line: int
    email: str
    name: str = ""
    state: State = State.NEW
    reason: str = ""

    def refuse(self, state: State, reason: str) -> None:
        self.state, self.reason = state, reason


def check_entry(entry: Entry) -> Entry:
    """Marks an address or a name that cannot be stored as bad."""
    entry.email = entry.email.strip().strip(".,;'\"").removeprefix("mailto:").lower()
    entry.name = " ".join(entry.name.strip().strip("\"'").split())
    try:
        validate_email(entry.email)
    except ValidationError:
        entry.refuse(Entry.State.BAD, _("“%(text)s” is no e-mail address.") % {"text": entry.email[:80]})
    if len(entry.email) > 254 or not entry.email.isprintable():
        entry.refuse(Entry.State.BAD, _("“%(text)s” is no e-mail address.") % {"text": entry.email[:80]})
    elif len(entry.name) > NAME_LENGTH or not entry.name.isprintable():
        entry.refuse(Entry.State.BAD, _("The name is longer than 150 characters, or no name."))
    return entry


def cells(line: str) -> list[str]:
    """The line's cells, by the first of tab, semicolon and comma that it has."""
    mark = next((mark for mark in "\t;," if mark in line), ",")
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
    except csv.Error:
        return [line.strip()]


def heads(row: list[str]) -> list[str] | None:
    """What each column holds ("email", "name" or nothing), if this row says so."""
    columns = [next((kind for kind, words in HEADS.items() if cell.lower() in words), "") for cell in row]
    return columns if "email" in columns else None


def unread_columns(text: str) -> list[str]:
    """The names of the columns that the list's first line names and nobody reads, such as “Own mentor”."""
    first = next((line for line in re.split(r"\r\n|\r|\n", text) if line.strip(BLANK)), "")
    row = cells(first.strip(BLANK)) if "@" not in first else []
    return [cell for cell, kind in zip(row, heads(row) or [], strict=False) if cell and not kind]


def read_line(number: int, line: str, columns: list[str] | None) -> list[Entry]:
    """The people of one line; a bad entry where there is none."""
    if "<" in line:
        return read_named(number, line)
    row = cells(line)
    if columns and len(row) == len(columns):
        pairs = list(zip(columns, row, strict=True))
        name = " ".join(cell for kind, cell in pairs if kind == "name")
        return [Entry(number, next(cell for kind, cell in pairs if kind == "email"), name)]
    addresses = [cell for cell in row if "@" in cell]
    others = [cell for cell in row if cell and "@" not in cell]
    if len(addresses) == 1:
        return [Entry(number, addresses[0], " ".join(others))]
    if len(addresses) > 1 and not others:
        return [Entry(number, address) for address in addresses]
    return [Entry(number, line)]


def read_named(number: int, line: str) -> list[Entry]:
    """The people of a line of `Name <address>`; a bad entry for anything else between them."""
    found = list(NAMED.finditer(line))
    if len(found) == 1 and not line[found[0].end() :].strip():
        return [Entry(number, found[0]["email"], line[: line.index("<")])]
    if found and not NAMED.sub("", line).strip():
        return [Entry(number, one["email"], one["quoted"] or one["plain"] or "") for one in found]
    return [Entry(number, line)]


def read(text: str) -> list[Entry]:
    """All people of a list, in order, the doubled and the bad marked; ValidationError for more than LIMIT."""
    entries: list[Entry] = []
    columns: list[str] | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not line.strip(BLANK):
            continue
        if not entries and columns is None and "@" not in line:
            columns = heads(cells(line))
            if columns:
                continue
        entries += [check_entry(entry) for entry in read_line(number, line.strip("\ufeff "), columns)]
    if len(entries) > LIMIT:
        raise ValidationError(
            _("This list has more than %(limit)s people. Cut it in two.") % {"limit": LIMIT}
        )
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.state == Entry.State.NEW and entry.email in seen:
            reason = _("The same address as in line %(line)s.") % {"line": seen[entry.email]}
            entry.refuse(Entry.State.DOUBLED, reason)
        seen.setdefault(entry.email, entry.line)
    return entries


@dataclass
class Roster:
    """A list of people beside those a cohort has: what adding it would do. Three queries for any length."""

    cohort: Cohort
    text: str
    entries: list[Entry] = field(init=False)
    unread: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Raises ValidationError for a list that is too long."""
        self.entries = read(self.text)
        members = set(self.cohort.memberships.filter(ended_at=None).values_list("user__email", flat=True))
        invitations = Invitation.objects.open().filter(cohort=self.cohort, memberships=None).exclude(email="")
        invited = set(invitations.values_list("email", flat=True))
        self.unread = unread_columns(self.text)
        closed = set(User.objects.filter(is_active=False).values_list("email", flat=True))
        for entry in self.new:
            if entry.email in members:
                entry.refuse(Entry.State.MEMBER, _("Is in this cohort already."))
            elif entry.email in invited:
                entry.refuse(Entry.State.INVITED, _("Has an invitation that is still open."))
            elif entry.email in closed:
                entry.refuse(Entry.State.BAD, _("This account is deactivated. Activate it first."))

    @property
    def new(self) -> list[Entry]:
        """Those who would be invited."""
        return [entry for entry in self.entries if entry.state == Entry.State.NEW]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many there are of each state, in the states' order."""
        return [
            (str(state.label), sum(entry.state == state for entry in self.entries)) for state in Entry.State
        ]

    @transaction.atomic
    def invite(self, by: User, role: str, mentor: User | None) -> list[Invitation]:
        """Writes a personal invitation for each new address, all or none."""
        # Two admins who add the same list wait for each other: the second finds the first one's invitations.
        Cohort.objects.select_for_update().get(pk=self.cohort.pk)
        fresh = Roster(self.cohort, self.text)
        self.entries = fresh.entries
        written = Invitation.objects.bulk_create(
            Invitation(
                cohort=self.cohort,
                role=role,
                email=entry.email,
                name=entry.name,
                mentor=mentor if role == Membership.Role.LEARNER else None,
                created_by=by,
            )
            for entry in self.new
        )
        for invitation in written:
            invitation.__dict__["has_joined"] = False
        return written
