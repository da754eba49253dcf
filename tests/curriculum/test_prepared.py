"""Queries whose SQL is kept: nothing in it may grow old."""

import inspect
import typing
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from django.utils import timezone

import progress.path  # noqa: F401  # brings all pages that keep queries
from curriculum.models import Curriculum
from curriculum.prepared import PREPARED, Prepared
from tests.factories import CurriculumFactory

VALUES: dict[Any, Any] = {int: 7, UUID: uuid4(), date: date(2026, 11, 26)}


def sql_of(prepared: Prepared[Any]) -> tuple[str, tuple[Any, ...]]:
    """As it would be kept now."""
    kinds = typing.get_type_hints(prepared.build)
    names = inspect.signature(prepared.build).parameters
    query = prepared.build(*(VALUES[kinds[name]] for name in names)).query
    found: tuple[str, tuple[Any, ...]] = query.sql_with_params()
    return found


def test_no_kept_query_holds_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(PREPARED) > 4
    before = [sql_of(prepared) for prepared in PREPARED]
    real: datetime = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(days=400))
    assert [sql_of(prepared) for prepared in PREPARED] == before


def test_rows_are_read_afresh_for_each_value(db: None) -> None:
    @Prepared
    def named(pk: int, uuid: UUID) -> QuerySet[Curriculum]:
        return Curriculum.objects.filter(pk=pk).exclude(slug=uuid.hex)

    PREPARED.remove(named)
    one, other = CurriculumFactory.create_batch(2)
    assert [row.title for row in named(one.pk, uuid4())] == [one.title]
    Curriculum.objects.filter(pk=one.pk).update(title="Another title")
    assert [row.title for row in named(one.pk, uuid4())] == ["Another title"]
    assert [row.pk for row in named(other.pk, uuid4())] == [other.pk]
    assert named(0, uuid4()) == []
