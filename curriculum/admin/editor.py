"""The Markdown editor of a whole document: a draft that is saved, checked, compared and published."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum.audience import audience_of
from curriculum.comparison import compared
from curriculum.markdown import Refused, parse
from curriculum.models import Document, Edition
from curriculum.open_draft import (
    Behind,
    Shown,
    Stale,
    base_of,
    discard_draft,
    go_on_from,
    publish_draft,
    save_draft,
)
from curriculum.outlook import Outlook, Text, answers, meant_in
from curriculum.remarks import Remark, remarks_on
from curriculum.repair import repaired_source
from curriculum.textarea import Places, received, shown
from curriculum.work import WorkWouldBeLost

VIEW = "admin:curriculum_document_markdown"


class Editing:
    """One request of somebody who writes on a document: what they were shown, what they sent, what comes of it."""

    def __init__(self, owner: Any, request: HttpRequest, pk: int) -> None:
        self.owner, self.request = owner, request
        documents = Document.objects.select_related("published", "curriculum")
        self.document = get_object_or_404(documents, pk=pk, archived_at=None)
        if not owner.has_change_permission(request, self.document):
            raise PermissionDenied
        self.typed: str | None = None
        if request.method == "POST":
            if "text" not in request.POST:
                raise BadRequest("a form of the editor has a text")
            self.typed = request.POST["text"]
        self.shown = Shown.read(request.POST.get("over") or request.POST.get("shown", ""))
        """What the person was shown, or knows of and writes over."""
        self.is_saved = request.method != "POST"
        """Whether what the page shows is what is stored."""

    @property
    def address(self) -> str:
        return reverse(VIEW, args=[self.document.pk])

    def save(self, amend: Callable[[str], str] = str) -> Edition | None:
        """Keep what was typed as the draft. Raises Stale and Refused."""
        draft = save_draft(self.document, self.typed or "", self.shown, self.request.user, amend)
        self.shown, self.is_saved = Shown.of(self.document, draft), True
        return draft

    def outlook(self, source: str) -> Outlook | None:
        """What becomes of each item when a text is published; None for one that is no month.

        What was said about a plan holds for the text that it was made for.
        """
        if self.document.kind != Document.Kind.MONTH:
            return None
        said = {} if self.is_outdated(source) else self.said
        try:
            text = Text(self.document.path, parse(source), self.document)
            return Outlook(self.document.curriculum, [text], chosen=answers(said), meant=meant_in(said))
        except Refused:
            return None

    @property
    def said(self) -> dict[str, str]:
        """What was said about a plan: which item is which, and what asks for something else now."""
        posted = self.request.POST.dict()
        return posted if answers(posted) or meant_in(posted) else {}

    def is_outdated(self, source: str) -> bool:
        """Whether something was said about a plan that was made for another text."""
        return bool(self.said) and self.request.POST.get("planned") != digest(source)

    def publish(self, outlook: Outlook | None) -> Edition:
        """Publish the draft that was saved, by its plan. Raises what `publish_draft` does."""
        planned: dict[str, Any] = {}
        if outlook is not None:
            tree = outlook.texts[0].tree
            planned = {"tree": tree, "pairs": outlook.pairs, "meant": outlook.criteria_meant}
        return publish_draft(
            self.document,
            self.shown,
            author=self.request.user,
            message=self.request.POST.get("message", "").replace("\0", "").strip()[:300],
            accept_loss="accept" in self.request.POST,
            **planned,
        )

    def meanwhile(self, published: Edition) -> list[dict[str, Any]]:
        """What was published since the draft was begun."""
        draft = self.document.draft
        begun_from = (draft.begun_from if draft else None) or 0
        begun = self.document.editions.filter(number=begun_from).first()
        return compared(begun.source if begun else "", published.source)

    def source(self, draft: Edition | None, is_stale: bool) -> str:
        """The text of the page: what was typed, else the draft, else what is published."""
        if self.typed is not None and (is_stale or not self.is_saved):
            return received(self.typed, base_of(self.document, draft, self.shown))
        if draft is not None:
            return draft.source
        return self.document.published.source if self.document.published else ""

    def page(self, status: int = 200, refusal: Remark | None = None, **told: Any) -> HttpResponse:
        """The editor; its changing parts alone for a page that asks while somebody types."""
        self.document.refresh_from_db()
        draft, published = self.document.draft, self.document.published
        stale: Stale | None = told.get("stale")
        source = self.source(draft, stale is not None)
        before = published.source if published else ""
        repaired = repaired_source(source)
        context = {
            "document": self.document,
            "draft": draft,
            "published": published,
            "text": shown(source),
            "shown": self.shown if stale or not self.is_saved else Shown.of(self.document, draft),
            "over": Shown.of(self.document, draft),
            "is_saved": self.is_saved,
            "remarks": remarks_on(source, self.document.kind),
            "refusal": refusal and refusal.shown_in(Places(source)),
            "rows": compared(before, source),
            "plan": self.outlook(source) if before != source else None,
            "planned": digest(source),
            "answered": bool(self.said) and not self.is_outdated(source),
            "replanned": self.is_outdated(source),
            "repair": compared(source, repaired) if repaired != source else [],
            "audience": audience_of(self.document.curriculum),
            "message": self.request.POST.get("message", ""),
            "theirs": compared(stale.stored, source) if stale else [],
            **told,
        }
        if vars(self.request).get("htmx"):
            return render(self.request, "admin/curriculum/document/_answer.html", context, status=status)
        title = _("Markdown of %(path)s") % {"path": self.document.path}
        context |= self.owner.admin_site.each_context(self.request) | {
            "title": title,
            "opts": self.owner.opts,
        }
        return render(self.request, "admin/curriculum/document/markdown.html", context, status=status)


def digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


Act = Callable[[Editing], HttpResponse]


def editor_urls(owner: Any) -> list[URLPattern]:
    """The editor's addresses, below those of the documents' admin `owner`."""
    acts: dict[str, tuple[str, Any, Act]] = {
        "": ("", require_safe, Editing.page),
        "draft/": ("_draft", require_POST, draft),
        "check/": ("_check", require_POST, check),
        "repair/": ("_repair", require_POST, repair),
        "newest/": ("_newest", require_POST, newest),
        "discard/": ("_discard", require_POST, discard),
        "publication/": ("_publication", require_POST, publication),
        "file/": ("_file", require_safe, file),
    }
    return [
        path(
            f"<int:pk>/markdown/{place}",
            owner.admin_site.admin_view(method(answered(owner, act))),
            name=f"curriculum_document_markdown{name}",
        )
        for place, (name, method, act) in acts.items()
    ]


def answered(owner: Any, act: Act) -> Callable[..., HttpResponse]:
    """A view of the act, which answers with the page and the reason where the text was not taken."""

    @wraps(act)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        editing = Editing(owner, request, pk)
        try:
            return act(editing)
        except Stale as stale:
            return editing.page(409, stale=stale)
        except Behind as behind:
            return editing.page(409, behind=behind.published, meanwhile=editing.meanwhile(behind.published))
        except WorkWouldBeLost as refused:
            return editing.page(422, lost=refused.lost)
        except Refused as refused:
            return editing.page(422, Remark.of_refusal(refused))

    return view


def draft(editing: Editing) -> HttpResponse:
    """Saves."""
    kept = editing.save()
    if vars(editing.request).get("htmx"):
        return editing.page()
    if kept is None:
        messages.info(editing.request, _("This is what is published: there is no draft to keep."))
    else:
        messages.success(editing.request, _("The draft is saved. Learners do not see it yet."))
    return redirect(editing.address)


def check(editing: Editing) -> HttpResponse:
    """Says what there is to say about the text, and keeps nothing."""
    return editing.page(checked=True)


def repair(editing: Editing) -> HttpResponse:
    """Saves with damaged letters put right."""
    editing.save(repaired_source)
    messages.success(editing.request, _("The damaged letters are put right in the draft."))
    return redirect(editing.address)


def newest(editing: Editing) -> HttpResponse:
    """Saves, and lets the draft follow the edition whose number is sent, which its author has compared it with."""
    seen = editing.request.POST.get("seen", "")
    if not seen.isdecimal() or len(seen) > 9:
        raise BadRequest("an edition has a number")
    editing.save()
    go_on_from(editing.document, int(seen))
    said = _("The draft follows edition %(number)s now. It is still as you wrote it.")
    messages.success(editing.request, said % {"number": seen})
    return redirect(editing.address)


def discard(editing: Editing) -> HttpResponse:
    """Throws the draft away."""
    editing.document.refresh_from_db()
    discard_draft(editing.document, editing.shown)
    if not Document.objects.filter(pk=editing.document.pk).exists():
        messages.success(editing.request, _("The draft is thrown away. It was all that there was."))
        return redirect("admin:curriculum_curriculum_change", editing.document.curriculum_id)
    messages.success(editing.request, _("The draft is thrown away. This is what is published."))
    return redirect(editing.address)


def publication(editing: Editing) -> HttpResponse:
    """Saves, then publishes; what cannot be published stays the draft."""
    request, document = editing.request, editing.document
    before = document.published_id
    draft = editing.save()
    outlook = editing.outlook(draft.source) if draft else None
    if draft and editing.is_outdated(draft.source):
        return editing.page(409)
    if outlook and outlook.errors:
        return editing.page(422)
    made = editing.publish(outlook)
    if made.pk == before:
        messages.info(request, _("Nothing was changed, so there is no new edition."))
    else:
        said = _("Published edition %(number)d. %(message)s") % {
            "number": made.number,
            "message": made.message,
        }
        messages.success(request, said)
        editing.owner.log_change(request, document, said)
    return redirect(reverse("admin:curriculum_document_change", args=[document.pk]))


def file(editing: Editing) -> HttpResponse:
    """What is published, byte for byte."""
    published = editing.document.published
    if published is None:
        return redirect(editing.address)
    headers = {"Content-Type": "text/markdown; charset=utf-8"}
    name = editing.document.path.replace("/", "-")
    headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return HttpResponse(published.data, headers=headers)
