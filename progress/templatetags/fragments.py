"""Fragments that say nothing of a person but whose they are: drawn once a process, with gaps for what differs.

A month's document has dozens of them in its places. Each is kept by all that its template is given, so it is never out of
date.
"""

from collections.abc import Hashable
from functools import lru_cache
from itertools import chain
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from progress.document import SUM
from progress.month_page import MonthPage

register = template.Library()

KEPT = 4096
"""Of one or two kB each."""
LEARNER = UUID("6a8f2c1e-5b0d-4e97-a3f4-0c9d7e1b2a35")
TOKEN = "token-of-6a8f2c1e5b0d4e97"  # noqa: S105  # stands where a request's token goes
BACK = "way-back-of-6a8f2c1e5b0d4e97"
"""Stand in a kept fragment for the learner's public id, the forms' token, and the page that is looked at."""


@register.simple_tag(takes_context=True)
def fragment(context: Context, name: str, is_plain: bool, **shown: Any) -> SafeString:
    """Includes the template `name` with `shown`; one `is_plain` that shows nothing of a person but whose it is."""
    if not is_plain:
        with context.push(**shown):
            return mark_safe(_template(name).render(context))
    html = _kept(name, get_language(), context["role"], context["editable"], tuple(shown.items()))
    html = html.replace(str(LEARNER), str(context["learner"].uuid)).replace(TOKEN, str(context["csrf_token"]))
    if BACK in html:
        html = html.replace(BACK, quote(context["request"].get_full_path(), safe=""))
    # What was kept is a template's own work, and what goes into the gaps is a UUID, a token, or quoted.
    return mark_safe(html)


@register.simple_tag(takes_context=True)
def document(context: Context, page: MonthPage) -> SafeString:
    """A month's document with everything in its place."""
    pieces = page.layout.pieces
    placed = (_placed(context, page, name) for name in pieces[1::2])
    return mark_safe("".join(chain.from_iterable(zip(pieces[::2], (*placed, ""), strict=True))))


def _placed(context: Context, page: MonthPage, name: str) -> SafeString:
    if name == SUM:
        return fragment(context, "progress/_criteria_sum.html", False)
    one = page.placed[name]
    return fragment(context, one.template, one.is_plain, **one.shown)


@lru_cache(maxsize=KEPT)
def _kept(
    name: str, _language: str | None, role: str, editable: bool, shown: tuple[tuple[str, Hashable], ...]
) -> str:
    learner = SimpleNamespace(uuid=LEARNER, ended_at=None if editable else "ended")
    whose = {"learner": learner, "role": role, "editable": editable, "csrf_token": TOKEN, "next": BACK}
    return str(_template(name).render(Context(whose | dict(shown))))


def _template(name: str) -> Any:
    """The parsed template, which a template of Django's own engine renders inside itself."""
    return get_template(name).template  # type: ignore[attr-defined]
