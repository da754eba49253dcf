"""Pointing at a place of a version: what a form says of it, sought in what was read, as selectors."""

import re
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from submissions.formats.reading import Reading
from submissions.ladder import places
from submissions.ladder.places import Selector
from submissions.models import File, Version
from submissions.reading import reading_of

REGION = re.compile(r"(page=\d{1,6}&)?xywh=percent:(\d{1,3}(\.\d{1,2})?,){3}\d{1,3}(\.\d{1,2})?")
LIMIT = 100.0


def pointed(version: Version, data: Mapping[str, str]) -> tuple[File | None, list[Selector]]:
    """The file, None for the text written in the page or the whole, and the selectors of a place in it.

    Raises ValidationError, with a sentence, for a place that is not there.
    """
    file, said, part = None, data.get("file", ""), data.get("part", "")
    if about := data.get("about", ""):
        # Chosen from a list: "text:heading:12" or "file-UUID:page:3".
        place, _colon, part = about.partition(":")
        said = place.removeprefix("file-").removeprefix("text")
    if said:
        with suppress(ValueError):
            file = version.files.filter(uuid=UUID(said), erased_at=None).select_related("blob").first()
        if file is None:
            raise ValidationError(_("That file is not in this version. Choose the place again."), "place")
    if region := data.get("region", ""):
        return file, _region(region, file)
    if quote := data.get("quote", ""):
        return file, _passage(quote, data.get("start", ""), reading_of(version, file))
    if part:
        return file, _part(part, reading_of(version, file))
    return file, []


def _region(value: str, file: File | None) -> list[Selector]:
    numbers = (
        [float(number) for number in value.rpartition(":")[2].split(",")] if REGION.fullmatch(value) else []
    )
    if file is None or not numbers or any(number > LIMIT for number in numbers):
        raise ValidationError(_("That region is not on a page of this file. Mark it again."), "place")
    return places.region(value)


def _passage(quote: str, start: str, reading: Reading) -> list[Selector]:
    """The words, white space apart; of several such places the one nearest to the hint."""
    words = r"\s+".join(re.escape(word) for word in quote.split())
    hint = int(start) if start.isascii() and start.isdecimal() and len(start) < 10 else 0
    found = min(re.finditer(words, reading.text), key=lambda one: abs(one.start() - hint), default=None)
    if found is None or not words:
        raise ValidationError(
            _("These words are not in this version as it is kept. Mark them again."), "place"
        )
    return places.passage(reading, *found.span())


def _part(said: str, reading: Reading) -> list[Selector]:
    part = next((one for one in reading.parts if f"{one.kind}:{one.number}" == said), None)
    if part is None:
        raise ValidationError(_("That place is not in this version. Choose it again."), "place")
    return places.entry(reading, part)
