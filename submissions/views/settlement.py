"""Several threads at once: confirmed, dropped, or that taken back."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from people.request import Request
from submissions.models import Comment, Submission
from submissions.models.review import plain_words
from submissions.settlement import MOST, Settlement
from submissions.talk import Talk

ACTS = (Comment.Act.CONFIRM, Comment.Act.DROP)


@require_POST
def several(request: Request, uuid: UUID) -> HttpResponse:
    """Confirms or drops the threads that the form names; says of each that could not be why."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    submission.require_mentor(request.user)
    act, threads = request.POST.get("act"), ids(request, "thread")
    if act not in ACTS:
        raise BadRequest("several threads are confirmed or dropped")
    settlement = Settlement(submission, request.user)
    settlement.settle(act, threads, *ids(request, "key")[:1])
    count = len(settlement.done)
    if act == Comment.Act.CONFIRM:
        told = ngettext("%(n)s comment is confirmed.", "%(n)s comments are confirmed.", count)
    else:
        told = ngettext("%(n)s comment is dropped.", "%(n)s comments are dropped.", count)
    nothing = _("Nothing was selected.") if not threads else ""
    return answer(request, settlement, nothing or told % {"n": count})


@require_POST
def undo(request: Request, uuid: UUID) -> HttpResponse:
    """Takes back the person's own confirmations and drops that the form names."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    settlement = Settlement(submission, request.user)
    settlement.undo(ids(request, "comment"))
    if not settlement.done and not settlement.refused:
        raise Http404
    count = len(settlement.done)
    told = ngettext("Taken back, as it was before.", "%(n)s taken back, as they were before.", count)
    return answer(request, settlement, told % {"n": count})


def ids(request: Request, name: str) -> list[UUID]:
    """The public ids that a form sends under a name. Raises BadRequest for anything else."""
    try:
        return [forms.UUIDField().clean(value) for value in request.POST.getlist(name)[:MOST]]
    except ValidationError:
        raise BadRequest("threads and comments are named by their ids") from None


def answer(request: Request, settlement: Settlement, told: str) -> HttpResponse:
    """The list of threads with what was done, and by thread what was not possible; without a script the page."""
    if not settlement.done and settlement.refused:
        told = _("Nothing was changed.")
    refused = [
        (Truncator(plain_words(thread.asked or "")).chars(60), why) for thread, why in settlement.refused
    ]
    if request.htmx:
        talk = Talk(settlement.submission, request.user)
        context = {"talk": talk, "submission": talk.submission, "swapped": True}
        context |= {"told": told, "not_possible": refused}
        return render(request, "submissions/_threads.html", context)
    (messages.success if settlement.done else messages.warning)(request, told)
    for words, why in refused:
        messages.warning(request, f"“{words}”: {why}")
    return redirect(settlement.submission)
