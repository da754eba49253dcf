"""Anchors and placements: what a thread or a piece of evidence is about, and where that is in a version."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from people.models import User
from submissions.models.file import File
from submissions.models.version import Version

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from submissions.models.talk import Thread


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

    def live(self) -> "AnchorQuerySet":
        """Those that are sought in a new version: evidence, and of threads that are neither settled nor withdrawn."""
        from submissions.models.comment import Comment  # noqa: PLC0415 (these import this module)
        from submissions.models.talk import Thread  # noqa: PLC0415

        threads = Thread.objects.filter(anchor=OuterRef("pk"))
        settled = Q(act__in=[Comment.Act.CONFIRM, Comment.Act.DROP])
        waiting = threads.filter(review__withdrawn_at=None).with_state().filter(Q(act=None) | ~settled)
        return self.filter(Q(is_evidence=True) | ~Exists(threads) | Exists(waiting))

    def visible_to(self, user: User) -> "AnchorQuerySet":
        """Of threads that the user may see; of evidence, in visible submissions."""
        from submissions.models.talk import Thread  # noqa: PLC0415 (that module imports this one)
        from submissions.models.work import Submission  # noqa: PLC0415

        threads = Thread.objects.filter(anchor=OuterRef("pk"))
        here = self.filter(version__submission__in=Submission.objects.visible_to(user))
        return here.filter(~Exists(threads) | Exists(threads.shown_to(user)))


class Anchor(models.Model):
    """What a thread, or a piece of evidence, is about: the whole of a version, or a place in it."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="anchors")
    """The version in which it was made."""
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="anchors")
    selectors = models.JSONField(default=list, blank=True)
    """Selectors in the terms of the W3C Web Annotation model; empty for the whole."""
    is_evidence = models.BooleanField(default=False)
    """Whether a claim or a mark rests on it. One that no thread has is evidence anyway."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnchorQuerySet.as_manager()

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    if TYPE_CHECKING:
        placements: RelatedManager["Placement"]
        threads: RelatedManager["Thread"]

    def __str__(self) -> str:
        return f"{self.version}, {self.uuid}"

    def is_draft_of(self, user: User) -> bool:
        """Whether it is what a thread of the user's is about that is not sent yet."""
        return self.threads.filter(author=user, review__isnull=False, review__published_at=None).exists()

    def catch_up(self) -> None:
        """Seeks it in the versions that came while it was not live."""
        placed = self.placements.values("version")
        later = Version.objects.submitted().filter(submission__versions=self.version_id)
        for version in later.filter(number__gt=self.version.number).exclude(pk__in=placed).order_by("number"):
            version.place_anchors([self])

    def become_evidence(self) -> None:
        """From now on it is sought in each new version, whatever becomes of its thread."""
        if not self.is_evidence:
            self.is_evidence = True
            self.save(update_fields=["is_evidence"])
            self.catch_up()


class PlacementQuerySet(models.QuerySet["Placement"]):
    """Placements."""

    def with_changed(self) -> "PlacementQuerySet":
        """Adds `changed`, which is what `Placement.is_changed` says."""
        state = Placement.State
        lost = Q(state=state.WHOLE, score__lt=1)
        changed = When(lost | Q(state__in=[state.CHANGED, state.SECTION]), then=True)
        return self.annotate(changed=Case(changed, default=False, output_field=models.BooleanField()))

    def with_changed_since(self, at: str) -> "PlacementQuerySet":
        """Adds `changed_since`: whether it is changed, and reads otherwise than where its anchor was seen at a time.

        For a subquery: `at` names the column of the query around it that holds the time.
        """
        words = KeyTextTransform("exact", KeyTransform(0, "selectors"))
        quote = Coalesce(words, Value(""), output_field=models.TextField())
        then = Placement.objects.filter(
            anchor=OuterRef("anchor"), version__submitted_at__lte=OuterRef(OuterRef(OuterRef(at)))
        )
        lost = Q(state=Placement.State.SECTION) | Q(state=Placement.State.WHOLE, score__lt=1)
        # Of what has no words, such as a region, the file tells, or that its page's likeness stayed as it was.
        alike = (
            ~Q(quote="")
            | Q(file__blob=OuterRef("file__blob"))
            | Q(file__pages__isnull=False, score__gt=0, score=OuterRef("score"))
        )
        seen = Placement.objects.filter(
            anchor=OuterRef("anchor"), pk=Subquery(then.order_by("-version__number").values("pk")[:1])
        ).annotate(quote=quote)
        changed_before = Q(state=Placement.State.CHANGED) & Q(
            state=OuterRef("state"), quote=OuterRef("quote")
        )
        as_then = Q(Exists(seen.filter(Q(pk=OuterRef("pk")) | (changed_before & alike))))
        gone = Q(state__in=[Placement.State.SECTION, Placement.State.WHOLE]) & Q(Exists(seen.filter(lost)))
        since = When(~as_then & ~gone, changed=True, then=True)
        found = self.with_changed().annotate(quote=quote)
        return found.annotate(changed_since=Case(since, default=False, output_field=models.BooleanField()))


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
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    """Who said so; None when it was found."""

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.UniqueConstraint(fields=["anchor", "version"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.anchor}: {self.state}"

    @property
    def is_changed(self) -> bool:
        """Whether what it is about reads differently in this version, or is not found there any more."""
        lost = self.state == self.State.WHOLE and self.score < 1
        return lost or self.state in (self.State.CHANGED, self.State.SECTION)

    def pin(self, user: User, file: File | None, selectors: list[dict[str, Any]]) -> None:
        """A mentor of the cohort, or the learner, says where it is in this version; later versions follow.

        `file` and `selectors` are those of `submissions.pointing.pointed`. What people have said of later versions
        stays. What its author has not sent yet is about the new place as if it had been opened there. Raises
        PermissionDenied for anybody else.
        """
        with transaction.atomic():
            submission = self.version.submission.lock()
            if not submission.learner.is_mentored_by(user):
                submission.learner.require_learner(user)
            self.file, self.selectors, self.by, self.score = file, selectors, user, 1.0
            self.state = self.State.EXACT if selectors or file else self.State.WHOLE
            if self.anchor.version_id == self.version_id and self.anchor.is_draft_of(user):
                self.by = None
                self.anchor.file, self.anchor.selectors = file, selectors
                self.anchor.save(update_fields=["file", "selectors"])
            self.save(update_fields=["file", "selectors", "by", "score", "state"])
            later = Placement.objects.filter(anchor=self.anchor, version__number__gt=self.version.number)
            later.filter(by=None).delete()
            self.anchor.catch_up()
