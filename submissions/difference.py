"""What differs between two readings: which blocks, lines, cells or pages, and which words in them.

Nothing is lost: every part of both readings stands in a row in its place, and the edits of a row give back both texts.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from curriculum.likeness import WORD
from submissions.edits import Edit, Place, Purse, edits, runs
from submissions.formats.reading import Part, Reading

READ = 1_000_000
"""Characters of a text that are compared."""
WEIGHED = 4_000_000
"""Words that are looked at to find which parts are alike; after that, what has no partner was taken out or put in."""
PAIRED = 20
"""What a pair costs beside its words, in words."""
ALIKE = 0.5
"""From 0 to 1: two parts that share fewer of their words are not one part reworded in its place."""
MOVED = 0.7
"""The same for one that also stands elsewhere."""
SUBSTANCE = 12
"""Letters and digits of a part that has moved: a lone brace or "Yes" is found anywhere."""
SAME, CHANGED, REMOVED, ADDED, MOVED_TO = "same", "changed", "removed", "added", "moved"


@dataclass(frozen=True)
class Row:
    """A part as it was and as it is."""

    kind: str
    """same, changed, removed, added or moved."""
    old: Part | None = None
    new: Part | None = None
    edits: tuple[Edit, ...] = ()
    """From the old part's text to the new one's; of pages, to the new page's from wherever its text was."""
    side: str = ""
    """Of a moved part, which has two rows: "old" where it was, "new" where it is. Of all others nothing."""

    @property
    def in_old(self) -> Part | None:
        """The part that stands in this row before."""
        return None if self.side == "new" else self.old

    @property
    def in_new(self) -> Part | None:
        """The part that stands in this row now."""
        return None if self.side == "old" else self.new


