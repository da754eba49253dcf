"""The tables of a database at one state of its migrations, and their rows in words that both engines share.

A row is one line: a JSON list of its values, the key first and then the columns by name. Times are UTC with
six digits of microseconds, decimals and UUIDs are strings, bytes are base64, and a JSON column is a list of
its one value (so that JSON's null is told from no value at all), with keys sorted and 1.0 written as 1:
PostgreSQL keeps neither the order of keys nor the way a number was written.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Cast

LEFT_OUT = {"sessions.Session"}
"""Models whose rows are in no backup. The cache has no model and is left out by that."""
SEEDED = {"contenttypes.ContentType", "auth.Permission"}
"""Models whose rows come with the tables: a site that has none but these is empty."""
BATCH = 1000

Migration = tuple[str, str]
"""App and name."""
Convert = Callable[[Any], Any]

_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _json(text: str) -> list[Any]:
    return [json.loads(text, parse_float=_number)]


SAID: dict[str, Convert] = {
    "BinaryField": lambda value: b64encode(value).decode(),
    "DateField": date.isoformat,
    "DateTimeField": _moment,
    "DecimalField": str,
    "DurationField": lambda value: value // timedelta(microseconds=1),
    "JSONField": _json,
    "TimeField": time.isoformat,
    "UUIDField": str,
}
"""What a value of the database is in a line, by kind of field; the others stay as they are."""
MEANT: dict[str, Convert] = {
    "BinaryField": b64decode,
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "DecimalField": Decimal,
    "DurationField": lambda value: timedelta(microseconds=value),
    "TimeField": time.fromisoformat,
    "UUIDField": UUID,
}
"""And back."""


class Digest:
    """Counts lines and digests them."""

    def __init__(self) -> None:
        self.count = 0
        self._sha256 = hashlib.sha256()

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The same lines, counted as they pass."""
        for line in lines:
            self.count += 1
            self._sha256.update(line)
            yield line

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class Table:
    """One table, by the model that was its at that state of the migrations."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.name = model._meta.db_table
        fields: list[Any] = list(model._meta.local_concrete_fields)
        self.fields = sorted(fields, key=lambda field: (not field.primary_key, field.column))
        self.columns: list[str] = [field.column for field in self.fields]

    @property
    def is_seeded(self) -> bool:
        return self.model._meta.label in SEEDED

    def exists(self) -> bool:
        """Whether it has a row."""
        return self.model._base_manager.exists()

    def lines(self) -> Iterator[bytes]:
        """Every row, in the order of the keys; never many of them in memory."""
        asked = [
            Cast(field.attname, models.TextField()) if _kind(field) == "JSONField" else field.attname
            for field in self.fields
        ]
        said = [SAID.get(_kind(field)) for field in self.fields]
        rows: Any = self.model._base_manager.order_by("pk").values_list(*asked)
        for row in rows.iterator(chunk_size=BATCH):
            values = [
                value if value is None or say is None else say(value)
                for say, value in zip(said, row, strict=True)
            ]
            yield _write(values).encode() + b"\n"

    def load(self, lines: Iterable[bytes], connection: BaseDatabaseWrapper) -> None:
        """Insert rows as they are; raises DatabaseError or ValueError for what the database cannot keep."""
        quote = connection.ops.quote_name
        meant = [_prepare(field, connections[connection.alias]) for field in self.fields]
        rows = (
            [
                value if value is None or mean is None else mean(value)
                for mean, value in zip(meant, json.loads(line), strict=True)
            ]
            for line in lines
        )
        into = f"{quote(self.name)} ({', '.join(map(quote, self.columns))})"
        if connection.vendor == "postgresql":
            copying = f"COPY {into} FROM STDIN"
            with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copying) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
            while batch := list(islice(rows, BATCH)):
                cursor.executemany(f"INSERT INTO {into} VALUES ({places})", batch)  # noqa: S608  # names of our own tables


class Schema:
    """The migrations that made a database, and the tables they left."""

    def __init__(self, migrations: Iterable[Migration], loader: MigrationLoader | None = None) -> None:
        self.migrations = frozenset(migrations)
        self._loader = loader or MigrationLoader(None)

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper) -> "Schema":
        """What has been applied to this database; nothing to an empty one."""
        loader = MigrationLoader(connection)
        return cls(loader.applied_migrations, loader)

    @property
    def unknown(self) -> list[str]:
        """Migrations that this release does not have: nothing else here works where there is one."""
        return sorted(".".join(one) for one in self.migrations - self._loader.disk_migrations.keys())

    @property
    def ends(self) -> list[Migration]:
        """The last migrations of each app."""
        followed = {
            parent
            for one in self.migrations
            for parent in self._loader.disk_migrations[one].dependencies
            if parent[0] == one[0]
        }
        return sorted(self.migrations - followed)

    @cached_property
    def models(self) -> list[type[models.Model]]:
        """Every model with a table, also those that are left out."""
        apps = self._loader.project_state(list(self.migrations)).apps
        found = apps.get_models(include_auto_created=True)
        return [model for model in found if model._meta.managed and not model._meta.proxy]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table whose rows are kept in a backup, by name."""
        kept = [Table(model) for model in self.models if model._meta.label not in LEFT_OUT]
        return {table.name: table for table in sorted(kept, key=lambda table: table.name)}


def _kind(field: Any) -> str:
    """The kind of what the column holds, which for a relation is the kind of the key it names."""
    while field.remote_field:
        field = field.target_field
    return str(field.get_internal_type())


def _prepare(field: Any, connection: BaseDatabaseWrapper) -> Convert | None:
    """From a line's value to what this engine's driver takes; None where they are the same."""
    kind = _kind(field)
    if kind == "JSONField":
        return lambda held: connection.ops.adapt_json_value(held[0], None)
    mean = MEANT.get(kind)
    return mean and (lambda value: field.get_db_prep_save(mean(value), connection))
