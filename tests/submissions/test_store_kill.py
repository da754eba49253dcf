"""The blob store on a real disk: the order of its steps, and crashes between them."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from submissions import store
from tests.submissions.test_store import DIGEST, LIMIT, files, keep, pieces

pytestmark = pytest.mark.pure


# Order ----------------------------------------------------------------------------------------------------
class Recorder:
    """Notes the calls that make a write last, by the path they concern, and lets each go through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str]] = []
        for name in ("rename", "mkdir", "fsync", "unlink"):
            monkeypatch.setattr(os, name, self.wrap(name, getattr(os, name)))

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(subject: Any, *rest: Any, **options: Any) -> Any:
            place = (
                str(Path(f"/proc/self/fd/{subject}").readlink()) if isinstance(subject, int) else str(subject)
            )
            result = call(subject, *rest, **options)
            self.calls.append((name, place))
            return result

        return recorded


def upload_with_row(table: sqlite3.Connection) -> str:
    """What an upload does: keep the bytes, then commit the row that names them, then answer."""
    received = store.receive(pieces(), LIMIT)
    digest = store.keep(received)
    with table:
        table.execute("INSERT INTO file VALUES (?)", [digest])
    return digest


def test_keep_syncs_the_file_then_renames_then_syncs_every_folder(
    media: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    received = store.receive(pieces(), LIMIT)
    first, second = media / "blobs" / DIGEST[:2], media / "blobs" / DIGEST[:2] / DIGEST[2:4]
    table = sqlite3.connect(tmp_path / "rows.sqlite3")
    table.execute("CREATE TABLE file (sha256)")
    recorder = Recorder(monkeypatch)
    table.set_trace_callback(lambda statement: recorder.calls.append(("sql", statement.split()[0])))

    digest = store.keep(received)
    with table:
        table.execute("INSERT INTO file VALUES (?)", [digest])
    recorder.calls.append(("answer", "200"))
    table.close()

    assert recorder.calls == [
        ("mkdir", str(media / "blobs")),
        ("fsync", str(media)),
        ("mkdir", str(first)),
        ("fsync", str(media / "blobs")),
        ("mkdir", str(second)),
        ("fsync", str(first)),
        ("fsync", str(received.path)),
        ("rename", str(received.path)),
        ("fsync", str(second)),
        ("fsync", str(first)),
        ("fsync", str(media / "blobs")),
        ("fsync", str(media)),
        ("sql", "BEGIN"),
        ("sql", "INSERT"),
        ("sql", "COMMIT"),
        ("answer", "200"),
    ]


def test_keep_of_bytes_that_are_there_syncs_the_folders_too(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blob may be another worker's, renamed a moment ago and not yet on the disk."""
    keep()
    received = store.receive(pieces(), LIMIT)
    place = store.path_of(DIGEST)
    recorder = Recorder(monkeypatch)

    store.keep(received)

    folders = [place.parent, place.parent.parent, media / "blobs", media]
    assert recorder.calls == [("unlink", str(received.path)), *[("fsync", str(folder)) for folder in folders]]


# Crashes --------------------------------------------------------------------------------------------------
CRASHING = """
import os, signal, sqlite3, sys
from pathlib import Path
import django
from django.conf import settings

root, way = Path(sys.argv[1]), sys.argv[2]
settings.configure(USE_I18N=False)
django.setup()
from submissions import store

BYTES = b"a design document\\n" * 1000
LINES = {*map(str, Path(store.__file__).parent.glob("*.py")), "<string>"}

def row(digest):
    table = sqlite3.connect(root / "rows.sqlite3")
    table.execute("CREATE TABLE IF NOT EXISTS file (sha256)")
    with table:
        table.execute("INSERT INTO file VALUES (?)", [digest])
    table.close()

def right(received):
    row(store.keep(received))

def row_first(received):
    row(received.sha256)
    store.keep(received)

def in_place(received):
    target = store.path_of(received.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    with received.path.open("rb") as source, target.open("wb", buffering=0) as out:
        while piece := source.read(4096):
            out.write(piece)
    received.path.unlink()
    row(received.sha256)

def upload():
    received = store.receive((BYTES[at:at + 4096] for at in range(0, len(BYTES), 4096)), 10**6)
    globals()[way](received)

def crash_at(step):
    left = step
    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename not in LINES:
            return None
        if event == "line":
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)

step = 0
while True:
    step += 1
    settings.MEDIA_ROOT = root / str(step)
    child = os.fork()
    if not child:
        root = settings.MEDIA_ROOT
        root.mkdir()
        crash_at(step)
        upload()
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(step)
        break
"""


def crash_at_every_step(root: Path, way: str) -> tuple[int, list[str]]:
    """Uploads once for every line of the store and its caller, killed before it; the last gets through.

    Returns how many lines there were, and what is wrong with what the killed ones left.
    """
    root.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, str(root), way],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    steps = int(done.stdout)
    wrong = [f"step {step}: {fault}" for step in range(1, steps + 1) for fault in faults(root / str(step))]
    return steps, wrong


def faults(media: Path) -> Iterator[str]:
    blobs = {path.name: path for path in files(media / "blobs")}
    for name, path in blobs.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != name:
            yield "half a file is visible"
    rows = media / "rows.sqlite3"
    if rows.exists():
        table = sqlite3.connect(rows)
        try:
            named = [digest for (digest,) in table.execute("SELECT sha256 FROM file")]
        except sqlite3.OperationalError:  # killed before the table was made
            named = []
        table.close()
        if set(named) - set(blobs):
            yield "a row has no blob"


@pytest.mark.prove
def test_kill_between_any_two_steps_leaves_no_half_file_and_no_row_without_blob(tmp_path: Path) -> None:
    steps, wrong = crash_at_every_step(tmp_path / "crashes", "right")

    assert wrong == []
    assert steps > 40
    last = tmp_path / "crashes" / str(steps)
    assert [path.name for path in files(last / "blobs")] == [DIGEST], (
        "the upload that was not killed is whole"
    )
    leftovers = [list((tmp_path / "crashes" / str(step)).glob("incoming/*")) for step in range(1, steps)]
    assert any(leftovers), "some were killed with the file on its way"


@pytest.mark.prove
@pytest.mark.parametrize(
    ("way", "fault"), [("row_first", "a row has no blob"), ("in_place", "half a file is visible")]
)
def test_kill_finds_the_fault_of_a_store_that_does_it_wrong(tmp_path: Path, way: str, fault: str) -> None:
    """The positive control of the test above."""
    _, wrong = crash_at_every_step(tmp_path / "crashes", way)

    assert any(fault in line for line in wrong)
