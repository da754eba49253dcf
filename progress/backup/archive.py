"""The file of a backup: a ZIP, so that any tool opens it, with a digest of all its bytes at its very end.

    CAIRN-BACKUP.txt      what this is, for somebody who finds it
    rows/<table>.jsonl    one line for each row (`progress/backup/rows.py`)
    blobs                 one after the other: a line {"sha256": …, "size": …}, then so many bytes
    manifest.json         what is in it, and where and when it was made

Its comment, which ends the file, names the format, the SHA-256 of all bytes before the comment, and that digest
signed with the site's SECRET_KEY. So every bit that flips and every byte that is cut off is found, and whoever
has not the key cannot pass an archive off as the site's own.

It is written from front to back under another name and gets its own when all of it is on the disk.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from progress.backup.rows import Digest

FORMAT = 1
TITLE, MANIFEST, BLOBS = "CAIRN-BACKUP.txt", "manifest.json", "blobs"
ABOUT = """This is a backup of a Cairn site: the rows of its database and the files that were handed in.
It holds personal data and the digests of passwords. Keep it as safe as the site itself.

    manage.py restore FILE            loads it into an empty site
    manage.py verify --backup FILE    compares a site with it
"""
COMMENT = "Cairn backup {format}\nsha256 {sha256}\nsigned {signature}\n"
COMMENTED = re.compile(rb"Cairn backup (\d+)\nsha256 ([0-9a-f]{64})\nsigned ([0-9a-f]{64})\n")
COMMENT_SIZE = len(COMMENT.format(format=FORMAT, sha256="0" * 64, signature="0" * 64))
PIECE = 1024 * 1024
"""Bytes that are read or written at a time."""
QUICK = 3
"""How hard rows are pressed: harder takes twice the time for a tenth of the size."""


class Refused(Exception):
    """Why there is no backup, or why it was not restored: a sentence for whoever runs the site."""


@dataclass
class Manifest:
    """What is in an archive."""

    made_at: str
    """The moment of its rows, in UTC."""
    release: str
    """The version of Cairn that made it."""
    engine: str
    key: str
    """Tells the site's SECRET_KEY from another one, and says nothing about it."""
    migrations: list[list[str]]
    """What had made the tables: app and name of each, sorted."""
    heads: str
    """The ends of all chains of the record, signed (`progress/verification.py`)."""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: `columns`, `rows` (how many) and `sha256` of its lines."""
    blobs: int = 0
    bytes: int = 0
    """Of all blobs."""
    missing: list[str] = field(default_factory=list)
    """Digests of blobs that the site had lost, or that had changed on its disk."""


def release() -> str:
    """The version of this code."""
    with suppress(OSError, KeyError, tomllib.TOMLDecodeError):
        project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
        return str(project["project"]["version"])
    return "unknown"


def key_mark() -> str:
    """Tells one SECRET_KEY from another."""
    return salted_hmac("progress.backup.key", "", algorithm="sha256").hexdigest()[:16]


def signature(sha256: str) -> str:
    return salted_hmac("progress.backup.archive", sha256, algorithm="sha256").hexdigest()


class _Digested:
    """A file that is only written to, from front to back, and the digest of what passed."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()
        self.before = self.sha256
        """The digest without the last write."""

    def write(self, data: bytes) -> int:
        self.before = self.sha256.copy()
        self.sha256.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


