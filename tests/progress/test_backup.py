"""A backup holds everything of one moment, comes back as it was, and says what a site has since."""

import json
import os
import resource
import threading
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from pytest_django.fixtures import Settings

from people.models import User
from progress import triggers
from progress.backup import Refused, making, rows
from progress.backup.archive import Archive, writing
from progress.backup.making import Making
from progress.backup.restoring import require_empty
from progress.backup.rows import Schema
from progress.models import Completion, Entry
from submissions import store
from submissions.models import Blob, File
from tests.factories import MembershipFactory, UserFactory
from tests.progress.backups import Made, dump, everything, files, restore


# Back again -----------------------------------------------------------------------------------------------
def test_backup_comes_back_row_by_row_and_byte_by_byte(backup: Path, made: Made, media: Path) -> None:
    said = restore(backup)

    assert dump() == made.rows
    assert files(media) == made.blobs
    assert len(made.blobs) == 3
    assert [label for label, found in made.rows.items() if not found and label.startswith("progress")] == [
        "progress.Defence_present",
        "progress.Defence_versions",
        "progress.Defence",
    ]
    assert said.splitlines()[-1] == "Rows, files and records are as the backup has them."
    assert triggers.missing(connection) == []
    taken = set(User.objects.values_list("pk", flat=True))
    assert UserFactory.create().pk not in taken, "the next row gets a key that is free"


def test_null_of_json_is_told_from_no_value(backup: Path) -> None:
    def kept() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT return_value FROM django_tasks_database_dbtaskresult"
                " WHERE task_path = 'people.tasks.welcome' ORDER BY status"
            )
            return [value for (value,) in cursor.fetchall()]

    restore(backup)
    assert kept() == [None, "[null]"]
    tasks = Schema.of(connection).tables["django_tasks_database_dbtaskresult"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_tasks_database_dbtaskresult SET return_value = 'null' WHERE status = 'READY'"
        )
    lines = list(tasks.lines())
    tasks.model._base_manager.all().delete()
    tasks.load(lines, connection)
    assert kept() == ["null", "[null]"]


def test_restore_lets_the_database_count_what_it_has(backup: Path, made: Made) -> None:
    """Else it plans as for tables without a row: SQLite for good, PostgreSQL until it counts by itself."""
    asked = {
        "sqlite": "SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl",
        "postgresql": "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'"
        " AND relname IN (SELECT tablename FROM pg_stats)",
    }[connection.vendor]
    restore(backup)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        counted = dict(cursor.fetchall())
    rows = {apps.get_model(model)._meta.db_table: len(found) for model, found in made.rows.items() if found}
    assert len(rows) > 30
    assert {table: counted.get(table) for table in rows} == rows


def test_backup_has_no_sessions_and_is_for_its_owner_alone(backup: Path, made: Made) -> None:
    with ZipFile(backup) as file:
        names = file.namelist()
    assert names[0] == "CAIRN-BACKUP.txt"
    assert "rows/people_user.jsonl" in names
    assert not [name for name in names if "session" in name or "cache" in name]
    assert made.file.stat().st_mode & 0o077 == 0


def test_every_table_can_be_in_a_backup() -> None:
    """Keys that both engines order alike, and no kind of field without a way to be said, with a control."""
    known = {
        *rows.SAID,
        "AutoField",
        "BigAutoField",
        "BooleanField",
        "CharField",
        "FloatField",
        "IntegerField",
    }
    known |= {
        "PositiveBigIntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SlugField",
        "TextField",
    }
    loader = MigrationLoader(None)
    schema = Schema(loader.disk_migrations, loader)
    tables = schema.tables.values()
    kinds = {rows._kind(field) for table in tables for field in table.fields}
    assert kinds - known == set()
    assert {rows._kind(table.fields[0]) for table in tables} <= {"AutoField", "BigAutoField", "UUIDField"}
    sessions = [rows.Table(model) for model in schema.models if model._meta.label == "sessions.Session"]
    assert rows._kind(sessions[0].fields[0]) == "CharField"


def test_every_migration_can_be_taken_back_with_a_restore() -> None:
    assert [name for name, one in MigrationLoader(None).disk_migrations.items() if not one.atomic] == []


