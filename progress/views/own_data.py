"""A person's own data: what there is, and all of it as an archive."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.request import Request
from progress.own_data import OwnData, zipped


@require_safe
def own_data(request: Request) -> HttpResponse:
    return render(request, "progress/own_data.html", {"data": OwnData(request.user)})


@require_safe
def own_data_archive(request: Request) -> StreamingHttpResponse:
    """Written while it is sent, from what there is at that moment; nothing is kept of it."""
    data = OwnData(request.user)
    response = StreamingHttpResponse(zipped(data.members()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{data.name}.zip"'
    response["Cache-Control"] = "private, no-store"
    # Otherwise the gzip middleware packs it once more.
    response["Content-Encoding"] = "identity"
    return response
