"""Memberships: transfers, own mentors, endings."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin.acts import Kept, done, log
from people.models import Cohort, Membership, User


class MembershipForm(ModelForm[Membership]):
    """A transfer stays within the curriculum, whose months the work hangs on."""

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        data, before = self.cleaned_data, self.instance
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
    fields = ["user", "cohort", "role", "mentor", "starts", "joined_at", "ended_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return ["user", "role", "joined_at", "ended_at"] if obj else ["joined_at", "ended_at"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mentor":
            mentors = Membership.objects.current().mentors().values("user")
            kwargs["queryset"] = User.objects.filter(pk__in=mentors)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        obj.cohort.write_starts()

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
