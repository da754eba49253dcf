"""What a reading found on its way, each thing by the rule that was met."""

from typing import Any

from django.utils.translation import ngettext

from .rules import RULES
from .tree import Finding, Severity


class Reports:
    """The findings of one reading. A note is made once a text, at the first place, and counts the others."""

    def __init__(self) -> None:
        self.warnings: list[Finding] = []
        self.notes: dict[str, tuple[int, int, str, dict[str, Any]]] = {}
        self.more: dict[str, int] = {}

    def add(
        self, code: str, line: int, found: str, *, column: int = 1, repair: str = "", **facts: Any
    ) -> None:
        """Something found on a line, counted from 0, at a column, counted from 1."""
        if RULES[code].severity is not Severity.NOTE:
            self.warnings.append(finding(code, line, column, found, repair, facts))
        elif code not in self.notes or line < self.notes[code][0]:
            self.more[code] = self.more.get(code, -1) + 1
            self.notes[code] = (line, column, found, facts)
        else:
            self.more[code] += 1

    def findings(self) -> tuple[Finding, ...]:
        """All of them, by line."""
        notes = [
            finding(code, line, column, found, "", facts, self.more[code])
            for code, (line, column, found, facts) in self.notes.items()
        ]
        return tuple(sorted([*self.warnings, *notes], key=lambda one: (one.line, one.column, one.code)))


def finding(
    code: str, line: int, column: int, found: str, repair: str, facts: dict[str, Any], more: int = 0
) -> Finding:
    done = str(RULES[code].done) % facts if facts else str(RULES[code].done)
    if more:
        also = ngettext("So in %(count)d more line.", "So in %(count)d more lines.", more)
        done = f"{done} {also % {'count': more}}"
    found, repair = found.strip()[:300], repair.strip()[:300]
    return Finding(line + 1, RULES[code].severity, code, found, done, repair, column)
