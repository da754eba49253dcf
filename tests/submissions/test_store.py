"""The blob store on a real disk: the order of its steps, crashes between them, a full disk, plain use."""

import errno
import hashlib
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from submissions import store

pytestmark = pytest.mark.pure

BYTES = b"a design document\n" * 1000
DIGEST = hashlib.sha256(BYTES).hexdigest()
LIMIT = 1_000_000


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def pieces(data: bytes = BYTES, size: int = 4096) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def keep(data: bytes = BYTES) -> str:
    return store.keep(store.receive(pieces(data), LIMIT))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# Behaviour ------------------------------------------------------------------------------------------------
def test_received_bytes_are_digested_and_not_yet_kept(media: Path) -> None:
    received = store.receive(pieces(), LIMIT)

    assert (received.sha256, received.size) == (DIGEST, len(BYTES))
    assert files(media) == [received.path]
    assert received.path.read_bytes() == BYTES


def test_kept_blob_lies_under_its_digest_and_is_read_only(media: Path) -> None:
    assert keep() == DIGEST

    path = media / "blobs" / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert store.path_of(DIGEST) == path
    assert files(media) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    with store.open_blob(DIGEST) as blob:
        assert blob.read() == BYTES


def test_keep_of_bytes_that_are_there_leaves_one_blob(media: Path) -> None:
    keep()
    place = store.path_of(DIGEST)
    os.utime(place, (1, 1))
    before = place.stat()

    assert keep() == DIGEST

    assert files(media) == [place]
    assert place.stat().st_ino == before.st_ino
    assert place.stat().st_mtime > before.st_mtime, "a sweep must see that the blob was wanted again"


def test_keep_twice_of_the_same_received_does_nothing(media: Path) -> None:
    received = store.receive(pieces(), LIMIT)

    assert store.keep(received) == store.keep(received) == DIGEST
    assert files(media) == [store.path_of(DIGEST)]


def test_keep_replaces_a_blob_that_was_cut_short(media: Path) -> None:
    keep()
    store.path_of(DIGEST).chmod(0o640)
    store.path_of(DIGEST).write_bytes(BYTES[:10])

    keep()

    assert store.verify(DIGEST)


def test_keep_by_many_threads_at_once_leaves_one_whole_blob(media: Path) -> None:
    start = threading.Barrier(8)
    kept: list[str] = []

    def work() -> None:
        received = store.receive(pieces(), LIMIT)
        start.wait()
        kept.append(store.keep(received))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept == [DIGEST] * 8
    assert files(media) == [store.path_of(DIGEST)]
    assert store.verify(DIGEST)


@pytest.mark.parametrize("limit", [0, 1, len(BYTES) - 1])
def test_receive_refuses_what_passes_the_limit_and_stops_reading(media: Path, limit: int) -> None:
    read = 0

    def far_too_much() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1000
            yield b"x" * 1000

    with pytest.raises(store.TooLarge) as refusal:
        store.receive(far_too_much(), limit)

    assert refusal.value.code == "too-large"
    assert read <= limit + 1000
    assert files(media) == []


def test_receive_takes_exactly_the_limit(media: Path) -> None:
    assert store.receive(pieces(), len(BYTES)).size == len(BYTES)


def test_too_large_names_the_limit(media: Path) -> None:
    with pytest.raises(store.TooLarge) as refusal:
        store.receive([b"x" * (2 << 20)], 1 << 20)

    assert refusal.value.sentence.replace("\xa0", " ") == (
        "This file is larger than 1.0 MB. Make it smaller, or hand in a link to it."
    )


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_receive_refuses_nothing_at_all(media: Path, chunks: list[bytes]) -> None:
    with pytest.raises(store.Empty) as refusal:
        store.receive(chunks, LIMIT)

    assert refusal.value.sentence == "This file is empty. Choose the file again after saving it."
    assert files(media) == []


