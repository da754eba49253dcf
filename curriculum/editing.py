"""What forms ask of a month, as edits of its text.

A form knows the row it speaks of, so an item keeps its row (and its learners' ticks) however it is reworded or moved.
Nothing is written from a form into a row: the text is edited, parsed again, and the rows follow the text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from curriculum.drafting import Asked, Draft
from curriculum.markdown import Kind, Node, Refused, Role, detail_kind, language_of, parse, refused, repaired
from curriculum.markdown.languages import LANGUAGES
from curriculum.models import Edition, Row
from curriculum.publication import rows_at

HOMES = {
    Kind.OBJECTIVE: Role.OBJECTIVES,
    Kind.WEEK: Role.WEEKS,
    Kind.RESOURCE: Role.RESOURCES,
    Kind.TASK: Role.OTHER,
    Kind.CRITERION: Role.CRITERIA,
}
"""The section that the first item of a kind goes to. Its heading is a word of the dialect in the text's language."""

SEQUENCE = [
    Role.OBJECTIVES,
    Role.WEEKS,
    Role.RESOURCES,
    Role.PROJECT,
    Role.CRITERIA,
    Role.NAVIGATION,
]
"""The order of a month's sections. One of another role may stand anywhere; a new one comes behind the project."""


@dataclass
class AskedMonth:
    """A month as its page of forms asks for it."""

    month: Row
    title: str
    details: dict[str, str]
    """Tier, duration and status, by the label that a new line gets."""
    items: list[Asked] = field(default_factory=list)
    """In the order they are to have among their own."""
    label: str | None = None
    """Such as "Month 08"; None leaves it as it is."""


class RefusedAt(Refused):
    """An edit that the text refuses; `asked` is the form it came from, None for the month's own; `name` its field."""

    def __init__(self, why: Refused, asked: Asked | None, name: str = "") -> None:
        super().__init__(why.line, why.reason, why.code, why.column)
        self.asked = asked
        self.name = name


def drafted(edition: Edition, asked: AskedMonth) -> Draft:
    """The text that an edition becomes when everything that is asked is done. Raises RefusedAt."""
    draft = Draft(edition)
    steps = [remove, rewrite, place]
    own(draft, asked)
    for step in steps:
        for item in asked.items:
            try:
                step(draft, asked, item)
            except RefusedAt:
                raise
            except Refused as why:
                raise RefusedAt(why, item) from why
    order(draft, asked)
    return draft


def own(draft: Draft, asked: AskedMonth) -> None:
    """The month's name, title, tier, duration and status."""
    name = "title"
    try:
        if asked.title.strip() != draft.node(asked.month).text.strip():
            draft.rewrite(draft.node(asked.month), asked.title)
        name = "label"
        if asked.label is not None and asked.label.strip() != draft.node(asked.month).label:
            draft.relabel(draft.node(asked.month), asked.label)
        for name, text in asked.details.items():
            detail(draft, asked.month, name, text.strip())
    except Refused as why:
        raise RefusedAt(why, None, name.lower()) from why


def detail(draft: Draft, month: Row, label: str, text: str) -> None:
    """Give the month a line such as `**Tier**: text`, another text in it, or take it away where there is none."""
    details = [child for child in draft.node(month).children if child.kind is Kind.DETAIL]
    node = next((child for child in details if detail_kind(child.label) == label.lower()), None)
    if node is None and text:
        words = LANGUAGES[language_of(draft.tree)].details[label.lower()].own[0]
        draft.insert_line(draft.node(month), Kind.DETAIL, text, details[-1] if details else None, words)
    elif node is not None and not text and node.text.strip():
        draft.remove(node)
    elif node is not None and text not in {node.text.strip(), repaired(node.text).strip()}:
        draft.rewrite(node, text)


def remove(draft: Draft, asked: AskedMonth, item: Asked) -> None:
    if not item.removed or item.row is None or not draft.has(item):
        return
    node = draft.node(item)
    going = {draft.node(other) for other in asked.items if other.removed and draft.has(other)}
    kept = {draft.nodes[name] for name in draft.nodes} - going
    if any(below in kept for below in node.walk() if below is not node):
        raise refused("items-inside", node.first + 1)
    draft.remove(node)


