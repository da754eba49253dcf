"""Threads: a page has many of them, and their parts differ in little but who said what."""

from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from curriculum.kept import kept, parsed
from curriculum.wording import Stretch
from people.templatetags.times import ago, erased
from submissions.called import words_for
from submissions.models import Comment, Thread
from submissions.models.review import plain_words
from submissions.places import ShownPlace
from submissions.threads import ShownThread

register = template.Library()


register.filter("plain", plain_words)


@register.simple_tag
def about(thread: ShownThread) -> SafeString:
    """Whose turn it is in a thread, of what kind it is, and what it is about."""
    row = thread.row
    tone, words = thread.pill
    shown = {
        "pill": tone,
        "pill_words": words,
        "kind": row.get_kind_display(),
        "has_criterion": row.criterion_id is not None,
        "elsewhere": row.anchor.version.number if thread.is_elsewhere else None,
    }
    return kept("submissions/_thread_about.html", shown, criterion=str(row.criterion or ""))


@register.simple_tag
def place(thread: ShownThread) -> SafeString:
    """The passage, region or part that a thread is about, and what became of it; nothing for the whole."""
    found = thread.place
    pin = pin_of(thread) if thread.is_movable or (found and found.is_loose) else ""
    here = (
        f"?version={thread.talk.version.number}&pin={thread.row.anchor.uuid}#pin"
        if thread.talk.version
        else ""
    )
    if found is None:
        return kept("submissions/_thread_whole.html", {}, pin=pin, pin_here=here) if pin else mark_safe("")
    change = found.change
    shown = {
        "state": found.state,
        "is_here": found.is_shown,
        "has_where": bool(found.where),
        "has_old": bool(found.old_heading),
        "is_page": found.section.get("kind") == "page",
        "is_file": found.file is not None and found.is_shown,
        "has_change": bool(change),
        "has_words": bool(found.words) and found.words != found.heading,
        "has_old_words": bool(found.old_words),
        "may_pin": bool(pin),
        "is_by": found.by is not None,
        "is_draft": thread.is_movable,
        "is_code": found.is_code,
        "what": found.what,
        "made_in": found.was.version.number,
    }
    there = f"?version={found.was.version.number}#thread-{thread.row.uuid}"
    return kept(
        "submissions/_thread_place.html",
        shown,
        href=f"#{found.element}" if found.is_shown else there,
        where=found.where,
        old_heading=found.old_heading,
        change=change_of(found, change) if change else "",
        words=found.words,
        old_words=found.old_words,
        pin=pin,
        by=str(found.by or ""),
        pin_here=here,
    )


def pin_of(thread: ShownThread) -> str:
    """Where it is said by hand where the thread's place is; nothing for one who may not."""
    if not thread.talk.is_open or thread.row.is_withdrawn:
        return ""
    try:
        return reverse("submissions:placement_pin", args=[thread.row.anchor.uuid])
    except NoReverseMatch:
        return ""


def change_of(found: ShownPlace, change: tuple[Stretch, ...]) -> SafeString:
    """A passage with the words that went and came."""
    words = {"change": change, "old": found.old_words, "new": found.words}
    return mark_safe(parsed("submissions/_change.html").render(Context(words)))


@register.simple_tag(takes_context=True)
def said(context: Context, comment: Comment, is_first: bool, kind: str) -> SafeString:
    """Who said or did what, and when. Of the comment that opens a thread, the thread says whether it is sent.

    `kind`: the thread's. A question is closed, any other point is dropped.
    """
    state = ""
    if not comment.is_sent and not is_first:
        state = _("Not sent yet")
    elif comment.review and comment.review.withdrawn_at:
        state = _("Withdrawn")
    elif comment.is_undone:
        state = _("Taken back")
    mine = comment.author_id == context["user"].pk
    fixed = comment.version if comment.act == Comment.Act.FIXED else None
    act = comment.get_act_display()
    if comment.act == Comment.Act.DROP and kind == Thread.Kind.QUESTION:
        act = _("Closed")
    shown = {
        "act": act,
        "fixed_in": str(fixed) if fixed and fixed.number else "",
        "state": state,
        "is_erased": comment.erased_at is not None,
        "has_words": bool(comment.body),
    }
    return kept(
        "submissions/_comment.html",
        shown,
        who=_("You") if mine else str(comment.author),
        when=ago(comment.sent_at),
        erased=erased(comment.erased_at),
        words=words_for(context["user"], comment) if comment.body else "",
    )


@register.simple_tag(takes_context=True)
def words_of(context: Context, comment: Comment) -> SafeString:
    """What a comment says, with the names that it calls."""
    return words_for(context["user"], comment)


@register.simple_tag(takes_context=True)
def more(context: Context, comment: Comment) -> SafeString:
    """What else there is to a comment: its earlier words, and for its author what can be done with it."""
    talk, mine = context["talk"], comment.author_id == context["user"].pk
    withdrawn = comment.review is not None and comment.review.withdrawn_at is not None
    shown = {
        "edited": comment.edits > 0,
        "own": mine and comment.is_sent and bool(comment.body) and talk.is_open and not withdrawn,
        "saves": mine and talk.mentoring and bool(comment.body),
    }
    return kept("submissions/_more.html", shown, uuid=comment.uuid) if any(shown.values()) else mark_safe("")


@register.simple_tag(takes_context=True)
def reply(context: Context, thread: ShownThread) -> SafeString:
    """What the person may say and do about a thread. A form that was not taken is drawn with what was typed."""
    token, author = str(context["csrf_token"]), str(thread.row.author)
    key = context.get("form_key") or thread.key
    own: dict[str, Any] = {"uuid": thread.row.uuid, "key": key, "author": author, "csrf_token": token}
    if thread.form is None:
        return kept("submissions/_reply.html", thread.offer, **own)
    refused = {"form": thread.form, "typed": thread.typed, "saved": thread.saved}
    return mark_safe(parsed("submissions/_reply.html").render(Context(thread.offer | own | refused)))
