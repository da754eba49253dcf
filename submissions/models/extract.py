"""Extracts: the text of a file, read once when it came in, against which anchors are made and placed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from submissions.formats import NOTES, Extracted, Form
from submissions.formats.reading import Part, Reading
from submissions.models.file import Blob

RULES = 2
"""Raised when a release reads files otherwise than the one before: `manage.py read_files` then reads them anew."""
KINDS = ("heading", "block", "line", "cell", "page")
"""Of parts; a row has their places here."""


class ExtractQuerySet(models.QuerySet["Extract"]):
    """Extracts."""

    def keep(self, blob: Blob, form: str, found: Extracted) -> None:
        """Writes what was read of a blob, in the place of what was read of it by older rules."""
        number = {kind: place for place, kind in enumerate(KINDS)}
        parts = [[number[part.kind], part.start, part.end, part.number, part.level] for part in found.parts]
        self.update_or_create(
            blob=blob,
            form=form,
            defaults={
                "text": found.text,
                "parts": parts,
                "boxes": found.boxes,
                "looks": found.looks,
                "note": found.note,
                "rules": RULES,
            },
        )


class Extract(models.Model):
    """The text of a blob as people see it when it is shown in one form; it goes when the blob goes."""

    blob = models.ForeignKey(Blob, models.CASCADE, related_name="extracts")
    form = models.CharField(max_length=12)
    """One of `submissions.formats.Form`: the same bytes read otherwise as Markdown than as text."""
    text = models.TextField(blank=True)
    parts = models.JSONField(default=list, blank=True)
    """Of each part its kind (a place in KINDS), start, end, number and level."""
    boxes = models.BinaryField(default=b"", blank=True)
    """Of a PDF, where its words are: `submissions.formats.words`."""
    looks = models.BinaryField(default=b"", blank=True)
    """Of a PDF or a picture, how its pages look: `submissions.formats.looks`."""
    note = models.CharField(max_length=10, blank=True)
    """Why not all of it was read, a key of `submissions.formats.NOTES`."""
    rules = models.PositiveSmallIntegerField(default=RULES)
    """The RULES it was read by."""

    objects = ExtractQuerySet.as_manager()

    class Meta:
        verbose_name = _("extract")
        verbose_name_plural = _("extracts")
        constraints = [models.UniqueConstraint(fields=["blob", "form"], name="extract_once")]

    def __str__(self) -> str:
        return f"{Form(self.form).label}, {self.blob}"

    @property
    def is_current(self) -> bool:
        return self.rules == RULES

    def reading(self) -> Reading:
        """Its note is in the language that is active."""
        parts = tuple(
            Part(KINDS[kind], start, end, number, level) for kind, start, end, number, level in self.parts
        )
        return Reading(self.text, parts, str(NOTES.get(self.note, "")))
