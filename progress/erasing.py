"""Erasing: one text, one file, one person; for good, with a reason, and so that the record shows it.

What goes, and what stays in its place:

    what                              one text or one file              one person
    --------------------------------  --------------------------------  -------------------------------------------
    text, link of a version           emptied and marked, also where    all of a learner's; their drafts are thrown
                                      another version of the work has   away
                                      the same; drafts are emptied
    note of a version                 emptied and marked                all of a learner's
    file                              bytes and name go, wherever the   all of a learner's
                                      learner has the same bytes; out
                                      of drafts
    places that comments point at     the quotes from it                all on a learner's work
    comment, with its earlier words   emptied and marked; one that is   all on a learner's work, by whomever. What a
                                      not sent is removed               mentor said elsewhere stays, without a name
    saved replies                     –                                 deleted
    review: summary, reason for       emptied and marked                all on a learner's work; likewise
      taking it back
    review: digests of what it was    those of the text, link or file   all on a learner's work
      made on
    review that is not sent           summary or notes on criteria      removed: the person's own, and any on a
                                      are emptied                       learner's work
    answers in a draft                emptied                           thrown away with the draft
    system of a project               emptied                           all of a learner's
    note beside a tick                emptied; the tick stays           all of a learner's; the ticks stay
    entry of the record: its note     blanked with its salt, and a      all notes in a learner's record but the
                                      defence's own copy                reasons of erasures, which go one by one
    entry of the record: salts of     those of the text, link or file   all of a learner's
      evidence
    entry of the record: names        –                                 the person's, in every record
    account                           –                                 no name, no address, no password, no rights,
                                                                        no settings; inactive for good
    addresses, passkeys, sessions     –                                 deleted
    mails, notifications              –                                 deleted; what others were told names nobody
    invitations of theirs             –                                 no name, no address, closed
    memberships                       –                                 ended; nobody has them as own mentor
    reservations of work              –                                 deleted
    lines of the admin's log          –                                 the name and the addresses in their words

What stays: that there was something, when, in which version, and how many bytes a file had; a digest of it in the
record, which nobody can try a guess against, because its salt went too; verdicts, marks, ticks, dates; whatever
another person wrote elsewhere, which can be erased one by one; what somebody has downloaded or a browser keeps; and
backups until they are too old. A process that has shown a text or a file keeps it in memory for some minutes more
(`submissions/memory.py`), where nobody can ask for it. Entries of form 1 (`progress/chain.py`), which an older
release made, keep a digest without salt of the whole text, link or file: there a guess can still be tried.

Each erasure appends an entry to every record that it touches: who, when, why (a text that can itself be erased),
and in its facts `erased`, the texts and salts of the record, and `things`, everything else by kind and public id.
`manage.py verify` holds the rows and the entries against each other, both ways.
"""

import hashlib
from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.erasing import Part
from people.erasing import parts_of as parts_of_account
from people.models import Membership, User
from progress.chain import append
from progress.models import Completion, Entry, EntryText
from progress.record import TRIES, blank, in_turns, salts_of
from submissions.erasing import (
    TEXTS,
    lock,
    others_with,
    parts_of_files,
    parts_of_learner,
    parts_of_mentor,
    parts_of_text,
    same_files,
    submission_of,
)
from submissions.models import Submission

KINDS = {
    **{kind: text.label for kind, text in TEXTS.items()},
    "tick": gettext_lazy("notes beside ticks"),
    "entry": gettext_lazy("notes of entries of the record"),
}
"""What can be erased as one text, by the word for it on the command line and in addresses."""
WORD = "erase"
"""What has to be typed before a text or a file is erased; for a person it is their address."""

Parts = list[tuple[Membership | None, Part]]
"""What would go, each with the learner whose record has to say so."""


class Moved(Exception):
    """Another record came to name the person while theirs were taken: begin again."""


