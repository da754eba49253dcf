"""The plan: curricula, their documents and editions, and the rows that index what is published.

Text and rows: an edition holds a file's text exactly as received; months, weeks, tasks and so on are the index of
the document's published edition. Rows are never deleted (learners' work points at them): what a newer edition
no longer has is archived.
"""

import hashlib
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Curriculum(models.Model):
    """An ordered set of months that cohorts follow."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used in commands and addresses."))
    title = models.CharField(_("title"), max_length=200)
    lang = models.CharField(_("language"), max_length=15, default="en", help_text=_("Such as en or pt-BR."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")

    def __str__(self) -> str:
        return self.title


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents."""

    def drafted(self) -> "DocumentQuerySet":
        """Those with a text that learners do not see: a draft is open, or nothing was ever published."""
        drafts = Edition.objects.filter(document=models.OuterRef("pk"), published_at=None)
        return self.filter(Q(published=None) | Q(models.Exists(drafts)), archived_at=None)

    def published(self) -> "DocumentQuerySet":
        """Those that learners see, with their texts."""
        return self.filter(archived_at=None, published__isnull=False).select_related("published")


class Document(models.Model):
    """One Markdown file of a curriculum, known by its path below the curriculum's folder."""

    class Kind(models.TextChoices):
        MONTH = "month", _("month")
        DASHBOARD = "dashboard", _("dashboard")
        OTHER = "other", _("other page")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    curriculum = models.ForeignKey(
        Curriculum, models.PROTECT, related_name="documents", verbose_name=_("curriculum")
    )
    path = models.CharField(_("path"), max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MONTH)
    published = models.OneToOneField(
        "Edition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published edition"),
    )
    """The edition that learners see. Written by `curriculum.publication` alone."""
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [models.UniqueConstraint(fields=["curriculum", "path"], name="document_path_once")]

    if TYPE_CHECKING:
        editions: RelatedManager["Edition"]
        months: RelatedManager["Month"]

    def __str__(self) -> str:
        return self.path

    @property
    def draft(self) -> "Edition | None":
        """The open draft, asked anew each time. While there is one, the document is edited as Markdown alone."""
        return self.editions.filter(published_at=None).first()


class Edition(models.Model):
    """One state of a document's text. A published one never changes; a draft is written by `curriculum.open_draft`."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="editions", verbose_name=_("document")
    )
    number = models.PositiveIntegerField(_("number"))
    source = models.TextField(_("source"))
    """The file's text, decoded from UTF-8 and otherwise untouched: a byte order mark and every line end included."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    message = models.CharField(_("message"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    """None for a draft."""
    begun_from = models.PositiveIntegerField(_("begun from"), null=True, blank=True)
    """Of a draft: the number of the edition that was published when it was begun."""
    revision = models.PositiveIntegerField(_("revision"), default=0)
    """Of a draft: how often it was saved."""
    outline = models.JSONField(_("outline"), default=dict, blank=True)
    """What a month page shows, in the document's order, rendered once when the edition was published.

    The shape is described in `curriculum/outline.py`; rows are named by their public ids.
    """

    class Meta:
        ordering = ["document", "-number"]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="edition_number_once"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(published_at=None), name="edition_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return _("%(path)s, edition %(number)s") % {"path": self.document.path, "number": self.number}

    @property
    def data(self) -> bytes:
        """The file's bytes, as they came in."""
        return self.source.encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


class RowQuerySet(models.QuerySet[Any]):
    """Rows that index a published edition."""

    def live(self) -> "RowQuerySet":
        """Rows that the published edition has."""
        return self.filter(archived_at=None)

    def in_order(self) -> "RowQuerySet":
        """Months as learners meet them: by number, then by where they stand."""
        return self.order_by(models.F("number").asc(nulls_last=True), "document__path", "position", "pk")


