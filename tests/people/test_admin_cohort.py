"""Cohorts in the admin: their dates, pauses and starts."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Cohort, User
from tests.factories import CohortFactory, CurriculumFactory, MonthFactory
from tests.people.changelist import act


def cohort_form(curriculum: int, **fields: object) -> dict[str, object]:
    form: dict[str, object] = {
        "name": "Spring",
        "curriculum": curriculum,
        "starts": "2026-01-05",
        "pace": "1",
        "time_zone": "UTC",
        "notice": "",
        "talk_url": "",
    }
    for prefix in ("month_starts", "pauses", "memberships"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return form | fields


def test_new_cohort_has_its_dates(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    pause = {"pauses-TOTAL_FORMS": 1, "pauses-0-first": "2026-01-12", "pauses-0-last": "2026-01-18"}
    answer = client.post(reverse("admin:people_cohort_add"), cohort_form(month.curriculum.pk, **pause))
    assert answer.status_code == 302
    starts = Cohort.objects.get().month_starts.values_list("starts", flat=True)
    assert list(starts) == [date(2026, 1, 5), date(2026, 2, 9)]


def days(value: date | None = None, ahead: int = 0) -> date:
    return (value or timezone.localdate()) + timedelta(days=ahead)


@pytest.mark.parametrize("begun", [False, True])
def test_another_start_moves_the_dates_of_a_cohort_that_has_not_begun(
    admin: User, client: Client, begun: bool
) -> None:
    month = MonthFactory.create(duration="4 weeks")
    first = days(ahead=-7 if begun else 7)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=first, name="Spring")
    cohort.write_starts()
    later = cohort_form(month.curriculum.pk, starts=days(ahead=14).isoformat())
    start = cohort.month_starts.get()
    later |= {"month_starts-TOTAL_FORMS": 1, "month_starts-INITIAL_FORMS": 1}
    later |= {
        "month_starts-0-id": start.pk,
        "month_starts-0-cohort": cohort.pk,
        "month_starts-0-starts": str(first),
    }

    said = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), later, follow=True)

    assert cohort.month_starts.get().starts == (first if begun else days(ahead=14))
    words = "stay as they were told" if begun else "were written anew"
    assert words in said.content.decode()


def test_later_months_of_a_cohort_that_has_begun_move_when_the_admin_says_so(
    admin: User, client: Client
) -> None:
    curriculum = MonthFactory.create(duration="4 weeks").curriculum
    MonthFactory.create(curriculum=curriculum, duration="4 weeks")
    cohort = CohortFactory.create(curriculum=curriculum, starts=days(ahead=-7), name="Spring")
    cohort.write_starts()
    first, second = [row.starts for row in cohort.month_starts.order_by("starts")]
    form = starts_form(cohort, [first, second]) | {"pauses-TOTAL_FORMS": 1}
    form |= {"pauses-0-first": days(ahead=1).isoformat(), "pauses-0-last": days(ahead=7).isoformat()}
    place = reverse("admin:people_cohort_change", args=[cohort.pk])
    assert "Save and move later months" in client.get(place).text

    said = client.post(place, form | {"_anew": "1"}, follow=True).text

    assert "The dates of 1 cohort are new." in said
    assert "stay as they were told" not in said
    assert [row.starts for row in cohort.month_starts.order_by("starts")] == [first, days(second, 7)]


def starts_form(cohort: Cohort, days: list[date]) -> dict[str, object]:
    """The cohort's form, with these days for its months in the order of the plan."""
    rows = list(cohort.month_starts.order_by("month__position"))
    form = cohort_form(cohort.curriculum.pk, name=cohort.name, starts=cohort.starts.isoformat())
    form |= {"month_starts-TOTAL_FORMS": len(rows), "month_starts-INITIAL_FORMS": len(rows)}
    for place, (row, day) in enumerate(zip(rows, days, strict=True)):
        name = f"month_starts-{place}"
        form |= {f"{name}-id": row.pk, f"{name}-cohort": cohort.pk, f"{name}-starts": day.isoformat()}
    return form


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0, 20, ""),
        (0, 0, ""),
        (-1, 30, "before the cohort&#x27;s first day"),
        (20, 10, "comes first in the plan"),
    ],
)
def test_months_begin_in_the_order_of_the_plan(
    admin: User, client: Client, first: int, second: int, words: str
) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=-7), name="Spring")
    cohort.write_starts()
    asked = [days(cohort.starts, first), days(cohort.starts, second)]
    answer = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), starts_form(cohort, asked))
    kept = list(cohort.month_starts.order_by("month__position").values_list("starts", flat=True))
    if words:
        assert words in answer.content.decode()
        assert kept != asked
    else:
        assert answer.status_code == 302
        assert kept == asked


def test_dates_that_stay_are_not_called_new(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", position=0)
    MonthFactory.create(document__curriculum=month.curriculum, position=1)
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=-7))
    cohort.write_starts()
    assert "Nothing was changed" in act(client, "cohort", "move_starts", cohort.pk)
    cohort.pauses.create(first=days(ahead=1), last=days(ahead=7))
    assert "The dates of 1 cohort are new" in act(client, "cohort", "move_starts", cohort.pk)


def test_zone_is_taken_as_people_type_it_and_a_pause_is_refused_in_words(admin: User, client: Client) -> None:
    form = cohort_form(CurriculumFactory.create().pk, time_zone="new york")
    pause = {"pauses-TOTAL_FORMS": 1, "pauses-0-first": "2026-01-18", "pauses-0-last": "2026-01-12"}
    page = client.post(reverse("admin:people_cohort_add"), form | pause).content.decode()
    assert "The last day comes before the first." in page
    assert client.post(reverse("admin:people_cohort_add"), form).status_code == 302
    assert Cohort.objects.get().time_zone == "America/New_York"


@pytest.mark.parametrize(
    "bad", [{"time_zone": "Moon"}, {"pace": "0"}, {"starts": "tomorrow"}, {"name": "a\0b"}, {"name": ""}]
)
def test_cohort_with_an_error_is_not_saved(admin: User, client: Client, bad: dict[str, object]) -> None:
    curriculum = CurriculumFactory.create()
    assert (
        client.post(reverse("admin:people_cohort_add"), cohort_form(curriculum.pk, **bad)).status_code == 200
    )
    assert not Cohort.objects.exists()


@pytest.mark.parametrize("starts", ["9999-12-31", "0207-01-04"])
def test_year_that_was_mistyped_is_an_error_of_its_field(admin: User, client: Client, starts: str) -> None:
    values = {"curriculum": CurriculumFactory.create().pk, "name": "Spring", "starts": starts, "pace": "1"}
    forms = {
        f"{name}-{part}": "0"
        for name in ("month_starts", "pauses")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    answer = client.post(reverse("admin:people_cohort_add"), values | forms | {"time_zone": "UTC"})
    assert answer.status_code == 200
    assert "Is the year right?" in answer.text
    assert not Cohort.objects.exists()


def test_dates_that_are_written_anew_are_told(admin: User, client: Client) -> None:
    month = MonthFactory.create(duration="4 weeks", label="Month 01")
    cohort = CohortFactory.create(curriculum=month.curriculum, starts=days(ahead=10), name="Spring")
    cohort.write_starts()
    cohort.month_starts.update(starts=days(ahead=15))
    form = starts_form(cohort, [days(ahead=15)]) | {"starts": days(ahead=11).isoformat()}
    page = client.post(reverse("admin:people_cohort_change", args=[cohort.pk]), form, follow=True).text
    assert f"Month 01: {date_format(days(ahead=15))} → {date_format(days(ahead=11))}" in page
