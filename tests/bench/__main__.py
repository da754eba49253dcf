"""`make bench`: Cairn beside a bare Django project, in turn, in one run; then what is measured without a server.

Prints a table, then one JSON object a line for each figure that has a goal. A goal that is missed is no error: it says
`"holds": false`.
"""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.bench import papers
from tests.bench.asking import CSRF, Ask, Client, at_once, in_turn, middle, slow, weight
from tests.bench.first_visit import bytes_of_visits
from tests.bench.servers import YARDSTICK, Place, memory_of_worker, serving
from tests.engine import postgresql

SIZES = (100, 10_000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "100"))
"""How often each page is timed by one client."""
SECONDS = 2.0
"""How long eight clients ask for a page."""
AGAINST = {
    "month_page": ("page", 1.25),
    "path": ("page", 1.25),
    "submission_page": ("page", 1.5),
    "tick": ("tick", 1.25),
    "desk": ("table", 1.5),
    "poll": ("page", 0.5),
    "room": ("page", 2),
}
"""Each page of Cairn, what it is measured against, and how many times that it may take."""
GROWTH = 1.1
READERS = {
    "submission_page": ("submission_page (learner)", "submission_page (mentor)"),
    "poll": ("poll (learner)", "poll (mentor)"),
    "room": ("room (learner)", "room (mentor)"),
}
"""Pages that several people have: the slower one counts."""
CROWD = "desk_10000"


@dataclass
class Figure:
    """A figure with a goal, at most which it should be."""

    name: str
    value: float
    goal: float

    @property
    def line(self) -> str:
        value = round(self.value, 2)
        return json.dumps({"name": self.name, "value": value, "goal": self.goal, "holds": value <= self.goal})


@dataclass
class Bench:
    """What is asked, by the name of the page and the number of learners."""

    asks: dict[tuple[str, int], list[Ask]] = field(default_factory=dict)
    """The same page as several people have it: the first is timed, all of them ask at once."""
    queries: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, size: int, ports: tuple[int, int], cairn: dict[str, Any], bare: dict[str, Any]) -> None:
        port, bare_port = ports
        for name, people in cairn["pages"].items():
            self.queries[name, size] = cairn["queries"][name]
            self.asks[name, size] = [
                Ask(port, path, {"__Host-session": session, "__Host-csrf": CSRF}, name == "tick")
                for path, session in people
            ]
        paths = {"page": "/page/", "tick": f"/tick/{bare['task']}/", "table": "/table/?n=30"}
        for name, path in paths.items():
            self.queries[f"yardstick {name}", size] = bare["pages"][name]["queries"]
            self.asks[f"yardstick {name}", size] = [
                Ask(bare_port, path, {"sessionid": session, "csrftoken": CSRF}, name == "tick")
                for session in bare["sessionid"]
            ]

    def median(self, name: str, size: int) -> float:
        return max(middle(self.asks[reader, size][0]) for reader in READERS.get(name, (name,)))

    def times(self, name: str, yardstick: str, size: int) -> float:
        return self.median(name, size) / self.median(f"yardstick {yardstick}", size)

    def figures(self) -> Iterator[Figure]:
        """Against the yardstick with as many learners, and the worse of both; then from few learners to many."""
        for name, (yardstick, goal) in AGAINST.items():
            yield Figure(name, max(self.times(name, yardstick, size) for size in SIZES), goal)
        yield Figure(CROWD, self.times(CROWD, "table", SIZES[-1]), 3)
        for name in AGAINST:
            few, many = (self.median(name, size) for size in SIZES)
            yield Figure(f"growth_{name}", many / few, GROWTH)

    def rows(self) -> Iterator[str]:
        yield f"{'page':30}{'learners':>9}{'median':>10}{'95th':>10}{'per s':>8}{'queries':>9}{'bytes':>9}"
        for (name, size), asks in sorted(self.asks.items(), key=lambda one: (one[0][1], one[0][0])):
            everybody = (asks * 8)[:8]
            rate = at_once(everybody, SECONDS)
            numbers = f"{middle(asks[0]):7.1f} ms{slow(asks[0]):7.1f} ms{rate:8.0f}"
            yield f"{name:30}{size:9}{numbers}{self.queries[name, size]:9}{weight(asks[0]):9}"


