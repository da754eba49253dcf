"""Words that could not be taken are given back to whoever typed them."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render

from people.request import Request

FIELDS = {"body", "summary", "reason", "text", "link", "system"}


def typed_in(request: Request) -> list[str]:
    """What a person wrote into the form, apart from its choices."""
    values = (request.POST[name] for name in request.POST if is_words(name))
    return [value for value in values if value.strip()]


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
            if not hasattr(request, "_files"):
                request.upload_handlers = []  # Of files nothing is kept.
            words = typed_in(request)
            if not words:
                raise
            status = 404 if isinstance(refusal, Http404) else 403
            return render(request, "submissions/words_kept.html", {"words": words}, status=status)

    return kept
