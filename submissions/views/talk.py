"""Threads, and what is said in them."""

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from people.models import User
from people.request import Request
from submissions.called import tell_called
from submissions.history import history
from submissions.models import Comment, Held, Hold, Review, Submission, Thread, Version
from submissions.pointing import pointed
from submissions.saying import ChangeForm, CommentForm, ThreadForm
from submissions.talk import Talk
from submissions.views.saved_replies import with_saved_reply
from submissions.views.words import keeps_words


def shown(request: Request, talk: Talk, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """The fragment for htmx; else the page, or for a form with errors a page around the fragment."""
    context |= {"talk": talk, "submission": talk.submission}
    if request.htmx:
        return render(request, template, context | {"swapped": True}, status=status)
    if status != 200:
        return render(request, "submissions/form_again.html", context | {"fragment": template}, status=status)
    thread, version = context.get("thread"), talk.shown if talk.shown != talk.latest else None
    if thread and not version:
        return redirect(thread.row)
    asked = f"?version={version.number}" if version else ""
    return redirect(f"{talk.address}{asked}#{f'thread-{thread.row.uuid}' if thread else 'threads'}")


@require_POST
@keeps_words
def thread_new(request: Request, uuid: UUID) -> HttpResponse:
    """A mentor's thread goes into their draft review, a learner's is sent at once."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    talk = Talk(submission, request.user)
    if asks_for_saved(request, talk):
        form = ThreadForm(with_saved_reply(request), submission)
        return inserted(request, talk, "submissions/_thread_new.html", form=form, saved=talk.saved_replies)
    form = ThreadForm(request.POST, submission)
    thread = opened(talk, form) if form.is_valid() else None
    if thread is None:
        if talk.outline:
            talk.outline.chosen = request.POST.get("about", "")
        return shown(request, talk, "submissions/_thread_new.html", 422, form=form)
    talk = Talk(submission, request.user, talk.shown)
    if request.htmx:
        return shown(request, talk, "submissions/_threads.html")
    return shown(request, talk, "submissions/_thread.html", thread=talk.thread(thread.uuid))


def opened(talk: Talk, form: ThreadForm) -> Thread | None:
    """The thread that the form opens; None for a place that is not there, as the form then says."""
    submission, said = talk.submission, form.cleaned_data
    numbers = submission.versions.filter(submitted_at__isnull=False)
    talk.shown = version = get_object_or_404(numbers, number=said["version"])
    try:
        place = pointed(version, said)
    except ValidationError as refusal:
        form.add_error("about", refusal)
        return None
    with transaction.atomic():
        review = None
        if talk.mentoring:
            known = get_object_or_404(numbers, number=said["latest"])
            review = Review.objects.begin(known, talk.user)
            hold_if_free(submission, talk.user)
        return Thread.objects.open(version, talk.user, form.said(), review, place)


@require_POST
@keeps_words
def comment_new(request: Request, uuid: UUID) -> HttpResponse:
    """A reply, or an act on the thread with or without words: `do` says which."""
    thread = get_object_or_404(Thread.objects.visible_to(request.user).select_related("review"), uuid=uuid)
    talk = talk_shown(request, thread.submission)
    if asks_for_saved(request, talk):
        shown_thread = talk.thread(uuid, CommentForm(with_saved_reply(request)))
        shown_thread.saved = talk.saved_replies
        return inserted(request, talk, "submissions/_thread.html", thread=shown_thread)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            say(talk, thread, form)
        except ValidationError as refusal:
            form.add_error("body", refusal)
    status = 200 if form.is_valid() else 422
    shown_thread = talk.thread(uuid, form if form.errors else None)
    return shown(request, talk, "submissions/_thread.html", status, thread=shown_thread)


def asks_for_saved(request: Request, talk: Talk) -> bool:
    """Whether the form asks for the person's saved replies, or to put one in, and sends nothing yet."""
    return talk.mentoring and request.POST.get("do") == "saved"


def inserted(request: Request, talk: Talk, template: str, **context: Any) -> HttpResponse:
    """The form with what is typed in it and the saved replies to choose from: the fragment, or a page around it."""
    context |= {"talk": talk, "submission": talk.submission, "inserting": True}
    if request.htmx:
        return render(request, template, context)
    return render(request, "submissions/form_again.html", context | {"fragment": template})


def say(talk: Talk, thread: Thread, form: CommentForm) -> None:
    """Carry out what the form asks for. Raises ValidationError where the thread does not allow it."""
    do, said, user = form.cleaned_data["do"], form.said(), talk.user
    with transaction.atomic():
        if do in (Comment.Act.FIXED, Comment.Act.DISAGREE):
            thread.answer(user, do, said, talk.latest)
        elif do == Comment.Act.CONFIRM:
            thread.confirm(user, said)
        elif do == Comment.Act.DROP:
            thread.drop(user, said)
        elif do == Comment.Act.REOPEN:
            thread.reopen(user, said)
        elif talk.mentoring and do == "reply":
            numbers = talk.submission.versions.filter(submitted_at__isnull=False)
            known = get_object_or_404(numbers, number=form.cleaned_data["latest"])
            thread.reply(user, said, Review.objects.begin(known, user))
            hold_if_free(talk.submission, user)
        else:
            thread.reply(user, said)


@require_POST
@keeps_words
def comment_change(request: Request, uuid: UUID) -> HttpResponse:
    """Other words for a comment; of one that is not sent yet also its removal (`remove=yes`)."""
    found = Comment.objects.visible_to(request.user).select_related("thread__submission", "thread__anchor")
    comment = get_object_or_404(found, uuid=uuid)
    thread, talk = comment.thread, talk_shown(request, comment.thread.submission)
    is_removed = request.POST.get("remove") == "yes"
    if is_removed:
        comment.remove(request.user)
    else:
        form = ChangeForm(request.POST, thread.submission, thread)
        if not changed(comment, request.user, form):
            errors = [error for found in form.errors.values() for error in found]
            context = {"refused": comment.uuid, "errors": errors, "typed": request.POST.get("body")}
            if comment.is_sent:
                return words_of(request, comment, talk, 422, **context)
            if request.htmx:
                return shown(request, talk, "submissions/_threads.html", 422, **context)
            context["thread"] = talk.thread(thread.uuid)
            return shown(request, talk, "submissions/_thread.html", 422, **context)
    if (request.htmx and not comment.is_sent) or thread.pk is None:
        return shown(request, talk, "submissions/_threads.html", removed=is_removed)
    return shown(request, talk, "submissions/_thread.html", thread=talk.thread(thread.uuid))


@require_safe
def comment_words(request: Request, uuid: UUID) -> HttpResponse:
    """What a sent comment said before it was changed; for its author also the form that changes it."""
    found = Comment.objects.visible_to(request.user).sent().select_related("thread__submission", "author")
    comment = get_object_or_404(found, uuid=uuid)
    return words_of(request, comment, Talk(comment.thread.submission, request.user))


def words_of(
    request: Request, comment: Comment, talk: Talk, status: int = 200, **context: Any
) -> HttpResponse:
    """A comment's words then and now: the fragment, or a page of its own."""
    context |= {"talk": talk, "submission": talk.submission, "comment": comment}
    context["history"] = history(comment)
    tell_called(talk.submission, [comment])
    context["may_change"] = comment.may_change(request.user, mentoring=talk.mentoring)
    template = "submissions/_words.html" if request.htmx else "submissions/words.html"
    return render(request, template, context, status=status)


def changed(comment: Comment, user: User, form: ChangeForm) -> bool:
    """Whether what the form says was taken; its errors say why not."""
    if not form.is_valid():
        return False
    data = form.cleaned_data
    try:
        with transaction.atomic():
            comment.change(user, data["body"], data["seen"])
            if data["kind"] and comment == comment.thread.comments.first():
                comment.thread.reclassify(user, data["kind"], data["criterion"])
    except ValidationError as refusal:
        form.add_error("body", refusal)
    return form.is_valid()


@require_safe
def threads_at_rest(request: Request, uuid: UUID, number: int) -> HttpResponse:
    """The threads at rest that were opened on a version; as a page of its own, that version."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), uuid=uuid)
    if not request.htmx:
        return redirect(f"{submission.get_absolute_url()}?version={number}#talk")
    talk = talk_shown(request, submission)
    talk.group = number
    return render(request, "submissions/_at_rest.html", {"talk": talk, "submission": submission})


def talk_shown(request: Request, submission: Submission) -> Talk:
    """The talk beside the version that the page shows, which a request of its script says by its address."""
    talk = Talk(submission, request.user)
    asked = parse_qs(urlsplit(request.htmx.current_url or "").query) if request.htmx else {}
    number = asked.get("version", [""])[0]
    if number.isascii() and number.isdecimal() and len(number) < 10:
        talk.shown = next(
            (one for one in talk.versions.values() if not one.is_draft and one.number == int(number)), None
        )
    with suppress(ValueError):
        talk.wanted = UUID(asked.get("thread", [""])[0])
    return talk


def hold_if_free(submission: Submission, mentor: User) -> None:
    """Whoever writes a review holds the work, as one who pressed “Start review”; another's hold is left alone."""
    with suppress(Held):
        Hold.objects.take(submission, mentor)


def version_or_404(submission: Submission, number: str) -> Version:
    """The submitted version that a form names by its number."""
    found = submission.versions.filter(submitted_at__isnull=False)
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise Http404
    return get_object_or_404(found, number=int(number))
