"""Memberships: transfers, own mentors, endings."""

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin.acts import Kept, done, log
from people.models import Absence, Cohort, Membership, User


class MembershipForm(ModelForm[Membership]):
    """A transfer stays within the curriculum, whose months the work hangs on; an extension has a reason."""

    is_extended = False
    """Whether the extension is another one than before."""
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "Why the dates are extended: for the log alone, no mentor and no learner reads it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "extension_days" in self.fields:
            self.fields["extension_days"].required = False

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        data, before = self.cleaned_data, self.instance
        self.clean_extension(data, before)
        cohort = data.get("cohort") or (before.cohort if before.pk else None)
        if cohort is None:
            return data
        if before.pk and cohort.curriculum_id != Cohort.objects.get(memberships=before.pk).curriculum_id:
            self.add_error(
                "cohort", _("This cohort follows another curriculum; end this membership and invite anew.")
            )
        mentor = data.get("mentor")
        if mentor and (data.get("role") or before.role) == Membership.Role.MENTOR:
            self.add_error("mentor", _("Only learners have an own mentor."))
        elif mentor and not cohort.has_mentor(mentor):
            self.add_error("mentor", _("This person is no mentor of the cohort."))
        return data

    def clean_extension(self, data: dict[str, Any], row: Membership) -> None:
        """Days need a first day, which is today unless another is given, and any change needs a reason."""
        if "extension_days" not in self.fields or "extension_days" in self.errors:
            return
        days = data["extension_days"] = data.get("extension_days") or 0
        before = row.extension_days, row.extended_from
        row.extend(days, data.get("extended_from"))
        data["extended_from"] = row.extended_from
        self.is_extended = (row.extension_days, row.extended_from) != before
        if self.is_extended and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why, for the log."))


class AbsenceForm(ModelForm[Absence]):
    """Days of a mentor who is away, with another mentor of the cohort for them."""

    class Meta:
        model = Absence
        fields = ["first", "last", "stand_in"]


class AbsenceFormSet(BaseInlineFormSet[Absence, Membership, ModelForm[Absence]]):
    """Two absences that are entered at once are apart too."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [
            form.instance for form in self.forms if form.instance.first and form not in self.deleted_forms
        ]
        for one, other in pairwise(sorted(rows, key=lambda row: row.first)):
            if other.first <= one.last:
                raise ValidationError(
                    _("These absences touch each other: %(days)s."),
                    params={"days": f"{one.days}; {other.days}"},
                )


class AbsenceInline(admin.TabularInline[Absence, Membership]):
    """An absence is a plan, as a pause is: one that was entered by mistake may be removed."""

    model = Absence
    form = AbsenceForm
    formset = AbsenceFormSet
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "stand_in":
            mentors = Membership.objects.current().mentors().values("user")
            kwargs["queryset"] = User.objects.filter(pk__in=mentors)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MentorAction(ActionForm):
    """The list of memberships gives many learners one own mentor."""

    mentor = forms.ModelChoiceField(
        label=gettext_lazy("Own mentor:"), queryset=User.objects.none(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mentors = Membership.objects.current().mentors().values("user")
        self.fields["mentor"].queryset = User.objects.filter(pk__in=mentors)  # type: ignore[attr-defined]


@admin.register(Membership)
class MembershipAdmin(Kept, admin.ModelAdmin[Membership]):
    form = MembershipForm
    action_form = MentorAction
    list_display = ["user", "cohort", "role", "mentor", "starts", "joined_at", "ended_at"]
    list_filter = ["cohort", "role", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "cohort", "mentor"]
    search_fields = ["user__name", "user__email"]
    autocomplete_fields = ["user"]
    actions = ["end", "set_mentor"]
    fields = ("user", "cohort", "role", "mentor", "starts", "joined_at", "ended_at")
    inlines = [AbsenceInline]

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Own dates are a learner's."""
        if obj is None:
            return self.fields
        if obj.role != Membership.Role.LEARNER:
            return [name for name in self.fields if name not in ("mentor", "starts")]
        return [*self.fields[:5], "extension_days", "extended_from", "reason", *self.fields[5:]]

    def get_inlines(self, request: HttpRequest, obj: Membership | None) -> Any:
        """A mentor of a cohort may be away from it."""
        is_mentor = obj is not None and obj.role == Membership.Role.MENTOR and obj.ended_at is None
        return self.inlines if is_mentor else []

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return ["user", "role", "joined_at", "ended_at"] if obj else ["joined_at", "ended_at"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mentor":
            mentors = Membership.objects.current().mentors().values("user")
            kwargs["queryset"] = User.objects.filter(pk__in=mentors)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        before = form.initial.get("cohort")
        super().save_model(request, obj, form, change)
        if change and before != obj.cohort_id:
            obj.tell_left(before)
        obj.cohort.write_starts()

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """An extension is logged with its days and its reason."""
        if not form.is_extended:
            return super().construct_change_message(request, form, formsets, add)
        row = form.instance
        said = (
            _("Dates extended by %(days)s days from %(first)s.")
            if row.extension_days
            else _("Extension taken back.")
        )
        said = said % {"days": row.extension_days, "first": row.extended_from}
        others = set(form.changed_data) - {"extension_days", "extended_from", "reason"}
        named = _("Changed: %(names)s.") % {"names": ", ".join(sorted(others))} if others else ""
        parts = [said, form.cleaned_data["reason"], named]
        return " ".join(part for part in parts if part)

    @admin.action(description=gettext_lazy("End: their rights are gone at once, their work stays"))
    def end(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        memberships = list(queryset.filter(ended_at=None))
        for membership in memberships:
            membership.end()
        log(request, memberships, _("Ended."))
        done(
            request,
            ngettext("%d membership has ended.", "%d memberships have ended.", len(memberships)),
            memberships,
        )

    @admin.action(description=gettext_lazy("Set the own mentor chosen here"))
    def set_mentor(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        chosen = MentorAction(request.POST).fields["mentor"]
        try:
            mentor = chosen.clean(request.POST.get("mentor"))
        except ValidationError:
            mentor = None
        if mentor is None:
            messages.error(request, _("Choose a mentor beside the action. Nothing was changed."))
            return
        mentored = Cohort.objects.mentored_by(mentor)
        learners = list(queryset.learners().filter(cohort__in=mentored, ended_at=None))  # type: ignore[attr-defined]
        Membership.objects.filter(pk__in=[learner.pk for learner in learners]).update(mentor=mentor)
        log(request, learners, _("Own mentor: %(mentor)s.") % {"mentor": mentor})
        done(
            request,
            ngettext("%d learner has a new mentor.", "%d learners have a new mentor.", len(learners)),
            learners,
        )
        left = queryset.count() - len(learners)
        if left:
            sentence = _("%(count)s were left: no learners, or %(mentor)s does not mentor their cohort.")
            messages.warning(request, sentence % {"count": left, "mentor": mentor})
