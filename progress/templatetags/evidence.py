"""What a claim or a mark rests on: in words, and as a link that leads to the very place."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from progress.models import Entry
from submissions.places import ShownPlace

register = template.Library()


@register.simple_tag
def evidence(entry: Entry) -> SafeString:
    """The evidence of an entry, with the place and the passage that it is, or that its comment is about."""
    if entry.version is None:
        return format_html("{}", entry.evidence)
    address = reverse("progress:submission_detail", args=[entry.version.submission.uuid])
    address = f"{address}?version={entry.version.number}"
    if entry.thread:
        address = f"{address}&thread={entry.thread.uuid}#thread-{entry.thread.uuid}"
    elif entry.place:
        address = f"{address}&place={entry.place.uuid}#evidence"
    link = format_html('<a href="{}">{}</a>', address, entry.evidence)
    place = ShownPlace.of(entry.anchor, None, None) if entry.anchor else None
    if place is None:
        return link
    where = format_html(": {}", place.where) if place.where else ""
    quote = format_html(" <q>{}</q>", place.words) if place.words else ""
    return format_html("{}{}{}", link, where, quote)
