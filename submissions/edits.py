"""Two texts word by word: what is the same in both, and what differs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curriculum.comparison import opcodes
from curriculum.likeness import WORD
from submissions.rising import rising

STEPS = 3_000_000
"""What one comparison may cost, in steps of the innermost loop; after that, what is left differs as a whole."""
ISLAND = 3
"""Letters between two changes that are read with them, such as "of"."""
TOKEN = re.compile(rf"(?:{WORD.pattern}|[^\w\s]|_)\s*|\s+")
"""A word, or a sign, with the white space after it: text that flows anew says the same."""
EXACT = re.compile(rf"{WORD.pattern}|[^\S\n]+|.", re.DOTALL)
"""The same where white space has a meaning."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Edit:
    """A stretch of a text before and after. One that is not `changed` says the same in both, white space apart."""

    old: str
    new: str
    changed: bool


class Purse:
    """Steps that may still be spent."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def pays(self, steps: int) -> bool:
        if steps > self.left:
            return False
        self.left -= steps
        return True


def edits(old: str, new: str, purse: Purse | None = None, *, exact: bool = False) -> tuple[Edit, ...]:
    """From one text to another, word by word."""
    if not old and not new:
        return ()
    if old == new:
        return (Edit(old, new, changed=False),)
    ours, theirs = ((EXACT if exact else TOKEN).findall(text) for text in (old, new))
    keys = [words if exact else [word.strip() for word in words] for words in (ours, theirs)]
    found: list[Edit] = []
    i = j = 0
    for a, b, length in [*runs(keys[0], keys[1], purse or Purse()), (len(ours), len(theirs), 0)]:
        if i < a or j < b:
            found.append(Edit("".join(ours[i:a]), "".join(theirs[j:b]), changed=True))
        if length:
            i, j = a + length, b + length
            found.append(Edit("".join(ours[a:i]), "".join(theirs[b:j]), changed=False))
    return tuple(trimmed(joined(found)))


def joined(found: list[Edit]) -> Iterator[Edit]:
    """The same without the islands of a few letters between two changes, which nobody reads one by one."""
    waiting: list[Edit] = []
    for place, edit in enumerate(found):
        is_inside = 0 < place < len(found) - 1
        is_island = is_inside and sum(letter.isalnum() for letter in edit.old[: ISLAND + 9]) <= ISLAND
        if edit.changed or (is_island and len(edit.old) <= ISLAND + 9 and "\n" not in edit.old):
            waiting.append(edit)
            continue
        if waiting:
            yield together(waiting)
            waiting = []
        yield edit
    if waiting:
        yield together(waiting)


def trimmed(found: Iterator[Edit]) -> Iterator[Edit]:
    """The same with the white space after two stretches that differ left to what follows, where it is the same."""
    space = ""
    for edit in found:
        if not edit.changed:
            yield Edit(space + edit.old, space + edit.new, changed=False)
            space = ""
            continue
        if space:
            yield Edit(space, space, changed=False)
        space = edit.old[len(edit.old.rstrip()) :]
        if (
            not space
            or not edit.new.strip()
            or not edit.old.strip()
            or space != edit.new[len(edit.new.rstrip()) :]
        ):
            space = ""
        end = -len(space) or None
        yield Edit(edit.old[:end], edit.new[:end], changed=True)
    if space:
        yield Edit(space, space, changed=False)


def together(found: list[Edit]) -> Edit:
    return Edit("".join(edit.old for edit in found), "".join(edit.new for edit in found), changed=True)


# Sequences --------------------------------------------------------------------------------------------------
def runs(ours: Sequence[str], theirs: Sequence[str], purse: Purse) -> list[tuple[int, int, int]]:
    """Where two sequences say the same, in order: place in the one, place in the other, how many.

    What is there once on either side comes first, so that long texts cost little; the library has the rest.
    """
    found: list[tuple[int, int, int]] = []
    i = j = 0
    for a, b in [*anchors(ours, theirs), (len(ours), len(theirs))]:
        if a < i or b < j:
            continue  # It belongs to a run already.
        found += between(ours, theirs, (i, j), (a, b), purse)
        i, j = a, b
        while i < len(ours) and j < len(theirs) and ours[i] == theirs[j]:
            i, j = i + 1, j + 1
        if a < i:
            found.append((a, b, i - a))
    return found


def anchors(ours: Sequence[str], theirs: Sequence[str]) -> list[Place]:
    """The most of what is there exactly once on either side that stands in the same order on both."""
    once = {word for word, count in Counter(ours).items() if count == 1}
    there = Counter(theirs)
    where = {word: place for place, word in enumerate(theirs) if word in once and there[word] == 1}
    pairs = [(place, where[word]) for place, word in enumerate(ours) if word in where]
    return rising(pairs)


def between(
    ours: Sequence[str], theirs: Sequence[str], first: Place, last: Place, purse: Purse
) -> Iterator[tuple[int, int, int]]:
    """The same for a stretch in which nothing is there just once."""
    (i, j), (a, b) = first, last
    head = i
    while i < a and j < b and ours[i] == theirs[j]:
        i, j = i + 1, j + 1
    if head < i:
        yield head, first[1], i - head
    end = a
    while i < a and j < b and ours[a - 1] == theirs[b - 1]:
        a, b = a - 1, b - 1
    here, there = list(ours[i:a]), list(theirs[j:b])
    counts, others = Counter(here), Counter(there)
    price = sum(count * others[word] for word, count in counts.items())
    if price and purse.pays(price):
        for tag, k, m, n, _o in opcodes(here, there):
            if tag == "equal":
                yield k + i, n + j, m - k
    if a < end:
        yield a, b, end - a
