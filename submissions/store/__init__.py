"""The blobs: bytes named by their SHA-256, written once, never changed, never named by a user.

They lie on this machine's disk or, where the settings name one, in a bucket of an S3-compatible server, under
the same names. An upload is acknowledged only after the bytes are safe there (on disk: file fsync → rename to its
place → fsync of the folders; in a bucket: put where nothing is → the digest that the server found) and then the
(caller's) database commit. A crash in between leaves at most a file in `incoming/`, which `sweep_incoming`
removes, or a blob that no row names; never half a blob and never a row without its blob.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext

from submissions.store import disk
from submissions.store.arriving import (
    Arriving,
    Away,
    Empty,
    Full,
    Received,
    TooLarge,
    Unwritable,
    discard,
    receive,
    sweep_incoming,
)
from submissions.store.disk import path_of, place_of

__all__ = [
    "Arriving",
    "Away",
    "Empty",
    "Full",
    "Received",
    "TooLarge",
    "Unwritable",
    "discard",
    "holds",
    "is_on_disk",
    "keep",
    "kept_at",
    "lent",
    "open_blob",
    "path_of",
    "place_of",
    "receive",
    "remove",
    "stored",
    "sweep_incoming",
    "trouble",
    "verify",
]


def is_on_disk() -> bool:
    """Whether the blobs lie on this machine's disk, where `path_of` says; otherwise they are in a bucket."""
    return "blobs" not in settings.STORAGES


def keep(received: Received) -> str:
    """Put received bytes in their place for good, and return the digest; raises Full, Unwritable or Away.

    Bytes that are there already stay as they are; on disk their time is renewed, so that a sweep gives them grace.
    """
    digest: str = _place().keep(received)
    return digest


def open_blob(sha256: str) -> BinaryIO:
    """The blob, open for reading; raises FileNotFoundError when it is not there, or Away."""
    blob: BinaryIO = _place().open_blob(sha256)
    return blob


def lent(sha256: str) -> AbstractContextManager[Path]:
    """The blob as a file of this machine, to be read while the context lasts; raises as `open_blob` does."""
    path: AbstractContextManager[Path] = _place().lent(sha256)
    return path


def verify(sha256: str) -> bool:
    """Whether the blob is there and its bytes still have the digest that is its name; raises Away."""
    sound: bool = _place().verify(sha256)
    return sound


def holds(sha256: str) -> bool:
    """Whether there is such a blob, whole or not; raises Away."""
    is_there: bool = _place().holds(sha256)
    return is_there


def kept_at(sha256: str) -> float:
    """When the blob was put there last, in seconds since 1970; raises FileNotFoundError or Away."""
    seconds: float = _place().kept_at(sha256)
    return seconds


def stored() -> Iterator[str]:
    """The digest of every blob, in order; raises Away."""
    digests: Iterator[str] = _place().stored()
    return digests


def remove(sha256: str) -> bool:
    """Take a blob away; whether there was one. The caller has made sure that no row names it. Raises Away."""
    was_there: bool = _place().remove(sha256)
    return was_there


def trouble() -> str:
    """Why nothing can be kept at the moment, in a sentence; nothing when all is well."""
    try:
        disk.require()
        if not is_on_disk():
            _place().require()
    except Full:
        return gettext("The disk of the files is full.")
    except Away:
        return gettext("The server of the files does not answer as it should.")
    except Unwritable:
        return gettext("The folder of the files, %(folder)s, cannot be written.") % {
            "folder": settings.MEDIA_ROOT
        }
    return ""


def _place() -> ModuleType:
    if is_on_disk():
        return disk
    # Late: it brings the whole of boto3, which a site on one disk has no use for.
    from submissions.store import bucket  # noqa: PLC0415

    return bucket
