"""What people have done on the rows of the plan, and the refusal of a text that would take rows away from it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.models import Row

WORK = {"learner", "submission"}
"""Fields by which a row says that it is somebody's work: see the memberships and submissions of the design."""


@dataclass(frozen=True)
class Lost:
    """A row that a text no longer has although people have work on it."""

    row: Row
    work: int
    """How many rows of work."""

    def __str__(self) -> str:
        sentence = ngettext(
            "%(kind)s “%(text)s” (%(work)d piece of work)",
            "%(kind)s “%(text)s” (%(work)d pieces of work)",
            self.work,
        )
        return sentence % {
            "kind": str(self.row._meta.verbose_name).capitalize(),
            "text": str(self.row)[:120],
            "work": self.work,
        }


class WorkWouldBeLost(ValueError):
    """A text that was refused because rows with work on them would lose their place."""

    def __init__(self, lost: list[Lost]) -> None:
        super().__init__(_("People have work on what this text no longer has."))
        self.lost = lost


def work_on(rows: Iterable[Row]) -> dict[Row, int]:
    """How many rows of work hang on each of these, without those that nothing hangs on."""
    return dict(Counter(row for row, _learner in found_on(rows)))


def learners_on(rows: Iterable[Row]) -> dict[Row, int]:
    """How many learners have work on each of these, without those that nobody has."""
    return dict(Counter(row for row, _learner in set(found_on(rows))))


def found_on(rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
    """Every row of work on these, with the key of the learner it is of.

    What counts as work is found from the tables themselves, so that the plan need not know who builds upon it.
    """
    by_model: dict[type[Row], dict[int, Row]] = defaultdict(dict)
    for row in rows:
        if row.pk is not None:
            by_model[type(row)][row.pk] = row
    for model, by_pk in by_model.items():
        for relation in relations_of_work(model):
            related: Any = relation.related_model._base_manager
            name = relation.field.name
            fields = {field.name for field in relation.related_model._meta.fields}
            whose = "learner" if "learner" in fields else "submission__learner"
            for pk, learner in related.filter(**{f"{name}__in": list(by_pk)}).values_list(name, whose):
                yield by_pk[pk], learner


def relations_of_work(model: type[Row]) -> list[Any]:
    """The keys of other apps' tables that point at a table of the plan and say whose work they are."""
    relations: list[Any] = list(model._meta.get_fields(include_hidden=True))
    return [
        relation
        for relation in relations
        if relation.one_to_many
        and relation.auto_created
        and relation.related_model._meta.app_label != model._meta.app_label
        and WORK & {field.name for field in relation.related_model._meta.fields}
    ]


def lost(rows: Iterable[Row]) -> list[Lost]:
    """Those of the rows that people have work on."""
    return [Lost(row, work) for row, work in work_on(rows).items()]
