"""Where a place is, said by hand."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from people.request import Request
from submissions.models import Anchor, Placement
from submissions.placing import spots
from submissions.pointing import pointed
from submissions.views.talk import version_or_404

FRAGMENT = "submissions/_placement.html"


@require_POST
def placement_pin(request: Request, uuid: UUID) -> HttpResponse:
    """Pins an anchor to a place in one version; the form names it as it does for a new thread."""
    found = Anchor.objects.visible_to(request.user).select_related("version__submission")
    anchor = get_object_or_404(found, uuid=uuid)
    submission = anchor.version.submission
    version = version_or_404(submission, request.POST.get("version", ""))
    placement = get_object_or_404(Placement.objects.select_related("version"), anchor=anchor, version=version)
    errors: list[str] = []
    try:
        placement.pin(request.user, *pointed(version, request.POST))
    except ValidationError as refusal:
        errors = refusal.messages
    thread = anchor.threads.first()
    if not (request.htmx or errors):
        place = f"#thread-{thread.uuid}" if thread else ""
        return redirect(f"{submission.get_absolute_url()}?version={version.number}{place}")
    context = {"submission": submission, "placement": placement, "errors": errors, "spots": spots(version)}
    template = FRAGMENT if request.htmx else "submissions/form_again.html"
    context |= {"about": request.POST.get("about", ""), "fragment": FRAGMENT}
    return render(request, template, context, status=422 if errors else 200)
