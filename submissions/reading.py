"""The readings of what was handed in: the text that anchors are made and placed against."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.utils.translation import get_language

from submissions import store
from submissions.formats import NOTES, Extracted, Unacceptable, extract, is_read_apart, markdown, selectors
from submissions.formats.looks import Looks
from submissions.formats.reading import Box, Reading
from submissions.formats.words import Words
from submissions.memory import MEMORY
from submissions.models import Blob, Extract, File, Version
from submissions.models.extract import RULES

logger = logging.getLogger(__name__)


@MEMORY.keeps(32)
def reading_of_text(text: str) -> Reading:
    """Of Markdown that was written in the page."""
    return markdown.read(text)


@MEMORY.keeps(24)
def reading_of_blob(sha256: str, form: str, name: str, language: str) -> Reading:
    """Of a file's bytes: as they were read when they came in, or now, where that takes no child process.

    Raises OSError when the store has lost bytes that were never read.
    """
    row = Extract.objects.filter(blob__sha256=sha256, form=form).defer("boxes", "looks").first()
    return reading_by(row, sha256, form, name)


def reading_by(row: Extract | None, sha256: str, form: str, name: str) -> Reading:
    """Of what is kept of a file's bytes, or of the bytes themselves, as `reading_of_blob` says."""
    if row and (row.is_current or is_read_apart(form)):
        return row.reading()
    if is_read_apart(form):
        # A picture has no words that could be read.
        return Reading("", note=str(NOTES["later"]) if selectors(form) - {"region"} else "")
    with store.lent(sha256) as path:
        found = extract(path, name)
    return Reading(found.text, found.parts, str(NOTES.get(found.note, "")))


@MEMORY.keeps(8)
def words_of_blob(sha256: str, form: str) -> Words:
    """Where the words of a PDF are on its pages."""
    found = Extract.objects.filter(blob__sha256=sha256, form=form).values_list("boxes", flat=True).first()
    return Words(bytes(found or b""))


@MEMORY.keeps(16)
def looks_of_blob(sha256: str, form: str) -> Looks:
    """How the pages of a PDF, or a picture, look."""
    found = Extract.objects.filter(blob__sha256=sha256, form=form).values_list("looks", flat=True).first()
    return Looks(bytes(found or b""))


def looks_of(file: File) -> Looks:
    return Looks(b"") if file.erased_at else looks_of_blob(file.blob.sha256, file.form)


def reading_of(version: Version, file: File | None) -> Reading:
    """Of a file of the version; of None, of the text that was written in the page."""
    if file is None:
        return reading_of_text(version.text)
    if file.erased_at:
        return Reading("")
    return reading_of_blob(file.blob.sha256, file.form, file.name, get_language() or "")


def readings_of(files: Iterable[File]) -> dict[int, Reading | None]:
    """Of many files, by their primary keys, in one query; None for one whose bytes the store has lost."""
    wanted = [file for file in files if not file.erased_at]
    rows = Extract.objects.filter(blob__in={file.blob_id for file in wanted}).defer("boxes", "looks")
    kept = {(row.blob_id, row.form): row for row in rows}
    found: dict[int, Reading | None] = {}
    for file in wanted:
        try:
            row = kept.get((file.blob_id, file.form))
            found[file.pk] = reading_by(row, file.blob.sha256, file.form, file.name)
        except OSError:
            logger.exception("The blob of file %s cannot be read.", file.uuid)
            found[file.pk] = None
    return found


def boxes_of(version: Version, file: File, start: int, end: int) -> list[Box]:
    """Where a passage of a PDF stands on its pages, a box for each line; nothing of what has no pages."""
    return [] if file.erased_at else words_of_blob(file.blob.sha256, file.form).boxes(start, end)


def unread() -> list[int]:
    """Files, by their keys, that were not read yet, or by older rules: one for each blob and form."""
    read = Extract.objects.filter(blob=OuterRef("blob"), form=OuterRef("form"), rules=RULES)
    files = File.objects.filter(~Exists(read), erased_at=None).order_by()
    return list(files.values("blob", "form").annotate(first=Min("pk")).values_list("first", flat=True))


def read_again(file: File) -> str:
    """Reads a file and keeps what it says; a key of `formats.NOTES` when that is not all.

    Raises OSError when the store has lost it.
    """
    with store.lent(file.blob.sha256) as path:
        try:
            found = extract(path, file.name)
        except Unacceptable as refusal:
            if refusal.code == "busy":
                return "later"
            # It was let in by other limits, or by another release.
            found = Extracted(note="failed")
    with transaction.atomic():
        # Taken, so that nobody erases the bytes until what they say is kept, and goes with them.
        if blob := Blob.objects.select_for_update().filter(pk=file.blob_id).first():
            Extract.objects.keep(blob, file.form, found)
    return found.note
