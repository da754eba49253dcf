"""Queries that are put together once a process and planned once a connection, and asked again with other values.

Django builds a query anew whenever it is asked, and PostgreSQL plans it anew; for a page's longer ones either takes
more time than finding the rows. What is kept is the SQL and its plan alone: rows are read afresh at each call.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BigAutoField, DateTimeField, Lookup, QuerySet, UUIDField
from psycopg.types.numeric import Int8

from curriculum.instances import Instances

Row = TypeVar("Row")
Value = int | str | UUID | datetime | date | tuple[int, ...] | None
MARK = 7_310_557_092_000
"""Stands for a value in the SQL that is kept; no primary key, public id or time comes near it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PREPARED: "list[Prepared[Any]]" = []
"""Every one there is, so that a test can see that none has kept a time."""


@BigAutoField.register_lookup
class Among(Lookup[tuple[int, ...]]):
    """`pk__among=(1, 2)`: like `pk__in`, but one value however many there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        listed = (
            "ANY(%s::bigint[])" if connection.vendor == "postgresql" else "(SELECT value FROM json_each(%s))"
        )
        sign = "=" if connection.vendor == "postgresql" else "IN"
        return f"{column} {sign} {listed}", (*values, listed_as(self.rhs, connection))


def listed_as(keys: tuple[int, ...], connection: Any) -> str:
    """Primary keys as one text that the database takes for a list."""
    listed = ",".join(map(str, keys))
    return f"{{{listed}}}" if connection.vendor == "postgresql" else f"[{listed}]"


@dataclass(frozen=True)
class Kept:
    """What is left to do for a query of which everything but its values is known."""

    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    """As the SQL takes them, with marks where values go. On PostgreSQL none: there all but the values is in the SQL."""
    converters: dict[int, Any]
    """What makes Python's values of the database's, by column."""
    instances: Instances | None

    def rows(self, values: tuple[Value, ...]) -> list[Any]:
        connection = connections[self.queryset.db]
        asked: Any
        if connection.vendor == "postgresql":
            asked = {f"value{place}": value for place, value in enumerate(typed(values))}
        else:
            marks = [written(mark(value, place), connection) for place, value in enumerate(values)]
            said = dict(zip(marks, (written(value, connection) for value in values), strict=True))
            asked = tuple(said.get(one, one) if type(one) in (int, str) else one for one in self.params)
        compiler = copy(self.compiler)
        compiler.connection, compiler.as_sql = connection, lambda *_all, **_named: (self.sql, asked)
        compiler.get_converters = lambda _columns: self.converters
        with planned_once(connection):
            if self.instances:
                return list(self.instances.made(compiler.results_iter()))
            rows = self.queryset._chain()  # type: ignore[attr-defined]  # without its rows
            rows.query.get_compiler = lambda *_all, **_named: compiler
            return list(rows)


class Prepared(Generic[Row]):
    """A query of a fixed shape. Its values are primary keys, tuples of those, public ids, texts and times.

    Trap: whatever else `build` looks at is kept as it was the first time. So a day that it looks at has to be among
    the values: each day has a query of its own. `now` is a value like any other.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        PREPARED.append(self)
        self.kept: dict[tuple[Any, ...], Kept] = {}

    def __call__(self, *values: Value) -> list[Row]:
        """The rows for these values, in the order in which `build` takes them."""
        shape = tuple(value if is_day(value) else type(value) for value in values)
        kept = self.kept.get(shape)
        if kept is None:
            kept = self.kept[shape] = self.keep([mark(value, place) for place, value in enumerate(values)])
        return kept.rows(values)

    def keep(self, marks: list[Any]) -> Kept:
        built = self.build(*marks)
        compiler = built.query.get_compiler(using=built.db)
        sql, params = compiler.as_sql()
        connection: Any = connections[built.db]
        converters = compiler.get_converters(
            [column for column, *_rest in compiler.select[: compiler.col_count]]
        )
        instances = Instances.of(built, compiler)
        if connection.vendor == "postgresql":
            sql, params = with_places(connection.ops.compose_sql(sql, params), marks), ()
        return Kept(built, compiler, sql, params, converters, instances)


def is_day(value: Value) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def mark(value: Value, place: int) -> Value:
    """What stands for a value while the SQL is put together."""
    if value is None or is_day(value):
        return value
    if isinstance(value, str):
        return f"{MARK + place}"
    if isinstance(value, datetime):
        return EPOCH + timedelta(milliseconds=MARK + place)
    if isinstance(value, tuple):
        return (MARK + place,)
    return UUID(int=MARK + place) if isinstance(value, UUID) else MARK + place


def written(value: Value, connection: Any) -> Any:
    """A value as SQLite is handed it."""
    if isinstance(value, UUID):
        return UUIDField[UUID, UUID]().get_db_prep_value(value, connection)
    if isinstance(value, tuple):
        return listed_as(value, connection)
    if isinstance(value, datetime):
        return DateTimeField[datetime, datetime]().get_db_prep_value(value, connection)
    return value


def with_places(sql: str, marks: list[Any]) -> str:
    """PostgreSQL's SQL that says everything, with a place for a value wherever it says a mark.

    Raises ValueError for a mark that is nowhere: the query would answer for no value but that.
    """
    sql = sql.replace("%", "%%")
    for place, one in enumerate(marks):
        if one is None or is_day(one):
            continue
        said, kind = literal(one)
        if said not in sql:
            raise ValueError(f"value {place} has no place in the query")
        sql = sql.replace(said, f"%(value{place})s::{kind}")
    return sql


def literal(one: int | str | UUID | datetime | tuple[int, ...]) -> tuple[str, str]:
    """How Django writes a mark into PostgreSQL's SQL, and its type there."""
    if isinstance(one, UUID):
        return f"'{one.hex}'::uuid", "uuid"
    if isinstance(one, datetime):
        return f"'{one}'::timestamptz", "timestamptz"
    if isinstance(one, tuple):
        return f"'{{{one[0]}}}'", "text"
    return (f"'{one}'", "text") if isinstance(one, str) else (f"{one}", "bigint")


def typed(values: tuple[Value, ...]) -> Iterator[Any]:
    """Values for PostgreSQL, which keeps another plan for a number of another size."""
    for value in values:
        if isinstance(value, tuple):
            yield f"{{{','.join(map(str, value))}}}"
        else:
            yield Int8(value) if isinstance(value, int) else value


class PlanningCursor(ServerBindingCursor):
    """Sends the values beside the SQL, so that PostgreSQL can keep its plan."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        # Trap: Django's log of queries looks for what was asked here, and psycopg does not keep it by itself.
        self._query = super()._convert_query(query, params)  # type: ignore[misc]  # psycopg's own
        return self._query


@contextmanager
def planned_once(connection: Any) -> Iterator[None]:
    """Has PostgreSQL keep the plans of what is asked within, one for all values; SQLite keeps them anyway.

    The settings of the database say after how many times a plan is kept (`prepare_threshold`).
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    line = connection.connection
    usual, line.cursor_factory = line.cursor_factory, PlanningCursor
    try:
        yield
    finally:
        line.cursor_factory = usual
