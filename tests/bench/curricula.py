"""Curricula for the bench of identity: real months where they are at hand, and made-up ones of the same shape."""

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from curriculum.markdown import Kind, parse

SHARED = Path(os.environ.get("CURRICULA", Path(__file__).parents[3] / "shared" / "curricula"))
"""Where real curricula lie beside the checkout; there may be none."""
DEMO = Path(__file__).parents[2] / "progress" / "demo" / "curriculum"
ITEMS = {Kind.TASK, Kind.DELIVERABLE, Kind.OBJECTIVE, Kind.RESOURCE, Kind.IDEA, Kind.CRITERION}

VERBS = [
    *["Read", "Study", "Write", "Build", "Explore"],
    *["Compare", "Practise", "Review", "Sketch", "Measure"],
    *["Refactor", "Deploy", "Present", "Test", "Document"],
    *["Design", "Understand", "Install", "Summarise", "Debug"],
]
THINGS = [
    *["hash tables", "binary search", "the event loop", "dependency injection", "network protocols"],
    *[
        "unit tests",
        "a small web server",
        "the layers of the operating system",
        "database indexes",
        "transactions",
    ],
    *["a command line tool", "error handling", "query plans", "password storage", "the build pipeline"],
    *["container images", "message queues", "rate limiting", "cache headers", "accessible forms"],
    *["type annotations", "concurrency", "memory layout", "linear regression", "gradient descent"],
    *["feature scaling", "confusion matrices", "a recommendation model", "tokenisation", "prompt templates"],
    *["vector search", "model evaluation", "data cleaning", "schema migrations", "log analysis"],
    *["service objectives", "backup and restore", "incident reports"],
]
ENDS = [
    *[""] * 6,
    " with a partner",
    " in your own words",
    " and note what surprised you",
    " for the sample data set",
    " until it works without looking anything up",
    " using only the standard library",
    " before the weekly call",
    ", then write down three questions for your mentor and bring them to the next meeting",
    " (see [the notes](notes.md))",
    " with `pytest`",
    " on paper first",
    " as **one page**",
]
JOINED = [" and ", " and write down ", ", then explain ", " with "]
WEEKLY = ["Write the weekly reflection", "Push your work", "Weekly quiz", "Ask one question in the forum"]
BOOKS = ["the handbook", "“Systems in Practice”", "the course reader", "the reference manual"]
TOPICS = [
    *["trees", "graphs", "heaps", "sorting", "recursion"],
    *["closures", "iterators", "generators", "decorators", "joins"],
    *["views", "triggers"],
]


@dataclass(frozen=True)
class Line:
    """One line of a text; `id` is what it is, whatever becomes of its words. 0 for what is no item and no week."""

    head: str
    text: str = ""
    id: int = 0
    kind: str = ""
    series: str = ""
    """What several siblings begin with that differ only in what follows."""

    @property
    def whole(self) -> str:
        return self.head + self.text


Months = list[list[Line]]


def bases(rng: Random) -> list[Months]:
    """Curricula to edit: the real ones in one, the demo's, and made-up ones."""
    real = sorted(SHARED.glob("*/month-*/README.md"))
    demo = sorted(DEMO.glob("month-*/README.md"))
    sources = [[path.read_text() for path in paths] for paths in (real, demo) if paths]
    return [lines_of(some) for some in sources + [made_up(rng, months) for months in (1, 2, 3, 6, 8)]]


def lines_of(sources: list[str]) -> Months:
    """Texts as lines, each item and each week with a number of its own."""
    months: Months = []
    number = 0
    for source in sources:
        lines = [Line(line) for line in source.split("\n")]
        for node in parse(source).walk():
            if node.kind not in ITEMS | {Kind.WEEK} or (node.last - node.first > 1 and node.kind in ITEMS):
                continue
            whole = lines[node.first].head
            begin = whole.index(node.text) if node.text else len(whole)
            number += 1
            lines[node.first] = Line(whole[:begin], node.text, number, str(node.kind))
            assert whole.endswith(node.text), "what follows the words would be lost"
        months.append(with_series(lines))
    return months


def with_series(lines: list[Line]) -> list[Line]:
    """The same lines, with what siblings have in common but their last word."""
    texts = {line.text for line in lines if line.id}
    begins = Counter(text.rpartition(" ")[0] for text in texts)
    return [
        replace(line, series=begin) if line.id and begin and begins[begin] > 1 else line
        for line in lines
        for begin in [line.text.rpartition(" ")[0]]
    ]


def made_up(rng: Random, months: int) -> list[str]:
    """The texts of so many months: short and long items, series of near-duplicates, the same items in several weeks."""
    return [made_month(rng, number) for number in range(1, months + 1)]


def made_month(rng: Random, number: int) -> str:
    out = [f"# Month {number:02}: {phrase(rng)}", "", "**Duration**: 4 weeks", "", "## Objectives", ""]
    out += [f"{place}. {item(rng)}" for place in range(1, rng.randint(3, 6))]
    out += ["", "## Weekly Breakdown"]
    for week in range(1, rng.randint(3, 6)):
        title = rng.choice([f": {phrase(rng)}", f": {phrase(rng)}", ""])
        out += ["", f"### Week {week}{title}", "", "**Tasks**:"]
        out += [f"- [ ] {text}" for text in tasks(rng)]
        out += ["", "**Deliverables**:", *[f"- {text}" for text in some(rng, rng.randint(1, 3))]]
    out += ["", "## Resources", "", "### Books", *[f"- {text}" for text in some(rng, 3)]]
    out += [
        "",
        "### Papers",
        *[f"- [{phrase(rng)}](https://example.org/{rng.randint(1, 999)})" for _ in range(3)],
    ]
    out += ["", "## Success Criteria", "", *[f"- [ ] {text}" for text in some(rng, rng.randint(3, 6))], ""]
    return "\n".join(out)


def phrase(rng: Random) -> str:
    return rng.choice(THINGS).capitalize()


def item(rng: Random) -> str:
    return rng.choice(
        [
            f"{rng.choice(VERBS)} {rng.choice(THINGS)}{rng.choice(ENDS)}",
            f"{rng.choice(VERBS)} {rng.choice(THINGS)}{rng.choice(JOINED)}{rng.choice(THINGS)}{rng.choice(ENDS)}",
            f"{phrase(rng)}{rng.choice(ENDS)}",
        ]
    )


def some(rng: Random, count: int) -> list[str]:
    return list(dict.fromkeys(item(rng) for _each in range(count)))


def tasks(rng: Random) -> list[str]:
    """A week's tasks."""
    found = some(rng, rng.randint(2, 7))
    first = rng.randint(1, 9)
    book = rng.choice(BOOKS)
    series = rng.choice(
        [
            [],
            [],
            [f"Read chapter {number} of {book}" for number in range(first, first + rng.randint(2, 5))],
            [f"Watch video {letter}" for letter in "ABCDE"[: rng.randint(2, 5)]],
            [f"Watch the lecture on {topic}" for topic in rng.sample(TOPICS, rng.randint(2, 4))],
            [f"Exercise {first}.{number}" for number in range(1, rng.randint(3, 7))],
        ]
    )
    found[1:1] = series
    for text in WEEKLY:
        if rng.random() < 0.4:
            found.append(text)
    found = list(dict.fromkeys(found))
    if rng.random() < 0.1:
        found[1:1] = [WEEKLY[1]]
    return found
