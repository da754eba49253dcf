"""The record of one learner: what may be appended to it, by whom, and how races for the next number end.

Each act here is atomic and takes the learner's row first (PostgreSQL: FOR NO KEY UPDATE; SQLite:
transactions are IMMEDIATE, so that a writer waits its turn), and looks at the chain only then. Should two
acts meet all the same, the database gives the number to one of them and the other begins again. How an
entry is made and what its digest covers is in `progress/chain.py`.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curriculum.models import Criterion
from people.erasing import Thing
from people.models import Membership, User
from progress import news
from progress.chain import append
from progress.evidence import Evidence, hold
from progress.models import SALTS, Defence, Entry, EntryText
from progress.standing import CriterionStanding, Standing
from submissions.models import Anchor, Thread, Version
from submissions.pointing import Place

TRIES = 5
"""How often an act is begun before it gives up on a number that others keep taking."""

Done = TypeVar("Done")
Decision = Entry.Decision
Kind = Entry.Kind


class Stale(Exception):  # says what is the case
    """Another mark came before: the mentor compares `entry` with what they wrote and decides again."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"entry {entry.number} came first")
        self.entry = entry


def in_turn(learner: Membership, act: Callable[[], Done]) -> Done:
    """Do the act as one transaction, alone in the learner's chain; again if its number was taken."""
    return in_turns([learner], act)


def in_turns(learners: Iterable[Membership], act: Callable[[], Done]) -> Done:
    """Do the act as one transaction, alone in the chains of all of these; again if a number was taken."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                # In one order everywhere, so that two such acts do not wait for each other.
                for learner in sorted(learners, key=lambda one: one.pk):
                    learner.lock()
                return act()
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def claim(  # noqa: PLR0913  # as many as there are kinds of evidence
    learner: Membership,
    criterion: Criterion,
    author: User,
    note: str = "",
    *,
    version: Version | None = None,
    thread: Thread | None = None,
    defence: Defence | None = None,
    anchor: Anchor | None = None,
    place: Place | None = None,
) -> Entry:
    """The learner thinks that the criterion is met. The same claim sent twice is one.

    Raises PermissionDenied for anybody but the learner, while they belong to the cohort; ValidationError,
    by form field, for evidence that is not the learner's, for neither evidence nor a note, and for a
    criterion that is met.
    """
    if author.pk != learner.user_id or learner.role != Membership.Role.LEARNER or learner.ended_at:
        raise PermissionDenied
    note, evidence = checked(learner, note, Evidence(version, thread, defence, anchor, place))
    if not note and not evidence:
        raise ValidationError(
            {"evidence": _("Name your evidence, or write in the note why you think it is met.")}
        )

    def act() -> Entry:
        one = standing_of(learner, criterion)
        if one.chain and _repeats(
            one.chain[-1], Kind.CLAIM, author, decision="", note=note, evidence=evidence
        ):
            return one.chain[-1]
        if one.is_met:
            raise ValidationError(_("This criterion is met already. Nothing was changed."))
        entry = _about(learner, one, Kind.CLAIM, author, note=note, evidence=evidence)
        news.tell(entry, one.criterion.text)
        return entry

    return in_turn(learner, act)


def mark(  # noqa: PLR0913  # as many as the form has fields
    learner: Membership,
    criterion: Criterion,
    author: User,
    decision: str,
    note: str = "",
    *,
    version: Version | None = None,
    thread: Thread | None = None,
    defence: Defence | None = None,
    anchor: Anchor | None = None,
    place: Place | None = None,
    seen: int,
) -> Entry:
    """A mentor decides on a criterion.

    `seen` is the number of the last entry about it that was on their screen, 0 for none. The mark that
    completes the month is followed by an entry that says so, and one that takes the ground from a
    completed month by one that reopens it. The same mark sent twice is one.

    Raises PermissionDenied for anybody but a mentor of the cohort now, and for the learner; Stale when
    another mark came since `seen`; ValidationError, by form field, for *met* without evidence or a
    reason, for *not yet* and *withdrawn* without a note, for evidence that is not the learner's, and
    where no mark stands to withdraw.
    """
    if learner.role != Membership.Role.LEARNER or not learner.is_mentored_by(author):
        raise PermissionDenied
    note, evidence = checked(learner, note, Evidence(version, thread, defence, anchor, place))
    _check_reason(decision, note, evidence)

    def act() -> Entry:
        before = Standing(learner, criterion.month)
        one = standing_of(learner, criterion, before)
        if one.mark and one.mark.number > seen:
            if _repeats(one.mark, Kind.MARK, author, decision=decision, note=note, evidence=evidence):
                return one.mark
            raise Stale(one.mark)
        if decision == Decision.WITHDRAWN and not one.decided:
            raise ValidationError(
                {"decision": _("No mark stands that could be withdrawn. Nothing was changed.")}
            )
        entry = _about(learner, one, Kind.MARK, author, note=note, evidence=evidence, decision=decision)
        news.tell(entry, one.criterion.text)
        if decision == Decision.MET:
            if not before.complete:
                _complete(Standing(learner, criterion.month), author)
        elif before.complete and one.binds:
            reopened = append(
                learner, Kind.REOPENED, author, month=before.month, texts={"month": str(before.month)}
            )
            news.tell(reopened, str(before.month))
        return entry

    return in_turn(learner, act)


def salts_of(learner: Membership, things: Iterable[Thing]) -> list[EntryText]:
    """The salts of these texts, links and files, wherever they are evidence in the learner's record."""
    names = {f"{kind}:{UUID(uuid).hex}" for kind, uuid in things if f"{kind}:" in SALTS}
    rows = EntryText.objects.filter(entry__learner=learner, name__in=names, erased_at=None)
    return list(rows.select_related("entry__defence").order_by("pk"))


