"""Bytes on their way in: they are counted and digested in `incoming/`, on this machine's disk, until they are kept."""

import errno
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from submissions.refusals import Refused

logger = logging.getLogger(__name__)

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
OUT_OF_ORDER = {
    errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ESTALE,
    errno.ENOTCONN, errno.ETIMEDOUT,
}  # fmt: skip
"""What a disk says that is read-only, unplugged, broken or somebody else's."""


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


class Unwritable(Refused):
    """The disk takes nothing: it is read-only, not there, or not ours."""

    def __init__(self) -> None:
        super().__init__("unwritable")


class Away(Refused, OSError):
    """What keeps the files cannot be reached, or refuses."""

    def __init__(self) -> None:
        super().__init__("away")

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Received:
    """Bytes that arrived whole and lie in `incoming/`; `size` in bytes, `sha256` in lower-case hex."""

    path: Path
    sha256: str
    size: int


class Arriving:
    """Bytes on their way in, for a caller that is handed them piece by piece: `write` each, then `finish`.

    Every method raises TooLarge, Empty, Full or Unwritable, and has forgotten the bytes when it raises.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """In bytes."""
        self.size = 0
        self._digest = hashlib.sha256()
        with room():
            make(incoming())
            handle, name = tempfile.mkstemp(dir=incoming())
        self._path = Path(name)
        self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> None:
        """Takes the next piece."""
        self.size += len(chunk)
        try:
            if self.size > self.limit:
                raise TooLarge(self.limit)
            self._digest.update(chunk)
            with room():
                self._file.write(chunk)
        except BaseException:
            self.forget()
            raise

    def finish(self) -> Received:
        """Says that this was all."""
        try:
            with room():
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
        drop(self._path)


def receive(chunks: Iterable[bytes], limit: int) -> Received:
    """Stream `chunks` into `incoming/`; raises as Arriving does, and leaves nothing when it raises."""
    arriving = Arriving(limit)
    try:
        for chunk in chunks:
            arriving.write(chunk)
    except BaseException:
        arriving.forget()
        raise
    return arriving.finish()


def discard(received: Received) -> None:
    """Forget received bytes; does nothing when they were kept or discarded before."""
    drop(received.path)


def sweep_incoming(older_than: timedelta) -> int:
    """Remove what interrupted uploads left behind longer than `older_than` ago; how many files went."""
    before = time.time() - older_than.total_seconds()
    swept = 0
    with suppress(FileNotFoundError):
        for path in incoming().iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < before:
                    path.unlink()
                    swept += 1
    return swept


def incoming() -> Path:
    return Path(settings.MEDIA_ROOT) / "incoming"


def drop(path: Path) -> None:
    """Removes a file of `incoming/`; one that the disk does not let go is left to `sweep_incoming`."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in OUT_OF_ORDER:
            raise
        logger.warning("%s cannot be removed: %s", path, error)


def make(folder: Path) -> None:
    """Make a folder and what is missing above it, each with its name safe in the folder above."""
    if folder.is_dir():
        return
    make(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    sync(folder.parent)


def sync(folder: Path) -> None:
    """Makes the names in a folder safe from a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def room() -> Iterator[None]:
    """Turns "no space left" into Full, and what a disk says that is out of order into Unwritable."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Full from error
        if error.errno in OUT_OF_ORDER:
            logger.exception("Nothing can be written to %s.", settings.MEDIA_ROOT)
            raise Unwritable from error
        raise