@dataclass(frozen=True)
class Difference:
    """All rows of two readings, in the order of both."""

    unit: str
    """What a row is: "block" (headings too), "line", "cell" or "page"."""
    rows: tuple[Row, ...]
    is_partial: bool = False
    """Whether a text is so long that only its beginning was compared."""

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Of each row the change that it belongs to, from 1; 0 where nothing changed, and where a moved part was.

        Rows of one kind that follow each other are one change, and lines that do, of any kind.
        """
        found, number, before = [], 0, Row(SAME)
        for row in self.rows:
            if row.kind == SAME or row.side == "old":
                found.append(0)
            else:
                number += not (before.kind != SAME and before.side != "old" and self._goes_on(before, row))
                found.append(number)
            before = row
        return tuple(found)

    def _goes_on(self, before: Row, row: Row) -> bool:
        if self.unit == "line":
            return True
        return self.unit != "page" and row.kind == before.kind != CHANGED

    @property
    def count(self) -> int:
        """Of the changes."""
        return max(self.numbers, default=0)

    def row_at(self, side: str, at: int) -> int | None:
        """The place of the row in which a character of the `old` or `new` text stands, or of the last one before it."""
        if self.unit == "page" and side == "old":
            return self._page_at(at)
        found = None
        for place, row in enumerate(self.rows):
            part = row.in_old if side == "old" else row.in_new
            if part and part.start <= at:
                found = place
        return found

    def _page_at(self, at: int) -> int | None:
        """The same for a character of the old text of pages: it may stand on another page now."""
        end = 0
        for place, row in enumerate(self.rows):
            end += sum(len(edit.old) for edit in row.edits)
            if at < end:
                return place
        return len(self.rows) - 1 if self.rows else None

    def nearest(self, place: int) -> int:
        """The number of the change at a row (of what moved away, where it is), or of the next one; 0 where none is."""
        row = self.rows[place]
        if row.side == "old":
            place = next(at for at, one in enumerate(self.rows) if one.side == "new" and one.old == row.old)
        changed = [(abs(place - at), at, number) for at, number in enumerate(self.numbers) if number]
        return min(changed)[2] if changed else 0


def difference(old: Reading, new: Reading, purse: Purse | None = None) -> Difference:
    """From one reading to another."""
    purse = purse or Purse()
    unit = unit_of(old, new)
    is_partial = max(len(old.text), len(new.text)) > READ
    olds, news = parts_of(old, unit), parts_of(new, unit)
    if unit == "page":
        return Difference(unit, tuple(by_page(old, new, olds, news, purse)), is_partial)
    return Difference(unit, tuple(Aligned(old, new, olds, news, unit, purse).rows()), is_partial)


def unit_of(*readings: Reading) -> str:
    kinds = {part.kind for reading in readings for part in reading.parts}
    return next((kind for kind in ("page", "cell", "line") if kind in kinds), "block")


def parts_of(reading: Reading, unit: str) -> list[Part]:
    """What is compared of a reading; one without such parts is one part."""
    kinds = ("heading", "block") if unit == "block" else (unit,)
    found = [part for part in reading.parts if part.kind in kinds and part.end <= READ]
    if not found and reading.text:
        return [Part(unit, 0, min(len(reading.text), READ), 1)]
    return found


# Parts ------------------------------------------------------------------------------------------------------
class Aligned:
    """Parts of two readings, each with its partner where it has one."""

    def __init__(
        self, old: Reading, new: Reading, olds: list[Part], news: list[Part], unit: str, purse: Purse
    ) -> None:
        self.olds, self.news, self.unit, self.purse = olds, news, unit, purse
        self.before = [old.words(part) for part in olds]
        self.after = [new.words(part) for part in news]
        self.ours = [self.key(text) for text in self.before]
        self.theirs = [self.key(text) for text in self.after]
        self.sorting = Purse(WEIGHED)
        self.bags: dict[str, Counter[str]] = {}
        self.pairs: dict[int, int] = {}
        """In the order of both."""
        self.moves: dict[int, int] = {}
        for a, b, length in runs(self.ours, self.theirs, purse):
            self.pairs.update((a + step, b + step) for step in range(length))
        self.pair_by_words()
        self.pair_reworded()
        self.find_moved()

    def is_exact(self, text: str) -> bool:
        """Whether white space has a meaning: in lines and cells, and in code, which alone ends with a line's end."""
        return self.unit != "block" or text.endswith("\n")

    def key(self, text: str) -> str:
        return text if self.is_exact(text) else " ".join(text.split())

    def gaps(self) -> Iterator[tuple[range, range]]:
        """What stands between two pairs, where something does on both sides."""
        i = j = 0
        for a, b in [*sorted(self.pairs.items()), (len(self.olds), len(self.news))]:
            if i < a and j < b:
                yield range(i, a), range(j, b)
            i, j = a + 1, b + 1

    def pair_by_words(self) -> None:
        """Between two pairs, lines that differ in white space alone, such as those of a block that was indented."""
        for olds, news in list(self.gaps()):
            ours = [" ".join(self.before[i].split()) for i in olds]
            theirs = [" ".join(self.after[j].split()) for j in news]
            for a, b, length in runs(ours, theirs, self.purse):
                self.pairs.update(
                    (olds[a + step], news[b + step]) for step in range(length) if ours[a + step]
                )

    def pair_reworded(self) -> None:
        """Between two pairs, those in the same order that are most alike together."""
        for olds, news in list(self.gaps()):
            if self.sorting.pays(self.price(olds, news)):
                self.pairs.update(self.most_alike(olds, news))

    def most_alike(self, olds: range, news: range) -> list[Place]:
        best: list[list[float]] = [[0.0] * (len(news) + 1) for _row in range(len(olds) + 1)]
        scores = [[self.likeness(i, j) for j in news] for i in olds]
        for i in range(len(olds)):
            for j in range(len(news)):
                score = scores[i][j]
                taken = best[i][j] + score if score >= ALIKE else 0.0
                best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], taken)
        found, i, j = [], len(olds), len(news)
        while i and j:
            if best[i][j] == best[i - 1][j]:
                i -= 1
            elif best[i][j] == best[i][j - 1]:
                j -= 1
            else:
                i, j = i - 1, j - 1
                found.append((olds[i], news[j]))
        return found

    def price(self, olds: Sequence[int], news: Sequence[int]) -> int:
        """Words that are looked at when each of the ones is held against each of the others."""
        ours, theirs = len(olds), len(news)
        if ours * theirs > WEIGHED:
            return WEIGHED + 1
        before = sum(len(self.bag(self.ours[i])) + PAIRED for i in olds)
        return before * theirs + sum(len(self.bag(self.theirs[j])) for j in news) * ours

    def likeness(self, i: int, j: int) -> float:
        """How many of their words two parts share, from 0 to 1."""
        mine, theirs = self.bag(self.ours[i]), self.bag(self.theirs[j])
        total = mine.total() + theirs.total()
        return 2 * (mine & theirs).total() / total if total else 0.0

    def bag(self, key: str) -> Counter[str]:
        if key not in self.bags:
            self.bags[key] = Counter(word.casefold() for word in WORD.findall(key[:20_000]))
        return self.bags[key]

    def find_moved(self) -> None:
        """Of what has no partner in its place, what says the same elsewhere, then what nearly does."""
        taken = set(self.pairs.values())
        olds = [i for i in range(len(self.olds)) if i not in self.pairs and self.has_substance(self.ours[i])]
        news = [j for j in range(len(self.news)) if j not in taken and self.has_substance(self.theirs[j])]
        where: dict[str, list[int]] = {}
        for j in reversed(news):
            where.setdefault(self.theirs[j], []).append(j)
        for i in olds:
            if where.get(self.ours[i]):
                self.moves[i] = where[self.ours[i]].pop()
        gone = set(self.moves.values())
        olds, news = [i for i in olds if i not in self.moves], [j for j in news if j not in gone]
        if not self.sorting.pays(self.price(olds, news)):
            return
        scores = {(i, j): self.likeness(i, j) for i in olds for j in news}
        for (i, j), score in sorted(scores.items(), key=lambda each: (-each[1], each[0])):
            if score < MOVED:
                break
            if i not in self.moves and j not in gone:
                self.moves[i] = j
                gone.add(j)

    def has_substance(self, key: str) -> bool:
        return sum(letter.isalnum() for letter in key[: 8 * SUBSTANCE]) >= SUBSTANCE

    def rows(self) -> Iterator[Row]:
        came = {j: i for i, j in self.moves.items()}
        i = j = 0
        for a, b in [*sorted(self.pairs.items()), (len(self.olds), len(self.news))]:
            for one in range(i, a):
                yield self.moved(one, self.moves[one], "old") if one in self.moves else self.alone(old=one)
            for one in range(j, b):
                yield self.moved(came[one], one, "new") if one in came else self.alone(new=one)
            if a < len(self.olds):
                kind = SAME if self.ours[a] == self.theirs[b] else CHANGED
                yield Row(kind, self.olds[a], self.news[b], self.edited(a, b))
            i, j = a + 1, b + 1

    def alone(self, old: int | None = None, new: int | None = None) -> Row:
        if new is not None:
            return Row(ADDED, None, self.news[new], (Edit("", self.after[new], changed=True),))
        assert old is not None
        return Row(REMOVED, self.olds[old], None, (Edit(self.before[old], "", changed=True),))

    def moved(self, i: int, j: int, side: str) -> Row:
        return Row(MOVED_TO, self.olds[i], self.news[j], self.edited(i, j), side)

    def edited(self, i: int, j: int) -> tuple[Edit, ...]:
        old, new = self.before[i], self.after[j]
        if self.ours[i] == self.theirs[j]:
            return (Edit(old, new, changed=False),) if old or new else ()
        return edits(old, new, self.purse, exact=self.is_exact(old) or self.is_exact(new))


