"""What waits for a mentor, a page at a time: theirs first, then the rest of their cohorts', oldest first."""

from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Coalesce

from curriculum.prepared import Prepared
from people.models import Cohort, User
from progress.paging import PER_PAGE, Page, Place
from submissions.models import Submission
from submissions.models.work import COHORTS, SubmissionQuerySet, padded

STEPS = (64, 2_000, 1_000_000)
"""How many rows are looked at, one step after the other, until a page is full: nearly always one step."""


def narrowed(
    rows: SubmissionQuerySet, cohort: int | None = None, month: int | None = None, learner: int | None = None
) -> SubmissionQuerySet:
    """Only the work of a cohort, for a month, or of a learner, by their keys."""
    if cohort:
        rows = rows.filter(learner__cohort=cohort)
    if month:
        rows = rows.of_month(month)
    if learner:
        rows = rows.filter(learner=learner)
    return rows


class Waiting:
    """The queue of one mentor.

    Whose turn it is costs much more to find out than when it came in. So rows are read by time and told apart here,
    until there are enough.
    """

    def __init__(self, mentor: User, cohorts: list[Cohort], narrowing: tuple[int | None, ...]) -> None:
        """`cohorts` are the mentor's; `narrowing` is as `narrowed` takes it."""
        self.mentor = mentor
        keys = [cohort.pk for cohort in cohorts]
        self.asked: tuple[Any, ...] = (mentor.pk, *narrowing, *padded(keys))

    def page(self, after: Place | None) -> Page:
        yours = after is None or after.yours
        told: dict[bool, list[Submission]] = {True: [], False: []}
        for row in self.by_time(after):
            told[row.mine].append(row)
            if len(told[yours]) > PER_PAGE:
                break
        rows = told[yours]
        if yours and len(rows) <= PER_PAGE:
            rows = rows + (told[False] if after is None else [r for r in self.by_time(None) if not r.mine])
        page = Page(self.whole(rows[:PER_PAGE]), after, mine=len(told[True]))
        if len(rows) > PER_PAGE:
            last = rows[PER_PAGE - 1]
            page.more = Place(last.mine, last.waiting_since, last.pk)
        return page

    def by_time(self, after: Place | None) -> Iterator[Submission]:
        for size in STEPS:
            if after is None and size == STEPS[0]:
                found = _beginning(*self.asked)
            else:
                rows = _queue(*self.asked)
                found = list((after.later(rows, "queued_at") if after else rows)[:size])
            for row in found:
                row.mine = row.turn_of == self.mentor.pk
                yield row
            if len(found) < size:
                return
            after = Place(True, found[-1].waiting_since, found[-1].pk)

    def whole(self, rows: list[Submission]) -> list[Submission]:
        """The rows with all that a line shows."""
        keys = [row.pk for row in rows]
        # A query of a fixed shape has as many keys as a page has lines.
        found = _lines(self.mentor.pk, *keys, *[0] * (PER_PAGE - len(keys))) if keys else []
        lines = {line.pk: line for line in found}
        for row in rows:
            line = lines[row.pk]
            line.mine, line.last_number, line.waiting_since = row.mine, row.last_number, row.waiting_since
        return [lines[key] for key in keys]


def _queue(
    mentor: int, cohort: int | None, month: int | None, learner: int | None, *cohorts: int
) -> SubmissionQuerySet:
    rows = Submission.objects.filter(learner__cohort__in=cohorts).exclude(learner__user=mentor)
    found = narrowed(rows, cohort, month, learner).queued().only("pk")
    if len(cohorts) > COHORTS:
        return found.order_by("queued_at", "pk")
    # Trap: PostgreSQL would go along the queue's index here too, past the work of the whole site. Not by an expression.
    return found.order_by(Coalesce("queued_at", "queued_at"), "pk")


@Prepared
def _beginning(
    mentor: int, cohort: int | None, month: int | None, learner: int | None, *cohorts: int
) -> SubmissionQuerySet:
    return _queue(mentor, cohort, month, learner, *cohorts)[: STEPS[0]]


@Prepared
def _lines(mentor: int, *keys: int) -> SubmissionQuerySet:
    return Submission.objects.for_desk(User(pk=mentor)).filter(pk__in=keys)
