"""How fast months are read: `python -m tests.bench.texts`, on an empty site's database.

Prints `parse`, the parser's time over that of markdown-it-py's full parse of the same text, and `import_year_s`, the
seconds that bringing twelve months in takes.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
from markdown_it import MarkdownIt

django.setup()

from curriculum.guide import DIALECT  # noqa: E402 (these read the settings)
from curriculum.intake import Incoming, Intake  # noqa: E402
from curriculum.markdown import parse, read  # noqa: E402

CURRICULA = Path(__file__).parents[3] / "shared" / "curricula"
SIZE = 300_000
"""Characters of the text that both parse."""
ROUNDS = 7


def months() -> list[str]:
    """Real months where there are any beside the checkout, else the dialect's own example."""
    real = [read(path.read_bytes()) for path in sorted(CURRICULA.rglob("month-*/README.md"))]
    return real or [DIALECT]


def numbered() -> Iterator[str]:
    """The same months again and again, each with a number of its own."""
    some, number = months(), 0
    while True:
        number += 1
        text = some[number % len(some)]
        yield re.sub(r"^# \w+ \d+", f"# Month {number:02}", text, count=1, flags=re.MULTILINE)


def long_text() -> str:
    """Many months in one text."""
    text = ""
    for month in numbered():
        text += f"{month}\n\n"
        if len(text) > SIZE:
            break
    return text[:SIZE]


def seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def parse_ratio() -> float:
    """The parser's time over that of markdown-it-py's full parse of the same text, both at their best, in turn."""
    text, full = long_text(), MarkdownIt("commonmark").enable("table")
    rounds = [(seconds(lambda: parse(text)), seconds(lambda: full.parse(text))) for _round in range(ROUNDS)]
    return min(ours for ours, _theirs in rounds) / min(theirs for _ours, theirs in rounds)


def import_year() -> float:
    """Seconds from twelve files to a curriculum that learners can open."""
    files = [
        Incoming(f"month-{number:02}.md", f"month-{number:02}.md", text.encode(), in_folder=True)
        for number, text in zip(range(1, 13), numbered(), strict=False)
    ]
    intake = Intake("year", "A year", files)
    began = time.perf_counter()
    taken = intake.run()
    took = time.perf_counter() - began
    if not taken:
        raise RuntimeError([file.refusals for file in files])
    return took


if __name__ == "__main__":
    print(json.dumps({"parse": parse_ratio(), "import_year_s": import_year()}))
