"""Where a thread, or a piece of evidence, is in the version on the screen, in words and for the page's scripts."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from curriculum.wording import Stretch, difference
from people.models import User
from submissions.formats import Form
from submissions.memory import MEMORY
from submissions.models import Anchor, File, Placement
from submissions.outline import LETTERS, Outline
from submissions.reading import boxes_of

QUOTED = 160
"""Characters of a passage that are shown with what was said about it."""
COMPARED = 1_200
"""Characters of a passage whose change is shown word by word."""
REGION = re.compile(r"(?:page=(\d+)&)?xywh=percent:([\d.]+),([\d.]+)")
State = Placement.State


def selector(selectors: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one of this type, such as "TextQuoteSelector"; empty where there is none."""
    return next((one for one in selectors if one.get("type") == kind), {})


def quoted(selectors: list[dict[str, Any]]) -> str:
    """The words of a passage, in one line."""
    return " ".join(str(selector(selectors, "TextQuoteSelector").get("exact", "")).split())


@MEMORY.keeps(512)
def changed_words(old: str, new: str) -> tuple[Stretch, ...]:
    return difference(old[:COMPARED], new[:COMPARED])


@dataclass(frozen=True)
class ShownPlace:
    """A place in a version, or one of another version that has none here.

    `placement` is None for the latter; `was` is the anchor as it was made.
    """

    was: Anchor
    placement: Placement | None
    outline: Outline | None

    @classmethod
    def of(cls, anchor: Anchor, placement: Placement | None, outline: Outline | None) -> "ShownPlace | None":
        """None for what is, and always was, about a whole version."""
        placed = placement and (placement.selectors or placement.file_id)
        if not (anchor.selectors or anchor.file_id or placed):
            return None
        return cls(anchor, placement, outline)

    @property
    def state(self) -> str:
        return str(self.placement.state) if self.placement else ""

    @property
    def is_shown(self) -> bool:
        """Whether it is a place in what is shown, and not the whole of the version."""
        return bool(self.placement and (self.placement.selectors or self.placement.file_id))

    @property
    def by(self) -> User | None:
        """Who said by hand that it is there; None when it was found."""
        return self.placement.by if self.placement else None

    @property
    def is_loose(self) -> bool:
        """Whether a person may know better where it is in what is shown, or may have been wrong."""
        return self.placement is not None and (self.state != State.EXACT or self.by is not None)

    @property
    def file(self) -> File | None:
        """The file that it is in; None for the text that was written in the page."""
        return self.placement.file if self.placement and self.is_shown else self.was.file

    @property
    def selectors(self) -> list[dict[str, Any]]:
        return self.placement.selectors if self.placement and self.is_shown else self.was.selectors

    @property
    def prefix(self) -> str:
        """What the ids of its elements begin with."""
        return f"file-{self.file.uuid}" if self.file else "text"

    @cached_property
    def words(self) -> str:
        """The passage as it stands, in one line and not too long."""
        if self.state in (State.SECTION, State.WHOLE):
            return ""
        return Truncator(quoted(self.selectors)).chars(QUOTED)

    @cached_property
    def old_words(self) -> str:
        """The passage as it was when it was pointed at, where it is not found as it was."""
        if self.state in (State.EXACT, State.MOVED, ""):
            return ""
        return Truncator(quoted(self.was.selectors)).chars(QUOTED)

    @property
    def change(self) -> tuple[Stretch, ...]:
        """How the passage changed, word by word."""
        if self.state != State.CHANGED:
            return ()
        old, new = quoted(self.was.selectors), quoted(self.selectors)
        return changed_words(old, new) if old and new and old != new else ()

    @cached_property
    def section(self) -> dict[str, Any]:
        return selector(self.selectors, "SectionSelector")

    @cached_property
    def region(self) -> str:
        return str(selector(self.selectors, "FragmentSelector").get("value", ""))

    @property
    def _found(self) -> tuple[int | None, float, float]:
        """Of a region its page and its corner."""
        found = REGION.match(self.region)
        if not found:
            return None, 0, 0
        return int(found[1]) if found[1] else None, float(found[3]), float(found[2])

    @property
    def heading(self) -> str:
        """The heading that it stands under, or is."""
        path = self.section.get("path") or [""]
        return str(path[-1])

    @property
    def old_heading(self) -> str:
        """The one that it stood under, where that is another."""
        path = selector(self.was.selectors, "SectionSelector").get("path") or [""]
        return str(path[-1]) if self.placement and path[-1] != self.heading else ""

    @property
    def where(self) -> str:
        """The file, and the page, cell, line or section in it; nothing for a text without headings."""
        page = self._found[0]
        kind, number = ("page", page) if page else (self.section.get("kind"), self.section.get("number"))
        inner = {
            "page": _("page %(n)s"),
            "cell": _("cell %(n)s"),
            "line": _("line %(n)s"),
        }.get(str(kind), "") % {"n": number}
        if not inner and self.heading:
            inner = _("“%(heading)s”") % {"heading": Truncator(self.heading).chars(60)}
        if self.region and not inner:
            inner = _("a region")
        elif self.region:
            inner = _("%(page)s, a region") % {"page": inner}
        name = ""
        if self.file:
            name = _("Erased file") if self.file.erased_at else self.file.name
        return ", ".join(filter(None, (name, inner)))

    @property
    def extent(self) -> str:
        """Of a region where it lies on its page or picture, and how large it is."""
        if not self.region:
            return ""
        sides = dict(
            zip(("left", "top", "width", "height"), self.region.rpartition(":")[2].split(","), strict=True)
        )
        return (
            _("%(left)s %% from the left, %(top)s %% from the top, %(width)s %% wide, %(height)s %% high")
            % sides
        )

    @cached_property
    def element(self) -> str:
        """The id of the element that holds it: a line, a cell, a page, else its heading, else the text or file."""
        kind, number = self.section.get("kind"), self.section.get("number")
        page = self._found[0]
        if page:
            kind, number = "page", page
        letter = {**LETTERS, "line": "L"}.get(str(kind), "")
        if letter and number:
            return f"{self.prefix}-{letter}{number}"
        return self.outline.heading(self.prefix, self.heading) if self.outline else self.prefix

    @property
    def order(self) -> tuple[float, ...]:
        """The place in the document: the file, the page, and where on it."""
        rank = self.outline.rank_of(self.prefix) if self.outline else 0
        page, top, left = self._found
        number = self.section.get("number") if self.section.get("kind") in ("page", "cell", "line") else 0
        start = selector(self.selectors, "TextPositionSelector").get("start", -1)
        return (rank, float(page or number or 0), float(start), top, left)

    @property
    def boxes(self) -> list[list[float]]:
        """Of a passage in a PDF where it stands on its pages, a box a line: page, left, top, width and height."""
        position = selector(self.selectors, "TextPositionSelector")
        if not (self.file and self.placement and self.file.form == Form.PDF and position):
            return []
        if self.state == State.SECTION:
            return []
        found = boxes_of(self.placement.version, self.file, position["start"], position["end"])
        return [
            [one.page, *(round(side, 4) for side in (one.left, one.top, one.width, one.height))]
            for one in found
        ]

    @property
    def marked(self) -> dict[str, Any]:
        """For the page's scripts; places in the text are characters of its reading."""
        position = selector(self.selectors, "TextPositionSelector")
        return {
            "file": str(self.file.uuid) if self.file else "",
            "start": position.get("start"),
            "end": position.get("end"),
            "boxes": self.boxes,
            "region": self.region,
            "state": self.state,
            "element": self.element,
        }
