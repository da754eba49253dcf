"""What a claim or a mark can name as evidence: a learner's submitted version or a place in it, a thread, a defence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from curriculum.models import Month
from people.models import Membership
from progress.models import Defence, Entry
from submissions import pointing
from submissions.models import Anchor, Comment, Thread, Version
from submissions.models.review import plain_words
from submissions.places import region_in_words
from submissions.pointing import Place

UNQUOTED = "\n"
"""Stands before the parts of what a database says of a place without words; a passage begins with a letter."""


@dataclass(frozen=True)
class Evidence:
    """At most one of version, thread and defence; of a version a place that an earlier claim named (`anchor`), or one
    that is named now (`place`, as `submissions.pointing` gives it).
    """

    version: Version | None = None
    thread: Thread | None = None
    defence: Defence | None = None
    anchor: Anchor | None = None
    place: Place | None = None

    def __bool__(self) -> bool:
        return bool(self.version or self.thread or self.defence)

    def __str__(self) -> str:
        """What it is, in words."""
        if self.thread:
            return _("a comment on %(work)s") % {"work": in_words(self.thread.anchor.version)}
        if self.defence:
            return _("the defence of %(day)s: %(outcome)s") % {
                "day": date_format(localtime(self.defence.at), "j M Y"),
                "outcome": self.defence.get_outcome_display(),
            }
        if self.version and self.spot != (None, []):
            return _("a place in %(work)s") % {"work": in_words(self.version)}
        return in_words(self.version) if self.version else ""

    @property
    def spot(self) -> Place:
        """The file and the selectors of its place in the version; None and nothing for the whole."""
        if self.anchor:
            return self.anchor.file, self.anchor.selectors
        return self.place or (None, [])

    def is_of(self, entry: Entry) -> bool:
        """Whether the entry has the same evidence."""
        same = all(
            getattr(entry, f"{name}_id") == (row and row.pk)
            for name, row in self.columns.items()
            if name != "anchor"
        )
        if not same or not self.version:
            return same
        file, selectors = self.spot
        was = entry.anchor
        return (was.file_id, was.selectors) == (file and file.pk, selectors) if was else not selectors

    @property
    def columns(self) -> dict[str, Any]:
        """Entry's columns for it: a thread stands with its anchor and the version that it was opened on."""
        anchor: Anchor | None = self.thread.anchor if self.thread else self.anchor
        version = self.thread.anchor.version if self.thread else self.version
        return {"version": version, "thread": self.thread, "anchor": anchor, "defence": self.defence}

    @property
    def named(self) -> dict[str, Any]:
        """All of it, as the acts of the record take it."""
        named = {"version": self.version, "thread": self.thread, "defence": self.defence}
        return named | {"anchor": self.anchor, "place": self.place}

    @property
    def versions(self) -> list[Version]:
        """The versions whose contents it stands on."""
        if self.defence:
            return list(self.defence.versions.order_by("pk"))
        version = self.thread.anchor.version if self.thread else self.version
        return [version] if version else []

    def check(self, learner: Membership) -> None:
        """Raises ValidationError unless it is one thing, that learner's own, and something others may see."""
        if sum(map(bool, (self.version, self.thread, self.defence))) > 1:
            raise ValidationError({"evidence": _("Name one piece of evidence.")})
        owned = not self
        if self.version:
            owned = (
                Version.objects.submitted().filter(pk=self.version.pk, submission__learner=learner).exists()
            )
        elif self.thread:
            sent = Q(review=None) | Q(review__published_at__isnull=False)
            owned = Thread.objects.filter(sent, pk=self.thread.pk, submission__learner=learner).exists()
        elif self.defence:
            owned = self.defence.learner_id == learner.pk
        if self.anchor and self.anchor.version_id != (self.version and self.version.pk):
            owned = False
        if not owned:
            raise ValidationError({"evidence": missing()})


def hold(versions: list[Version]) -> None:
    """Keep the versions as they are until the transaction ends; ValidationError if one was taken back."""
    for version in sorted(versions, key=lambda version: version.submission_id):
        if version.locked().is_draft:
            raise ValidationError({"evidence": missing()})


def missing() -> str:
    return _("This evidence is not there any more. Your text is kept; choose the evidence again.")


def in_words(version: Version) -> str:
    """Such as "Architecture overview, version 2"."""
    return _("%(work)s, version %(number)s") % {"work": version.submission.subject, "number": version.number}


def find(learner: Membership, value: str) -> Evidence:
    """The evidence that a form names by a value of `choices`; empty for an empty value.

    Raises ValidationError for what is not there or not the learner's.
    """
    kind, _colon, text = value.partition(":")
    text, _colon, spot = text.partition(":")
    if not value:
        return Evidence()
    try:
        uuid = UUID(text)
    except ValueError:
        raise ValidationError({"evidence": missing()}) from None
    whole = {"submission__learner": learner, "uuid": uuid}
    evidence = Evidence()
    if kind == "anchor":
        claimed = Anchor.objects.filter(version__submission__learner=learner, entries__thread=None, uuid=uuid)
        anchor = claimed.exclude(entries=None).select_related("version__submission", "file").first()
        evidence = Evidence(version=anchor.version, anchor=anchor) if anchor else evidence
    elif kind == "place":
        version = Version.objects.submitted().filter(**whole).select_related("submission").first()
        if version:
            evidence = Evidence(version=version, place=place_in(version, spot))
    elif kind == "version":
        evidence = Evidence(version=Version.objects.filter(**whole).select_related("submission").first())
    elif kind == "thread":
        evidence = Evidence(
            thread=Thread.objects.filter(**whole).select_related("anchor__version__submission").first()
        )
    elif kind == "defence":
        evidence = Evidence(defence=Defence.objects.filter(learner=learner, uuid=uuid).first())
    if not evidence:
        raise ValidationError({"evidence": missing()})
    evidence.check(learner)
    return evidence


