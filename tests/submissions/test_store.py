"""The blob store on a real disk: plain use, and a disk that is full."""

import errno
import hashlib
import os
import resource
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
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
