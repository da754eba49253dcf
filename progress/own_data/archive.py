"""A zip archive that is written while it is sent: at no time is more of it in memory than one piece."""

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

PIECE = 64 * 1024
NAME_BYTES = 150
"""Bytes of a name in UTF-8, so that it and its folder fit wherever they are unpacked."""
FORBIDDEN = set('<>:"/\\|?*')
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
"""Names that Windows keeps for devices, whatever their ending."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip archive can name."""


@dataclass(frozen=True)
class Member:
    """One file of the archive."""

    path: str
    """With slashes, relative to the archive."""
    pieces: Iterable[bytes]
    at: datetime
    packed: bool = True
    """Whether packing it is worth the time: not for pictures and PDFs, which are packed already."""


@dataclass
class Names:
    """Names for files in one folder that every system takes: safe, and not two alike whatever their capitals."""

    taken: set[str] = field(default_factory=set)

    def safe(self, name: str) -> str:
        """The name, or one like it."""
        stem, dot, ending = self._clean(name).rpartition(".")
        if not dot:
            stem, ending = ending, ""
        stem = cut(stem, NAME_BYTES - len(ending.encode()) - 1) or "file"
        number, found = 1, f"{stem}{dot}{ending}"
        while self._key(found) in self.taken:
            number += 1
            found = f"{stem}-{number}{dot}{ending}"
        self.taken.add(self._key(found))
        return found

    @staticmethod
    def _clean(name: str) -> str:
        kept = "".join(
            "_" if sign in FORBIDDEN or unicodedata.category(sign)[0] == "C" else sign
            for sign in unicodedata.normalize("NFC", name)
        )
        kept = kept.strip(" .") or "file"
        first, dot, rest = kept.partition(".")
        if first.strip().upper() in RESERVED:
            kept = f"_{first}{dot}{rest}"
        stem, dot, ending = kept.rpartition(".")
        return f"{stem}{dot}{cut(ending, 20)}" if dot else kept

    @staticmethod
    def _key(name: str) -> str:
        return unicodedata.normalize("NFKC", name).casefold()


def cut(text: str, size: int) -> str:
    """At most so many bytes of it in UTF-8."""
    return text.encode()[:size].decode(errors="ignore")


class Outlet:
    """What the archive writes to: keeps what came since it was last emptied."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def empty(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive, piece by piece, as its members are asked for theirs."""
    outlet = Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]  # needs no more than these two
        for member in members:
            at = max(member.at.timetuple()[:6], EARLIEST)
            entry = zipfile.ZipInfo(member.path, at)
            entry.compress_type = zipfile.ZIP_DEFLATED if member.packed else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w") as target:
                for piece in member.pieces:
                    target.write(piece)
                    if sum(map(len, outlet.pieces)) >= PIECE:
                        yield outlet.empty()
        # The list of all members follows when the archive is closed.
    yield outlet.empty()
