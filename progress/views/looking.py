"""What changed in a month, and that its learner has seen it."""

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from curriculum.models import Edition, Month
from people.request import Request
from progress import news
from progress.forms import LookForm
from progress.learners import LEARNER, dates_of, learner_or_404, plan_for
from progress.looking import ShownChange
from progress.models import Look
from progress.month_page import MonthPage


@require_safe
def month_changes(request: Request, learner: UUID, month: str) -> HttpResponse:
    """Item by item, from the edition that the learner has seen to the published one."""
    membership, role = learner_or_404(request.user, learner, only=LEARNER, month=month)
    plan = plan_for(membership)
    planned = plan.month(month)
    if planned is None:
        raise Http404
    page = MonthPage(membership, role, planned, dates_of(membership, plan.months))
    shown = [ShownChange(change, page.rows.get(change.key)) for change in page.changes]
    context = {"page": page, "changes": shown, "learner": membership, "month": planned, "here": "path"}
    return render(request, "progress/month_changes.html", context)


@require_POST
def month_look(request: Request, learner: UUID, month: str) -> HttpResponse:
    """The learner has seen the month as the edition has it that the form names."""
    membership, _role = learner_or_404(request.user, learner, only=LEARNER)
    planned = plan_for(membership).month(month)
    if planned is None or membership.ended_at is not None:
        raise Http404
    form = LookForm(request.POST)
    if not form.is_valid():
        raise BadRequest("a look names an edition")
    row = Month.objects.select_related("document").get(pk=planned.pk)
    editions = Edition.objects.filter(document=row.document, published_at__isnull=False).defer(
        "source", "outline"
    )
    Look.objects.take(membership, row, get_object_or_404(editions, uuid=form.cleaned_data["edition"]))
    news.settle_reworded(membership, row)
    return redirect("progress:month_detail", membership.uuid, planned.slug)
