"""Words that could not be taken are given back to whoever typed them."""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from people.request import Request

FIELDS = {
    "body": gettext_lazy("Comment"),
    "summary": gettext_lazy("Summary"),
    "reason": gettext_lazy("Reason"),
    "text": gettext_lazy("Text"),
    "link": gettext_lazy("Link"),
    "system": gettext_lazy("System"),
    "title": gettext_lazy("Name"),
}
"""The fields that hold words, as the page calls them."""


def label_of(name: str) -> str:
    """What the page calls a field that holds words."""
    other = gettext("Answer") if name.startswith("answer-") else gettext("Note")
    return str(FIELDS.get(name, other))


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person wrote into the form, apart from its choices: what each field is called, and its words.

    Of files that came with it nothing is kept.
    """
    if not hasattr(request, "_files"):
        request.upload_handlers = []
    typed = ((label_of(name), request.POST[name]) for name in request.POST if is_words(name))
    return [(label, words) for label, words in typed if words.strip()]


def is_words(name: str) -> bool:
    """Whether a field of that name holds what a person wrote; the others hold choices, numbers and keys."""
    return name in FIELDS or name.endswith("note") or name.startswith("answer-")


def keeps_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A 404 or 403 gives back what was typed, such as to one who left the cohort meanwhile.

    The page is the same whether the thing is missing or a stranger's. Without words it is the usual one.
    """

    @functools.wraps(view)
    def kept(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Http404, PermissionDenied) as refusal:
            words = typed_in(request)
            if not words:
                raise
            status = 404 if isinstance(refusal, Http404) else 403
            return render(request, "submissions/words_kept.html", {"words": words}, status=status)

    return kept


def logged_out(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives the words of a form back that was sent after its person was logged out.

    The log-in page would lose them, and lead on to an address that shows nothing. A script keeps them by itself.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 302 or request.method != "POST" or "HX-Request" in request.headers:
            return response
        login = reverse(settings.LOGIN_URL)
        if response["Location"].split("?")[0] != login:
            return response
        came = urlsplit(request.headers.get("Referer", ""))
        again = f"{login}?{urlencode({'next': came.path})}" if came.netloc == request.get_host() else login
        words = typed_in(request)
        if not words:
            return redirect(again)
        return render(request, "logged_out.html", {"words": words, "login": again}, status=401)

    return middleware


def unavailable(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives the words of a form back that could not be taken because something of the machine was away."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if (
            response.status_code == 503
            and isinstance(response, TemplateResponse)
            and request.method == "POST"
        ):
            response.context_data = {**(response.context_data or {}), "words": typed_in(request)}
            response.content = response.rendered_content
        return response

    return middleware
