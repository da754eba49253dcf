"""Word and other office files: downloads, until one of them is shown."""

from pathlib import Path

from submissions.formats.archive import parse
from submissions.formats.kinds import Kind
from submissions.formats.reading import Extracted
from submissions.formats.sandbox import inspect
from submissions.formats.shown import Entry, Shown

__all__ = ["BROKEN", "IS_READ", "LIBRARIES", "SELECTORS", "extract", "inspect", "outline", "parse", "show"]

BROKEN = "archive-broken"
LIBRARIES = ()
SELECTORS: frozenset[str] = frozenset()
IS_READ = False


def show(path: Path) -> Shown:
    return Shown("download")


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    return []


def extract(path: Path, kind: Kind) -> Extracted:
    return Extracted()
