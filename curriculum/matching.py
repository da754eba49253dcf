"""Which part of an old text each part of a new one is: old parts and new parts in, a plan out. No table is asked.

A learner's tick belongs to a row, so rows must survive edits. Headings come first (months, then what stands in them),
by their names and by how much of what stands below them is the same. Then items: exact text under the same heading,
exact elsewhere in the month, exact elsewhere in the curriculum, and at last reworded under the same heading. A wrong
pair is worse than a lost one: where two would do equally well, none is taken. Only parts of one kind are ever paired.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from curriculum.markdown import Node
from curriculum.rows import Wanted, wanted_rows

HEADINGS = ("month", "section", "week", "project", "detail")
"""Kinds that are known by names; all others are items, known by their text. In the order of matching."""
WEIGHTS = (2, 1, 1)
"""What it counts that the first, the second and the third name are the same."""
CONTENT = 3
"""What it counts that all that stands below two headings is the same."""
ENOUGH, ENOUGH_ELSEWHERE = 1, 3
"""What two headings need to be the same, in the same month and in another one."""


class Stage(StrEnum):
    """How an old and a new part found each other."""

    EXACT = "exact"
    MOVED = "moved"
    REWORDED = "reworded"
    BY_HAND = "by-hand"


@dataclass(frozen=True)
class Part:
    """One month, week, task, criterion and so on of a tree, old or new."""

    key: Hashable
    """What the caller knows it by: a node, a row's public id. Once on its side."""
    kind: str
    """The name of its model: "task", "week"."""
    text: str
    """Its inline Markdown."""
    place: tuple[str, ...] = ()
    """What it stands under, in words: the month, then week, section or project, then group or label."""
    above: Hashable = None
    """The key of the part it stands in; None for a month."""
    names: tuple[Hashable, ...] = ()
    """Of a heading, what else it is known by, surest first; None for a name that it lacks."""
    group: str = ""
    """The group of a resource, the label of an idea."""
    is_archived: bool = False
    """Whether only an earlier edition had it: it comes back by its exact text alone."""


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


def parts_of(tree: Node) -> list[Part]:
    """The parts of a parsed text; the key of each is its node."""
    return [part_of(one) for one in wanted_rows(tree)]


def part_of(one: Wanted) -> Part:
    """What a text asks for, as a part."""
    kind = one.model._meta.model_name or ""
    around = [part for part in (one.month, one.parent) if part is not None]
    return Part(
        one.node,
        kind,
        one.text,
        place_of([title(part.values) for part in dict.fromkeys(around)], one.values),
        one.parent.node if one.parent else None,
        names_of(kind, one.values),
        group_of(one.values),
    )


def title(values: Mapping[str, object]) -> str:
    """What a heading says, from its columns."""
    return ": ".join(str(values[name]) for name in ("label", "title") if values.get(name))


def place_of(around: Iterable[str], values: Mapping[str, object]) -> tuple[str, ...]:
    return (*around, group_of(values)) if group_of(values) else tuple(around)


def group_of(values: Mapping[str, object]) -> str:
    """The group of a resource or the label of an idea; months and weeks have labels that are names."""
    return str(values.get("group") or ("title" not in values and values.get("label")) or "")


def names_of(kind: str, values: Mapping[str, object]) -> tuple[Hashable, ...]:
    """The names of a heading from its columns; none for an item."""
    number = values.get("number")
    match kind:
        case "month":
            unit = str(values["unit"]).lower()
            return (
                str(values["slug"]),
                str(values["title"]) or None,
                None if number is None else (unit, str(number)),
            )
        case "week":
            return str(values["title"]) or None, None if number is None else str(number)
        case "section":
            return str(values["title"]), None if values["role"] == "other" else str(values["role"])
        case "project":
            return str(values["title"]) or None, kind
        case "detail":
            return (str(values["label"]).lower(),)
        case _:
            return ()


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
        self.beside: dict[Hashable, tuple[str, str]] = {}
        """The texts before and behind each part in its list."""
        self.months: dict[Hashable, Hashable] = {}
        """The key of the month of each part."""
        for part in parts:
            if not part.is_archived:
                self.lists[part.above, part.kind].append(part)
            self.months[part.key] = part.key if part.kind == "month" else self.months.get(part.above)
        for some in self.lists.values():
            texts = ["", *[part.text for part in some], ""]
            for number, part in enumerate(some):
                self.beside[part.key] = texts[number], texts[number + 2]
        self.below: dict[Hashable, Counter[tuple[str, str]]] = defaultdict(Counter)
        """What the items below each heading say, at any depth."""
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
            found = []
            for one in old:
                for other in new:
                    if not is_near or self.in_same(one, other):
                        score = self.alike(one, other)
                        if score >= enough:
                            apart = abs(self.old.order[one.key] - self.new.order[other.key])
                            found.append((-score, apart, self.old.order[one.key], one, other))
            for _score, _apart, _order, one, other in sorted(found, key=lambda each: each[:3]):
                if one.key not in self.taken and other.key not in self.settled:
                    self.pair(one, other, self.stage_of(one, other))
        old, new = self.free(kind, archived=True)
        for other in new:
            one = next((one for one in old if self.in_same(one, other) and self.comes_back(one, other)), None)
            if one is not None and one.key not in self.taken:
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
        for key, some in asked.items():
            if key in waiting:
                for one, other in self.told_apart(waiting[key], some, is_near):
                    self.pair(one, other, stage)

    def told_apart(self, old: list[Part], new: list[Part], is_near: bool) -> list[tuple[Part, Part]]:
        """Pair equals: in their order when there are as many, otherwise by what stands beside them."""
        if len(old) == len(new):
            return list(zip(old, new, strict=True))
        found = [
            (-self.beside(one, other), number, index)
            for number, one in enumerate(old)
            for index, other in enumerate(new)
        ]
        chosen: list[tuple[int, int]] = []
        for beside, number, index in sorted(found):
            rivals = [
                each for each in found if each[0] == beside and (each[1] == number) != (each[2] == index)
            ]
            is_free = all(number != one and index != other for one, other in chosen)
            if is_free and (is_near or (beside and not rivals)):
                chosen.append((number, index))
        return [(old[number], new[index]) for number, index in chosen]

    def beside(self, old: Part, new: Part) -> int:
        """How many of the neighbours of two items say the same; the ends of a list say nothing."""
        mine, theirs = self.old.beside.get(old.key, ("", "")), self.new.beside[new.key]
        return sum(one == other and one != "" for one, other in zip(mine, theirs, strict=True))

    def back(self, kind: str) -> None:
        """Pair what an earlier edition had, by exact text in the same month."""
        for stage, at, _is_near in self.places()[:3]:
            self.exact(kind, stage, at, True, archived=True)
