"""Where a place is, said by hand."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from people.request import Request
from submissions.models import Anchor, Placement
from submissions.pointing import pointed
from submissions.talk import Talk
from submissions.views.talk import version_or_404


@require_POST
def placement_pin(request: Request, uuid: UUID) -> HttpResponse:
    """Pins an anchor to a place in one version; the form names it as it does for a new thread."""
    found = Anchor.objects.visible_to(request.user).select_related("version__submission")
    anchor = get_object_or_404(found, uuid=uuid)
    submission = anchor.version.submission
    version = version_or_404(submission, request.POST.get("version", ""))
    placement = get_object_or_404(Placement.objects.select_related("version"), anchor=anchor, version=version)
    try:
        placement.pin(request.user, *pointed(version, request.POST))
    except ValidationError as refusal:
        return again(request, Talk(submission, request.user, version), refusal)
    thread = anchor.threads.first()
    place = f"#thread-{thread.uuid}" if thread else ""
    return redirect(f"{submission.get_absolute_url()}?version={version.number}{place}")


def again(request: Request, talk: Talk, refusal: ValidationError) -> HttpResponse:
    """The form with what is wrong. A passage that was not found is shown; the outline offers the places there are."""
    outline = talk.outline
    assert outline is not None, "a version is shown"
    outline.chosen = request.POST.get("about", "")
    context = {
        "talk": talk,
        "submission": talk.submission,
        "outline": outline,
        "address": request.path,
        "errors": refusal.messages,
        "quote": request.POST.get("quote", ""),
        "fragment": "submissions/_pin.html",
    }
    return render(request, "submissions/form_again.html", context, status=422)
