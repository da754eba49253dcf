"""What becomes of ticks in generated edits whose truth is known: the lines that were edited know what they are.

Both editions are written out, parsed and matched, so that the matching knows no more than the texts.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from random import Random

from curriculum.markdown import Node, parse
from curriculum.matching import Pair, Part, Stage, parts_of, plan
from tests.bench.curricula import Months, bases
from tests.bench.editions import CLASSES, edited


@dataclass(frozen=True)
class Tick:
    """A tick on one item of an old edition, and what became of both."""

    part: Part
    pair: Pair | None
    now: Part | None
    """The same item in the new edition; None where it is gone."""
    kind: str
    """The class of the edit."""

    @property
    def is_kept(self) -> bool:
        return self.now is not None and self.pair is not None and self.pair.new.key == self.now.key

    @property
    def is_wrong(self) -> bool:
        """Whether it is on another item now."""
        return self.pair is not None and not self.is_kept


def ticks(count: int, seed: int) -> Iterator[Tick]:
    """Every tick of so many edits, a third of each class."""
    dice = Random(seed)  # noqa: S311 (the same each time)
    some = [base for _each in range(6) for base in bases(dice)]
    for number in range(count):
        old, kind = dice.choice(some), CLASSES[number % len(CLASSES)]
        yield from ticks_of(old, edited(old, dice, kind), kind)


def ticks_of(old: Months, new: Months, kind: str) -> Iterator[Tick]:
    olds, before = read(old)
    news, after = read(new)
    pairs = {pair.old.key: pair for pair in plan(olds, news).pairs}
    now = {after[part.key]: part for part in news if part.key in after}
    for part in olds:
        if part.key in before:
            yield Tick(part, pairs.get(part.key), now.get(before[part.key]), kind)


def read(months: Months) -> tuple[list[Part], dict[Hashable, int]]:
    """The parts of a curriculum as its texts say, and what the items among them are."""
    parts: list[Part] = []
    truth: dict[Hashable, int] = {}
    for month in months:
        for part in parts_of(parse("\n".join(line.whole for line in month))):
            assert isinstance(part.key, Node)
            line = month[part.key.first]
            if line.kind == part.kind and part.kind != "week":
                truth[part.key] = line.id
            parts.append(part)
    return parts, truth


def counted(some: Iterator[Tick]) -> Counter[str]:
    """How many there are, stayed where they belong, and went elsewhere, by the stage that took them there."""
    found: Counter[str] = Counter()
    for tick in some:
        found["ticks"] += 1
        found["surviving"] += tick.now is not None
        found["kept"] += tick.is_kept
        found[f"lost_{tick.kind}"] += tick.now is not None and not tick.is_kept
        if tick.pair is not None:
            is_fuzzy = tick.pair.stage is Stage.REWORDED
            found["fuzzy"] += is_fuzzy
            found["wrong_fuzzy" if is_fuzzy else "wrong_exact"] += tick.is_wrong
    return found
