"""What erasing takes away of the work and of what was said about it: a text, a file, or all of one learner.

What was handed in or sent leaves a row with its mark, which the pages show and the database keeps; what its author
could still change is emptied or removed, and only the record tells that it was. What else is written about a
version or a file (an index) goes into `quotes_of` with them. What was read of a file goes with its bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.erasing import Part, gone
from people.models import Membership, User
from submissions.models import (
    Anchor,
    Blob,
    Comment,
    EarlierWords,
    File,
    Hold,
    Mention,
    Placement,
    Review,
    SavedReply,
    Submission,
    Version,
)
from submissions.models.file import NAMELESS

UNSENT = "unsent"
"""The kind under which the record names a version, a review, a comment or a file that was still in a draft."""


@dataclass(frozen=True)
class Text:
    """A kind of text that can be erased by itself."""

    label: str | Promise
    model: type[Model]
    column: str
    mark: str = ""
    """The column that says when it was erased; none for what its author could still change."""
    sent: str = ""
    """The look-up that says when others got to see it, for a kind that has a mark."""
    submission: str = ""
    """The look-up that leads from its row to the submission; none from the submission itself."""


TEXTS = {
    "text": Text(_("texts"), Version, "text", "text_erased_at", "submitted_at", "submission"),
    "link": Text(_("links"), Version, "link", "link_erased_at", "submitted_at", "submission"),
    "note": Text(_("notes"), Version, "note", "note_erased_at", "submitted_at", "submission"),
    "answers": Text(_("answers in a draft"), Version, "answers", submission="submission"),
    "comment": Text(_("comments"), Comment, "body", "erased_at", "", "thread__submission"),
    "summary": Text(
        _("summaries of reviews"),
        Review,
        "summary",
        "summary_erased_at",
        "published_at",
        "version__submission",
    ),
    "withdrawal": Text(
        _("reasons for taking a review back"),
        Review,
        "withdrawn_reason",
        "reason_erased_at",
        "published_at",
        "version__submission",
    ),
    "marks": Text(_("notes in a draft review"), Review, "marks", submission="version__submission"),
    "system": Text(_("systems in the learner's own words"), Submission, "system"),
}
"""By the word for it on the command line, in addresses and in the record."""


def submission_of(kind: str, uuid: UUID) -> Submission:
    """The work that a text, or a file, belongs to; raises Submission.DoesNotExist where nothing has that id."""
    text = TEXTS.get(kind)
    model, path = (text.model, text.submission) if text else (File, "version__submission")
    rows = model._default_manager.filter(uuid=uuid).values(path or "pk")
    return Submission.objects.select_related("learner__user").get(pk__in=rows)


def lock(submissions: Iterable[Submission]) -> None:
    """Nobody hands in, reviews or speaks in these until the transaction ends."""
    for submission in sorted(submissions, key=lambda one: one.pk):
        submission.lock()


# What to say of a thing, without the words that are to go ---------------------------------------------------
def place(row: Any) -> str:
    """Where something is: "Architecture overview, version 2"."""
    version = row if isinstance(row, Version) else row.version
    return f"{version.submission}, {version}"


def said_by(row: Any) -> str:
    """Whose words, and from when: "Tomas Lindqvist, 24 Nov 2026"."""
    author, at = (row.mentor, row.created_at) if isinstance(row, Review) else (row.author, row.created_at)
    return f"{author}, {date_format(localtime(at), 'j M Y')}"


def name_of(row: Any) -> str:
    if isinstance(row, File):
        return f"{row.name} ({place(row)})"
    if isinstance(row, Comment):
        return f"{row.thread.submission}: {said_by(row)}"
    if isinstance(row, Review):
        return f"{place(row)}: {said_by(row)}"
    return place(row) if isinstance(row, Version) else str(row)


# One text ---------------------------------------------------------------------------------------------------
def parts_of_text(kind: str, uuid: UUID) -> list[Part]:
    """One text. The same text in other versions of the work goes with it: a draft begins with the last version's."""
    rows: QuerySet[Any] = TEXTS[kind].model._default_manager.filter(uuid=uuid)
    if kind in ("text", "link"):
        row = rows.get()
        rows = Version.objects.filter(submission=row.submission_id, **{kind: getattr(row, kind)})
    return parts_of_texts(kind, rows)


