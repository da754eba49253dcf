"""The start page, a learner's path, a month, and the ticks on it."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from curriculum.models import Task
from curriculum.pages import content_of
from curriculum.prepared import Prepared
from people.letters import as_read_by
from people.models import Membership, User
from people.request import Request
from progress import news
from progress.calendar import calendar_of
from progress.forms import CompletionForm, NoteForm
from progress.learners import LEARNER, dates_of, learner_or_404, others_of, plan_for
from progress.models import Completion, OtherNote
from progress.month_page import MonthPage, TickableTask, neighbours
from progress.path import Path
from submissions.views.words import keeps_words


@require_safe
def home(request: Request) -> HttpResponse:
    """Sends everybody to where their work is."""
    user = request.user
    if user.is_learner:
        return redirect("progress:path")
    if user.is_mentor:
        return redirect("progress:desk")
    if user.is_staff:
        return redirect("admin:index")
    ended = Membership.objects.filter(user=user).select_related("cohort")
    return render(request, "progress/home.html", {"ended": ended})


@require_safe
def path(request: Request) -> HttpResponse:
    """The own path, in the newest cohort that has begun; for who learns in none, what there is instead."""
    try:
        learner, role = learner_or_404(request.user, None)
    except Http404:
        return redirect("progress:home")
    return show_path(request, learner, role)


@require_safe
def learner_path(request: Request, learner: UUID) -> HttpResponse:
    return show_path(request, *learner_or_404(request.user, learner))


def show_path(request: Request, learner: Membership, role: str) -> HttpResponse:
    plan = plan_for(learner)
    shown = Path(learner, role, plan.months, dates_of(learner, plan.months))
    context = {
        "units": plan.units,
        "path": shown,
        "learner": learner,
        "role": role,
        "here": "path" if role == LEARNER else "desk",
    }
    context["editable"] = shown.editable
    if role == LEARNER:
        context["others"] = others_of(learner)
    return render(request, "progress/path.html", context)


@require_safe
def curriculum_detail(request: Request, learner: UUID) -> HttpResponse:
    """The page of a learner's whole curriculum: its dashboard where it has one, and its months."""
    membership, role = learner_or_404(request.user, learner)
    plan, curriculum = plan_for(membership), membership.cohort.curriculum
    months = {
        month.path: reverse("progress:month_detail", args=[membership.uuid, month.slug])
        for month in reversed(plan.months)
    }
    context = {
        "units": plan.units,
        "path": Path(membership, role, plan.months, dates_of(membership, plan.months)),
        "dashboard": mark_safe(plan.dashboard.linked(months, curriculum.title)) if plan.dashboard else "",
        "learner": membership,
        "role": role,
        "editable": False,
        "here": "path" if role == LEARNER else "desk",
    }
    return render(request, "progress/curriculum_detail.html", context)


@require_safe
def month_detail(request: Request, learner: UUID, month: str) -> HttpResponse:
    membership, role = learner_or_404(request.user, learner, month=month)
    plan = plan_for(membership)
    planned = plan.month(month)
    if planned is None:
        raise Http404
    page = MonthPage(membership, role, planned, dates_of(membership, plan.months))
    context = {
        "page": page,
        "learner": membership,
        "role": role,
        "editable": page.editable,
    }
    context |= {
        "around": neighbours(plan.months, month),
        "units": plan.units,
        "month": planned,
        "here": "path" if role == LEARNER else "desk",
    }
    return render(request, "progress/month_detail.html", context)


def task_of(request: Request, learner: UUID, task: UUID) -> tuple[Membership, Task]:
    """A learner's own task, to be ticked by that learner."""
    own = _own(request.user.pk, learner)
    membership = own[0] if own else learner_or_404(request.user, learner, only=LEARNER)[0]
    found = _task(membership.cohort.curriculum_id, task) if membership.ended_at is None else []
    if not found:
        raise Http404
    return membership, found[0]


@Prepared
def _own(user: int, uuid: UUID) -> QuerySet[Membership]:
    return Membership.objects.learners().filter(user=user, uuid=uuid).select_related("cohort").order_by()


@Prepared
def _task(curriculum: int, uuid: UUID) -> QuerySet[Task]:
    texts = ("month__document__published__source", "month__document__published__outline")
    found = Task.objects.live().filter(month__curriculum=curriculum, uuid=uuid)
    return found.select_related("month__document__published").defer(*texts).order_by()


def task_answer(
    request: Request, learner: Membership, task: Task, row: Completion | None, form: NoteForm | None = None
) -> HttpResponse:
    """The task as it stands now, in `row`: the fragment, or for a plain form the page at the task."""
    if not request.htmx and not form:
        month = reverse("progress:month_detail", args=[learner.uuid, task.month.slug])
        return redirect(f"{month}#task-{task.uuid}")
    edition = task.month.document.published
    assert edition is not None  # a task is written by publishing
    content = content_of(edition.uuid)[task.month.uuid]
    shown = TickableTask.by(content.items[str(task.uuid)], content, row)
    context = {"task": shown, "learner": learner, "editable": True, "form": form}
    template = "progress/_task.html" if request.htmx else "progress/task_again.html"
    return render(request, template, context, status=422 if form else 200)


@require_POST
def completion(request: Request, learner: UUID, task: UUID) -> HttpResponse:
    """Puts the tick into the state that the form names."""
    membership, row = task_of(request, learner, task)
    form = CompletionForm(request.POST)
    if not form.is_valid():
        raise BadRequest("a tick says yes or no")
    done = (Completion.objects.tick if form.cleaned_data["done"] == "yes" else untick)(membership, row)
    return task_answer(request, membership, row, done)


@transaction.atomic
def untick(learner: Membership, task: Task) -> Completion | None:
    """Takes the tick away, and what was told of the new words of what was ticked."""
    row = Completion.objects.untick(learner, task)
    if news.is_reworded_told(learner, task.month):
        news.forget_reworded([task.uuid], learner)
    return row


@require_POST
@keeps_words
def completion_note(request: Request, learner: UUID, task: UUID) -> HttpResponse:
    membership, row = task_of(request, learner, task)
    form = NoteForm(request.POST)
    if not form.is_valid():
        before = Completion.objects.filter(learner=membership, task=row).first()
        return task_answer(request, membership, row, before, form)
    try:
        noted = Completion.objects.note(membership, row, form.cleaned_data["note"], request.POST.get("seen"))
    except OtherNote as other:
        form.refuse(other.row.note)
        return task_answer(request, membership, row, other.row, form)
    return task_answer(request, membership, row, noted)


@require_POST
def wording(request: Request, learner: UUID, task: UUID) -> HttpResponse:
    """The learner has seen the new words of a task that they ticked; words that are newer still are shown."""
    membership, row = task_of(request, learner, task)
    seen = Completion.objects.look(membership, row, request.POST.get("seen", ""))
    news.settle_reworded(membership, row.month)
    return task_answer(request, membership, row, seen)


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, which cannot log in: whoever knows the address may read it."""
    try:
        person = User.objects.by_feed(token)
    except User.DoesNotExist:
        raise Http404 from None
    with as_read_by(person):
        answer = HttpResponse(calendar_of(person), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
def welcome(request: Request) -> HttpResponse:
    """Puts the sentences of the first visit away."""
    request.user.welcomed_at = timezone.now()
    request.user.save(update_fields=["welcomed_at"])
    return HttpResponse() if request.htmx else redirect("progress:path")
