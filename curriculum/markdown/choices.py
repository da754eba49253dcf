"""What a list's item is: a task, a deliverable, an idea … or nobody's, by the section and the label it stands under."""

from collections.abc import Callable

from .headings import label_kind, speaks_of_ideas
from .tree import Kind, Role

Choice = Callable[[str, str, bool], Kind | None]
"""What an item is, by the label of its list, its own text, and whether it has a box; None for nobody's."""


def boxes_only(label: str, text: str, boxed: bool) -> Kind | None:
    return Kind.TASK if boxed else None


def boxes_as_criteria(label: str, text: str, boxed: bool) -> Kind | None:
    return Kind.CRITERION if boxed else None


def week_item(label: str, text: str, boxed: bool) -> Kind | None:
    """A bullet under a label that speaks of tasks is one without a box too, whatever its neighbours are."""
    kind = label_kind(label)
    if kind == "deliverables":
        return Kind.DELIVERABLE
    return Kind.TASK if boxed or kind == "tasks" else None


def objective_item(label: str, text: str, boxed: bool) -> Kind | None:
    return Kind.TASK if boxed else Kind.OBJECTIVE


def resource_item(label: str, text: str, boxed: bool) -> Kind | None:
    return Kind.TASK if boxed else Kind.RESOURCE


def criterion_item(label: str, text: str, boxed: bool) -> Kind | None:
    return Kind.CRITERION


def navigation_item(label: str, text: str, boxed: bool) -> Kind | None:
    if boxed:
        return Kind.TASK
    return Kind.LINK if "](" in text else None


def project_item(label: str, boxed: bool, ideas: bool) -> Kind | None:
    """`ideas` says that a list without a label is one of ideas, as under "Project Ideas"."""
    if boxed:
        return Kind.TASK
    return Kind.IDEA if speaks_of_ideas(label) or (ideas and not label) else None


CHOICES: dict[Role, Choice] = {
    Role.OBJECTIVES: objective_item,
    Role.RESOURCES: resource_item,
    Role.CRITERIA: criterion_item,
    Role.NAVIGATION: navigation_item,
}
