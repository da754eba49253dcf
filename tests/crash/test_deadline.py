"""The hour of a deadline on two cores: nobody is refused, nothing is lost, and pages come in time."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.cycles import Site
from tests.crash.deadline import LEARNERS, MENTORS, Deadline

pytestmark = [pytest.mark.prove, pytest.mark.pure, pytest.mark.alone]

SEED = os.environ.get("CAIRN_CRASH_SEED") or secrets.token_hex(4)
MINUTES = float(os.environ.get("CAIRN_DEADLINE_MINUTES", "10"))
"""Fewer are for trying things out."""
BOUND = 1.0
"""Seconds in which 95 of 100 pages come."""


@contextmanager
def two_cores() -> Iterator[None]:
    """What is started inside shares two cores, the servers and the clients alike."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:2])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def test_deadline_refuses_nobody_and_loses_nothing(collected: Path) -> None:
    with two_cores(), Site("postgresql", collected, people=(LEARNERS, MENTORS)).running() as site:
        hour = Deadline(site, MINUTES, SEED)
        hour.run()
        errors, lost = list(hour.errors()), hour.lost()
        load = os.getloadavg()[1]
        print(f"\n{hour.table}\nerrors {len(errors)}, lost {len(lost)}; load of the machine {load:.1f}")
        assert errors == []
        assert lost == []
        assert hour.pages.at(0.95) < BOUND
