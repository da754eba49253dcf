"""A learner's own copy of a month, or of all of them, to take away."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from curriculum.models import Document
from curriculum.zips import packed
from people.request import Request
from progress.copies import copies_for, copy_for
from progress.learners import LEARNER, learner_or_404, plan_for


@require_safe
def month_copy(request: Request, learner: UUID, month: str) -> HttpResponse:
    """The file that the month stands in, with the learner's ticks."""
    membership, _role = learner_or_404(request.user, learner, only=LEARNER)
    planned = plan_for(membership).month(month)
    if planned is None:
        raise Http404
    document = get_object_or_404(Document.objects.select_related("published"), months=planned.pk)
    return attached(copy_for(membership, document), f"{planned.slug}.md", "text/markdown; charset=utf-8")


@require_safe
def curriculum_copy(request: Request, learner: UUID) -> HttpResponse:
    """All files of the curriculum as a ZIP."""
    membership, _role = learner_or_404(request.user, learner, only=LEARNER)
    curriculum = membership.cohort.curriculum
    return attached(packed(copies_for(membership, curriculum)), f"{curriculum.slug}.zip", "application/zip")


def attached(data: bytes, name: str, media_type: str) -> HttpResponse:
    """A file to be kept, not shown."""
    named = content_disposition_header(as_attachment=True, filename=name) or ""
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": named})
