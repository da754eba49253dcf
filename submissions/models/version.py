"""Versions: a draft that saves itself, and what becomes of it when it is handed in."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Notification, User
from submissions import store
from submissions.formats import clean_name, inspect
from submissions.models.extract import Extract
from submissions.models.file import Blob, File, Opening
from submissions.models.work import Submission
from submissions.refusals import Refused
from submissions.store import Received

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from submissions.models.anchor import Anchor, Placement
    from submissions.models.comment import CommentQuerySet
    from submissions.models.review import Review

FILES_LIMIT = 100
"""Files of one version."""
WHY_KEPT = {
    "opened": _("%(mentor)s has already opened this version, so it stays. Hand in a new version instead."),
    "begun": _("You have begun a new version, so this one stays. Hand in the new one when it is ready."),
    "followed": _("A newer version was handed in, so this one stays."),
    "discussed": _(
        "Something was already said about this version, so it stays. Hand in a new version instead."
    ),
    "asked": _("You asked a question about this version, so it stays. Hand in a new version instead."),
    "claimed": _("You named this version as evidence, so it stays. Hand in a new version instead."),
    "altered": _("Something was erased from this version, so it stays. Hand in a new version instead."),
}
"""Why a submitted version cannot be taken back; what counts first comes first."""


class Stale(ValueError):
    """A save that was made from an older state of a draft. `current` is the version as it is now."""

    def __init__(self, current: "Version") -> None:
        super().__init__(str(current))
        self.current = current


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

    def with_fate(self) -> "VersionQuerySet":
        """Adds what `Version.why_kept` derives from: what has become of it since it was handed in."""
        from submissions.models.anchor import Anchor  # noqa: PLC0415 (these four import this module)
        from submissions.models.comment import Comment  # noqa: PLC0415
        from submissions.models.review import Review  # noqa: PLC0415
        from submissions.models.talk import Thread  # noqa: PLC0415

        threads = Thread.objects.filter(anchor__version=OuterRef("pk"))
        siblings = Version.objects.filter(submission=OuterRef("submission"))
        given = Comment.objects.answers_in(OuterRef("pk"))
        later = Comment.objects.filter(thread=OuterRef("thread"), pk__gt=OuterRef("pk"))
        gone = File.objects.filter(version=OuterRef("pk"), erased_at__isnull=False)
        return self.annotate(  # type: ignore[no-redef]  # the class names them for whoever reads it
            is_opened=Exists(Opening.objects.filter(version=OuterRef("pk"))),
            has_next_draft=Exists(siblings.drafts()),
            is_followed=Exists(siblings.filter(number__gt=OuterRef("number"))),
            is_discussed=Exists(Review.objects.filter(version=OuterRef("pk")))
            | Exists(threads.exclude(author=F("submission__learner__user")))
            | Exists(given.filter(Exists(later.exclude(author=OuterRef("author"))))),
            is_asked_about=Exists(threads),
            is_evidence=Exists(Anchor.objects.filter(version=OuterRef("pk"))),
            is_altered=Exists(gone) | Exists(given.filter(erased_at__isnull=False)),
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
    answers = models.JSONField(default=dict, blank=True, editable=False)
    """Of a draft: what is about to be said to the points that must be fixed, `{thread: {"act", "body"}}` by uuid."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the saves of a draft, so that a save made from an older state is seen."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    text_erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the text of a submitted version was erased, and it became empty; the next two likewise."""
    link_erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    note_erased_at = models.DateTimeField(null=True, blank=True, editable=False)

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
            models.CheckConstraint(
                condition=(Q(text_erased_at=None) | Q(submitted_at__isnull=False, text=""))
                & (Q(link_erased_at=None) | Q(submitted_at__isnull=False, link=""))
                & (Q(note_erased_at=None) | Q(submitted_at__isnull=False, note="")),
                name="version_erased_is_empty",
            ),
        ]

    if TYPE_CHECKING:
        reviews: RelatedManager["Review"]
        openings: RelatedManager["Opening"]
        anchors: RelatedManager["Anchor"]
        placements: RelatedManager["Placement"]
        is_opened: bool
        has_next_draft: bool
        is_followed: bool
        is_discussed: bool
        is_asked_about: bool
        is_evidence: bool
        is_altered: bool

    def __str__(self) -> str:
        return _("version %(number)s") % {"number": self.number} if self.number else str(_("draft"))

    @property
    def is_draft(self) -> bool:
        return self.submitted_at is None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand in: neither a note alone nor what was erased is work."""
        return not (self.text.strip() or self.link or self.files.filter(erased_at=None).exists())

    def digests(self) -> list[str]:
        """SHA-256, in hex, of all that it holds: the text, the link, then each file in its order."""
        typed = [hashlib.sha256(part.encode()).hexdigest() for part in (self.text, self.link) if part]
        return typed + list(self.files.filter(erased_at=None).values_list("blob__sha256", flat=True))

    def says(self, text: str, link: str, note: str) -> bool:
        """Whether exactly this is written in it."""
        return (self.text, self.link, self.note) == (text, link, note)

    def save_draft(
        self, text: str, link: str, note: str, revision: int, answers: dict[str, dict[str, str]] | None = None
    ) -> None:
        """Writes what the learner has typed; None for `answers` leaves them. Saving the same twice is one save.

        Raises Stale, and writes nothing, when the draft was saved or handed in since the form's `revision`.
        """
        with transaction.atomic():
            draft = self.locked()
            draft.submission.learner.require_running()
            said = draft.answers if answers is None else answers
            is_same = draft.says(text, link, note) and draft.answers == said
            if draft.is_draft and draft.revision == revision and not is_same:
                draft.text, draft.link, draft.note, draft.answers = text, link, note, said
                draft.revision += 1
                draft.saved_at = timezone.now()
                draft.save(update_fields=["text", "link", "note", "answers", "revision", "saved_at"])
                is_same = True
        if not (draft.is_draft and is_same):
            raise Stale(draft)
        self.refresh_from_db()

    def add_file(self, name: str, received: Received) -> "File":
        """Takes in bytes that arrived, under the learner's name for them; raises Refused, and keeps nothing.

        A file of the same name is replaced: that is how a draft's file is corrected. The bytes are safe on
        the disk before the row that names them is committed. What it says is read here, once and for all.
        """
        try:
            name = clean_name(name)
            found = inspect(received.path, name)
            self._require_room(name, received.size)
            store.keep(received)
        finally:
            store.discard(received)
        with transaction.atomic():
            # One upload of a learner at a time, or two together could pass the quota.
            self.submission.learner.lock()
            self.submission.learner.require_running()
            self.require_draft()
            self._require_room(name, received.size)
            # Taken, so that nobody erases or sweeps the same bytes until this file names them.
            blob, _made = Blob.objects.select_for_update().get_or_create(
                sha256=received.sha256, defaults={"size": received.size}
            )
            if not store.holds(blob.sha256):
                raise Refused("once-more")
            Extract.objects.keep(blob, found.form, found.extracted)
            replaced = self.files.filter(name=name).first()
            last = self.files.last()
            position = replaced.position if replaced else last.position + 1 if last else 0
            self.files.filter(name=name).delete()
            file = self.files.create(
                blob=blob,
                name=name,
                form=found.form,
                media_type=found.media_type,
                pages=found.pages,
                width=found.width,
                height=found.height,
                position=position,
            )
            self.saved_at = timezone.now()
            self.save(update_fields=["saved_at"])
        return file

    def remove_file(self, file: "File") -> None:
        """Takes a file out of a draft; removing it twice is removing it once."""
        with transaction.atomic():
            self.require_draft()
            self.files.filter(pk=file.pk).delete()

    def submit(self) -> None:
        """Hands the draft in: gives it its number and places what people have pointed at. Twice is once.

        Raises ValidationError when it is empty, or when a thread that must be fixed has no answer.
        """
        with transaction.atomic():
            draft = self.locked()
            draft.submission.learner.require_running()
            if draft.is_draft:
                if draft.is_empty:
                    raise ValidationError(
                        _("There is nothing to hand in yet. Add a file, write a text or give a link."),
                        "empty",
                    )
                if draft.submission.unanswered_must_fix():
                    raise ValidationError(
                        _("Each point that must be fixed needs your answer before this can be handed in."),
                        "unanswered",
                    )
                last = draft.submission.last_version
                draft.number = last.number + 1 if last and last.number else 1
                draft.submitted_at = timezone.now()
                draft.answers = {}
                draft.save(update_fields=["number", "submitted_at", "answers"])
                draft.place_anchors()
                work = draft.submission
                work.requeue()
                work.tell(work.answerers(), Notification.Kind.WAITING, work.learner.user)
        self.refresh_from_db()

    def place_anchors(self, anchors: "Iterable[Anchor] | None" = None) -> None:
        """Says where in this version each place is that people have pointed at in earlier ones and that is still live.

        Or each of these `anchors`.
        """
        from submissions.models.anchor import Anchor, Placement  # noqa: PLC0415 (that module imports this one)
        from submissions.placing import placements  # noqa: PLC0415

        if anchors is None:
            anchors = Anchor.objects.live().filter(version__submission=self.submission_id).order_by("pk")
        Placement.objects.bulk_create(placements(self, anchors), ignore_conflicts=True)

    def take_back(self) -> None:
        """Makes a submitted version the draft again, and the answers given in it too. Taking back twice is once.

        Raises ValidationError with the reason when it is too late for that.
        """
        with transaction.atomic():
            version = self.locked()
            version.submission.learner.require_running()
            if not version.is_draft:
                if reason := version.why_kept():
                    raise ValidationError(reason, "kept")
                version.placements.all().delete()
                given = version.given().select_related("thread")
                version.answers = {
                    str(said.thread.uuid): {"act": said.act, "body": said.body} for said in given
                }
                version.number = version.submitted_at = None
                version.revision += 1
                version.save(update_fields=["number", "submitted_at", "answers", "revision"])
                version.submission.requeue()
                version.submission.settle(Notification.Kind.WAITING)
                given.delete()  # The database lets go of answers in a draft only.
        self.refresh_from_db()

    @property
    def kept_for(self) -> str:
        """What keeps a submitted version from being taken back, a key of `WHY_KEPT`; nothing when it can be.

        Reads the annotations of `with_fate`; asks for them where they are missing.
        """
        fate = self if hasattr(self, "is_opened") else Version.objects.with_fate().get(pk=self.pk)
        is_altered = fate.is_altered or self.text_erased_at or self.link_erased_at or self.note_erased_at
        reasons = {
            "opened": fate.is_opened,
            "begun": fate.has_next_draft,
            "followed": fate.is_followed,
            "discussed": fate.is_discussed,
            "asked": fate.is_asked_about,
            "claimed": fate.is_evidence,
            "altered": is_altered,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def why_kept(self) -> str:
        """Why a submitted version cannot be taken back, in a sentence; nothing when it can."""
        reason = self.kept_for
        opening = self.openings.select_related("mentor").first() if reason == "opened" else None
        return str(WHY_KEPT.get(reason, "")) % {"mentor": opening.mentor if opening else ""}

    def given(self) -> "CommentQuerySet":
        """The learner's answers that speak of this version."""
        from submissions.models.comment import Comment  # noqa: PLC0415 (that module imports this one)

        return Comment.objects.answers_in(self.pk)

    def discard(self) -> None:
        """Throws a draft away: what was typed and its files. Raises Stale when it was handed in meanwhile."""
        with transaction.atomic():
            self.require_draft()
            self.files.all().delete()
            self.delete()

    def open_for(self, mentor: User) -> None:
        """Notes that a mentor has opened it: from now on it cannot be taken back.

        Raises Version.DoesNotExist when it was taken back just before.
        """
        if self.openings.filter(mentor=mentor).exists():
            return
        with transaction.atomic():
            if self.locked().is_draft:
                raise Version.DoesNotExist
            Opening.objects.get_or_create(version=self, mentor=mentor)

    def locked(self) -> "Version":
        """The row as it is now; until the transaction ends, nobody else hands in, takes back or opens."""
        Submission.objects.select_for_update(no_key=True).get(pk=self.submission_id)
        return Version.objects.select_related("submission__learner").get(pk=self.pk)

    def require_draft(self) -> None:
        """Locks the version; raises Stale when it is no draft any more."""
        version = self.locked()
        if not version.is_draft:
            raise Stale(version)

    def _require_room(self, name: str, size: int) -> None:
        """Raises Refused when a file of so many bytes has no place in the version or the learner's quota."""
        others = self.files.exclude(name=name)
        if others.count() >= FILES_LIMIT:
            raise Refused("too-many", limit=FILES_LIMIT)
        if others.size() + size > settings.VERSION_LIMIT:
            raise Refused("version-full", limit=filesizeformat(settings.VERSION_LIMIT))
        of_learner = File.objects.of_learner(self.submission.learner)
        if of_learner.exclude(version=self, name=name).size() + size > settings.LEARNER_QUOTA:
            raise Refused("quota", limit=filesizeformat(settings.LEARNER_QUOTA))
