"""What happened to a stretch of a text, in words."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from submissions.redline import Stretch

register = template.Library()


@register.simple_tag
def signs(one: Stretch) -> SafeString:
    """A word for each kind of change in it; of what moved, the way to where it was, or is."""
    words = {"changed": _("Changed"), "added": _("Added"), "removed": _("Removed")}
    shown = [
        format_html('<span class="sign {}">{}</span>', kind, words[kind])
        for kind in one.kinds
        if kind in words
    ]
    if one.came_as:
        shown.append(format_html('<a class="sign moved" href="#was-{}">{}</a>', one.came_as, _("Moved here")))
    if one.went_to:
        shown.append(
            format_html('<a class="sign went" href="#change-{}">{}</a>', one.went_to, _("Moved elsewhere"))
        )
    return format_html_join(" ", "{}", ((each,) for each in shown))
