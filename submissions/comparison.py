"""Two versions of one submission beside each other: their files in pairs, and what differs in each pair."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property
from itertools import product, zip_longest
from typing import Any
from urllib.parse import parse_qs

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from submissions import store
from submissions.difference import CHANGED, SAME, Difference, Row, difference
from submissions.formats import Form, markdown, notebook, text
from submissions.formats.reading import Reading
from submissions.memory import MEMORY
from submissions.models import File, Version
from submissions.models.anchor import Anchor, Placement
from submissions.reading import reading_of, readings_of
from submissions.redline import Redline, Stretch
from submissions.showing import ShownFile

SHOWN_MARKDOWN = 200_000
"""Characters of a Markdown file that are rendered."""
LIKE_NAME = 0.6
"""From 0 to 1: how alike the names of two files of one form are that may be one file under another name."""
ON_A_PAGE = 3_000_000
"""Characters that one page compares, of all files on both sides."""
PICTURES = (Form.IMAGE, Form.SVG)
CONTEXT = {"line": 3}
"""Unchanged lines that stay in sight beside a change; of blocks, cells and pages one."""
FOLDED = 3
"""Unchanged ones that are folded away; fewer are in sight."""


@MEMORY.keeps(16)
def difference_of(old: Reading, new: Reading) -> Difference:
    return difference(old, new)


@MEMORY.keeps(16)
def rendered_blob(sha256: str) -> str:
    """A Markdown file as safe HTML, with the places of its blocks."""
    with store.lent(sha256) as path:
        return markdown.shown(text.read(path, SHOWN_MARKDOWN)[0])


@MEMORY.keeps(16)
def rendered_text(source: str) -> str:
    """The same of what was written in the page."""
    return markdown.shown(source)


@MEMORY.keeps(16)
def pictures_of_blob(sha256: str) -> dict[int, tuple[tuple[int, str], ...]]:
    """What the cells of a notebook put out as pictures, as `notebook.pictures` says it."""
    with store.lent(sha256) as path:
        return notebook.pictures(path)


@dataclass
class Fold:
    """Stretches in a row, all in sight, or all unchanged and folded away."""

    stretches: list[Stretch] = field(default_factory=list)
    is_folded: bool = False

    @property
    def lines(self) -> SafeString:
        """Unchanged lines as one text."""
        return mark_safe("\n".join(one.new for one in self.stretches))


@dataclass(frozen=True)
class Spot:
    """Where a thread's place is in a compared pair: at which row of its difference, and on which side it was sought."""

    row: int | None = None
    side: str = ""


class Shelf:
    """What was read of all files that are compared, fetched at once when the first is asked for."""

    def __init__(self) -> None:
        self.files: list[File] = []

    @cached_property
    def readings(self) -> dict[int, Reading | None]:
        return readings_of(self.files)

    def of(self, file: File) -> Reading | None:
        return self.readings.get(file.pk)


