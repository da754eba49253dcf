"""Anchors and placements: what a thread or a piece of evidence is about, and where that is in a version."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from people.models import User
from submissions.models.file import File
from submissions.models.version import Version

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


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

    def __str__(self) -> str:
        return f"{self.version}, {self.uuid}"

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

    def pinned_for(self, user: User) -> "PlacementQuerySet":
        """Those that somebody has put right by hand, but for the places of threads that the user does not see."""
        from submissions.models.talk import Thread  # noqa: PLC0415 (that module imports this one)

        threads = Thread.objects.filter(anchor=OuterRef("anchor"))
        return self.filter(~Exists(threads) | Exists(threads.shown_to(user)), pins__gt=0)

    def with_changed(self, since: Any) -> "PlacementQuerySet":
        """Adds `changed`: whether the place reads differently there than at the time `since`, or is gone since.

        Who decided when it had changed already has seen it so. A place without words, such as a region, may be
        another in each later version, unless it is gone altogether.
        """
        state = Placement.State
        lost = Q(state=state.WHOLE, score__lt=1)
        none = Value("", output_field=models.TextField())
        words = Coalesce(KeyTextTransform("exact", KeyTransform(0, "selectors")), none)
        earlier = Placement.objects.filter(anchor=OuterRef("anchor"), version__submitted_at__lte=since)
        seen = earlier.annotate(words=words).order_by("-version__number")
        alike = Q(state=F("seen_state"), words=F("seen_words")) & (
            ~Q(words="") | (lost & Q(seen_score__lt=1))
        )
        same = Q(pk=F("seen")) | alike
        changed = When((lost | Q(state__in=[state.CHANGED, state.SECTION])) & ~same, then=True)
        return self.annotate(
            words=words,
            seen=Coalesce(Subquery(seen.values("pk")[:1]), Value(0)),
            seen_score=Coalesce(Subquery(seen.values("score")[:1]), Value(1.0)),
            seen_state=Coalesce(Subquery(seen.values("state")[:1]), Value("")),
            seen_words=Coalesce(Subquery(seen.values("words")[:1]), none),
        ).annotate(changed=Case(changed, default=False, output_field=models.BooleanField()))


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
    pins = models.PositiveIntegerField(default=0, editable=False)
    """How often somebody said where it is: an open page learns from it that somebody did so elsewhere."""

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.UniqueConstraint(fields=["anchor", "version"], name="placement_once")]
        indexes = [models.Index(fields=["version"], condition=Q(pins__gt=0), name="placement_pinned")]

    def __str__(self) -> str:
        return f"{self.anchor}: {self.state}"

    def pin(self, user: User, file: File | None, selectors: list[dict[str, Any]]) -> None:
        """A mentor of the cohort, or the learner, says where it is in this version; later versions follow.

        `file` and `selectors` are those of `submissions.pointing.pointed`. What people have said of later versions
        stays. Raises PermissionDenied for anybody else.
        """
        with transaction.atomic():
            submission = self.version.submission.lock()
            if not submission.learner.is_mentored_by(user):
                submission.learner.require_learner(user)
            self.refresh_from_db(fields=["pins"])
            self.file, self.selectors, self.by, self.score = file, selectors, user, 1.0
            self.state, self.pins = self.State.EXACT if selectors else self.State.WHOLE, self.pins + 1
            self.save(update_fields=["file", "selectors", "by", "score", "state", "pins"])
            later = Placement.objects.filter(anchor=self.anchor, version__number__gt=self.version.number)
            later.filter(by=None).delete()
            self.anchor.catch_up()
