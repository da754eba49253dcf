"""Edits of curricula whose truth is known: each line says what it is, whatever becomes of its words and its place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from tests.bench.curricula import THINGS, TOPICS, VERBS, Line, Months, item

HEAVY = (0.3, 0.6)
"""The share of its words that a fifth of the rewordings change."""
CLASSES = ("reworded", "moved", "changed")
POOL = sorted({word for text in [*THINGS, *TOPICS, *VERBS] for word in text.lower().split() if len(word) > 3})


@dataclass
class Edited:
    """A curriculum on its way to its next edition."""

    months: Months
    rng: Random
    ids: Iterator[int]
    """Numbers for what is new."""
    said: set[str] = field(default_factory=set)
    """All texts of the old edition and those that were made since: what is new says something new."""
    fixed: set[int] = field(default_factory=set)
    """What has been edited already, or was copied: it is not edited again, so that truth is one."""

    def __post_init__(self) -> None:
        self.said = {line.text for month in self.months for line in month if line.id}

    def places(self, *, weeks: bool = False) -> list[tuple[int, int]]:
        """Where items stand that were not touched, or weeks: the month and the line."""
        return [
            (number, index)
            for number, month in enumerate(self.months)
            for index, line in enumerate(month)
            if line.id and (line.kind == "week") is weeks and line.id not in self.fixed
        ]

    def at(self, place: tuple[int, int]) -> Line:
        return self.months[place[0]][place[1]]

    def put(self, place: tuple[int, int], *lines: Line) -> None:
        """Put lines in the place of one."""
        month, index = place
        self.months[month][index : index + 1] = lines
        self.fixed |= {line.id for line in lines}

    def beside(self, place: tuple[int, int]) -> list[tuple[int, int]]:
        """The other items of a line's list."""
        month, index = place
        kind, found = self.at(place).kind, []
        for step in (-1, 1):
            near = index + step
            while 0 <= near < len(self.months[month]) and self.months[month][near].kind == kind:
                found.append((month, near))
                near += step
        return sorted(found)

    # Rewording

    def reword(self) -> bool:
        """Change some of an item's words, or only how they are written."""
        place = self.rng.choice(self.places())
        line = self.at(place)
        text = self.heavy(line) if self.rng.random() < 0.2 else self.light(line)
        if text in self.said or not text.strip():
            return False
        self.said.add(text)
        self.put(place, replace(line, text=text))
        return True

    def heavy(self, line: Line) -> str:
        """With 30 to 60 % of the words changed; numbers, addresses and what tells one of a series stay."""
        words = line.text.split(" ")
        goal = self.rng.uniform(*HEAVY)
        free = [number for number, word in enumerate(words) if self.is_free(line, word, number)]
        wanted = max(1, int(goal * len(words)))
        if not free or not HEAVY[0] <= min(wanted, len(free)) / len(words) <= HEAVY[1]:
            return line.text
        for number in sorted(self.rng.sample(free, min(wanted, len(free))), reverse=True):
            match self.rng.choice(["other", "other", "other", "gone", "more"]):
                case "other":
                    words[number] = self.rng.choice(POOL)
                case "gone" if len(words) > 3:
                    del words[number]
                case _:
                    words.insert(number, self.rng.choice(POOL))
        return " ".join(words)

    @staticmethod
    def is_free(line: Line, word: str, number: int) -> bool:
        if "](" in word or any(letter.isdigit() for letter in word) or len(word) == 1:
            return False
        return not line.series or number < len(line.series.split(" "))

    def light(self, line: Line) -> str:
        """With fewer than 30 % of the words changed, or none."""
        words = line.text.split(" ")
        free = [number for number, word in enumerate(words) if self.is_free(line, word, number)]
        ways: list[Callable[[], str]] = [
            lambda: line.text + self.rng.choice([".", ";", "!", " 🙂"]),
            lambda: line.text.swapcase() if line.text.islower() else line.text.lower(),
            lambda: re.sub(r"\b(the|a)\b ", "", line.text, count=1),
            lambda: f"**{line.text}**",
            lambda: f"{line.text} ({self.rng.choice(['optional', 'about two hours', 'in pairs'])})",
            lambda: f"{line.text} [notes](https://example.org/{self.rng.randint(1, 99)})",
            lambda: self.version(line),
        ]
        if free:
            number = self.rng.choice(free)
            word = words[number]
            ways += [
                lambda: " ".join(
                    [*words[:number], word[:-1] if word.endswith("s") else word + "s", *words[number + 1 :]]
                ),
                lambda: " ".join([*words[:number], misspelt(word, self.rng), *words[number + 1 :]]),
                lambda: " ".join([*words[:number], "the", *words[number:]]),
            ] * 2
        if free and 1 / len(words) < HEAVY[0]:
            ways += [
                lambda: " ".join([*words[:number], self.rng.choice(POOL), *words[number + 1 :]]),
                lambda: " ".join([*words[:number], self.rng.choice(POOL), *words[number:]]),
            ] * 2
        return self.rng.choice(ways)()

    @staticmethod
    def version(line: Line) -> str:
        """With another number, where no sibling is told apart by it."""
        if line.series:
            return line.text
        return re.sub(r"\d+", lambda found: str(int(found[0]) + 1), line.text, count=1)

    # Moving and renaming

    def move(self) -> bool:
        """Take an item to another place in its list, in its month or in the curriculum."""
        place = self.rng.choice(self.places())
        line = self.at(place)
        near = self.rng.choice([self.beside(place), self.far(place, place[0]), self.far(place, None)])
        if not near:
            return False
        month, index = self.rng.choice(near)
        there = [(month, index), *self.beside((month, index))]
        if any(self.at(each).text == line.text for each in there if each != place):
            return False  # which of two equals in one list is which cannot be seen
        anchor = self.months[month][index]
        self.fixed.add(line.id)
        self.months[place[0]].remove(line)
        where = self.months[month].index(anchor) + self.rng.choice([0, 1])
        self.months[month].insert(where, replace(line, head=anchor.head, series=""))
        return True

    def far(self, place: tuple[int, int], month: int | None) -> list[tuple[int, int]]:
        """Items of the same kind in other lists, of one month or of all."""
        near = {place, *self.beside(place)}
        kind = self.at(place).kind
        return [
            (number, index)
            for number, lines in enumerate(self.months)
            for index, line in enumerate(lines)
            if line.kind == kind and (number, index) not in near and month in (None, number)
        ]

    def rename(self) -> bool:
        """Give a week another title."""
        places = self.places(weeks=True)
        if not places:
            return False
        place = self.rng.choice(places)
        title = f"{self.rng.choice(VERBS)} {self.rng.choice(THINGS)}"
        line = self.at(place)
        self.put(
            place, replace(line, text=title) if line.text else replace(line, head=f"{line.head}: {title}")
        )
        return True

    def renumber(self) -> bool:
        """Put a new week before one of a month; those behind it are numbered anew."""
        places = self.places(weeks=True)
        if not places:
            return False
        number, index = self.rng.choice(places)
        month = self.months[number]
        for line in month[index:]:
            if line.kind == "week":
                month[month.index(line)] = replace(
                    line, head=re.sub(r"\d+", lambda found: str(int(found[0]) + 1), line.head, count=1)
                )
        head = re.sub(r"\d+", lambda found: str(int(found[0]) - 1), month[index].head, count=1)
        new = Line(head.removesuffix(": ") + ": ", self.new_text(), next(self.ids), "week")
        tasks = [
            Line("- [ ] ", self.new_text(), next(self.ids), "task") for _each in range(self.rng.randint(1, 3))
        ]
        self.fixed |= {line.id for line in (new, *tasks)}
        month[index:index] = [new, Line(""), Line("**Tasks**:"), *tasks, Line("")]
        return True

    def swap(self) -> bool:
        """Let two weeks of a month change places with all they hold; each takes the other's number."""
        month = self.rng.choice(self.months)
        starts = [index for index, line in enumerate(month) if line.kind == "week"]
        if len(starts) < 3:
            return False
        first = self.rng.randrange(len(starts) - 2)
        a, b, c = starts[first : first + 3]
        one, two = month[a:b], month[b:c]
        number = re.compile(r"\d+")
        heads = [number.search(part[0].head) for part in (one, two)]
        if not all(heads) or {one[0].id, two[0].id} & self.fixed:
            return False
        one_number, two_number = [found[0] for found in heads if found]
        one[0] = replace(one[0], head=number.sub(two_number, one[0].head, count=1))
        two[0] = replace(two[0], head=number.sub(one_number, two[0].head, count=1))
        self.fixed |= {one[0].id, two[0].id}
        month[a:c] = [*two, *one]
        return True

    # What begins and what ends

    def new_text(self) -> str:
        while (text := item(self.rng)) in self.said:
            pass
        self.said.add(text)
        return text

    def insert(self) -> bool:
        """Add an item: something new, one more of a series, or one that stands elsewhere too."""
        place = self.rng.choice(self.places())
        line = self.at(place)
        match self.rng.choice(["new", "series", "copy"]):
            case "series" if line.series:
                text = f"{line.series} {self.rng.choice([*TOPICS, *'FGHIJ', '11', '12', '13'])}"
            case "copy":
                other = self.at(
                    self.rng.choice([each for each in self.places() if self.at(each).kind == line.kind])
                )
                text = other.text
                self.fixed |= {each.id for month in self.months for each in month if each.text == text}
            case _:
                text = self.new_text()
        if text in {self.at(each).text for each in [place, *self.beside(place)]}:
            return False
        self.said.add(text)
        new = Line(line.head, text, next(self.ids), line.kind)
        self.put(place, *self.rng.choice([(line, new), (new, line)]))
        return True

    def delete(self) -> bool:
        place = self.rng.choice(self.places())
        if not self.beside(place):
            return False
        self.put(place)
        return True

    def exchange(self) -> bool:
        """Put another one of a series, the same about something else, or something else in the place of an item."""
        place = self.rng.choice(self.places())
        line = self.at(place)
        thing = next((each for each in THINGS if each in line.text), "")
        if line.series:
            text = f"{line.series} {self.rng.choice([*TOPICS, *'KLMNO', '14', '15', '16'])}"
        elif thing and self.rng.random() < 0.5:
            text = line.text.replace(thing, self.rng.choice(THINGS))
        else:
            text = self.new_text()
            self.said.discard(text)
        if text in self.said:
            return False
        self.said.add(text)
        self.put(place, Line(line.head, text, next(self.ids), line.kind))
        return True

    def split(self) -> bool:
        """Make two of one: what it said stands in both together, and neither is it."""
        place = self.rng.choice(
            [each for each in self.places() if len(self.at(each).text.split()) >= 5] or [(-1, -1)]
        )
        if place[0] < 0:
            return False
        line = self.at(place)
        words = line.text.split(" ")
        middle = words.index("and") if "and" in words[2:-2] else len(words) // 2
        halves = [" ".join(words[:middle]), " ".join(words[middle:]).removeprefix("and ").capitalize()]
        if not all(halves) or self.said & set(halves):
            return False
        self.said |= set(halves)
        self.put(place, *[Line(line.head, text, next(self.ids), line.kind) for text in halves])
        return True

    def merge(self) -> bool:
        """Make one of two siblings: it is neither."""
        place = self.rng.choice(self.places())
        others = [each for each in self.beside(place) if self.at(each).id not in self.fixed]
        if not others:
            return False
        other = self.rng.choice(others)
        line, second = self.at(place), self.at(other)
        text = f"{line.text} and {second.text[:1].lower()}{second.text[1:]}"
        self.put(place, Line(line.head, text, next(self.ids), line.kind))
        self.months[other[0]].remove(second)
        self.said.add(text)
        return True


def edited(months: Months, rng: Random, kind: str) -> Months:
    """The next edition, by one to five edits of a class; every fourth has one of another class too."""
    draft = Edited([list(month) for month in months], rng, count(1_000_000))
    ways: dict[str, list[Callable[[], bool]]] = {
        "reworded": [draft.reword],
        "moved": [draft.move, draft.move, draft.move, draft.rename, draft.renumber, draft.swap],
        "changed": [draft.insert, draft.delete, draft.exchange, draft.split, draft.merge],
    }
    wanted = [rng.choice(ways[kind]) for _each in range(rng.randint(1, 5))]
    if rng.random() < 0.25:
        wanted.append(rng.choice(ways[rng.choice([other for other in CLASSES if other != kind])]))
    for way in wanted:
        for _attempt in range(20):
            if way():
                break
    return draft.months


def misspelt(word: str, rng: Random) -> str:
    """With two letters exchanged."""
    if len(word) < 4:
        return word
    place = rng.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