def parts_of_texts(kind: str, rows: QuerySet[Any]) -> list[Part]:
    """The texts of one kind in these rows: what others have seen, what it is quoted in, and drafts."""
    text = TEXTS[kind]
    related = {
        Version: ["submission__deliverable", "submission__project"],
        Comment: ["thread__submission__deliverable", "thread__submission__project", "author", "review"],
        Review: ["version__submission__deliverable", "version__submission__project", "mentor"],
        Submission: ["deliverable", "project"],
    }[text.model]
    empty = {} if kind in ("answers", "marks") else ""
    said = list(rows.exclude(**{text.column: empty}).select_related(*related).order_by("pk"))
    sent = [row for row in said if is_sent(text, row)]
    unsent = [row for row in said if not is_sent(text, row)]
    seen = [str(row.uuid) for row in sent]
    parts = [
        Part(
            text.label,
            [name_of(row) for row in sent],
            partial(mark, text, sent),
            [(kind, uuid) for uuid in seen],
        ),
        Part(
            _("drafts: their %(texts)s") % {"texts": text.label} if unsent else "",
            [name_of(row) for row in unsent],
            partial(empty_drafts, text, unsent),
            [(UNSENT, str(row.uuid)) for row in unsent],
        ),
    ]
    if kind == "text":
        parts += quotes_of(Q(version__in=sent, file=None))
    return [part for part in parts if part.count]


def is_sent(text: Text, row: Any) -> bool:
    """Whether others have had it before their eyes, so that its row stays."""
    if text.model is Comment:
        return bool(row.is_sent)
    return bool(text.sent and getattr(row, text.sent))


def mark(text: Text, rows: list[Any]) -> None:
    """Empties what others have seen, and says when; of a comment also what it said before, and whom it called."""
    one = text.model._default_manager
    one.filter(pk__in=[row.pk for row in rows]).update(**{text.column: "", text.mark: timezone.now()})
    if text.model is Version:
        forget_digests(rows)
    if text.model is Comment:
        earlier = EarlierWords.objects.filter(comment__in=rows, erased_at=None)
        earlier.update(body="", erased_at=timezone.now())
        Mention.objects.filter(comment__in=rows).delete()


def forget_digests(versions: Iterable[Version]) -> None:
    """Takes the digests of what these versions have no more out of their reviews; the others keep their places."""
    of_these = Q(version__in={version.pk for version in versions}, published_at__isnull=False)
    for review in Review.objects.filter(of_these).select_related("version"):
        held = review.version.digests()
        left = [digest if digest in held else "" for digest in review.digests]
        if left != review.digests:
            Review.objects.filter(pk=review.pk).update(digests=left)


def empty_drafts(text: Text, rows: list[Any]) -> None:
    """Empties what nobody else has seen. A page that is open on it is told that it was changed meanwhile."""
    if text.model is Comment:
        for row in rows:
            row.take_out()
        return
    new: dict[str, Any] = {text.column: {} if text.column in ("answers", "marks") else ""}
    if text.model is not Submission:
        new["revision"] = F("revision") + 1
    text.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**new)


def quotes_of(anchored: Q) -> list[Part]:
    """What anchors quote of texts or files that go, and their placements in every version."""
    anchors = list(Anchor.objects.filter(anchored).values_list("pk", flat=True))
    placed = Q(anchor__in=anchors) | Q(*anchored.children, _connector=anchored.connector)
    quoting = Anchor.objects.filter(pk__in=anchors).exclude(selectors=[])
    placements = Placement.objects.filter(placed).exclude(selectors=[])
    rows = [*quoting.values_list("pk", flat=True), *placements.values_list("pk", flat=True)]

    def blank() -> None:
        Anchor.objects.filter(pk__in=anchors).update(selectors=[])
        placements.update(selectors=[])

    return [Part(_("places that comments point at, with what they quote"), [str(pk) for pk in rows], blank)]


# One file ---------------------------------------------------------------------------------------------------
def same_files(uuid: UUID) -> QuerySet[File]:
    """The file, and the same bytes wherever else the same learner has them: a draft begins with the last one's."""
    file = File.objects.select_related("version__submission").get(uuid=uuid)
    if file.erased_at:
        return File.objects.none()
    learner = file.version.submission.learner_id
    return File.objects.filter(blob=file.blob_id, version__submission__learner=learner, erased_at=None)


