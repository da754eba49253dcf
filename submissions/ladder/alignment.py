"""Which unit of the old letters is which of the new: first those that are the same, then those that are alike.

Units with the same letters, twins, are told apart by what stands beside them; where that leaves a choice, none of them
is matched: better no place than a wrong one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from submissions.ladder.letters import Letters
from submissions.ladder.likeness import Gap, Likeness, Link

TELLING = 24
"""Letters; units that have so many and no twin are the same wherever they stand."""
ALIKE = 0.5
"""From this likeness on, the unit that stood in a place is a rival of one that seems to have come there."""
NEXT = 8
"""Units; what is farther off is not beside another."""
Pair = tuple[int, int]


class Alignment:
    """Of the units of two readings, by their numbers."""

    def __init__(self, old: Letters, new: Letters) -> None:
        self.old, self.new = old, new
        self.olds = [unit.key for unit in old.units]
        self.news = [unit.key for unit in new.units]
        self.pairs: dict[int, int] = {}
        """Old units and the new ones with the same letters that they are."""
        self.back: dict[int, int] = {}
        self.links: dict[int, list[Link]] = defaultdict(list)
        """Old units and the new ones that say nearly the same, or a part of it."""
        self.linked: dict[int, bool] = {}
        """The new units of links, and whether one of these is sure."""
        self.doubtful: set[int] = set()
        """New units that stand where one was and read as another did."""
        self._match_same()
        self._drop_doubtful()
        self._match_alike()

    # The same ---------------------------------------------------------------------------------------------------

    def _pair(self, found: list[Pair], *, is_clear: bool = False) -> bool:
        """Keeps the pairs that leave no choice; whether there are any.

        Two twins between the same neighbours leave one, unless they are as many on both sides.
        """
        self._count_twins()
        found = [pair for pair in found if is_clear or self._is_clear(*pair)]
        olds, news = Counter(old for old, _new in found), Counter(new for _old, new in found)
        kept = [(old, new) for old, new in found if olds[old] == news[new] == 1]
        self.pairs.update(kept)
        self.back.update((new, old) for old, new in kept)
        return bool(kept)

    def _match_same(self) -> None:
        for length in (1, 2, 3):
            self._pair(self._seeds(length))
            self._grow()
        self._fill()

    def _fill(self) -> None:
        """Twins between the same neighbours or under the same heading, until nothing is added."""
        while (
            self._pair(list(self._by_content()), is_clear=True)
            or self._pair(list(self._in_gaps()))
            or self._pair(list(self._in_sections()))
        ):
            self._grow()

    def _by_content(self) -> Iterator[Pair]:
        """Headings with the same words, of which most of what stands under one stands under the other."""
        olds, news = self._sections(self.old), self._sections(self.new)
        forth: dict[int, Counter[int]] = defaultdict(Counter)
        back: dict[int, Counter[int]] = defaultdict(Counter)
        for old, new in self.pairs.items():
            ours, theirs = olds[old], news[new]
            if ours is not None and theirs is not None:
                forth[ours][theirs] += len(self.olds[old])
                back[theirs][ours] += len(self.olds[old])
        for old, votes in forth.items():
            new, _letters = votes.most_common(1)[0]
            if (
                2 * votes[new] > sum(votes.values())
                and 2 * back[new][old] > sum(back[new].values())
                and self._is_free(old, new)
            ):
                yield old, new

    def _is_clear(self, old: int, new: int) -> bool:
        """Whether the gap in which an old unit stands has as many twins of it as the gap of the new one."""
        key = self.olds[old]
        return (
            self._twins[0][self._gap_numbers[0][old], key] == self._twins[1][self._gap_numbers[1][new], key]
        )

    def _count_twins(self) -> None:
        """Numbers the gaps between the units that have partners, and counts what is free in each."""
        taken = (
            [at in self.pairs or at in self.links for at in range(len(self.olds))],
            [at in self.back or at in self.linked for at in range(len(self.news))],
        )
        self._gap_numbers = tuple(list(accumulate(map(int, side))) for side in taken)
        self._twins = tuple(
            Counter((gap, key) for gap, key, is_taken in zip(gaps, keys, side, strict=True) if not is_taken)
            for gaps, keys, side in zip(self._gap_numbers, (self.olds, self.news), taken, strict=True)
        )

    def _seeds(self, length: int) -> list[Pair]:
        """Pairs of units in rows of so many that are there once on each side, and long enough to tell."""
        olds, news = self._rows(self.old, self.pairs, length), self._rows(self.new, self.back, length)
        found: dict[Pair, None] = {}
        for row, places in olds.items():
            others = news.get(row, [])
            if len(places) == len(others) == 1 and sum(map(len, row)) >= TELLING:
                found.update(dict.fromkeys((places[0] + at, others[0] + at) for at in range(length)))
        return list(found)

    @staticmethod
    def _rows(letters: Letters, taken: dict[int, int], length: int) -> dict[tuple[str, ...], list[int]]:
        """Rows of free units that do not run into a heading, and where they begin."""
        units = letters.units
        rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in range(len(units) - length + 1):
            row = units[at : at + length]
            is_free = not any(at + step in taken for step in range(length))
            if is_free and not any(unit.leads for unit in row[1:]):
                rows[tuple(unit.key for unit in row)].append(at)
        return rows

    def _grow(self) -> None:
        """From each pair on to the units beside it, as far as these are the same."""
        while True:
            found: dict[Pair, None] = {}
            ends = [(-1, -1), (len(self.olds), len(self.news))]
            for old, new in [*self.pairs.items(), *self._alike_pairs(), *ends]:
                for step in (1, -1):
                    one, other = old + step, new + step
                    while self._is_free(one, other) and (one, other) not in found:
                        if self._is_contradicted(one, other, step):
                            break
                        found[one, other] = None
                        one, other = one + step, other + step
            if not self._pair(list(found)):
                return

    def _is_contradicted(self, old: int, new: int, step: int) -> bool:
        """Whether what stands on the far side of a pair belongs elsewhere, or a heading parts it from its witness.

        A heading belongs to what stands under it, wherever both are moved, and is no witness of what is above it.
        """
        if self.old.units[old].leads and not self._is_lone(old):
            return True
        below = max(old, old - step)
        if below < len(self.olds) and self.old.units[below].leads:
            return True
        there, back = self.pairs.get(old + step), self.back.get(new + step)
        return (there is not None and not 0 < step * (there - new) <= NEXT) or (
            back is not None and not 0 < step * (back - old) <= NEXT
        )

    def _is_lone(self, old: int) -> bool:
        """Whether an old unit has no twin on either side but one."""
        key = self.olds[old]
        return self._all[0][key] == self._all[1][key] == 1

    @cached_property
    def _all(self) -> tuple[Counter[str], Counter[str]]:
        return Counter(self.olds), Counter(self.news)

    def _is_free(self, old: int, new: int) -> bool:
        return (
            0 <= old < len(self.olds)
            and 0 <= new < len(self.news)
            and self.olds[old] == self.news[new]
            and old not in self.pairs
            and new not in self.back
            and old not in self.links
            and new not in self.linked
        )

    def _alike_pairs(self) -> Iterator[Pair]:
        for old, links in self.links.items():
            if len(links) == 1 and links[0].dice >= ALIKE and links[0].is_sure:
                yield old, links[0].new

    def _in_gaps(self) -> Iterator[Pair]:
        """Twins that are as many on both sides between two neighbours that are matched."""
        yield from self._in_turn(self.old_gaps, self.new_gaps)

    def _in_sections(self) -> Iterator[Pair]:
        """Twins that are as many on both sides under a heading that is matched."""
        olds, news = self._sections(self.old), self._sections(self.new)
        named: dict[int | None, int | None] = {-1: -1}
        named |= {at: self.image(at) for at, unit in enumerate(self.old.units) if unit.leads}
        yield from self._in_turn([named.get(head) for head in olds], news)

    def _in_turn(self, olds: Sequence[object], news: Sequence[object]) -> Iterator[Pair]:
        """Pairs of free units with the same letters in the same surroundings, if these have as many of them."""
        found: dict[tuple[object, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for at, key in enumerate(self.olds):
            if at not in self.pairs and at not in self.links and olds[at] is not None:
                found[olds[at], key][0].append(at)
        for at, key in enumerate(self.news):
            if at not in self.back and at not in self.linked and news[at] is not None:
                found[news[at], key][1].append(at)
        for ours, theirs in found.values():
            if len(ours) == len(theirs):
                yield from zip(ours, theirs, strict=True)

    @staticmethod
    def _sections(letters: Letters) -> list[int | None]:
        """For each unit the number of the heading above it, -1 without one; None for the headings themselves."""
        head = -1
        found: list[int | None] = []
        for at, unit in enumerate(letters.units):
            head = at if unit.leads else head
            found.append(None if unit.leads else head)
        return found

    @property
    def old_gaps(self) -> list[Gap]:
        """For each old unit the new units that its next neighbours with a partner are."""
        return _gaps([self.image(at) for at in range(len(self.olds))], len(self.news))

    @property
    def new_gaps(self) -> list[Gap]:
        """For each new unit its next neighbours that have a partner."""
        taken = [at if at in self.back or self.linked.get(at) else None for at in range(len(self.news))]
        return _gaps(taken, len(self.news))

    def image(self, old: int) -> int | None:
        """The new unit that an old one is, or is most like."""
        if old in self.pairs:
            return self.pairs[old]
        links = [link for link in self.links.get(old, ()) if link.is_sure]
        return max(links, key=lambda link: link.weight).new if links else None

    # Alike ------------------------------------------------------------------------------------------------------

    @cached_property
    def likeness(self) -> Likeness:
        return Likeness(self.old, self.new)

    def _drop_doubtful(self) -> None:
        """Pairs far from their neighbours, where what is left in the old place or stood in the new one is alike too.

        Then either was copied and the other changed, or both were moved: nobody can tell.
        """
        new_gaps = _gaps([at if at in self.back else None for at in range(len(self.news))], len(self.news))
        old_gaps = _gaps([at if at in self.pairs else None for at in range(len(self.olds))], len(self.olds))
        for old, new in list(self.pairs.items()):
            if (old, new) in ((0, 0), (len(self.olds) - 1, len(self.news) - 1)):
                continue
            if any(self.pairs.get(old + step, -2) == new + step for step in (1, -1)):
                continue
            stood = _between(new_gaps[new], self.back, self.pairs, len(self.olds))
            left = _between(old_gaps[old], self.pairs, self.back, len(self.news))
            if any(self.likeness.dice(rival, new) >= ALIKE for rival in stood) or any(
                self.likeness.dice(old, rival) >= ALIKE for rival in left
            ):
                del self.pairs[old], self.back[new]
                self.doubtful.add(new)

    def _match_alike(self) -> None:
        for _round in range(2):
            olds = [at for at in range(len(self.olds)) if at not in self.pairs and at not in self.links]
            news = [at for at in range(len(self.news)) if at not in self.back and at not in self.linked]
            found = self.likeness.links(olds, news, self.old_gaps, self.new_gaps)
            for link in found:
                self.links[link.old].append(link)
                self.linked[link.new] = self.linked.get(link.new, False) or link.is_sure
            self._grow()
            self._fill()
            if not found:
                break


def _between(gap: Gap, ways: dict[int, int], taken: dict[int, int], end: int) -> list[int]:
    """The free units on the other side between the partners of a gap's edges, a few of them."""
    left, right = gap
    first, last = ways.get(left, -1), ways.get(right, end)
    found = [at for at in range(first + 1, min(last, first + 4 * NEXT)) if at not in taken]
    return found[:NEXT]


def _gaps(partners: list[int | None], end: int) -> list[Gap]:
    """For each place the nearest partners on its left and on its right; -1 and `end` at the edges."""
    lefts, rights = [], []
    last: int = -1
    for partner in partners:
        lefts.append(last)
        last = last if partner is None else partner
    last = end
    for partner in reversed(partners):
        rights.append(last)
        last = last if partner is None else partner
    return list(zip(lefts, reversed(rights), strict=True))
