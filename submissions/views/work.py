"""Handing in: the draft, its files, submitting, taking back, and what a project is built for."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from curriculum.models import Deliverable, Project
from people.models import Membership
from people.request import Request
from submissions.forms import SystemForm
from submissions.handin import HandIn
from submissions.models import File, Stale, Submission, Version
from submissions.refusals import Refused
from submissions.showing import ShownVersion, rendered_text
from submissions.system import System
from submissions.talk import Talk
from submissions.upload import FORM_SIZE, StoreUploadHandler
from submissions.views.words import keeps_words

Subject = TypeVar("Subject", Project, Deliverable)


def own_learner(request: Request, uuid: UUID) -> Membership:
    """The membership, for the learner alone and while it lasts; 404 for strangers, 403 for mentors."""
    found = Membership.objects.visible_to(request.user).select_related("cohort")
    learner = get_object_or_404(found, uuid=uuid)
    learner.require_learner(request.user)
    return learner


def own_submission(request: Request, uuid: UUID) -> Submission:
    """The submission, for its learner alone; 404 for strangers, 403 for mentors."""
    found = Submission.objects.visible_to(request.user)
    submission = get_object_or_404(found.select_related("learner", "deliverable", "project"), uuid=uuid)
    submission.learner.require_learner(request.user)
    return submission


def panel(request: Request, hand_in: HandIn) -> HttpResponse:
    """The hand-in as it is now, with what was typed and what was refused: the panel, or a page of its own.

    That page has beside it what it answers: the last version, and what was said about it.
    """
    context: dict[str, Any] = {"hand_in": hand_in}
    if request.htmx:
        return render(request, "submissions/_hand_in.html", context, status=hand_in.status)
    context |= {"submission": hand_in.submission, "here": "path"}
    context["talk"] = Talk(hand_in.submission, request.user)
    context["shown"] = ShownVersion(hand_in.last) if hand_in.last else None
    return render(request, "submissions/hand_in.html", context, status=hand_in.status)


def answer(request: Request, hand_in: HandIn, fragment: str) -> HttpResponse:
    """The fragment for a script. Without one: back to the submission, or the page with what was not taken."""
    if request.htmx:
        return render(request, f"submissions/{fragment}.html", {"hand_in": hand_in}, status=hand_in.status)
    if hand_in.status != 200:
        return panel(request, hand_in)
    return redirect(f"{hand_in.url}#hand-in")


@require_POST
def start(request: Request, learner: UUID) -> HttpResponse:
    """Opens the page for work on a deliverable or a project, once for each."""
    membership = own_learner(request, learner)
    kind = "project" if "project" in request.POST else "deliverable"
    uuid = request.POST.get(kind, "")
    work: dict[str, Any] = {
        kind: subject_or_404(Project, uuid, membership)
        if kind == "project"
        else subject_or_404(Deliverable, uuid, membership)
    }
    submission, _made = Submission.objects.get_or_create(learner=membership, **work)
    return redirect("progress:submission_detail", submission.uuid)


def takes_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For what the hand-in's form can be sent to: without a script it comes whole, with the files that were chosen.

    Who may is decided before a byte of them is read; the form's key is checked after that.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @require_POST
    @functools.wraps(view)
    def receiving(request: Request, submission: UUID, **more: Any) -> HttpResponse:
        own = own_submission(request, submission)
        if length_of(request) > settings.VERSION_LIMIT + FORM_SIZE:
            return render(request, "413.html", status=413)
        handler = StoreUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return checked(request, own, handler, **more)
        finally:
            handler.discard()

    return receiving


def length_of(request: Request) -> int:
    """The bytes that a request says it has; 0 where it says no number, as Django takes it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def written(request: Request, submission: Submission, *, words: bool = True) -> HandIn:
    """The hand-in after what was typed is saved, if `words`.

    A script saves that by itself while files come and go: saving it there too would make its next save a stale one.
    """
    typed = request.POST  # Asking for it reads the whole request, the files too.
    hand_in = HandIn(submission, request.user, typed if words else None)
    hand_in.write()
    return hand_in


@keeps_words
@takes_files
def draft(request: Request, submission: Submission, handler: StoreUploadHandler) -> HttpResponse:
    """Saves what was typed; with `start`, begins the next version."""
    hand_in = written(request, submission)
    hand_in.take(handler.arrived)
    if "start" in request.POST:
        hand_in.begin()
    return answer(request, hand_in, "_saved")


@keeps_words
@takes_files
def preview(request: Request, submission: Submission, handler: StoreUploadHandler) -> HttpResponse:
    """The text as it will be shown. Without a script, the draft is saved and shown whole."""
    text = rendered_text(request.POST.get("text", "")[: settings.TEXT_LIMIT])
    if request.htmx:
        return render(request, "submissions/_preview.html", {"html": text})
    hand_in = written(request, submission)
    hand_in.take(handler.arrived)
    if hand_in.status != 200:
        hand_in.preview = text
        return panel(request, hand_in)
    context = {"hand_in": hand_in, "shown": ShownVersion(hand_in.begin())}
    return render(request, "submissions/preview.html", context)