class Writer:
    """An archive that is being written: the rows of each table, the blobs, and at last the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = _Digested(file)
        self._zip = ZipFile(cast("IO[bytes]", self._file), "w", ZIP_DEFLATED, compresslevel=QUICK)
        self._zip.writestr(TITLE, ABOUT, ZIP_STORED)

    def rows(self, table: str, lines: Iterable[bytes]) -> Digest:
        """Write the rows of a table; how many there were, and their digest."""
        digest = Digest()
        with self._zip.open(_place(table), "w", force_zip64=True) as member:
            for line in digest.over(lines):
                member.write(line)
        return digest

    @contextmanager
    def blobs(self) -> Iterator[Callable[[str, int, IO[bytes]], None]]:
        """Gives what writes one blob: its digest, its size, and its bytes, which the caller has checked."""
        # A ZipInfo of our own is stored as it is: documents and pictures are pressed already.
        with self._zip.open(ZipInfo(BLOBS), "w", force_zip64=True) as member:

            def write(sha256: str, size: int, content: IO[bytes]) -> None:
                member.write(json.dumps({"sha256": sha256, "size": size}).encode() + b"\n")
                shutil.copyfileobj(content, member, PIECE)

            yield write

    def abandon(self) -> None:
        """Write no more, and no end where there is none."""
        self._zip.fp = None  # or it would write its end when it is forgotten

    def finish(self, manifest: Manifest) -> None:
        """Write what is in it, and the digest of all of it over the comment that ends the file."""
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        self._zip.comment = b" " * COMMENT_SIZE
        self._zip.close()
        sha256 = self._file.before.hexdigest()
        comment = COMMENT.format(format=FORMAT, sha256=sha256, signature=signature(sha256))
        self._file.file.seek(-COMMENT_SIZE, os.SEEK_END)
        self._file.file.write(comment.encode())


@contextmanager
def writing(target: Path, *, overwrite: bool = False) -> Iterator[Writer]:
    """A new archive, which has its name when all of it is on the disk; nothing is left of one that fails.

    Raises Refused where it cannot be written, and for a file that is there unless it may be overwritten.
    """
    if target.exists() and not overwrite:
        raise Refused(f"{target} is there already. Choose another name, or add --overwrite.")
    try:
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror}.") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            writer = Writer(file)
            try:
                yield writer
            finally:
                writer.abandon()
            file.flush()
            os.fsync(file.fileno())
        _put(part, target, overwrite=overwrite)
    except OSError as error:
        raise Refused(f"{target} could not be written: {error.strerror}. There is no backup.") from error
    finally:
        part.unlink(missing_ok=True)


def _put(part: Path, target: Path, *, overwrite: bool) -> None:
    """Give the file its name, and never another's in between unless that may be overwritten."""
    if overwrite:
        part.replace(target)
    else:
        try:
            target.hardlink_to(part)
        except FileExistsError:
            raise
        except OSError:  # a file system that knows no second name
            if target.exists():
                raise
            part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Archive:
    """An archive that was written, to be read: `check` it before anything else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest

    def check(self, *, another_site: bool = False) -> None:
        """Read all of it; raises Refused unless it is whole, and this site's (or another's, where that is fine)."""
        with self._read():
            sha256, signed = self._digests()
            with ZipFile(self.path) as file:
                self.manifest = Manifest(**json.loads(file.read(MANIFEST)))
            if self.manifest.key == key_mark():
                if not constant_time_compare(signature(sha256), signed):
                    raise Refused(f"{self.path} was changed after this site made it. Nothing of it was used.")
            elif not another_site:
                raise Refused(
                    f"{self.path} is of another site: it was made under another SECRET_KEY. Set that key here, "
                    "so that links and signatures stay good; or add --another-site if it is lost."
                )
            for table in self.manifest.tables:
                digest = Digest()
                for _line in digest.over(self.rows(table)):
                    pass
                self.expect(table, digest)

    def expect(self, table: str, found: Digest) -> None:
        """Raises Refused unless these are the rows of the table, as the manifest has them."""
        held = self.manifest.tables[table]
        if (held["rows"], held["sha256"]) != (found.count, found.sha256):
            raise Refused(
                f"{table}: its rows are not those that the backup lists ({found.count} found, {held['rows']} listed). "
                "Nothing was changed."
            )

    @property
    def is_of_this_site(self) -> bool:
        """Whether it was made under the same SECRET_KEY."""
        return self.manifest.key == key_mark()

    def rows(self, table: str) -> Iterator[bytes]:
        """The lines of a table."""
        with self._read(), ZipFile(self.path) as file, file.open(_place(table)) as member:
            yield from member

    def blobs(self) -> Iterator[tuple[str, int, Iterator[bytes]]]:
        """The digest, the size and the bytes of each blob; those that are not read are passed over."""
        with self._read(), ZipFile(self.path) as file, file.open(BLOBS) as member:
            for _ in range(self.manifest.blobs):
                head = json.loads(member.readline())
                pieces = self._bytes(member, head["size"])
                yield head["sha256"], head["size"], pieces
                for _piece in pieces:
                    pass

    def _bytes(self, member: IO[bytes], size: int) -> Iterator[bytes]:
        with self._read():
            yield from _pieces(member, size)

    def _digests(self) -> tuple[str, str]:
        """The digest of all bytes, and its signature; raises Refused unless the digest is right."""
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            begins = file.read(200)
            file.seek(max(0, size - COMMENT_SIZE))
            found = COMMENTED.fullmatch(file.read())
            if not found:
                if TITLE.encode() in begins:
                    raise Refused(f"{self.path} is cut short or damaged: its end is not that of a backup.")
                raise Refused(f"{self.path} is not a backup of a Cairn site.")
            number, sha256, signed = (part.decode() for part in found.groups())
            if int(number) != FORMAT:
                raise Refused(
                    f"{self.path} has format {number}; this release of Cairn reads format {FORMAT}."
                )
            file.seek(0)
            digest = hashlib.sha256()
            for piece in _pieces(file, size - COMMENT_SIZE):
                digest.update(piece)
        if digest.hexdigest() != sha256:
            raise Refused(f"{self.path} is damaged: its bytes are not those that were written.")
        return sha256, signed

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Turns what can go wrong with a file into a sentence."""
        try:
            yield
        except OSError as error:
            raise Refused(f"{self.path} cannot be read: {error.strerror or error}.") from error
        except (BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError) as error:
            raise Refused(f"{self.path} is no backup that this release can read ({error}).") from error


def _place(table: str) -> str:
    return f"rows/{table}.jsonl"


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The next bytes of a file, piece by piece."""
    while size > 0:
        piece = file.read(min(PIECE, size))
        if not piece:
            raise EOFError("it ends too early")
        size -= len(piece)
        yield piece
