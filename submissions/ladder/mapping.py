"""Where letters of an old reading are in a new one."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from submissions.formats.reading import Part
from submissions.ladder.alignment import Alignment
from submissions.ladder.letters import Letters
from submissions.rising import rising

CHANGED = 0.5
"""The least likeness with which a passage counts as changed and not as gone."""
REWRITTEN = 0.3
"""The least likeness of a cell, letter by letter, to what stands in its stead."""
REMAINS = 24
"""Letters of one unit that must be left, where less than that likeness is."""
FAR = 80
"""Letters between two pieces of a passage that still belong together."""
SHORT = 14
"""Letters; so short a passage in a changed sentence needs a neighbour that is the same."""
FEW = 4
"""Letters of a small word, or beside a passage."""
LONG = 4000
"""Letters; longer passages are compared by their pieces."""
PART = 0.9
"""Share of a unit from which on it is sure to be a part of the other."""
SURE = 0.75
"""Likeness of a changed unit in which the same words are the same passage."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage in the new letters: from `start` to before `end`."""

    state: str
    score: float
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that are the same in both."""

    old: int
    new: int
    size: int
    unit: int
    """The old unit that they are in."""
    is_whole: bool
    """Whether the whole unit is the same."""
    sure: float
    """How alike the two units are; 0 where others are as alike."""
    near: int

    @property
    def old_end(self) -> int:
        return self.old + self.size

    @property
    def new_end(self) -> int:
        return self.new + self.size


class Mapping:
    """Of the letters of one reading onto those of another."""

    def __init__(self, old: Letters, new: Letters) -> None:
        self.old, self.new = old, new
        self.alignment = Alignment(old, new)

    @cached_property
    def pieces(self) -> list[Piece]:
        """In the order of the old letters."""
        found: list[Piece] = []
        olds, news = self.old.units, self.new.units
        for at, partner in self.alignment.pairs.items():
            one, other = olds[at], news[partner]
            found.append(Piece(one.start, other.start, one.end - one.start, at, True, 1.0, 2))
        for at, links in self.alignment.links.items():
            for link in links:
                share = max(link.shares)
                sure = (max(link.dice, share) if share >= PART else link.dice) if link.is_sure else 0.0
                if link.new in self.alignment.doubtful:
                    sure = min(sure, SURE / 2)
                found += _trimmed(
                    [
                        Piece(one.start, other.start, one.end - one.start, at, False, sure, link.near)
                        for one, other in link.words
                    ]
                )
        return sorted(found, key=lambda piece: piece.old)

    @cached_property
    def _ends(self) -> list[int]:
        return [piece.old_end for piece in self.pieces]

    def _cut(self, first: int, last: int) -> list[Piece]:
        """The pieces of these old letters, and no more of each."""
        found = []
        for piece in self.pieces[bisect_right(self._ends, first) :]:
            if piece.old >= last:
                break
            before = max(first - piece.old, 0)
            size = min(piece.old_end, last) - piece.old - before
            found.append(
                Piece(
                    piece.old + before,
                    piece.new + before,
                    size,
                    piece.unit,
                    piece.is_whole,
                    piece.sure,
                    piece.near,
                )
            )
        return found

    def find(self, first: int, last: int) -> Found:
        """The passage of these old letters, or `section` with the likeness of what is nearest to it."""
        group = self._together([piece for piece in self._cut(first, last) if piece.sure > 0], last - first)
        if not group:
            return self._unlike(first, last)
        start, end = self._from(group[0], first), self._to(group[-1], last)
        ours, theirs = self.old.text[first:last], self.new.text[start:end]
        if ours == theirs:
            return self._same(group, Found("exact", 1.0, start, end), first, last)
        score = self._ratio(ours, theirs, sum(piece.size for piece in group))
        remains = max((piece.size for piece in group if piece.is_whole), default=0)
        if score < CHANGED and remains < REMAINS:
            return Found("section", score)
        return Found("changed", min(score, 0.999), start, end)

    def _unlike(self, first: int, last: int) -> Found:
        """A heading of other words is the one above the same text; a short unit can be linked by its letters alone."""
        at = self.old.unit_at(first)
        unit = self.old.units[at]
        if unit.is_heading and last <= unit.end and (image := self.heading(at)) is not None:
            other = self.new.units[image]
            score = self._ratio(self.old.text[first:last], other.key, 0)
            if score >= CHANGED / 2:
                return Found("changed", min(score, 0.999), other.start, other.end)
        for link in self.alignment.links.get(at, []):
            if not link.words and link.is_sure and last <= unit.end:
                other = self.new.units[link.new]
                return Found("changed", min(link.dice, 0.999), other.start, other.end)
        return Found("section", 0.0)

    @staticmethod
    def _together(pieces: list[Piece], size: int) -> list[Piece]:
        """Those of the pieces that stand together in the new text: of several such groups the largest."""
        groups: list[list[Piece]] = []
        for piece in pieces:
            last = groups[-1][-1] if groups else None
            gap = piece.old - last.old_end if last else 0
            if last and 0 <= piece.new - last.new_end <= gap + max(FAR, size):
                groups[-1].append(piece)
            else:
                groups.append([piece])
        best = max(groups, key=lambda group: sum(piece.size for piece in group), default=[])
        return _trimmed(best)

    def _from(self, piece: Piece, first: int) -> int:
        """The new letter at which a passage begins whose first piece this is."""
        if piece.old == first:
            return piece.new
        before = self._beside(piece, -1)
        if before is None or first < before.old_end:
            return piece.new
        old, new = piece.old - before.old_end, piece.new - before.new_end
        return piece.new - self._portion(piece.old - first, old, new)

    def _to(self, piece: Piece, last: int) -> int:
        """The new letter before which a passage ends whose last piece this is."""
        if piece.old_end == last:
            return piece.new_end
        after = self._beside(piece, 1)
        if after is None or last > after.old:
            return piece.new_end
        old, new = after.old - piece.old_end, after.new - piece.new_end
        return piece.new_end + self._portion(last - piece.old_end, old, new)

    @staticmethod
    def _portion(wanted: int, old: int, new: int) -> int:
        """How many of the `new` letters belong to so many of the `old` ones, in whose stead they stand."""
        if not 0 < new <= 2 * old + 8:
            return 0
        return new if wanted == old else round(wanted / old * new)

    def _beside(self, piece: Piece, step: int) -> Piece | None:
        """The next piece on that side, if it is the next in the new text too; the unit's edge where there is none."""
        unit = self.old.units[piece.unit]
        at = bisect_left(self._ends, piece.old_end) + step
        other = self.pieces[at] if 0 <= at < len(self.pieces) else None
        if other and other.unit == piece.unit:
            is_next = other.new_end <= piece.new if step < 0 else other.new >= piece.new_end
            return other if is_next else None
        theirs = self.new.units[self.new.unit_at(piece.new)]
        if step < 0:
            return Piece(unit.start, theirs.start, 0, piece.unit, False, piece.sure, piece.near)
        return Piece(unit.end, theirs.end, 0, piece.unit, False, piece.sure, piece.near)

    @staticmethod
    def _ratio(ours: str, theirs: str, common: int) -> float:
        if not ours or not theirs:
            return 0.0
        if max(len(ours), len(theirs)) > LONG:
            return 2 * common / (len(ours) + len(theirs))
        if max(len(ours), len(theirs)) > LONG // 8:
            return max(2 * common / (len(ours) + len(theirs)), 0.0)
        return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()

    # The same words ---------------------------------------------------------------------------------------------

    def _same(self, group: list[Piece], found: Found, first: int, last: int) -> Found:
        """The same words: exact, moved, or, where it is not sure that they are what was meant, changed."""
        weakest = min(group, key=lambda piece: piece.sure)
        here = self._stays(group[0].unit, self.new.unit_at(found.start))
        is_sure = weakest.is_whole or (weakest.sure >= SURE and weakest.near > (0 if here else 1))
        if not weakest.is_whole and last - first < SHORT:
            is_sure &= self._has_neighbour(first, last, found)
        if not is_sure:
            return Found("changed", 0.999 if weakest.sure >= SURE else 0.9, found.start, found.end)
        return Found("exact" if here else "moved", 1.0, found.start, found.end)

    def _has_neighbour(self, first: int, last: int, found: Found) -> bool:
        """Whether a few letters before or after are the same too."""
        ours, theirs = self.old.text, self.new.text
        before = ours[max(first - FEW, 0) : first] == theirs[max(found.start - FEW, 0) : found.start]
        after = ours[last : last + FEW] == theirs[found.end : found.end + FEW]
        return before or after

    def _stays(self, old: int, new: int) -> bool:
        """Whether a unit stands under the same heading, in the same order."""
        ours, theirs = self._head(self.old, old), self._head(self.new, new)
        head = None if ours is None else self.heading(ours)
        same_section = theirs is None if ours is None else head == theirs
        return same_section and (old, new) in self._in_order

    @cached_property
    def _in_order(self) -> set[tuple[int, int]]:
        """The pairs of units that kept their order within their section."""
        sections: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
        for old in range(len(self.old.units)):
            new = self.alignment.image(old)
            if new is not None:
                sections[self._head(self.old, old)].append((old, new))
                for link in self.alignment.links.get(old, []):
                    if link.new != new:
                        sections[self._head(self.old, old)].append((old, link.new))
        return {pair for pairs in sections.values() for pair in rising(sorted(pairs))}

    # Headings and pages -----------------------------------------------------------------------------------------

    @cached_property
    def _heads(self) -> dict[int, list[int | None]]:
        """For both sides: the heading's unit above each unit, or that it is."""
        found: dict[int, list[int | None]] = {}
        for letters in (self.old, self.new):
            head: int | None = None
            heads: list[int | None] = []
            for at, unit in enumerate(letters.units):
                head = at if unit.is_heading else head
                heads.append(head)
            found[id(letters)] = heads
        return found

    def _head(self, letters: Letters, unit: int) -> int | None:
        return self._heads[id(letters)][unit]

    @cached_property
    def _votes(self) -> dict[int | None, Counter[int | None]]:
        """For each old heading the new ones under which what stood under it stands now, by letters."""
        votes: dict[int | None, Counter[int | None]] = defaultdict(Counter)
        for old, unit in enumerate(self.old.units):
            new = self.alignment.image(old)
            if new is not None and not unit.is_heading:
                votes[self._head(self.old, old)][self._head(self.new, new)] += len(unit.key)
        return votes

    def heading(self, old: int) -> int | None:
        """The new heading that an old one is: the same, one like it, or the one above most of what it stood above."""
        new = self.alignment.image(old)
        if new is not None and self.new.units[new].is_heading:
            return new
        votes = self._votes.get(old)
        if not votes:
            return self._above(old)
        best, letters = max(votes.items(), key=lambda vote: vote[1])
        taken = best is not None and best in self._taken
        return None if best is None or taken or 2 * letters <= sum(votes.values()) else best

    def _above(self, old: int) -> int | None:
        """Of a heading with nothing but headings under it: the free one above what is next."""
        after = self.alignment.image(old + 1)
        if not after or after - 1 in self._taken or not self.new.units[after - 1].is_heading:
            return None
        return after - 1

    @cached_property
    def _taken(self) -> set[int]:
        """New headings that an old one is."""
        images = (self.alignment.image(at) for at, unit in enumerate(self.old.units) if unit.is_heading)
        return {image for image in images if image is not None}

    def home(self, start: int, first: int, last: int) -> Part | None:
        """The section, cell or page of the new reading in which the text at `start` of the old one would stand."""
        by_start = {part.start: part for part in self.new.reading.headings}
        for heading in reversed(self.old.reading.section(start)):
            at, end = self.old.inside(heading.start, heading.end)
            image = self.heading(self.old.unit_at(at)) if at < end else None
            if image is not None:
                letter = self.new.units[image].start
                part = by_start.get(self.new.outside(letter, letter + 1)[0])
                if part:
                    return part
        for kind in ("cell", "page"):
            whole = self.old.reading.part(kind, start)
            if whole and (found := self._holder(kind, whole, first)):
                return found
        return None

    def _holder(self, kind: str, whole: Part, first: int) -> Part | None:
        """The new cell or page that has most of the old one's text, or else what stood next to it."""
        best, score = self._likest(kind, whole)
        if best and score > 0.2:
            return best
        at = bisect_left(self._ends, first)
        beside = [*self.pieces[at : at + 1], *self.pieces[max(at - 1, 0) : at]]
        for piece in beside:
            part = self.new.reading.part(kind, self.new.places[piece.new])
            if part:
                return part
        same = (one for one in self.new.reading.parts if (one.kind, one.number) == (kind, whole.number))
        return next(same, None)

    def _likest(self, kind: str, whole: Part) -> tuple[Part | None, float]:
        """The new cell or page with most of the letters of an old one, and the likeness of the two."""
        first, last = self.old.inside(whole.start, whole.end)
        parts = [part for part in self.new.reading.parts if part.kind == kind]
        if first == last or not parts:
            return None, 0.0
        starts = [self.new.inside(part.start, part.end)[0] for part in parts]
        shares: Counter[int] = Counter()
        for piece in self._cut(first, last):
            at = bisect_right(starts, piece.new) - 1
            if at >= 0:
                shares[at] += piece.size
        if not shares:
            return None, 0.0
        best = max(shares, key=lambda at: (shares[at], parts[at].number == whole.number, -at))
        start, end = self.new.inside(parts[best].start, parts[best].end)
        if self.old.text[first:last] == self.new.text[start:end]:
            return parts[best], 1.0
        return parts[best], round(min(2 * shares[best] / (last - first + end - start), 0.999), 4)

    def cell(self, number: int) -> tuple[Part | None, float]:
        """The new cell that an old one, little of which is left, has become, and how like it is; None if it is gone.

        It is the only one between what its neighbours have become, as it was the only one between them.
        """
        olds, news = (
            [one for one in side.reading.parts if one.kind == "cell"] for side in (self.old, self.new)
        )
        at = next((at for at, one in enumerate(olds) if one.number == number), None)
        if at is None:
            return None, 0.0
        first, last = 0, len(news)
        if at:
            before, like = self._likest("cell", olds[at - 1])
            if before is None or like < CHANGED:
                return None, 0.0
            first = news.index(before) + 1
        if at + 1 < len(olds):
            after, like = self._likest("cell", olds[at + 1])
            if after is None or like < CHANGED:
                return None, 0.0
            last = news.index(after)
        if last - first != 1:
            return None, 0.0
        (one, two), (start, end) = (
            side.inside(part.start, part.end)
            for side, part in ((self.old, olds[at]), (self.new, news[first]))
        )
        score = self._ratio(self.old.text[one:two], self.new.text[start:end], 0)
        return (news[first], round(min(score, 0.999), 4)) if score >= REWRITTEN else (None, 0.0)

    def page(self, number: int) -> tuple[Part | None, float]:
        """The new page that an old one is most like, and how much; none where nothing was read of it."""
        whole = next(
            (part for part in self.old.reading.parts if (part.kind, part.number) == ("page", number)), None
        )
        return self._likest("page", whole) if whole else (None, 0.0)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Without a mark or a little word at the edge, alone and far off: the full stop of what was joined to it."""
    while len(pieces) > 1 and _is_astray(pieces[-1], pieces[-2]):
        pieces = pieces[:-1]
    while len(pieces) > 1 and _is_astray(pieces[0], pieces[1]):
        pieces = pieces[1:]
    return pieces


def _is_astray(edge: Piece, next_one: Piece) -> bool:
    """Whether a small piece at the edge of a passage stands much farther from the next one than it did."""
    first, second = sorted((edge, next_one), key=lambda piece: piece.old)
    gap = second.new - first.new_end - (second.old - first.old_end)
    return edge.size <= FEW and not edge.is_whole and gap > 2 * FEW
