"""Nothing acknowledged is lost, and nothing is torn, when parts of the site are killed; and what the controls lose."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.crash.browser import Browser
from tests.crash.clients import Act
from tests.crash.cycles import Cycles, Site, map_log

pytestmark = [pytest.mark.prove, pytest.mark.pure, pytest.mark.alone]

SEED = os.environ.get("CAIRN_CRASH_SEED") or secrets.token_hex(4)
"""Chooses who does what and what dies; the moments are the machine's."""
NOBODY = "00000000-0000-4000-8000-000000000000"


def cycles(least: int) -> int:
    """So many, or as many as CAIRN_CRASH_CYCLES says: for trying things out."""
    return int(os.environ.get("CAIRN_CRASH_CYCLES", least))


def run(site: Site, count: int, way: str = "") -> Cycles:
    began = time.monotonic()
    trial = Cycles(site, SEED)
    try:
        trial.run(count, way)
    finally:
        print(f"\n{trial.told}\nafter {time.monotonic() - began:.0f} s")
    return trial


def test_crash_cycles_on_postgresql_lose_nothing(collected: Path) -> None:
    with Site("postgresql", collected).running() as site:
        trial = run(site, cycles(100))
        assert trial.faults == []


def test_crash_cycles_lose_what_postgresql_acknowledges_too_early(collected: Path) -> None:
    """The control: commits are acknowledged before they are on the disk, and a death takes them with it."""
    with Site("postgresql", collected, early=True).running() as site:
        trial = run(site, 1, "PostgreSQL")
        lost = [fault for fault in trial.faults if "acknowledged" in fault]
        print(f"{len(lost)} losses found, such as: {lost[:3]}")
        assert lost, "the check found no loss where there has to be one"


@pytest.fixture(scope="module")
def trial(collected: Path) -> Iterator[Cycles]:
    """The cycles on SQLite, and the site after them."""
    with Site("sqlite", collected).running() as site:
        yield run(site, cycles(25))


def test_crash_cycles_on_sqlite_lose_nothing(trial: Cycles) -> None:
    assert trial.faults == []


INVENTED: dict[str, dict[str, Any]] = {
    "upload": {"work": NOBODY, "name": "never.md", "sha256": "0" * 64},
    "version": {"work": NOBODY, "text": "never", "answers": ["never"]},
    "thread": {"work": NOBODY, "body": "never", "key": NOBODY},
    "comment": {"work": NOBODY, "body": "never"},
    "mark": {"learner": NOBODY, "criterion": NOBODY, "note": "never"},
    "draft": {"review": NOBODY, "summary": "never"},
    "review": {"review": NOBODY, "work": NOBODY, "summary": "never", "verdict": "accept", "notes": ["never"]},
    "tick": {"learner": NOBODY, "task": NOBODY, "done": "yes"},
}


def test_ledger_finds_each_kind_of_act_that_is_lost(trial: Cycles) -> None:
    """A control of the ledger: what was acknowledged and never was."""
    for kind, facts in INVENTED.items():
        assert trial.site.checked([[asdict(Act(kind, facts, "acknowledged"))]]), kind
    assert trial.site.checked([[asdict(Act(kind, facts)) for kind, facts in INVENTED.items()]]) == []


def test_ledger_finds_what_was_written_twice(trial: Cycles) -> None:
    """The other control: somebody who tries again with another key writes twice."""
    learner = trial.clients[0]
    work = next(act.facts["work"] for act in learner.log if act.kind == "version" and act.state != "open")
    browser, body = Browser(trial.site.app.port, learner.person.cookies), "Said by two forms."
    for _time in range(2):
        form = browser.get(f"/submissions/{work}/").form(f"/submissions/{work}/threads/")
        assert form
        assert browser.post(form.action, form.filled(body=body)).is_taken
    faults = trial.site.checked(
        [[asdict(Act("thread", {"body": body}, "acknowledged"))], *map(map_log, trial.clients)]
    )
    assert faults == [f"thread {body!r} is there 2 times"]


def test_ledger_finds_what_has_no_place_and_what_was_not_read(trial: Cycles) -> None:
    """A control of what is torn; the last, because it tears."""
    with closing(sqlite3.connect(trial.site.folder / "cairn.sqlite3")) as line, line:
        line.execute("DELETE FROM submissions_placement")
        line.execute("DELETE FROM submissions_extract")
    faults = trial.site.checked([])
    assert any("has no place in version" in fault for fault in faults), faults
    assert any("its words are not" in fault for fault in faults), faults
