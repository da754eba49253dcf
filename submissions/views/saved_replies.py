"""A mentor's saved replies: a small page, and what puts one into a comment."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from people.request import Request
from submissions.models import Comment, SavedReply
from submissions.models.saved_reply import MOST, TITLE
from submissions.saying import words_field
from submissions.views.words import keeps_words


class SavedReplyForm(forms.Form):
    """A saved reply's words."""

    title = forms.CharField(label=gettext_lazy("Name"), max_length=TITLE, required=False)
    body = words_field(label=gettext_lazy("Text"), strip=False)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_words
def saved_replies(request: Request) -> HttpResponse:
    """The person's own; a script is given the list to choose from. Sent to, it saves one more.

    `comment` names a comment of the person's own whose words are saved.
    """
    if not request.user.is_mentor:
        raise PermissionDenied
    if request.method != "POST":
        if request.htmx:
            own = SavedReply.objects.of(request.user)
            return render(request, "submissions/_saved_choice.html", {"saved": own})
        return page(request)
    if "comment" in request.POST:
        return from_comment(request)
    form = SavedReplyForm(request.POST)
    if form.is_valid():
        try:
            SavedReply.objects.keep(request.user, form.cleaned_data["body"], form.cleaned_data["title"])
        except ValidationError as refusal:
            form.add_error("body", refusal.messages[0])
    if not form.is_valid():
        return page(request, form)
    messages.success(request, _("Saved."))
    return redirect("submissions:saved_replies")


@require_POST
@keeps_words
def saved_reply(request: Request, uuid: UUID) -> HttpResponse:
    """Other words for one of the person's own, its removal (`remove=yes`), or that it was put in (`used=yes`)."""
    reply = get_object_or_404(SavedReply.objects.of(request.user), uuid=uuid)
    if request.POST.get("used") == "yes":
        reply.use(request.user)
        return HttpResponse(status=204)
    if request.POST.get("remove") == "yes":
        reply.delete()
        messages.success(request, _("Deleted."))
        return redirect("submissions:saved_replies")
    form = SavedReplyForm(request.POST)
    if form.is_valid():
        try:
            reply.change(form.cleaned_data["body"], form.cleaned_data["title"])
        except ValidationError as refusal:
            form.add_error("body", refusal.messages[0])
    if not form.is_valid():
        return page(request, form, reply)
    messages.success(request, _("Saved."))
    return redirect("submissions:saved_replies")


def page(
    request: Request, form: SavedReplyForm | None = None, about: SavedReply | None = None
) -> HttpResponse:
    """All of the person's own, with a form that was not taken: that of `about`, else that for a new one."""
    own = list(SavedReply.objects.of(request.user))
    context = {"replies": own, "form": form, "about": about and about.uuid, "most": MOST, "here": "desk"}
    return render(request, "submissions/saved_replies.html", context, status=422 if form else 200)


def from_comment(request: Request) -> HttpResponse:
    """Saves the words of a comment of the person's own, sent or not, in one step."""
    try:
        uuid = forms.UUIDField().clean(request.POST["comment"])
    except ValidationError:
        uuid = None
    own = Comment.objects.visible_to(request.user).filter(author=request.user).exclude(body="")
    comment = get_object_or_404(own.select_related("thread__submission"), uuid=uuid)
    told, status = _("Saved as a reply."), 200
    try:
        SavedReply.objects.keep(request.user, comment.body)
    except ValidationError as refusal:
        told, status = refusal.messages[0], 422
    if request.htmx:
        context = {"told": told, "is_error": status != 200}
        return render(request, "submissions/_saved_reply.html", context, status=status)
    (messages.success if status == 200 else messages.warning)(request, told)
    return redirect(comment.thread)


def with_saved_reply(request: Request) -> dict[str, str]:
    """What was typed into a comment, with the saved reply that the form names at its end."""
    typed = {name: request.POST[name] for name in request.POST}
    try:
        uuid = forms.UUIDField().clean(request.POST.get("saved"))
    except ValidationError:
        return typed
    reply = SavedReply.objects.of(request.user).filter(uuid=uuid).first()
    if reply:
        reply.use(request.user)
        typed["body"] = "\n\n".join(part for part in (typed.get("body", "").rstrip(), reply.body) if part)
    return typed
