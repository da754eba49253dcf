"""A mentor's review before and after it is sent. Sending it is a page of `progress`, beside the marks."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from people.models import Membership
from people.request import Request
from submissions.models import Review, StaleDraft, Submission
from submissions.saying import words_field
from submissions.views.words import keeps_words

MARK = re.compile(r"[0-9a-f-]{36}-(decision|note|evidence)")
"""The fields of a criterion on the sheet."""


class DraftForm(forms.Form):
    """What is typed of a review before it is sent."""

    verdict = forms.ChoiceField(choices=Review.Verdict.choices, required=False)
    summary = words_field(required=False)
    revision = forms.IntegerField(min_value=0)
    over = forms.IntegerField(min_value=0, required=False)
    """The revision that the person has seen and writes over, where another window saved one meanwhile."""


def marks_in(typed: QueryDict) -> dict[str, str] | None:
    """What the sheet says about criteria, for the draft to keep; None for a form that does not ask about any."""
    found = {name: str(typed[name])[: settings.TEXT_LIMIT] for name in typed if MARK.fullmatch(name)}
    return found or None


class WithdrawForm(forms.Form):
    """Why a review is taken back."""

    reason = words_field(label=gettext_lazy("Why you withdraw this review; the learner reads it"))


def own_draft(request: Request, uuid: UUID) -> Review:
    """The person's own draft; 403 once the person may not review any more."""
    found = Review.objects.visible_to(request.user).filter(mentor=request.user)
    review = get_object_or_404(found.select_related("version__submission__learner"), uuid=uuid)
    review.version.submission.require_mentor(request.user)
    return review


@require_POST
@keeps_words
def review_draft(request: Request, uuid: UUID) -> HttpResponse:
    """Keeps what has been typed so far."""
    review = own_draft(request, uuid)
    context, status = save(review, DraftForm(request.POST), marks_in(request.POST))
    if request.htmx:
        return render(request, "submissions/_review_saved.html", context, status=status)
    if status != 200:
        return again(request, context, status)
    messages.success(request, _("Your draft is saved. The learner does not see it yet."))
    return redirect(review.version.submission)


def save(review: Review, form: DraftForm, marks: dict[str, str] | None) -> tuple[dict[str, Any], int]:
    """Saves what the form says; what a page shows of it, and its status."""
    if not form.is_valid():
        return {"review": review, "form": form, "marks": marks}, 422
    data = form.cleaned_data
    try:
        seen = data["revision"] if data["over"] is None else data["over"]
        review.save_draft(data["verdict"], data["summary"], seen, marks)
    except StaleDraft as stale:
        return {"review": stale.review, "other": stale.review, "form": form, "marks": marks}, 409
    return {"review": review, "form": form}, 200


def again(request: Request, context: dict[str, Any], status: int) -> HttpResponse:
    """A page with the text that was not saved, for a form that was sent as a page."""
    context |= {"submission": context["review"].version.submission}
    context |= {"fragment": "submissions/_review_alone.html"}
    return render(request, "submissions/form_again.html", context, status=status)


@require_POST
def review_carry_over(request: Request, uuid: UUID) -> HttpResponse:
    """Makes the draft one about the newest version."""
    review = own_draft(request, uuid)
    review.carry_over()
    messages.success(
        request,
        _("Your draft is now about version %(number)s, with all its comments. Decide again.")
        % {"number": review.version.number},
    )
    return redirect(review.version.submission)


@require_POST
@keeps_words
def review_hand_over(request: Request, uuid: UUID) -> HttpResponse:
    """Gives the draft to the mentor whom the form names, with what was typed last."""
    review = own_draft(request, uuid)
    mentors = (
        Membership.objects.current().mentors().filter(cohort=review.version.submission.learner.cohort_id)
    )
    try:
        to = forms.UUIDField().clean(request.POST.get("to"))
    except ValidationError:
        raise BadRequest("a draft is handed to a mentor by their id") from None
    colleague = get_object_or_404(
        mentors.exclude(user=request.user).select_related("user"), user__uuid=to
    ).user
    if not review.is_draft:
        raise PermissionDenied
    if "summary" in request.POST:
        context, status = save(review, DraftForm(request.POST), marks_in(request.POST))
        if status != 200:
            return again(request, context, status)
    review.hand_over(colleague)
    messages.success(
        request,
        _("Your draft is now with %(name)s. Each comment keeps its author.") % {"name": colleague},
    )
    return redirect(review.version.submission)


@require_POST
def review_take_over(request: Request, uuid: UUID) -> HttpResponse:
    """Makes the draft of a mentor who has left or is away the person's own."""
    works = Submission.objects.visible_to(request.user).exclude(learner__user=request.user)
    found = Review.objects.unattended().filter(version__submission__in=works).exclude(mentor=request.user)
    review = get_object_or_404(found.select_related("version__submission__learner", "mentor"), uuid=uuid)
    review.take_over(request.user)
    messages.success(
        request,
        _("The draft of %(name)s is yours now. Each comment keeps its author.") % {"name": review.mentor},
    )
    return redirect(review.version.submission)


@require_POST
@keeps_words
def review_withdraw(request: Request, uuid: UUID) -> HttpResponse:
    """Takes back a review that was sent, with a reason."""
    found = Review.objects.visible_to(request.user).select_related("version__submission", "mentor")
    review = get_object_or_404(found, uuid=uuid)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            review.withdraw(request.user, form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_error("reason", refusal)
    if not form.is_valid():
        context = {"review": review, "form": form, "submission": review.version.submission}
        context["fragment"] = "submissions/_withdrawal.html"
        return render(request, "submissions/form_again.html", context, status=422)
    messages.success(
        request, _("Your review is withdrawn. It counts no more, and stays readable with your reason.")
    )
    return redirect(review.version.submission)
