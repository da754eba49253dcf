"""A cohort's own rules."""

from datetime import timedelta

from tests.cast import Cast, month_text, publish_month


def test_starts_follow_the_numbers_of_months_not_the_order_they_were_imported(cast: Cast) -> None:
    earlier = publish_month(cast.curriculum, month_text(number=7), "month-07/README.md")
    assert earlier.pk > cast.month.pk

    cast.cohort.write_starts()

    starts = dict(cast.cohort.month_starts.values_list("month", "starts"))
    assert starts[earlier.pk] == cast.cohort.starts
    assert starts[cast.month.pk] == cast.cohort.starts + timedelta(weeks=earlier.planned_weeks)