def test_receive_leaves_nothing_when_the_sender_breaks_off(media: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first part"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.receive(broken(), LIMIT)

    assert files(media) == []


def test_discard_removes_what_was_received_and_not_what_was_kept(media: Path) -> None:
    received = store.receive(pieces(), LIMIT)
    store.discard(received)
    assert files(media) == []

    received = store.receive(pieces(), LIMIT)
    store.keep(received)
    store.discard(received)
    assert store.verify(DIGEST)


@pytest.mark.parametrize(
    "bad", ["", "../../etc/passwd", DIGEST[:-1], DIGEST.upper(), DIGEST + "\n", "g" * 64]
)
def test_path_of_refuses_what_is_no_digest(media: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        store.path_of(bad)


def test_verify_finds_a_flipped_bit_and_a_missing_blob(media: Path) -> None:
    keep()
    assert store.verify(DIGEST)

    place = store.path_of(DIGEST)
    place.chmod(0o640)
    place.write_bytes(bytes([BYTES[0] ^ 1]) + BYTES[1:])
    assert not store.verify(DIGEST)

    place.unlink()
    assert not store.verify(DIGEST)


def test_stored_lists_every_blob_and_remove_takes_one_away(media: Path) -> None:
    assert list(store.stored()) == []
    digests = sorted(keep(bytes([n]) * 10) for n in range(5))
    (media / "blobs" / "notes.txt").write_text("not a blob")
    assert list(store.stored()) == digests

    assert store.remove(digests[0])
    assert not store.remove(digests[0])
    assert list(store.stored()) == digests[1:]
    with pytest.raises(FileNotFoundError):
        store.open_blob(digests[0])


def test_sweep_removes_only_what_is_old(media: Path) -> None:
    assert store.sweep_incoming(timedelta(hours=1)) == 0
    old, young = store.receive(pieces(), LIMIT), store.receive(pieces(), LIMIT)
    os.utime(old.path, (1, 1))
    keep()

    assert store.sweep_incoming(timedelta(hours=1)) == 1
    assert files(media) == sorted([young.path, store.path_of(DIGEST)])


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
LINES = {store.__file__, "<string>"}

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


@pytest.mark.parametrize(
    ("way", "fault"), [("row_first", "a row has no blob"), ("in_place", "half a file is visible")]
)
def test_kill_finds_the_fault_of_a_store_that_does_it_wrong(tmp_path: Path, way: str, fault: str) -> None:
    """The positive control of the test above."""
    _, wrong = crash_at_every_step(tmp_path / "crashes", way)

    assert any(fault in line for line in wrong)


# A full disk ----------------------------------------------------------------------------------------------
@pytest.fixture
def small_disk(settings: Settings) -> Iterator[Path]:
    """A disk of 256 kB where this machine lets us mount one, else files of at most that size."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-disk-"))
    settings.MEDIA_ROOT = folder
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = (
        bool(shutil.which("mount"))
        and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, before[1]))
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        shutil.rmtree(folder)


def test_full_disk_is_said_and_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(store.Full) as refusal:
        store.receive(pieces(bytes(400_000)), LIMIT)

    assert refusal.value.code == "full"
    assert refusal.value.sentence.startswith("The disk of this server is full")
    assert files(small_disk) == []
    assert keep(b"a small one still fits") in list(store.stored())


def test_file_size_limit_of_the_process_is_said_like_a_full_disk(media: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(store.Full):
            store.receive(pieces(bytes(400_000)), LIMIT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert files(media) == []
    assert store.receive(pieces(bytes(400_000)), LIMIT).size == 400_000


def test_disk_that_fills_up_between_receive_and_keep_leaves_nothing(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file system says "no space" when a folder is made: a real error, raised where the kernel would."""
    received = store.receive(pieces(), LIMIT)

    def no_room(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "mkdir", no_room)
    with pytest.raises(store.Full):
        store.keep(received)

    assert files(media) == []
