"""Fragments that say nothing of a person but whose they are: drawn once a process, with gaps for what differs.

A month's document has dozens of them in its places. Each is kept by all that its template is given, so none is ever
out of date.
"""

import re
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
GAPS = re.compile(f"({LEARNER}|{TOKEN}|{BACK})")
"""Stand in a kept fragment for the learner's public id, the forms' token, and the page that is looked at."""


@register.simple_tag(takes_context=True)
def fragment(context: Context, name: str, is_plain: bool, **shown: Any) -> SafeString:
    """Includes the template `name` with `shown`; one `is_plain` that shows nothing of a person but whose it is."""
    return Drawing(context).drawn(name, is_plain, shown)


@register.simple_tag(takes_context=True)
def document(context: Context, page: MonthPage) -> SafeString:
    """A month's document with everything in its place."""
    pieces, drawing = page.layout.pieces, Drawing(context)
    placed = (drawing.placed(page, name) for name in pieces[1::2])
    return mark_safe("".join(chain.from_iterable(zip(pieces[::2], (*placed, ""), strict=True))))


class Drawing:
    """Fragments of one page."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.seen = get_language(), context["role"], context["editable"]
        self.gaps = {
            str(LEARNER): str(context["learner"].uuid),
            TOKEN: str(context["csrf_token"]),
            BACK: quote(context["request"].get_full_path(), safe=""),
        }

    def drawn(self, name: str, is_plain: bool, shown: dict[str, Any]) -> SafeString:
        if is_plain:
            kept = _kept(name, *self.seen, tuple(shown.items()))
            # What was kept is a template's own work, and what goes into the gaps is a UUID, a token, or quoted.
            return mark_safe("".join([self.gaps.get(piece, piece) for piece in kept]))
        with self.context.push(**shown):
            return mark_safe(_template(name).render(self.context))

    def placed(self, page: MonthPage, name: str) -> SafeString:
        if name == SUM:
            return self.drawn("progress/_criteria_sum.html", False, {})
        one = page.placed[name]
        return self.drawn(one.template, one.is_plain, one.shown)


@lru_cache(maxsize=KEPT)
def _kept(
    name: str, _language: str | None, role: str, editable: bool, shown: tuple[tuple[str, Hashable], ...]
) -> tuple[str, ...]:
    """The fragment in pieces: what it says, and its gaps."""
    learner = SimpleNamespace(uuid=LEARNER, ended_at=None if editable else "ended")
    whose = {"learner": learner, "role": role, "editable": editable, "csrf_token": TOKEN, "next": BACK}
    html = _template(name).render(Context(whose | dict(shown)))
    return tuple(GAPS.split(html))


def _template(name: str) -> Any:
    """The parsed template, which a template of Django's own engine renders inside itself."""
    return get_template(name).template  # type: ignore[attr-defined]
