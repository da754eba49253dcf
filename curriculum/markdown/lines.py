"""From bytes to lines: decoding without changing anything, and the limits of what is read."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .refusals import refused

MAX_BYTES = 1_000_000
MAX_LINES = 20_000
MARK = b"\xef\xbb\xbf"
KINDS = (
    ((b"\xff\xfe", b"\xfe\xff"), gettext_lazy("written in UTF-16")),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"), gettext_lazy("a picture")),
    ((b"%PDF",), gettext_lazy("a PDF")),
    ((b"PK\x03\x04",), gettext_lazy("a zip file or an office document")),
)
"""How files begin that people bring in place of a text, and what they are."""


def read(data: bytes) -> str:
    """A file's text, so that `.encode()` gives the same bytes again: byte order mark and line ends are kept.

    Raises Refused for what is empty, is no text or not UTF-8, holds a NUL byte, or is over 1 MB or 20,000 lines.
    """
    if not data.removeprefix(MARK).strip():
        raise refused("empty", 1)
    if len(data) > MAX_BYTES:
        raise refused("too-large", 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if kind := kind_of(data, error.start):
            raise refused("not-text", 1, kind=kind) from error
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8")
        raise refused("not-utf-8", line, len(before) + 1, offset=error.start) from error
    if is_wide(data):
        raise refused("not-text", 1, kind=_("written in UTF-16"))
    check(text)
    return text


def is_wide(data: bytes) -> bool:
    """Whether every other byte at the beginning is NUL: UTF-16 without its mark."""
    return not any(data[:8:2]) or not any(data[1:8:2])


def kind_of(data: bytes, undecodable: int) -> str:
    """What a file is that is no text, as people call it; empty for a text in other letters."""
    for start, kind in KINDS:
        if data.startswith(start):
            return str(kind)
    if is_wide(data):
        return _("written in UTF-16")
    return "" if undecodable and b"\0" not in data else _("made of bytes that are no letters")


def check(source: str) -> None:
    """Raise Refused for a text that is over the limits or holds a NUL character."""
    if len(source) > MAX_BYTES or (len(source) * 4 > MAX_BYTES and len(source.encode()) > MAX_BYTES):
        raise refused("too-large", 1)
    nul = source.find("\0")
    if nul >= 0:
        raise refused("nul-character", source.count("\n", 0, nul) + 1, nul - source.rfind("\n", 0, nul))
    if source.count("\n") > MAX_LINES:
        raise refused("too-many-lines", MAX_LINES + 1, limit=MAX_LINES)


@dataclass(frozen=True)
class Lines:
    """A text cut at \\n and \\r\\n, and nowhere else."""

    raw: list[str]
    """Each line without its end."""
    ends: list[str]
    """Each line's end: "\\n", "\\r\\n", or "" for the last."""
    plain: list[str]
    """Each line as the parser sees it, of the same length: a byte order mark and lone \\r are spaces."""
    offsets: list[int]
    """Where each line begins in the source, in characters."""
    front: int = 0
    """How many lines above the title are settings between two lines of dashes; the parser sees them as blank."""

    @classmethod
    def of(cls, source: str) -> "Lines":
        raw, ends, plain, offsets = [], [], [], []
        offset = 0
        for whole in source.split("\n"):
            offsets.append(offset)
            offset += len(whole) + 1
            crlf = whole.endswith("\r") and offset <= len(source)
            line = whole[:-1] if crlf else whole
            raw.append(line)
            ends.append("\r\n" if crlf else "\n")
            plain.append(line.replace("\r", " "))
        ends[-1] = ""
        if plain[0].startswith("\ufeff"):
            plain[0] = " " + plain[0][1:]
        if not raw[-1]:
            for column in (raw, ends, plain, offsets):
                column.pop()
        front = front_matter(plain)
        plain[:front] = [" " * len(line) for line in plain[:front]]
        return cls(raw, ends, plain, offsets, front)

    def blank(self, line: int) -> bool:
        return not self.plain[line].strip(" \t")

    def trimmed(self, first: int, last: int) -> tuple[int, int]:
        """The same lines without blank ones at either side; `last` is `first` where all are blank."""
        plain = self.plain
        while first < last and not plain[last - 1].strip(" \t"):
            last -= 1
        while first < last and not plain[first].strip(" \t"):
            first += 1
        return first, last


FRONT_LINE = re.compile(r"[ \t]*(?:#.*|[\w.-]+[ \t]*:.*|-[ \t].*)?$|[ \t]+.*$")
FRONT_KEY = re.compile(r"[\w.-]+[ \t]*:(?:[ \t]|$)")
MOST_FRONT_LINES = 200


def front_matter(lines: list[str]) -> int:
    """How many lines at the beginning are settings (`---`, `key: value` lines, `---`)."""
    if len(lines) < 3 or lines[0].strip() != "---" or not FRONT_KEY.match(lines[1]):
        return 0
    for number, line in enumerate(lines[1 : MOST_FRONT_LINES + 1], start=1):
        if line.rstrip(" \t") in {"---", "..."}:
            return number + 1
        if not FRONT_LINE.match(line):
            return 0
    return 0
