"""The blobs on this machine's disk, below `MEDIA_ROOT/blobs`."""

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from submissions.store.arriving import OUT_OF_ORDER, Arriving, Away, Received, discard, make, room, sync

logger = logging.getLogger(__name__)

DIGEST = re.compile(r"[0-9a-f]{64}")


def path_of(sha256: str) -> Path:
    """Where the blob lies, or would lie; raises ValueError for anything that is no digest."""
    return blobs() / place_of(sha256)


def place_of(sha256: str) -> str:
    """The blob's path below the folder of all blobs; raises ValueError for anything that is no digest."""
    if not DIGEST.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 digest: {sha256!r}")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def keep(received: Received) -> str:
    """Put received bytes in their place, safe from a power cut, and return the digest."""
    target = path_of(received.sha256)
    try:
        with room():
            make(target.parent)
            if _is_whole(target, received.size):
                os.utime(target)
                discard(received)
            else:
                _move(received.path, target)
            # Always the whole way up: a folder may be a moment old and another worker's, not yet on the disk.
            for folder in (target.parent, target.parent.parent, blobs(), blobs().parent):
                sync(folder)
    except BaseException:
        discard(received)
        raise
    return received.sha256


def open_blob(sha256: str) -> BinaryIO:
    try:
        return path_of(sha256).open("rb")
    except OSError as error:
        # Without its folder, the blob is not lost: the disk is not where it should be.
        if error.errno in OUT_OF_ORDER or not blobs().is_dir():
            raise Away from error
        raise


@contextmanager
def lent(sha256: str) -> Iterator[Path]:
    yield path_of(sha256)


def verify(sha256: str) -> bool:
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def holds(sha256: str) -> bool:
    return path_of(sha256).exists()


def kept_at(sha256: str) -> float:
    return path_of(sha256).stat().st_mtime


def stored() -> Iterator[str]:
    for path in sorted(blobs().glob("??/??/*")):
        if DIGEST.fullmatch(path.name):
            yield path.name


def remove(sha256: str) -> bool:
    target = path_of(sha256)
    try:
        target.unlink()
    except FileNotFoundError:
        return False
    sync(target.parent)
    return True


def require() -> None:
    """Raises Full or Unwritable unless a file can be written and a folder for blobs made."""
    with room():
        make(blobs())
        if not os.access(blobs(), os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied", str(blobs()))
    trial = Arriving(limit=8192)
    trial.write(bytes(8192))
    discard(trial.finish())


def blobs() -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs"


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