# Pages ------------------------------------------------------------------------------------------------------
def by_page(old: Reading, new: Reading, olds: list[Part], news: list[Part], purse: Purse) -> Iterator[Row]:
    """A row for each page of the new text, wherever its words stood before: text flows on when something is put in.

    What was taken out stands on the page on which it would be read.
    """
    if not news:
        for page in olds:
            yield Row(REMOVED, page, None, (Edit(old.words(page), "", changed=True),))
        return
    starts, before = [page.start for page in news], [page.start for page in olds]
    mine: list[list[Edit]] = [[] for _page in news]
    firsts = [0] * len(news)
    was = now = 0
    for edit in split_at(edits(old.text[:READ], new.text[:READ], purse), starts):
        place = max(bisect_right(starts, now) - 1, 0)
        if not mine[place]:
            firsts[place] = was
        mine[place].append(edit)
        was, now = was + len(edit.old), now + len(edit.new)
    for page, first, found in zip(news, firsts, mine, strict=True):
        place = max(bisect_right(before, first) - 1, 0)
        if not olds:
            yield Row(ADDED, None, page, tuple(found))
        else:
            kind = CHANGED if any(edit.changed for edit in found) else SAME
            yield Row(kind, olds[place], page, tuple(found))


def split_at(found: tuple[Edit, ...], places: list[int]) -> Iterator[Edit]:
    """Edits, none of which goes past one of the places in the new text. What was taken out stays before it."""
    at = 0
    for edit in found:
        rest, end = edit, at + len(edit.new)
        for place in places[bisect_right(places, at) : bisect_left(places, end)]:
            head, rest = halves(rest, place - at)
            yield head
            at = place
        yield rest
        at = end


def halves(edit: Edit, cut: int) -> tuple[Edit, Edit]:
    """An edit in two at a character of its new text; the old one is cut where as much of its words was said."""
    if edit.changed:
        return Edit(edit.old, edit.new[:cut], changed=True), Edit("", edit.new[cut:], changed=True)
    letters = len("".join(edit.new[:cut].split()))
    there = seen = 0
    while there < len(edit.old) and (seen < letters or edit.old[there].isspace()):
        seen += not edit.old[there].isspace()
        there += 1
    return (
        Edit(edit.old[:there], edit.new[:cut], changed=False),
        Edit(edit.old[there:], edit.new[cut:], changed=False),
    )