@contextmanager
def place() -> Iterator[Place]:
    """A folder of this run alone, with a PostgreSQL that keeps what it says it has kept."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-bench-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when this runs as root
    server = postgresql(folder)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if "on" not in server.psql(f"SHOW {setting}").split():
                raise RuntimeError(f"{setting} is off: what is measured would not be what a site does")
        made = Place(folder, f"postgresql://postgres@/NAME?host={quote(str(folder / 'data'))}")
        server.psql("CREATE DATABASE cairn")
        made.prepare()
        server.psql("CREATE DATABASE texts TEMPLATE cairn")
        server.psql("CREATE DATABASE papers TEMPLATE cairn")
        for size in SIZES:
            server.psql(f"CREATE DATABASE cairn{size} TEMPLATE cairn")
            server.psql(f"CREATE DATABASE bare{size}")
        yield made
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def measured(at: Place) -> Iterator[str]:
    """Lines of the table, then of the figures."""
    bench = Bench()
    with ExitStack() as servers:
        filled = {size: at.fill(size) for size in SIZES}
        for size, (cairn, bare) in filled.items():
            port, _process = servers.enter_context(serving(at, f"cairn{size}", "config.wsgi"))
            bare_port, _process = servers.enter_context(serving(at, f"bare{size}", f"{YARDSTICK}.wsgi"))
            bench.add(size, (port, bare_port), cairn, bare)
        in_turn([asks[0] for asks in bench.asks.values()], ROUNDS, warm=10)
        yield from bench.rows()
    with serving(at, f"cairn{SIZES[0]}", "config.wsgi", workers=1, https=False) as (port, process):
        first, second = bytes_of_visits(port, *filled[SIZES[0]][0]["pages"]["month_page"][0])
        mix(port, filled[SIZES[0]][0]["pages"], 1000)
        memory = memory_of_worker(process)
    texts = json.loads(at.run("texts", "-m", "tests.bench.texts"))
    for figure in [
        *bench.figures(),
        Figure("first_visit_kb", first / 1000, 120),
        Figure("second_visit_kb", second / 1000, 15),
        Figure("memory_mb", memory, 200),
        Figure("parse", texts["parse"], 1),
        Figure("import_year_s", texts["import_year_s"], 2),
    ]:
        yield figure.line
    yield from at.run("cairn", "-m", "tests.bench.identity").splitlines()
    yield from at.run("cairn", "-m", "tests.bench.anchors").splitlines()
    yield from of_papers(at)


def of_papers(at: Place) -> Iterator[str]:
    """A PDF of 300 pages: its first one, and the memory of a browser in which all of them were read."""
    work = json.loads(at.run("papers", "-m", "tests.bench.papers"))
    with (
        serving(at, "papers", "config.wsgi", https=False) as (port, _process),
        serving(at, "papers", "tests.bench.bare.wsgi", https=False) as (bare, _other),
    ):
        took = papers.measured((port, work["path"], work["session"]), bare)
    yield json.dumps(took)
    yield Figure("pdf_first_page", took["room_ms"] / took["bare_ms"], 2).line
    yield Figure("pdf_memory", took["all_mb"] / took["some_mb"], 1.5).line


def mix(port: int, pages: dict[str, Any], count: int) -> None:
    """So many requests of everybody for everything that is read."""
    client = Client(port)
    asks = [
        Ask(port, path, {"session": session, "csrf": CSRF})
        for name, people in pages.items()
        if name != "tick"
        for path, session in people
    ]
    for number in range(count):
        client.answer(asks[number % len(asks)].lines(done=True))


def stop(_signal: int, _frame: object) -> None:
    """Ends as if by hand, so that servers and folder go too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    with place() as at:
        for line in measured(at):
            print(line, flush=True)
