"""The parts of a text or of what is stored, as the matching knows them: what each says, and what it stands under."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from curriculum.markdown import Node
from curriculum.rows import Wanted, wanted_rows


@dataclass(frozen=True)
class Part:
    """One month, week, task, criterion and so on of a tree, old or new."""

    key: Hashable
    """What the caller knows it by: a node, a row's public id. Once on its side."""
    kind: str
    """The name of its model: "task", "week"."""
    text: str
    """Its inline Markdown."""
    place: tuple[str, ...] = ()
    """What it stands under, in words: the month, then week, section or project, then group or label."""
    above: Hashable = None
    """The key of the part it stands in; None for a month."""
    names: tuple[Hashable, ...] = ()
    """Of a heading, what else it is known by, surest first; None for a name that it lacks."""
    label: str = ""
    """What comes before its words: "Week 1", or the key of a detail."""
    group: str = ""
    """The group of a resource, the label of an idea."""
    is_archived: bool = False
    """Whether only an earlier edition had it: it comes back by its exact text alone."""


def parts_of(tree: Node) -> list[Part]:
    """The parts of a parsed text; the key of each is its node."""
    return [part_of(one) for one in wanted_rows(tree)]


def part_of(one: Wanted) -> Part:
    """What a text asks for, as a part."""
    kind = one.model._meta.model_name or ""
    around = [part for part in (one.month, one.parent) if part is not None]
    return Part(
        one.node,
        kind,
        one.text,
        place_of([title(part.values) for part in dict.fromkeys(around)], one.values),
        one.parent.node if one.parent else None,
        names_of(kind, one.values),
        label_of(kind, one.values),
        group_of(one.values),
    )


def title(values: Mapping[str, object]) -> str:
    """What a heading says, from its columns."""
    return ": ".join(str(values[name]) for name in ("label", "title") if values.get(name))


def place_of(around: Iterable[str], values: Mapping[str, object]) -> tuple[str, ...]:
    return (*around, group_of(values)) if group_of(values) else tuple(around)


def group_of(values: Mapping[str, object]) -> str:
    """The group of a resource or the label of an idea; months and weeks have labels that are names."""
    return str(values.get("group") or ("title" not in values and values.get("label")) or "")


def label_of(kind: str, values: Mapping[str, object]) -> str:
    return str(values.get("label") or "") if kind in ("month", "week", "detail") else ""


def names_of(kind: str, values: Mapping[str, object]) -> tuple[Hashable, ...]:
    """The names of a heading from its columns; none for an item."""
    number = values.get("number")
    match kind:
        case "month":
            unit = str(values["unit"]).lower()
            return (
                str(values["slug"]),
                str(values["title"]) or None,
                None if number is None else (unit, str(number)),
            )
        case "week":
            return str(values["title"]) or None, None if number is None else str(number)
        case "section":
            return str(values["title"]), None if values["role"] == "other" else str(values["role"])
        case "project":
            return str(values["title"]) or None, kind
        case "detail":
            return (str(values["label"]).lower(),)
        case _:
            return ()
