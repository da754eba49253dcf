"""The hour of a deadline, in small: who comes when, what they do, and how long the site lets them wait."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.browser import Broken, Visit
from tests.crash.clients import Client, Learner, Mentor, Shared
from tests.crash.cycles import Site, map_log
from tests.crash.files import large
from tests.crash.world import Person

LEARNERS, MENTORS = 200, 10
LATE = 40
"""Learners who all come within the same minute."""
KINDS = {
    r"GET /path/": "path",
    r"GET /learners/.*/months/": "month",
    r"GET /submissions/": "work",
    r"GET /desk/": "desk",
    r"GET /learners/.*/mark/": "form of a mark",
    r"POST /learners/.*/hand-in/": "(open the work)",
    r"POST .*/files/": "(upload of 1–10 MB)",
    r"POST .*/submit/": "(hand in)",
    r"POST .*/opening/": "(start a review)",
    r"POST .*/threads/": "(comment)",
    r"POST .*/finish/": "(finish a review)",
    r"POST .*/mark/": "(mark)",
}
"""What is asked for: pages, and in brackets what is done on them."""


def kind_of(visit: Visit) -> str:
    asked = f"{visit.method} {visit.path}"
    return next((kind for pattern, kind in KINDS.items() if re.match(pattern, asked)), "other page")


@dataclass
class Times:
    """How long answers took, in seconds."""

    taken: list[float]

    def at(self, share: float) -> float:
        """So many of all took no longer."""
        ordered = sorted(self.taken)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    def __str__(self) -> str:
        return f"{len(self.taken):6} {self.at(0.5):8.2f} {self.at(0.95):8.2f} {max(self.taken):8.2f}"


class Late(Learner):
    """A learner who comes at `moment`, looks around, hands in one large file and looks again."""

    def __init__(self, shared: Shared, person: Person, seed: str, *, moment: float, pace: float) -> None:
        super().__init__(shared, person, seed)
        self.moment, self.pace = moment, pace

    def think(self) -> None:
        time.sleep(self.pace * self.dice.uniform(1, 4))

    def run(self) -> None:
        self.shared.going.wait()
        time.sleep(self.moment)
        try:
            self.act()
        except Broken:
            pass  # it is among the visits
        except Exception as error:
            self.crash = error

    def act(self) -> None:
        self.browser.get("/path/")
        self.think()
        self.browser.get(f"/learners/{self.person.learner}/months/{self.world.month}/")
        self.think()
        work = self.begin(self.dice.choice(self.world.deliverables))
        form = self.draft_form(self.work_page(work), work)
        self.think()
        self.send_file(work, form, *large(self.dice))
        form = self.draft_form(self.work_page(work), work)
        self.think()
        self.hand_in(work, form)
        self.work_page(work)


class Reviewing(Mentor):
    """A mentor who takes one work after the other from the desk until the time is over."""

    def __init__(self, shared: Shared, person: Person, seed: str, *, pace: float) -> None:
        super().__init__(shared, person, seed)
        self.pace = pace

    def act(self) -> None:
        time.sleep(self.pace * self.dice.uniform(2, 8))
        desk = self.browser.get("/desk/")
        works = list(dict.fromkeys(re.findall(r'href="/submissions/([0-9a-f-]{36})/', desk.text)))
        if not works:
            return
        # Each takes another: ten people do not all press the same button.
        work = works[self.world.mentors.index(self.person) % len(works)]
        opening = self.work_page(work).form(f"/submissions/{work}/opening/")
        if opening:
            self.browser.post(opening.action, opening.filled())
        self.comment(self.work_page(work), work, kind="should")
        time.sleep(self.pace * self.dice.uniform(1, 4))
        page = self.work_page(work)
        sheet = page.form(f"/submissions/{work}/finish/")
        if sheet:
            self.publish(page, work, sheet)
        self.mark()


class Deadline:
    """The run. `minutes` is 10 in the proof; less makes everybody hurry by as much."""

    def __init__(self, site: Site, minutes: float, seed: str) -> None:
        self.site, self.minutes, self.seed = site, minutes, seed
        self.pace = minutes / 10
        self.shared = Shared(site.world, site.app.port)
        spread = LEARNERS - LATE
        last_minute = (8 * 60 + 45) * self.pace
        moments = [n * 560 * self.pace / spread for n in range(spread)]
        moments += [last_minute + n * 60 * self.pace / LATE for n in range(LATE)]
        self.learners: list[Client] = [
            Late(self.shared, person, seed, moment=moment, pace=self.pace)
            for person, moment in zip(site.world.learners, moments, strict=True)
        ]
        self.mentors: list[Client] = [
            Reviewing(self.shared, person, seed, pace=self.pace) for person in site.world.mentors
        ]

    @property
    def clients(self) -> list[Client]:
        return self.learners + self.mentors

    @property
    def visits(self) -> list[Visit]:
        return [visit for client in self.clients for visit in client.browser.visits]

    def run(self) -> None:
        for client in self.clients:
            client.start()
        self.shared.going.set()
        for client in self.learners:
            client.join()
        self.shared.over = True
        for client in self.mentors:
            client.join(300)

    def errors(self) -> Iterator[str]:
        """Whatever a person was not given at once."""
        yield from (
            f"{visit.method} {visit.path} ended with {visit.status} after {visit.ended - visit.began:.1f} s"
            for visit in self.visits
            if not 0 < visit.status < 400
        )
        for client in self.clients:
            if client.crash:
                yield f"{client.name} could not go on: {client.crash!r}"
            yield from (
                f"{act.kind} of {client.name} was {act.state} after {act.tries} tries. {act.refusal}"
                for act in client.log
                if act.tries > 1 or act.refusal
            )

    def lost(self) -> list[str]:
        """Hand-ins that are not there with their bytes, and whatever else the ledger finds."""
        handed_in = sum(act.kind == "version" for client in self.learners for act in client.log)
        missing = [] if handed_in == LEARNERS else [f"{handed_in} of {LEARNERS} handed in"]
        return missing + self.site.checked([map_log(client) for client in self.clients])

    @property
    def pages(self) -> Times:
        return Times([visit.ended - visit.began for visit in self.visits if visit.method == "GET"])

    @property
    def table(self) -> str:
        taken: dict[str, list[float]] = defaultdict(list)
        for visit in self.visits:
            taken[kind_of(visit)].append(visit.ended - visit.began)
        rows = [f"{kind:22} {Times(taken[kind])}" for kind in sorted(taken)]
        head = (
            f"{LEARNERS} learners in {self.minutes:g} minutes, {1 / self.pace:g} times as fast as they are; "
        )
        head += f"seed {self.seed}"
        return "\n".join(
            [head, f"{'seconds':22} {'count':>6} {'median':>8} {'95 %':>8} {'most':>8}", *rows,
             f"{'all pages':22} {self.pages}"]
        )  # fmt: skip
