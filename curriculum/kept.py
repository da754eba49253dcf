"""Fragments that are drawn once a process, with gaps for what differs from person to person.

Each is kept by all that its template is given, so none is ever out of date. What people wrote, and who they are, goes
into gaps or is not kept at all.
"""

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT = 4096
"""Of one or two kB each."""


def kept(name: str, shown: dict[str, Hashable], gaps: dict[str, str]) -> SafeString:
    """The template `name` with `shown`; `gaps` is what stands in their place there → what it is, as safe HTML."""
    pieces = _pieces(name, get_language(), tuple(shown.items()), tuple(gaps))
    return mark_safe("".join([gaps.get(piece, piece) for piece in pieces]))


@lru_cache(maxsize=KEPT)
def _pieces(
    name: str, _language: str | None, shown: tuple[tuple[str, Hashable], ...], marks: tuple[str, ...]
) -> tuple[str, ...]:
    """The fragment in pieces: what it says, and the marks of its gaps."""
    html = parsed(name).render(Context(dict(shown)))
    return tuple(re.split(f"({'|'.join(map(re.escape, marks))})", html))


def parsed(name: str) -> Any:
    """The parsed template, which a template of Django's own engine renders inside itself."""
    return get_template(name).template  # type: ignore[attr-defined]
