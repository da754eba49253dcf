"""A month's page: Month ▸ Week ▸ Task and Deliverable, and all other lists, as forms that edit the month's text."""

from collections.abc import Iterator
from typing import Any

import nested_admin
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.db.models import ForeignKey, QuerySet, TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.drafting import Asked, Draft
from curriculum.editing import AskedMonth, RefusedAt, drafted, removed_rows
from curriculum.markdown import Kind, Refused
from curriculum.matching import lost
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

from .documents import compared
from .forms import CriterionForm, MonthForm, OneLine, ProjectForm, RequirementForm, RowForm, WeekForm

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


class RowsInline:
    """What all lists of a month have in common."""

    extra = 0
    form = RowForm
    template = "admin/curriculum/month/rows.html"
    note: Any = ""
    """A sentence above the list."""

    sortable_field_name: str | None = "position"
    formfield_overrides = {TextField: {"widget": OneLine}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(archived_at=None)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        # Removing means archiving, so what hangs on a row is no reason against it.
        formset.form.hand_clean_DELETE = lambda self: None
        return formset


class TaskInline(RowsInline, nested_admin.NestedStackedInline):
    model = Task
    fk_name = "week"
    fields = ["text", "position"]


class DeliverableInline(RowsInline, nested_admin.NestedStackedInline):
    model = Deliverable
    fk_name = "week"
    fields = ["text", "position"]


class WeekInline(RowsInline, nested_admin.NestedStackedInline):
    model = Week
    form = WeekForm
    fields = ["label", "title", "focus", "position"]
    inlines = [TaskInline, DeliverableInline]


class ObjectiveInline(RowsInline, nested_admin.NestedStackedInline):
    model = Objective
    fields = ["text", "position"]


class ResourceInline(RowsInline, nested_admin.NestedStackedInline):
    model = Resource
    fields = ["group", "text", "position"]


class IdeaInline(RowsInline, nested_admin.NestedStackedInline):
    model = Idea
    fields = ["text", "position"]


class ProjectInline(RowsInline, nested_admin.NestedStackedInline):
    """The month's project; a month that has none may get one."""

    model = Project
    form = ProjectForm
    fields = ["title", "brief"]
    inlines = [IdeaInline]
    can_delete = False
    max_num = 1
    sortable_field_name = None
    verbose_name_plural = gettext_lazy("project")


class CriterionInline(RowsInline, nested_admin.NestedStackedInline):
    model = Criterion
    form = CriterionForm
    note = gettext_lazy(
        "A better wording changes nothing for those who have it marked. Where other words ask for something else, tick"
        " “This changes what is asked”: marks made so far then say “look again”."
    )
    fields = ["text", "asks_differently", "position"]


class DetailInline(RowsInline, nested_admin.NestedStackedInline):
    model = Detail
    note = gettext_lazy("Further lines below the title, each with its name, such as “Prerequisites”.")
    fields = ["label", "text", "position"]


class SectionInline(RowsInline, nested_admin.NestedStackedInline):
    """Headings alone: what stands below them is edited in its own list. A project names its section itself."""

    model = Section
    fields = ["title"]
    can_delete = False
    max_num = 0
    sortable_field_name = None
    verbose_name = gettext_lazy("heading")
    verbose_name_plural = gettext_lazy("headings")
    note = gettext_lazy("What stands below a heading is edited in its own list, above.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Section]:
        rows: QuerySet[Section] = super().get_queryset(request)
        return rows.exclude(title="").exclude(role=Section.Role.PROJECT)


class RequirementInline(RowsInline, nested_admin.NestedStackedInline):
    model = Task
    form = RequirementForm
    fk_name = "month"
    fields = ["text", "section", "position"]
    verbose_name = gettext_lazy("requirement")
    verbose_name_plural = gettext_lazy("requirements")
    note = gettext_lazy("Boxes to tick that stand outside the weeks, such as the parts of a portfolio.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        return super().get_queryset(request).filter(week=None)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "section":
            month = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            live = Section.objects.live()
            kwargs["queryset"] = live.filter(month=month) if str(month).isdigit() else live.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class Publishing:
    """Stands last among a page's formsets: when all the others are fine, it edits the text and publishes it.

    What the text refuses becomes an error of the form it came from, so that the page keeps what was typed.
    """

    is_nested = False

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

        self.verdict: bool | None = None
        self.refusal: tuple[Any, str | None, str] | None = None
        """The form that shows why the text was refused, its field, and the reason."""
        self.errors: list[Any] = []

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
        try:
            draft = drafted(begun, asked)
            if begun != document.published:
                self.tell_stale(document.published, draft)
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

    def tell_stale(self, published: Edition, draft: Draft) -> None:
        self.stale = {
            "published": published,
            "yours": draft.source,
            "rows": compared(published.source, draft.source),
        }
        sentence = _(
            "Edition %(number)d was published while you were editing, perhaps from another window of yours. Nothing"
            " was changed, and what you typed is still here. Compare both texts, then make your changes in the newest."
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


@admin.register(Month)
class MonthAdmin(nested_admin.NestedModelAdmin):
    """One page for a month. Saving makes a new edition of its document."""

    form = MonthForm
    fields = ["label", "title", "tier", "duration", "status", "edition"]
    list_display = ["__str__", "curriculum", "tier", "document", "archived_at"]
    list_filter = ["curriculum"]
    list_select_related = ["curriculum", "document"]
    search_fields = ["title", "label"]
    inlines = [
        ObjectiveInline,
        WeekInline,
        ResourceInline,
        ProjectInline,
        CriterionInline,
        RequirementInline,
        DetailInline,
        SectionInline,
    ]
    change_form_template = "admin/curriculum/month/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Months come from Markdown."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Month | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Month | None = None) -> bool:
        open_to_edit = obj is None or obj.archived_at is None
        return open_to_edit and bool(super().has_change_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_inline_instances(self, request: HttpRequest, obj: Month | None = None) -> list[Any]:
        """None of an archived month, whose rows are archived with it: its document's editions have the text."""
        archived = obj is not None and obj.archived_at is not None
        instances: list[Any] = [] if archived else super().get_inline_instances(request, obj)
        return instances

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> tuple[list[Any], list[Any]]:
        formsets, inlines = super()._create_formsets(request, obj, change)
        if request.method == "POST":
            request.publishing = Publishing(request, obj, list(formsets))  # type: ignore[attr-defined]
            return [*formsets, request.publishing], inlines  # type: ignore[attr-defined]
        return formsets, inlines

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        request.publishing.form = form  # type: ignore[attr-defined]
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Publishing has written what there is to write."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The same."""

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if not request.publishing.is_unchanged:  # type: ignore[attr-defined]
            return super().response_change(request, obj)
        messages.info(request, _("Nothing was changed, so there is no new edition."))
        return HttpResponseRedirect(request.path)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        made = request.publishing.made  # type: ignore[attr-defined]
        return _("Published edition %(number)d. %(message)s") % {
            "number": made.number,
            "message": made.message,
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response: Any = super().changeform_view(request, object_id, form_url, extra_context)
        publishing = getattr(request, "publishing", None)
        if publishing is not None and hasattr(response, "context_data"):
            response.status_code = 409 if publishing.stale else 422
            response.context_data["stale"] = publishing.stale
        return response
