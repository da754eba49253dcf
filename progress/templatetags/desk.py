"""What the desk has many of: its lines, of which who and what differs, and what its filter offers."""

from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from curriculum.kept import kept, parsed
from people.templatetags.times import age, clock, lasting
from submissions.memory import MEMORY, Shelf
from submissions.models import Submission, Thread
from submissions.templatetags.drawn import TOKEN

register = template.Library()

LINES: Shelf[str] = MEMORY.shelf(2_000_000)


@register.simple_tag(takes_context=True)
def waiting(context: Context, row: Submission, is_first: bool) -> SafeString:
    """A work that waits, from a `Desk`'s page."""
    hold = row.running_hold
    held = "" if hold is None else "you" if hold.mentor_id == context["user"].pk else "other"
    shown = {"number": row.last_number, "held": held, "is_next": row.mine and is_first, "begun": row.begun}
    said = {
        "work": str(row),
        "learner": str(row.learner.user),
        "cohort": str(row.learner.cohort),
        "month": row.month.label or row.month.title,
        "holder": str(hold.mentor) if hold else "",
        "until": clock(hold.until) if hold else "",
    }
    where = get_language(), timezone.get_current_timezone_name()
    old = age(row.waiting_since, timezone.now())
    sight = ("waiting", *where, row.uuid, row.waiting_since, old, *shown.values(), *said.values())
    html = LINES.get(sight, lambda: _waiting(row, shown, said))
    return mark_safe(html.replace(TOKEN, str(context["csrf_token"])))


def _waiting(row: Submission, shown: dict[str, Any], said: dict[str, str]) -> str:
    time = lasting(row.waiting_since)
    return kept("progress/_waiting.html", shown, uuid=row.uuid, time=time, csrf_token=TOKEN, **said)


@register.simple_tag
def question(thread: Thread) -> SafeString:
    """A learner's question that waits for an answer, with what `Desk.questions` reads of it."""
    work = thread.submission
    where = get_language(), timezone.get_current_timezone_name()
    said = thread.uuid, thread.asked, thread.asked_erased_at, age(thread.created_at, timezone.now())
    names = str(work), str(work.learner.user), str(work.learner.cohort)
    template, sight = parsed("progress/_question.html"), ("question", *where, *said, *names)
    return mark_safe(LINES.get(sight, lambda: template.render(Context({"thread": thread}))))


@register.filter
def options(field: BoundField) -> SafeString:
    """The choices of a field, with the chosen one."""
    choices = field.field.choices  # type: ignore[attr-defined]  # of a field with choices
    return _options(tuple((str(key), str(words)) for key, words in choices), str(field.data or ""))


@MEMORY.keeps(256)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    rows = ((key, mark_safe(" selected") if key == chosen else "", words) for key, words in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
