"""Office files, in the child: ZIP archives, summed by their directory first and again while unpacking."""

import zipfile
from typing import BinaryIO

from submissions.formats.kinds import KINDS, Unacceptable
from submissions.formats.sandbox import Limits

MAIN_PARTS = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".vsdx": "visio/document.xml",
}
MANIFEST = "META-INF/manifest.xml"
"""Where an OpenDocument file says that its parts are encrypted."""
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED_FLAG = 0x1
PIECE = 1 << 16


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """Nothing to say beyond that the archive is whole and of its kind; raises Unacceptable."""
    size = file.seek(0, 2)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if len(entries) > limits.entries:
            raise Unacceptable("archive-unpacks-too-far")
        if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
            raise Unacceptable("archive-encrypted")
        if any(entry.compress_type not in METHODS for entry in entries):
            raise Unacceptable("archive-broken")
        _weigh(sum(entry.file_size for entry in entries), size, limits)
        _unpack(archive, size, limits)
        _recognise(archive, extension)
    return {}


def _weigh(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked or (unpacked > limits.ratio_from and unpacked > limits.ratio * packed):
        raise Unacceptable("archive-unpacks-too-far")


def _unpack(archive: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    """Reads every entry to its end (which checks its sum) and keeps nothing."""
    unpacked = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while piece := part.read(PIECE):
                unpacked += len(piece)
                _weigh(unpacked, packed, limits)


def _recognise(archive: zipfile.ZipFile, extension: str) -> None:
    names = set(archive.namelist())
    if main := MAIN_PARTS.get(extension):
        known = {"[Content_Types].xml", main} <= names
    else:
        known = (
            "mimetype" in names and archive.read("mimetype").strip() == KINDS[extension].media_type.encode()
        )
    if not known:
        raise Unacceptable("wrong-content-unknown", extension=extension)
    if MANIFEST in names and b"encryption-data" in archive.read(MANIFEST):
        raise Unacceptable("archive-encrypted")
