"""The form below a thread: a page has one for each, and they differ in little."""

from uuid import UUID

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from curriculum.kept import kept, parsed
from submissions.talk import ShownThread

register = template.Library()

TEMPLATE = "submissions/_reply.html"
THREAD = UUID("3c51d2a8-90b4-4f6e-8e1d-7f2a5c9b0e64")
KEY = UUID("b7e4096f-2d1a-4c83-9a57-e05f8d3c6b21")
AUTHOR = "author-of-3c51d2a890b44f6e"
TOKEN = "token-of-3c51d2a890b44f6e"  # noqa: S105  # stands where a request's token goes
"""Stand in a kept form for the thread's public id, the form's key, who opened the thread, and the forms' token."""


@register.simple_tag(takes_context=True)
def reply(context: Context, thread: ShownThread) -> SafeString:
    """What the person may say and do about a thread. A form that was not taken is drawn with what was typed."""
    token, author = str(context["csrf_token"]), str(thread.row.author)
    if thread.form:
        own = {"uuid": thread.row.uuid, "key": thread.key, "author": author, "csrf_token": token}
        refused = {"form": thread.form, "typed": thread.typed}
        return mark_safe(parsed(TEMPLATE).render(Context(thread.offer | own | refused)))
    shown = thread.offer | {"uuid": THREAD, "key": KEY, "author": AUTHOR, "csrf_token": TOKEN}
    gaps = {
        str(THREAD): str(thread.row.uuid),
        str(KEY): str(thread.key),
        AUTHOR: escape(author),
        TOKEN: token,
    }
    return kept(TEMPLATE, shown, gaps)
