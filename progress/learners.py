"""Whose page it is, and what the person looking at it may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField, Value
from django.http import Http404

from curriculum.pages import PlannedMonth
from people.dates import Dates
from people.models import Membership, MonthStart, Pause, User

LEARNER, MENTOR = "learner", "mentor"


def learner_or_404(user: User, uuid: UUID, only: str = "") -> tuple[Membership, str]:
    """A learner's membership that the user may see, and the user's role there.

    Raises Http404 for a stranger's exactly like for a missing one; PermissionDenied where `only` names the other role.
    """
    found = Membership.objects.visible_to(user).select_related("cohort__curriculum", "user", "mentor")
    learner = found.filter(uuid=uuid).first()
    if learner is None:
        raise Http404
    role = LEARNER if learner.user_id == user.pk else MENTOR
    if only and role != only:
        raise PermissionDenied
    return learner, role


@dataclass(frozen=True)
class Days:
    """A month's start in a cohort, or one of its pauses, as one query brings both."""

    month_id: int | None
    first: date
    last: date
    month: PlannedMonth | None = None

    @property
    def starts(self) -> date:
        return self.first


def dates_of(learner: Membership, months: Iterable[PlannedMonth]) -> Dates:
    """The learner's dates, in one query."""
    planned = {month.pk: month for month in months}
    starts = MonthStart.objects.filter(cohort=learner.cohort_id, month__in=planned)
    pauses = Pause.objects.filter(cohort=learner.cohort_id)
    nothing = Value(None, output_field=IntegerField())
    rows = [
        Days(month, first, last, planned.get(month))
        for month, first, last in starts.order_by()
        .values_list("month_id", "starts", "starts")
        .union(pauses.order_by().values_list(nothing, "first", "last"), all=True)
    ]
    return Dates(
        learner, [row for row in rows if row.month], [row for row in rows if row.month is None], planned.values()
    )
