"""Runs the full parse of an untrusted file in a child process with limits, at most two at once."""

import fcntl
import json
import logging
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from submissions.formats.kinds import Inspected, Kind, Unacceptable
from submissions.formats.pieces import CHARACTERS, assembled
from submissions.formats.reading import Extracted

logger = logging.getLogger(__name__)

CHILDREN = 2
WAIT = 60.0
"""Seconds that an upload waits, for its turn and its check together, before it is refused as busy.

Many, because on a busy machine a sound file takes long; fewer than a proxy in front waits for an answer.
"""
ANSWER = 48 << 20
"""Bytes that a child may say; the most that is read of a file, with all of its words, takes fewer."""
PIECE = 1 << 16
SHARE = 0.7
"""Of the processor's time: a child that has used so much of it reads no further."""


@dataclass(frozen=True)
class Limits:
    """What a child may use (bytes, seconds, open files), and what a file may hold."""

    memory: int = 512 * 1024 * 1024
    processor: int = 10
    wall: float = WAIT
    files: int = 32
    pixels: int = 50_000_000
    webp_pixels: int = 20_000_000
    pages: int = 500
    entries: int = 5_000
    unpacked: int = 300 * 1024 * 1024
    ratio: int = 100
    ratio_from: int = 20 * 1024 * 1024
    """Unpacked bytes below which the ratio does not matter: small office files pack well."""
    depth: int = 1_000
    values: int = 300_000
    characters: int = CHARACTERS
    drawing: float = 2.0
    """Seconds of the processor in which it is drawn, after everything else."""


LIMITS = Limits()


def extract(path: Path, kind: Kind) -> Extracted:
    """What a file says that is read in the child; raises Unacceptable."""
    return inspect(path, kind).extracted


def inspect(path: Path, kind: Kind) -> Inspected:
    """A sound file's form and size, and what it says if its form is read in the child; raises Unacceptable."""
    limits = replace(LIMITS, pixels=settings.IMAGE_PIXELS, pages=settings.PDF_PAGES)
    order = json.dumps({"form": kind.form, "extension": kind.extension, "limits": asdict(limits)})
    until = time.monotonic() + WAIT
    with slot() as lock, path.open("rb") as file:
        child = subprocess.Popen(  # noqa: S603 (our own module; the order holds nothing a user wrote)
            [sys.executable, "-m", "submissions.formats.child", order],
            cwd=Path(__file__).parents[2],
            # Nothing of our own environment: it holds the keys of the site.
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # The child holds the slot as long as it lives, even if this process is killed.
            pass_fds=[lock],
        )
        with child:
            try:
                answer, noise = _heard(child, until)
            finally:
                child.kill()
    if time.monotonic() >= until and b"\n" not in answer:
        # A file that asks for too much meets the limit of the processor's time. This one was not given as much.
        logger.warning("A %s file could not be checked within %d seconds.", kind.extension, WAIT)
        raise Unacceptable("busy")
    return _read(child.returncode, answer, noise, kind)


def _heard(child: "subprocess.Popen[bytes]", until: float) -> tuple[bytes, bytes]:
    """What the child says, and what it complains of, until it ends, the time is over, or it says too much."""
    assert child.stdout
    assert child.stderr
    out, err = child.stdout.fileno(), child.stderr.fileno()
    said = {out: bytearray(), err: bytearray()}
    with selectors.DefaultSelector() as pipes:
        for pipe in said:
            pipes.register(pipe, selectors.EVENT_READ)
        while pipes.get_map() and (left := until - time.monotonic()) > 0:
            for key, _events in pipes.select(left):
                piece = os.read(key.fd, PIECE)
                said[key.fd] += piece
                if len(said[key.fd]) > ANSWER:
                    return bytes(said[out]), bytes(said[err])
                if not piece:
                    pipes.unregister(key.fd)
        if not pipes.get_map():
            # It has closed its pipes, and so is about to end.
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(until - time.monotonic(), 1))
    return bytes(said[out]), bytes(said[err])


def _read(status: int, answer: bytes, noise: bytes, kind: Kind) -> Inspected:
    """The first line says what the file is, or why it is refused; those after it, piece by piece, what it says.

    A file that was found sound stays so, though the child came to its limits while it read the text.
    """
    first, *pieces = answer.split(b"\n")
    if noise or status:
        trace = noise.decode("utf-8", "replace").strip()
        logger.info(
            "The check of a %s file ended with %d: %s",
            kind.extension,
            status,
            trace[-300:].splitlines()[-1:],
        )
        logger.debug("%s", trace)
    try:
        said: dict[str, Any] = json.loads(first) if pieces else {"refused": "too-complex"}
    except ValueError:
        said = {"refused": "too-complex"}
    if "refused" in said:
        raise Unacceptable(said["refused"], **said.get("values", {}))
    sizes = {name: said.get(name) for name in ("pages", "width", "height")}
    return Inspected(kind.form, kind.media_type, **sizes, extracted=assembled(pieces))


@contextmanager
def slot() -> Iterator[int]:
    """One of the CHILDREN turns of this machine, as a locked file's descriptor; raises Unacceptable.

    The locks are the kernel's: they hold across workers, and end with their holder in whatever way it ends.
    """
    folder = Path(settings.MEDIA_ROOT) / "checking"
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + WAIT
    while (lock := _free(folder)) is None:
        if time.monotonic() > until:
            raise Unacceptable("busy")
        time.sleep(0.02)
    try:
        yield lock
    finally:
        os.close(lock)


def _free(folder: Path) -> int | None:
    for number in range(CHILDREN):
        lock = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return lock
    return None