# Making one -----------------------------------------------------------------------------------------------
def test_backup_refuses_a_file_that_is_there_and_a_place_that_is_none(tmp_path: Path, db: None) -> None:
    there = tmp_path / "there"
    there.write_bytes(b"mine")
    for target, sentence in [
        (there, "is there already. Choose another name, or add --overwrite"),
        (tmp_path / "nowhere" / "file", "cannot be written: No such file or directory"),
        (there / "file", "cannot be written: Not a directory"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command("backup", str(target))
    assert list(tmp_path.iterdir()) == [there]
    assert there.read_bytes() == b"mine"


@pytest.mark.parametrize("links", [True, False])
def test_backup_never_takes_the_name_of_a_file_that_came_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Also on a file system that gives no file a second name."""

    def refuse(*_names: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "site.zip"
    with pytest.raises(Refused), writing(target):
        target.write_bytes(b"mine")
    assert target.read_bytes() == b"mine"
    target.unlink()
    with writing(target):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["site.zip"]


def test_backup_on_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    target = tmp_path / "site.zip"
    target.write_bytes(b"the one before")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with (
            pytest.raises(Refused, match=r"could not be written: .*There is no backup"),
            writing(target, overwrite=True) as writer,
        ):
            writer.rows("people_user", (os.urandom(500).hex().encode() for _ in range(999)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [path.name for path in tmp_path.iterdir()] == ["site.zip"]
    assert target.read_bytes() == b"the one before"


def test_database_of_a_newer_release_is_left_alone(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0999_later', '2030-01-01 00:00')"
        )
    with pytest.raises(Refused, match=r"newer release of Cairn .*people.0999_later"):
        making.known_schema()
    with pytest.raises(Refused, match="it was made by another release"):
        require_empty()


def writes_between(target: Path) -> None:
    """A backup, while somebody joins and ticks a task after the tables before were read."""
    world = everything()
    written = threading.Event()

    def write() -> None:
        try:
            newcomer = MembershipFactory.create(cohort=world.cast.cohort)
            Completion.objects.tick(newcomer, world.cast.task)
            written.set()
        finally:
            connections.close_all()

    for line in Making(target).steps():
        if line.startswith("people_user:"):
            thread = threading.Thread(target=write)
            thread.start()
            thread.join(20)
            assert written.is_set(), "nobody is kept waiting"


def orphans(file: Path) -> set[int]:
    """Learners whom a completion names and whose membership is not there, and memberships without a person."""
    held = Archive(file)
    held.check()

    def column(table: str, name: str) -> set[int]:
        at = held.manifest.tables[table]["columns"].index(name)
        return {json.loads(line)[at] for line in held.rows(table)}

    people = column("people_membership", "user_id") - column("people_user", "id")
    return people | column("progress_completion", "learner_id") - column("people_membership", "id")


@pytest.mark.django_db(transaction=True)
def test_backup_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes_between(tmp_path / "whole.zip")
    assert orphans(tmp_path / "whole.zip") == set()


@pytest.mark.django_db(transaction=True)
def test_backup_that_reads_at_several_moments_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control of the test above."""
    monkeypatch.setattr(making, "snapshot", lambda connection: nullcontext())
    writes_between(tmp_path / "torn.zip")
    assert orphans(tmp_path / "torn.zip") != set()


# Blobs that are not there, and a site that has gone on ----------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_backup_without_some_blobs_is_made_and_says_which(tmp_path: Path, media: Path) -> None:
    world = everything()
    lost, damaged = world.picture.blob.sha256, world.notebook.blob.sha256
    store.remove(lost)
    store.path_of(damaged).chmod(0o640)
    store.path_of(damaged).write_bytes(b"?" * world.notebook.blob.size)
    erased = Blob.objects.create(sha256="e" * 64, size=3)
    File.objects.create(version=world.draft, blob=erased, name="", erased_at=timezone.now())

    out = StringIO()
    with pytest.raises(CommandError, match="The backup is made, but 2 files are missing or damaged"):
        call_command("backup", str(tmp_path / "site.zip"), stdout=out)

    named = {f"blob {sha256}: is missing or damaged" for sha256 in (lost, damaged)}
    assert set(out.getvalue().splitlines()[:-1]) == named, "what was erased need not be there"
    held = Archive(tmp_path / "site.zip")
    held.check()
    assert set(held.manifest.missing) == {lost, damaged}
    assert [sha256 for sha256, _size, _pieces in held.blobs()] == [world.draft_file.blob.sha256]


@pytest.mark.django_db(transaction=True)
def test_verify_names_what_differs_from_a_backup(made: Made, media: Path, settings: Settings) -> None:
    def verify(*options: str) -> list[str]:
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verify", "--backup", str(made.file), *options, stdout=out)
        return out.getvalue().splitlines()

    restore(made.file)
    out = StringIO()
    call_command("verify", "--backup", str(made.file), stdout=out)
    assert ", as in the backup of 20" in out.getvalue()

    changed, ticked = User.objects.order_by("pk")[0], Completion.objects.latest("pk")
    key = ticked.pk
    ticked.delete()
    User.objects.filter(pk=changed.pk).update(name="Other", theme="dark")
    last = Entry.objects.order_by("-pk")[0]
    triggers.lift(connection)
    last.texts.all()._raw_delete("default")
    Entry.objects.filter(pk=last.pk)._raw_delete("default")
    triggers.install(connection)
    new = [user.pk for user in UserFactory.create_batch(25)]
    blob = File.objects.order_by("pk")[0].blob
    store.remove(blob.sha256)

    lines = verify()

    assert f"people_user {changed.pk}: differs in name, theme" in lines
    assert f"people_user {new[0]}: is on this site and not in the backup" in lines
    assert "people_user: 6 more rows differ" in lines
    assert f"people_user {new[-1]}: is on this site and not in the backup" not in lines
    assert f"progress_completion {key}: is in the backup and not on this site" in lines
    assert f"progress_entry {last.pk}: is in the backup and not on this site" in lines
    assert f"learner {last.learner.uuid}: the record ends with entry 4 and once had 5" in lines
    assert f"blob {blob.sha256}: is missing or damaged" in lines
    assert not [line for line in lines if line.startswith("curriculum")]

    triggers.lift(connection)
    File.objects.filter(blob=blob).delete()
    blob.delete()
    triggers.install(connection)
    assert f"blob {blob.sha256}: is in the backup and not on this site" in verify()

    settings.SECRET_KEY = "another" * 10
    assert verify() == []
    assert "people_user: 6 more rows differ" in verify("--another-site")
