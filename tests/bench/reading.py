"""How long files are read when they come in: `python -m tests.bench.reading`, on an empty site's database.

Prints, for a PDF of 300 full pages and a Markdown text of 100 kB, the seconds of the processor in the child and in the
site's own process, the most memory that either had (MB), and what came of it.
"""

import json
import os
import resource
import tempfile
import time
from pathlib import Path

import django

django.setup()

from django.test import override_settings  # noqa: E402 (these read the settings)

from submissions import formats  # noqa: E402
from submissions.formats.words import Words  # noqa: E402
from tests.submissions import hostile  # noqa: E402

WORDS = [
    "the",
    "queue",
    "keeps",
    "each",
    "event",
    "until",
    "a",
    "worker",
    "has",
    "taken",
    "it,",
    "and",
    "a",
    "replay",
    "reads",
    "from",
    "an",
    "offset",
]
PAGES = 300
SIZE = 100_000


def paper(pages: int = PAGES) -> bytes:
    """Full pages of 48 lines, no two alike."""
    lines = [
        " ".join(WORDS[(start * step) % len(WORDS)] for start in range(1, 16)) + f" {step}"
        for step in range(1, 48 * pages + 1)
    ]
    return hostile.pdf_pages([hostile.said(*lines[48 * page : 48 * page + 48]) for page in range(pages)])


def text(size: int = SIZE) -> bytes:
    """Headings, paragraphs, items, tables and code in turn."""
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        number = len(parts)
        words = " ".join(WORDS)
        parts.append(
            f"## Part {number}\n\n{words}, *{words}* and `{words}`.\n\n- {words}\n- [one](https://b.example/)\n\n"
        )
        parts.append(f"| a | b |\n|---|---|\n| {number} | {words} |\n\n```python\nx = {number}\n```\n\n")
    return "".join(parts)[:size].encode()


def used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def measured(name: str, data: bytes) -> dict[str, object]:
    """In a process of its own, so that the memory is that of this file."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.write(writer, json.dumps(read(name, data)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said: dict[str, object] = json.loads(answer.read())
    os.waitpid(child, 0)
    return said


def read(name: str, data: bytes) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        path = Path(folder) / "file"
        path.write_bytes(data)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        own, apart, began = time.process_time(), used(resource.RUSAGE_CHILDREN), time.monotonic()
        found = formats.inspect(path, name).extracted
        seconds = {
            "wall_s": round(time.monotonic() - began, 2),
            "site_cpu_s": round(time.process_time() - own, 2),
            "child_cpu_s": round(used(resource.RUSAGE_CHILDREN) - apart, 2),
        }
        memory = {
            "site_more_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024),
            "child_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        }
        began = time.perf_counter()
        boxes = len(Words(found.boxes).boxes(0, len(found.text)))
        return {
            "name": f"read_{name}",
            **seconds,
            **memory,
            "characters": len(found.text),
            "parts": len(found.parts),
            "lines_with_boxes": boxes,
            "all_boxes_s": round(time.perf_counter() - began, 2),
            "packed_kb": len(found.boxes) // 1024,
            "note": found.note,
        }


if __name__ == "__main__":
    for name, data in (("300-pages.pdf", paper()), ("100-kb.md", text())):
        print(json.dumps(measured(name, data)))
