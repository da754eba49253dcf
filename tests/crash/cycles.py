"""Crash cycles: people write, something is killed at a random moment and started again, and they go on."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg

from tests.crash.clients import Client, Learner, Mentor, Shared
from tests.crash.servers import ROOT, App, Postgres
from tests.crash.world import World
from tests.engine import FOLDER

LEARNERS, MENTORS = 5, 3
EARLY = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
LOOKED_AT = 10
"""Cycles between two looks at what is there."""
LIVES = 8, 60
"""Answers between two deaths, from fewest to most."""
FIRST_LIFE = 200
"""Answers before the first death: there has to be something that can be lost."""
LONGEST = 6
"""Seconds after which one dies all the same, on a slow machine."""


class Site:
    """The site on a database of its own, with everything that it keeps in one folder."""

    def __init__(
        self,
        engine: str,
        static: Path,
        *,
        people: tuple[int, int] = (LEARNERS, MENTORS),
        early: bool = False,
    ) -> None:
        """`early`: PostgreSQL acknowledges what it keeps in memory for ten seconds more."""
        # Where PostgreSQL's user can reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="crash-", dir=os.environ[FOLDER]))
        self.folder.chmod(0o755)
        self.postgres = (
            Postgres(self.folder / "pg", **(EARLY if early else {})) if engine == "postgresql" else None
        )
        url = self.postgres.url if self.postgres else f"sqlite:///{self.folder / 'cairn.sqlite3'}"
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(self.folder / "media"),
            "VAR": str(self.folder),
            "STATIC_ROOT": str(static),
            "DJANGO_SETTINGS_MODULE": "tests.crash.asynchronous" if early else "config.settings",
        }
        self.world = World.told(self.program("tests.crash.world", *map(str, people)))
        if self.postgres and early:
            with psycopg.connect(url, autocommit=True) as line:
                line.execute("CHECKPOINT")  # what there was before anybody came is on the disk
        self.app = App(self.folder, self.environment)
        self.heads = ""
        """Of the chains, as they were when somebody looked last."""
        self.rows: dict[str, int] = {}
        """How much there was then."""

    def program(self, module: str, *arguments: str, said: str = "") -> str:
        """What a program of ours prints, when it is run on this site."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=said, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def checked(self, logs: list[list[dict[str, Any]]]) -> list[str]:
        """The faults that the ledger finds, of these clients' logs and of all that is there."""
        told = self.program("tests.crash.ledger", said=json.dumps({"logs": logs, "heads": self.heads}))
        found = json.loads(told)
        self.heads, self.rows = found["heads"], found["rows"]
        return list(found["faults"])

    @contextmanager
    def running(self) -> Iterator["Site"]:
        try:
            self.app.start()
            yield self
        finally:
            self.app.stop()
            if self.postgres:
                self.postgres.stop()
            shutil.rmtree(self.folder, ignore_errors=True)


class Cycles:
    """A site whose parts die, and the eight who use it. `faults` has what is found wrong."""

    def __init__(self, site: Site, seed: str) -> None:
        self.site, self.seed = site, seed
        self.dice = random.Random(seed)  # noqa: S311 (it hides nothing)
        self.shared = Shared(site.world, site.app.port)
        learners = [Learner(self.shared, person, seed) for person in site.world.learners]
        mentors = [Mentor(self.shared, person, seed) for person in site.world.mentors]
        self.clients: list[Client] = [*learners, *mentors]
        self.kills: Counter[str] = Counter()
        self.away: dict[str, float] = defaultdict(float)
        """Seconds that each way took until all was there again, together."""
        self.outages: list[tuple[float, float]] = []
        """From each kill to the moment when all was there again."""
        self.faults: list[str] = []

    @property
    def ways(self) -> dict[str, Callable[[], None]]:
        """What can die. PostgreSQL as often as all parts of the app together."""
        app = self.site.app
        ways: dict[str, Callable[[], None]] = {
            "all workers": app.kill_workers,
            "one worker": lambda: app.kill_workers(1),
            "the master": lambda: app.kill_master(self.dice.uniform(0, 3)),
            "the whole app": app.kill_all,
        }
        return ways | ({"PostgreSQL": self.kill_postgres} if self.site.postgres else {})

    def kill_postgres(self) -> None:
        assert self.site.postgres
        self.site.postgres.kill()
        self.site.postgres.start()

    def run(self, cycles: int, way: str = "") -> None:
        """So many deaths, of `way` alone where one is named."""
        for client in self.clients:
            client.start()
        self.live(FIRST_LIFE, 10 * LONGEST)
        for cycle in range(1, cycles + 1):
            self.live(self.dice.randint(*LIVES), LONGEST)
            self.die(
                way or self.dice.choice([*self.ways, *["PostgreSQL"] * (3 if self.site.postgres else 0)])
            )
            if cycle % LOOKED_AT == 0 or cycle == cycles:
                self.look()
            if self.faults or any(client.crash for client in self.clients):
                break
        self.shared.over = True
        for client in self.clients:
            client.join(120)
            if client.crash:
                self.faults.append(f"{client.name} could not go on: {client.crash!r}")

    def live(self, answers: int, seconds: float) -> None:
        """Lets them go on until so many answers came, at most so long, and then to some moment between two."""
        self.shared.going.set()
        enough, last = self.answered + answers, time.monotonic() + seconds
        while self.answered < enough and time.monotonic() < last:
            time.sleep(0.01)
        time.sleep(self.dice.uniform(0, 0.2))

    @property
    def answered(self) -> int:
        return sum(len(client.browser.visits) for client in self.clients)

    def die(self, way: str) -> None:
        began = time.monotonic()
        self.ways[way]()
        ended = time.monotonic()
        self.outages.append((began, ended))
        self.kills[way] += 1
        self.away[way] += ended - began

    def look(self) -> None:
        """Lets everybody end what they are at, and looks."""
        time.sleep(0.5)
        self.shared.going.clear()
        for client in self.clients:
            assert client.idle.wait(180), f"{client.name} never ends what they began"
        self.faults += [
            *self.strange_errors(),
            *self.site.checked([map_log(client) for client in self.clients]),
        ]

    def strange_errors(self) -> Iterator[str]:
        """Failures while nothing was dead."""
        for visit in (visit for client in self.clients for visit in client.browser.visits):
            in_outage = any(began <= visit.ended and visit.began <= ended for began, ended in self.outages)
            if visit.failed and not in_outage:
                yield f"{visit.method} {visit.path} ended with {visit.status}, and nothing was dead"

    @property
    def told(self) -> str:
        """The run in figures."""
        acts = [act for client in self.clients for act in client.log]
        states = Counter(act.state for act in acts)
        kinds = Counter(act.kind for act in acts if act.state == "acknowledged")
        again = sum(act.tries > 1 for act in acts)
        deaths = ", ".join(f"{way} {n} ({self.away[way] / n:.1f} s)" for way, n in self.kills.items())
        return "\n".join(
            [
                f"seed {self.seed}: {sum(self.kills.values())} kills, until all was there again: {deaths}",
                f"acts {dict(states)}, {again} sent again; acknowledged {dict(kinds)}",
                f"rows {self.site.rows}",
            ]
        )


def map_log(client: Client) -> list[dict[str, Any]]:
    return [asdict(act) for act in client.log]
