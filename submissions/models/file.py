"""Files: a learner's name for bytes in the store, and the record of who has opened a version."""

import secrets
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import models, transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Membership, User
from submissions import store
from submissions.formats import Form
from submissions.models.work import Submission

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


NAMELESS = "erased-"
"""How the name of a blob begins that says nothing of the bytes, which were erased."""


class Blob(models.Model):
    """Bytes in the store, named by their digest and shared by all files that hold the same.

    Or, for one erased file or more, what is left of them: their number, under a name by chance.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    """In hex, small letters; of erased bytes NAMELESS and random hex."""
    size = models.PositiveBigIntegerField(_("size"))
    """Bytes."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")

    if TYPE_CHECKING:
        files: RelatedManager["File"]

    def __str__(self) -> str:
        return self.sha256

    def leave(self) -> bool:
        """Takes the bytes off the disk, if no file names them that was not erased; whether they went.

        With them goes what was read of them (`Extract`).
        Either way the erased files get a blob without the digest, so that nobody can try a guess at their bytes.
        The row is taken first, as whoever adds a file does: of the two, one sees what the other did.
        """
        with transaction.atomic():
            blob = Blob.objects.select_for_update().filter(pk=self.pk).first()
            if not blob:
                return False
            erased = blob.files.filter(erased_at__isnull=False)
            if erased.exists():
                name = NAMELESS + secrets.token_hex(16)
                erased.update(blob=Blob.objects.create(sha256=name, size=blob.size))
            if blob.files.exists():
                return False
            went = store.remove(blob.sha256)
            blob.delete()
            return went


class FileQuerySet(models.QuerySet["File"]):
    """Files."""

    def visible_to(self, user: User) -> "FileQuerySet":
        """Files of own versions, drafts included; as a mentor those of submitted versions."""
        return self.filter(version__submission__in=Submission.objects.visible_to(user)).filter(
            Q(version__submission__learner__user=user) | Q(version__submitted_at__isnull=False)
        )

    def of_learner(self, learner: Membership) -> "FileQuerySet":
        """All files of a learner, in every version: what counts towards the quota, duplicates too."""
        return self.filter(version__submission__learner=learner, erased_at=None)

    def size(self) -> int:
        """Bytes of them all, each file counted by itself."""
        return self.aggregate(size=Sum("blob__size"))["size"] or 0


class File(models.Model):
    """One file of a version: a learner's name for a blob."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey("Version", models.PROTECT, related_name="files")
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
    """When its bytes and its name were erased; the row stays."""

    objects = FileQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=Q(erased_at=None) | Q(name=""), name="file_erased_has_no_name")
        ]

    def __str__(self) -> str:
        return self.name or str(_("(erased)"))

    @property
    def label(self) -> str:
        """The form in words: "Notebook"."""
        return str(Form(self.form).label)

    @property
    def url(self) -> str:
        """Where its bytes can be downloaded."""
        return reverse("submissions:file", args=[self.uuid, self.name or "-"])

    @property
    def raw_url(self) -> str:
        """Where a picture or a PDF can be had by the page that shows it."""
        return reverse("submissions:file_raw", args=[self.uuid, self.name or "-"])


class Opening(models.Model):
    """A mentor has opened a submitted version; from then on it cannot be taken back."""

    version = models.ForeignKey("Version", models.PROTECT, related_name="openings")
    mentor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [models.UniqueConstraint(fields=["version", "mentor"], name="opening_once")]

    def __str__(self) -> str:
        return f"{self.mentor}, {self.version}"
