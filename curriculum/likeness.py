"""How much alike two short texts are: the words and the runs of letters that they share, rare words before common ones.

A library of string distances would not do: what tells "Read chapter 1" from "Read chapter 2" is one letter of many. So
what counts or names (numbers, single letters) must be the same, unless nothing else of its month reads like it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINK = re.compile(r"\]\(<?([^()\s<>]*)|\b(https?://[^\s<>()]+)")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""A run of letters and digits, or one letter of a script that writes no blanks between words."""
ROMAN = re.compile(r"[IVX]{1,4}$")
COUNTING = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
    | {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"}
)
READ = 2_000
"""Characters of a text that are looked at: enough to know it by, and no line can be made to take long."""
FULL = 6
"""Letters from which on a word counts in full."""
LETTERS = 0.85
"""What it counts that the letters are the same where the words are not: misspelt, or one of them a plural."""
COVERED = 0.5
"""How much of what a text has more than another must be found in a third, and of the third in it, to be shared out."""


@dataclass(frozen=True)
class Words:
    """A text taken apart."""

    bag: Counter[str]
    grams: Counter[str]
    """Runs of three characters."""
    signs: Counter[str]
    """What counts or names: numbers, single letters, "II", "second", and addresses."""
    pattern: tuple[str, ...]
    """All words, with "#" for each sign."""


def words_of(text: str) -> Words:
    """Take the beginning of a text apart: without markup and case; an address is one word."""
    text = text[:READ]
    addresses = [first or second for first, second in LINK.findall(text)]
    written = WORD.findall(LINK.sub(" ", text))
    words = [word.casefold() for word in written]
    marked = [is_sign(word, number) for number, word in enumerate(written)]
    line = f" {' '.join(words)} "
    return Words(
        Counter([*words, *addresses]),
        Counter(line[start : start + 3] for start in range(len(line) - 2)),
        Counter([*(word for word, sign in zip(words, marked, strict=True) if sign), *addresses]),
        tuple("#" if sign else word for word, sign in zip(words, marked, strict=True))
        + ("#",) * len(addresses),
    )


def is_sign(word: str, number: int) -> bool:
    """Whether a word tells one of a series from the next; `number` is its place among the words."""
    if any(letter.isdigit() for letter in word) or word.casefold() in COUNTING:
        return True
    return bool(number and (ROMAN.match(word) or (len(word) == 1 and word.isascii() and word.isupper())))


class Likeness:
    """How much alike the texts of one kind in one month are, where what many of them say counts less."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.known: dict[str, Words] = {}
        self.count: Counter[str] = Counter()
        """In how many texts a word stands."""
        self.patterns: Counter[tuple[str, ...]] = Counter()
        """How many different texts have a pattern."""
        self.signs: set[str] = set()
        for text in texts:
            if text not in self.known:
                words = self.known[text] = words_of(text)
                self.patterns[words.pattern] += 1
                self.signs |= words.signs.keys()
            self.count.update(self.known[text].bag.keys())

    def weight(self, word: str) -> float:
        """How much a word says: long ones and signs more than short ones, and the less the more often it stands."""
        length = FULL if word in self.signs else min(len(word), FULL)
        return length / FULL / (1 + math.log2(max(self.count[word], 2) / 2))

    def weigh(self, bag: Counter[str]) -> float:
        return sum(self.weight(word) * count for word, count in bag.items())

    def of(self, one: str, other: str) -> float:
        """From 0, nothing in common, to 1, the same words in the same order."""
        mine, theirs = self.known[one], self.known[other]
        if not self.may_be_same(mine, theirs):
            return 0
        whole = self.weigh(mine.bag) + self.weigh(theirs.bag)
        by_words = 2 * self.weigh(mine.bag & theirs.bag) / whole if whole else 0
        grams = mine.grams.total() + theirs.grams.total()
        by_letters = 2 * (mine.grams & theirs.grams).total() / grams if grams else 0
        return max((by_words + by_letters) / 2, LETTERS * by_letters)

    def may_be_same(self, mine: Words, theirs: Words) -> bool:
        """Whether the signs allow it: one text has all of the other's, or no third reads like both ("Python 3.8")."""
        if mine.signs <= theirs.signs or theirs.signs <= mine.signs:
            return True
        return mine.pattern == theirs.pattern and self.patterns[mine.pattern] == 2

    def is_shared(self, whole: str, part: str, others: Sequence[str]) -> bool:
        """Whether what a text has more than its part is what another one says: it was split, or both were joined."""
        rest = self.known[whole].bag - self.known[part].bag
        found = [(self.weigh(rest & self.known[other].bag), self.known[other].bag) for other in others]
        return any(
            common and common >= COVERED * self.weigh(rest) and common >= COVERED * self.weigh(bag)
            for common, bag in found
        )
