"""The page that explains how months are written: the dialect, every rule beside it with what is made of its example,
what is refused, and the words by language. Examples are read by the parser itself, so that they cannot go stale.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from curriculum.markdown import Kind, Node, parse, render, render_inline
from curriculum.markdown.languages import LANGUAGES
from curriculum.markdown.rules import RULES, Rule, whole
from curriculum.refused import refusals

DIALECT = """# Month 03: Caching

**Tier**: 2 (Specialization)
**Duration**: 4 weeks
**Status**: Upcoming

## Objectives

1. Say what a cache costs

## Weekly Breakdown

### Week 1: Invalidation

**Focus**: When a copy is stale

**Tasks**:
- [ ] Measure the cache
- [ ] Read the paper

**Deliverables**:
- A diagram of the cache

## Resources

### Papers
- [A paper](https://example.org/paper)

## Project: A cache for the library

1. Draw it
2. Build it

**Ideas**:
- A cache for pictures

## Success Criteria

- [ ] The hit rate is measured

## Navigation

- [Month 04](../month-04/README.md)
"""


@dataclass(frozen=True)
class Part:
    """One part of an example as a learner sees it."""

    kind: str
    name: str
    html: SafeString
    checked: bool = False
    parts: "list[Part]" = field(default_factory=list)


@dataclass(frozen=True)
class Explained:
    """A rule with what is read in its example, and what a finding says of it."""

    rule: Rule
    source: str
    parts: list[Part]
    done: str


def part_of(node: Node) -> Part:
    html = render(node.text, 4) if node.kind is Kind.PROSE else render_inline(node.text)
    name = node.label if node.kind in {Kind.MONTH, Kind.WEEK, Kind.FOCUS, Kind.DETAIL} else ""
    parts = [part_of(child) for child in node.children if child.text or child.children]
    return Part(str(node.kind), name, mark_safe(html), bool(node.checked), parts)  # rendered and sanitised


@cache
def guide(language: str) -> dict[str, Any]:
    """What the page shows to who reads that language. It is the same until the process ends."""
    return {
        "dialect": DIALECT,
        "read": parts_of(DIALECT),
        "rules": [explained(one) for one in RULES.values()],
        "refused": refusals(),
        "languages": list(LANGUAGES.values()),
    }


def parts_of(source: str) -> list[Part]:
    return [part_of(node) for node in parse(source).children if node.kind is Kind.MONTH]


def explained(rule: Rule) -> Explained:
    if not rule.example:
        return Explained(rule, "", [], str(rule.done))
    source = whole(rule.example)
    done = next(one.done for one in parse(source).findings if one.code == rule.code)
    return Explained(rule, source, parts_of(source), done)