def rewrite(draft: Draft, asked: AskedMonth, item: Asked) -> None:
    if item.removed or item.row is None:
        return
    if item.text.strip() != draft.node(item).text.strip():
        draft.rewrite(draft.node(item), item.text)
    if item.kind is Kind.WEEK and item.label.strip() not in {"", draft.node(item).label}:
        try:
            draft.relabel(draft.node(item), item.label)
        except Refused as why:
            raise RefusedAt(why, item, "label") from why
    if item.kind is Kind.WEEK and item.focus is not None:
        focus(draft, item)
    if item.brief is not None:
        brief(draft, item, item.brief)


def brief(draft: Draft, item: Asked, text: str) -> None:
    """The prose that a project begins with, as the form has it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    project = draft.node(item)
    found = brief_of(project)
    try:
        if found is None and text:
            draft.insert_line(project, Kind.PROSE, text, None, "")
        elif found is not None and not text:
            draft.remove(found)
        elif found is not None and text != found.text.strip():
            draft.rewrite(found, text)
    except Refused as why:
        raise RefusedAt(why, item, "brief") from why


def brief_of(project: Node) -> Node | None:
    """The prose that a project begins with."""
    first = next(iter(project.children), None)
    return first if first is not None and first.kind is Kind.PROSE else None


def brief_at(edition: Edition, project: Row) -> str | None:
    """The words of a project's brief in an edition; None where the edition has no such project."""
    rows = rows_at(edition, parse(edition.source))
    node = next((node for node, row in rows.items() if row == project), None)
    found = brief_of(node) if node is not None else None
    return None if node is None else found.text if found is not None else ""


def focus(draft: Draft, item: Asked) -> None:
    """The focus of a week, as the form has it."""
    text = (item.focus or "").strip()
    found = [child for child in draft.node(item).children if child.kind is Kind.FOCUS]
    if text == " ".join(child.text for child in found).strip():
        return
    for _more in found[1:]:
        draft.remove([child for child in draft.node(item).children if child.kind is Kind.FOCUS][1])
    first = next((child for child in draft.node(item).children if child.kind is Kind.FOCUS), None)
    if first is None:
        draft.insert_line(draft.node(item), Kind.FOCUS, text, None, "Focus")
    elif text:
        draft.rewrite(first, text)
    else:
        draft.remove(first)


def place(draft: Draft, asked: AskedMonth, item: Asked) -> None:
    """Insert what is new, and move what stands in another place than the one it is asked to be in."""
    if item.removed or (item.row is not None and stands_right(draft, item)):
        return
    if item.kind is Kind.PROJECT:
        draft.insert_project(item, draft.node(asked.month), before_section(draft, asked, Role.PROJECT))
        brief(draft, item, item.brief or "")
        return
    if item.row is None and not item.text.strip():
        raise refused("item-empty", 1)
    parent, after = spot(draft, asked, item)
    if item.row is not None:
        draft.move(draft.node(item), parent, after, item.label)
        return
    draft.insert(item, parent, after, item.label)
    if item.kind is Kind.WEEK and item.focus:
        focus(draft, item)


def stands_right(draft: Draft, item: Asked) -> bool:
    """Whether an item that is there already stands in the place where it is asked to be."""
    node = draft.node(item)
    if item.kind is Kind.RESOURCE:
        return group_of(draft, node) == item.label.strip()
    return item.parent is None or node in draft.node(item.parent).walk()


def group_of(draft: Draft, node: Node) -> str:
    """The group a resource's row says."""
    above = draft.parent(node)
    return above.text.strip() if above.kind is Kind.GROUP else node.label.strip()


