"""Times as people say them, with the exact time on hover."""

from datetime import date, datetime, tzinfo
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400


def in_words(seconds: float) -> str:
    """A length of time as one number and one unit, rounded down: "4 days"."""
    if seconds < HOUR:
        count = max(int(seconds // MINUTE), 1)
        return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
    if seconds < DAY:
        count = int(seconds // HOUR)
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    count = int(seconds // DAY)
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def exact(when: datetime) -> str:
    """Day and time in the person's zone, which is named."""
    return _exact(when, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=4096)
def _exact(when: datetime, zone: tzinfo, _language: str | None) -> str:
    local = timezone.localtime(when, zone)
    return f"{date_format(local, 'j F Y, H:i')} {local:%Z}".strip()


def timed(when: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact(when), words)


@register.filter
def ago(when: datetime | None) -> str:
    """How long ago: "2 hours ago", and the day itself after 30 days. Empty for None."""
    if when is None:
        return ""
    seconds = (timezone.now() - when).total_seconds()
    if seconds < MINUTE:
        words = gettext("just now")
    elif seconds > 30 * DAY:
        words = date_format(timezone.localtime(when), "j F Y")
    else:
        words = gettext("%(time)s ago") % {"time": in_words(seconds)}
    return timed(when, words)


def age(when: datetime, now: datetime) -> int:
    """Another number whenever `ago` or `lasting` says other words of the same time."""
    seconds = (now - when).total_seconds()
    if seconds < HOUR:
        return int(seconds // MINUTE)
    if seconds < DAY:
        return 100 + int(seconds // HOUR)
    return 1000 + int(seconds // DAY) + (seconds > 30 * DAY)


@register.filter
def erased(when: datetime | None) -> str:
    """What stands in the place of something that was erased then: "(erased on 24 November 2026)"."""
    if when is None:
        return ""
    return gettext("(erased on %(day)s)") % {"day": date_format(timezone.localtime(when), "j F Y")}


@register.filter
def lasting(since: datetime | None) -> str:
    """How long something has lasted since then: "4 days". Empty for None."""
    if since is None:
        return ""
    return timed(since, in_words((timezone.now() - since).total_seconds()))


@register.filter
def clock(when: datetime | None) -> str:
    """A time of today: "10:40"; with the day on any other day. Empty for None."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    today: date = timezone.localdate()
    return timed(when, date_format(local, "H:i" if local.date() == today else "j F, H:i"))
