"""Dates of cohorts and learners, with pauses."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.models import Month
from people.dates import Dates, Days, length, missing_starts
from people.models import Cohort, Membership, MonthStart, Pause
from tests.factories import CohortFactory, MembershipFactory, MonthFactory

MONDAY = date(2026, 1, 5)
days_of_year = st.dates(date(2026, 1, 1), date(2026, 12, 31))
some_pauses = st.lists(
    st.builds(
        lambda first, days: Pause(first=first, last=first + timedelta(days)), days_of_year, st.integers(0, 20)
    ),
    max_size=5,
)
paces = st.decimals(Decimal("0.25"), Decimal(8), places=2)
some_weeks = st.lists(st.integers(1, 6), min_size=1, max_size=8)


def plan(
    weeks: list[int],
    pauses: list[Pause],
    pace: Decimal = Decimal(1),
    starts: date = MONDAY,
    own: date | None = None,
) -> Dates:
    """Dates of a learner of a curriculum whose months take so many weeks; the months' ids count from 1."""
    months = [Month(pk=number, duration=f"{count} weeks") for number, count in enumerate(weeks, start=1)]
    cohort = Cohort(starts=starts, pace=pace, time_zone="Europe/Lisbon")
    return Dates(Membership(cohort=cohort, starts=own), [], pauses, months)


def extended(dates: Dates, days: int, since: date) -> Dates:
    """The same dates with an extension."""
    dates.extension, dates.extended_from = days, since
    return dates


def rests(day: date, pauses: list[Pause]) -> bool:
    return any(pause.first <= day <= pause.last for pause in pauses)


def counted(first: date, last: date, pauses: list[Pause]) -> int:
    """Working days from first to last, both included, counted one by one."""
    every = (first + timedelta(n) for n in range((last - first).days + 1))
    return sum(not rests(day, pauses) for day in every)


@pytest.mark.pure
def test_months_follow_each_other_by_whole_weeks() -> None:
    dates = plan([4, 4], [])
    assert dates.start(1) == MONDAY
    assert dates.due(1, 0) == date(2026, 1, 11)
    assert dates.end(1) == date(2026, 2, 1)
    assert dates.start(2) == date(2026, 2, 2)


@pytest.mark.pure
def test_pause_pushes_what_comes_after_it() -> None:
    dates = plan([4, 4], [Pause(first=date(2026, 1, 12), last=date(2026, 1, 18))])
    assert dates.due(1, 0) == date(2026, 1, 11)
    assert dates.due(1, 1) == date(2026, 1, 25)
    assert dates.start(2) == date(2026, 2, 9)


@pytest.mark.pure
def test_pace_stretches_a_week() -> None:
    assert plan([4], [], pace=Decimal(2)).due(1, 0) == date(2026, 1, 18)
    assert plan([4], [], pace=Decimal("0.5")).end(1) == date(2026, 1, 18)


@pytest.mark.pure
def test_late_joiner_has_the_same_lengths_from_their_own_start() -> None:
    dates = plan([4, 4], [], own=date(2026, 1, 15))
    assert dates.start(1) == date(2026, 1, 15)
    assert dates.start(2) == date(2026, 2, 12)


@pytest.mark.pure
def test_extension_moves_what_lies_ahead_and_nothing_else() -> None:
    dates = extended(plan([4, 4], []), 5, date(2026, 1, 14))
    assert dates.start(1) == MONDAY
    assert dates.due(1, 0) == date(2026, 1, 11)
    assert dates.due(1, 1) == date(2026, 1, 23)
    assert dates.end(1) == date(2026, 2, 6)
    assert dates.start(2) == date(2026, 2, 7)
    assert dates.week_of(date(2026, 1, 23)) == (1, 1)
    rested = extended(
        plan([4], [Pause(first=date(2026, 1, 20), last=date(2026, 1, 26))]), 5, date(2026, 1, 14)
    )
    assert rested.due(1, 1) == date(2026, 1, 30)  # a pause is no working day


@pytest.mark.pure
@given(some_weeks, some_pauses, paces, days_of_year, days_of_year, st.integers(1, 60))
def test_extension_keeps_the_order_of_dates(
    weeks: list[int], pauses: list[Pause], pace: Decimal, starts: date, since: date, days: int
) -> None:
    plain, longer = (
        plan(weeks, pauses, pace, starts),
        extended(plan(weeks, pauses, pace, starts), days, since),
    )

    def every(dates: Dates) -> list[date]:
        found = []
        for number, count in enumerate(weeks, start=1):
            found += [dates.start(number), *[dates.due(number, position) for position in range(count)]]
        return [day for day in found if day is not None]

    for before, after in zip(every(plain), every(longer), strict=True):
        assert after == before if before < since else counted(before, after, pauses) == days + 1
    assert all(one <= two for one, two in pairwise(every(longer)))


@pytest.mark.pure
def test_month_that_the_cohort_lacks_has_no_dates() -> None:
    dates = plan([4], [])
    assert (dates.start(9), dates.due(9, 0), dates.end(9)) == (None, None, None)


@pytest.mark.pure
def test_due_day_lasts_until_its_end_in_the_cohorts_zone() -> None:
    cohort = Cohort(starts=MONDAY, pace=Decimal(1), time_zone="America/New_York")
    closes = Dates(Membership(cohort=cohort), [], []).closes(date(2026, 1, 11))
    assert closes.isoformat() == "2026-01-12T00:00:00-05:00"