class Erasure(ABC):
    """One erasure before it is made: what it is about, and what it would take away."""

    title: str
    """What it is about, for a heading."""
    word = WORD
    """What has to be typed."""
    row: Model
    """What the admin's log names."""

    @abstractmethod
    def parts(self) -> Parts:
        """All that would go, as it is now, each with the learner whose record has to say so."""

    @property
    @abstractmethod
    def learners(self) -> list[Membership]:
        """Those in whose records an entry will be made, in the order of their primary keys."""

    def lock(self) -> None:  # noqa: B027  # a tick and an entry are kept by the learner's row
        """Keeps what is to go as it is, until the transaction ends; the learners are taken already."""

    def check(self, author: User) -> None:  # noqa: B027  # most may be made by every admin
        """Raises ValidationError for who must not make this one, beyond what holds for all."""

    @property
    def warning(self) -> str:
        """What else whoever erases should know."""
        return ""

    @cached_property
    def shown(self) -> list[Part]:
        """What a confirmation lists: of each kind one part."""
        merged: dict[str, list[str]] = defaultdict(list)
        for _learner, part in self.parts():
            merged[str(part.label)] += part.names
        return [Part(label, names, lambda: None) for label, names in merged.items() if names]

    @property
    def seen(self) -> str:
        """Tells one state of what would go from another; a form sends it back."""
        told = "\n".join(f"{part.label}\t{name}" for part in self.shown for name in part.names)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def carry_out(self, author: User, reason: str) -> list[Entry]:
        """Erases, all or nothing, and appends the entries that say so.

        Raises PermissionDenied for anybody but an admin; ValidationError without a reason, where nothing is left
        to erase, and as `check` does.
        """
        reason = checked_reason(reason)

        def act() -> list[Entry]:
            require_admin(author)
            self.check(author)
            self.lock()
            parts = self.parts()
            if not parts:
                raise ValidationError(_("There is nothing left to erase. Nothing was changed."))
            facts = naming(parts)
            if not facts.keys() <= {learner.pk for learner in learners}:
                raise Moved
            for _learner, part in parts:
                part.blank()
            self.row.refresh_from_db()
            self.log(author, "" if facts else reason)
            return [
                append(learner, Entry.Kind.ERASURE, author, facts=facts[learner.pk], texts={"note": reason})
                for learner in learners
                if learner.pk in facts
            ]

        for _try in range(TRIES):
            learners = self.learners
            try:
                return in_turns(learners, act)
            except Moved:
                continue
        raise ValidationError(_("Others are writing in the same records at this moment. Try again."))

    def log(self, author: User, reason: str) -> None:
        """A line of the admin's log; the reason only where no record has it."""
        said = _("Erased: %(reason)s") % {"reason": reason} if reason else _("Erased; the record says why.")
        LogEntry.objects.log_actions(author.pk, [self.row], CHANGE, change_message=said)


@dataclass(frozen=True)
class Said(Part):
    """Texts of one learner's record that an erasure takes away."""

    texts: list[EntryText] = field(default_factory=list)


def said(label: str | Promise, texts: list[EntryText], names: list[str]) -> Said:
    return Said(label, names, partial(blank, texts), [], texts)


def in_record(learner: Membership, parts: list[Part]) -> Parts:
    """What goes of a learner's work; where it is evidence in their record, its salts go with it, unlisted."""
    salts = salts_of(learner, [thing for part in parts for thing in part.things])
    return [(learner, part) for part in [*parts, *([said("", salts, [])] if salts else [])]]


def naming(parts: Parts) -> dict[int, dict[str, list[list[str]]]]:
    """What the entry of each learner's record has in its facts, by primary key."""
    facts: dict[int, dict[str, list[list[str]]]] = defaultdict(lambda: {"erased": [], "things": []})
    for learner, part in parts:
        if learner:
            texts = part.texts if isinstance(part, Said) else []
            facts[learner.pk]["erased"] += [[str(text.entry.uuid), text.name] for text in texts]
            facts[learner.pk]["things"] += [list(thing) for thing in part.things]
    return {pk: {name: sorted(pairs) for name, pairs in fact.items()} for pk, fact in facts.items()}


