"""Units that say nearly the same: by their words, which weigh the more the less they could be guessed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from math import log

from submissions.ladder.letters import Letters

NEAR = {2: 0.42, 1: 0.52, 0: 0.74}
"""The least likeness of units between the same two neighbours, beside the same one, and anywhere."""
WITHIN = {2: 0.7, 1: 0.75, 0: 0.9}
"""The least share of a unit that lies within another, where units were joined or parted."""
MARGIN = 0.03
"""A unit that is as like but for so much is a rival."""
REACH = 200
"""Links; as far back is looked for one that comes before."""
CANDIDATES = 6
GUESS = 20
"""Of how much weight, in words, the number of a word alone is beside that of the row it stands in."""
COMMON = 60
"""Units; a word that is in more of them leads to none."""
PARTS = 3
"""Words; less is no part of a unit."""
SHORT = 40
"""Letters; units that have no more are compared letter by letter too."""
ALIKE_LETTERS = 0.8
HASTE = 40_000
"""Words times words: longer units are compared as bags of words."""
Gap = tuple[int, int]
"""The partners of the next units on the left and on the right that have any."""


@dataclass(slots=True)
class Word:
    """A word of a unit: its letters, and where they stand."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(slots=True)
class Link:
    """An old unit and a new one that say nearly the same, or of which one has a part of the other."""

    old: int
    new: int
    words: list[tuple[Word, Word]]
    """Those that are in both, in order."""
    dice: float
    """Likeness, from 0 to 1."""
    shares: tuple[float, float]
    """How much of the old unit and of the new one is in the other."""
    near: int
    """How many of the neighbours are the same, 0 to 2."""
    is_below: bool = False
    """Whether the one that follows is the same."""
    is_sure: bool = True
    is_in_order: bool = False

    @property
    def weight(self) -> float:
        return sum(one.weight for one, _other in self.words)

    @property
    def merit(self) -> float:
        """Its likeness, more for neighbours."""
        return max(self.dice, 0.9 * max(self.shares)) + 0.08 * self.near

    @property
    def worth(self) -> float:
        return self.merit + 2 * MARGIN * self.is_in_order


