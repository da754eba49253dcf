"""What a person should see about a text, line by line: what was read in another way than meant, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from curriculum.markdown import Finding, Refused, Severity, is_dashboard, line_of_month, parse, refused
from curriculum.markdown.lines import check
from curriculum.models import Document
from curriculum.textarea import Places


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
        return cls(refused.line, refused.column, Severity.REFUSAL, refused.code, refused.reason)

    @property
    def manner(self) -> str:
        """How the editor marks it: note, warning or error."""
        return "error" if self.severity is Severity.REFUSAL else str(self.severity)

    def shown_in(self, places: Places) -> "Remark":
        """The same with the place that it has in a text area."""
        line, column = places.shown_at(self.line, self.column)
        return replace(self, line=line, column=column)


def remarks_on(source: str, kind: str = Document.Kind.MONTH) -> list[Remark]:
    """All about a text of a kind of document, in the order of its lines, each with its place in a text area."""
    places = Places(source)
    try:
        check(source)
        if kind == Document.Kind.DASHBOARD and not is_dashboard(source):
            raise refused("no-dashboard", line_of_month(source))
        findings: Iterable[Finding] = parse(source).findings if kind == Document.Kind.MONTH else ()
    except Refused as why:
        return [Remark.of_refusal(why).shown_in(places)]
    return [Remark.of(finding).shown_in(places) for finding in findings]
