"""Which items under one heading are the same in other words."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import product

from curriculum.likeness import Likeness
from curriculum.parts import Part

ALIKE, IN_PLACE, AHEAD = 0.6, 0.5, 0.1
"""What two items need to be the same in other words: anywhere under their heading, between the same neighbours; and
how far ahead of the next they must be."""


@dataclass
class Beside:
    """The items of one kind under one heading, before and now."""

    old: list[Part]
    """Those without a partner."""
    new: list[Part]
    olds: list[Part]
    """All of them."""
    news: list[Part]
    scores: dict[tuple[Hashable, Hashable], float] = field(default_factory=dict)
    """How much alike each two are of which one has no partner."""
    alike: Likeness = field(default_factory=lambda: Likeness([]))

    def compare(self, alike: Likeness) -> None:
        pairs = [*product(self.old, self.news), *product(self.olds, self.new)]
        self.alike = alike
        self.scores = {(one.key, other.key): alike.of(one.text, other.text) for one, other in pairs}

    def sure(self, in_place: Callable[[Part, Part], bool]) -> list[tuple[Part, Part]]:
        """Take out those that are surely the same; `in_place` says of two whether their neighbours are the same."""
        found = [
            (one, other)
            for one, other in product(self.old, self.new)
            if self.scores[one.key, other.key] >= (IN_PLACE if in_place(one, other) else ALIKE)
            and self.is_ahead(one, other)
            and not self.is_shared(one, other)
        ]
        self.old = [part for part in self.old if part not in [one for one, _other in found]]
        self.new = [part for part in self.new if part not in [other for _one, other in found]]
        return found

    def is_ahead(self, one: Part, other: Part) -> bool:
        """Whether no other pair with one of the two comes near; what has its partner already counts too.

        An item that is as much like one that stayed is alike because all of them are; not so if that says the same.
        """
        olds = [each for each in self.olds if each in self.old or each.text != one.text]
        news = [each for each in self.news if each in self.new or each.text != other.text]
        rivals = [self.scores[each.key, other.key] for each in olds if each is not one]
        rivals += [self.scores[one.key, each.key] for each in news if each is not other]
        return self.scores[one.key, other.key] - max(rivals, default=0) >= AHEAD

    def is_shared(self, one: Part, other: Part) -> bool:
        """Whether one item was split in two, or two were joined."""
        news = [each.text for each in self.new if each is not other]
        olds = [each.text for each in self.old if each is not one]
        return self.alike.is_shared(one.text, other.text, news) or self.alike.is_shared(
            other.text, one.text, olds
        )