def spot(draft: Draft, asked: AskedMonth, item: Asked) -> tuple[Node, Node | None]:
    """The parent that an item goes to, and the node it goes behind, if it is not the first."""
    index = asked.items.index(item)
    for others in (reversed(asked.items[:index]), asked.items[index + 1 :]):
        neighbour = next((other for other in others if together(draft, item, other)), None)
        if neighbour is not None:
            node = draft.node(neighbour)
            return draft.parent(node), node if asked.items.index(neighbour) < index else None
    return home(draft, asked, item), None


def together(draft: Draft, item: Asked, other: Asked) -> bool:
    """Whether another item is in the list that an item is asked to be in, and no part of another item."""
    if other.removed or other.kind is not item.kind or not draft.has(other):
        return False
    if other.parent is not item.parent and not same_row(other.parent, item.parent):
        return False
    if item.kind is Kind.RESOURCE and group_of(draft, draft.node(other)) != item.label.strip():
        return False
    settled = other.row is None or stands_right(draft, other)
    return settled and draft.parent(draft.node(other)).kind is not item.kind


def same_row(one: "Asked | Row | None", two: "Asked | Row | None") -> bool:
    rows = [each.row if isinstance(each, Asked) else each for each in (one, two)]
    return rows[0] is not None and rows[0] == rows[1]


def home(draft: Draft, asked: AskedMonth, item: Asked) -> Node:
    """Where the first item of a list goes: a section that the month has, or one that it gets now."""
    if item.kind is Kind.DETAIL:
        return draft.node(asked.month)
    if item.parent is not None:
        return draft.node(item.parent)
    role = HOMES[item.kind]
    words = LANGUAGES[language_of(draft.tree)].sections.get(role)
    title = words.own[0] if words else "Requirements"
    found = section(draft, asked, role, title)
    if found is None:
        after = before_section(draft, asked, role)
        draft.insert_line(draft.node(asked.month), Kind.SECTION, title, after, "")
        found = section(draft, asked, role, title)
        assert found is not None, "a heading of the dialect has its role"
    return found


def section(draft: Draft, asked: AskedMonth, role: Role, title: str) -> Node | None:
    """The month's first section of a role; of no special one, by its title."""
    alike = [node for node in sections(draft, asked) if node.role is role]
    return next((node for node in alike if role is not Role.OTHER or node.text.strip() == title), None)


def sections(draft: Draft, asked: AskedMonth) -> list[Node]:
    return [child for child in draft.node(asked.month).children if child.kind is Kind.SECTION]


def before_section(draft: Draft, asked: AskedMonth, role: Role) -> Node | None:
    """The section behind which a new one of a role goes; None where it is to be the first."""
    rank = SEQUENCE.index(role if role is not Role.OTHER else Role.PROJECT)
    around = sections(draft, asked)
    before = [node for node in around if node.role in SEQUENCE[: rank + 1]]
    behind = [node for node in around if node.role in SEQUENCE[rank + 1 :]]
    place = around.index(before[-1]) + 1 if before else around.index(behind[0]) if behind else len(around)
    while before and place < len(around) and around[place].role is Role.OTHER:
        place += 1
    return around[place - 1] if place else None


def order(draft: Draft, asked: AskedMonth) -> None:
    """Bring siblings of a kind into the order that is asked. Raises RefusedAt where the text cannot have it."""
    for kind in dict.fromkeys(item.kind for item in asked.items):
        items = [item for item in asked.items if item.kind is kind and not item.removed]
        parents = list(dict.fromkeys(draft.parent(draft.node(item)) for item in items))
        for number in range(len(parents)):
            # The tree is another one after each edit.
            parent = list(dict.fromkeys(draft.parent(draft.node(item)) for item in items))[number]
            mine = [draft.node(item) for item in items if draft.parent(draft.node(item)) is parent]
            if mine == sorted(mine, key=lambda node: node.first):
                continue
            try:
                draft.reorder(parent, mine)
            except Refused as why:
                raise RefusedAt(why, items[0]) from why


def removed_rows(items: Iterable[Asked]) -> list[Row]:
    return [item.row for item in items if item.removed and item.row is not None]
