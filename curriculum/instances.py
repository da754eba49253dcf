"""Rows as model instances, for a query that is asked again and again: what is the same each time is found once.

Django's own `ModelIterable` finds anew for each query which columns become what, and runs each instance through
`Model.__init__`; for a page of a hundred rows that is a tenth of its time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable
from django.db.models.signals import post_init, pre_init


@dataclass
class Part:
    """The columns of one model in a row, and those of the models that are joined to it."""

    model: type[Model]
    database: str
    names: tuple[str, ...]
    """Attributes, in the order of the columns."""
    start: int
    key: int
    """Which of the columns is the primary key."""
    parts: list["Part"] = field(default_factory=list)
    setters: tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]] | None = None
    """Tell the row that it is joined to of this one, and this one of that; None for the model of the query."""

    @classmethod
    def of(cls, info: dict[str, Any], select: list[Any], database: str) -> "Part":
        """`info` and `select` are a compiler's `klass_info` and `select`."""
        columns = info["select_fields"]
        names = tuple(select[place][0].target.attname for place in columns)
        setters = (info["local_setter"], info["remote_setter"]) if "local_setter" in info else None
        key = names.index(info["model"]._meta.pk.attname)
        parts = [cls.of(one, select, database) for one in info.get("related_klass_infos", [])]
        return cls(info["model"], database, names, columns[0], key, parts, setters)

    @property
    def is_plain(self) -> bool:
        """Whether an instance is no more than its columns: nobody listens to its making, and no parent has some."""
        listens = pre_init.has_listeners(self.model) or post_init.has_listeners(self.model)
        own = "from_db" in vars(self.model) or "__init__" in vars(self.model)
        return (
            not listens
            and not own
            and not self.model._meta.parents
            and all(one.is_plain for one in self.parts)
        )

    def instance(self, row: list[Any]) -> Any:
        """The row's instance with all that is joined to it; None where a join found nothing."""
        values = row[self.start : self.start + len(self.names)]
        if values[self.key] is None:
            return None
        made = self.model.__new__(self.model)
        state = ModelState()
        state.adding, state.db = False, self.database
        # Through the attributes' own setters nothing else would happen: columns lie in the instance's dictionary.
        vars(made).update(zip(self.names, values, strict=True), _state=state)
        for part in self.parts:
            joined = part.instance(row)
            if part.setters:
                tell, tell_back = part.setters
                tell(made, joined)
                if joined is not None:
                    tell_back(joined, made)
        return made


class Instances:
    """Makes the instances of one query's rows."""

    def __init__(self, part: Part, added: dict[str, int]) -> None:
        self.part, self.added = part, list(added.items())

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any], compiler: Any) -> "Instances | None":
        """For a query that was compiled; None for one of which Django has to make the rows."""
        if queryset._iterable_class is not ModelIterable:
            return None
        if queryset._known_related_objects or queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            return None
        if queryset._fields or compiler.query.deferred_loading[0]:  # type: ignore[attr-defined]
            return None
        part = Part.of(compiler.klass_info, compiler.select, queryset.db)
        return cls(part, compiler.annotation_col_map or {}) if part.is_plain else None

    def made(self, rows: Iterable[list[Any]]) -> Iterator[Any]:
        for row in rows:
            made = self.part.instance(row)
            for name, place in self.added:
                vars(made)[name] = row[place]
            yield made
