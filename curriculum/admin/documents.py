"""Documents with their editions: what each said, what differs from what learners see, and the way back to it."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from curriculum.comparison import compared
from curriculum.markdown import Refused
from curriculum.models import Document, Edition
from curriculum.publication import restore

from .editor import editor_urls
from .forms import DocumentForm


class DraftFilter(admin.SimpleListFilter):
    """Those with a text that is not published, or all."""

    title = _lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("draft", _lazy("has a draft"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.drafted() if self.value() == "draft" else queryset  # type: ignore[attr-defined]


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A document's editions, and the way to the editor of its text."""

    list_display = ["path", "curriculum", "kind", "published", "archived_at"]
    list_filter = ["curriculum", "kind", DraftFilter]
    list_select_related = ["curriculum", "published__document"]
    search_fields = ["path"]
    fields = ["path", "curriculum", "kind", "archived_at"]
    readonly_fields: ClassVar[list[str]] = ["path", "curriculum", "kind", "archived_at"]
    change_form_template = "admin/curriculum/document/change_form.html"

    add_form_template = "admin/curriculum/document/add_form.html"

    def get_form(
        self, request: HttpRequest, obj: Document | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A new one is begun by its own form; of one that is there, the page shows what it is."""
        return super().get_form(request, obj, change, **({} if obj else {"form": DocumentForm}) | kwargs)

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        return super().get_fields(request, obj) if obj else DocumentForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else []

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """A new one is made by its own rule, with a draft to write on."""
        return super().save_form(request, form, change) if change else form.begin(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing of a document is written here but its beginning."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The same."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, _("This is a draft to write on. Learners see it when you publish it."))
        return HttpResponseRedirect(reverse("admin:curriculum_document_markdown", args=[obj.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_urls(self) -> list[URLPattern]:
        view, site = "curriculum_document_edition", self.admin_site
        return [
            path("<int:pk>/editions/<int:number>/", site.admin_view(require_safe(self.edition)), name=view),
            path(
                "<int:pk>/editions/<int:number>/publication/",
                site.admin_view(require_POST(self.publication)),
                name=f"{view}_publication",
            ),
            *editor_urls(self),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        editions: QuerySet[Edition] = Edition.objects.none()
        if object_id.isdigit():
            editions = (
                Edition.objects.filter(document=int(object_id))
                .select_related("author")
                .defer("source", "outline")
            )
        return super().change_view(
            request, object_id, form_url, (extra_context or {}) | {"editions": editions}
        )

    def found(self, pk: int, number: int) -> Edition:
        editions = Edition.objects.select_related("document__published", "document__curriculum", "author")
        return get_object_or_404(editions, document=pk, number=number)

    def edition(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """One edition: its text, and how it differs from the published one."""
        edition = self.found(pk, number)
        if not self.has_view_permission(request, edition.document):
            raise PermissionDenied
        published = edition.document.published
        earlier = edition.document.editions.filter(number__lt=number)
        before = earlier.exclude(published_at=None).order_by("-number").first()
        others = edition.document.editions.exclude(number=number).order_by("-number")
        chosen = request.GET.get("against", "")
        against = (
            others.filter(number=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 10 else None
        )
        context = self.admin_site.each_context(request) | {
            "title": str(edition),
            "edition": edition,
            "document": edition.document,
            "is_published": published == edition,
            "rows": compared(published.source, edition.source) if published and published != edition else [],
            "before": before,
            "changed": compared(before.source, edition.source) if before and before != published else [],
            "draft": edition.document.draft,
            "others": list(others.values_list("number", flat=True)),
            "against": against,
            "between": compared(against.source, edition.source) if against else [],
            "may_restore": self.has_change_permission(request, edition.document),
        }
        return TemplateResponse(request, "admin/curriculum/document/edition.html", context)

    def publication(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Make an earlier text the published one again, as a new edition."""
        edition = self.found(pk, number)
        if not self.has_change_permission(request, edition.document):
            raise PermissionDenied
        if edition.published_at is None:
            raise Http404  # a draft is published where it is written
        try:
            made = restore(edition, author=request.user)
        except Refused as refused:
            reason = _("Nothing was changed. Line %(line)d: %(reason)s")
            messages.error(request, reason % {"line": refused.line, "reason": refused.reason})
        else:
            said = _(
                "The text of edition %(old)d is published again, as edition %(new)d. Work on its items is kept."
            )
            messages.success(request, said % {"old": number, "new": made.number})
            self.log_change(request, edition.document, made.message)
        return HttpResponseRedirect(reverse("admin:curriculum_document_change", args=[pk]))
