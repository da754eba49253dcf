"""The record, which only grows, and the defences that it speaks of."""

from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curriculum.models import Criterion, Month
from people.models import Membership, User
from people.templatetags.times import erased
from submissions.models import Anchor, Thread, Version

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class NeverChanged(Exception):  # says what is the case
    """Somebody tried to change or delete a row that only ever stands beside later ones."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(f"A row of {model.__name__} is written once: add a later one.")


class KeptQuerySet(models.QuerySet[Any]):
    """Rows that are never changed or deleted; the database refuses it too (`progress/triggers.py`)."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise NeverChanged(self.model)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverChanged(self.model)

    def delete(self) -> NoReturn:
        raise NeverChanged(self.model)


class Kept(models.Model):
    """A row that is written once. Saving it again, or deleting it, raises NeverChanged."""

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanged(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverChanged(type(self))


class Defence(Kept):
    """The oral examination of a month's design, as a mentor recorded it. A later one stands beside it."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("Passed")
        CORRECTIONS = "corrections", _("Passed with corrections")
        AGAIN = "again", _("Again")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    learner = models.ForeignKey(Membership, models.PROTECT, related_name="defences")
    month = models.ForeignKey(Month, models.PROTECT, related_name="defences")
    at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    present = models.ManyToManyField(User, related_name="+", verbose_name=_("who was present"))
    versions = models.ManyToManyField(
        Version, related_name="defences", blank=True, verbose_name=_("versions")
    )
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome)
    corrections_by = models.DateField(_("corrections by"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    """Made by the form, so that a double click or a retry records one defence."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("defence")
        verbose_name_plural = _("defences")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="corrections", corrections_by__isnull=False)
                | (~Q(outcome="corrections") & Q(corrections_by=None)),
                name="defence_corrections_have_a_day",
            )
        ]

    if TYPE_CHECKING:
        entries: RelatedManager["Entry"]

    def __str__(self) -> str:
        return f"{self.learner}, {self.month}: {self.get_outcome_display()}"

    def erase_note(self) -> None:
        """Blank the note for good; its entry's text is erased with it (`progress/record.py`)."""
        self.note = ""
        models.Model.save(self, update_fields=["note"])


