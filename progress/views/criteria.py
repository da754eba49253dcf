"""What is done about one criterion: the learner's claim, and the mentor's mark."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from curriculum.markdown import render_inline
from curriculum.models import Criterion
from people.models import Membership
from people.request import Request
from progress import record
from progress.evidence import choices, find, place_value
from progress.forms import ClaimForm, MarkForm
from progress.learners import LEARNER, MENTOR, learner_or_404
from progress.month_page import ShownCriterion
from progress.room import submission_or_404
from progress.standing import CriterionStanding, Standing
from submissions.models import Anchor
from submissions.places import ShownPlace
from submissions.pointing import pointed
from submissions.views.talk import version_or_404
from submissions.views.words import keeps_words


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_words
def claim(request: Request, learner: UUID, criterion: UUID) -> HttpResponse:
    """The learner thinks that the criterion is met: the form, and what it sends."""
    membership, row = criterion_of(request, learner, criterion, LEARNER)
    if request.method != "POST":
        return answer(request, membership, row, LEARNER)
    form = ClaimForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            evidence = find(membership, said["evidence"])
            record.claim(membership, row, request.user, said["note"], **evidence.named)
        except ValidationError as error:
            form.add_error(None, error)
    return answer(request, membership, row, LEARNER, form)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_words
def mark(request: Request, learner: UUID, criterion: UUID) -> HttpResponse:
    """A mentor decides: the form, and what it sends.

    When another mark came first, both texts are shown and nothing is recorded.
    """
    membership, row = criterion_of(request, learner, criterion, MENTOR)
    if request.method != "POST":
        return answer(request, membership, row, MENTOR)
    form, entry = MarkForm(request.POST), None
    if form.is_valid():
        said = form.cleaned_data
        try:
            evidence = find(membership, said["evidence"]).named | {"seen": said["seen"]}
            entry = record.mark(membership, row, request.user, said["decision"], said["note"], **evidence)
        except record.Stale as stale:
            return answer(request, membership, row, MENTOR, form, other=stale.entry)
        except ValidationError as error:
            form.add_error(None, error)
    return answer(request, membership, row, MENTOR, form, mark=entry)


@require_POST
@keeps_words
def evidence_new(request: Request, uuid: UUID) -> HttpResponse:
    """A place in a version, as the form of a new comment names it, and the criteria that it may be evidence for.

    Nothing is written: each button sends a claim. What was typed as a comment is offered as its note.
    """
    submission = submission_or_404(request.user, uuid)
    submission.learner.require_learner(request.user)
    version = version_or_404(submission, request.POST.get("version", ""))
    context = {
        "submission": submission,
        "version": version,
        "learner": submission.learner,
        "note": request.POST.get("body", ""),
        "criteria": list(Standing(submission.learner, submission.month).criteria.values()),
    }
    try:
        file, selectors = pointed(version, request.POST)
    except ValidationError as refusal:
        return render(request, "progress/evidence.html", context | {"errors": refusal.messages}, status=422)
    anchor = Anchor(version=version, file=file, selectors=selectors)
    value = place_value(version, (file, selectors)) if file or selectors else f"version:{version.uuid}"
    context |= {"place": ShownPlace(anchor, None, None), "value": value}
    return render(request, "progress/evidence.html", context)


def criterion_of(request: Request, learner: UUID, criterion: UUID, only: str) -> tuple[Membership, Criterion]:
    """A criterion of the learner's curriculum, for the one role that may act on it here."""
    membership, _role = learner_or_404(request.user, learner, only=only)
    rows = Criterion.objects.filter(month__curriculum=membership.cohort.curriculum_id)
    return membership, get_object_or_404(rows.select_related("month"), uuid=criterion)


def answer(
    request: Request,
    learner: Membership,
    row: Criterion,
    role: str,
    form: ClaimForm | None = None,
    **more: Any,
) -> HttpResponse:
    """The criterion as it stands now: the fragment, or for a plain request a page of its own or the way back.

    Its form is open where nothing was sent yet (no `form`), and where what was sent is kept. `more` may hold `other`,
    somebody else's mark that came first, and `mark`, the one that was made.
    """
    kept = bool(form and form.errors) or "other" in more
    is_open = kept or form is None
    if not request.htmx and not is_open:
        return redirect(f"{way_back(request, learner, row)}#criterion-{row.uuid}")
    month = Standing(learner, row.month)
    standing = month.criteria.get(row.pk) or CriterionStanding(row, binds=False)
    mark = more.get("mark")
    completed = bool(
        mark and month.complete and month.completion and month.completion.number == mark.number + 1
    )
    context = more | {
        # Sanitised by render_inline.
        "criterion": ShownCriterion(str(row.uuid), mark_safe(render_inline(row.text)), row.text),
        "standing": standing,
        "learner": learner,
        "role": role,
        "evidence": choices(learner, row.month) if is_open else None,
        "typed": form if kept else None,
        "place": place_of(form) if form and kept else None,
        "chosen": request.GET.get("evidence"),
        "next": way_back(request, learner, row),
        "page": {"standing": month},
        "completed": completed,
        "swapped": bool(request.htmx),
        "month": row.month,
    }
    status = 409 if "other" in more else 422 if kept else 200
    template = "progress/_criterion.html" if request.htmx else "progress/criterion.html"
    response = render(request, template, context, status=status)
    return (
        trigger_client_event(response, "month-complete", {"month": row.month.slug}) if completed else response
    )


def place_of(form: ClaimForm) -> tuple[str, str] | None:
    """A place that was sent as evidence, which no list offers yet: its value, and words for it."""
    value = str(form.data.get("evidence", ""))
    return (value, gettext("The place that you chose")) if value.startswith("place:") else None


def way_back(request: Request, learner: Membership, row: Criterion) -> str:
    """The page of this site that the form is for, else the month."""
    sent = request.POST if request.method == "POST" else request.GET
    path = sent.get("next", "").partition("#")[0]
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, None):
        return path
    return reverse("progress:month_detail", args=[learner.uuid, row.month.slug])
