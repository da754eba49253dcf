"""The ladder: where a place of an old version is in a new one, in steps from sure to vague.

Exact (the same words in the same section), moved (the same words elsewhere), changed (other words that say nearly the
same, with their likeness), the same section, page or cell, and at last the whole file or the whole version. A place is
found through its surroundings: old and new text are aligned sentence by sentence, once for all places, and within
sentences word by word. So the second of two equal sentences is never taken for the first; where nothing tells them
apart, the section is said.

Pure: it knows texts, and neither rows nor files.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from submissions.formats.reading import Part, Reading
from submissions.ladder import places
from submissions.ladder.letters import Letters
from submissions.ladder.mapping import Found, Mapping
from submissions.ladder.places import Place, Selector

Key = TypeVar("Key")
Source = Reading | Callable[[], Reading]
"""A reading, or what reads it once it is needed."""
STATES = ("exact", "moved", "changed", "section", "whole")
"""From sure to vague; the values of `Placement.State`."""
RENAMED = 0.3
"""The least share of a file's letters that a file of another name has, to be the same file."""
STRANGE, SWAPPED = 0.05, 0.6
"""A file that has hardly any of the letters is not meant by its name, where another has so many of them."""
HALF = 0.5
"""Likeness; with less a page is not the one it was."""
TELLING = 40
"""Letters that must be the same to follow a passage into another file."""


@dataclass(frozen=True)
class Placed(Generic[Key]):
    """Where a place is now. Without selectors it is the whole file; without a key, too, the whole version."""

    key: Key | None
    state: str
    score: float
    """Likeness of the text, from 0 to 1."""
    selectors: list[Selector] = field(default_factory=list)


@dataclass(frozen=True)
class Candidate(Generic[Key]):
    """A text of the new version."""

    key: Key
    name: str
    source: Source

    @cached_property
    def reading(self) -> Reading:
        return self.source if isinstance(self.source, Reading) else self.source()

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.reading)

    @property
    def form(self) -> str:
        return self.name.rpartition(".")[2].casefold()


def place(
    selectors: Sequence[Selector],
    old: Reading,
    news: Sequence[tuple[Key, str, Reading]],
    file_name: str = "",
) -> Placed[Key]:
    """Where the place is in the new texts, each with its key and its name; `file_name` is that of the old one."""
    return Ladder(old, news, file_name).place(selectors)


