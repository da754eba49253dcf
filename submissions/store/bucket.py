"""The blobs in a bucket of an S3-compatible server: the storage `blobs` of the settings.

A blob is put only where nothing is (`If-None-Match`), with its digest (`x-amz-checksum-sha256`), and is kept when
the server has said the same digest, or has sent the very bytes back.
"""

import base64
import hashlib
import io
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import storages

from submissions.refusals import Refused
from submissions.store.arriving import Away, Full, Received, discard, drop, incoming, make, room
from submissions.store.disk import DIGEST, place_of

logger = logging.getLogger(__name__)

MISSING = {"404", "NoSuchKey", "NotFound"}
THERE = {"412", "PreconditionFailed"}
UNCONDITIONAL = {"501", "NotImplemented"}
"""What a server answers that puts only without a condition."""
BROKEN = {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
"""What a server answers that found another digest than the one that was sent."""
NO_ROOM = {"507", "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "InsufficientCapacity"}
PIECE = 64 * 1024


def keep(received: Received) -> str:
    key = key_of(received.sha256)
    try:
        with asked():
            if not _put(key, received, IfNoneMatch="*") and not _is_whole(key, received):
                logger.error("Object %s is not what its name says; it is replaced.", key)
                _put(key, received)
    finally:
        discard(received)
    return received.sha256


def open_blob(sha256: str) -> BinaryIO:
    key = key_of(sha256)
    with asked():
        size = client().head_object(Bucket=bucket(), Key=key)["ContentLength"]
    return io.BufferedReader(Streamed(key, size), PIECE)


@contextmanager
def lent(sha256: str) -> Iterator[Path]:
    with room():
        make(incoming())
        handle, name = tempfile.mkstemp(dir=incoming())
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, open_blob(sha256) as blob:
            while piece := blob.read(PIECE):
                with room():
                    file.write(piece)
        yield path
    finally:
        drop(path)


def verify(sha256: str) -> bool:
    try:
        with asked():
            return _digest(key_of(sha256)) == sha256
    except FileNotFoundError:
        return False


def holds(sha256: str) -> bool:
    try:
        kept_at(sha256)
    except FileNotFoundError:
        return False
    return True


def kept_at(sha256: str) -> float:
    with asked():
        head = client().head_object(Bucket=bucket(), Key=key_of(sha256))
    return float(head["LastModified"].timestamp())


def stored() -> Iterator[str]:
    with asked():
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=bucket(), Prefix=prefix())
        for page in pages:
            for found in page.get("Contents", ()):
                name = found["Key"].removeprefix(prefix()).split("/")[-1]
                if DIGEST.fullmatch(name) and found["Key"] == key_of(name):
                    yield name


def remove(sha256: str) -> bool:
    key = key_of(sha256)
    try:
        with asked():
            client().head_object(Bucket=bucket(), Key=key)
            client().delete_object(Bucket=bucket(), Key=key)
    except FileNotFoundError:
        return False
    return True


def require() -> None:
    """Raises Away unless the bucket answers."""
    try:
        with asked():
            client().head_bucket(Bucket=bucket())
    except FileNotFoundError as error:
        logger.exception("There is no bucket %s.", bucket())
        raise Away from error


class Streamed(io.RawIOBase):
    """An object, read from where it is wanted: each `seek` asks the server anew, and only when bytes are read."""

    def __init__(self, key: str, size: int) -> None:
        super().__init__()
        self.key, self.size, self.at = key, size, 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        if start + offset != self.at:
            self._leave()
            self.at = start + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any) -> int:
        if self.at >= self.size:
            return 0
        with asked():
            if self._body is None:
                answer = client().get_object(Bucket=bucket(), Key=self.key, Range=f"bytes={self.at}-")
                self._body = answer["Body"]
            piece = self._body.read(len(buffer))
            if not piece:
                raise OSError(f"{self.key} ended after {self.at} of {self.size} bytes")
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._leave()
        super().close()

    def _leave(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def storage() -> Any:
    return storages["blobs"]


def client() -> Any:
    return client_of(storage())


@lru_cache(maxsize=1)
def client_of(storage: Any) -> Any:
    """One for all threads, which may share it: it takes a third of a second to make."""
    return storage.connection.meta.client


def bucket() -> str:
    return str(storage().bucket_name)


def prefix() -> str:
    location = str(storage().location).strip("/")
    return f"{location}/" if location else ""


def key_of(sha256: str) -> str:
    return prefix() + place_of(sha256)


@contextmanager
def asked() -> Iterator[None]:
    """Turns what the server refuses into FileNotFoundError, Full, Away or a file that did not arrive whole."""
    try:
        yield
    except (FileNotFoundError, Away):
        raise
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in MISSING:
            raise FileNotFoundError(str(error)) from error
        logger.exception("The server of the files refused.")
        if code in NO_ROOM:
            raise Full from error
        if code in BROKEN:
            raise Refused("stopped") from error
        raise Away from error
    except (BotoCoreError, OSError) as error:  # not there, or gone in the middle of an answer
        logger.exception("The server of the files cannot be reached.")
        raise Away from error


def _put(key: str, received: Received, **condition: str) -> bool:
    """Puts the bytes there; False when the condition did not hold. Raises when the server got other bytes."""
    digest = base64.b64encode(bytes.fromhex(received.sha256)).decode()
    try:
        with received.path.open("rb") as file:
            answer = client().put_object(
                Bucket=bucket(),
                Key=key,
                Body=file,
                ContentLength=received.size,
                ContentType="application/octet-stream",
                ChecksumSHA256=digest,
                **condition,
            )
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if condition and code in THERE:
            return False
        if condition and code in UNCONDITIONAL:
            return _is_whole(key, received) or _put(key, received)
        raise
    # A server that does not say what it has got is asked for it.
    if answer.get("ChecksumSHA256") != digest and _digest(key) != received.sha256:
        client().delete_object(Bucket=bucket(), Key=key)
        logger.error("%s did not arrive as it was sent.", key)
        raise Refused("stopped")
    return True


def _is_whole(key: str, received: Received) -> bool:
    """Whether the object is there with that size and, where the server says one, that digest."""
    try:
        head = client().head_object(Bucket=bucket(), Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code", "") in MISSING:
            return False
        raise
    said = head.get("ChecksumSHA256")
    same = said is None or base64.b64decode(said).hex() == received.sha256
    return same and head["ContentLength"] == received.size


def _digest(key: str) -> str:
    """What the bytes add up to that the server has now."""
    found = hashlib.sha256()
    body = client().get_object(Bucket=bucket(), Key=key)["Body"]
    with body:
        for piece in body.iter_chunks(PIECE):
            found.update(piece)
    return found.hexdigest()
