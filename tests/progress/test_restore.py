"""What is wrong with a backup, or with the place for it, is said before anything is changed."""

import json
import os
import random
import resource
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError
from django.db import connection
from pytest_django.fixtures import Settings

from progress import triggers
from progress.backup import Refused, rows
from progress.backup.archive import Archive, Manifest, writing
from progress.backup.restoring import Restoring
from submissions import store
from tests.factories import UserFactory
from tests.progress.backups import Made, dump, files, restore


# Bad archives ---------------------------------------------------------------------------------------------
def rewritten(
    source: Path, target: Path, change: Callable[[Manifest, dict[str, list[bytes]]], Manifest]
) -> Path:
    """The archive written anew, whole and signed, with another manifest or other rows."""
    held = Archive(source)
    held.check()
    lines = {table: list(held.rows(table)) for table in held.manifest.tables}
    manifest = change(replace(held.manifest), lines)
    with writing(target) as writer:
        for table, found in lines.items():
            writer.rows(table, found)
        with writer.blobs() as write:
            for sha256, size, pieces in held.blobs():
                write(sha256, size, BytesIO(b"".join(pieces)))
        writer.finish(manifest)
    return target


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_one_byte(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def lengthened(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def no_zip(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 20)


def another_zip(file: Path) -> None:
    file.unlink()
    with ZipFile(file, "w") as made:
        made.writestr("manifest.json", "{}")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def gone(file: Path) -> None:
    file.unlink()


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def newer_format(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"Cairn backup 1\n", b"Cairn backup 2\n"))


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def resigned(file: Path) -> None:
    """Somebody without the key who changed it and wrote a right digest."""
    content = bytearray(file.read_bytes())
    content[-2:-1] = b"0" if content[-2:-1] != b"0" else b"1"
    file.write_bytes(content)


def newer(file: Path) -> None:
    def change(manifest: Manifest, lines: Any) -> Manifest:
        return replace(manifest, release="9.9", migrations=[*manifest.migrations, ["people", "0999_later"]])

    rewritten(file, file.with_suffix(".new"), change).rename(file)


def loose(file: Path) -> None:
    """A list of migrations without one in their middle."""

    def change(manifest: Manifest, lines: Any) -> Manifest:
        left = [one for one in manifest.migrations if one != ["submissions", "0002_draft_answers"]]
        return replace(manifest, migrations=left)

    rewritten(file, file.with_suffix(".new"), change).rename(file)


def fewer_rows(file: Path) -> None:
    def change(manifest: Manifest, lines: dict[str, list[bytes]]) -> Manifest:
        lines["people_user"].pop()
        return manifest

    rewritten(file, file.with_suffix(".new"), change).rename(file)


def with_rows(file: Path, table: str, edit: Callable[[list[Any]], None]) -> None:
    """Another first row of the table, in an archive that agrees with itself."""

    def change(manifest: Manifest, lines: dict[str, list[bytes]]) -> Manifest:
        row = json.loads(lines[table][0])
        edit(row)
        lines[table][0] = rows._write(row).encode() + b"\n"
        digest = rows.Digest()
        assert len(list(digest.over(lines[table]))) == digest.count
        manifest.tables[table] |= {"rows": digest.count, "sha256": digest.sha256}
        return manifest

    rewritten(file, file.with_suffix(".new"), change).rename(file)


def nobodys(file: Path) -> None:
    """A completion of a learner who is not there."""
    with_rows(file, "progress_completion", lambda row: row.__setitem__(2, 999_999))


def no_time(file: Path) -> None:
    with_rows(file, "progress_completion", lambda row: row.__setitem__(1, "yesterday"))


def test_row_that_the_other_engine_cannot_keep_is_said(backup: Path, media: Path) -> None:
    """SQLite keeps a NUL in a text."""
    with_rows(backup, "progress_completion", lambda row: row.__setitem__(3, "a\0b"))
    before = dump()
    if connection.vendor == "sqlite":
        restore(backup)
        return
    with pytest.raises(CommandError, match="progress_completion: PostgreSQL cannot keep one of its rows"):
        restore(backup)
    assert dump() == before
    assert files(media) == {}


def other_bytes(file: Path) -> None:
    """A blob whose name is not its digest, in an archive that agrees with itself."""
    held = Archive(file)
    held.check()
    target = file.with_suffix(".new")
    with writing(target) as writer:
        for table in held.manifest.tables:
            writer.rows(table, held.rows(table))
        with writer.blobs() as write:
            for at, (sha256, size, pieces) in enumerate(held.blobs()):
                content = b"".join(pieces)
                write(sha256, size, BytesIO(content[:-1] + b"?" if at else content))
        writer.finish(held.manifest)
    target.rename(file)


BAD: dict[Callable[[Path], None], str] = {
    cut: "is cut short or damaged",
    cut_one_byte: "is cut short or damaged",
    lengthened: "is cut short or damaged",
    no_zip: "is not a backup of a Cairn site",
    another_zip: "is not a backup of a Cairn site",
    empty: "is not a backup of a Cairn site",
    gone: "cannot be read: No such file",
    folder: "cannot be read: Is a directory",
    newer_format: "has format 2; this release of Cairn reads format 1",
    flipped: "is damaged",
    resigned: "was changed after this site made it",
    newer: r"newer release of Cairn \(9.9\), which has people.0999_later",
    loose: "do not hang together|not those of its migrations",
    fewer_rows: "people_user: its rows are not those that the backup lists",
    nobodys: "The database refused it",
    no_time: "progress_completion: .* cannot keep one of its rows",
    other_bytes: "the backup holds other bytes",
}


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__)
def test_restore_refuses_a_bad_backup_and_changes_nothing(
    backup: Path, media: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(backup)
    before = dump()

    with pytest.raises(CommandError, match=BAD[spoil]):
        restore(backup)

    assert dump() == before
    assert files(media) == {}
    assert triggers.missing(connection) == []


def test_restore_finds_a_flipped_bit_wherever_it_is(backup: Path) -> None:
    """In the head of a part, in its bytes, in the list of parts, in the digest itself."""
    whole, chance = backup.read_bytes(), random.Random(7)  # noqa: S311 (the same each time)
    Archive(backup).check()
    ends = [*range(60), *range(len(whole) - 400, len(whole))]
    for at in [*ends, *(chance.randrange(len(whole)) for _ in range(300))]:
        spoiled = bytearray(whole)
        spoiled[at] ^= 1 << chance.randrange(8)
        backup.write_bytes(spoiled)
        with pytest.raises(Refused):
            Archive(backup).check()


def test_restore_of_another_sites_backup_has_to_be_asked_for(
    backup: Path, made: Made, media: Path, settings: Settings
) -> None:
    before = dump()
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(CommandError, match=r"another SECRET_KEY.*--another-site"):
        restore(backup)
    assert dump() == before
    assert files(media) == {}

    asked = Restoring(backup, another_site=True)
    assert next(asked.steps()) == f"{len(made.blobs)} files", "it is being restored"


# A site that is not empty ---------------------------------------------------------------------------------
def test_restore_refuses_a_site_with_people(backup: Path, media: Path) -> None:
    UserFactory.create()
    before = dump()
    with pytest.raises(CommandError, match="This site is not empty: there are rows in people_user"):
        restore(backup)
    assert dump() == before
    assert files(media) == {}


def test_restore_refuses_a_site_with_files_that_are_not_the_backups(backup: Path, media: Path) -> None:
    kept = store.keep(store.receive([b"of somebody else"], 100))
    with pytest.raises(CommandError, match=f"This site is not empty: 1 files .* such as {kept}"):
        restore(backup)
    assert files(media) == {kept: b"of somebody else"}


def test_restore_that_fails_leaves_the_files_that_were_there(backup: Path, made: Made, media: Path) -> None:
    name, content = next(iter(made.blobs.items()))
    store.keep(store.receive([content], 10**6))
    nobodys(backup)
    with pytest.raises(CommandError):
        restore(backup)
    assert files(media) == {name: content}


def test_restore_into_a_place_that_is_none_changes_nothing(backup: Path, media: Path) -> None:
    before = dump()
    media.write_text("a file where the folder would be")
    with pytest.raises(CommandError, match=r"was not kept.*Nothing was changed"):
        restore(backup)
    assert dump() == before


def test_restore_on_a_full_disk_changes_nothing(backup: Path, media: Path) -> None:
    before, limit = dump(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limit[1]))
    try:
        with pytest.raises(CommandError, match=r"The disk of this server is full.*Nothing was changed"):
            restore(backup)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert dump() == before
    assert files(media) == {}
