"""The submission's page, one for learner and mentor, and the end of a review."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people.request import Request
from progress.finish import Sheet
from progress.learners import MENTOR
from progress.models import EntryText
from progress.room import Room, submission_or_404
from submissions.models import Review
from submissions.pointing import number
from submissions.views.words import keeps_words, typed_in


def number_of(request: Request) -> int | None:
    """The version that the address names; None for the newest."""
    number = request.GET.get("version")
    if number is None:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Http404
    return int(number)


def page(request: Request, room: Room, sheet: Sheet | None = None) -> HttpResponse:
    if sheet is None and room.draft is not None:
        sheet = Sheet(room, room.draft)
    context = {
        "room": room,
        "sheet": sheet,
        "submission": room.submission,
        "learner": room.learner,
        "month": room.submission.month,
        "role": room.role,
        "talk": room.talk,
        "hand_in": room.hand_in,
        "editable": room.editable,
        "here": "desk" if room.role == MENTOR else "path",
    }
    status = sheet.status if sheet else 200
    return render(request, "progress/submission_detail.html", context, status=status)


def about_of(request: Request) -> str:
    """The place that the outline names; of a file with many pages, a page by its number."""
    about, page = request.GET.get("about", ""), number(request.GET.get("page", ""))
    return f"{about}:page:{page}" if about and page else about


@require_safe
def submission_detail(request: Request, uuid: UUID) -> HttpResponse:
    """Reading it writes nothing: a version counts as opened only when a mentor begins a review."""
    submission = submission_or_404(request.user, uuid)
    room = Room(submission, request.user, number_of(request), about_of(request))
    with suppress(ValueError):
        room.pin = UUID(request.GET.get("pin", ""))
    with suppress(ValueError):
        room.talk.wanted = UUID(request.GET.get("thread", ""))
    return page(request, room)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_words
def review_finish(request: Request, uuid: UUID) -> HttpResponse:
    """Sends the review with its marks; `carry=yes` takes the draft to the newest version instead.

    Asked for as a page, such as after a refused form, it leads to the submission's page with the sheet open.
    """
    submission = submission_or_404(request.user, uuid)
    submission.require_mentor(request.user)
    if request.method != "POST":
        return redirect(f"{submission.get_absolute_url()}#finish")
    found = Review.objects.filter(version__submission=submission, mentor=request.user)
    try:
        wanted = UUID(request.POST.get("review", ""))
    except ValueError:
        raise Http404 from None
    review = get_object_or_404(found.select_related("version__submission__learner"), uuid=wanted)
    room = Room(submission, request.user)
    if not review.is_draft:
        return sent_before(request, room, review)
    sheet = Sheet(room, review, request.POST)
    if request.POST.get("carry") == "yes":
        sheet.carry_over()
    elif sheet.send():
        return sent(request, room)
    fresh = Room(submission_or_404(request.user, uuid), request.user)
    sheet.room = fresh
    return page(request, fresh, sheet)


def sent_before(request: Request, room: Room, review: Review) -> HttpResponse:
    """The review was sent already: the same again is as good as the first time, and other words are given back."""
    notes = EntryText.objects.filter(name="note", entry__learner=room.learner, entry__author=request.user)
    said = {review.summary, *notes.values_list("text", flat=True)}
    words = [
        (label, text) for label, text in typed_in(request) if text.replace("\r\n", "\n").strip() not in said
    ]
    if not words and request.POST.get("verdict", review.verdict) == review.verdict:
        return sent(request, room)
    context = {"words": words, "review": review}
    return render(request, "submissions/words_kept.html", context, status=409)


def sent(request: Request, room: Room) -> HttpResponse:
    """Where a mentor goes after sending a review: on to the next, or back to the page."""
    messages.success(
        request,
        _("Your review of “%(work)s” is sent to %(name)s.")
        % {"work": room.submission, "name": room.learner.user},
    )
    if request.POST.get("then") != "next":
        return redirect(room.submission)
    if room.next:
        return redirect("progress:submission_detail", room.next)
    messages.info(request, _("Nothing else waits for you."))
    return redirect("progress:desk")
