"""Cohorts: their dates, their members, and inviting many at once."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.addresses import Roster, decoded
from people.admin.acts import Kept, admin_of, done, log, mail, mentors_of
from people.admin.pages import CohortPage, copy
from people.models import Absence, Cohort, Membership, MonthStart, Pause, User, known_zone

ANEW = "_anew"
"""The button that saves a cohort and writes the starts of its later months anew."""


class MonthStartFormSet(BaseInlineFormSet[MonthStart, Cohort, ModelForm[MonthStart]]):
    """Months begin in the order of the plan, and none before its cohort."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.has_changed():
            return
        forms = {form.instance.month_id: form for form in self.forms}
        starts = {month: form.instance.starts for month, form in forms.items()}
        for month, reason in self.instance.misplaced(starts).items():
            forms[month].add_error("starts", reason)


class MonthStartInline(Kept, admin.TabularInline[MonthStart, Cohort]):
    model = MonthStart
    formset = MonthStartFormSet
    fields = ["month", "starts"]
    extra = 0
    readonly_fields = ["month"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[MonthStart]:
        return super().get_queryset(request).select_related("month")


class PauseInline(admin.TabularInline[Pause, Cohort]):
    """A pause is a plan, and no work hangs on it: one that was entered by mistake may be removed."""

    model = Pause
    extra = 0


class MemberInline(Kept, admin.TabularInline[Membership, Cohort]):
    model = Membership
    fields = ["person", "role", "mentor", "starts", "joined_at", "ended_at"]
    readonly_fields = ["person", "role", "mentor", "starts", "joined_at", "ended_at"]
    extra = 0
    verbose_name_plural = gettext_lazy("members")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "cohort", "mentor")

    @admin.display(description=gettext_lazy("person"))
    def person(self, membership: Membership) -> SafeString:
        url = reverse("admin:people_membership_change", args=[membership.pk])
        return format_html('<a href="{}">{}</a> {}', url, membership.user, membership.user.email)


