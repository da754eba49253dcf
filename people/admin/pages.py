"""Pages of the admin about one cohort, beside its form; apps above add theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.admin.acts import log
from people.forms import DayInput
from people.models import Cohort


@dataclass(frozen=True)
class CohortPage:
    """A page about one cohort."""

    name: str
    """The last part of its address; its URL name is `admin:people_cohort_` and this."""
    label: Any
    view: Callable[[HttpRequest, Cohort, dict[str, Any]], HttpResponse]
    """Gets what every page of the admin shows as its third argument."""

    @property
    def url_name(self) -> str:
        return f"admin:people_cohort_{self.name}"


class CopyForm(forms.Form):
    """What a copied cohort is called, when it begins, and what it takes over."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    starts = forms.DateField(label=gettext_lazy("First day"), widget=DayInput)
    pauses = forms.ChoiceField(
        label=gettext_lazy("Pauses"),
        choices=[
            ("none", gettext_lazy("none: enter them afterwards")),
            ("moved", gettext_lazy("as many days after the first day as here")),
        ],
        initial="none",
        widget=forms.RadioSelect,
    )
    mentors = forms.BooleanField(label=gettext_lazy("The same mentors"), required=False)


def copy(request: HttpRequest, cohort: Cohort, context: dict[str, Any]) -> HttpResponse:
    """Makes another cohort like this one, without its learners."""
    form = CopyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            other = cohort.copy(
                said["name"], said["starts"], mentors=said["mentors"], pauses=said["pauses"] == "moved"
            )
        except ValidationError as refusal:
            for name, errors in refusal.message_dict.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            log(request, [other], _("Copied from %(cohort)s.") % {"cohort": cohort}, ADDITION)
            messages.success(
                request,
                _("%(cohort)s is there, with the months' first days. Look at its notice and its pauses.")
                % {"cohort": other},
            )
            return redirect(reverse("admin:people_cohort_change", args=[other.pk]))
    context |= {"form": form, "button": _("Make the copy"), "here": _("Copy")}
    context["about"] = _(
        "Taken over: curriculum, pace, time zone, review days, notice and where people talk. The months' first days"
        " follow from the new first day. Learners and invitations stay where they are."
    )
    return render(request, "admin/people/cohort/page.html", context, status=422 if form.errors else 200)