def blank(texts: Iterable[EntryText]) -> None:
    """Blank them for good, with the copy of a note that a defence has; the caller appends the entry that says so."""
    for text in texts:
        text.erase()
        if text.name == "note" and text.entry.kind == Kind.DEFENCE and text.entry.defence:
            text.entry.defence.erase_note()


def standing_of(
    learner: Membership, criterion: Criterion, month: Standing | None = None
) -> CriterionStanding:
    """Where the learner stands on the criterion; raises ValidationError for one that asks nothing of them."""
    if criterion.month.curriculum_id != learner.cohort.curriculum_id:
        raise ValidationError(_("This criterion belongs to another curriculum. Nothing was changed."))
    one = (month or Standing(learner, criterion.month)).criteria.get(criterion.pk)
    if one is None:
        raise ValidationError(_("This criterion is no longer part of the month. Nothing was changed."))
    return one


def checked(learner: Membership, note: str, evidence: Evidence) -> tuple[str, Evidence]:
    """The note without blanks around it, and the evidence; raises ValidationError for what cannot be kept."""
    if len(note) > settings.TEXT_LIMIT:
        raise ValidationError(
            {"note": _("This note is longer than %(limit)s characters.") % {"limit": settings.TEXT_LIMIT}}
        )
    if "\0" in note:
        raise ValidationError(
            {"note": _("This note contains a character that cannot be kept (NUL). Take it out.")}
        )
    evidence.check(learner)
    return note.strip(), evidence


def _check_reason(decision: str, note: str, evidence: Evidence) -> None:
    if decision not in Decision.values:
        raise ValidationError({"decision": _("Choose a decision.")})
    if note or (decision == Decision.MET and evidence):
        return
    raise ValidationError(
        {
            Decision.MET: {"evidence": _("Name the evidence, or write the reason in the note.")},
            Decision.NOT_YET: {"note": _("Write what is missing, so that the learner knows what to do.")},
            Decision.WITHDRAWN: {"note": _("Write why you withdraw the mark.")},
        }[Decision(decision)]
    )


def _repeats(entry: Entry, kind: str, author: User, *, decision: str, note: str, evidence: Evidence) -> bool:
    """Whether the entry says the same: a double click, or a retry after a lost answer."""
    said = (entry.kind, entry.author_id, entry.decision, entry.note)
    return said == (kind, author.pk, decision, note) and evidence.is_of(entry)


def _about(
    learner: Membership,
    one: CriterionStanding,
    kind: Entry.Kind,
    author: User,
    *,
    note: str,
    evidence: Evidence,
    decision: str = "",
) -> Entry:
    """Append a claim or a mark on a criterion, with its meaning and wording as they are now.

    A version that is evidence gets an anchor: from then on it cannot be taken back.
    """
    hold(evidence.versions)
    named = evidence.columns
    if named["version"] and not named["anchor"]:
        named["anchor"] = Anchor.objects.on_place(named["version"], *evidence.spot)
    if named["anchor"]:
        named["anchor"].become_evidence()
    return append(
        learner,
        kind,
        author,
        month=one.criterion.month,
        criterion=one.criterion,
        meaning=one.criterion.meaning,
        decision=decision,
        versions=evidence.versions,
        texts={"note": note, "wording": one.criterion.text, "evidence": str(evidence)},
        **named,
    )


def _complete(month: Standing, author: User) -> None:
    """Append that the month is complete, if it is now, with the wording that each mark rested on."""
    if not month.all_met:
        return
    rests_on = [(one.criterion.uuid, one.decided) for one in month.binding if one.decided]
    entry = append(
        month.learner,
        Kind.COMPLETE,
        author,
        month=month.month,
        facts={"criteria": [{"criterion": str(uuid), "meaning": mark.meaning} for uuid, mark in rests_on]},
        texts={"month": str(month.month), **{f"wording:{uuid.hex}": mark.wording for uuid, mark in rests_on}},
    )
    news.tell(entry, str(month.month))
