"""A month's page: Month ▸ Week ▸ Task and Deliverable, and all other lists, as forms that edit the month's text."""

from typing import Any

import nested_admin
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from curriculum.audience import audience_of
from curriculum.models import Month

from .forms import MonthForm
from .publishing import Publishing
from .rows import (
    CriterionInline,
    DetailInline,
    ObjectiveInline,
    ProjectInline,
    RequirementInline,
    ResourceInline,
    SectionInline,
    WeekInline,
)


def is_drafted(month: Month) -> bool:
    """Whether the month's document is being edited as Markdown; asked once a request."""
    known = vars(month)
    if "is_drafted" not in known:
        known["is_drafted"] = month.document.draft is not None
    return bool(known["is_drafted"])


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
        """Not while its document has a draft; who sends a form that was opened before is told so, and keeps it."""
        open_to_edit = obj is None or (
            obj.archived_at is None and not (request.method == "GET" and is_drafted(obj))
        )
        return open_to_edit and bool(super().has_change_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_inline_instances(self, request: HttpRequest, obj: Month | None = None) -> list[Any]:
        """None of an archived month, whose rows are archived with it: its document's editions have the text.

        Nor of one that is edited as Markdown.
        """
        closed = obj is not None and not self.has_change_permission(request, obj)
        instances: list[Any] = [] if closed else super().get_inline_instances(request, obj)
        return instances

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> tuple[list[Any], list[Any]]:
        formsets, inlines = super()._create_formsets(request, obj, change)
        if request.method == "POST":
            return [*formsets, Publishing(request, obj, list(formsets))], inlines
        return formsets, inlines

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        publishing = Publishing.of(request)
        assert publishing is not None, "nested-admin makes the formsets first"
        publishing.form = form
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Publishing has written what there is to write."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The same."""

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        publishing = Publishing.of(request)
        if publishing is None or not publishing.is_unchanged:
            return super().response_change(request, obj)
        messages.info(request, _("Nothing was changed, so there is no new edition."))
        return HttpResponseRedirect(request.path)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """What changed nothing is no publication."""
        publishing = Publishing.of(request)
        return None if publishing and publishing.is_unchanged else super().log_change(request, obj, message)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        publishing = Publishing.of(request)
        assert publishing is not None, "a month is saved by publishing it"
        made = publishing.made
        assert made is not None, "what is logged was published"
        return _("Published edition %(number)d. %(message)s") % {
            "number": made.number,
            "message": made.message,
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Says whom publishing reaches."""
        month: Month | None = context.get("original")
        audience = audience_of(month.curriculum) if month else None
        return super().render_change_form(
            request,
            context | {"audience": audience, "is_drafted": bool(month and is_drafted(month))},
            *args,
            **kwargs,
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response: Any = super().changeform_view(request, object_id, form_url, extra_context)
        publishing = Publishing.of(request)
        if publishing is not None and hasattr(response, "context_data"):
            response.status_code = 200 if publishing.changes else 409 if publishing.stale else 422
            response.context_data |= {"stale": publishing.stale, "changes": publishing.changes}
        return response
