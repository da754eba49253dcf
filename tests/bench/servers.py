"""What is measured: a PostgreSQL that keeps what it says, filled databases, and gunicorn on the loopback address."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
YARDSTICK = "tests.bench.yardstick"


@dataclass(frozen=True)
class Place:
    """Where the run keeps what it needs."""

    folder: Path
    database: str
    """The DATABASE_URL of a database named NAME."""

    def environment(self, database: str, *, https: bool = True) -> dict[str, str]:
        """A site's settings as the README has them, and nothing of the caller's own."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "DATABASE_URL": self.database.replace("NAME", database),
            "SECRET_KEY": "of-the-bench-alone-" + "k" * 40,
            "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
            "HTTPS": "yes" if https else "no",
            "BEHIND_PROXY": "yes" if https else "no",
            "VAR": str(self.folder / "var"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
            "LOG_LEVEL": "ERROR",
        }

    def run(self, database: str, *command: str, settings: str = "config.settings") -> str:
        """What a Python command prints that works on a database."""
        return subprocess.run(
            [sys.executable, *command],
            env=self.environment(database) | {"DJANGO_SETTINGS_MODULE": settings},
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def prepare(self) -> None:
        """The static files, and Cairn's tables in a database named cairn."""
        self.run("cairn", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        self.run("cairn", "manage.py", "migrate", "--verbosity", "0")
        self.run("cairn", "manage.py", "createcachetable")

    def fill(self, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What can be asked of Cairn and of the yardstick with so many learners, in databases of their own."""
        bare = self.run(f"bare{size}", "-m", "tests.bench.probe", str(size), settings=f"{YARDSTICK}.settings")
        return json.loads(self.run(f"cairn{size}", "-m", "tests.bench.school", str(size))), json.loads(bare)


@contextmanager
def serving(
    place: Place, database: str, application: str, *, workers: int = 4, https: bool = True
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A gunicorn, four workers with eight threads unless said otherwise: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (
        f"-b 127.0.0.1:{port} -k gthread -w {workers} --threads 8 --keep-alive 75 --log-level error --preload"
    )
    command = [sys.executable, "-m", "gunicorn", *options.split(), "--no-control-socket", application]
    process = subprocess.Popen(command, env=place.environment(database, https=https), cwd=ROOT)
    try:
        wait_for(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody answers; RuntimeError when the server ended instead."""
    for _attempt in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("gunicorn does not answer")


def memory_of_worker(process: subprocess.Popen[bytes]) -> float:
    """Resident megabytes of the server's only worker."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    (worker,) = children
    status = Path(f"/proc/{worker}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
