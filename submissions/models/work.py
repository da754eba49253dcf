"""What a learner hands in: submissions, their versions and files.

A submission's state is derived from its rows, never set: see `Submission.state`.
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from curriculum.models import Deliverable, Idea, Month, Project
from people.models import Membership, User

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from submissions.models.review import Hold, Review, Thread


class State(models.TextChoices):
    """Whose turn it is."""

    NONE = "none", _("Not started")
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for review")
    CHANGES = "changes", _("Changes requested")
    ACCEPTED = "accepted", _("Accepted")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions."""

    def visible_to(self, user: User) -> "SubmissionQuerySet":
        """The user's own, and those of learners in cohorts that the user mentors now."""
        return self.filter(learner__in=Membership.objects.visible_to(user))

    def with_state(self) -> "SubmissionQuerySet":
        """Adds what `Submission.state` derives from, so that a list costs one query.

        `last_number` (None without a submitted version), `waiting_since`, `verdict` (of the newest published
        review of the last version that decides), `has_draft`.
        """
        from submissions.models.review import Review  # noqa: PLC0415 (that module imports this one)

        submitted = Version.objects.filter(submission=OuterRef("pk"), submitted_at__isnull=False).order_by(
            "-number"
        )
        deciding = (
            Review.objects.counted()
            .filter(version__submission=OuterRef("pk"), version__number=OuterRef("last_number"))
            .exclude(verdict=Review.Verdict.COMMENT)
            .order_by("-published_at")
        )
        return self.annotate(
            last_number=Subquery(submitted.values("number")[:1]),
            waiting_since=Subquery(submitted.values("submitted_at")[:1]),
            has_draft=Exists(Version.objects.filter(submission=OuterRef("pk"), submitted_at=None)),
        ).annotate(verdict=Subquery(deciding.values("verdict")[:1]))

    def awaiting_review(self) -> "SubmissionQuerySet":
        """Those whose last submitted version has no review that decides: the mentor's turn."""
        return self.with_state().filter(last_number__isnull=False, verdict=None)


class Submission(models.Model):
    """One learner's work on one deliverable or project: all its versions and talk."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    learner = models.ForeignKey(
        Membership, models.PROTECT, related_name="submissions", verbose_name=_("learner")
    )
    deliverable = models.ForeignKey(
        Deliverable,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("deliverable"),
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("project")
    )
    idea = models.ForeignKey(
        Idea, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("idea")
    )
    """The idea chosen for a project, if it is one of the month's."""
    system = models.CharField(_("system"), max_length=500, blank=True)
    """The system chosen for a project, in the learner's own sentence."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.CheckConstraint(
                condition=Q(deliverable=None, project__isnull=False)
                | Q(deliverable__isnull=False, project=None),
                name="submission_for_deliverable_or_project",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=False) | Q(idea=None, system=""), name="system_of_projects_only"
            ),
            models.UniqueConstraint(
                fields=["learner", "deliverable"], name="submission_once_for_deliverable"
            ),
            models.UniqueConstraint(fields=["learner", "project"], name="submission_once_for_project"),
        ]

    if TYPE_CHECKING:
        versions: RelatedManager["Version"]
        threads: RelatedManager["Thread"]
        last_number: int | None
        waiting_since: Any
        verdict: str | None
        has_draft: bool
        hold: "Hold"

    def __str__(self) -> str:
        return str(self.subject)

    @property
    def subject(self) -> Deliverable | Project:
        """What the work is for."""
        subject = self.deliverable or self.project
        if subject is None:
            raise ValueError("the database allows no submission without a subject")
        return subject

    @property
    def month(self) -> Month:
        return self.subject.month

    @cached_property
    def state(self) -> State:
        """Whose turn it is. Reads the annotations of `with_state`; asks for them where they are missing."""
        from submissions.models.review import Review  # noqa: PLC0415

        row = self if hasattr(self, "has_draft") else Submission.objects.with_state().get(pk=self.pk)
        if row.last_number is None:
            return State.DRAFT if row.has_draft else State.NONE
        if row.verdict == Review.Verdict.ACCEPT:
            return State.ACCEPTED
        if row.verdict == Review.Verdict.CHANGES:
            return State.CHANGES
        return State.WAITING


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions."""

    def submitted(self) -> "VersionQuerySet":
        return self.filter(submitted_at__isnull=False)

    def drafts(self) -> "VersionQuerySet":
        return self.filter(submitted_at=None)

    def visible_to(self, user: User) -> "VersionQuerySet":
        """Own versions, drafts included; as a mentor only what was submitted."""
        return self.filter(submission__in=Submission.objects.visible_to(user)).filter(
            Q(submission__learner__user=user) | Q(submitted_at__isnull=False)
        )


class Version(models.Model):
    """One handing-in: files, text or a link. A draft until it is submitted, and never changed afterwards."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    """From 1, given at submission; None for a draft."""
    text = models.TextField(_("text"), blank=True)
    """Markdown written in the page."""
    link = models.URLField(_("link"), max_length=2000, blank=True)
    note = models.TextField(_("note"), blank=True)
    """What the learner says about this version."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the saves of a draft, so that a save made from an older state is seen."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["submission"], condition=Q(submitted_at=None), name="version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(number=None, submitted_at=None) | Q(number__gte=1, submitted_at__isnull=False),
                name="version_numbered_when_submitted",
            ),
        ]

    if TYPE_CHECKING:
        files: RelatedManager["File"]
        reviews: RelatedManager["Review"]
        openings: RelatedManager["Opening"]

    def __str__(self) -> str:
        return _("version %(number)s") % {"number": self.number} if self.number else str(_("draft"))

    @property
    def is_draft(self) -> bool:
        return self.submitted_at is None


class Blob(models.Model):
    """Bytes in the store, named by their digest and shared by all files that hold the same."""

    sha256 = models.CharField(max_length=64, unique=True)
    """In hex, small letters."""
    size = models.PositiveBigIntegerField(_("size"))
    """Bytes."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")

    def __str__(self) -> str:
        return self.sha256


class File(models.Model):
    """One file of a version: a learner's name for a blob."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="files")
    name = models.CharField(_("name"), max_length=200)
    form = models.CharField(_("form"), max_length=12)
    """One of `submissions.formats.Form`."""
    media_type = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """A mentor has opened a submitted version; from then on it cannot be taken back."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="openings")
    mentor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [models.UniqueConstraint(fields=["version", "mentor"], name="opening_once")]

    def __str__(self) -> str:
        return f"{self.mentor}, {self.version}"
