"""Pointing at a place of a version: what a form names is sought in what was read, and becomes selectors.

Selectors are in the terms of the W3C Web Annotation model. What a browser says of a place is never stored unchecked: a
passage is the server's own text, and a region lies within its page.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from submissions.formats import Form
from submissions.formats.reading import Part, Reading
from submissions.models import File, Version
from submissions.reading import reading_of

Selector = dict[str, Any]
Place = tuple[File | None, list[Selector]]
"""A file, None for the text written in the page or the whole, and the selectors of a place in it, if any."""
FIELDS = ("file", "quote", "start", "page", "region", "part", "line", "about")
"""What a form may say of a place."""
AROUND = 32
"""Characters of the text before and after a passage that are kept with it."""
LONGEST = 4_000
"""Characters of a passage; more is a section, which has a heading to point at."""
NEAR = 4 * LONGEST
"""Characters around a hint that are searched first: a long text takes a second to search."""
REGION = re.compile(r"(?:page=(\d{1,6})&)?xywh=percent:([\d.]+),([\d.]+),([\d.]+),([\d.]+)")
STRETCH = re.compile(r"(\d{1,9})-(\d{1,9})")
KINDS = ("heading", "page", "cell", "line", "block")
HYPHENS = "-\u2010\u2011\u00ad"
WITH_REGIONS = {Form.PDF, Form.IMAGE, Form.SVG}


@dataclass(frozen=True)
class Pointer:
    """A place as a form names it; what is empty is not said."""

    file: UUID | None = None
    quote: str = ""
    start: int | None = None
    """A hint: how many characters stand before the quote in the text; on a page, without white space."""
    page: int | None = None
    region: str = ""
    part: str = ""

    @property
    def is_whole(self) -> bool:
        return not (self.file or self.quote or self.region or self.part)


def pointed(version: Version, data: Mapping[str, Any]) -> Place:
    """The file, None for the text written in the page or the whole, and the selectors of the place in it.

    Without a place they are empty: the whole of the file, or of the version. Raises ValidationError, with a sentence,
    for a place that is not there.
    """
    pointer = pointer_of(data)
    if pointer.is_whole:
        return None, []
    file = None
    if pointer.file:
        file = version.files.filter(uuid=pointer.file, erased_at=None).select_related("blob").first()
        if file is None:
            raise gone(_("That file is not in this version. Choose the place again."))
    if pointer.region:
        return file, [region_of(pointer.region, file)]
    if not (pointer.quote or pointer.part):
        return file, []
    reading = reading_of(version, file)
    return file, selectors_of(pointer, reading, (file.pages or 0) if file else 0)


def pointer_of(data: Mapping[str, Any]) -> Pointer:
    """What a form says: marked by hand, else chosen from its list (`about`), in which a line can be named too.

    Raises ValidationError for what is no place at all.
    """
    said = {name: str(data.get(name) or "").strip() for name in FIELDS}
    if not (said["quote"] or said["region"] or said["part"]):
        file, _colon, part = said["about"].partition(":")
        if file:
            said |= {"file": "" if file == "text" else file.removeprefix("file-"), "part": part}
        if said["line"]:
            if not said["file"]:
                raise gone(_("Choose the file whose line you mean."))
            said["part"] = f"line:{said['line']}"
    try:
        file_id = UUID(said["file"]) if said["file"] else None
    except ValueError:
        raise gone(_("That file is not in this version. Choose the place again.")) from None
    return Pointer(
        file_id,
        str(data.get("quote") or ""),
        number(said["start"]),
        number(said["page"]),
        said["region"],
        said["part"],
    )


def number(text: str) -> int | None:
    """A number that a form says; of what is none, nothing is known."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def selectors_of(pointer: Pointer, reading: Reading, pages: int = 0) -> list[Selector]:
    """The selectors of a passage or a part. `pages`: how many the file has, for one whose text was not read.

    Raises ValidationError for what is not there.
    """
    if not pointer.quote:
        return part_of(pointer.part, reading, pages)
    if len(pointer.quote) > LONGEST:
        raise gone(
            _("This passage has %(n)s characters, and at most %(limit)s can be marked. Choose its heading.")
            % {"n": len(pointer.quote), "limit": LONGEST}
        )
    start, end = passage(reading, pointer)
    return passage_selectors(reading, start, end)


def passage_selectors(reading: Reading, start: int, end: int) -> list[Selector]:
    """Of a stretch of the text: its words, where they are, and what they stand in."""
    inner = next((part for kind in ("page", "cell", "line") if (part := reading.part(kind, start))), None)
    inner = inner or standing_in(reading, start)
    return [*text_selectors(reading, start, end), section(reading, start, inner)]


def text_selectors(reading: Reading, start: int, end: int) -> list[Selector]:
    return [
        {
            "type": "TextQuoteSelector",
            "exact": reading.text[start:end],
            "prefix": reading.text[max(start - AROUND, 0) : start],
            "suffix": reading.text[end : end + AROUND],
        },
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]


def standing_in(reading: Reading, at: int) -> Part | None:
    """The heading or block that a character stands in."""
    return next(
        (
            part
            for part in reading.parts
            if part.kind in ("heading", "block") and part.start <= at <= part.end
        ),
        None,
    )


def section(reading: Reading, at: int, part: Part | None) -> Selector:
    """The headings that a place stands under, and the part that it stands in."""
    found: Selector = {"type": "SectionSelector", "path": [reading.words(one) for one in reading.section(at)]}
    return found | ({"kind": part.kind, "number": part.number} if part else {})


