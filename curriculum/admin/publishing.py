"""From the forms of a month's page to a new edition of its text."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from curriculum.comparison import compared
from curriculum.drafting import Asked, Draft
from curriculum.editing import AskedMonth, RefusedAt, drafted, removed_rows
from curriculum.markdown import Kind, Refused
from curriculum.models import (
    Criterion,
    Deliverable,
    Detail,
    Document,
    Edition,
    Idea,
    Month,
    Objective,
    Project,
    Resource,
    Row,
    Section,
    Task,
    Week,
)
from curriculum.publication import publish
from curriculum.work import lost

from .changes import Changes, changes_of

KINDS: dict[type[Row], Kind] = {
    Week: Kind.WEEK,
    Task: Kind.TASK,
    Deliverable: Kind.DELIVERABLE,
    Objective: Kind.OBJECTIVE,
    Resource: Kind.RESOURCE,
    Project: Kind.PROJECT,
    Idea: Kind.IDEA,
    Criterion: Kind.CRITERION,
    Detail: Kind.DETAIL,
    Section: Kind.SECTION,
}


class Publishing:
    """Stands last among a page's formsets: when all the others are fine, it edits the text and publishes it.

    What the text refuses becomes an error of the form it came from, so that the page keeps what was typed.
    """

    is_nested = False

    LOOK = "_look"
    """The button that asks what would change, and publishes nothing."""

    @classmethod
    def of(cls, request: HttpRequest) -> "Publishing | None":
        """What the request is about to publish. It hangs on the request: one ModelAdmin serves all of them."""
        found: Publishing | None = vars(request).get("publishing")
        return found

    def __init__(self, request: HttpRequest, month: Month, formsets: list[Any]) -> None:
        self.request = request
        self.month = month
        self.formsets = formsets
        self.form: Any = None
        """The month's own form, once it is valid."""
        self.made: Edition | None = None
        self.is_unchanged = False
        self.stale: dict[str, Any] | None = None
        """Both texts, where another edition came between."""
        self.changes: Changes | None = None
        """What would change, for who asked that alone."""

        self.verdict: bool | None = None
        self.refusal: tuple[Any, str | None, str] | None = None
        """The form that shows why the text was refused, its field, and the reason."""
        self.errors: list[Any] = []
        vars(request)["publishing"] = self

    def __iter__(self) -> Iterator[Any]:
        """It has no forms of its own."""
        return iter(())

    def has_changed(self) -> bool:
        return False

    def non_form_errors(self) -> list[Any]:
        return []

    def is_valid(self) -> bool:
        """Asked more than once; the text is edited once, when there is nothing left to correct in the forms."""
        if self.form is None or not all(formset.is_valid() for formset in self.formsets):
            return False
        if self.verdict is None:
            self.verdict = self.attempt()
        self.show_refusal()
        return self.verdict

    def show_refusal(self) -> None:
        """Where something is removed, nested-admin forgets the errors of all forms and asks them again."""
        if self.refusal is None:
            return
        form, name, reason = self.refusal
        if reason not in form.errors.get(name or NON_FIELD_ERRORS, []):
            form.add_error(name, reason)

    def attempt(self) -> bool:
        document = Document.objects.select_for_update().get(pk=self.month.document_id)
        asked = asked_month(self.month, self.form, self.formsets)
        number = self.form.cleaned_data["edition"]
        begun = Edition.objects.filter(document=document, number=number).first()
        if begun is None or document.published is None:
            reason = _("The edition this page was made from is not there. Open the page again.")
            self.refusal = (self.form, None, reason)
            return False
        if document.draft is not None:
            reason = _(
                "This month is being edited as Markdown now. Nothing was changed, and what you typed is still here."
                " Publish or throw away that draft first, or make your change in it."
            )
            self.refusal = (self.form, None, reason)
            return False
        try:
            draft = drafted(begun, asked)
            if begun != document.published:
                self.tell_stale(begun, document.published, draft)
                return False
            if self.LOOK in self.request.POST:
                self.changes = changes_of(self.form, asked.items, draft.source == begun.source)
                return False
            with transaction.atomic():
                self.publish(document, draft, asked)
        except RefusedAt as refused:
            self.refuse(refused)
        except Refused as refused:
            self.refusal = (self.form, None, refused.reason)
        else:
            return True
        return False

    def refuse(self, refused: RefusedAt) -> None:
        form, name = self.form, refused.name
        if refused.asked is not None and refused.asked.form is not None:
            form, name = refused.asked.form, refused.name or refused.asked.field
        self.refusal = (form, name if name in form.fields else None, refused.reason)

    def tell_stale(self, begun: Edition, published: Edition, draft: Draft) -> None:
        self.stale = {
            "published": published,
            "yours": draft.source,
            "rows": compared(begun.source, draft.source),
            "others": compared(begun.source, published.source),
        }
        sentence = _(
            "Edition %(number)d was published while you were editing, perhaps from another window of yours. Nothing"
            " was changed, and what you typed is still here. Compare both changes, then make yours in the newest."
        )
        self.refusal = (self.form, None, sentence % {"number": published.number})

    def publish(self, document: Document, draft: Draft, asked: AskedMonth) -> None:
        archived = lost(removed_rows(asked.items))
        meant = frozenset(
            item.row.pk
            for item in asked.items
            if isinstance(item.row, Criterion)
            and not item.removed
            and item.form.cleaned_data["asks_differently"]
        )
        before = document.published_id
        self.made = publish(
            document,
            draft.source,
            author=self.request.user,
            message=self.form.cleaned_data["message"],
            tree=draft.tree,
            pairs=draft.pairs(),
            meant=meant,
            accept_loss=True,
        )
        self.is_unchanged = self.made.pk == before
        if archived:
            said = _(
                "Removed, though people have work on it: %(items)s. The work is kept, and still shown to them."
            )
            messages.warning(self.request, said % {"items": ", ".join(map(str, archived))})


def asked_month(month: Month, form: Any, formsets: list[Any]) -> AskedMonth:
    """What the forms of a page ask, each list in the order that was given to it."""
    typed = form.cleaned_data
    details = {"Tier": typed["tier"], "Duration": typed["duration"], "Status": typed["status"]}
    asked = AskedMonth(month, typed["title"], details, label=typed["label"])
    by_form: dict[int, Asked] = {}
    for formset in formsets:
        above = getattr(formset, "parent_form", None)
        parent = by_form.get(id(above)) if above is not None else None
        if above is not None and parent is None:
            continue
        found = [one for one in formset.forms if one.has_changed() or one.instance.pk]
        for one in sorted(found, key=position):
            item = asked_row(formset, one, parent)
            by_form[id(one)] = item
            if item.row is not None or not item.removed:
                asked.items.append(item)
    return asked


def position(form: Any) -> int:
    value = form.cleaned_data.get("position")
    return int(value) if value is not None else 1_000_000


def asked_row(formset: Any, form: Any, parent: Asked | None) -> Asked:
    typed = form.cleaned_data
    model: type[Row] = formset.model
    name = "title" if model in (Week, Project, Section) else "text"
    pk = form.instance.pk
    return Asked(
        kind=KINDS[model],
        row=form.instance if pk else None,
        text=typed.get(name) or "",
        parent=typed["section"] if typed.get("section") else parent,
        focus=typed.get("focus") if model is Week else None,
        label=typed.get("group") or typed.get("label") or "",
        brief=typed.get("brief"),
        removed=bool(typed.get("DELETE")) or (parent is not None and parent.removed),
        form=form,
        field=name,
    )