class Ladder(Generic[Key]):
    """The ladder for all places of one old text."""

    def __init__(
        self,
        old: Reading,
        news: Sequence[tuple[Key, str, Source]],
        file_name: str = "",
        same: Collection[Key] = (),
        others: Sequence[Source] = (),
        looks_same: Callable[[Key, int, int, str], bool] = lambda *_: False,
    ) -> None:
        """`same`: keys of those with the very bytes of the old one, or that look just as it does; `others`: the other
        texts of the old version; `looks_same`: whether in a new one a region of an old page looks on a page as it did.
        """
        self.looks_same = looks_same
        self.old, self.name, self.same = old, file_name, same
        self.news = [Candidate(*new) for new in news]
        self.others = [Candidate(None, "", other) for other in others]
        self.letters = Letters(old)
        self._mappings: dict[int, Mapping] = {}

    @cached_property
    def file(self) -> Candidate[Key] | None:
        """What the old text has become; None when it is gone.

        Of the same name; but when that says something else altogether, or is gone, the one that is most like it.
        """
        for new in self.news:
            if new.key in self.same and new.name == self.name:
                return new
        named = next((new for new in self.news if new.name == self.name), None)
        if named and (self._share(named) > STRANGE or len(self.news) == 1):
            return named
        form = self.name.rpartition(".")[2].casefold()
        others = [new for new in self.news if new is not named]
        best = max(
            others, key=lambda new: (new.key in self.same, self._share(new), new.form == form), default=None
        )
        if best is None:
            return named
        is_it = best.key in self.same or self._share(best) >= (SWAPPED if named else RENAMED)
        return best if is_it else named

    def _share(self, new: Candidate[Key]) -> float:
        """How many of the old letters stand in units that the new text has too."""
        if not self.letters.text:
            return 1.0 if not new.letters.text and new.key in self.same else 0.0
        there = {unit.key for unit in new.letters.units}
        kept = sum(len(unit.key) for unit in self.letters.units if unit.key in there)
        return kept / len(self.letters.text)

    def mapping(self, new: Candidate[Key]) -> Mapping:
        """Of the old text onto a new one, made once."""
        at = self.news.index(new)
        if at not in self._mappings:
            self._mappings[at] = Mapping(self.letters, new.letters)
        return self._mappings[at]

    def place(self, selectors: Sequence[Selector]) -> Placed[Key]:
        """Where the place is that these selectors name in the old text."""
        file = self.file
        if not selectors:
            return Placed(file.key, "whole", 1.0) if file else Placed(None, "whole", 0.0)
        said = places.read(selectors)
        if file and (file.key in self.same or self.old == file.reading):
            page = said.page or 1
            is_same = not said.region or self.looks_same(file.key, page, page, said.region)
            is_same = is_same or file.key in self.same
            return Placed(file.key, "exact" if is_same else "changed", 1.0, list(selectors))
        if said.region or not (said.is_passage or said.exact):
            return self._part(said, file)
        stretch = places.find(said, self.old)
        if stretch is None:
            return self._part(said, file)
        found = self._found(file, stretch) if file else None
        if file and found and found.state in ("exact", "moved", "changed"):
            return self._at(file, found, said)
        return self._elsewhere(stretch, file, said) or self._vague(stretch, file, found)

    def _found(self, new: Candidate[Key], stretch: tuple[int, int]) -> Found | None:
        first, last = self.letters.inside(*stretch)
        return self.mapping(new).find(first, last) if first < last else None

    def _at(self, new: Candidate[Key], found: Found, said: Place) -> Placed[Key]:
        """A passage that was found; a part that was found as such, if it still is one."""
        start, end = new.letters.outside(found.start, found.end)
        part = next(
            (
                one
                for one in new.reading.parts
                if one.kind == said.kind and (one.start, one.end) == (start, end)
            ),
            None,
        )
        made = places.entry(new.reading, part) if part else places.passage(new.reading, start, end)
        return Placed(new.key, found.state, round(found.score, 4), made)

    def _elsewhere(
        self, stretch: tuple[int, int], file: Candidate[Key] | None, said: Place
    ) -> Placed[Key] | None:
        """In another file, if the same words came there that were in none but this."""
        first, last = self.letters.inside(*stretch)
        words = self.letters.text[first:last]
        if len(words) < TELLING or self.letters.text.count(words) != 1:
            return None
        if any(words in other.letters.text for other in self.others):
            return None
        holders = [new for new in self.news if new is not file and words in new.letters.text]
        if len(holders) != 1 or holders[0].letters.text.count(words) != 1:
            return None
        start = holders[0].letters.text.index(words)
        return self._at(holders[0], Found("moved", 1.0, start, start + len(words)), said)

    def _vague(
        self, stretch: tuple[int, int], file: Candidate[Key] | None, found: Found | None
    ) -> Placed[Key]:
        """The section, the page or the cell where the passage was; else the whole file, else the whole version."""
        if file is None:
            return Placed(None, "whole", 0.0)
        score = round(found.score, 4) if found else 0.0
        first, last = self.letters.inside(*stretch)
        part = self.mapping(file).home(stretch[0], first, last)
        if part is None:
            return Placed(file.key, "whole", score)
        return Placed(file.key, "section", score, places.entry(file.reading, part))

    def _part(self, said: Place, file: Candidate[Key] | None) -> Placed[Key]:
        """A page or a region on it, by the likeness of the page's text; a region of a picture where it was."""
        if file is None:
            return Placed(None, "whole", 0.0)
        if not said.page and not said.region:
            return self._named(said, file)
        if not said.page:
            is_same = self.looks_same(file.key, 1, 1, said.region)
            return Placed(
                file.key, "exact" if is_same else "changed", float(is_same), places.region(said.region)
            )
        page, score = self.mapping(file).page(said.page)
        if page is None:
            return self._unread_page(said, file)
        return self._on_page(said, file, page, score)

    def _on_page(self, said: Place, file: Candidate[Key], page: Part, score: float) -> Placed[Key]:
        if score < HALF:
            return Placed(file.key, "section", score, places.entry(file.reading, page))
        if said.region:
            value = places.PAGE.sub(f"page={page.number}", said.region)
            if self.looks_same(file.key, said.page, page.number, said.region):
                state = "exact" if page.number == said.page else "moved"
                return Placed(file.key, state, 1.0, places.region(value))
            return Placed(file.key, "changed", score, places.region(value))
        state = "changed" if score < 1 else "exact" if page.number == said.page else "moved"
        return Placed(file.key, state, score, places.entry(file.reading, page))

    def _unread_page(self, said: Place, file: Candidate[Key]) -> Placed[Key]:
        """A page of which nothing was read, such as a scanned one, is the one with its number."""
        pages = [part for part in file.reading.parts if part.kind == "page"]
        page = next((part for part in pages if part.number == said.page), None)
        was_read = any(
            (part.kind, part.number) == ("page", said.page) and self.old.words(part).strip()
            for part in self.old.parts
        )
        if said.region and not was_read and (page or not pages):
            is_same = self.looks_same(file.key, said.page, said.page, said.region)
            return Placed(
                file.key, "exact" if is_same else "changed", float(is_same), places.region(said.region)
            )
        if page is None:
            return Placed(file.key, "whole", 0.0)
        return Placed(file.key, "section", 0.0, places.entry(file.reading, page))

    def _named(self, said: Place, file: Candidate[Key]) -> Placed[Key]:
        """A part that was named and not quoted: too long, or without words."""
        stretch = places.find(said, self.old)
        found = self._found(file, stretch) if stretch else None
        if stretch and found and found.state in ("exact", "moved", "changed"):
            start, _end = file.letters.outside(found.start, found.end)
            part = file.reading.part(said.kind, start)
            if part:
                return Placed(file.key, found.state, round(found.score, 4), places.entry(file.reading, part))
        return self._vague(stretch, file, found) if stretch else Placed(file.key, "whole", 0.0)
