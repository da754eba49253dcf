"""What an admin who writes a document would show to learners."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from curriculum.markdown import Refused
from curriculum.models import Document
from people.request import Request
from progress.preview import Draft


@require_POST
def preview(request: Request, document: UUID) -> HttpResponse:
    """Draws the text that is sent, and keeps nothing of it."""
    if not request.user.has_perm("curriculum.change_document"):
        raise PermissionDenied
    found = get_object_or_404(Document.objects.select_related("curriculum"), uuid=document)
    draft = Draft(request.POST.get("text", "").replace("\r\n", "\n"), found.kind)
    context = {"document": found, "draft": draft, "refused": None}
    try:
        context["months"] = draft.months
    except Refused as refused:
        context["refused"] = refused
    return render(request, "progress/preview.html", context, status=422 if context["refused"] else 200)
