"""Finding things from every page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from people.request import Request
from progress.search import Search

LISTED, SHOWN = 5, 30
"""Of each kind: in the list below the field, on the page."""


@require_safe
@vary_on_headers("HX-Request")  # one address, two answers: going back must not show the list as a page
def search(request: Request) -> HttpResponse:
    """The page, and the list below the field of every other page while somebody types."""
    found = Search(request.user, request.GET, LISTED if request.htmx else SHOWN)
    template = "progress/_search_list.html" if request.htmx else "progress/search.html"
    context = {"search": found, "here": "search"}
    return render(request, template, context, status=422 if found.error else 200)
