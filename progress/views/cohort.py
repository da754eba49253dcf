"""A cohort's page, and its list as a sheet."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from curriculum.pages import plan_of, published_state
from people.models import Cohort
from people.request import Request
from progress.cohort_page import CohortPage
from progress.cohort_sheet import CohortSheet
from progress.plots import Plots


def page_of(request: Request, uuid: UUID) -> CohortPage:
    """The page of a cohort that the user mentors, or may see as an admin; Http404 for any other."""
    found: Any = get_object_or_404(
        Cohort.objects.visible_to(request.user)
        .select_related("curriculum")
        .annotate(**published_state("curriculum")),
        uuid=uuid,
    )
    plan = plan_of(found.curriculum_id, (found.newest_edition, found.live_documents))
    return CohortPage(found, plan, request.GET)


@require_safe
def cohort_detail(request: Request, cohort: UUID) -> HttpResponse:
    page = page_of(request, cohort)
    cohorts = list(Cohort.objects.mentored_by(request.user))
    mentors = page.cohort in cohorts
    context = {"page": page, "plots": Plots(page.board), "cohort": page.cohort}
    # An admin who does not mentor here sees the sums, and nothing leads on into anybody's work.
    context |= {"cohorts": cohorts, "mentors": mentors, "here": "desk" if mentors else ""}
    return render(request, "progress/cohort_detail.html", context)


@require_safe
def cohort_sheet(request: Request, cohort: UUID) -> HttpResponse:
    sheet = CohortSheet(page_of(request, cohort))
    named = content_disposition_header(as_attachment=True, filename=sheet.name)
    return HttpResponse(
        sheet.content, content_type=sheet.media_type, headers={"Content-Disposition": named or ""}
    )