class Entry(Kept):
    """One entry of the record: the chain of what was claimed and decided about one learner. Never changed.

    `digest` covers the canonical JSON that `progress/chain.py` describes, with the digest of the entry
    before.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", _("claim")
        MARK = "mark", _("mark")
        COMPLETE = "complete", _("month complete")
        REOPENED = "reopened", _("month reopened")
        DEFENCE = "defence", _("defence")
        ERASURE = "erasure", _("erasure")

    class Decision(models.TextChoices):
        MET = "met", _("Met")
        NOT_YET = "not_yet", _("Not met yet")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    learner = models.ForeignKey(Membership, models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    """From 1 within the learner's chain."""
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    month = models.ForeignKey(Month, models.PROTECT, null=True, blank=True, related_name="entries")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, blank=True, related_name="entries")
    meaning = models.PositiveIntegerField(null=True, blank=True)
    """The criterion's meaning number when the entry was made."""
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="entries")
    thread = models.ForeignKey(Thread, models.PROTECT, null=True, blank=True, related_name="entries")
    anchor = models.ForeignKey(Anchor, models.PROTECT, null=True, blank=True, related_name="entries")
    defence = models.ForeignKey(Defence, models.PROTECT, null=True, blank=True, related_name="entries")
    facts = models.JSONField(default=dict)
    """What the digest covers beside the columns: salted digests of evidence and of texts, and more."""
    before = models.CharField(max_length=64, blank=True)
    """Digest of the entry before; empty for the first."""
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["learner", "number"]
        verbose_name = _("entry of the record")
        verbose_name_plural = _("entries of the record")
        indexes = [
            models.Index(
                fields=["learner", "criterion", "number"], condition=Q(kind="claim"), name="entry_claims"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["learner", "number"], name="entry_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="entry_numbered_from_one"),
            models.CheckConstraint(
                condition=(Q(kind="mark") & ~Q(decision="")) | (~Q(kind="mark") & Q(decision="")),
                name="entry_decision_of_marks_only",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["claim", "mark"]) | Q(criterion__isnull=False, meaning__isnull=False),
                name="entry_names_its_criterion",
            ),
        ]

    evidence_changed = False
    """Whether the place that is its evidence reads differently since then; read by `progress.standing`."""

    if TYPE_CHECKING:
        texts: RelatedManager["EntryText"]

    def __str__(self) -> str:
        return f"{self.learner}, {self.number}: {self.get_kind_display()}"

    @cached_property
    def said(self) -> "dict[str, EntryText]":
        """The texts that belong to it, by name."""
        return {text.name: text for text in self.texts.all()}

    @property
    def who(self) -> str:
        """The author's name as it was then."""
        return self.text("author")

    @property
    def note(self) -> str:
        return self.text("note")

    @property
    def wording(self) -> str:
        """The criterion's text as it was then."""
        return self.text("wording")

    @property
    def evidence(self) -> str:
        """What was named as evidence, in words; empty without any."""
        return self.text("evidence")

    @property
    def people(self) -> list[str]:
        """Who was present at a defence, by the names they had."""
        return [self.text(name) for name in self.said if name.startswith("present:")]

    @property
    def works(self) -> str:
        """Which work was defended, in words."""
        return self.text("works")

    @property
    def place(self) -> Anchor | None:
        """The place in a version that was named as evidence; None for a whole version, and for a thread."""
        if self.anchor is None or self.thread_id:
            return None
        return self.anchor if self.anchor.selectors or self.anchor.file_id else None

    @property
    def evidence_value(self) -> str:
        """What was named as evidence, as a value of `progress.evidence.choices`; empty without any."""
        if self.place:
            return f"anchor:{self.place.uuid}"
        for name in ("thread", "defence", "version"):
            if getattr(self, f"{name}_id"):
                return f"{name}:{getattr(self, name).uuid}"
        return ""

    def text(self, name: str) -> str:
        """What was said under that name; a tombstone where it was erased, empty where there was nothing."""
        text = self.said.get(name)
        if text is None:
            return ""
        return text.tombstone or text.text


SALTS = ("text:", "link:", "file:")
"""How the names of salts of evidence begin; the public id of a version or of a file follows, without hyphens."""
OF_SALTS = Q(*(("name__startswith", name) for name in SALTS), _connector=Q.OR)
"""Finds the texts of the record that are there for their salt alone."""


class EntryText(Kept):
    """A free text or a name that an entry speaks of, apart from the chain so that it can be erased.

    Or the salt of a text, a link or a file that is its evidence, with no text of its own.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="texts")
    name = models.CharField(max_length=40)
    """Such as note, wording, author."""
    text = models.TextField(blank=True)
    salt = models.CharField(max_length=64, blank=True)
    """32 random bytes, in hex."""
    erased_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        evidence_changed: bool | None

    class Meta:
        verbose_name = _("text of the record")
        verbose_name_plural = _("texts of the record")
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="entry_text_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_salt(self) -> bool:
        """Whether it is there for its salt alone."""
        return self.name.startswith(SALTS)

    @property
    def is_name(self) -> bool:
        """Whether it is somebody's name."""
        return self.name == "author" or self.name.startswith("present:")

    @property
    def tombstone(self) -> str:
        """What stands in its place if it was erased; nothing if it was not."""
        if self.erased_at is None:
            return ""
        return gettext("Former\N{NO-BREAK SPACE}member") if self.is_name else erased(self.erased_at)

    def erase(self) -> None:
        """Blank the text for good. `progress/record.py` appends the entry that says so."""
        self.text = self.salt = ""
        self.erased_at = timezone.now()
        models.Model.save(self, update_fields=["text", "salt", "erased_at"])
