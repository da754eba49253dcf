"""What stands in the same order on both sides."""

from bisect import bisect_right
from collections.abc import Sequence


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of the pairs, which rise in the first number, that rises in the second too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_old, new) in enumerate(pairs):
        place = bisect_right(tails, new)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(new)
            ends.append(at)
        else:
            tails[place], ends[place] = new, at
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
