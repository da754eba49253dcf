"""The blobs on disk: bytes named by their SHA-256, written once, never changed, never named by a user.

An upload is acknowledged only after: file fsync → rename to its place → fsync of the folders → (the caller's)
database commit. A crash in between leaves at most a file in `incoming/`, which `sweep_incoming` removes, or a
blob that no row names; never half a blob and never a row without its blob.
"""

import errno
import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from submissions.refusals import Refused

logger = logging.getLogger(__name__)

DIGEST = re.compile(r"[0-9a-f]{64}")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class TooLarge(Refused):
    """More bytes came than the limit allows."""

    def __init__(self, limit: int) -> None:
        super().__init__("too-large", limit=filesizeformat(limit))


class Empty(Refused):
    """No byte came."""

    def __init__(self) -> None:
        super().__init__("empty")


class Full(Refused):
    """The disk, or the quota of the account on it, has no room left."""

    def __init__(self) -> None:
        super().__init__("full")


@dataclass(frozen=True)
class Received:
    """Bytes that arrived whole and lie in `incoming/`; `size` in bytes, `sha256` in lower-case hex."""

    path: Path
    sha256: str
    size: int


def path_of(sha256: str) -> Path:
    """Where the blob lies, or would lie; raises ValueError for anything that is no digest."""
    if not DIGEST.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 digest: {sha256!r}")
    return _blobs() / sha256[:2] / sha256[2:4] / sha256


class Arriving:
    """Bytes on their way in, for a caller that is handed them piece by piece: `write` each, then `finish`.

    Every method raises TooLarge, Empty or Full, and has forgotten the bytes when it raises.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """In bytes."""
        self.size = 0
        self._digest = hashlib.sha256()
        with _room():
            _make(_incoming())
            handle, name = tempfile.mkstemp(dir=_incoming())
        self._path = Path(name)
        self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> None:
        """Takes the next piece."""
        self.size += len(chunk)
        try:
            if self.size > self.limit:
                raise TooLarge(self.limit)
            self._digest.update(chunk)
            with _room():
                self._file.write(chunk)
        except BaseException:
            self.forget()
            raise

    def finish(self) -> Received:
        """Says that this was all."""
        try:
            with _room():
                self._file.close()
            if not self.size:
                raise Empty
        except BaseException:
            self.forget()
            raise
        return Received(self._path, self._digest.hexdigest(), self.size)

    def forget(self) -> None:
        """Leaves nothing behind of what was not finished."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


def receive(chunks: Iterable[bytes], limit: int) -> Received:
    """Stream `chunks` into `incoming/`; raises TooLarge, Empty or Full, and leaves nothing when it raises."""
    arriving = Arriving(limit)
    try:
        for chunk in chunks:
            arriving.write(chunk)
    except BaseException:
        arriving.forget()
        raise
    return arriving.finish()


def keep(received: Received) -> str:
    """Put received bytes in their place, safe from a power cut, and return the digest; raises Full.

    Bytes that are there already stay as they are; their time is renewed, so that a sweep gives them grace.
    """
    target = path_of(received.sha256)
    try:
        with _room():
            _make(target.parent)
            if _is_whole(target, received.size):
                os.utime(target)
                discard(received)
            else:
                _move(received.path, target)
            # Always the whole way up: a folder may be a moment old and another worker's, not yet on the disk.
            for folder in (target.parent, target.parent.parent, _blobs(), _blobs().parent):
                _sync(folder)
    except BaseException:
        discard(received)
        raise
    return received.sha256


def discard(received: Received) -> None:
    """Forget received bytes; does nothing when they were kept or discarded before."""
    received.path.unlink(missing_ok=True)


def open_blob(sha256: str) -> BinaryIO:
    """The blob, open for reading; raises FileNotFoundError when it is not there."""
    return path_of(sha256).open("rb")


def verify(sha256: str) -> bool:
    """Whether the blob is there and its bytes still have the digest that is its name."""
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def holds(sha256: str) -> bool:
    """Whether there is such a blob, whole or not."""
    return path_of(sha256).exists()


def stored() -> Iterator[str]:
    """The digest of every blob on disk, in order."""
    for path in sorted(_blobs().glob("??/??/*")):
        if DIGEST.fullmatch(path.name):
            yield path.name


def remove(sha256: str) -> bool:
    """Take a blob off the disk; whether there was one. The caller has made sure that no row names it."""
    target = path_of(sha256)
    try:
        target.unlink()
    except FileNotFoundError:
        return False
    _sync(target.parent)
    return True


def sweep_incoming(older_than: timedelta) -> int:
    """Remove what interrupted uploads left behind longer than `older_than` ago; how many files went."""
    before = time.time() - older_than.total_seconds()
    swept = 0
    with suppress(FileNotFoundError):
        for path in _incoming().iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < before:
                    path.unlink()
                    swept += 1
    return swept


def _blobs() -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs"


def _incoming() -> Path:
    return Path(settings.MEDIA_ROOT) / "incoming"


def _is_whole(target: Path, size: int) -> bool:
    """Whether a blob of that size is in its place; one of another size is damaged and is to be replaced."""
    try:
        found = target.stat().st_size
    except FileNotFoundError:
        return False
    if found != size:
        logger.error("Blob %s had %d bytes instead of %d; it is replaced.", target.name, found, size)
    return found == size


def _move(source: Path, target: Path) -> None:
    handle = os.open(source, os.O_RDONLY)
    try:
        os.fchmod(handle, 0o440)
        os.fsync(handle)
    finally:
        os.close(handle)
    source.rename(target)


def _make(folder: Path) -> None:
    """Make a folder and what is missing above it, each with its name safe in the folder above."""
    if folder.is_dir():
        return
    _make(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _room() -> Iterator[None]:
    """Turns "no space left" into Full."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Full from error
        raise
