"""The yardstick of `make bench` does what it is meant to, and as much as the one it was made after, where that is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg

from tests.engine import ENGINE

ROOT = Path(__file__).parents[1]
MODEL = ROOT.parent / "shared" / "yardstick"
"""The one it was made after: it lies beside the repository, where it lies anywhere."""
PAGES = {
    # queries: session and person, then its own; a tick is written in a transaction
    "page": {"status": 200, "queries": 7, "bytes": 29_753},
    "tick": {"status": 200, "queries": 6, "bytes": 1_127},
    "untick": {"status": 200, "queries": 6, "bytes": 1_129},
    "table": {"status": 200, "queries": 4, "bytes": 4_524},
}


def probed(folder: Path, module: str, database_url: str) -> dict[str, dict[str, int]]:
    """Status, queries and bytes of each page, with forty people."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": module,
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, "-m", "tests.bench.probe", "40"]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
    pages: dict[str, dict[str, int]] = json.loads(done.stdout)["pages"]
    return pages


def new_database(folder: Path) -> str:
    """The URL of an empty one: on the run's PostgreSQL, or a file."""
    if ENGINE == "sqlite":
        return f"sqlite:///{folder / 'bare.sqlite3'}"
    name, server = f"bare{uuid4().hex}", os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        place = quote(connection.info.host, safe="")
    return f"postgresql://postgres@{place}/{name}"


def test_yardstick_does_what_its_model_does(tmp_path: Path) -> None:
    own = probed(ROOT, "tests.bench.yardstick.settings", new_database(tmp_path))
    models = [PAGES]
    if ENGINE == "postgresql" and MODEL.is_dir():  # it runs on PostgreSQL alone
        models.append(probed(MODEL, "yardstick.settings", new_database(tmp_path)))
    for model in models:
        for name, page in model.items():
            assert own[name]["status"] == page["status"], name
            assert own[name]["queries"] == page["queries"], name
            assert abs(own[name]["bytes"] / page["bytes"] - 1) < 0.03, (name, own[name], page)
