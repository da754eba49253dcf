"""Curricula, with the way to their months and documents."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from curriculum.models import Curriculum, Month
from curriculum.zips import packed

from .intake import bring_in


@admin.register(Curriculum)
class CurriculumAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A curriculum's name; its months come from its documents."""

    list_display = ["title", "slug", "months", "lang"]
    search_fields = ["title", "slug"]
    readonly_fields = ["month_links", "document_links"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Curriculum | None = None) -> dict[str, Any]:
        """A new one's short name follows its title; that of one that is there is used in addresses."""
        return {} if obj else {"slug": ["title"]}

    def get_fields(self, request: HttpRequest, obj: Curriculum | None = None) -> Any:
        return ["title", "slug", "lang", *(["month_links", "document_links"] if obj else [])]

    def response_post_save_add(self, request: HttpRequest, obj: Curriculum) -> HttpResponseRedirect:
        """To its page, from which its months are written or brought in."""
        return HttpResponseRedirect(reverse("admin:curriculum_curriculum_change", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.intake)
        pack = self.admin_site.admin_view(require_safe(self.zip))
        return [
            path("intake/", view, name="curriculum_curriculum_intake"),
            path("<int:pk>/zip/", pack, name="curriculum_curriculum_zip"),
            *super().get_urls(),
        ]

    def zip(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All that is published of a curriculum, as it would be exported."""
        curriculum = get_object_or_404(Curriculum, pk=pk)
        if not self.has_view_permission(request, curriculum):
            raise PermissionDenied
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": f'attachment; filename="{curriculum.slug}.zip"',
        }
        return HttpResponse(packed(curriculum.documents.published()), headers=headers)

    def intake(self, request: HttpRequest) -> HttpResponse:
        """Brings Markdown files in, into a curriculum that is there or a new one."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {"title": gettext("Bring in Markdown")}
        return bring_in(request, context | {"opts": self.opts})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Curriculum]:
        live = Count("months", filter=Q(months__archived_at=None))
        return super().get_queryset(request).annotate(live_months=live)

    def has_delete_permission(self, request: HttpRequest, obj: Curriculum | None = None) -> bool:
        """Only of what holds nothing."""
        empty = obj is not None and not obj.documents.exists()
        return empty and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    @admin.display(description=_("months"), ordering="live_months")
    def months(self, curriculum: Curriculum) -> int:
        return int(getattr(curriculum, "live_months", 0))

    @admin.display(description=_("months"))
    def month_links(self, curriculum: Curriculum) -> SafeString | str:
        months = Month.objects.live().in_order().filter(curriculum=curriculum)
        return links(
            (reverse("admin:curriculum_month_change", args=[month.pk]), str(month)) for month in months
        )

    @admin.display(description=_("documents"))
    def document_links(self, curriculum: Curriculum) -> SafeString | str:
        documents = curriculum.documents.filter(archived_at=None) if curriculum.pk else []
        return links(
            (
                reverse("admin:curriculum_document_change", args=[document.pk]),
                document.path if document.published_id else gettext("%s (not published yet)") % document.path,
            )
            for document in documents
        )


def links(pairs: Any) -> SafeString | str:
    """A list of links, or a word on what will be there."""
    items = format_html_join("", '<li><a href="{}">{}</a></li>', pairs)
    if not items:
        return gettext("Nothing yet. “Write a month” and “Bring in Markdown” are above.")
    return format_html("<ul>{}</ul>", items)
