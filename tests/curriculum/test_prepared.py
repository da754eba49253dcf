"""Queries that are kept: the rows are those of the values, and as they are now."""

from uuid import uuid4

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from curriculum.models import Criterion
from curriculum.prepared import Prepared
from tests.cast import Cast


@Prepared
def criterion(month: int, uuid: object) -> QuerySet[Criterion]:
    rows = Criterion.objects.filter(month=month).select_related("month")
    return rows.filter(uuid=uuid) if uuid else rows


def test_kept_query_answers_for_the_values_of_each_call(cast: Cast, db: None) -> None:
    first, second = cast.criteria
    assert criterion(cast.month.pk, first.uuid) == [first]
    assert criterion(cast.month.pk, second.uuid) == [second]
    assert criterion(cast.month.pk, uuid4()) == []
    assert criterion(cast.month.pk + 1, first.uuid) == []
    assert criterion(cast.month.pk, None) == [first, second]
    with CaptureQueriesContext(connection) as asked:
        assert criterion(cast.month.pk, second.uuid)[0].month == cast.month
    assert len(asked) == 1


def test_kept_query_keeps_no_rows(cast: Cast, db: None) -> None:
    first = cast.criteria[0]
    assert criterion(cast.month.pk, first.uuid)[0].text == first.text
    Criterion.objects.filter(pk=first.pk).update(text="Changed")
    assert criterion(cast.month.pk, first.uuid)[0].text == "Changed"
