"""What admins see and do about the work: what waits, and a mentor who is replaced by another."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin import CohortAdmin
from people.admin.acts import Kept, log
from people.admin.pages import CohortPage
from people.models import Cohort, Membership, User
from submissions.models import State, Submission
from submissions.models.work import Turn
from submissions.succession import Succession, loads, replace


class WaitsFilter(admin.SimpleListFilter):
    """What waits for a mentor, what waits too long, or all."""

    title = gettext_lazy("waits")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("for a mentor")), ("long", gettext_lazy("too long"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        waiting = {"yes": Submission.objects.queued, "long": Submission.objects.overdue}.get(
            self.value() or ""
        )
        return queryset.filter(pk__in=waiting().order_by().values("pk")) if waiting else queryset


class WorkList(Kept, admin.ModelAdmin[Submission]):
    """The list of all work, with what waits and for whom. Nothing is changed here; one work is shown by `progress`."""

    list_display = ["subject", "who", "cohort", "since", "whose"]
    list_filter = [WaitsFilter, "learner__cohort"]
    search_fields = ["learner__user__name", "learner__user__email", "deliverable__text", "project__title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        related = ("learner__user", "learner__cohort", "deliverable__month", "project__month", "idea")
        return Submission.objects.with_state().with_turn_told().select_related(*related)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["waiting_since", "pk"] if WaitsFilter.parameter_name in request.GET else ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    @admin.display(description=gettext_lazy("work"))
    def subject(self, row: Submission) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("learner"))
    def who(self, row: Submission) -> str:
        return str(row.learner.user)

    @admin.display(description=gettext_lazy("cohort"))
    def cohort(self, row: Submission) -> str:
        return str(row.learner.cohort)

    @admin.display(description=gettext_lazy("waits since"))
    def since(self, row: Submission) -> Any:
        return row.waiting_since if row.state == State.WAITING else None

    @admin.display(description=gettext_lazy("whose turn"))
    def whose(self, row: Submission) -> str | None:
        if row.state != State.WAITING:
            return None
        turn = Turn.of(row)
        return turn.words if turn else _("any mentor of the cohort")


class ReplacementForm(forms.Form):
    """Who goes and who takes over."""

    leaving = forms.ModelChoiceField(Membership.objects.none(), label=gettext_lazy("Who goes"))
    successor = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who takes over"))
    drafts = forms.BooleanField(
        label=gettext_lazy("Who takes over goes on with the reviews that were begun and not sent"),
        required=False,
        initial=True,
    )

    def __init__(self, cohort: Cohort, data: Any = None) -> None:
        super().__init__(data)
        mentors = Membership.objects.current().mentors().filter(cohort=cohort).select_related("user")
        leaving: Any = self.fields["leaving"]
        leaving.queryset = mentors
        leaving.label_from_instance = lambda row: str(row.user)
        successor: Any = self.fields["successor"]
        successor.queryset = User.objects.filter(pk__in=mentors.values("user"))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"leaving", "successor"} <= set(data) and data["leaving"].user == data["successor"]:
            self.add_error("successor", _("This is who goes. Choose another mentor of the cohort."))
        return data


def replacement(request: HttpRequest, cohort: Cohort, context: dict[str, Any]) -> HttpResponse:
    """Ends a mentor's membership; another takes over all that hung on it."""
    form = ReplacementForm(cohort, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            done = replace(said["leaving"], said["successor"], drafts=said["drafts"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            tell(request, cohort, said["leaving"], said["successor"], done)
            return redirect(reverse("admin:people_cohort_change", args=[cohort.pk]))
    mentors = loads(cohort)
    context |= {"mentors": mentors, "form": form if len(mentors) > 1 else None, "here": _("Replace a mentor")}
    context["button"] = _("Replace")
    context["about"] = (
        _(
            "The membership of who goes ends at once, and with it what they hold. Their own learners, and what waits"
            " for them, go to who takes over. What they have said and marked stays theirs."
        )
        if len(mentors) > 1
        else _("This cohort has no second mentor who could take over. Invite one first.")
    )
    return render(request, "admin/submissions/replacement.html", context, status=422 if form.errors else 200)


def tell(
    request: HttpRequest, cohort: Cohort, leaving: Membership, successor: User, done: Succession
) -> None:
    """Says what was done, and logs it with everybody whom it concerns."""
    names = {"leaving": leaving.user, "successor": successor}
    log(request, [leaving], _("Ended: %(successor)s took over.") % names)
    log(request, done.learners, _("Own mentor: %(successor)s, for %(leaving)s, who left.") % names)
    counts = [
        ngettext("%d learner", "%d learners", len(done.learners)) % len(done.learners),
        ngettext("%d work that waited", "%d works that waited", done.waiting) % done.waiting,
        ngettext("%d review not sent yet", "%d reviews not sent yet", len(done.drafts)) % len(done.drafts),
        ngettext("%d open invitation", "%d open invitations", done.invitations) % done.invitations,
        ngettext("%d hold ended", "%d holds ended", done.holds) % done.holds,
    ]
    sentence = _("%(successor)s took over from %(leaving)s: %(counts)s.")
    sentence %= names | {"counts": ", ".join(counts)}
    log(request, [cohort], sentence)
    messages.success(request, sentence)
    if done.left_drafts:
        left = ngettext(
            "%d review was begun and not sent: any mentor of the cohort can take it over on the work's page.",
            "%d reviews were begun and not sent: any mentor of the cohort can take them over on the work's page.",
            done.left_drafts,
        )
        messages.warning(request, left % done.left_drafts)
    for absence in done.alone:
        messages.warning(
            request,
            _("Nobody stands in any more for %(absence)s. Choose somebody else.") % {"absence": absence},
        )


CohortAdmin.pages.append(CohortPage("replacement", gettext_lazy("Replace a mentor"), replacement))
