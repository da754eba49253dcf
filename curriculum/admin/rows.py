"""The lists of a month's page, each with the form of its rows."""

from typing import Any

import nested_admin
from django.db.models import ForeignKey, QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from curriculum.models import (
    Criterion,
    Deliverable,
    Detail,
    Idea,
    Objective,
    Project,
    Resource,
    Section,
    Task,
    Week,
)

from .forms import CriterionForm, OneLine, ProjectForm, RequirementForm, RowForm, WeekForm


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
