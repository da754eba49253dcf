"""A PDF of 300 pages in the room: when its first page is seen beside a bare page of pdf.js, and what reading all costs.

`python -m tests.bench.papers` puts one into an empty site's database, and prints where it is and a mentor's session.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from scripts.chromium import find
from tests.bench.asking import Ask, Client
from tests.submissions import pdfs

ROUNDS = int(os.environ.get("BENCH_PAPER_ROUNDS", "11"))
WARM = 60
FEW = 30
"""Pages after which the memory is looked at first."""
# Of a canvas that holds a page and is in the window: two frames later it is on the screen.
WATCH = """
new MutationObserver(() => {
  const canvas = document.querySelector("canvas");
  if (!canvas?.width || window.seen !== undefined || canvas.getBoundingClientRect().top > innerHeight) return;
  window.seen = 0;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.seen = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
READ = """async ([from, to]) => {
  const list = document.querySelector(".pdf select");
  const leaves = document.querySelectorAll(".leaf");
  for (let page = from; page <= to; page++) {
    list.value = page;
    list.dispatchEvent(new Event("change"));
    const leaf = leaves[page - 1];
    const isDrawn = () => leaf.querySelector("canvas");
    for (let wait = 0; !isDrawn() && wait < 2000; wait++) await new Promise((done) => setTimeout(done, 5));
    if (!isDrawn()) throw new Error(`page ${page} was not drawn`);
  }
  return document.querySelectorAll(".leaf canvas").length;
}"""


@contextmanager
def browser() -> Iterator[Any]:
    chromium = find()
    if chromium is None:
        raise RuntimeError("This needs a Chromium: make test finds or installs one.")
    with sync_playwright() as playwright:
        flags = ["--disable-gpu", *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


def entered(started: Any, port: int, session: str) -> BrowserContext:
    """A browser that has never been here; with a session where one is given."""
    context: BrowserContext = started.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    if session:
        context.add_cookies([{"name": "session", "value": session, "url": f"http://localhost:{port}"}])
    return context


def seen(page: Page, address: str) -> float:
    """Milliseconds from the click to the first page on the screen."""
    page.goto(address)
    return float(page.wait_for_function("() => window.seen", timeout=60_000).json_value())


def warm(room: tuple[int, str, str]) -> None:
    """Asks often enough that each of the server's processes has shown the page before."""
    port, path, session = room
    client, ask = Client(port), Ask(port, path, {"session": session})
    for _time in range(WARM):
        client.answer(ask.lines(done=True))
        client = Client(port)


def first_pages(started: Any, room: tuple[int, str, str], bare: int) -> tuple[float, float]:
    """The medians of both in milliseconds, in turn, each time in a browser that has nothing of either."""
    port, path, session = room
    warm(room)
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS + 1):
        for at, address, who, times in (
            (bare, f"http://localhost:{bare}/page.html", "", theirs),
            (port, f"http://localhost:{port}{path}", session, ours),
        ):
            context = entered(started, at, who)
            took = seen(context.new_page(), address)
            context.close()
            if number:  # The first one warms the browser.
                times.append(took)
    return median(ours), median(theirs)


def memory_of_reading(started: Any, room: tuple[int, str, str]) -> tuple[float, float]:
    """Megabytes of the browser after some pages, and after all of them."""
    port, path, session = room
    context = entered(started, port, session)
    page = context.new_page()
    seen(page, f"http://localhost:{port}{path}")
    sizes = []
    for first, last in ((1, FEW), (FEW + 1, pdfs.LONG)):
        page.evaluate(READ, [first, last])
        page.request_gc()
        page.wait_for_timeout(1000)
        sizes.append(megabytes())
    context.close()
    return sizes[0], sizes[1]


def megabytes() -> float:
    """What the browsers that this process started take, shared memory counted once."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # It has ended meanwhile.
    total = 0
    for process in parents:
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        try:
            if above != os.getpid() or b"--type=" not in Path(f"/proc/{process}/cmdline").read_bytes():
                continue
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def measured(room: tuple[int, str, str], bare: int) -> dict[str, float]:
    """`room` is a port, a path and a session, `bare` the port of the bare page; times in ms, memory in MB."""
    with browser() as started:
        ours, theirs = first_pages(started, room, bare)
        some, all_of_them = memory_of_reading(started, room)
    return {"room_ms": ours, "bare_ms": theirs, "some_mb": some, "all_mb": all_of_them}


def fill() -> dict[str, str]:
    """A work with the PDF in a database without anybody."""
    from django.test import Client  # noqa: PLC0415 (these need the settings)

    from submissions import store  # noqa: PLC0415
    from submissions.models import Submission  # noqa: PLC0415
    from tests.cast import make_cast  # noqa: PLC0415

    people = make_cast()
    work = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    version = work.start_draft()
    version.add_file("paper.pdf", store.receive([pdfs.of_text(pdfs.LONG)], 10**8))
    version.submit()
    client = Client()
    client.force_login(people.mentor)
    (cookie,) = (value for name, value in client.cookies.items() if name.endswith("session"))
    return {"path": work.get_absolute_url(), "session": cookie.value}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(fill()))
