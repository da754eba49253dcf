"""A mentor's desk and their cohorts."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from people.models import Cohort
from people.request import Request
from progress.cohort_page import CohortPage
from progress.desk import Desk


@require_safe
def desk(request: Request) -> HttpResponse:
    if not request.user.is_mentor:
        raise PermissionDenied
    return render(request, "progress/desk.html", {"desk": Desk(request.user, request.GET), "here": "desk"})


@require_safe
def cohort_detail(request: Request, cohort: UUID) -> HttpResponse:
    cohorts = Cohort.objects.mentored_by(request.user)
    found = get_object_or_404(cohorts.select_related("curriculum"), uuid=cohort)
    context = {"page": CohortPage(found), "cohort": found, "cohorts": cohorts, "here": "desk"}
    return render(request, "progress/cohort_detail.html", context)