@pytest.mark.pure
def test_week_of_knows_before_within_and_after() -> None:
    dates = plan([4, 2], [])
    assert dates.week_of(MONDAY - timedelta(1)) is None
    assert dates.week_of(MONDAY) == (1, 0)
    assert dates.week_of(date(2026, 2, 2)) == (2, 0)
    assert dates.week_of(date(2026, 2, 15)) == (2, 1)
    assert dates.week_of(date(2026, 2, 16)) is None


@pytest.mark.pure
@given(days_of_year, st.integers(0, 200), some_pauses)
def test_after_lands_on_the_working_day_that_counting_finds(
    day: date, count: int, pauses: list[Pause]
) -> None:
    reached = Days(pauses).after(day, count)
    assert not rests(reached, pauses)
    assert counted(day, reached, pauses) == count + 1


@pytest.mark.pure
@given(days_of_year, days_of_year, some_pauses)
def test_between_counts_like_counting_one_by_one(first: date, end: date, pauses: list[Pause]) -> None:
    assert Days(pauses).between(first, end) == counted(first, end - timedelta(1), pauses)


@pytest.mark.pure
@given(some_weeks, some_pauses, paces, days_of_year, st.none() | st.integers(1, 100))
def test_every_learners_weeks_have_the_same_working_days(
    weeks: list[int], pauses: list[Pause], pace: Decimal, starts: date, late: int | None
) -> None:
    own = None if late is None else starts + timedelta(late)
    dates = plan(weeks, pauses, pace, starts, own)
    before = None
    for number, count in enumerate(weeks, start=1):
        start, end = dates.start(number), dates.end(number)
        assert start is not None
        assert end is not None
        assert not rests(start, pauses)
        assert counted(start, end, pauses) == length(count, pace)
        dues = [dates.due(number, position) for position in range(count)]
        assert dues[-1] == end
        assert all(one is not None and two is not None and one <= two for one, two in pairwise(dues))
        if before:
            assert Days(pauses).after(before, 1) == start
        assert dates.week_of(start) is not None
        before = end


@pytest.mark.pure
@given(some_weeks, some_pauses, paces, days_of_year)
def test_starts_written_before_a_week_was_added_stay(
    weeks: list[int], pauses: list[Pause], pace: Decimal, starts: date
) -> None:
    days = Days(pauses)
    months = [Month(pk=number, duration=f"{count} weeks") for number, count in enumerate(weeks, start=1)]
    written = missing_starts(starts, pace, months, {}, days)
    months[0].duration = "9 weeks"
    months.append(Month(pk=99, duration="4 weeks"))
    assert set(missing_starts(starts, pace, months, written, days)) == {99}


def test_write_starts_follows_the_curriculum_and_moves_nothing(db: None) -> None:
    cohort = CohortFactory.create(starts=MONDAY)
    second, first = (
        MonthFactory.create(document__curriculum=cohort.curriculum, number=number, duration="4 weeks")
        for number in (8, 7)
    )
    assert cohort.write_starts() == 2
    assert dict(cohort.month_starts.values_list("month", "starts")) == {
        first.pk: MONDAY,
        second.pk: date(2026, 2, 2),
    }
    Month.objects.filter(pk=first.pk).update(duration="8 weeks")
    third = MonthFactory.create(document__curriculum=cohort.curriculum, number=9, duration="1 week")
    assert cohort.write_starts() == 1
    assert cohort.month_starts.get(month=second).starts == date(2026, 2, 2)
    assert cohort.month_starts.get(month=third).starts == date(2026, 3, 2)
    assert cohort.write_starts() == 0


def test_write_starts_leaves_archived_months_out(db: None) -> None:
    cohort = CohortFactory.create(starts=MONDAY)
    MonthFactory.create(document__curriculum=cohort.curriculum, archived_at="2026-01-01T00:00:00Z")
    assert cohort.write_starts() == 0


def test_move_starts_keeps_months_that_have_begun(db: None) -> None:
    cohort = CohortFactory.create(starts=date.today() - timedelta(7))  # noqa: DTZ011
    months = [
        MonthFactory.create(document__curriculum=cohort.curriculum, position=n, duration="4 weeks")
        for n in range(2)
    ]
    cohort.write_starts()
    cohort.pauses.create(first=cohort.starts, last=cohort.starts + timedelta(6))
    cohort.move_starts()
    starts = dict(cohort.month_starts.values_list("month", "starts"))
    assert starts[months[0].pk] == cohort.starts
    assert starts[months[1].pk] == cohort.starts + timedelta(35)


def test_dates_make_no_query(db: None, django_assert_num_queries: object) -> None:
    membership = MembershipFactory.create(cohort__starts=MONDAY)
    for position in range(3):
        MonthFactory.create(
            document__curriculum=membership.cohort.curriculum, position=position, duration="4 weeks"
        )
    membership.cohort.write_starts()
    rows = list(MonthStart.objects.select_related("month"))
    with django_assert_num_queries(0):  # type: ignore[operator]
        dates = Dates(membership, rows, [])
        assert [dates.week_of(row.starts) for row in rows] == [(row.month_id, 0) for row in rows]
