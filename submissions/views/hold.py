"""Beginning a review, and the hold on it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from people.request import Request
from submissions.models import Held, Hold, Review, Submission, Version
from submissions.talk import Talk
from submissions.views.talk import version_or_404


@require_POST
def opening(request: Request, uuid: UUID) -> HttpResponse:
    """Begin a review of the version that the form names, or of the newest, which then cannot be taken back.

    Takes the hold if it is free; `over=yes` takes it from another mentor.
    """
    submission = get_object_or_404(Submission.objects.visible_to(request.user).with_state(), uuid=uuid)
    submission.require_mentor(request.user)
    version = version_or_404(submission, request.POST.get("version") or str(submission.last_number))
    try:
        if request.POST.get("over") == "yes":
            Hold.objects.take_over(submission, request.user)
        else:
            Hold.objects.take(submission, request.user)
        Review.objects.begin(version, request.user)
    except Held as held:
        messages.warning(
            request,
            _("%(name)s began to review this just now. You can read it, or take it over.")
            % {"name": held.hold.mentor},
        )
    except Version.DoesNotExist:
        messages.warning(
            request, _("The learner has taken this version back. There is nothing to review now.")
        )
    return redirect(submission)


@require_POST
def hold(request: Request, uuid: UUID) -> HttpResponse:
    """Puts the own hold into the state that the form names: `taken`, `renewed` or `released`."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    submission.require_mentor(request.user)
    state, status = request.POST.get("state"), 200
    with transaction.atomic():
        if state == "renewed":
            running = Hold.objects.renew(submission, request.user)
            status = 200 if running and running.mentor_id == request.user.pk else 409
        elif state == "taken":
            Hold.objects.take_over(submission, request.user)
        elif state == "released":
            Hold.objects.release(submission, request.user)
        else:
            raise BadRequest("a hold is taken, renewed or released")
    if not request.htmx:
        return redirect(submission)
    fresh = Submission.objects.select_related("hold__mentor").get(pk=submission.pk)
    context = {"talk": Talk(fresh, request.user), "submission": fresh}
    return render(request, "submissions/_hold.html", context, status=status)