def checked_reason(reason: str) -> str:
    """Raises ValidationError for a reason that cannot be kept, or for none."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Write the reason, without repeating what is erased.")})
    if len(reason) > settings.TEXT_LIMIT or "\0" in reason:
        raise ValidationError(
            {"reason": _("This reason cannot be kept. Write a shorter one, in plain letters.")}
        )
    return reason


def require_admin(author: User) -> None:
    """Takes the rows of all admins; raises PermissionDenied unless the author is one of them at this moment."""
    admins = User.objects.select_for_update(no_key=True).filter(is_staff=True, is_active=True).order_by("pk")
    if author.pk not in [admin.pk for admin in admins]:
        raise PermissionDenied


class OneText(Erasure):
    """One text of a submission, of its reviews and of what was said about it."""

    def __init__(self, kind: str, uuid: UUID) -> None:
        """Raises Submission.DoesNotExist where no text of that kind has the id."""
        self.kind, self.uuid = kind, uuid
        self.row = self.submission = submission_of(kind, uuid)
        self.title = f"{KINDS[kind]}: {self.submission}, {self.submission.learner.user}"

    @property
    def learners(self) -> list[Membership]:
        return [self.submission.learner]

    def lock(self) -> None:
        lock([self.submission])

    def parts(self) -> Parts:
        return in_record(self.submission.learner, parts_of_text(self.kind, self.uuid))

    @property
    def warning(self) -> str:
        versions = self.submission.versions.exclude(uuid=self.uuid)
        if self.kind not in ("text", "link") or not versions.exclude(**{self.kind: ""}).exists():
            return ""
        return _(
            "Only the same words go. Other versions of this work have words of their own: look at them too."
        )


class OneTick(Erasure):
    """The note beside one tick."""

    def __init__(self, uuid: UUID) -> None:
        """Raises Completion.DoesNotExist where no tick has the id."""
        rows = Completion.objects.select_related("learner__user", "learner__cohort", "task")
        self.completion = rows.get(uuid=uuid)
        self.row = self.learner = self.completion.learner
        self.title = f"{KINDS['tick']}: {self.completion.task}, {self.learner.user}"

    @property
    def learners(self) -> list[Membership]:
        return [self.learner]

    def parts(self) -> Parts:
        return parts_of_ticks(self.learner, Completion.objects.filter(pk=self.completion.pk))


class OneEntry(Erasure):
    """The note of one entry of the record."""

    def __init__(self, uuid: UUID) -> None:
        """Raises Entry.DoesNotExist where no entry has the id."""
        rows = Entry.objects.select_related("learner__user", "learner__cohort")
        self.entry = rows.get(uuid=uuid)
        self.row = self.learner = self.entry.learner
        self.title = (
            f"{KINDS['entry']}: {self.entry.get_kind_display()} {self.entry.number}, {self.learner.user}"
        )

    @property
    def learners(self) -> list[Membership]:
        return [self.learner]

    def parts(self) -> Parts:
        return parts_of_notes(self.learner, Q(entry=self.entry))


class OneFile(Erasure):
    """One file, and the same bytes wherever else the learner has them."""

    def __init__(self, uuid: UUID) -> None:
        """Raises Submission.DoesNotExist where no file has the id."""
        self.uuid = uuid
        self.row = self.submission = submission_of("file", uuid)
        self.title = f"{_('file')}: {self.submission}, {self.submission.learner.user}"

    @property
    def learners(self) -> list[Membership]:
        return [self.submission.learner]

    def lock(self) -> None:
        works = same_files(self.uuid).values("version__submission")
        lock(Submission.objects.filter(pk__in=works))

    def parts(self) -> Parts:
        return in_record(self.submission.learner, parts_of_files(same_files(self.uuid)))

    @property
    def warning(self) -> str:
        return others_with(same_files(self.uuid))


class OnePerson(Erasure):
    """One person: the account, what they handed in, and their name in every record."""

    def __init__(self, person: User) -> None:
        self.row = self.person = person
        self.title, self.word = str(person), person.email

    @property
    def own(self) -> list[Membership]:
        rows = Membership.objects.learners().filter(user=self.person).select_related("user", "cohort")
        return list(rows.order_by("pk"))

    @property
    def names(self) -> dict[Membership, list[EntryText]]:
        """Where the person's name stands in the record, by learner."""
        mine = Q(name="author", entry__author=self.person) | Q(name=f"present:{self.person.uuid.hex}")
        found: dict[Membership, list[EntryText]] = defaultdict(list)
        rows = EntryText.objects.filter(mine, erased_at=None).select_related(
            "entry__learner__user", "entry__defence"
        )
        for text in rows.order_by("pk"):
            found[text.entry.learner].append(text)
        return found

    @property
    def learners(self) -> list[Membership]:
        return sorted({*self.own, *self.names}, key=lambda learner: learner.pk)

    def check(self, author: User) -> None:
        """Nobody erases themselves. So there is always an admin left: whoever erases."""
        if author.pk == self.person.pk:
            raise ValidationError(
                _("Nobody erases themselves. Ask another admin, or make somebody one first.")
            )

    def lock(self) -> None:
        # From here on no entry is appended in the person's name.
        self.person = User.objects.select_for_update(no_key=True).get(pk=self.person.pk)
        lock(Submission.objects.filter(learner__in=self.own))

    def parts(self) -> Parts:
        """The account goes last: what comes before it is found by the name."""
        parts: Parts = []
        for learner in self.own:
            parts += in_record(learner, parts_of_learner(learner))
            parts += parts_of_ticks(learner, Completion.objects.filter(learner=learner))
            parts += parts_of_notes(learner, ~Q(entry__kind=Entry.Kind.ERASURE))
        for learner, texts in self.names.items():
            label = _("places in a record where their name stands")
            parts.append(
                (learner, said(label, texts, [f"{learner.user}, {text.entry.number}" for text in texts]))
            )
        parts += [(None, part) for part in parts_of_mentor(self.person)]
        parts += [(None, part) for part in parts_of_account(self.person)]
        if parts:
            person = [("person", str(self.person.uuid))]
            parts += [(learner, Part("", [], lambda: None, person)) for learner in self.own]
        return parts


def parts_of_ticks(learner: Membership, completions: QuerySet[Completion]) -> Parts:
    """The notes beside ticks; a row that was kept only for its note goes."""
    rows = list(completions.exclude(note="").select_related("task").order_by("pk"))

    def empty() -> None:
        for row in rows:
            Completion.objects.note(learner, row.task, "")

    things = [("tick", str(row.uuid)) for row in rows]
    return [(learner, Part(KINDS["tick"], [str(row.task) for row in rows], empty, things))] if rows else []


def parts_of_notes(learner: Membership, which: Q) -> Parts:
    """The notes of entries of the learner's record."""
    rows = EntryText.objects.filter(which, entry__learner=learner, name="note", erased_at=None)
    texts = list(rows.select_related("entry__defence").order_by("pk"))
    names = [f"{text.entry.get_kind_display()} {text.entry.number}" for text in texts]
    return [(learner, said(KINDS["entry"], texts, names))] if texts else []


def one_text(kind: str, uuid: UUID) -> Erasure:
    """The erasure of one text; raises ObjectDoesNotExist where no text of that kind has the id."""
    return OneTick(uuid) if kind == "tick" else OneEntry(uuid) if kind == "entry" else OneText(kind, uuid)
