"""Which part of an old text each part of a new one is: old parts and new parts in, a plan out. No table is asked.

A learner's tick belongs to a row, so rows must survive edits. Headings come first (months, then what stands in them),
by their names and by how much of what stands below them is the same. Then items: exact text under the same heading,
exact elsewhere in the month, exact elsewhere in the curriculum, and at last reworded under the same heading. A wrong
pair is worse than a lost one: where two would do equally well, none is taken. Only parts of one kind are ever paired.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from operator import eq

from curriculum.likeness import Likeness
from curriculum.parts import Part, part_of, parts_of
from curriculum.rewording import Beside

__all__ = ["Pair", "Part", "Plan", "Stage", "part_of", "parts_of", "plan"]

HEADINGS = ("month", "section", "week", "project", "detail")
"""Kinds that are known by names; all others are items, known by their text. In the order of matching."""
WEIGHTS = (2, 1, 1)
"""What it counts that the first, the second and the third name are the same."""
CONTENT = 3
"""What it counts that all that stands below two headings is the same."""
ENOUGH, ENOUGH_ELSEWHERE = 1, 3
"""What two headings need to be the same, in the same month and in another one."""
EQUALS = 1_000
"""At most so many pairs of items that say the same are told apart by their neighbours; more are counted off."""
TRIED = 100_000
"""At most so many pairs of items are compared under one heading; where there are more, none is taken for reworded."""


class Stage(StrEnum):
    """How an old and a new part found each other."""

    EXACT = "exact"
    MOVED = "moved"
    REWORDED = "reworded"
    BY_HAND = "by-hand"


@dataclass(frozen=True)
class Pair:
    """An old part that goes on as a new one."""

    old: Part
    new: Part
    stage: Stage
    score: float = 1.0
    """How much alike they are, from 0 to 1."""


@dataclass
class Plan:
    """What becomes of every part; each in the order of its side."""

    pairs: list[Pair] = field(default_factory=list)
    new: list[Part] = field(default_factory=list)
    removed: list[Part] = field(default_factory=list)
    """Without those that were archived before."""


def plan(
    old: Sequence[Part], new: Sequence[Part], by_hand: Mapping[Hashable, Hashable | None] | None = None
) -> Plan:
    """What becomes of every part. `by_hand` says for a new part's key which old one it is, or None for none of them.

    What is said by hand and does not hold (no such part, of another kind, taken twice) is left out.
    """
    return Matching(old, new).run(by_hand or {})


class Side:
    """The parts of one side, and what stands where among them."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.by_key = {part.key: part for part in parts}
        self.order = {part.key: number for number, part in enumerate(parts)}
        self.lists: dict[tuple[Hashable, str], list[Part]] = defaultdict(list)
        """What stands beside each other, in its order: by the key of what it stands in, and by kind."""
        self.around: dict[Hashable, tuple[Hashable, Hashable]] = {}
        """The keys of those before and behind each part in its list; None at its ends."""
        self.months: dict[Hashable, Hashable] = {}
        """The key of the month of each part."""
        for part in parts:
            if not part.is_archived:
                self.lists[part.above, part.kind].append(part)
            self.months[part.key] = part.key if part.kind == "month" else self.months.get(part.above)
        for some in self.lists.values():
            keys = [None, *[part.key for part in some], None]
            for number, part in enumerate(some):
                self.around[part.key] = keys[number], keys[number + 2]
        self.below: dict[Hashable, Counter[tuple[str, str]]] = defaultdict(Counter)
        """What the items below each heading say, at any depth."""
        self.said = Counter((part.kind, part.text) for part in parts if not part.is_archived)
        """How many items say the same."""
        for part in parts:
            above = self.by_key.get(part.above)
            while not part.is_archived and part.kind not in HEADINGS and above is not None:
                self.below[above.key][part.kind, part.text] += 1
                above = self.by_key.get(above.above)


