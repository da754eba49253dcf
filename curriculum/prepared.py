"""Queries that are put together once a process and asked again and again, each time with other values.

Django builds a query anew whenever it is asked, and for a page's longer ones that takes more time than the database's
answer. What is kept is the SQL alone: rows are read afresh at each call.
"""

from collections.abc import Callable
from copy import copy
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet, UUIDField

Row = TypeVar("Row")
MARK = 7_310_557_092_000
"""Stands for a value in the SQL that is kept; no primary key or public id comes near it."""

PREPARED: "list[Prepared[Any]]" = []
"""Every one there is, so that a test can see that none has kept a time."""


class Prepared(Generic[Row]):
    """A query of a fixed shape. Its values are primary keys and public ids.

    Trap: whatever else `build` looks at is kept as it was the first time. So a day that it looks at has to be among
    the values: each day has a query of its own.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        PREPARED.append(self)
        self.kept: dict[tuple[Any, ...], tuple[QuerySet[Any, Row], Any, str, tuple[Any, ...]]] = {}
        """The query with its compiler, its SQL and what that is handed."""

    def __call__(self, *values: int | UUID | date | None) -> list[Row]:
        """The rows for these values, in the order in which `build` takes them."""
        shape = tuple(value if isinstance(value, date) else type(value) for value in values)
        marks = [mark(value, place) for place, value in enumerate(values)]
        if shape not in self.kept:
            built = self.build(*marks)
            compiler = built.query.get_compiler(using=built.db)
            self.kept[shape] = (built, compiler, *compiler.as_sql())
        queryset, compiler, sql, params = self.kept[shape]
        connection = connections[queryset.db]
        said = dict(zip(written(marks, connection), written(values, connection), strict=True))
        asked = tuple(
            said.get(param, param) if type(param) in (int, str, UUID) else param for param in params
        )
        rows, compiler = queryset._chain(), copy(compiler)  # type: ignore[attr-defined]  # a copy without its rows
        compiler.connection, compiler.as_sql = connection, lambda *_all, **_named: (sql, asked)
        rows.query.get_compiler = lambda *_all, **_named: compiler
        return list(rows)


def mark(value: Any, place: int) -> Any:
    """What stands for a value while the SQL is put together."""
    if value is None or isinstance(value, date):
        return value
    return UUID(int=MARK + place) if isinstance(value, UUID) else MARK + place


def written(values: Any, connection: Any) -> list[Any]:
    """Values as the database is handed them."""
    field = UUIDField[UUID, UUID]()
    return [field.get_db_prep_value(one, connection) if isinstance(one, UUID) else one for one in values]
