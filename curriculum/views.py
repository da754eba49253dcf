"""Pages of the curriculum that are the same for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from curriculum.guide import guide


@require_safe
@login_not_required
def markdown_help(request: HttpRequest) -> HttpResponse:
    """How months are written, and how what is written differently is read. Nothing on it is anybody's: authors who have
    no log-in look their findings up here.
    """
    return render(request, "curriculum/markdown_help.html", guide(get_language() or "en"))
