"""A deployed site whose database, disk or files are taken away under it, and come back: no restart, nothing lost."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.servers import until
from tests.engine import Run
from tests.outage import Answer, Browser, Deployed, tick_of

pytestmark = [pytest.mark.prove, pytest.mark.pure]

FULL = "The disk of this server is full"
READ_ONLY = "This server can only be read at the moment"
AWAY = "The database of this server cannot be reached"
BUSY = "This server has too much to do"


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 20 MB of its own. Only root may mount one: these tests are run as root, or fail."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is left on the disk while this lasts."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The disk can only be read while this lasts."""
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Learner(Browser):
    """The demo's learner, with a task to tick."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.log_in("learner@demo.test")
        self.tick = tick_of(self.get("/path/").text)

    def ticks(self, state: str = "yes") -> int:
        """The status of ticking the task."""
        return self.post(self.tick, {"done": state}).status

    def writes_until_refused(self, **headers: str) -> Answer:
        """What is said when the room that the database had left is used up; a tick and no tick, over and over."""
        for turn in range(400):
            answer = self.post(self.tick, {"done": ["yes", "no"][turn % 2]}, **headers)
            if answer.status >= 400:
                assert answer.status == 503
                return answer
        raise AssertionError("the disk was never full")


def test_full_disk_stops_writing_with_a_sentence_and_not_reading(disk: Path) -> None:
    with Deployed(disk) as site:
        learner = Learner(site.origin)
        with filled(disk):
            page = learner.writes_until_refused().text
            assert FULL in page
            assert 'class="brand"' in page
            told = learner.writes_until_refused(HX_Request="true")
            assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert told.text.startswith(FULL)
            assert learner.get("/path/").status == 200
            assert learner.get("/healthz").status == 200
            assert learner.get("/readyz").status == 503
        assert learner.ticks() == 302
        assert learner.get("/readyz").status == 200


def test_read_only_disk_stops_writing_with_a_sentence_and_not_reading(disk: Path) -> None:
    with Deployed(disk) as site:
        learner = Learner(site.origin)
        assert learner.ticks() == 302
        with read_only(disk):
            assert learner.get("/path/").status == 200
            refused = learner.post(learner.tick, {"done": "no"})
            assert (refused.status, READ_ONLY in refused.text) == (503, True)
            assert learner.get("/readyz").status == 503
        assert learner.ticks("no") == 302
        assert learner.get("/readyz").status == 200


def test_locked_sqlite_is_said_and_given_back(tmp_path: Path) -> None:
    with Deployed(tmp_path) as site:
        learner = Learner(site.origin)
        other = sqlite3.connect(tmp_path / "cairn.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert learner.get("/path/").status == 200
        refused = learner.post(learner.tick, {"done": "yes"})
        assert (refused.status, BUSY in refused.text) == (503, True)
        other.execute("ROLLBACK")
        other.close()
        assert learner.ticks() == 302


@pytest.fixture
def postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A PostgreSQL of this test's own, that can be stopped and started."""
    monkeypatch.setattr("tests.engine.ENGINE", "postgresql")
    before = dict(os.environ)
    run = Run()
    try:
        yield run
    finally:
        run.end()
        os.environ.clear()
        os.environ.update(before)


def test_postgresql_that_goes_and_comes_back_costs_no_restart_and_no_log_in(
    postgresql: Run, tmp_path: Path
) -> None:
    with Deployed(tmp_path, DATABASE_URL=str(postgresql.server.get_uri())) as site:
        learner, nobody = Learner(site.origin), Browser(site.origin)
        assert learner.ticks() == 302
        assert learner.get("/readyz").text == "ready\n"

        postgresql.server.stop()
        assert learner.get("/healthz").status == 200
        ready = learner.get("/readyz")
        assert (ready.status, ready.text.startswith("The database cannot be reached")) == (503, True)
        assert nobody.get("/static/css/cairn.css").status == 200
        assert nobody.get("/no-such-page/").status == 404
        for _time in range(20):  # every thread that had a connection
            page = learner.get("/path/")
            assert (page.status, AWAY in page.text, page.headers["Retry-After"]) == (503, True, "30")
        told = learner.post(learner.tick, {"done": "no"}, HX_Request="true")
        assert (told.status, told.text.startswith(AWAY)) == (503, True)
        doctor = site.manage("doctor")
        assert doctor.returncode == 1
        assert re.search(r"^wrong +database: cannot be reached", doctor.stdout, re.MULTILINE)

        postgresql.server.ensure_postgres_running()
        statuses = [learner.get("/path/").status for _time in range(40)]
        assert statuses == [200] * 40
        assert learner.ticks("no") == 302
        assert learner.get("/readyz").status == 200


def test_worker_that_is_away_keeps_nobody_waiting_and_does_it_all_when_it_is_back(tmp_path: Path) -> None:
    with Deployed(tmp_path) as site:
        learner = Learner(site.origin)
        assert "wrong    worker: away" in site.manage("doctor").stdout
        assert learner.ticks() == 302
        worker = subprocess.Popen([sys.executable, "manage.py", "db_worker"], env=site.environment)
        try:
            until(lambda: "ok       worker: there" in site.manage("doctor").stdout, "the worker to be there")
        finally:
            worker.terminate()
            worker.wait(60)
