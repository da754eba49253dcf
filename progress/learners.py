"""Whose page it is, and what the person looking at it may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.http import Http404
from django.utils import timezone

from curriculum.pages import Plan, PlannedMonth, plan_of, published_state
from curriculum.prepared import Prepared
from people.dates import Dates
from people.models import Absence, Membership, MembershipQuerySet, MonthStart, Pause, User
from progress.models import Look

LEARNER, MENTOR = "learner", "mentor"


def learner_or_404(user: User, uuid: UUID | None, only: str = "", month: str = "") -> tuple[Membership, str]:
    """A learner's membership that the user may see, and the user's role there; the own first one for no `uuid`.

    Raises Http404 for a stranger's exactly like for a missing one; PermissionDenied where `only` names the other role.
    Who stands in for the learner's own mentor now comes with the same query (`stand_in`, by name, and `away_until`),
    and of a `month`, by its short name, the edition that the learner has seen (`seen_edition`).
    """
    if uuid is None:
        found = _own_first(user.pk, timezone.localdate())
    else:
        found = _learner_in_month(user.pk, uuid, month) if month else _learner(user.pk, uuid)
    if not found:
        raise Http404
    (learner,) = found
    role = LEARNER if learner.user_id == user.pk else MENTOR
    if only and role != only:
        raise PermissionDenied
    return learner, role


def _with_plan(found: MembershipQuerySet, user: int) -> MembershipQuerySet:
    """With the plan's key, and whether the person who looks learns elsewhere too."""
    own = Membership.objects.current().learners().filter(user=user)
    away = Absence.objects.running().filter(
        membership__user=OuterRef("mentor"), membership__cohort=OuterRef("cohort")
    )
    return found.select_related("cohort__curriculum", "user", "mentor").annotate(
        **published_state("cohort__curriculum"),
        has_others=Exists(own.exclude(pk=OuterRef("pk"))),
        stand_in=Subquery(away.order_by("-first").values("stand_in__name")[:1]),
        away_until=Subquery(away.order_by("-first").values("last")[:1]),
    )


@Prepared
def _learner(user: int, uuid: UUID) -> MembershipQuerySet:
    return _with_plan(Membership.objects.visible_to(User(pk=user)).filter(uuid=uuid), user)[:1]


@Prepared
def _learner_in_month(user: int, uuid: UUID, month: str) -> MembershipQuerySet:
    seen = Look.objects.filter(membership=OuterRef("pk"), month__slug=month, month__archived_at=None)
    found = _with_plan(Membership.objects.visible_to(User(pk=user)).filter(uuid=uuid), user)
    return found.annotate(seen_edition=Subquery(seen.values("edition__uuid")[:1]))[:1]


@Prepared
def _own_first(user: int, today: date) -> MembershipQuerySet:
    found = Membership.objects.learners().current().filter(user=user)
    return _with_plan(found.newest_first(today), user)[:1]


def others_of(learner: Membership) -> Iterable[Membership]:
    """What else its person learns in, for a learner from `learner_or_404`; without a query where that is nothing."""
    if not learner.has_others:  # type: ignore[attr-defined]  # annotated there
        return ()
    mine = Membership.objects.current().learners().filter(user=learner.user_id).exclude(pk=learner.pk)
    return mine.select_related("cohort").newest_first()


def plan_for(learner: Membership) -> Plan:
    """The plan of a learner from `learner_or_404`, without a query where this process has it already."""
    state = (learner.newest_edition, learner.live_documents)  # type: ignore[attr-defined]  # annotated there
    return plan_of(learner.cohort.curriculum_id, state)


@dataclass(frozen=True)
class PlannedStart:
    """A month's first day in a cohort."""

    month: PlannedMonth
    starts: date

    @property
    def month_id(self) -> int:
        return self.month.pk


@dataclass(frozen=True)
class Rest:
    """First and last day of one of a cohort's pauses."""

    first: date
    last: date


def dates_of(learner: Membership, months: Iterable[PlannedMonth]) -> Dates:
    """The learner's dates, in one query."""
    planned = {month.pk: month for month in months}
    rows = _starts_and_pauses(learner.cohort_id)
    return Dates(
        learner,
        [PlannedStart(planned[month], first) for month, first, _last in rows if month in planned],
        [Rest(first, last) for month, first, last in rows if month is None],
        planned.values(),
    )


@Prepared
def _starts_and_pauses(cohort: int) -> QuerySet[Any, tuple[int | None, date, date]]:
    """Month and first day, twice, of each start; nothing, first and last day of each pause."""
    starts = MonthStart.objects.filter(cohort=cohort).order_by()
    pauses = Pause.objects.filter(cohort=cohort).order_by()
    nothing = Value(None, output_field=IntegerField())
    return starts.values_list("month_id", "starts", "starts").union(
        pauses.values_list(nothing, "first", "last"), all=True
    )
