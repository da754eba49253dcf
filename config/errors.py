"""Error pages in our own look; none needs the database."""

import errno
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AWAY = _("The database of this server cannot be reached at the moment.")
FULL = _("The disk of this server is full, so nothing can be saved at the moment. Reading goes on.")
READ_ONLY = _("This server can only be read at the moment, so nothing can be saved.")
BUSY = _("This server has too much to do at the moment.")
SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_CANTOPEN": AWAY,
    "SQLITE_IOERR": AWAY,
    "SQLITE_PROTOCOL": BUSY,
}
"""By the first two words of the error's name."""
POSTGRESQL = {
    "53100": FULL,
    "25006": READ_ONLY,
    "53": BUSY,  # no memory, no connections left
    "55": BUSY,  # a lock that was not to be had in time
    "57014": BUSY,  # a question that took too long
    "40": BUSY,  # two that waited for each other
    "08": AWAY,
    "57P": AWAY,
    "58": AWAY,
}
"""By the beginning of the error's state, longest first."""
DISK = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY}


def page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return page(request, 413 if too_much else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of ours; or, where it is one of the machine, which passes, the sentence that says so."""
    sentence = outage(sys.exc_info()[1])
    return unavailable(request, sentence) if sentence else page(request, 500)


def unavailable(request: HttpRequest, sentence: Promise | str) -> HttpResponse:
    """503: a page, or for a script its words alone."""
    headers = {"Retry-After": "30", "Cache-Control": "no-store"}
    if "HX-Request" in request.headers:
        again = _("Nothing was saved, as far as the server knows; try again in a few minutes.")
        plain = "text/plain; charset=utf-8"
        return HttpResponse(f"{sentence} {again}", status=503, content_type=plain, headers=headers)
    context = {"sentence": sentence, "was_sent": request.method == "POST"}
    return TemplateResponse(request, "503.html", context, status=503, headers=headers)


def outage(error: BaseException | None) -> Promise | str:
    """What an error says about the machine, in a sentence; nothing when it says something about our code."""
    if isinstance(error, OSError):
        # Where files are kept, an error comes with a sentence of its own.
        return getattr(error, "sentence", "") or DISK.get(error.errno or 0, "")
    if not isinstance(error, Error):
        return ""
    told = error.__cause__
    if name := getattr(told, "sqlite_errorname", ""):
        return SQLITE.get("_".join(name.split("_")[:2]), "")
    if state := getattr(told, "sqlstate", None):
        return next((POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in POSTGRESQL), "")
    # PostgreSQL's driver has no state for a connection that was not made, or broke.
    is_broken = type(told).__module__.startswith("psycopg") and type(error).__name__ in BROKEN
    return AWAY if is_broken else ""


BROKEN = {"OperationalError", "InterfaceError"}


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """A form that came without its key: an old tab, or another site."""
    return render(request, "403_csrf.html", status=403)
