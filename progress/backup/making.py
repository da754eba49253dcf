"""Writing a backup of a site while people work on it.

All rows are read in one transaction, so that they are of one moment. The blobs follow when it has ended: they
are never changed, and one is swept only some time after the last row that named it, so what the rows name is
still there. A blob that is not, or that is damaged, is named in the backup, which is made without it.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from progress.backup.archive import Manifest, Refused, Writer, key_mark, release, writing
from progress.backup.rows import Schema
from progress.chain import moment
from progress.verification import heads, kept_blobs
from submissions import store

HELD = 32 * 1024 * 1024
"""Bytes of one blob that are held in memory while it is looked at; a larger one lies in a temporary file."""


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """All that is read inside is as it was at its first query, whatever others write; nothing is kept waiting."""
    connection.ensure_connection()
    mode: Any = getattr(connection, "transaction_mode", None)
    if connection.vendor == "sqlite":
        # A writer's transaction, which the site's are from the start, would keep all others out.
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    cursor.execute("SET LOCAL statement_timeout = 0")
                    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.transaction_mode = mode  # type: ignore[attr-defined]


class Making:
    """One backup: `steps` makes it."""

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.target, self.overwrite = target, overwrite
        self.manifest: Manifest

    def steps(self) -> Iterator[str]:
        """Makes it, and says what is done, line by line. Raises Refused, and leaves nothing then."""
        try:
            with writing(self.target, overwrite=self.overwrite) as writer, tempfile.TemporaryFile() as named:
                with snapshot(connection):
                    yield from self._rows(writer, named)
                named.seek(0)
                yield from self._blobs(writer, named)
                writer.finish(self.manifest)
        except DatabaseError as error:
            raise Refused(f"The database could not be read: {error}. There is no backup.") from error

    def _rows(self, writer: Writer, named: IO[bytes]) -> Iterator[str]:
        schema = known_schema()
        self.manifest = described(schema, timezone.now())
        self.manifest.heads = heads()
        # Into a file, not into memory: there may be a million.
        for sha256, size in kept_blobs().values_list("sha256", "size").iterator():
            named.write(f"{sha256} {size}\n".encode())
        for name, table in schema.tables.items():
            digest = writer.rows(name, table.lines())
            self.manifest.tables[name] = {
                "columns": table.columns,
                "rows": digest.count,
                "sha256": digest.sha256,
            }
            yield f"{name}: {digest.count} rows"

    def _blobs(self, writer: Writer, named: IO[bytes]) -> Iterator[str]:
        with writer.blobs() as write:
            for line in named:
                sha256, size = line.decode().split()
                with tempfile.SpooledTemporaryFile(HELD) as held:
                    if not _whole(sha256, int(size), held):
                        self.manifest.missing.append(sha256)
                        yield f"blob {sha256}: is missing or damaged"
                        continue
                    write(sha256, int(size), held)
                self.manifest.blobs += 1
                self.manifest.bytes += int(size)


def known_schema() -> Schema:
    """What has been applied to the site's database; raises Refused where a newer release has."""
    schema = Schema.of(connection)
    if schema.unknown:
        raise Refused(
            f"The database was made by a newer release of Cairn (it has {', '.join(schema.unknown)}): "
            "use that release."
        )
    return schema


def described(schema: Schema, at: datetime) -> Manifest:
    """A manifest without its contents; raises Refused for a database without tables."""
    if not schema.tables:
        raise Refused("The database has no tables yet: there is nothing to back up.")
    return Manifest(
        made_at=moment(at),
        release=release(),
        engine=connection.vendor,
        key=key_mark(),
        migrations=sorted(map(list, schema.migrations)),
        heads="",
    )


def _whole(sha256: str, size: int, held: IO[bytes]) -> bool:
    """Copies a blob's bytes into a file of its own; whether they are what its name says."""
    digest = hashlib.sha256()
    try:
        with store.open_blob(sha256) as blob:
            while piece := blob.read(1024 * 1024):
                digest.update(piece)
                held.write(piece)
    except OSError:
        return False
    whole = held.tell() == size and digest.hexdigest() == sha256
    held.seek(0)
    return whole
