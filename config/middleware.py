"""What every request needs: a known person's time zone and language, and an answer that can be read."""

from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation


def person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Shows times in the person's zone and texts in their language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        with timezone.override(ZoneInfo(user.time_zone)), translation.override(user.language):
            return get_response(request)

    return middleware


def one_encoding(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Reads every form in UTF-8: no page of ours writes another, and Python fails at some that a request could name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.encoding = settings.DEFAULT_CHARSET
        return get_response(request)

    return middleware


def wrong_method(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Gives the empty answer to a method that an address does not serve as a page in our look."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response.get("Allow", "")
        return page

    return middleware


def usercontent(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """On the origin of what people hand in, where the site has one, nothing else answers and nobody is known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        origin = settings.USERCONTENT_ORIGIN
        if origin and request.get_host() == urlsplit(origin).netloc:
            request.COOKIES = {}
            request.urlconf = "config.usercontent"
        return get_response(request)

    return middleware
