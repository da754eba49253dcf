"""What the desk has many of: its lines, of which who and what differs, and what its filter offers."""

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from curriculum.kept import kept
from people.templatetags.times import clock, lasting
from submissions.models import Submission

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting(context: Context, row: Submission, is_first: bool) -> SafeString:
    """A work that waits, from a `Desk`'s page."""
    hold = row.running_hold
    held = "" if hold is None else "you" if hold.mentor_id == context["user"].pk else "other"
    shown = {"number": row.last_number, "held": held, "is_next": row.mine and is_first, "begun": row.begun}
    return kept(
        "progress/_waiting.html",
        shown,
        uuid=row.uuid,
        work=str(row),
        learner=str(row.learner.user),
        cohort=str(row.learner.cohort),
        month=row.month.label or row.month.title,
        holder=str(hold.mentor) if hold else "",
        until=clock(hold.until) if hold else "",
        time=lasting(row.waiting_since),
        csrf_token=str(context["csrf_token"]),
    )


@register.filter
def options(field: BoundField) -> SafeString:
    """The choices of a field, with the chosen one."""
    chosen = str(field.data or "")
    rows = (
        (key, mark_safe(" selected") if str(key) == chosen else "", words)
        for key, words in field.field.choices  # type: ignore[attr-defined]  # of a field with choices
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
