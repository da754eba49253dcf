"""Three pages: one to read, one to tick, one to list."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from tests.bench.yardstick.models import Mark, News, Paper, Place, Step


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Five queries beside those for session and person, about 30 kB."""
    who: Any = request.user
    course = Place.objects.select_related("course").get(person=who).course
    steps: list[Any] = list(Step.objects.filter(course=course).order_by("week", "order"))
    marks = set(Mark.objects.filter(person=who).values_list("step", flat=True))
    papers = dict(Paper.objects.filter(person=who).values_list("step", "file"))
    for step in steps:
        step.done, step.paper = step.pk in marks, papers.get(step.pk)
    news = News.objects.filter(person=who).order_by("-told")[:10]
    return render(request, "page.html", {"course": course, "steps": steps, "news": news})


@login_required
@require_POST
def tick(request: HttpRequest, step: int) -> HttpResponse:
    """One row written or taken away, and the step as it is then."""
    who: Any = request.user
    found: Any = get_object_or_404(Step, pk=step, course__place__person=who)
    found.done = request.POST["done"] == "yes"
    if found.done:
        Mark.objects.bulk_create([Mark(person=who, step=found)], ignore_conflicts=True)
    else:
        Mark.objects.filter(person=who, step=found).delete()
    return render(request, "step.html", {"step": found})


@login_required
def table(request: HttpRequest) -> HttpResponse:
    """`n` rows of all that was handed in, with the exact count."""
    papers = Paper.objects.select_related("person").order_by("-sent")
    pages = Paginator(papers, int(request.GET["n"]))
    return render(request, "table.html", {"page": pages.get_page(request.GET.get("page"))})
