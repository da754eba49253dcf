"""Whom a comment can call."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from people.request import Request
from submissions.models import Submission
from submissions.models.mention import audience


@require_safe
def people(request: Request, uuid: UUID) -> HttpResponse:
    """Whom a comment here can call by name: their names, without the person's own."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    names = [str(one) for one in audience(submission) if one != request.user]
    return JsonResponse({"names": names}, headers={"Cache-Control": "no-store"})
