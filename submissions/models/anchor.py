"""Anchors and placements: what a thread or a piece of evidence is about, and where that is in a version."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from submissions.models.file import File
from submissions.models.version import Version


class AnchorQuerySet(models.QuerySet["Anchor"]):
    """Anchors."""

    def on_whole(self, version: Version) -> "Anchor":
        """A new anchor on the whole of a version, placed in it and in each version that came after it."""
        anchor = self.create(version=version)
        later = version.submission.versions.submitted().filter(number__gte=version.number)
        Placement.objects.bulk_create(
            Placement(anchor=anchor, version=one, state=Placement.State.WHOLE) for one in later
        )
        return anchor

    def on_place(self, version: Version, file: File | None, selectors: list[dict[str, Any]]) -> "Anchor":
        """A new anchor on a place of a version, or on a whole file: where it is in later ones is sought at once.

        `selectors` and `file` are those of `submissions.pointing.pointed`.
        """
        if file is None and not selectors:
            return self.on_whole(version)
        anchor = self.create(version=version, file=file, selectors=selectors)
        Placement.objects.create(
            anchor=anchor, version=version, file=file, state=Placement.State.EXACT, selectors=selectors
        )
        for later in version.submission.versions.submitted().filter(number__gt=version.number):
            later.place_anchors([anchor])
        return anchor


class Anchor(models.Model):
    """What a thread, or a piece of evidence, is about: the whole of a version, or a place in it."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="anchors")
    """The version in which it was made."""
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="anchors")
    selectors = models.JSONField(default=list, blank=True)
    """Selectors in the terms of the W3C Web Annotation model; empty for the whole."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnchorQuerySet.as_manager()

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    def __str__(self) -> str:
        return f"{self.version}, {self.uuid}"


class Placement(models.Model):
    """Where an anchor's place is in one version."""

    class State(models.TextChoices):
        EXACT = "exact", _("unchanged")
        MOVED = "moved", _("moved")
        CHANGED = "changed", _("changed")
        SECTION = "section", _("same section or page")
        WHOLE = "whole", _("whole")

    anchor = models.ForeignKey(Anchor, models.PROTECT, related_name="placements")
    version = models.ForeignKey(Version, models.PROTECT, related_name="placements")
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=7, choices=State)
    score = models.FloatField(default=1.0)
    """Likeness of the text, from 0 to 1."""
    selectors = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.UniqueConstraint(fields=["anchor", "version"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.anchor}: {self.state}"
