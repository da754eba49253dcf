"""A mentor records a defence."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from curriculum.models import Month
from people.request import Request
from progress import defence
from progress.forms import DefenceForm
from progress.learners import MENTOR, learner_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def defence_new(request: Request, learner: UUID, month: str) -> HttpResponse:
    """The form, and what it sends."""
    membership, _role = learner_or_404(request.user, learner, only=MENTOR)
    months = Month.objects.filter(curriculum=membership.cohort.curriculum_id, archived_at=None)
    row = get_object_or_404(months, slug=month)
    now = timezone.localtime().replace(second=0, microsecond=0)
    present = [str(membership.user.uuid), str(request.user.uuid)]
    initial = {"at": now, "minutes": 45, "present": present, "key": uuid4()}
    data = request.POST if request.method == "POST" else None
    form = DefenceForm(membership, row, data, initial=initial)
    if form.is_valid():
        try:
            defence.record(membership, row, request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The defence is recorded. You can name it as evidence now."))
            return redirect(reverse("progress:month_detail", args=[membership.uuid, row.slug]) + "#defences")
    context = {"form": form, "learner": membership, "month": row, "here": "desk"}
    context["zone"] = timezone.get_current_timezone_name()
    return render(request, "progress/defence_new.html", context, status=422 if form.is_bound else 200)
