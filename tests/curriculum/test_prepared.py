"""Queries whose SQL is kept: nothing in it may grow old."""

import inspect
import typing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import progress.urls  # noqa: F401  # brings all pages that keep queries
from curriculum.models import Criterion
from curriculum.prepared import PREPARED, Prepared
from tests.cast import Cast

VALUES: dict[Any, Any] = {
    int: 7,
    str: "text",
    tuple[int, ...]: (7, 8),
    UUID: uuid4(),
    date: date(2026, 11, 26),
    datetime: datetime(2026, 11, 26, tzinfo=UTC),
}


def values_of(prepared: Prepared[Any]) -> list[Any]:
    """A value of the kind that each parameter takes; none for what may be left out."""
    kinds = typing.get_type_hints(prepared.build)
    values: list[Any] = []
    for name, parameter in inspect.signature(prepared.build).parameters.items():
        value = VALUES.get(kinds[name])
        values += [value] * 3 if parameter.kind is parameter.VAR_POSITIONAL else [value]
    return values


def sql_of(prepared: Prepared[Any]) -> tuple[str, tuple[Any, ...]]:
    """As it would be kept now."""
    found: tuple[str, tuple[Any, ...]] = prepared.build(*values_of(prepared)).query.sql_with_params()
    return found


def test_no_kept_query_holds_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(PREPARED) > 4
    before = [sql_of(prepared) for prepared in PREPARED]
    real: datetime = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(days=400))
    assert [sql_of(prepared) for prepared in PREPARED] == before


@Prepared
def criterion(month: int, uuid: object) -> QuerySet[Criterion]:
    rows = Criterion.objects.filter(month=month).select_related("month")
    return rows.filter(uuid=uuid) if uuid else rows


PREPARED.remove(criterion)


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