class Pair:
    """One file of two versions, or the text that was written in the page; either may lack it.

    `old` and `new` are None where the version has no such file. `how`: same, renamed, added, removed.
    """

    def __init__(
        self, shelf: "Shelf", versions: tuple[Version, Version], old: File | None, how: str, new: File | None
    ) -> None:
        self.shelf, self.versions, self.old, self.new, self.how = shelf, versions, old, new, how
        self.first = 1
        """The number of its first change on the page."""

    @property
    def anchor(self) -> str:
        """The id of its section."""
        file = self.new or self.old
        return f"pair-{file.uuid}" if file else "pair-text"

    @property
    def name(self) -> str:
        file = self.new or self.old
        if file is None:
            return _("Text")
        return _("Erased file") if file.erased_at else file.name

    @property
    def files(self) -> list[tuple[Version, ShownFile]]:
        """Each file that is there, with its version."""
        both = zip(self.versions, (self.old, self.new), strict=True)
        return [(version, ShownFile(file)) for version, file in both if file]

    @property
    def is_erased(self) -> bool:
        if self.old is None and self.new is None:
            return any(version.text_erased_at for version in self.versions)
        return any(file and file.erased_at for file in (self.old, self.new))

    @property
    def is_identical(self) -> bool:
        """Whether the bytes are the same, by their digest."""
        return bool(self.old and self.new and not self.is_erased and self.old.blob_id == self.new.blob_id)

    @property
    def form(self) -> str:
        file = self.new or self.old
        return file.form if file else Form.MARKDOWN

    @cached_property
    def kind(self) -> str:
        """How it is compared: erased, identical, alone, missing, picture, pdf, scanned, text, apart or later."""
        is_picture = {file.form for file in (self.old, self.new) if file} <= set(PICTURES) and self.old
        kinds = [
            (self.is_erased, "erased"),
            (self.is_identical, "identical"),
            (self.how in ("added", "removed"), "alone"),
            (is_picture, "picture"),
        ]
        kind = next((kind for holds, kind in kinds if holds), "")
        return kind or self._kind_of_text()

    def _kind_of_text(self) -> str:
        if self.readings is None:
            return "missing"
        if self.form == Form.PDF:
            return "pdf" if any(reading.text.strip() for reading in self.readings) else "scanned"
        return "text" if any(reading.text for reading in self.readings) else "apart"

    @cached_property
    def readings(self) -> tuple[Reading, Reading] | None:
        """Both texts; None where the store has lost the bytes of a file."""
        before, after = self.versions
        old = self.shelf.of(self.old) if self.old else reading_of(before, None)
        new = self.shelf.of(self.new) if self.new else reading_of(after, None)
        return (old, new) if old and new else None

    @cached_property
    def html(self) -> tuple[str, str] | None:
        """Both rendered, for Markdown."""
        if self.old is None and self.new is None:
            old, new = self.versions
            return rendered_text(old.text), rendered_text(new.text)
        if self.old and self.new and {self.old.form, self.new.form} == {Form.MARKDOWN}:
            return rendered_blob(self.old.blob.sha256), rendered_blob(self.new.blob.sha256)
        return None

    @property
    def is_text(self) -> bool:
        return self.kind in ("text", "pdf")

    @property
    def length(self) -> int:
        """Characters that are compared of both."""
        return sum(len(reading.text) for reading in self.readings or ()) if self.is_text else 0

    def put_off(self) -> None:
        """Leaves the comparison to a page of its own."""
        self.kind = "later"

    @cached_property
    def difference(self) -> Difference:
        found = difference_of(*self.readings) if self.readings else Difference("block", ())
        if found.unit != "cell":
            return found
        # A cell of which only a picture is another one has changed too.
        rows = [
            replace(row, kind=CHANGED) if row.kind == SAME and self.pictures(row) else row
            for row in found.rows
        ]
        return replace(found, rows=tuple(rows))

    def pictures(self, row: Row) -> tuple[tuple[int | None, int | None], ...]:
        """The pictures that a cell puts out and that are others now: what was, and what is in its place."""
        if row.side == "old":
            return ()
        olds, news = self._pictures
        before = olds.get(row.old.number, ()) if row.old else ()
        after = news.get(row.new.number, ()) if row.new else ()
        nothing = (None, "")
        both = zip_longest(before, after, fillvalue=nothing)
        return tuple((was, now) for (was, old), (now, new) in both if old != new)

    @cached_property
    def _pictures(self) -> list[dict[int, tuple[tuple[int, str], ...]]]:
        """Of both notebooks; none where the store has lost one."""
        try:
            return [pictures_of_blob(file.blob.sha256) if file else {} for file in (self.old, self.new)]
        except OSError:
            return [{}, {}]

    @property
    def count(self) -> int:
        """Its changes: of a text those in it, of all else that it is another one."""
        if self.is_text:
            return self.difference.count
        return int(self.kind in ("alone", "picture", "scanned", "apart", "later"))

    @property
    def note(self) -> str:
        """A sentence when not all of it was compared."""
        notes = [reading.note for reading in self.readings or () if reading.note]
        if self.difference.is_partial:
            notes.append(_("This text is very long: only its first part was compared."))
        return " ".join(dict.fromkeys(notes))

    @cached_property
    def stretches(self) -> list[Stretch]:
        if self.readings is None:
            return []
        made = Redline(self.difference, *self.readings, self.html, self.first).stretches
        if self.difference.unit == "cell":
            for one in made:
                one.pictures = self.pictures(self.difference.rows[one.rows[0]])
        return made

    def folds(self, spot: Spot | None = None) -> list[Fold]:
        """The stretches in order, those far from any change folded away; never the one with the thread's place."""
        kept: set[int] = set()
        near = CONTEXT.get(self.difference.unit, 1)
        for place, one in enumerate(self.stretches):
            if not one.is_same or (spot and spot.row in one.rows):
                kept.update(range(place - near, place + near + 1))
        found: list[Fold] = []
        for place, one in enumerate(self.stretches):
            is_folded = place not in kept
            if not found or found[-1].is_folded != is_folded:
                found.append(Fold(is_folded=is_folded))
            found[-1].stretches.append(one)
        for fold in found:
            fold.is_folded = fold.is_folded and (len(fold.stretches) >= FOLDED or len(found) == 1)
        return found

    # The place of a thread ----------------------------------------------------------------------------------
    def holds(self, file: int | None, side: str) -> bool:
        """Whether a place in that file, or in the text of the version, is on this side of the pair."""
        mine = self.old if side == "old" else self.new
        return mine.pk == file if mine else file is None and self.old is self.new

    def spot(self, selectors: Sequence[dict[str, Any]], side: str) -> Spot:
        """Where the selectors of an anchor, or of a placement, lead in what was compared."""
        if not self.is_text or self.readings is None:
            return Spot()
        reading = self.readings[side == "new"]
        at = place_of(selectors, reading)
        return Spot() if at is None else Spot(self.difference.row_at(side, at), side)

    def change_at(self, spot: Spot) -> int:
        """The number, on the page, of the change at the place, or of the nearest one; 0 where there is none."""
        if spot.row is None:
            return self.first if self.count else 0
        number = self.difference.nearest(spot.row)
        return number + self.first - 1 if number else 0

    def is_changed_at(self, spot: Spot) -> bool:
        """Whether something changed at the place itself."""
        if spot.row is None:
            return bool(self.count)
        row = self.difference.rows[spot.row]
        return row.kind != "same"


