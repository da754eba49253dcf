"""Files that somebody brings in, also packed: what is in a zip is read in memory, and never written anywhere.

Nothing in a zip is believed: names, sizes and kinds are looked at before anything is unpacked, and what comes out is
counted while it does.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from curriculum.intake import READ_AT_MOST, SUFFIXES, Incoming, fits
from curriculum.models import Document

SUFFIX = ".zip"
ENTRIES_AT_MOST = 5_000
"""Files and folders in one zip, those that are no Markdown too."""
FILES_AT_MOST = 500
"""Markdown files in one zip."""
BYTES_AT_MOST = 20_000_000
"""Of all its Markdown files together, unpacked."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time that every file of a zip of ours has, so that the same files are the same bytes."""


class Unreadable(ValueError):
    """A zip that nothing is taken from, and why, in a sentence."""


def brought(files: Iterable[tuple[str, bytes]]) -> Iterator[Incoming]:
    """What was sent, by name and bytes, each zip unpacked. Raises Unreadable."""
    for name, data in files:
        if not name.lower().endswith(SUFFIX):
            yield Incoming(name, name, data, in_folder=False, is_sent=True)
            continue
        for path, content in unpacked(name, data).items():
            yield Incoming(path, f"{name}/{path}", content, in_folder=True, is_sent=True)


def unpacked(name: str, data: bytes) -> dict[str, bytes]:
    """The Markdown files of a zip by their paths, without a folder that holds them all. Raises Unreadable."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            refuse_many(name, entries)
            wanted = [entry for entry in entries if not entry.is_dir() and is_markdown(entry.filename)]
            for entry in entries:
                refuse_unsafe(name, entry)
            refuse_large(name, wanted)
            files = read_all(name, archive, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_("%(name)s is no zip that can be read, or is damaged.") % {"name": name}) from error
    if not files:
        raise Unreadable(_("There is no Markdown file in %(name)s.") % {"name": name})
    return without_outer(files)


def is_markdown(path: str) -> bool:
    parts = PurePosixPath(path).parts
    hidden = any(part.startswith(".") or part in ("__MACOSX", "node_modules") for part in parts)
    return not hidden and PurePosixPath(path).suffix.lower() in SUFFIXES


def refuse_many(name: str, entries: list[zipfile.ZipInfo]) -> None:
    markdown = sum(is_markdown(entry.filename) for entry in entries)
    if len(entries) > ENTRIES_AT_MOST or markdown > FILES_AT_MOST:
        reason = _(
            "%(name)s holds more than %(files)d Markdown files, or more than %(entries)d files altogether."
        )
        raise Unreadable(reason % {"name": name, "files": FILES_AT_MOST, "entries": ENTRIES_AT_MOST})


def refuse_unsafe(name: str, entry: zipfile.ZipInfo) -> None:
    """A place outside the folder, a link, or something that only a password opens."""
    path = entry.filename
    # Python's own reader puts slashes in the place of backslashes on some machines: look at what was written.
    parts = entry.orig_filename.replace("\\", "/").split("/")
    if path.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in entry.orig_filename:
        reason = _("%(name)s holds “%(path)s”, which would lie outside its folder.")
    elif stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        reason = _("%(name)s holds “%(path)s”, which is a link and no file.")
    elif entry.flag_bits & 0x1:
        reason = _("%(name)s is encrypted (“%(path)s”). Pack it without a password.")
    elif is_markdown(path) and not entry.is_dir() and not fits(path):
        reason = _("%(name)s holds “%(path)s”: use letters, digits, dashes, dots and slashes in names.")
    else:
        return
    raise Unreadable(reason % {"name": name, "path": path[:120]})


def refuse_large(name: str, entries: list[zipfile.ZipInfo]) -> None:
    """By what the zip says of itself; what is not true is found while it is read."""
    if sum(entry.file_size for entry in entries) > BYTES_AT_MOST:
        raise too_large(name)


def read_all(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """No more of each file than is needed to see that it is too large, and no more of all than is allowed."""
    files: dict[str, bytes] = {}
    left = BYTES_AT_MOST
    for entry in entries:
        if entry.filename in files:
            reason = _("%(name)s holds “%(path)s” twice.")
            raise Unreadable(reason % {"name": name, "path": entry.filename[:120]})
        with archive.open(entry) as opened:
            files[entry.filename] = opened.read(READ_AT_MOST)
        left -= len(files[entry.filename])
        if left < 0:
            raise too_large(name)
    return files


def too_large(name: str) -> Unreadable:
    reason = _("%(name)s holds more than %(size)d MB of Markdown.")
    return Unreadable(reason % {"name": name, "size": BYTES_AT_MOST // 1_000_000})


def without_outer(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files without the one folder around all of them, as code hosts pack; a month's own folder stays."""
    outer = {path.partition("/")[0] for path in files}
    if len(files) < 2 or len(outer) != 1 or any("/" not in path for path in files):
        return files
    (folder,) = outer
    return {path.removeprefix(f"{folder}/"): data for path, data in files.items()}


def packed(documents: Iterable[Document]) -> bytes:
    """A zip of what is published, each file under its path; the same texts give the same bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for document in sorted(documents, key=lambda one: one.path):
            if document.published is None or not fits(document.path):
                continue
            entry = zipfile.ZipInfo(document.path, EARLIEST)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, document.published.data, compresslevel=9)
    return target.getvalue()
