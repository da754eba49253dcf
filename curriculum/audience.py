"""How many people a change of the plan reaches. Who follows a plan is known above; who knows adds a source here."""

from collections.abc import Callable
from dataclasses import dataclass

from curriculum.models import Curriculum


@dataclass(frozen=True)
class Audience:
    """Who follows a curriculum now."""

    learners: int = 0
    groups: int = 0
    """The running cohorts that they are in."""


sources: list[Callable[[Curriculum], Audience]] = []
"""Each counts those whom an app above knows; no person is counted by two."""


def audience_of(curriculum: Curriculum) -> Audience:
    """Everybody who follows a curriculum now, from all sources."""
    found = [source(curriculum) for source in sources]
    return Audience(sum(one.learners for one in found), sum(one.groups for one in found))