@takes_files
def file_add(request: Request, submission: Submission, handler: StoreUploadHandler) -> HttpResponse:
    """Takes files into the draft."""
    hand_in = written(request, submission, words=not request.htmx)
    if handler.arrived:
        hand_in.take(handler.arrived)
    else:
        hand_in.refused.append((_("No file"), Refused("no-file").sentence))
    return answer(request, hand_in, "_draft_files")


@keeps_words
@takes_files
def file_remove(
    request: Request, submission: Submission, handler: StoreUploadHandler, file: UUID
) -> HttpResponse:
    """Takes a file out of the draft."""
    row = File.objects.filter(version__submission=submission, version__submitted_at=None, uuid=file)
    hand_in = written(request, submission, words=not request.htmx)
    if hand_in.draft:
        hand_in.remove(get_object_or_404(row))
    hand_in.take(handler.arrived)
    return answer(request, hand_in, "_draft_files")


@keeps_words
@takes_files
def submission_submit(request: Request, submission: Submission, handler: StoreUploadHandler) -> HttpResponse:
    """Hands in what the form says. A second click finds it handed in, and changes nothing."""
    hand_in, typed = HandIn(submission, request.user), request.POST
    if handler.arrived:
        # Files are looked into before anybody has to wait for the row.
        hand_in = written(request, submission)
        hand_in.take(handler.arrived)
    done = hand_in.status == 200
    if done:
        with transaction.atomic():
            submission.lock()
            hand_in = HandIn(submission, request.user, typed)
            done = hand_in.write() and hand_in.status == 200 and hand_in.submit()
    if not done:
        hand_in.answers.check()
        return panel(request, hand_in)
    messages.success(request, _("Handed in. Your mentor sees it on their desk now."))
    return redirect(hand_in.url)


@require_POST
def take_back(request: Request, version: UUID) -> HttpResponse:
    """Makes the version the draft again, until a mentor has opened it."""
    found = Version.objects.visible_to(request.user).select_related("submission__learner")
    row = get_object_or_404(found, uuid=version)
    row.submission.learner.require_learner(request.user)
    hand_in = HandIn(row.submission, request.user)
    try:
        row.take_back()
    except ValidationError as error:
        hand_in.problems = error.messages
        return panel(request, hand_in)
    messages.success(request, _("Taken back: it is your draft again, and nobody else sees it."))
    return redirect(f"{hand_in.url}#hand-in")


@require_POST
def discard(request: Request, version: UUID) -> HttpResponse:
    """Throws the draft away. One that was handed in meanwhile stays, and its page says so."""
    found = Version.objects.visible_to(request.user).select_related("submission__learner")
    row = get_object_or_404(found, uuid=version)
    row.submission.learner.require_learner(request.user)
    try:
        row.discard()
    except Stale:
        messages.warning(request, _("This version was handed in meanwhile, so it stays."))
    else:
        messages.success(request, _("Your draft is thrown away."))
    return redirect(row.submission)


@require_POST
@keeps_words
def system(request: Request, learner: UUID, project: UUID) -> HttpResponse:
    """Chooses what a project is built for."""
    membership = own_learner(request, learner)
    row = subject_or_404(Project, str(project), membership)
    form = SystemForm(request.POST)
    idea = row.ideas.filter(uuid=form.idea_id).first() if form.is_valid() and form.idea_id else None
    if form.is_valid() and form.idea_id and idea is None:
        form.add_error("idea", _("This idea is no longer part of the project. Choose another."))
    before = Submission.objects.filter(learner=membership, project=row).first()
    if form.is_valid() and idea and form.cleaned_data["system"] not in ("", before.system if before else ""):
        form.add_error("system", _("You wrote a system of your own: choose “My own…”, or empty this."))
    if form.is_valid():
        submission, _made = Submission.objects.get_or_create(learner=membership, project=row)
        submission.choose_system(idea, form.cleaned_data["system"])
    chosen = System.of(membership, row, editable=True, form=None if form.is_valid() else form)
    status = 200 if form.is_valid() else 422
    if request.htmx or status == 422:
        template = "submissions/_system.html" if request.htmx else "submissions/system.html"
        context = {"system": chosen, "learner": membership, "saved": status == 200}
        return render(request, template, context, status=status)
    return redirect("progress:month_detail", membership.uuid, row.month.slug)


def subject_or_404(model: type[Subject], uuid: str, learner: Membership) -> Subject:
    """A project or deliverable of the learner's curriculum that the month still has."""
    try:
        wanted = UUID(uuid)
    except ValueError:
        raise Http404 from None
    found = model.objects.live().filter(
        month__curriculum=learner.cohort.curriculum_id, month__archived_at=None
    )
    return get_object_or_404(found.select_related("month"), uuid=wanted)
