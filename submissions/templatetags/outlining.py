"""The outline of a version, which may be long: drawn once in minutes for all who see the same."""

from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from curriculum.kept import parsed
from submissions.memory import MEMORY
from submissions.outline import Group, Outline

register = template.Library()


@register.simple_tag
def outline_nav(outline: Outline, **shown: bool | int | None) -> SafeString:
    """The outline beside the work.

    `is_open`: whether its places can be commented on; `number`: of the version, where it is not the newest.
    """
    return _drawn("submissions/_outline.html", tuple(outline.groups), get_language(), **shown)


@register.simple_tag
def outline_options(outline: Outline) -> SafeString:
    """The places to choose from in a form; the one that the outline says is chosen."""
    groups = tuple(outline.groups)
    return _drawn("submissions/_outline_options.html", groups, get_language(), chosen=outline.chosen)


@MEMORY.keeps(256)
def _drawn(name: str, groups: tuple[Group, ...], _language: str | None, **shown: Any) -> SafeString:
    return mark_safe(parsed(name).render(Context({"groups": groups, **shown})))
