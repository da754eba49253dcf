"""Bringing a fork: first what would happen, then the same files once more, for good."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from curriculum.admin.intake import kept
from people.models import Membership
from people.request import Request
from progress.fork import Fork
from progress.forms import ForkForm
from progress.learners import LEARNER, learner_or_404, plan_for


@require_http_methods(["GET", "HEAD", "POST"])
def fork(request: Request, learner: UUID) -> HttpResponse:
    """The form; with files what they would change, and with `apply` they do, if it still is what was shown."""
    membership, _role = learner_or_404(request.user, learner, only=LEARNER)
    if membership.ended_at is not None:
        raise Http404
    if request.method != "POST":
        return page_of(request, membership, ForkForm())
    form = ForkForm(request.POST, request.FILES)
    if not form.is_valid():
        return page_of(request, membership, form, status=422)
    brought = Fork(membership, plan_for(membership), form.brought, request.POST.dict())
    is_asked = "apply" in request.POST and not form.cleaned_data["markdown"]
    if is_asked and request.POST.get("seen") == brought.seen:
        return told(request, brought)
    context = {"fork": brought, "kept": kept([(file.name, file.data) for file in brought.good])}
    context["is_stale"] = is_asked
    status = 409 if is_asked else 200 if brought.good else 422
    return page_of(request, membership, form, status, **context)


def page_of(
    request: Request, learner: Membership, form: ForkForm, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"learner": learner, "form": form, "here": "path"}
    return render(request, "progress/fork.html", context, status=status)


def told(request: Request, brought: Fork) -> HttpResponse:
    """Does it, says what was done, and goes to the month, or to the path where there are several."""
    ticks, notes = brought.apply()
    said = [
        ngettext("%(count)d task was ticked.", "%(count)d tasks were ticked.", ticks) % {"count": ticks},
        ngettext("%(count)d note was written.", "%(count)d notes were written.", notes) % {"count": notes},
    ]
    if ticks or notes:
        messages.success(
            request, " ".join(each for each, count in zip(said, (ticks, notes), strict=True) if count)
        )
    else:
        messages.info(request, _("Nothing was changed: all of it is here already."))
    months = {month.slug for file in brought.good for month in file.months}
    if len(months) == 1:
        return redirect("progress:month_detail", brought.learner.uuid, months.pop())
    return redirect("progress:learner_path", brought.learner.uuid)
