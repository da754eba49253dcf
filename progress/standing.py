"""Where a learner stands: what the record says about each criterion of a month, and sums over many months."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from curriculum.models import Criterion, Month
from curriculum.prepared import Prepared
from people.models import Membership
from people.templatetags.times import ago
from progress.models import OF_SALTS, Entry, EntryText
from submissions.memory import told
from submissions.models import Placement


class State(models.TextChoices):
    """What a learner or a mentor reads beside a criterion."""

    NONE = "none", _("Not marked yet")
    CLAIMED = "claimed", _("Waiting for a mentor")
    MET = "met", _("Met")
    NOT_YET = "not-yet", _("Not met yet")
    AGAIN = "again", _("Look again")


@dataclass
class CriterionStanding:
    """Where a learner stands on one criterion."""

    criterion: Criterion
    month_complete: bool = False
    binds: bool = True
    """Whether the month waits for it, or was completed with it."""
    chain: list[Entry] = field(default_factory=list)
    """The claims and marks about it, in order."""

    @property
    def sight(self) -> tuple[Any, ...]:
        """All that its drawing depends on, but whose it is."""
        entries = [
            (
                told(entry, "evidence_changed"),
                told(entry.anchor),
                ago(entry.at),
                tuple(told(text) for text in entry.said.values()),
            )
            for entry in self.chain
        ]
        return told(self.criterion), self.month_complete, self.binds, *entries

    @property
    def last(self) -> int:
        """The number of the last entry about it; 0 without any. A mark form sends it back as `seen`."""
        return self.chain[-1].number if self.chain else 0

    @property
    def stamp(self) -> str:
        """Tells one state of it from another; a page that is open compares it."""
        return f"{self.last}-{self.state}-{self.is_met:d}"

    @cached_property
    def mark(self) -> Entry | None:
        """The last mark, which stands; it may be one that withdrew another."""
        return next((entry for entry in reversed(self.chain) if entry.kind == Entry.Kind.MARK), None)

    @cached_property
    def decided(self) -> Entry | None:
        """The mark that stands, unless nothing does because the last one withdrew it."""
        return self.mark if self.mark and self.mark.decision != Entry.Decision.WITHDRAWN else None

    @cached_property
    def claim(self) -> Entry | None:
        """The learner's claim that no mark has answered yet."""
        last = self.chain[-1] if self.chain else None
        return last if last and last.kind == Entry.Kind.CLAIM else None

    @cached_property
    def state(self) -> State:
        """An unanswered claim, or the mark that stands; "look again" when what is asked or its evidence changed."""
        if self.claim:
            return State.CLAIMED
        if not self.decided:
            return State.NONE
        if self.decided.decision == Entry.Decision.NOT_YET:
            return State.NOT_YET
        return State.AGAIN if self.is_outdated or self.is_evidence_changed else State.MET

    @property
    def is_outdated(self) -> bool:
        """Whether what is asked has changed since the mark that stands."""
        return self.decided is not None and self.criterion.meaning > (self.decided.meaning or 0)

    @property
    def is_evidence_changed(self) -> bool:
        """Whether the place that the mark rests on reads differently since then, or is gone."""
        return self.decided is not None and self.decided.evidence_changed

    @property
    def is_met(self) -> bool:
        """Whether its stone lies: marked as met for what is asked now, or part of a completed month."""
        if self.month_complete and self.binds:
            return True
        met = self.decided is not None and self.decided.decision == Entry.Decision.MET
        return met and not self.is_outdated

    @property
    def is_reworded(self) -> bool:
        """Whether the claim that waits, or else the mark that stands, was made for other words than those shown."""
        last = self.claim or self.decided
        return last is not None and last.wording != self.criterion.text

    @property
    def is_claim_outdated(self) -> bool:
        """Whether what is asked has changed since the claim that waits."""
        return self.claim is not None and self.criterion.meaning > (self.claim.meaning or 0)


class Standing:
    """Where one learner stands in one month: at most two queries, one if the criteria are known."""

    def __init__(
        self, learner: Membership, month: Month, criteria: Iterable[Criterion] | None = None
    ) -> None:
        """`criteria` are all of the month, archived ones too; they are asked for where they are not given."""
        self.learner, self.month = learner, month
        entries = self._entries()
        named = self._named_at_completion(entries)
        known = _criteria(month.pk) if criteria is None else criteria
        chains: dict[int | None, list[Entry]] = defaultdict(list)
        for entry in entries:
            chains[entry.criterion_id].append(entry)
        self.complete = named is not None
        """Whether the month is complete: it was completed, and not reopened since."""
        self.defences = [entry for entry in entries if entry.kind == Entry.Kind.DEFENCE and entry.defence]
        """The entries of those recorded for the month, newest first."""
        self.defences.reverse()
        self.criteria: dict[int, CriterionStanding] = {}
        """By primary key, in the month's order: the live criteria, and those the completed month rests on."""
        for criterion in known:
            rests_on_it = named is not None and str(criterion.uuid) in named
            if criterion.archived_at is None or rests_on_it:
                self.criteria[criterion.pk] = CriterionStanding(
                    criterion, self.complete, named is None or rests_on_it, chains[criterion.pk]
                )

    def _entries(self) -> list[Entry]:
        """The month's entries in order, each with its texts. Every entry has a text: its author's name."""
        texts = _texts(self.learner.pk, self.month.pk)
        entries: dict[int, Entry] = {}
        for text in texts:
            entry = entries.setdefault(text.entry_id, text.entry)
            entry.__dict__.setdefault("said", {})[text.name] = text
            entry.evidence_changed |= bool(text.evidence_changed)
        return list(entries.values())

    def _named_at_completion(self, entries: list[Entry]) -> set[str] | None:
        """The public ids of the criteria that the completed month rests on; None while it is not complete."""
        kinds = (Entry.Kind.COMPLETE, Entry.Kind.REOPENED)
        self.completion = next((entry for entry in reversed(entries) if entry.kind in kinds), None)
        """The entry that last completed or reopened the month."""
        if self.completion is None or self.completion.kind == Entry.Kind.REOPENED:
            return None
        return {named["criterion"] for named in self.completion.facts["criteria"]}

    @property
    def binding(self) -> list[CriterionStanding]:
        """Those that the month waits for, or was completed with."""
        return [one for one in self.criteria.values() if one.binds]

    @property
    def met(self) -> int:
        """How many of `binding` are met."""
        return sum(one.is_met for one in self.binding)

    @property
    def all_met(self) -> bool:
        """Whether nothing is left to mark; never so in a month without criteria."""
        return bool(self.binding) and self.met == len(self.binding)