class Matching:
    """One plan on its way."""

    def __init__(self, old: Sequence[Part], new: Sequence[Part]) -> None:
        self.old = Side(old)
        self.new = Side(new)
        self.pairs: dict[Hashable, Pair] = {}
        """By the key of the new part."""
        self.taken: set[Hashable] = set()
        """The keys of old parts that are paired."""
        self.settled: set[Hashable] = set()
        """The keys of new parts that are paired, or that are new because somebody said so."""

    def run(self, by_hand: Mapping[Hashable, Hashable | None]) -> Plan:
        self.take(by_hand)
        for kind in HEADINGS:
            self.headings(kind)
        kinds = [kind for kind in dict.fromkeys(part.kind for part in self.new.parts) if kind not in HEADINGS]
        for kind in kinds:
            for stage, at, is_near in self.places():
                self.exact(kind, stage, at, is_near)
            self.back(kind)
            self.reworded(kind)
        return Plan(
            [self.pairs[part.key] for part in self.new.parts if part.key in self.pairs],
            [part for part in self.new.parts if part.key not in self.pairs],
            [part for part in self.old.parts if part.key not in self.taken and not part.is_archived],
        )

    def pair(self, old: Part, new: Part, stage: Stage, score: float = 1.0) -> None:
        self.pairs[new.key] = Pair(old, new, stage, score)
        self.taken.add(old.key)
        self.settled.add(new.key)

    def free(self, kind: str, archived: bool = False) -> tuple[list[Part], list[Part]]:
        """Old and new parts of a kind that have no partner yet."""
        old = [
            part
            for part in self.old.parts
            if part.kind == kind and part.key not in self.taken and part.is_archived is archived
        ]
        return old, [part for part in self.new.parts if part.kind == kind and part.key not in self.settled]

    def was(self, key: Hashable) -> Hashable:
        """The key of the old part that a new one is; for one that is new, something that equals no old key."""
        found = self.pairs.get(key)
        return found.old.key if found else ("new", key)

    def take(self, by_hand: Mapping[Hashable, Hashable | None]) -> None:
        """Pair what somebody said."""
        for new_key, old_key in by_hand.items():
            new = self.new.by_key.get(new_key)
            if new is not None and old_key is None:
                self.settled.add(new.key)
            old = self.old.by_key.get(old_key)
            if new is not None and old is not None and old.kind == new.kind and old.key not in self.taken:
                self.pair(old, new, Stage.BY_HAND)

    # Headings

    def headings(self, kind: str) -> None:
        """Pair headings, the most alike first: those of the same month, then across months, then archived ones."""
        for enough, is_near in ((ENOUGH, True), (ENOUGH_ELSEWHERE, False)):
            old, new = self.free(kind)
            found = [
                (-score, abs(self.old.order[one.key] - self.new.order[other.key]), one, other)
                for one, other in product(old, new)
                if (not is_near or self.in_same(one, other)) and (score := self.alike(one, other)) >= enough
            ]
            self.best(found)
        old, new = self.free(kind, archived=True)
        self.best(
            [
                (0, self.old.order[one.key], one, other)
                for one, other in product(old, new)
                if self.in_same(one, other) and self.comes_back(one, other)
            ]
        )

    def best(self, found: list[tuple[float, int, Part, Part]]) -> None:
        """Pair headings as long as both are free, those first that come first by their two numbers."""
        for _score, _apart, one, other in sorted(found, key=lambda each: each[:2]):
            if one.key not in self.taken and other.key not in self.settled:
                self.pair(one, other, self.stage_of(one, other))

    def in_same(self, old: Part, new: Part) -> bool:
        """Whether two parts stand in the same month, as far as that is known; months do."""
        if new.kind == "month":
            return True
        return self.old.months[old.key] == self.was(self.new.months[new.key])

    def alike(self, old: Part, new: Part) -> float:
        """How much two headings are the same, by their names and by what stands below them."""
        score: float = 0
        for weight, one, other in zip(WEIGHTS, old.names, new.names, strict=False):
            score += weight * (one is not None and one == other)
        mine, theirs = self.old.below[old.key], self.new.below[new.key]
        if mine and theirs:
            score += CONTENT * 2 * (mine & theirs).total() / (mine.total() + theirs.total())
        return score

    @staticmethod
    def comes_back(old: Part, new: Part) -> bool:
        return old.names[0] == new.names[0] if new.kind == "month" else old.names == new.names

    def stage_of(self, old: Part, new: Part) -> Stage:
        if old.text != new.text:
            return Stage.REWORDED
        return Stage.EXACT if self.in_same(old, new) and old.names == new.names else Stage.MOVED

    # Items with the same text

    def places(
        self,
    ) -> list[tuple[Stage, Callable[[Side, Part, Callable[[Hashable], Hashable]], Hashable], bool]]:
        """Where the same text is looked for, nearest first; whether it is so near that equals may be counted off."""
        return [
            (Stage.EXACT, lambda _side, part, was: (was(part.above), part.group), True),
            (Stage.MOVED, lambda _side, part, was: was(part.above), True),
            (Stage.MOVED, lambda side, part, was: was(side.months[part.key]), False),
            (Stage.MOVED, lambda _side, _part, _was: None, False),
        ]

    def exact(
        self,
        kind: str,
        stage: Stage,
        at: Callable[[Side, Part, Callable[[Hashable], Hashable]], Hashable],
        is_near: bool,
        archived: bool = False,
    ) -> None:
        """Pair items that say the same in the same place."""
        old, new = self.free(kind, archived)
        waiting: dict[Hashable, list[Part]] = defaultdict(list)
        asked: dict[Hashable, list[Part]] = defaultdict(list)
        for part in old:
            waiting[at(self.old, part, lambda key: key), part.text].append(part)
        for part in new:
            asked[at(self.new, part, self.was), part.text].append(part)
        together = [(waiting[key], some) for key, some in asked.items() if key in waiting]
        surely = [is_near or not self.is_refrain(one[0]) for one, _other in together]
        for (one, other), is_sure in zip(together, surely, strict=True):
            if len(one) == len(other) and is_sure:
                for pair in zip(one, other, strict=True):
                    self.pair(*pair, stage)
        for (one, other), is_sure in zip(together, surely, strict=True):
            if len(one) != len(other) or not is_sure:
                self.told_apart(one, other, stage, is_near)

    def is_refrain(self, part: Part) -> bool:
        """Whether several items say this, such as "Weekly quiz": of those, one that is gone here is not one that came
        elsewhere.
        """
        return self.old.said[part.kind, part.text] > 1

    def told_apart(self, old: list[Part], new: list[Part], stage: Stage, is_near: bool) -> None:
        """Pair equals of which there are more on one side, by the nearest items beside them that have their partner."""
        if len(old) * len(new) > EQUALS or old[0].is_archived:
            for pair in zip(old, new, strict=False) if is_near else ():
                self.pair(*pair, stage)
            return
        befores = {
            one.key: self.anchors(self.old, one, one.above, lambda key: key if key in self.taken else None)
            for one in old
        }
        nows = {
            one.key: self.anchors(
                self.new, one, self.was(one.above), lambda key: self.was(key) if key in self.pairs else None
            )
            for one in new
        }
        scores = {
            (one.key, other.key): sum(map(eq, befores[one.key], nows[other.key]))
            for one, other in product(old, new)
        }
        for one, other in sorted(product(old, new), key=lambda pair: -scores[pair[0].key, pair[1].key]):
            score = scores[one.key, other.key]
            if one.key in self.taken or other.key in self.settled:
                continue
            rivals = [
                befores[each.key] != befores[one.key] or not is_near
                for each in old
                if each is not one and each.key not in self.taken and scores[each.key, other.key] >= score
            ] + [
                nows[each.key] != nows[other.key] or not is_near
                for each in new
                if each is not other and each.key not in self.settled and scores[one.key, each.key] >= score
            ]
            if not any(rivals) and (is_near or score):
                self.pair(one, other, stage)

    @staticmethod
    def anchors(
        side: Side, part: Part, home: Hashable, partner: Callable[[Hashable], Hashable]
    ) -> tuple[Hashable, Hashable]:
        """The nearest before and behind an item in its list that have a partner, by their old keys; else the list's
        ends, which are known by what it stands under.
        """
        some = side.lists[part.above, part.kind]
        place = some.index(part)
        before = (partner(each.key) for each in reversed(some[:place]))
        behind = (partner(each.key) for each in some[place + 1 :])
        return next(filter(None, before), ("first", home)), next(filter(None, behind), ("last", home))

    def back(self, kind: str) -> None:
        """Pair what an earlier edition had, by exact text in the same month."""
        for stage, at, _is_near in self.places()[:3]:
            self.exact(kind, stage, at, True, archived=True)

    # Items with other words

    def reworded(self, kind: str) -> None:
        """Pair items under the same heading that are enough alike, and more alike than any other two there."""
        old, new = self.free(kind)
        texts: dict[Hashable, list[str]] = defaultdict(list)
        for side in (self.old, self.new):
            for part in side.parts:
                if part.kind == kind and not part.is_archived:
                    month = side.months[part.key]
                    texts[month if side is self.old else self.was(month)].append(part.text)
        alike = {month: Likeness(some) for month, some in texts.items()}
        waiting: dict[Hashable, list[Part]] = defaultdict(list)
        asked: dict[Hashable, list[Part]] = defaultdict(list)
        for part in old:
            waiting[part.above].append(part)
        for part in new:
            asked[part.above].append(part)
        for home, some in asked.items():
            before = self.was(home)
            news, olds = self.new.lists[home, kind], self.old.lists[before, kind]
            found = waiting.get(before, [])
            if found and len(found) * len(news) + len(some) * len(olds) <= TRIED:
                self.reworded_under(Beside(found, some, olds, news), alike[self.old.months[before]])

    def reworded_under(self, home: Beside, alike: Likeness) -> None:
        """Pair what is surely the same, and again as long as that shows the place of more."""
        home.compare(alike)
        while found := home.sure(self.in_place):
            for one, other in found:
                self.pair(one, other, Stage.REWORDED, round(home.scores[one.key, other.key], 3))

    def in_place(self, old: Part, new: Part) -> bool:
        """Whether an item stands between the same two items as the other, or at the same end of its list."""
        mine, theirs = self.old.around[old.key], self.new.around[new.key]
        same = [
            one == (None if other is None else self.was(other))
            for one, other in zip(mine, theirs, strict=True)
        ]
        return all(same) and mine != (None, None)
