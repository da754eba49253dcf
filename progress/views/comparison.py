"""Two versions of a submission beside each other."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.request import Request
from progress.comparison import Comparison
from progress.learners import MENTOR
from progress.room import submission_or_404


@require_safe
def comparison(request: Request, uuid: UUID) -> HttpResponse:
    """`from` and `to` name the versions, `view` how they are shown, `file` the only one that is.

    `thread`: the one whose place is sought.
    """
    found = Comparison(submission_or_404(request.user, uuid), request.user, request.GET)
    context = {
        "page": found,
        "submission": found.submission,
        "learner": found.submission.learner,
        "month": found.submission.month,
        "role": found.role,
        "here": "desk" if found.role == MENTOR else "path",
    }
    return render(request, "progress/comparison.html", context)
