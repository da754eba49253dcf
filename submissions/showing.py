"""What a page shows of a version: its text, its link, and each of its files by its form."""

import logging
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curriculum.prepared import Prepared
from submissions import store
from submissions.formats import (
    NOTES,
    Entry,
    Form,
    Shown,
    is_read,
    is_read_apart,
    markdown,
    outline,
    selectors,
    show,
)
from submissions.memory import MEMORY
from submissions.models import Extract, File, Version
from submissions.reading import reading_of_text

HEADING = re.compile("<(h[2-6])><span data-start")
logger = logging.getLogger(__name__)


@MEMORY.keeps(32)
def rendered_text(text: str) -> SafeString:
    """Markdown as safe HTML, each block with its place in the reading."""
    return mark_safe(markdown.shown(text))  # which lets only safe HTML through


@MEMORY.keeps(32)
def text_with_headings(text: str) -> SafeString:
    """The same, with headings that can be led to."""
    return mark_safe(with_headings(rendered_text(text), "text", [one.number for one in text_outline(text)]))


@MEMORY.keeps(32)
def text_outline(text: str) -> tuple[Entry, ...]:
    """The headings of Markdown that was written in the page."""
    return markdown.entries(reading_of_text(text))


@MEMORY.keeps(32)
def text_note(text: str, language: str) -> str:
    return markdown.part_note(text)


def with_headings(html: str, prefix: str, lines: Sequence[int]) -> str:
    """Gives each heading of a rendered text its id, such as `text-H12` for the one on line 12.

    `lines` are those of the headings, in order.
    """
    left = iter(lines)

    def named(found: re.Match[str]) -> str:
        line = next(left, None)
        return f'<{found[1]} id="{prefix}-H{line}"><span data-start' if line else found[0]

    return HEADING.sub(named, html)


@MEMORY.keeps(32)
def shown_blob(sha256: str, form: str, name: str, language: str) -> Shown:
    """A file's content made ready for the page. A blob never changes."""
    with at_hand(sha256, form) as path:
        return show(path, form, name)


@MEMORY.keeps(64)
def blob_outline(sha256: str, form: str, pages: int | None, language: str) -> tuple[Entry, ...]:
    """Headings, pages or cells of a file."""
    with at_hand(sha256, form) as path:
        return tuple(outline(path, form, pages))


def at_hand(sha256: str, form: str) -> AbstractContextManager[Path]:
    """The blob on this machine's disk. One that nobody looks into is not brought here."""
    return store.lent(sha256) if is_read(form) else nullcontext(store.path_of(sha256))


class ShownFile:
    """One file of a version. Its bytes are read only when `shown` or `outline` is asked for."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.anchor = f"file-{file.uuid}"
        """The id of its element; `-L1` is its first line, `-C1` its first cell, `-P1` its first page."""

    @cached_property
    def shown(self) -> Shown:
        """As `formats.show` says; `kind` may also be "erased", or "missing" when the store lost the bytes."""
        if self.file.erased_at:
            return Shown("erased")
        try:
            return shown_blob(self.file.blob.sha256, self.file.form, self.file.name, get_language() or "")
        except OSError:
            logger.exception("The blob of file %s cannot be read.", self.file.uuid)
            return Shown("missing")

    @property
    def html(self) -> SafeString:
        """A Markdown file as safe HTML, whose headings can be led to."""
        html = self.shown.html
        if self.file.form == Form.MARKDOWN:
            html = with_headings(html, self.anchor, [one.number for one in self.outline])
        return mark_safe(html)  # `formats.show` lets only safe HTML through

    @property
    def note(self) -> str:
        """A sentence when not all of it is shown, or its words cannot all be marked."""
        if self.shown.note or self.file.erased_at or "passage" not in selectors(self.file.form):
            return self.shown.note
        read = getattr(self.file, "read_note", "")
        if read is None and is_read_apart(self.file.form):
            read = "later"
        return str(NOTES.get(read, ""))

    @cached_property
    def outline(self) -> tuple[Entry, ...]:
        if self.shown.kind in ("erased", "missing"):
            return ()
        if self.shown.kind == "markdown":
            return self.shown.headings
        return blob_outline(self.file.blob.sha256, self.file.form, self.file.pages, get_language() or "")

    @property
    def is_there(self) -> bool:
        """Whether there is something that could be pointed at."""
        return self.file.erased_at is None and self.shown.kind != "missing"

    @property
    def name(self) -> str:
        """What the page calls it."""
        return _("Erased file") if self.file.erased_at else self.file.name

    @property
    def alt(self) -> str:
        """What a picture is, for those who do not see it."""
        return _("%(form)s “%(name)s”") % {"form": self.file.label, "name": self.file.name}


class ShownVersion:
    """What was handed in as one version. Asks the database once, for the files."""

    def __init__(self, version: Version) -> None:
        self.version = version

    @cached_property
    def files(self) -> list[ShownFile]:
        return [ShownFile(file) for file in _files(self.version.pk)]

    @property
    def html(self) -> SafeString:
        """The text written in the page."""
        return text_with_headings(self.version.text)

    @property
    def text_note(self) -> str:
        """A sentence where not all of that text is rendered."""
        return text_note(self.version.text, get_language() or "")


@Prepared
def _files(version: int) -> QuerySet[File]:
    read = Extract.objects.filter(blob=OuterRef("blob"), form=OuterRef("form"))
    files = File.objects.filter(version=version).select_related("blob")
    return files.annotate(read_note=Subquery(read.values("note")[:1]))
