"""Nothing acknowledged is lost, and nothing is torn, when parts of the site are killed; and what a control loses."""

import os
import secrets
import time
from pathlib import Path

import pytest

from tests.crash.cycles import LEARNERS, MENTORS, Cycles, Site

pytestmark = [pytest.mark.prove, pytest.mark.pure]

PEOPLE = LEARNERS, MENTORS
SEED = os.environ.get("CAIRN_CRASH_SEED") or secrets.token_hex(4)
"""Chooses who does what and what dies; the moments are the machine's."""


def cycles(default: int) -> int:
    """So many, or as many as CAIRN_CRASH_CYCLES says: for trying things out."""
    return int(os.environ.get("CAIRN_CRASH_CYCLES", default))


def run(site: Site, count: int, way: str = "") -> Cycles:
    began = time.monotonic()
    trial = Cycles(site, SEED)
    try:
        trial.run(count, way)
    finally:
        print(f"\n{trial.told}\nafter {time.monotonic() - began:.0f} s")
    return trial


def test_crash_cycles_on_postgresql_lose_nothing(collected: Path) -> None:
    with Site("postgresql", collected, people=PEOPLE).running() as site:
        trial = run(site, cycles(100))
        assert trial.faults == []


def test_crash_cycles_on_sqlite_lose_nothing(collected: Path) -> None:
    with Site("sqlite", collected, people=PEOPLE).running() as site:
        trial = run(site, cycles(25))
        assert trial.faults == []