class PeopleForm(forms.Form):
    """A list of people to invite into a cohort: pasted, or a file."""

    text = forms.CharField(
        label=gettext_lazy("People"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: ana@example.org, Ana <ana@example.org>, or rows of a table."),
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Membership.Role)
    mentor = forms.ModelChoiceField(
        label=gettext_lazy("Own mentor"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("none yet"),
    )
    FILE_SIZE = 1024 * 1024

    def __init__(self, cohort: Cohort, *data: Any) -> None:
        super().__init__(*data)
        self.cohort = cohort
        self.fields["mentor"].queryset = mentors_of(cohort)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("role") == Membership.Role.MENTOR and data.get("mentor"):
            self.add_error("mentor", _("Only learners have an own mentor."))
        file = data.get("file")
        if file and file.size > self.FILE_SIZE:
            raise ValidationError(_("This file is larger than 1 MB. Cut it in parts."))
        text = decoded(file.read()) if file else data.get("text", "")
        if not text.strip():
            raise ValidationError(_("Paste some addresses, or choose a file."))
        data["text"] = text
        self.roster = Roster(self.cohort, text)
        return data


class CohortForm(forms.ModelForm[Cohort]):
    class Meta:
        model = Cohort
        fields: ClassVar[list[str]] = ["time_zone"]
        help_texts = {
            "time_zone": gettext_lazy(
                "Where its days begin and end. Type a city or a region, such as Lisbon."
            ),
            "notice": gettext_lazy("A few words on every learner's path."),
            "talk_url": gettext_lazy("A link on every learner's path, such as to your chat."),
        }

    def clean_time_zone(self) -> str:
        return known_zone(self.cleaned_data["time_zone"])


@admin.register(Cohort)
class CohortAdmin(Kept, admin.ModelAdmin[Cohort]):
    form = CohortForm
    list_display = ["name", "curriculum", "starts", "learners", "mentors", "ended_at"]
    list_filter = ["curriculum", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["curriculum"]
    search_fields = ["name"]
    date_hierarchy = "starts"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ["move_starts"]
    inlines = [MonthStartInline, PauseInline, MemberInline]
    fields = [
        "name",
        "curriculum",
        "starts",
        "pace",
        "time_zone",
        "review_days",
        "notice",
        "talk_url",
        "ended_at",
    ]

    pages: ClassVar[list[CohortPage]] = [CohortPage("copy", gettext_lazy("Copy"), copy)]
    """Further pages about one cohort; an app above appends its own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        current = Q(memberships__ended_at=None)
        return (
            super()
            .get_queryset(request)
            .annotate(
                learner_count=Count("memberships", current & Q(memberships__role="learner")),
                mentor_count=Count("memberships", current & Q(memberships__role="mentor")),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> list[str]:
        # Learners' work hangs on the curriculum's months.
        return ["curriculum"] if obj and obj.memberships.exists() else []

    @admin.display(description=gettext_lazy("learners"), ordering="learner_count")
    def learners(self, cohort: Any) -> int:
        return int(cohort.learner_count)

    @admin.display(description=gettext_lazy("mentors"), ordering="mentor_count")
    def mentors(self, cohort: Any) -> int:
        return int(cohort.mentor_count)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"time_zone": admin_of(request).time_zone} | super().get_changeform_initial_data(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Writes the dates that follow. Those of a cohort that has begun stay, unless the admin asks for new ones."""
        cohort: Cohort = form.instance
        before = dict(cohort.month_starts.values_list("month", "starts")) if change else {}
        begun = change and cohort.month_starts.filter(starts__lte=cohort.today()).exists()
        super().save_related(request, form, formsets, change)
        if change and "time_zone" in form.changed_data:
            for absence in Absence.objects.ahead().filter(membership__cohort=cohort):
                absence.save()  # whose days begin and end with the cohort's
        plans = {"starts", "pace"} & set(form.changed_data) or any(
            formset.model is Pause and formset.has_changed() for formset in formsets
        )
        if change and plans and not begun:
            cohort.move_starts()
            messages.info(request, _("The months' first days were written anew: the cohort has not begun."))
            moved = [
                f"{row.month.label or row.month.title}: {date_format(before[row.month_id])} → {date_format(row.starts)}"
                for row in cohort.month_starts.select_related("month")
                if before.get(row.month_id, row.starts) != row.starts
            ]
            if moved:
                messages.info(request, ", ".join(moved))
        elif change and plans and ANEW not in request.POST:
            said = _(
                "The months' first days stay as they were told. To write those that lie ahead anew, press"
                " “Save and move later months” on the cohort's page."
            )
            messages.warning(request, said)
        cohort.write_starts()

    def response_change(self, request: HttpRequest, obj: Cohort) -> HttpResponse:
        if ANEW not in request.POST:
            return super().response_change(request, obj)
        self.move_starts(request, Cohort.objects.filter(pk=obj.pk))
        return redirect("admin:people_cohort_change", obj.pk)

    @admin.action(description=gettext_lazy("Write the starts of later months anew, by pace and pauses"))
    def move_starts(self, request: HttpRequest, queryset: QuerySet[Cohort]) -> None:
        cohorts = []
        for cohort in queryset:
            before = set(cohort.month_starts.values_list("month", "starts"))
            cohort.move_starts()
            if set(cohort.month_starts.values_list("month", "starts")) != before:
                cohorts.append(cohort)
        if not cohorts:
            messages.info(
                request, _("Nothing was changed: the months that lie ahead have these dates already.")
            )
            return
        log(request, cohorts, _("Wrote the starts of later months anew."))
        done(
            request,
            ngettext("The dates of %d cohort are new.", "The dates of %d cohorts are new.", len(cohorts)),
            cohorts,
        )

    def get_urls(self) -> list[URLPattern]:
        add_people = self.admin_site.admin_view(self.add_people)
        pages = [
            path(
                f"<int:pk>/{page.name}/",
                self.admin_site.admin_view(partial(self.show_page, page)),
                name=page.url_name.removeprefix("admin:"),
            )
            for page in self.pages
        ]
        return [
            path("<int:pk>/people/", add_people, name="people_cohort_add_people"),
            *pages,
            *super().get_urls(),
        ]

    def show_page(self, page: CohortPage, request: HttpRequest, pk: int) -> HttpResponse:
        """One of the further pages."""
        cohort = get_object_or_404(Cohort.objects.select_related("curriculum"), pk=pk)
        if not self.has_change_permission(request, cohort):
            raise PermissionDenied
        title = _("%(cohort)s: %(page)s") % {"cohort": cohort, "page": page.label}
        context = self.admin_site.each_context(request)
        return page.view(request, cohort, {**context, "title": title, "opts": self.opts, "cohort": cohort})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, (extra_context or {}) | {"pages": self.pages}
        )

    def add_people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Invites many: the first POST shows what would happen, the one with `apply` or `mail` does it."""
        cohort = get_object_or_404(Cohort, pk=pk)
        if not self.has_change_permission(request, cohort):
            raise PermissionDenied
        form = (
            PeopleForm(cohort, request.POST, request.FILES)
            if request.method == "POST"
            else PeopleForm(cohort)
        )
        roster = None
        if request.method == "POST" and form.is_valid():
            if {"apply", "mail"} & set(request.POST):
                return self.invite(request, cohort, form)
            roster = form.roster
            # The file's text goes into the form: the next POST carries it, and it can be put right here.
            form = PeopleForm(cohort, {**request.POST.dict(), "text": form.cleaned_data["text"]})
        page = {
            **self.admin_site.each_context(request),
            "title": _("Add people to %(cohort)s") % {"cohort": cohort},
            "opts": self.opts,
            "cohort": cohort,
            "form": form,
            "roster": roster,
        }
        status = 422 if form.is_bound and not roster else 200
        return render(request, "admin/people/cohort/add_people.html", page, status=status)

    def invite(self, request: HttpRequest, cohort: Cohort, form: PeopleForm) -> HttpResponse:
        """Writes the invitations and shows them."""
        data = form.cleaned_data
        written = form.roster.invite(admin_of(request), data["role"], data["mentor"])
        if written:
            log(request, written, _("Invited from a list."), ADDITION)
            log(request, [cohort], _("Invited people from a list: %(count)s.") % {"count": len(written)})
        if "mail" in request.POST:
            mail(request, written)
        done(
            request,
            ngettext("%d invitation was written.", "%d invitations were written.", len(written)),
            written,
        )
        left = [f"{entry.line}: {entry.reason}" for entry in form.roster.entries if entry.reason]
        if left:
            messages.warning(request, _("Lines left out: %(lines)s") % {"lines": " · ".join(left[:20])})
        if "mail" not in request.POST:
            messages.info(request, _("No mail was sent: copy the links below, or send them with the action."))
        return redirect(f"{reverse('admin:people_invitation_changelist')}?cohort__id__exact={cohort.pk}")
