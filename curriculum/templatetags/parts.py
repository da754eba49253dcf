"""Parts of a page that are the same for everybody who sees the same."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from curriculum.kept import kept

register = template.Library()


@register.simple_tag
def part(name: str, **shown: Any) -> SafeString:
    """Includes the template `name` with `shown` alone, and keeps what comes of it."""
    return kept(name, shown)