def part_of(said: str, reading: Reading, pages: int) -> list[Selector]:
    """The selectors of a whole part, such as "heading:12". Raises ValidationError for one that is not there."""
    kind, _colon, text = said.partition(":")
    place = number(text)
    if kind == "line" and not place:
        raise gone(_("A line is named by its number, such as 12."))
    if kind not in KINDS or not place:
        raise gone(_("That place is not known. Choose it again."))
    part = next((one for one in reading.parts if (one.kind, one.number) == (kind, place)), None)
    if part is None:
        if kind == "page" and place <= pages:
            return [{"type": "SectionSelector", "path": [], "kind": kind, "number": place}]
        words = {
            "heading": _("That heading is not in this version. Choose the place again."),
            "page": _("There is no page %(n)s. Choose the place again."),
            "cell": _("There is no cell %(n)s. Choose the place again."),
            "line": _("There is no line %(n)s. Choose the place again."),
            "block": _("That paragraph is not in this version. Choose the place again."),
        }
        raise gone(words[kind] % {"n": place})
    if len(reading.words(part)) > LONGEST or not reading.words(part).strip():
        return [section(reading, part.start, part)]
    return [*text_selectors(reading, part.start, part.end), section(reading, part.start, part)]


def region_of(said: str, file: File | None) -> Selector:
    """The selector of a rectangle on a page or a picture. Raises ValidationError for one that is not on it."""
    found = REGION.fullmatch(said)
    if file is None or file.form not in WITH_REGIONS:
        raise gone(_("A region can be marked on a page of a PDF or on a picture only."))
    try:
        left, top, width, height = (round(float(one), 2) for one in (found.groups()[1:] if found else ()))
    except ValueError:
        raise gone(_("That region is not known. Mark it again.")) from None
    page = int(found[1]) if found and found[1] else None
    on_page = (page is None) if file.form != Form.PDF else page is not None and 1 <= page <= (file.pages or 0)
    if not on_page or not (0 < width <= 100 and 0 < height <= 100):
        raise gone(_("That region is not on a page of this file. Mark it again."))
    # A hand that drew to the very edge may have gone a hair beyond it.
    left, top = round(min(left, 100 - width), 2), round(min(top, 100 - height), 2)
    before = f"page={page}&" if page else ""
    value = f"{before}xywh=percent:{left:g},{top:g},{width:g},{height:g}"
    return {"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": value}


def value_of(file: File | None, selectors: list[Selector]) -> str:
    """A place as one short text, for a form that is filled in later: `placed` makes selectors of it again."""
    name = str(file.uuid) if file else "text"
    found = {one["type"]: one for one in selectors}
    if "FragmentSelector" in found:
        return f"{name}:{found['FragmentSelector']['value']}"
    if "TextPositionSelector" in found:
        return f"{name}:{found['TextPositionSelector']['start']}-{found['TextPositionSelector']['end']}"
    part = found.get("SectionSelector")
    return f"{name}:{part['kind']}:{part['number']}" if part else name


def placed(version: Version, value: str) -> Place:
    """The place that a text of `value_of` names in the version. Raises ValidationError when it is not there."""
    name, _colon, said = value.partition(":")
    stretch = STRETCH.fullmatch(said)
    if not stretch:
        kind = "region" if "xywh=" in said else "part"
        return pointed(version, {"file": "" if name == "text" else name, kind: said})
    file, _selectors = pointed(version, {"file": "" if name == "text" else name})
    reading, start, end = reading_of(version, file), int(stretch[1]), int(stretch[2])
    if not start < end <= len(reading.text) or end - start > LONGEST:
        raise gone(_("These words are not in this version as it is kept. Mark the passage again."))
    return file, passage_selectors(reading, start, end)


def gone(sentence: str) -> ValidationError:
    return ValidationError(sentence, code="place")


# Passages -------------------------------------------------------------------------------------------------------


def passage(reading: Reading, pointer: Pointer) -> tuple[int, int]:
    """Where in the text the quoted words stand: of several places the one nearest to the hint.

    White space, soft hyphens, ligatures and, where nothing else fits, hyphens at line ends may differ. Raises
    ValidationError when the words are nowhere.
    """
    pages = (part for part in reading.parts if (part.kind, part.number) == ("page", pointer.page))
    page = next(pages, None) if pointer.page else None
    near = min(pointer.start or 0, len(reading.text))
    stretches = [(max(near - NEAR, 0), near + NEAR), (0, len(reading.text))]
    if page:
        near = page.start
        stretches = [(page.start, page.end), (0, len(reading.text))]
    for dropped in ("", HYPHENS):
        words, _places = squeezed(pointer.quote, dropped)
        for first, last in stretches if words else ():
            text, places = squeezed(reading.text[first:last], dropped)
            found = list(occurrences(text, words))
            if found:
                is_counted = page is not None and first == page.start and pointer.start is not None
                hint = (pointer.start or 0) if is_counted else bisect_left(places, near - first)
                at = min(found, key=lambda one: abs(one - hint))
                return first + places[at], first + places[at + len(words) - 1] + 1
    raise gone(_("These words are not in this version as it is kept. Mark the passage again."))


def squeezed(text: str, dropped: str) -> tuple[str, list[int]]:
    """The text without white space and invisible marks, and for each of its characters the place in the old one."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if letter.isspace() or letter in dropped:
            continue
        if letter.isascii():
            letters.append(letter)
            places.append(place)
        elif unicodedata.category(letter) != "Cf":
            # Taken apart rather than put together: so an accent counts the same, however it was written.
            plain = "".join(unicodedata.normalize("NFKD", letter).split())
            letters.append(plain)
            places += [place] * len(plain)
    return "".join(letters), places


def occurrences(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)
