"""Where a thread, or a piece of evidence, is in the version on the screen, in words and for the page's scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from curriculum.wording import COMPARED_AT_MOST, Stretch, difference
from people.models import User
from submissions.formats import Form
from submissions.memory import MEMORY
from submissions.models import Anchor, File, Placement
from submissions.outline import LETTERS, Outline
from submissions.reading import boxes_of

QUOTED = 160
"""Characters of a passage that are shown with what was said about it."""
COMPARED = 4_000
"""Characters of a passage whose change is shown word by word: of a longer one nothing is compared."""
AROUND = 60
"""Characters around a change of a long passage that are shown with it."""
EXCERPT = 900
"""Characters of all changes of a passage that are shown."""
BY_LINE = {Form.CODE, Form.NOTEBOOK, Form.PLANTUML, Form.MERMAID}
REGION = re.compile(r"(?:page=(\d+)&)?xywh=percent:([\d.]+),([\d.]+)")
State = Placement.State


def selector(selectors: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one of this type, such as "TextQuoteSelector"; empty where there is none."""
    return next((one for one in selectors if one.get("type") == kind), {})


def exact(selectors: list[dict[str, Any]]) -> str:
    """The words of a passage as they stand."""
    return str(selector(selectors, "TextQuoteSelector").get("exact", ""))


def quoted(selectors: list[dict[str, Any]]) -> str:
    """The words of a passage, in one line."""
    return " ".join(exact(selectors).split())


def region_in_words(value: str) -> str:
    """Of a rectangle on a page or a picture, as its selector names it; nothing for what is none."""
    found = REGION.match(value)
    if not found:
        return ""
    return (
        _("%(page)s, a region") % {"page": _("page %(n)s") % {"n": found[1]}} if found[1] else _("a region")
    )


@MEMORY.keeps(512)
def changed_words(old: str, new: str) -> tuple[Stretch, ...]:
    """How a passage changed, word by word; of a long one each change with what stands around it.

    Nothing of one that is too long, or too much another one, to be compared.
    """
    if max(len(old), len(new)) > COMPARED:
        return ()
    before, after = old.split(), new.split()
    head = agreement(before, after)
    tail = agreement(before[head:][::-1], after[head:][::-1])
    ours, theirs = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(ours) * len(theirs) > COMPARED_AT_MOST:
        return ()
    around = [
        Stretch("same", " ".join([*words, ""])) for words in (before[:head], before[len(before) - tail :])
    ]
    middle = difference(" ".join([*ours, ""]), " ".join([*theirs, ""]))
    return tuple(excerpt([one for one in (around[0], *middle, around[1]) if one.text.strip()]))


def agreement(ours: list[str], theirs: list[str]) -> int:
    """How many words are the same from the first on."""
    pairs = zip(ours, theirs, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(ours), len(theirs)))


def excerpt(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Stretches without the middle of what stayed the same, and at most so many characters of them."""
    left = EXCERPT
    last = len(stretches) - 1
    for at, one in enumerate(stretches):
        text = one.text
        if one.kind == "same" and len(text) > 3 * AROUND:
            before = text[:AROUND].rpartition(" ")[0] if at else ""
            after = text[-AROUND:].partition(" ")[2] if at < last else ""
            text = f"{before} … {after}".lstrip()
        if len(text) > left:
            yield Stretch(one.kind, Truncator(text).chars(max(left, 2)))
            return
        left -= len(text)
        yield Stretch(one.kind, text)


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
        return self._shortened(self.selectors)

    @cached_property
    def old_words(self) -> str:
        """The passage as it was when it was pointed at, where it is not found as it was."""
        if self.state in (State.EXACT, State.MOVED, ""):
            return ""
        return self._shortened(self.was.selectors)

    def _shortened(self, selectors: list[dict[str, Any]]) -> str:
        """A passage, not too long; of code with its lines."""
        if self.is_code:
            # A selection may begin behind the blanks of its first line.
            before = str(selector(selectors, "TextQuoteSelector").get("prefix", "")).rpartition("\n")[2]
            blanks = "" if before.strip() else before
            return Truncator(dedent(blanks + exact(selectors)).strip("\n")).chars(QUOTED)
        return Truncator(quoted(selectors)).chars(QUOTED)

    @property
    def is_code(self) -> bool:
        """Whether it is in a file whose lines mean something."""
        return self.file is not None and self.file.form in BY_LINE

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
        last = self._last_line if kind == "line" else None
        words = {"page": _("page %(n)s"), "cell": _("cell %(n)s"), "line": _("line %(n)s")}.get(str(kind), "")
        inner = (_("lines %(n)s–%(last)s") if last else words) % {"n": number, "last": last}
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

    @property
    def _last_line(self) -> int | None:
        """Of a passage that goes over several lines the number of the last; None of one line."""
        first, more = self.section.get("number"), exact(self.selectors).rstrip().count("\n")
        return int(first) + more if first and more else None

    @property
    def what(self) -> str:
        """What may have changed where it is: "text", or of a region the "page" or the "picture"."""
        if not self.region:
            return "text"
        return "page" if self._found[0] else "picture"

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