class Likeness:
    """Of the units of two readings."""

    def __init__(self, old: Letters, new: Letters) -> None:
        self.sides = (old, new)
        self._known: tuple[dict[int, list[Word]], dict[int, list[Word]]] = ({}, {})

    @cached_property
    def _counts(self) -> Counter[str]:
        return self.sides[0].counts | self.sides[1].counts

    @cached_property
    def _rows(self) -> Counter[tuple[str, str]]:
        return self.sides[0].rows | self.sides[1].rows

    @cached_property
    def _total(self) -> int:
        return sum(self._counts.values()) or 1

    def words(self, side: int, at: int) -> list[Word]:
        """Of an old unit (0) or a new one (1)."""
        known = self._known[side]
        if at not in known:
            unit = self.sides[side].units[at]
            known[at] = []
            before = ""
            for text, start, end in self.sides[side].tokens(unit.start, unit.end):
                known[at].append(Word(text, start, end, self.weigh(before, text)))
                before = text
        return known[at]

    def weigh(self, before: str, word: str) -> float:
        """Long words weigh much, and those that could not be guessed from the one before: set phrases weigh little."""
        long = min(len(word), 8) if word[0].isalnum() else 0.5
        guess = self._rows[before, word] + GUESS * self._counts[word] / self._total
        return long * -log(min(guess / (self._counts[before] + GUESS), 0.9))

    def dice(self, old: int, new: int) -> float:
        """The likeness of two units as they are, from 0 to 1."""
        link = self._link(old, new)
        return link.dice if link else 0.0

    def links(self, olds: list[int], news: list[int], old_gaps: list[Gap], new_gaps: list[Gap]) -> list[Link]:
        """Links between these units, each word of which is in one link at most."""
        found = [
            link
            for old, new, sides in self._candidates(olds, news, old_gaps, new_gaps)
            if (link := self._link(old, new, *sides)) and self._is_enough(link)
        ]
        self._prefer_order(found)
        found.sort(key=lambda link: (-link.worth, link.old, link.new))
        return list(self._chosen(found))

    @staticmethod
    def _prefer_order(found: list[Link]) -> None:
        """Of the links between the same two neighbours those of the worthiest row in the order of both texts gain."""
        near = sorted((link for link in found if link.near > 1), key=lambda link: (link.old, -link.new))
        best: list[tuple[float, Link, int]] = []
        for at, link in enumerate(near):
            before = max(
                (
                    other
                    for other in range(max(at - REACH, 0), at)
                    if near[other].old < link.old and near[other].new < link.new
                ),
                key=lambda other: best[other][0],
                default=-1,
            )
            best.append((link.worth + (best[before][0] if before >= 0 else 0.0), link, before))
        at = max(range(len(best)), key=lambda one: best[one][0], default=-1)
        while at >= 0:
            _sum, link, at = best[at]
            link.is_in_order = True

    def _candidates(
        self, olds: list[int], news: list[int], old_gaps: list[Gap], new_gaps: list[Gap]
    ) -> Iterator[tuple[int, int, tuple[bool, bool]]]:
        """Old units, new ones that share rare words or neighbours with them, and which neighbours: before, after."""
        index: dict[str, list[int]] = defaultdict(list)
        gaps: dict[tuple[str, int], list[int]] = defaultdict(list)
        weights: dict[int, float] = {}
        for new in news:
            words = self.words(1, new)
            weights[new] = sum(word.weight for word in words)
            for text in dict.fromkeys(word.text for word in words):
                index[text].append(new)
            left, right = new_gaps[new]
            for gap in (("left", left), ("right", right)):
                gaps[gap].append(new)
        for old in olds:
            shared: dict[int, float] = defaultdict(float)
            words = self.words(0, old)
            for text, weight in {word.text: word.weight for word in words}.items():
                if len(index[text]) <= COMMON:
                    for new in index[text]:
                        shared[new] += weight
            own = sum(word.weight for word in words)
            best = sorted(shared, key=lambda new: (-shared[new] / min(own, weights[new]), new))
            left, right = old_gaps[old]
            beside = Counter(gaps[("left", left)][:CANDIDATES]) + Counter(
                gaps[("right", right)][-CANDIDATES:]
            )
            lefts, rights = set(gaps[("left", left)]), set(gaps[("right", right)])
            for new in dict.fromkeys([*best[:CANDIDATES], *sorted(beside)]):
                yield old, new, (new in lefts, new in rights)

    def _link(self, old: int, new: int, before: bool = False, after: bool = False) -> Link | None:
        """What two units have in common; None where that is nothing."""
        ours, theirs = self.words(0, old), self.words(1, new)
        if len(ours) * len(theirs) > HASTE:
            return None
        matcher = SequenceMatcher(
            None, [word.text for word in ours], [word.text for word in theirs], autojunk=False
        )
        common = [
            (ours[one + at], theirs[other + at])
            for one, other, size in matcher.get_matching_blocks()
            for at in range(size)
        ]
        if not common and not self._by_letters(old, new):
            return None
        return self._made(old, new, before + after, common, is_below=after)

    def _made(
        self, old: int, new: int, near: int, common: list[tuple[Word, Word]], *, is_below: bool
    ) -> Link:
        weight = sum(one.weight for one, _other in common)
        ours, theirs = (
            sum(word.weight for word in self.words(side, at)) for side, at in ((0, old), (1, new))
        )
        dice = 2 * weight / (ours + theirs)
        if dice < ALIKE_LETTERS:
            dice = max(dice, self._by_letters(old, new))
        return Link(old, new, common, dice, (weight / ours, weight / theirs), near, is_below)

    def _by_letters(self, old: int, new: int) -> float:
        """Of short units, where a slip of the pen in one word would weigh too much."""
        one, other = (self.sides[side].units[at].key for side, at in ((0, old), (1, new)))
        if max(len(one), len(other)) > SHORT:
            return 0.0
        ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
        return ratio if ratio >= ALIKE_LETTERS else 0.0

    def _is_enough(self, link: Link) -> bool:
        """Whether so much likeness, so near, makes a link. Twins that could be told apart are no longer among them."""
        ours, theirs = self.sides[0].units[link.old], self.sides[1].units[link.new]
        if not link.near and ours.key == theirs.key:
            return False
        if ours.leads or theirs.leads:
            # A heading is known by what stands under it.
            return ours.leads == theirs.leads and link.is_below and link.dice >= NEAR[1]
        is_part = len(link.words) >= PARTS and max(link.shares) >= WITHIN[link.near]
        return link.dice >= NEAR[link.near] or is_part

    def _chosen(self, found: list[Link]) -> Iterator[Link]:
        """The worthiest first; of what is left of the others, those that are still enough."""
        of_old: dict[int, list[Link]] = defaultdict(list)
        of_new: dict[int, list[Link]] = defaultdict(list)
        for link in found:
            of_old[link.old].append(link)
            of_new[link.new].append(link)
        used: tuple[set[int], set[int]] = (set(), set())
        doubted: tuple[set[int], set[int]] = (set(), set())
        for link in found:
            common = [
                (one, other)
                for one, other in link.words
                if one.start not in used[0] and other.start not in used[1]
            ]
            rest = link
            if len(common) < len(link.words):
                rest = self._made(link.old, link.new, link.near, common, is_below=link.is_below)
            if not self._is_enough(rest) or not (common or self._is_unused(link, used)):
                continue
            rivals = self._true_rivals(link, of_old, of_new, used)
            # Who might have been in this place is not sure of the next best one either.
            doubted[0].update(rival.old for rival in rivals)
            doubted[1].update(rival.new for rival in rivals)
            rest.is_sure = link.old not in doubted[0] and link.new not in doubted[1]
            for side, at in ((0, link.old), (1, link.new)):
                taken = [pair[side] for pair in common] or self.words(side, at)
                used[side].update(word.start for word in taken)
            yield rest

    def _is_unused(self, link: Link, used: tuple[set[int], set[int]]) -> bool:
        """Whether no word of either unit is in another link."""
        both = ((0, link.old), (1, link.new))
        return not any(word.start in used[side] for side, at in both for word in self.words(side, at))

    def _true_rivals(
        self,
        link: Link,
        of_old: dict[int, list[Link]],
        of_new: dict[int, list[Link]],
        used: tuple[set[int], set[int]],
    ) -> list[Link]:
        """The links of other units that would do nearly as well, and have no better place themselves."""
        rivals = [
            *self._rivals(link, of_new[link.new], used, 1),
            *self._rivals(link, of_old[link.old], used, 0),
        ]
        return [
            rival
            for rival in rivals
            if not any(
                better.worth > rival.worth
                for better in (of_old[rival.old] if rival.new == link.new else of_new[rival.new])
                if better is not rival
            )
        ]

    @staticmethod
    def _rivals(
        link: Link, others: Iterable[Link], used: tuple[set[int], set[int]], side: int
    ) -> Iterator[Link]:
        own = {pair[side].start for pair in link.words}
        for other in others:
            if other is link or other.merit < link.merit - MARGIN:
                continue
            theirs = {pair[side].start for pair in other.words}
            is_used = any(pair[1 - side].start in used[1 - side] for pair in other.words)
            if not is_used and 2 * len(own & theirs) > min(len(own), len(theirs)):
                yield other
