"""Whose page it is, and what the person looking at it may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.http import Http404

from curriculum.pages import Plan, PlannedMonth, plan_of, published_state
from people.dates import Dates
from people.models import Absence, Membership, MonthStart, Pause, User

LEARNER, MENTOR = "learner", "mentor"


def learner_or_404(user: User, uuid: UUID | None, only: str = "") -> tuple[Membership, str]:
    """A learner's membership that the user may see, and the user's role there; the own first one for no `uuid`.

    Raises Http404 for a stranger's exactly like for a missing one; PermissionDenied where `only` names the other role.
    What the page's head shows of the user comes with the same query; so does who stands in for the learner's own mentor
    now (`stand_in`, by name, and `away_until`).
    """
    found = Membership.objects.visible_to(user).select_related("cohort__curriculum", "user", "mentor")
    found = found.filter(uuid=uuid) if uuid else found.current().filter(user=user).newest_first()
    own = Membership.objects.current().filter(user=user)
    away = Absence.objects.running().filter(
        membership__user=OuterRef("mentor"), membership__cohort=OuterRef("cohort")
    )
    learner = found.annotate(
        **published_state("cohort__curriculum"),
        is_mentor=Exists(own.mentors()),
        is_learner=Exists(own.learners()),
        has_others=Exists(own.learners().exclude(pk=OuterRef("pk"))),
        stand_in=Subquery(away.order_by("-first").values("stand_in__name")[:1]),
        away_until=Subquery(away.order_by("-first").values("last")[:1]),
    ).first()
    if learner is None:
        raise Http404
    role = LEARNER if learner.user_id == user.pk else MENTOR
    if only and role != only:
        raise PermissionDenied
    user.is_mentor = learner.is_mentor  # type: ignore[attr-defined]  # annotated above
    if not learner.is_learner:  # type: ignore[attr-defined]  # annotated above
        user.current_membership = None
    elif role == LEARNER and learner.ended_at is None:
        user.current_membership = learner
    return learner, role


def others_of(learner: Membership) -> QuerySet[Membership]:
    """What else its person learns in, for a learner from `learner_or_404`; without a query where that is nothing."""
    if not learner.has_others:  # type: ignore[attr-defined]  # annotated there
        return Membership.objects.none()
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
    starts = MonthStart.objects.filter(cohort=learner.cohort_id, month__in=planned)
    pauses = Pause.objects.filter(cohort=learner.cohort_id)
    nothing = Value(None, output_field=IntegerField())
    rows = list(
        starts.order_by()
        .values_list("month_id", "starts", "starts")
        .union(pauses.order_by().values_list(nothing, "first", "last"), all=True)
    )
    return Dates(
        learner,
        [PlannedStart(planned[month], first) for month, first, _last in rows if month is not None],
        [Rest(first, last) for month, first, last in rows if month is None],
        planned.values(),
    )