def parts_of_files(files: QuerySet[File]) -> list[Part]:
    """The bytes and the names of these files; those in a draft are taken out of it."""
    related = ("version__submission__deliverable", "version__submission__project", "blob")
    rows = list(files.filter(erased_at=None).select_related(*related).order_by("pk"))
    sent = [row for row in rows if not row.version.is_draft]
    unsent = [row for row in rows if row.version.is_draft]
    parts = [
        Part(
            _("files: their bytes and their names"),
            [name_of(row) for row in sent],
            partial(erase_files, sent),
            [("file", str(row.uuid)) for row in sent],
        ),
        Part(
            _("files in drafts"),
            [name_of(row) for row in unsent],
            partial(erase_files, unsent),
            [(UNSENT, str(row.uuid)) for row in unsent],
        ),
        *quotes_of(Q(file__in=rows)),
    ]
    return [part for part in parts if part.count]


def erase_files(files: list[File]) -> None:
    """The rows first; the bytes leave the disk when that is certain. `manage.py sweep` finishes after a crash."""
    for file in files:
        if file.version.is_draft:
            file.delete()
        else:
            File.objects.filter(pk=file.pk).update(name="", erased_at=timezone.now())
    forget_digests({file.version for file in files})
    for blob in {file.blob_id: file.blob for file in files}.values():
        transaction.on_commit(blob.leave, robust=True)


# One person -------------------------------------------------------------------------------------------------
def parts_of_learner(learner: Membership) -> list[Part]:
    """All that a learner handed in and began, and all that was said about it, by whomever."""
    works = Submission.objects.filter(learner=learner)
    versions = Version.objects.filter(submission__in=works)
    drafts = list(versions.drafts().select_related("submission__deliverable", "submission__project"))
    sent = versions.submitted()
    parts = [
        *parts_of_drafts(Review.objects.drafts().filter(version__submission__in=works)),
        *parts_of_files(File.objects.filter(version__in=versions)),
        Part(
            _("drafts of versions"),
            [name_of(draft) for draft in drafts],
            partial(discard, drafts),
            [(UNSENT, str(draft.uuid)) for draft in drafts],
        ),
        *(part for kind in ("text", "link", "note") for part in parts_of_texts(kind, sent)),
        *parts_of_texts("comment", Comment.objects.sent().filter(thread__submission__in=works)),
    ]
    reviews = Review.objects.filter(version__submission__in=works, published_at__isnull=False)
    for kind in ("summary", "withdrawal"):
        parts += parts_of_texts(kind, reviews)
    parts += parts_of_texts("system", works)
    return [part for part in parts if part.count]


def discard(drafts: list[Version]) -> None:
    for draft in drafts:
        draft.discard()


def parts_of_mentor(person: User) -> list[Part]:
    """What a mentor has not sent yet, what they hold, and their saved replies. What they sent about others' work stays,
    without a name.
    """
    holds = list(
        Hold.objects.filter(mentor=person).select_related("submission__deliverable", "submission__project")
    )
    replies = list(SavedReply.objects.filter(mentor=person))
    parts = [
        *parts_of_drafts(Review.objects.drafts().filter(mentor=person)),
        Part(_("reservations of work"), [str(hold.submission) for hold in holds], partial(gone, holds)),
        Part(_("saved replies"), [reply.title for reply in replies], partial(gone, replies)),
    ]
    return [part for part in parts if part.count]


def parts_of_drafts(reviews: QuerySet[Review]) -> list[Part]:
    """Reviews that were never sent, with the comments in them."""
    related = ("version__submission__deliverable", "version__submission__project", "mentor")
    rows = list(reviews.select_related(*related).order_by("pk"))

    def blank() -> None:
        for review in rows:
            for comment in review.comments.select_related("thread__anchor"):
                comment.take_out()
            review.delete()

    return [
        Part(
            _("reviews that were not sent"),
            [name_of(row) for row in rows],
            blank,
            [(UNSENT, str(row.uuid)) for row in rows],
        )
    ]


def bytes_left() -> QuerySet[Blob]:
    """Blobs that erased files still name: nothing has become of them since (`Blob.leave`), as after a crash."""
    erased = File.objects.filter(blob=OuterRef("pk"), erased_at__isnull=False)
    return Blob.objects.filter(Exists(erased)).exclude(sha256__startswith=NAMELESS)


def others_with(files: QuerySet[File]) -> str:
    """A sentence for whoever erases, where other people's files hold the same bytes; else nothing."""
    same = File.objects.filter(blob__in=files.values("blob"), erased_at=None).exclude(
        pk__in=files.values("pk")
    )
    count = same.count()
    if not count:
        return ""
    return gettext(
        "The same bytes are in files of other people too (%(count)s): those stay, and so do the bytes, until they are "
        "erased as well."
    ) % {"count": count}