class Row(models.Model):
    """Something that a published edition says, which learners' work may point at."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    """Order among the siblings, from 0, as the document has them."""
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    """When a published edition no longer had it; None while it is part of the month."""

    objects = RowQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


class Month(Row):
    """The unit of study."""

    curriculum = models.ForeignKey(
        Curriculum, models.PROTECT, related_name="months", verbose_name=_("curriculum")
    )
    document = models.ForeignKey(Document, models.PROTECT, related_name="months", verbose_name=_("document"))
    slug = models.SlugField(_("short name"), max_length=80)
    """Unit and number, or the title: the last part of the month's address, once among a curriculum's live months."""
    unit = models.CharField(_("unit"), max_length=30, default="Month")
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    label = models.CharField(_("label"), max_length=60, blank=True)
    """Unit and number as the document writes them: "Month 08"."""
    title = models.CharField(_("title"), max_length=300)
    tier = models.CharField(
        _("tier"), max_length=200, blank=True, help_text=_("Such as “2 (Specialization)”.")
    )
    duration = models.CharField(_("duration"), max_length=200, blank=True, help_text=_("Such as “4 weeks”."))
    status = models.CharField(
        _("status"), max_length=200, blank=True, help_text=_("The author's word, such as “Upcoming”.")
    )
    lang = models.CharField(_("language"), max_length=15, default="en")

    class Meta(Row.Meta):
        verbose_name = _("month")
        verbose_name_plural = _("months")
        constraints = [
            models.UniqueConstraint(
                fields=["curriculum", "slug"], condition=Q(archived_at=None), name="month_slug_once"
            )
        ]

    if TYPE_CHECKING:
        weeks: RelatedManager["Week"]
        sections: RelatedManager["Section"]
        tasks: RelatedManager["Task"]
        deliverables: RelatedManager["Deliverable"]
        objectives: RelatedManager["Objective"]
        resources: RelatedManager["Resource"]
        projects: RelatedManager["Project"]
        criteria: RelatedManager["Criterion"]
        details: RelatedManager["Detail"]

    def __str__(self) -> str:
        return f"{self.label}: {self.title}" if self.label else self.title

    @property
    def tier_number(self) -> int | None:
        """The number a tier begins with: 2 for "2 (Specialization)"."""
        found = re.match(r"\s*(\d+)", self.tier)
        return int(found[1]) if found else None

    @property
    def tier_name(self) -> str:
        """The name of the tier: "Specialization" for "2 (Specialization)"."""
        found = re.match(r"\s*\d+\s*[(:–—-]?\s*(.*?)\s*\)?\s*$", self.tier)
        return found[1] if found else self.tier.strip()

    @property
    def planned_weeks(self) -> int:
        """Whole weeks the month takes as its duration says, at least 1; 4 where it says nothing that is understood."""
        found = re.search(r"(\d+)", self.duration)
        return max(int(found[1]), 1) if found else 4


class Detail(Row):
    """A `**Key**: value` line below the title that has no column of its own."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="details")
    label = models.CharField(_("label"), max_length=200)
    text = models.TextField(_("text"), blank=True)

    class Meta(Row.Meta):
        verbose_name = _("detail")
        verbose_name_plural = _("details")

    def __str__(self) -> str:
        return self.label


class Section(Row):
    """A `##` section of a month; requirements stand in one."""

    class Role(models.TextChoices):
        OBJECTIVES = "objectives", _("objectives")
        WEEKS = "weeks", _("weeks")
        RESOURCES = "resources", _("resources")
        PROJECT = "project", _("project")
        CRITERIA = "criteria", _("success criteria")
        NAVIGATION = "navigation", _("navigation")
        OTHER = "other", _("other")

    month = models.ForeignKey(Month, models.PROTECT, related_name="sections")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OTHER)
    title = models.CharField(_("title"), max_length=300, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def __str__(self) -> str:
        return self.title


class Week(Row):
    """A week of a month: a focus, tasks to tick and deliverables to hand in."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="weeks", verbose_name=_("month"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    label = models.CharField(_("label"), max_length=60, blank=True)
    """As the document writes it: "Week 1"."""
    title = models.CharField(_("title"), max_length=300, blank=True)
    focus = models.TextField(_("focus"), blank=True)

    class Meta(Row.Meta):
        verbose_name = _("week")
        verbose_name_plural = _("weeks")

    if TYPE_CHECKING:
        tasks: RelatedManager["Task"]
        deliverables: RelatedManager["Deliverable"]

    def __str__(self) -> str:
        return ": ".join(part for part in (self.label, self.title) if part)


class Item(Row):
    """A task or a deliverable: it stands in a week or, outside the weeks, in a section; so it can move between them."""

    text = models.TextField(_("text"))
    """The item's inline Markdown, as the document has it."""

    class Meta(Row.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.text


IN_WEEK_OR_SECTION = Q(week=None, section__isnull=False) | Q(week__isnull=False, section=None)


class Task(Item):
    """A check box that a learner ticks. Outside the weeks the screen calls it a requirement."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="tasks")
    week = models.ForeignKey(Week, models.PROTECT, null=True, blank=True, related_name="tasks")
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="tasks")

    class Meta(Item.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [models.CheckConstraint(condition=IN_WEEK_OR_SECTION, name="task_in_week_or_section")]


class Deliverable(Item):
    """Something to hand in."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="deliverables")
    week = models.ForeignKey(Week, models.PROTECT, null=True, blank=True, related_name="deliverables")
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="deliverables")

    class Meta(Item.Meta):
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        constraints = [
            models.CheckConstraint(condition=IN_WEEK_OR_SECTION, name="deliverable_in_week_or_section")
        ]


class Objective(Item):
    """What a learner will be able to do after the month."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="objectives")

    class Meta(Item.Meta):
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")


class Resource(Item):
    """Something to read or use, in a group such as "Books"."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="resources")
    group = models.CharField(_("group"), max_length=200, blank=True)

    class Meta(Item.Meta):
        verbose_name = _("resource")
        verbose_name_plural = _("resources")


class Project(Row):
    """A month's capstone. A submission may be made for it."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="projects")
    title = models.CharField(_("title"), max_length=300, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    if TYPE_CHECKING:
        ideas: RelatedManager["Idea"]

    def __str__(self) -> str:
        return self.title or str(_("Project"))


class Idea(Item):
    """A system that a learner may choose for the project."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="ideas")
    label = models.CharField(_("label"), max_length=200, blank=True)

    class Meta(Item.Meta):
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")


class Criterion(Item):
    """A success criterion: a mentor marks it as met."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="criteria")
    meaning = models.PositiveIntegerField(_("meaning"), default=1)
    """Rises when an editor says that a rewording changes what is asked; marks remember theirs."""

    class Meta(Item.Meta):
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
