"""A mentor's desk."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.request import Request
from progress.desk import Desk


@require_safe
def desk(request: Request) -> HttpResponse:
    if not request.user.is_mentor:
        raise PermissionDenied
    return render(request, "progress/desk.html", {"desk": Desk(request.user, request.GET), "here": "desk"})