@dataclass(frozen=True)
class Sum:
    """What the record says about a learner and a month, in figures."""

    met: int = 0
    """Criteria of the month as it is now whose standing mark is *met*, for what is asked now."""
    complete: bool = False
    not_yet: int = 0
    """Criteria of the month as it is now whose standing mark says *not met yet*."""
    corrections_by: date | None = None
    """The day by which the last defence asked for corrections, while the month is not complete."""


@Prepared
def _criteria(month: int) -> "models.QuerySet[Criterion]":
    return Criterion.objects.filter(month=month)


@Prepared
def _texts(learner: int, month: int) -> "models.QuerySet[EntryText]":
    """All that the entries about a month say, in the entries' order, each text with its entry.

    The one that each entry has, its author's name, also says whether the place that is its evidence has changed since.
    """
    newest = Placement.objects.filter(anchor=OuterRef("entry__anchor")).order_by("-version__number")
    then = OuterRef(OuterRef("entry__at"))
    changed = Subquery(newest.with_changed(then).values("changed")[:1])  # type: ignore[misc]  # that adds it
    texts = EntryText.objects.exclude(OF_SALTS).filter(entry__learner=learner, entry__month=month)
    texts = texts.annotate(
        evidence_changed=Case(When(name="author", then=changed), output_field=models.BooleanField())
    )
    return texts.select_related(
        "entry__version__submission", "entry__thread", "entry__defence", "entry__anchor__file"
    ).order_by("entry__number", "pk")


LIVE = Q(criterion__archived_at=None)
MET_NOW = LIVE & Q(decision=Entry.Decision.MET, meaning__gte=F("criterion__meaning"))
"""Of entries that stand: those that say *met* for what is asked now."""
COMPLETED = Q(kind=Entry.Kind.COMPLETE)


def standing_entries(learners: "models.QuerySet[Membership]") -> "models.QuerySet[Entry]":
    """The marks that stand and decide something, the completions that stand, and the last defences with corrections."""
    later = Entry.objects.filter(learner=OuterRef("learner"), number__gt=OuterRef("number"))
    turns = [Entry.Kind.COMPLETE, Entry.Kind.REOPENED]
    decisions = [Entry.Decision.MET, Entry.Decision.NOT_YET]
    marks = Q(kind=Entry.Kind.MARK, decision__in=decisions) & ~Q(
        Exists(later.filter(kind=Entry.Kind.MARK, criterion=OuterRef("criterion")))
    )
    defences = Q(kind=Entry.Kind.DEFENCE, defence__corrections_by__isnull=False) & ~Q(
        Exists(later.filter(kind=Entry.Kind.DEFENCE, month=OuterRef("month")))
    )
    completions = COMPLETED & ~Q(Exists(later.filter(kind__in=turns, month=OuterRef("month"))))
    return Entry.objects.filter(marks | completions | defences, learner__in=learners).order_by()


def sums(learners: "models.QuerySet[Membership]") -> dict[tuple[int, int], Sum]:
    """In one query, for every learner given and every month with something decided: primary keys of both → Sum.

    What is missing from the answer is `Sum()`: nothing decided, not complete.
    """
    return _by_learner_and_month(_sums(learners))


def sums_of(learner: Membership) -> dict[tuple[int, int], Sum]:
    """The same for one learner."""
    return _by_learner_and_month(_sums_of_one(learner.pk))


@Prepared
def _sums_of_one(learner: int) -> "models.QuerySet[Entry, Any]":
    return _sums(Membership.objects.filter(pk=learner))


def _sums(learners: "models.QuerySet[Membership]") -> "models.QuerySet[Entry, Any]":
    return (
        standing_entries(learners)
        .values_list("learner_id", "month_id")
        .annotate(
            met=Count("pk", filter=MET_NOW),
            complete=Count("pk", filter=COMPLETED),
            not_yet=Count("pk", filter=LIVE & Q(decision=Entry.Decision.NOT_YET)),
            # A mark may name an earlier defence as its evidence.
            corrections_by=Max("defence__corrections_by", filter=Q(kind=Entry.Kind.DEFENCE)),
        )
    )


def _by_learner_and_month(rows: "Iterable[tuple[Any, ...]]") -> dict[tuple[int, int], Sum]:
    return {
        (learner, month): Sum(met, bool(complete), not_yet, None if complete else corrections_by)
        for learner, month, met, complete, not_yet, corrections_by in rows
    }
