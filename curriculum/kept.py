"""Fragments that are drawn once a process, with gaps for what differs from person to person.

Each is kept by all that its template is given beside the gaps, so none is ever out of date. What people wrote, and who
they are, goes into gaps or is not kept at all.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from uuid import UUID, uuid5

from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT = 4096
"""Of one or two kB each."""
GAPS = UUID("6a8f2c1e-5b0d-4e97-a3f4-0c9d7e1b2a35")


def kept(name: str, shown: Mapping[str, Any], **gaps: str | UUID) -> SafeString:
    """The template `name` with `shown`, which is hashable, and `gaps`, which it shows and does not look into.

    A gap's value is a text, HTML, or a public id.
    """
    pieces = _pieces(
        name,
        get_language(),
        tuple(shown.items()),
        tuple((gap, type(value) is UUID) for gap, value in gaps.items()),
    )
    filled = {"": ""}
    for gap_name, value in gaps.items():
        filled[gap_name] = str(value) if isinstance(value, UUID) else conditional_escape(value)
    return mark_safe("".join([filled[before] + html for before, html in pieces]))


@cache
def gap(name: str) -> UUID:
    """Stands in a template for a public id."""
    return uuid5(GAPS, name)


@lru_cache(maxsize=KEPT)
def _pieces(
    name: str,
    _language: str | None,
    shown: tuple[tuple[str, Any], ...],
    gaps: tuple[tuple[str, bool], ...],
) -> tuple[tuple[str, str], ...]:
    """Gaps, each with the HTML that follows it; the first is no gap."""
    marks: dict[str, Any] = {name: gap(name) if is_id else f"gap-{gap(name)}" for name, is_id in gaps}
    names = {str(mark): name for name, mark in marks.items()} | {"": ""}
    html = parsed(name).render(Context(dict(shown) | marks))
    found = ["", *re.split(f"({'|'.join(filter(None, names))})", html)]
    return tuple((names[mark], html) for mark, html in zip(found[::2], found[1::2], strict=True))


def parsed(name: str) -> Any:
    """The parsed template, which a template of Django's own engine renders inside itself."""
    return get_template(name).template  # type: ignore[attr-defined]
