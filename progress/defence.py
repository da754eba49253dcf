"""A defence: what may be recorded of one, and what the chain keeps of it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curriculum.models import Month
from people.models import Membership, User
from progress import news
from progress.chain import append, moment
from progress.evidence import Evidence, hold, in_words
from progress.models import Defence, Entry
from progress.record import checked, in_turn
from submissions.models import Anchor, Version

CORRECTIONS_WITHIN = timedelta(days=366)


def record(  # noqa: PLR0913  # as many as the form has fields
    learner: Membership,
    month: Month,
    author: User,
    *,
    at: datetime,
    minutes: int,
    present: Iterable[User],
    versions: Iterable[Version],
    outcome: str,
    corrections_by: date | None = None,
    note: str = "",
    key: UUID,
) -> Defence:
    """A mentor records a defence that took place. The same `key` sent twice records one.

    Raises PermissionDenied for anybody but a mentor of the cohort now, and for the learner;
    ValidationError, by form field, for what cannot have been so.
    """
    if learner.role != Membership.Role.LEARNER or not learner.is_mentored_by(author):
        raise PermissionDenied
    people, work = list(present), list(versions)
    defence = Defence(
        learner=learner,
        month=month,
        recorded_by=author,
        at=at,
        minutes=minutes,
        outcome=outcome,
        corrections_by=corrections_by,
        note=checked(learner, note, Evidence())[0],
        key=key,
    )
    check(defence, people, work)

    def act() -> Defence:
        known = Defence.objects.filter(key=key).first()
        if known is None:
            if Defence.objects.filter(learner=learner, at=at).exists():
                raise ValidationError({"at": _("A defence at this time is recorded already.")})
            return _append(defence, people, work)
        if (known.learner_id, known.recorded_by_id) != (learner.pk, author.pk):
            raise ValidationError(_("This form was used before. Open it again; nothing was changed."))
        return known

    return in_turn(learner, act)


def _append(defence: Defence, people: list[User], work: list[Version]) -> Defence:
    """The row, and the entry about it."""
    hold(work)
    # A try that was rolled back left its key behind.
    defence.pk, defence._state.adding = None, True
    defence.save(force_insert=True)
    defence.present.set(people)
    defence.versions.set(work)
    for version in work:
        Anchor.objects.on_whole(version)
    entry = append(
        defence.learner,
        Entry.Kind.DEFENCE,
        defence.recorded_by,
        month=defence.month,
        defence=defence,
        versions=work,
        facts={"defence": facts_of(defence)},
        texts={
            "note": defence.note,
            "month": str(defence.month),
            "evidence": str(Evidence(defence=defence)),
            "works": "; ".join(in_words(version) for version in work),
            **{f"present:{person.uuid.hex}": str(person) for person in people},
        },
    )
    news.tell(entry, str(defence.month))
    return defence


def facts_of(defence: Defence) -> dict[str, object]:
    """What the chain keeps of a recorded defence, beside its note and the names."""
    return {
        "at": moment(defence.at),
        "minutes": defence.minutes,
        "outcome": defence.outcome,
        "corrections_by": defence.corrections_by and defence.corrections_by.isoformat(),
        "present": sorted(str(person.uuid) for person in defence.present.all()),
    }


def check(defence: Defence, people: list[User], work: list[Version]) -> None:
    """Raises ValidationError with everything that is wrong, by form field."""
    wrong: dict[str, Any] = {}
    zone, earliest = defence.learner.cohort.zone, defence.learner.cohort.starts
    day = defence.at.astimezone(zone).date()
    if defence.at > timezone.now():
        wrong["at"] = _("This time is still to come. Record a defence after it took place.")
    elif day < earliest:
        begins = date_format(earliest, "j F Y")
        wrong["at"] = _("That is before the cohort began, on %(day)s.") % {"day": begins}
    if said := _wrong_corrections(defence, day):
        wrong["corrections_by"] = said
    if defence.learner.user_id not in {person.pk for person in people}:
        wrong["present"] = _("The learner must have been present.")
    elif len(people) < 2:
        wrong["present"] = _("Somebody must have heard the learner: choose who else was present.")
    for version in work:
        try:
            Evidence(version=version).check(defence.learner)
        except ValidationError as error:
            wrong["versions"] = error.messages
    if wrong:
        raise ValidationError(wrong)
    defence.full_clean(exclude=["key"])


def _wrong_corrections(defence: Defence, day: date) -> str:
    """What is wrong with the day that corrections are due by; nothing where it is fine."""
    by = defence.corrections_by
    if defence.outcome != Defence.Outcome.CORRECTIONS:
        return (
            _("Only “Passed with corrections” has such a day: leave it empty, or choose that.") if by else ""
        )
    if by is None:
        return _("Say by which day the corrections are due.")
    if not day <= by <= day + CORRECTIONS_WITHIN:
        return _("The corrections are due on a day after the defence, within a year.")
    return ""
