"""What the forms of a month's page would change, in words, before it is published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curriculum.drafting import Asked
from curriculum.models import Criterion, Row
from curriculum.work import work_on


@dataclass(frozen=True)
class Change:
    """One item that other words replace, or that goes."""

    kind: str
    before: str
    after: str
    """Empty for what goes."""
    is_new_meaning: bool = False
    """Whether marks made so far will say "look again"."""
    work: int = 0
    """Pieces of learners' work on it."""


@dataclass(frozen=True)
class Changes:
    """What differs from the published edition."""

    items: list[Change]
    added: int
    is_none: bool
    """Whether the text stays as it is, to the letter, and means the same."""


def changes_of(form: Any, items: Iterable[Asked], is_same_text: bool) -> Changes:
    """What the month's own form and those of its items ask, beside what is published."""
    own = [
        Change(form.fields[name].label.capitalize(), str(form.initial[name] or ""), form.cleaned_data[name])
        for name in form.Meta.fields
        if name in form.changed_data
    ]
    asked = list(items)
    touched = [(item, *words(item)) for item in asked if item.row is not None]
    touched = [
        (item, before, after) for item, before, after in touched if before != after or is_new_meaning(item)
    ]
    work = work_on(item.row for item, _before, _after in touched if item.row is not None)
    found = [
        Change(
            str(item.row._meta.verbose_name).capitalize(),
            before,
            after,
            is_new_meaning(item) and bool(after),
            work.get(item.row, 0),
        )
        for item, before, after in touched
        if item.row is not None
    ]
    added = sum(item.row is None for item in asked)
    return Changes([*own, *found], added, is_same_text and not any(change.is_new_meaning for change in found))


def words(item: Asked) -> tuple[str, str]:
    """An item's words as they are published, and as they are asked; none for what goes."""
    initial: dict[str, Any] = item.form.initial
    before = str(initial.get(item.field) or "").strip()
    return before, "" if item.removed else item.text.strip()


def is_new_meaning(item: Asked) -> bool:
    row: Row | None = item.row
    return isinstance(row, Criterion) and bool(item.form.cleaned_data.get("asks_differently"))
