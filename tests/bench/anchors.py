"""Where places are after an edit, on thousands of places whose truth is known: `python -m tests.bench.anchors [SEED]`.

`anchors_exact`: of the passages whose words are as they were, the share that is found there as exact or moved.
`anchors_placed`: of the passages of which most is left, the share that is found where they are.
`anchors_gone`: of the passages that are gone, the share that ends at a section, a page or the file.
`anchors_wrong`: how many are shown as exact or moved where they are not.
The same, over fewer documents, for the plain ladder, which seeks the quote, and then what is most like it.
`place_anchors_s`: the seconds that placing 300 anchors in a text of 100 kB takes.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from random import Random

import django

SEED = 5
KINDS = ("typo", "reword", "insert", "move", "split", "merge", "delete", "rewrite", "mixed")
ROUNDS = 10
"""Documents of each form for each kind of edit."""
PLAIN_ROUNDS = 2
"""Of the plain ladder, which takes minutes for all of them."""
ANCHORS = 16
"""Places in each of them."""
EXACT, PLACED, GONE, WRONG, SECONDS = 0.95, 0.98, 0.99, 0, 1
"""The goals: at least the first three, at most the others."""

if __name__ == "__main__":
    if "SECRET_KEY" not in os.environ:
        os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from submissions.formats.reading import Reading  # noqa: E402 (this reads the settings)
from submissions.ladder import Ladder, Placed, places  # noqa: E402
from tests.bench.passages import FORMS, Document, Spans, Word, Writer, edited  # noqa: E402

FOUND = ("exact", "moved", "changed")


@dataclass
class Case:
    """A passage of an old text, and where it is in the new one."""

    old: Reading
    new: Reading
    start: int
    end: int
    state: str
    """`same`: the same words one after the other; `left`: most of them; `gone`: none; `rest`: some."""
    at: tuple[int, int] | None
    """Where what is left of it stands."""
    kind: str
    form: str

    @property
    def quote(self) -> str:
        return self.old.text[self.start : self.end]


def cases(seed: int, rounds: int = ROUNDS) -> Iterator[list[Case]]:
    """Lists of passages of one old text and one new one."""
    dice = Random(seed)  # noqa: S311 (the same each time)
    for kind in KINDS:
        for form, written in FORMS.items():
            for _round in range(rounds if form == "markdown" else rounds // 2):
                old = Writer(dice).document(dice.randint(5, 12))
                new = edited(old, dice, kind)
                before, spans = written(old, dice)
                after, now = written(new, dice)
                yield [
                    case_of(words, (before, spans), (after, now), new, kind, form)
                    for words in chosen(old, new, dice)
                ]


def chosen(old: Document, new: Document, dice: Random) -> Iterator[list[Word]]:
    """Passages: whole sentences, parts of them, and rows of them; half of them where something was done or is twice."""
    left = {word.name: word.text for block in new.blocks() for words in block.sentences for word in words}
    sentences = [(block, at) for block in old.blocks() for at in range(len(block.sentences))]
    texts = Counter(" ".join(word.text for word in block.sentences[at]) for block, at in sentences)
    touched = [
        (block, at)
        for block, at in sentences
        if texts[" ".join(word.text for word in block.sentences[at])] > 1
        or any(left.get(word.name) != word.text for word in block.sentences[at])
    ]
    for _each in range(ANCHORS):
        block, at = dice.choice(touched if touched and dice.random() < 0.5 else sentences)
        words = block.sentences[at]
        part = dice.random()
        if part < 0.35 and len(words) > 4:
            size = dice.randint(2, len(words) - 1)
            first = dice.randint(0, len(words) - size)
            words = words[first : first + size]
        elif part < 0.5:
            words = [word for sentence in block.sentences[at : at + 2] for word in sentence]
        yield words


def case_of(
    words: list[Word],
    before: tuple[Reading, Spans],
    after: tuple[Reading, Spans],
    new: Document,
    kind: str,
    form: str,
) -> Case:
    names = [word.name for word in words]
    there = [word for block in new.blocks() for sentence in block.sentences for word in sentence]
    place = {word.name: at for at, word in enumerate(there)}
    kept = [place[name] for name in names if name in place]
    weight = sum(len(word.text) for word in words if word.name in place) / sum(
        len(word.text) for word in words
    )
    is_row = kept == list(range(kept[0], kept[0] + len(names))) if len(kept) == len(names) else False
    is_same = is_row and all(there[at].text == word.text for at, word in zip(kept, words, strict=True))
    # What an edit copies and then deletes might as well have been moved and changed.
    is_gone = not kept and not {word.copied for word in there} & set(names)
    state = "same" if is_same else "gone" if is_gone else "left" if weight >= 0.5 else "rest"
    spans = after[1]
    at = (
        (min(spans[there[n].name][0] for n in kept), max(spans[there[n].name][1] for n in kept))
        if kept
        else None
    )
    old = before[1]
    return Case(before[0], after[0], old[names[0]][0], old[names[-1]][1], state, at, kind, form)


Answer = tuple[str, tuple[int, int] | None]
"""A state, and where the passage is said to be."""


def ours(some: list[Case]) -> list[Answer]:
    ladder = Ladder(some[0].old, [(1, "design.md", some[0].new)], "design.md")
    return [answer(ladder.place(places.passage(case.old, case.start, case.end))) for case in some]


def answer(placed: Placed[int]) -> Answer:
    said = places.read(placed.selectors)
    return placed.state, (said.start, said.end) if placed.state in FOUND else None


def plain(some: list[Case]) -> list[Answer]:
    """The quote where it is nearest to its old place, else the stretch of as many words that is most like it."""
    return [seek(case) for case in some]


def seek(case: Case) -> Answer:
    text, quote = case.new.text, case.quote
    found, at = [], text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    if found:
        start = min(found, key=lambda one: abs(one - case.start))
        return ("exact" if start == case.start else "moved"), (start, start + len(quote))
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter.isspace())]
    matcher = SequenceMatcher(None, "", quote, autojunk=False)
    best, where = 0.0, (0, 0)
    for start in starts:
        matcher.set_seq1(text[start : start + len(quote)])
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > max(best, 0.7):
            ratio = matcher.ratio()
            if ratio > best:
                best, where = ratio, (start, start + len(quote))
    return ("changed", where) if best >= 0.7 else ("section", None)


def overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> float:
    """How much of both together is in both."""
    if not one or not other:
        return 0.0
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def judged(some: list[Case], answers: list[Answer]) -> Iterator[tuple[Case, Answer, list[str]]]:
    """Each passage with what it counts for."""
    for case, (state, where) in zip(some, answers, strict=True):
        marks = [case.state]
        is_there = overlap(where, case.at) >= 0.5
        if case.state == "same":
            marks += ["exact"] if state in ("exact", "moved") and where == case.at else []
        if case.state in ("same", "left"):
            marks += ["surviving", "placed" if is_there else "lost"]
        if case.state == "gone":
            marks += ["ended"] if where is None else ["ghost"]
        if state in ("exact", "moved") and not (is_there and (case.state != "same" or where == case.at)):
            marks += ["wrong"]
        yield case, (state, where), marks


def counted(seed: int, by: Callable[[list[Case]], list[Answer]], rounds: int = ROUNDS) -> Counter[str]:
    found: Counter[str] = Counter()
    for some in cases(seed, rounds):
        for case, _answer, marks in judged(some, by(some)):
            found.update(["anchors", case.form, *marks])
            found.update(f"{mark}_{case.kind}" for mark in marks if mark in ("wrong", "lost", "ghost"))
    return found


def shares(found: Counter[str]) -> dict[str, float]:
    return {
        "exact": round(found["exact"] / found["same"], 4),
        "placed": round(found["placed"] / found["surviving"], 4),
        "gone": round(found["ended"] / found["gone"], 4),
        "wrong": found["wrong"],
    }


def seconds(seed: int) -> float:
    """Of placing 300 passages in 100 kB after all kinds of edits: the middle of three runs."""
    dice = Random(seed)  # noqa: S311
    writer, size = Writer(dice), 130
    old = writer.document(size)
    while len(FORMS["markdown"](old, dice)[0].text) < 100_000:
        size += 10
        old = writer.document(size)
    before, _spans = FORMS["markdown"](old, dice)
    after, _spans = FORMS["markdown"](edited(old, dice, "mixed"), dice)
    starts = sorted(dice.randrange(len(before.text) - 200) for _each in range(300))
    selectors = [places.passage(before, start, start + dice.randint(10, 200)) for start in starts]
    took = []
    for _run in range(3):
        began = time.perf_counter()
        ladder = Ladder(before, [(1, "design.md", after)], "design.md")
        for one in selectors:
            ladder.place(one)
        took.append(time.perf_counter() - began)
    return sorted(took)[1]


def lines(seed: int) -> Iterator[str]:
    """One JSON object for each figure; all that was counted goes to the other output."""
    found, others = counted(seed, ours), counted(seed, plain, PLAIN_ROUNDS)
    for name, one in (("ladder", found), ("plain", others)):
        print(json.dumps({"seed": seed, "by": name, **one}), file=sys.stderr)
    goals = {"exact": EXACT, "placed": PLACED, "gone": GONE, "wrong": WRONG}
    theirs = shares(others)
    for name, value in shares(found).items():
        holds = value <= WRONG if name == "wrong" else value >= goals[name]
        line = {"name": f"anchors_{name}", "value": value, "plain": theirs[name], "goal": goals[name]}
        yield json.dumps(line | {"holds": holds})
    took = seconds(seed)
    yield json.dumps(
        {"name": "place_anchors_s", "value": round(took, 2), "goal": SECONDS, "holds": took <= SECONDS}
    )


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else SEED):
        print(line, flush=True)
