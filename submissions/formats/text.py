"""Plain text of every kind: checked for being UTF-8, and cut into lines for the page."""

import codecs
from pathlib import Path

from django.utils.translation import gettext as _

from submissions.formats.kinds import Inspected, Kind, Unacceptable
from submissions.formats.reading import Extracted, Writing
from submissions.formats.shown import Entry, Shown

SELECTORS = frozenset({"passage", "line"})
IS_READ = True
PIECE = 1 << 20
SHOWN_LINES = 5_000
SHOWN_CHARACTERS = 500_000
LINE_CHARACTERS = 2_000


def inspect(path: Path, kind: Kind) -> Inspected:
    """Reads in pieces, so that a large file costs no memory; raises Unacceptable unless it is UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise Unacceptable("not-utf8")
        file.seek(0)
        try:
            while piece := file.read(PIECE):
                if b"\0" in piece:
                    raise Unacceptable("not-text", extension=kind.extension)
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise Unacceptable("not-utf8") from None
    return Inspected(kind.form, kind.media_type)


def show(path: Path) -> Shown:
    """As lines."""
    lines, cut = _shown(path)
    note = _(
        "Only the first %(lines)s lines are shown, and long ones are cut. Download it to read all of it."
    )
    return Shown("lines", lines=lines, truncated=cut, note=note % {"lines": len(lines)} if cut else "")


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    return []


def extract(path: Path, kind: Kind) -> Extracted:
    return extracted(*_shown(path))


def extracted(lines: tuple[str, ...], cut: bool) -> Extracted:
    """The lines that the page shows, by line."""
    writing = Writing()
    for number, line in enumerate(lines, 1):
        writing.put("line", line, number)
    return writing.extracted("part" if cut else "")


def _shown(path: Path) -> tuple[tuple[str, ...], bool]:
    source, cut = read(path)
    lines, shorter = lines_of(source)
    return lines, cut or shorter


def read(path: Path, characters: int = SHOWN_CHARACTERS) -> tuple[str, bool]:
    """The text, line ends as "\\n", up to so many characters; and whether there was more."""
    with path.open(encoding="utf-8-sig") as file:
        text = file.read(characters + 1)
    return text[:characters], len(text) > characters


def lines_of(text: str, lines: int = SHOWN_LINES) -> tuple[tuple[str, ...], bool]:
    """The lines of a text as an editor counts them, each cut at LINE_CHARACTERS; and whether any was cut."""
    found = text.removesuffix("\n").split("\n") if text else []
    shown = found[:lines]
    short = [line if len(line) <= LINE_CHARACTERS else line[:LINE_CHARACTERS] + "…" for line in shown]
    return tuple(short), short != found