def place_in(version: Version, spot: str) -> Place:
    """The place of a value. Raises ValidationError for one that is not there."""
    try:
        return pointing.placed(version, spot)
    except ValidationError as refusal:
        raise ValidationError({"evidence": refusal.messages}) from None


def place_value(version: Version, place: Place) -> str:
    """What a form says of a place that is to be evidence: `find` reads it."""
    return f"place:{version.uuid}:{pointing.value_of(*place)}"


def choices(learner: Membership, month: Month) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a form offers for a criterion of the month, in one query: by group, newest first, (value, label).

    The empty choice is not among them.
    """
    subject = Coalesce("submission__deliverable__text", Cast("submission__project__title", TextField()))
    of_month = Q(submission__learner=learner) & (
        Q(submission__deliverable__month=month) | Q(submission__project__month=month)
    )
    first_words = (
        Comment.objects.sent().filter(thread=OuterRef("pk")).exclude(body="").order_by("pk").values("body")
    )
    columns = ("what", "uuid", "number", "at", "subject", "said")

    def words(text: str) -> Value:
        return Value(text, output_field=TextField())

    versions = (
        Version.objects.submitted()
        .filter(of_month)
        .annotate(what=words("version"), at=F("submitted_at"), subject=subject, said=words(""))
        .order_by()
        .values_list(*columns)
    )
    threads = (
        Thread.objects.filter(of_month)
        .filter(Q(review=None) | Q(review__published_at__isnull=False))
        .annotate(
            what=words("thread"),
            number=F("anchor__version__number"),
            at=F("created_at"),
            subject=subject,
            said=Coalesce(Subquery(first_words[:1]), words("")),
        )
        .order_by()
        .values_list(*columns)
    )
    defences = (
        Defence.objects.filter(learner=learner, month=month)
        .annotate(
            what=words("defence"), number=F("minutes"), subject=Cast("outcome", TextField()), said=words("")
        )
        .order_by()
        .values_list(*columns)
    )
    anchors = (
        Entry.objects.filter(learner=learner, month=month, kind=Entry.Kind.CLAIM, thread=None)
        .exclude(anchor=None)
        .exclude(anchor__selectors=[], anchor__file=None)
        .annotate(
            what=words("anchor"),
            place=F("anchor__uuid"),
            nth=F("version__number"),
            when=F("at"),
            subject=Coalesce(
                "version__submission__deliverable__text",
                Cast("version__submission__project__title", TextField()),
            ),
            said=Coalesce(
                KeyTextTransform("exact", KeyTransform(0, "anchor__selectors")),
                Concat(
                    words(UNQUOTED),
                    Coalesce(Cast("anchor__file__name", TextField()), words("")),
                    words(UNQUOTED),
                    Coalesce(KeyTextTransform("value", KeyTransform(0, "anchor__selectors")), words("")),
                    output_field=TextField(),
                ),
            ),
        )
        .order_by()
        .values_list("what", "place", "nth", "when", "subject", "said")
    )
    rows = versions.union(threads, defences, anchors, all=True).order_by("-at")
    groups = {
        "anchor": _("Places that were claimed"),
        "version": _("Work"),
        "defence": _("Defences"),
        "thread": _("Comments"),
    }
    found: dict[str, list[tuple[str, str]]] = {what: [] for what in groups}
    for what, uuid, *rest in rows:
        found[what].append((f"{what}:{uuid}", _label(what, *rest)))
    return [(groups[what], options) for what, options in found.items() if options]


def _in_short(said: str) -> str:
    """The beginning of a passage; of a place without words its file, and the region in it."""
    if not said.startswith(UNQUOTED):
        return Truncator(" ".join(said.split())).chars(60)
    _nothing, file, region = said.split(UNQUOTED)
    return ", ".join(filter(None, (file, region_in_words(region)))) or _("a place")


def _label(what: str, number: int, at: datetime, subject: str, said: str) -> str:
    if what == "defence":
        values = {"day": date_format(localtime(at), "j M Y, H:i"), "outcome": Defence.Outcome(subject).label}
        return _("Defence of %(day)s: %(outcome)s") % values
    work = _("%(work)s, version %(number)s") % {"work": subject, "number": number}
    if what == "version":
        return work
    if what == "anchor":
        return _("%(work)s: %(words)s") % {"work": work, "words": _in_short(said)}
    return _("Comment on %(work)s: %(words)s") % {
        "work": work,
        "words": Truncator(plain_words(said)).chars(60) or _("(erased)"),
    }
