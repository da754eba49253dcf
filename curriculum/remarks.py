"""What a person should see about a text, line by line: what was read in another way than meant, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass

from curriculum.markdown import Finding, Refused, Severity, parse
from curriculum.markdown.lines import check
from curriculum.models import Document

REFUSED = "refused"
"""The code of what keeps a text from being read, where it has none of its own."""


@dataclass(frozen=True)
class Remark:
    """One of them."""

    line: int
    """Counted from 1."""
    column: int
    """Counted from 1."""
    severity: Severity
    code: str
    words: str
    repair: str = ""
    """What the line would be when it is repaired; empty where there is nothing to repair."""

    @classmethod
    def of(cls, finding: Finding) -> "Remark":
        arrow = f" → {finding.repair}" if finding.repair else ""
        words = f"{finding.found}{arrow}: {finding.done}"
        return cls(finding.line, finding.column, finding.severity, finding.code, words, finding.repair)

    @classmethod
    def of_refusal(cls, refused: Refused) -> "Remark":
        code = getattr(refused, "code", "") or REFUSED
        return cls(refused.line, getattr(refused, "column", 1), Severity.ERROR, code, refused.reason)


def remarks_on(source: str, kind: str = Document.Kind.MONTH) -> list[Remark]:
    """All about a text of a kind of document, in the order of its lines."""
    try:
        check(source)
        findings: Iterable[Finding] = parse(source).findings if kind == Document.Kind.MONTH else ()
    except Refused as refused:
        return [Remark.of_refusal(refused)]
    return [Remark.of(finding) for finding in findings]
