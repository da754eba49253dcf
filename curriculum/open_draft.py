"""The open draft of a document: a text that one or more admins write on, which learners see once it is published.

Who saves says what they were shown, so that two windows on one draft never overwrite each other unasked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.markdown import is_dashboard, line_of_month, refused
from curriculum.markdown.lines import check
from curriculum.models import Document, Edition
from curriculum.publication import publish
from curriculum.textarea import received


@dataclass(frozen=True)
class Shown:
    """What somebody was shown: a published edition, or a draft as it was at one of its revisions."""

    name: str
    """Of a draft its public id; of an edition nothing."""
    number: int
    """Of a draft the revision, of an edition its number; 0 where nothing was ever published."""

    def __str__(self) -> str:
        return f"{self.name}.{self.number}"

    @classmethod
    def of(cls, document: Document, draft: Edition | None) -> "Shown":
        if draft is not None:
            return cls(str(draft.uuid), draft.revision)
        return cls("", document.published.number if document.published else 0)

    @classmethod
    def read(cls, text: str) -> "Shown":
        """From what a page sent back; what is none of ours was never shown, and so is out of date."""
        name, _dot, number = text.rpartition(".")
        return cls(name, int(number)) if number.isdecimal() and len(number) < 10 else cls("?", 0)


class Stale(Exception):
    """Somebody else saved, published or threw away what this person was shown; nothing was written."""

    def __init__(self, stored: str) -> None:
        super().__init__(_("This text was changed meanwhile."))
        self.stored = stored
        """The text as it stands now."""


class Behind(Exception):
    """An edition was published since the draft was begun."""

    def __init__(self, published: Edition) -> None:
        super().__init__(_("Another edition was published since this draft was begun."))
        self.published = published


@transaction.atomic
def save_draft(
    document: Document,
    typed: str,
    shown: Shown,
    author: Any = None,
    amend: Callable[[str], str] = str,
) -> Edition | None:
    """Keep a text as the document's draft; None where it is what is published, so that there is none.

    `typed` is as a text area gives it back; `amend` is done to what it means before it is kept. Raises Stale, and
    Refused for a text that no document may have.
    """
    document = locked(document)
    draft = document.draft
    now = Shown.of(document, draft)
    published = document.published.source if document.published else ""
    is_late = shown != now and not (draft is None and not shown.name)
    source = amend(received(typed, base_of(document, draft, shown)))
    check(source)
    stored = draft.source if draft else published
    if is_late or (draft is None and shown.number > now.number):
        if source == stored:
            return draft
        raise Stale(stored)
    if draft is None:
        if source == published:
            return None
        newest = document.editions.order_by("-number").first()
        number, begun_from = newest.number + 1 if newest else 1, shown.number
        return Edition.objects.create(
            document=document, number=number, source=source, author=author, begun_from=begun_from, revision=1
        )
    if draft.source != source:
        draft.source, draft.author, draft.at = source, author, timezone.now()
        draft.revision += 1
        draft.save(update_fields=["source", "author", "at", "revision"])
    return draft


def locked(document: Document) -> Document:
    return Document.objects.select_for_update().get(pk=document.pk)


def base_of(document: Document, draft: Edition | None, shown: Shown) -> str:
    """The text whose line ends a typed one has: the draft's, or that of the edition that was shown."""
    if draft is not None:
        return draft.source
    edition = document.editions.filter(number=shown.number).first() or document.published
    return edition.source if edition else ""


@transaction.atomic
def discard_draft(document: Document, shown: Shown) -> None:
    """Throw the draft away, and with it a document that never was anything else.

    Raises Stale for one that was saved since it was shown.
    """
    draft = locked(document).draft
    if draft is None:
        return
    if shown != Shown.of(document, draft):
        raise Stale(draft.source)
    draft.delete()
    if not document.editions.exists():
        document.delete()


@transaction.atomic
def go_on_from(document: Document, number: int) -> None:
    """Take note that the draft is meant to follow the edition with this number, which its author has seen."""
    draft = locked(document).draft
    if draft is not None and document.editions.filter(number=number).exclude(published_at=None).exists():
        draft.begun_from = number
        draft.save(update_fields=["begun_from"])


@transaction.atomic
def publish_draft(
    document: Document, shown: Shown, *, author: Any = None, message: str = "", **options: Any
) -> Edition:
    """Publish the draft as it was shown, in its place; the published edition where there is none.

    `options` are those of `curriculum.publication.publish`, whose exceptions are raised too. Raises Stale and Behind.
    """
    document = locked(document)
    draft, published = document.draft, document.published
    if draft is None:
        assert published is not None, "a text that differs from nothing is a draft"
        return published
    if shown != Shown.of(document, draft):
        raise Stale(draft.source)
    if published is not None and published.number != draft.begun_from:
        raise Behind(published)
    if document.kind == Document.Kind.DASHBOARD and not is_dashboard(draft.source):
        raise refused("no-dashboard", line_of_month(draft.source))
    draft.delete()
    return publish(document, draft.source, author=author, message=message, **options)
