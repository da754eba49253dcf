"""Every byte of what learners hand in, and the frame in which diagrams are drawn.

What people hand in is never a page of this site: each answer carries a policy of its own that lets nothing run
and nothing load, and says the type from our table, never from the file.
"""

import logging
import re
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from people.request import Request
from submissions import store
from submissions.formats import Form, cell_image
from submissions.models import File
from submissions.usercontent import signed_address, unsigned

logger = logging.getLogger(__name__)

NOTHING = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SVG = f"{NOTHING}; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""A drawing that is a picture in a page may have styles, and pictures and fonts inside itself."""
DRAWING = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
SHOWN_BY_PAGES = {Form.IMAGE, Form.SVG, Form.PDF}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")
PIECE = 64 * 1024


@require_safe
def file(request: Request, file: UUID, name: str) -> HttpResponseBase:
    """The file as it was handed in, to be saved."""
    return given(request, visible(request, file), "file")


@require_safe
def file_raw(request: Request, file: UUID, name: str) -> HttpResponseBase:
    """A picture, a drawing or a PDF, for the page that shows it. Opened by itself, only a picture is shown."""
    return given(request, visible(request, file), "raw")


@require_safe
def file_cell(request: Request, file: UUID, image: int) -> HttpResponseBase:
    """One picture that a notebook's cell put out."""
    return given(request, visible(request, file), f"cell-{image}")


@login_not_required
@require_safe
def signed(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A file on the other origin, for whoever the site has just sent there."""
    try:
        uuid, way = unsigned(token)
    except BadSignature:
        raise Http404 from None
    found = File.objects.filter(erased_at=None).select_related("blob")
    return answered(request, get_object_or_404(found, uuid=uuid), way)


@login_not_required
@xframe_options_sameorigin
@require_safe
def drawing(request: Request) -> HttpResponse:
    """The frame that draws one diagram: it is told the source by the page around it, and knows nothing else."""
    response = render(request, "submissions/drawing.html")
    response["Content-Security-Policy"] = DRAWING
    response["Cache-Control"] = "public, max-age=3600"
    return response


def visible(request: Request, uuid: UUID) -> File:
    return get_object_or_404(File.objects.visible_to(request.user).select_related("blob"), uuid=uuid)


def given(request: Request, row: File, way: str) -> HttpResponseBase:
    """A file to somebody who may see it: from here, or where the site has another origin for files, from there."""
    if row.erased_at:
        return render(request, "submissions/erased.html", {"file": row}, status=410)
    if not settings.USERCONTENT_ORIGIN:
        return answered(request, row, way)
    response = redirect(signed_address(row, way))
    response["Cache-Control"] = "private, no-store"
    return response


def answered(request: HttpRequest, row: File, way: str) -> HttpResponseBase:
    """A file to be saved (`file`), as a page shows it (`raw`), or one picture of a notebook (`cell-3`)."""
    if way == "file":
        return sent(request, row, as_attachment=True)
    if way == "raw":
        if row.form not in SHOWN_BY_PAGES:
            raise Http404
        return sent(request, row, as_attachment=row.form != Form.IMAGE)
    if row.form != Form.NOTEBOOK:
        raise Http404
    try:
        with store.lent(row.blob.sha256) as path:
            media_type, data = cell_image(path, int(way.removeprefix("cell-")))
    except (LookupError, FileNotFoundError):
        raise Http404 from None
    return guarded(HttpResponse(data, content_type=media_type), row, NOTHING)


def sent(request: HttpRequest, row: File, *, as_attachment: bool) -> HttpResponseBase:
    """The bytes, or the part of them that was asked for; 304 for who has them."""
    etag = f'"{row.blob.sha256}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return guarded(HttpResponse(status=304), row, policy(row))
    try:
        bytes_of = store.open_blob(row.blob.sha256)
    except FileNotFoundError:
        logger.exception("The blob of file %s is not in the store.", row.uuid)
        raise Http404 from None
    response: HttpResponseBase
    if settings.SENDFILE and store.is_on_disk():
        bytes_of.close()
        response = by_the_web_server(row)
    else:
        response = part_of(request, row, bytes_of, etag) or FileResponse(
            bytes_of, content_type=row.media_type
        )
        response["Content-Length"] = response.headers.get("Content-Length", str(row.blob.size))
    response["Content-Disposition"] = content_disposition_header(as_attachment, row.name) or "inline"
    return guarded(response, row, policy(row))


def by_the_web_server(row: File) -> HttpResponse:
    """An answer without its bytes: the web server in front puts them there, or the part that was asked for.

    It has to hand on our headers (deploy/nginx.conf does).
    """
    answer = HttpResponse(content_type=row.media_type)
    answer["X-Accel-Redirect"] = f"/blobs/{store.place_of(row.blob.sha256)}"
    return answer


def part_of(
    request: HttpRequest, row: File, bytes_of: BinaryIO, etag: str
) -> StreamingHttpResponse | HttpResponse | None:
    """The one range that was asked for (RFC 9110, 14.1.2), or None for the whole."""
    asked = RANGE.match(request.headers.get("Range", "").strip())
    if not asked or asked[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return None
    if asked[1] and asked[2] and int(asked[1]) > int(asked[2]):
        return None
    size = row.blob.size
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        bytes_of.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Content-Length": "0"})
    response = StreamingHttpResponse(
        pieces(bytes_of, first, last - first + 1), status=206, content_type=row.media_type
    )
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def pieces(bytes_of: BinaryIO, first: int, length: int) -> Iterator[bytes]:
    with bytes_of:
        bytes_of.seek(first)
        while length > 0 and (piece := bytes_of.read(min(PIECE, length))):
            length -= len(piece)
            yield piece


def policy(row: File) -> str:
    return SVG if row.form == Form.SVG else NOTHING


def guarded(response: HttpResponseBase, row: File, rules: str) -> HttpResponseBase:
    """Headers of every answer that holds what a learner handed in."""
    response["Content-Security-Policy"] = rules
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = (
        "cross-origin" if settings.USERCONTENT_ORIGIN else "same-origin"
    )
    if settings.USERCONTENT_ORIGIN:
        # The address alone is what opens it: no cookie is read there, so none is asked for.
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Accept-Ranges, Content-Length, Content-Range"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["ETag"] = f'"{row.blob.sha256}"'
    response["Accept-Ranges"] = "bytes"
    # Otherwise the gzip middleware packs it, and neither its length nor a part of it would be right.
    response["Content-Encoding"] = "identity"
    return response
