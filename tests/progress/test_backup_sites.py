"""Whole sites, each with a database and a folder of its own, backed up at work and restored by the commands."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as site

from progress.backup import Refused
from progress.backup.archive import Archive
from tests.engine import ENGINE

pytestmark = [pytest.mark.prove]

PAIRS = {
    "sqlite": [("sqlite", "sqlite")],
    "postgresql": [("postgresql", "postgresql"), ("sqlite", "postgresql"), ("postgresql", "sqlite")],
}[ENGINE]
"""From and to: those that need a PostgreSQL are told when there is one."""
Said = dict[str, Any]


class Site:
    """A site with a database of that engine, empty at first; its commands run as processes."""

    def __init__(self, engine: str, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        url = f"sqlite:///{folder}/cairn.sqlite3"
        self.database = ""
        if engine == "postgresql":
            self.database = f"site_{uuid4().hex}"
            self.on_server(f"CREATE DATABASE {self.database}")
            url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.database}").geturl()
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "VAR": str(folder),
            "MEDIA_ROOT": str(folder / "media"),
        }

    @staticmethod
    def on_server(statement: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement)

    def end(self) -> None:
        if self.database:
            self.on_server(f"DROP DATABASE {self.database} WITH (FORCE)")

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=site.BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, fails: bool = False) -> str:
        """What a command of manage.py said; with its error output where it `fails`."""
        process = self.start("manage.py", *words)
        out, error = process.communicate(timeout=300)
        assert bool(process.returncode) == fails, out + error
        return out + error if fails else out

    def found(self) -> dict[str, dict[str, str]]:
        """What there is of what tests/progress/busy.py wrote."""
        process = self.start("-m", "tests.progress.busy", "found")
        out, error = process.communicate(timeout=300)
        assert not process.returncode, error
        return dict(json.loads(out))

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "media").rglob("*") if path.is_file())


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Any]:
    """Makes sites, and ends them."""
    made: list[Site] = []

    def make(engine: str = ENGINE) -> Site:
        made.append(Site(engine, tmp_path / f"site{len(made)}"))
        return made[-1]

    yield make
    for one in made:
        one.end()


class Work:
    """Processes of tests/progress/busy.py on a site, and what they were told is kept."""

    def __init__(self, source: Site) -> None:
        self.process = source.start("-m", "tests.progress.busy")
        self.said: list[Said] = []
        self.reader = threading.Thread(target=self.listen)
        self.reader.start()

    def listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def wait_for(self, more: int) -> None:
        """Until so many more writes of each kind were acknowledged."""
        begun, until = len(self.said), time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            kinds = [one["kind"] for one in self.said[begun:]]
            if all(kinds.count(kind) >= more for kind in ("note", "hand_in", "mark")):
                return
            time.sleep(0.05)
        raise AssertionError(self.process.communicate(timeout=20)[1])

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.reader.join()
        assert self.process.stdout
        assert self.process.stderr
        error = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        assert self.process.wait(60) == 0, error


def lost(said: list[Said], found: dict[str, dict[str, str]]) -> list[Said]:
    """What was acknowledged and is not there, or is there as it was before."""
    return [
        one
        for one in said
        if found[one["kind"]].get(one["name"], "") < one["value"] or one["name"] not in found[one["kind"]]
    ]


@pytest.mark.parametrize(("source_engine", "target_engine"), PAIRS)
def test_backup_under_load_has_all_that_was_acknowledged(
    sites: Any, tmp_path: Path, source_engine: str, target_engine: str
) -> None:
    source = sites(source_engine)
    source.run("migrate", "-v0")
    source.run("createcachetable")
    work, backups = Work(source), []
    try:
        work.wait_for(3)
        for number in range(2):
            file, begun = tmp_path / f"{number}.zip", time.time()
            source.run("backup", str(file))
            backups.append((file, begun, time.time()))
            work.wait_for(2)
    finally:
        work.end()

    for file, begun, ended in backups:
        during = {one["kind"] for one in work.said if begun < one["at"] < ended}
        assert during == {"note", "hand_in", "mark"}, "people worked on while it was made"
        target = sites(target_engine)
        said = target.run("restore", str(file))
        assert said.splitlines()[-1] == "Rows, files and records are as the backup has them."
        assert target.run("verify", "--backup", str(file)).startswith("intact, ")
        found, before = target.found(), [one for one in work.said if one["at"] < begun]
        assert len(before) >= 9
        assert lost(before, found) == []
        assert lost(work.said, found) != [], "the control: what came after the backup is not in it"
    assert source.run("verify").startswith("intact, ")
    assert "is on this site and not in the backup" in source.run(
        "verify", "--backup", str(backups[0][0]), fails=True
    )


def test_restore_that_is_killed_leaves_an_empty_site_and_can_be_done_again(
    sites: Any, tmp_path: Path
) -> None:
    source, chance = sites(), random.Random(3)  # noqa: S311 (the same each time)
    source.run("migrate", "-v0")
    source.run("createcachetable")
    work = Work(source)
    work.wait_for(3)
    work.end()
    file = tmp_path / "site.zip"
    source.run("backup", str(file))
    target, killed = sites(), 0
    begun = time.monotonic()
    sites().run("restore", str(file))
    whole = time.monotonic() - begun

    for _ in range(6):
        process = target.start("manage.py", "restore", str(file))
        time.sleep(whole * chance.uniform(0.3, 0.9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        tables = target.run("showmigrations", "--plan")
        if "[X]" in tables:  # it had done its work before
            target = sites()

    assert killed >= 3
    target.run("restore", str(file))
    assert target.run("verify", "--backup", str(file)).startswith("intact, ")


def test_flipped_bits_of_a_backup_are_found(sites: Any, tmp_path: Path) -> None:
    source, chance = sites(), random.Random(5)  # noqa: S311 (the same each time)
    source.run("migrate", "-v0")
    source.run("createcachetable")
    work = Work(source)
    work.wait_for(2)
    work.end()
    file, spoiled = tmp_path / "site.zip", tmp_path / "spoiled.zip"
    source.run("backup", str(file))
    whole = bytearray(file.read_bytes())
    Archive(file).check()
    for _ in range(3000):
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        whole[at] ^= bit
        spoiled.write_bytes(whole)
        with pytest.raises(Refused):
            Archive(spoiled).check()
        whole[at] ^= bit
    target = sites()
    whole[len(whole) // 2] ^= 1
    spoiled.write_bytes(whole)
    assert "is damaged" in target.run("restore", str(spoiled), fails=True)
    assert target.files() == []
    assert "[X]" not in target.run("showmigrations", "--plan")


BEFORE = """
from datetime import date
from django.db import connection
from django.utils import timezone
from progress.backup.rows import Schema
rows = {table.model._meta.label: table.model.objects for table in Schema.of(connection).tables.values()}
now = timezone.now()
curriculum = rows["curriculum.Curriculum"].create(slug="one", title="One")
document = rows["curriculum.Document"].create(curriculum=curriculum, path="month-08/README.md")
month = rows["curriculum.Month"].create(curriculum=curriculum, document=document, number=8, slug="8", title="Design")
week = rows["curriculum.Week"].create(month=month, label="Week 1")
work = rows["curriculum.Deliverable"].create(month=month, week=week, text="Overview")
cohort = rows["people.Cohort"].create(curriculum=curriculum, name="First", starts=date(2026, 1, 5))
people = [rows["people.User"].create(email=f"{name}@example.org", name=name) for name in ("ines", "tomas")]
learner = rows["people.Membership"].create(user=people[0], cohort=cohort, role="learner")
submission = rows["submissions.Submission"].create(learner=learner, deliverable=work)
version = rows["submissions.Version"].create(submission=submission, text="# Work", number=1, submitted_at=now)
review = rows["submissions.Review"].create(version=version, mentor=people[1], summary="So far.")
"""
AFTER = """
from submissions.models import Review, Version
review = Review.objects.get()
print(review.summary, review.marks, review.version.answers, review.mentor.name)
"""


def test_backup_of_the_release_before_is_restored_and_brought_up_to_date(sites: Any, tmp_path: Path) -> None:
    """Into a site without tables, and into one that has those of this release."""
    source, file = sites(), tmp_path / "old.zip"
    for app in ("account", "mfa", "admin", "sessions", "django_tasks_database"):
        source.run("migrate", app, "-v0")
    for app in ("progress", "submissions", "people"):
        source.run("migrate", app, "0001", "-v0")
    source.run("shell", "-v0", "-c", BEFORE)
    plan = source.run("showmigrations", "--plan")
    assert "[ ]  submissions.0003_review_marks" in plan
    source.run("backup", str(file))

    fresh, migrated = sites(), sites()
    migrated.run("migrate", "-v0")
    for target in (fresh, migrated):
        said = target.run("restore", str(file))
        assert said.splitlines()[-1] == "Rows, files and records are as the backup has them."
        assert "[ ]" not in target.run("showmigrations", "--plan")
        assert target.run("shell", "-v0", "-c", AFTER).strip() == "So far. {} {} tomas"
        assert target.run("verify").startswith("intact, ")
    held = Archive(file)
    held.check()
    assert ["submissions", "0003_review_marks"] not in held.manifest.migrations


def test_database_that_cannot_be_reached_is_said(sites: Any, tmp_path: Path) -> None:
    source, file = sites(), tmp_path / "site.zip"
    source.run("migrate", "-v0")
    source.run("backup", str(file))
    nowhere = sites("sqlite")
    nowhere.environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    said = nowhere.run("backup", str(tmp_path / "new.zip"), fails=True)
    assert "CommandError: The database could not be read" in said
    assert "CommandError: The database cannot be used" in nowhere.run("restore", str(file), fails=True)
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["site.zip"]