def place_of(selectors: Sequence[dict[str, Any]], reading: Reading) -> int | None:
    """The character of a reading at which selectors begin; None where they name no place in its text."""
    found = {str(one.get("type")): one for one in selectors}
    if position := found.get("TextPositionSelector"):
        return int(position["start"])
    kind, number = "", 0
    if section := found.get("SectionSelector"):
        kind, number = str(section.get("kind", "")), int(section.get("number") or 0)
    elif fragment := found.get("FragmentSelector"):
        page = parse_qs(str(fragment.get("value", ""))).get("page", [""])[0]
        kind, number = "page", int(page) if page.isdecimal() else 0
    return next((part.start for part in reading.parts if (part.kind, part.number) == (kind, number)), None)


# Which file is which ----------------------------------------------------------------------------------------
def paired(versions: tuple[Version, Version]) -> list[Pair]:
    """What two versions hold, in the order of the newer one: by name, by content, then by form and likeness of name."""
    files = list(File.objects.filter(version__in=versions).select_related("blob"))
    olds, news = ([file for file in files if file.version_id == version.pk] for version in versions)
    partners: dict[int, tuple[File | None, str]] = {}
    for how, pairs in (("same", by_name), ("renamed", by_content), ("renamed", by_form)):
        left = [file for file in news if file.pk not in partners]
        taken = {old.pk for old, _how in partners.values() if old}
        for old, new in pairs([file for file in olds if file.pk not in taken], left):
            partners[new.pk] = old, how
    taken = {old.pk for old, _how in partners.values() if old}
    shelf = Shelf()
    found = []
    if any(one.text.strip() or one.text_erased_at for one in versions):
        found.append(Pair(shelf, versions, None, "same", None))
    for file in news:
        before, way = partners.get(file.pk, (None, "added"))
        found.append(Pair(shelf, versions, before, way, file))
    found += [Pair(shelf, versions, file, "removed", None) for file in olds if file.pk not in taken]
    shelf.files = [file for pair in found if pair.old and pair.new for file in (pair.old, pair.new)]
    return found


def put_off(pairs: Sequence[Pair]) -> None:
    """Leaves what would be too much for one page to pages of their own; never the first."""
    left = ON_A_PAGE
    for number, pair in enumerate(pairs):
        left -= pair.length
        if left < 0 and number and pair.is_text:
            pair.put_off()


def by_name(olds: list[File], news: list[File]) -> Iterator[tuple[File, File]]:
    """Of the same name; what was erased has none, and stands in its order."""
    gone = [file for file in olds if file.erased_at], [file for file in news if file.erased_at]
    yield from zip(*gone, strict=False)
    names = {file.name: file for file in olds if not file.erased_at}
    yield from ((names[file.name], file) for file in news if not file.erased_at and file.name in names)


def by_content(olds: list[File], news: list[File]) -> Iterator[tuple[File, File]]:
    """Of the same bytes, each once."""
    left = list(olds)
    for file in news:
        same = next((one for one in left if one.blob_id == file.blob_id and not one.erased_at), None)
        if same and not file.erased_at:
            left.remove(same)
            yield same, file


def by_form(olds: list[File], news: list[File]) -> Iterator[tuple[File, File]]:
    """Of the same form: those with the most alike names first, or the only ones that are left."""
    ours, theirs = ([file for file in files if not file.erased_at] for files in (olds, news))
    lonely = [Counter(file.form for file in files) for files in (ours, theirs)]
    alike = sorted(
        (-SequenceMatcher(None, old.name, new.name).ratio(), old.pk, new.pk, old, new)
        for old, new in product(ours, theirs)
        if old.form == new.form
    )
    taken: set[int] = set()
    for score, _old, _new, old, new in alike:
        is_only = all(forms[old.form] == 1 for forms in lonely)
        if not {old.pk, new.pk} & taken and (-score >= LIKE_NAME or is_only):
            taken |= {old.pk, new.pk}
            yield old, new


# Where it leads ---------------------------------------------------------------------------------------------
def places(
    anchor: Anchor, versions: tuple[Version, Version]
) -> list[tuple[str, int | None, list[dict[str, Any]]]]:
    """Where an anchor is in either version, the old one first: side, file and selectors."""
    found = {row.version_id: row for row in Placement.objects.filter(anchor=anchor, version__in=versions)}
    sides = []
    for side, version in zip(("old", "new"), versions, strict=True):
        row = found.get(version.pk)
        if anchor.version_id == version.pk and not (row and row.selectors):
            sides.append((side, anchor.file_id, anchor.selectors))
        elif row:
            sides.append((side, row.file_id, row.selectors))
    return sides
