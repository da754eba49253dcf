"""What the open page of a submission asks for every few seconds."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from people.request import Request
from progress.stamp import stamp


@require_safe
def news(request: Request, uuid: UUID) -> HttpResponse:
    """The stamp of what the person may see now: when it differs from the page's, the page looks again."""
    now = stamp(request.user, uuid)
    if now is None:
        raise Http404
    return HttpResponse(now, content_type="text/plain", headers={"Cache-Control": "no-store"})
