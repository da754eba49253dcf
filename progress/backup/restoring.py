"""Loading a backup into an empty site, all of it or nothing.

The archive is read and checked whole before anything is touched. Then the blobs are put into the store, each
compared with its digest; then, in one transaction, tables are made as they were when the backup was made, rows are
loaded and compared with the backup's own list, the migrations that came since are applied, and the database counts
what it has. Whatever fails takes all of it back. A process that is killed leaves an empty database and some of the
backup's blobs, which the next attempt finds and is not stopped by.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from progress import triggers
from progress.backup.archive import Archive, Refused
from progress.backup.rows import Digest, Schema, Table
from progress.verification import Verification
from submissions import store
from submissions.refusals import Refused as NotStored


class Restoring:
    """One restore: `steps` does it."""

    def __init__(self, file: Path, *, another_site: bool = False) -> None:
        self.archive = Archive(file)
        self.another_site = another_site
        self.kept = 0
        """How many blobs are in the store."""

    def steps(self) -> Iterator[str]:
        """Restores, and says what is done, line by line. Raises Refused, and has changed nothing then."""
        self.archive.check(another_site=self.another_site)
        schema = Schema((app, name) for app, name in self.archive.manifest.migrations)
        if schema.unknown:
            raise Refused(
                f"{self.archive.path} was made by a newer release of Cairn ({self.archive.manifest.release}), "
                f"which has {', '.join(schema.unknown)}. Restore it with that release."
            )
        self._expect_tables(schema)
        try:
            require_empty()
        except DatabaseError as error:
            raise Refused(
                f"The database cannot be used: {_first_line(error)}. Nothing was changed."
            ) from error
        self._require_no_other_blobs()
        already = set(store.stored())
        try:
            yield from self._blobs()
            with _unhindered():
                yield from self._rows(schema)
        except BaseException:
            for sha256, _size, _pieces in islice(self.archive.blobs(), self.kept):
                if sha256 not in already:
                    store.remove(sha256)
            raise
        finally:
            ContentType.objects.clear_cache()

    def problems(self) -> Iterator[str]:
        """What does not fit in the restored site; nothing, unless it did not fit when the backup was made."""
        for sha256 in self.archive.manifest.missing:
            yield f"blob {sha256}: was missing or damaged when the backup was made"
        heads = self.archive.manifest.heads if self.archive.is_of_this_site else ""
        yield from Verification(heads).problems()

    def _expect_tables(self, schema: Schema) -> None:
        held = {name: table["columns"] for name, table in self.archive.manifest.tables.items()}
        if held != {name: table.columns for name, table in schema.tables.items()}:
            raise Refused(f"{self.archive.path}: its tables are not those of its migrations.")

    def _require_no_other_blobs(self) -> None:
        others = set(store.stored())
        if others:
            others.difference_update(sha256 for sha256, _size, _pieces in self.archive.blobs())
        if others:
            raise Refused(
                f"This site is not empty: {len(others)} files that are not the backup's are in its store, such as "
                f"{min(others)}. Restore into an empty site. Nothing was changed."
            )

    def _blobs(self) -> Iterator[str]:
        for sha256, size, pieces in self.archive.blobs():
            try:
                received = store.receive(pieces, limit=size)
                if received.sha256 != sha256:
                    store.discard(received)
                    raise Refused(f"blob {sha256}: the backup holds other bytes. Nothing was changed.")
                store.keep(received)
            except NotStored as refusal:
                raise Refused(f"blob {sha256}: {refusal.sentence} Nothing was changed.") from refusal
            except OSError as error:
                raise Refused(f"blob {sha256} cannot be kept: {error}. Nothing was changed.") from error
            self.kept += 1
        yield f"{self.kept} files"

    def _rows(self, schema: Schema) -> Iterator[str]:
        try:
            with transaction.atomic():
                _on_postgresql(
                    "SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"
                )
                require_empty()
                triggers.lift(connection)
                make_tables(schema)
                # Migrations leave some of them set to be looked at at once.
                _on_postgresql("SET CONSTRAINTS ALL DEFERRED")
                for name, table in schema.tables.items():
                    yield f"{name}: {self._load(table)} rows"
                connection.check_constraints()
                with connection.cursor() as cursor:
                    for statement in connection.ops.sequence_reset_sql(no_style(), schema.models):
                        cursor.execute(statement)
                self._compare(schema)
                # No table is altered while rows of it wait to be looked at.
                _on_postgresql("SET CONSTRAINTS ALL IMMEDIATE")
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
                # Both engines choose how to search by what they last counted, which was tables without a row.
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
        except DatabaseError as error:
            raise Refused(f"The database refused it: {_first_line(error)}. Nothing was changed.") from error

    def _load(self, table: Table) -> int:
        digest = Digest()
        try:
            table.load(digest.over(self.archive.rows(table.name)), connection)
        except (DatabaseError, ValueError, TypeError) as error:
            raise Refused(
                f"{table.name}: {connection.display_name} cannot keep one of its rows up to row {digest.count} "
                f"({_first_line(error)}). Nothing was changed."
            ) from error
        return digest.count

    def _compare(self, schema: Schema) -> None:
        """What the database gives back is what the backup holds."""
        for name, table in schema.tables.items():
            digest = Digest()
            for _line in digest.over(table.lines()):
                pass
            self.archive.expect(name, digest)


def require_empty() -> None:
    """Raises Refused for a database that has rows of its own, or that this release does not know."""
    schema = Schema.of(connection)
    if schema.unknown:
        raise Refused(
            "The database of this site is not empty: it was made by another release, or for something else (it has "
            f"{', '.join(schema.unknown)}). Nothing was changed."
        )
    for name, table in schema.tables.items():
        if not table.is_seeded and table.exists():
            raise Refused(
                f"This site is not empty: there are rows in {name}. Restore into an empty site. Nothing was changed."
            )


def make_tables(schema: Schema) -> None:
    """The tables of that schema, without a row; the site has none that are worth keeping."""
    found = Schema.of(connection)
    if found.migrations == schema.migrations:
        for table in found.tables.values():
            if table.is_seeded:
                table.model._base_manager.all().delete()
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        names = {model._meta.db_table for model in found.models} | {
            MigrationRecorder.Migration._meta.db_table
        }
        for name in sorted(names & there):
            cascade = " CASCADE" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TABLE {quote(name)}{cascade}")
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(schema.ends)
    if {(migration.app_label, migration.name) for migration, _backwards in plan} != schema.migrations:
        raise Refused("The migrations of the backup do not hang together. Nothing was changed.")
    executor.migrate(schema.ends, plan)


@contextmanager
def _unhindered() -> Iterator[None]:
    """SQLite: no look at foreign keys while tables are made; whoever wants to know calls `check_constraints`."""
    lifted = connection.vendor == "sqlite" and not connection.in_atomic_block
    if lifted:
        connection.disable_constraint_checking()
    try:
        yield
    finally:
        if lifted:
            connection.enable_constraint_checking()


def _on_postgresql(*statements: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _first_line(error: Exception) -> str:
    with suppress(IndexError):
        return str(error).splitlines()[0].rstrip(".")
    return type(error).__name__
