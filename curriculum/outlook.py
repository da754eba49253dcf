"""What texts would change if they were published: the plan that a person sees, corrects and then applies."""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from curriculum.audience import Audience, audience_of
from curriculum.identity import parts_of_rows, stored
from curriculum.markdown import Node
from curriculum.matching import Pair, Part, Plan, Stage, part_of, plan
from curriculum.models import Criterion, Curriculum, Document, Month, Row
from curriculum.publication import free_slug
from curriculum.rows import Wanted, wanted_rows
from curriculum.wording import difference
from curriculum.work import learners_on

NEW = "new"
"""The choice that says of a part that it was nothing before."""
OFFERED = 20_000
"""Choices up to which every part of a kind is offered for every other; beyond that, those of its month are."""


@dataclass(frozen=True)
class Text:
    """A text that is to be a document's next edition."""

    path: str
    tree: Node
    document: Document | None = None
    """None for one that is still to be made."""


@dataclass(frozen=True)
class Change:
    """One part that does not stay as it is."""

    stage: str
    """moved, reworded, by-hand, new or removed."""
    kind: str
    """What it is, in words."""
    path: str
    """The document that it is in afterwards; of what is removed, before."""
    before: str = ""
    after: str = ""
    old_place: str = ""
    new_place: str = ""
    learners: int = 0
    """How many have work on it."""
    field: str = ""
    """The name under which a form says what it was, or became."""
    choices: Sequence[tuple[str, str]] = ()
    """What it may have been, or become: value and words, the first as it is now."""
    meaning: str = ""
    """Of a criterion with other words, the name under which a form says that it asks for something else now."""
    is_meant: bool = False

    @property
    def words(self) -> list[tuple[str, str]]:
        """Both texts in one, as runs of words that are "same", "removed" or "added"."""
        return [(stretch.kind, stretch.text) for stretch in difference(self.before, self.after)]

    def told(self) -> dict[str, Any]:
        """For machines."""
        names = ("stage", "kind", "path", "before", "after", "old_place", "new_place", "learners")
        told = {name: getattr(self, name) for name in names}
        return told | {"words": self.words} if self.before and self.before != self.after != "" else told


def answers(data: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the form of a plan says: of new parts what they were, and of removed ones what they became."""
    said = [
        (name.removeprefix("was-"), value)
        for name, value in data.items()
        if name.startswith("was-") and value
    ]
    return said + [
        (value, name.removeprefix("now-"))
        for name, value in data.items()
        if name.startswith("now-") and value
    ]


def meant_in(data: Mapping[str, str]) -> frozenset[str]:
    """The criteria that the form of a plan says ask for something else now."""
    return frozenset(name.removeprefix("meant-") for name in data if name.startswith("meant-"))


@dataclass
class Outlook:
    """The plan for some texts of a curriculum, before anything is written."""

    curriculum: Curriculum
    texts: list[Text]
    leaving: list[Document] = field(default_factory=list)
    """Documents that are archived with it."""
    chosen: Sequence[tuple[str, str]] = ()
    """What somebody said: the id of a new part, and the public id of the old one that it is, or NEW."""
    meant: frozenset[str] = frozenset()
    """The public ids of criteria that ask for something else now."""

    errors: list[str] = field(default_factory=list)
    """What of it excludes each other, in sentences."""

    def __post_init__(self) -> None:
        self.documents = [text.document for text in self.texts if text.document is not None]
        have = stored(*self.documents, *self.leaving)
        self.rows: dict[Hashable, Row] = {row.uuid: row for some in have.values() for row in some}
        self.wanted: dict[Hashable, Wanted] = {}
        self.text_of: dict[Hashable, Text] = {}
        self.ids: dict[Hashable, str] = {}
        """What forms call the new parts: the number of the text, the kind, and where the part begins."""
        for number, text in enumerate(self.texts):
            for one in wanted_rows(text.tree):
                self.wanted[one.node], self.text_of[one.node] = one, text
                self.ids[one.node] = f"{number}-{one.node.kind}-{one.node.start}"
        self.plan: Plan = plan(
            parts_of_rows(have), [part_of(one) for one in self.wanted.values()], self.by_hand()
        )

    def by_hand(self) -> dict[Hashable, Hashable | None]:
        """What was chosen, as far as both parts are there and of a kind; of two that exclude each other the first."""
        nodes = {name: node for node, name in self.ids.items()}
        old = {str(uuid): uuid for uuid in self.rows}
        found: dict[Hashable, Hashable | None] = {}
        for name, value in self.chosen:
            node, uuid = nodes.get(name), old.get(value)
            if node is None or (uuid is None and value != NEW):
                continue
            if uuid is not None and type(self.rows[uuid]) is not self.wanted[node].model:
                continue
            if found.setdefault(node, uuid) != uuid or (uuid and list(found.values()).count(uuid) > 1):
                self.errors.append(
                    _("“%(text)s” was given two answers. Look at what is chosen now.")
                    % {"text": self.wanted[node].text}
                )
                if found[node] == uuid:
                    del found[node]
        return found

    # For publishing

    @cached_property
    def pairs(self) -> dict[Node, Row]:
        """The row that each node of all texts keeps."""
        return {self.wanted[pair.new.key].node: self.rows[pair.old.key] for pair in self.plan.pairs}

    def document_of(self, row: Row) -> int:
        month: Any = row
        while not hasattr(month, "document_id"):
            month = self.above(month)
        return int(month.document_id)

    @staticmethod
    def above(row: Any) -> Row:
        found: Row = row.month if hasattr(row, "month_id") else row.project
        return found

    def free_slugs(self) -> None:
        """Take from months the slugs they give up, before any text is published: some may go to another document."""
        for pair in self.plan.pairs:
            row = self.rows[pair.old.key]
            if isinstance(row, Month):
                free_slug(row, self.wanted[pair.new.key].values["slug"])

    @cached_property
    def criteria_meant(self) -> frozenset[int]:
        """The primary keys of criteria that ask for something else now."""
        return frozenset(
            row.pk for row in self.rows.values() if isinstance(row, Criterion) and str(row.uuid) in self.meant
        )

    # For a person

    @property
    def made_from(self) -> str:
        """The editions that it was made against, by path; as JSON."""
        return json.dumps({text.path: edition_of(text.document) for text in self.texts})

    def is_stale(self, made_from: str) -> bool:
        """Whether another edition came between since a plan was made that said this."""
        try:
            before = json.loads(made_from)
        except ValueError:
            return True
        return not isinstance(before, dict) or any(
            before.get(text.path) != edition_of(text.document) for text in self.texts
        )

    @cached_property
    def audience(self) -> Audience:
        """Who follows the curriculum now."""
        return audience_of(self.curriculum) if self.curriculum.pk else Audience()

    @property
    def kept(self) -> int:
        """How many parts stay what and where they are."""
        return sum(pair.stage is Stage.EXACT for pair in self.plan.pairs)

    @property
    def is_empty(self) -> bool:
        return not (self.moved or self.reworded or self.new or self.removed)

    @cached_property
    def learners(self) -> dict[Row, int]:
        changed = [pair.old for pair in self.plan.pairs if pair.stage is not Stage.EXACT]
        return learners_on(self.rows[part.key] for part in [*changed, *self.plan.removed])

    @cached_property
    def moved(self) -> list[Change]:
        return [self.of_pair(pair) for pair in self.plan.pairs if pair.stage is Stage.MOVED]

    @cached_property
    def reworded(self) -> list[Change]:
        """With those that were paired by hand."""
        stages = (Stage.REWORDED, Stage.BY_HAND)
        return [self.of_pair(pair) for pair in self.plan.pairs if pair.stage in stages]

    @cached_property
    def new(self) -> list[Change]:
        return [
            Change(
                stage="new",
                kind=self.kind(part),
                path=self.text_of[part.key].path,
                after=self.words(part),
                new_place=place(part),
                **self.question(part, None),
            )
            for part in self.plan.new
        ]

    @cached_property
    def removed(self) -> list[Change]:
        paths = {document.pk: document.path for document in [*self.documents, *self.leaving]}
        return [
            Change(
                stage="removed",
                kind=self.kind(part),
                path=paths[self.document_of(self.rows[part.key])],
                before=self.words(part),
                old_place=place(part),
                learners=self.learners.get(self.rows[part.key], 0),
                field=f"now-{part.key}",
                choices=self.futures(part),
            )
            for part in self.plan.removed
        ]

    def of_pair(self, pair: Pair) -> Change:
        is_criterion = isinstance(self.rows[pair.old.key], Criterion) and pair.old.text != pair.new.text
        return Change(
            stage=str(pair.stage),
            kind=self.kind(pair.new),
            path=self.text_of[pair.new.key].path,
            before=self.words(pair.old),
            after=self.words(pair.new),
            old_place=place(pair.old),
            new_place=place(pair.new),
            learners=self.learners.get(self.rows[pair.old.key], 0),
            meaning=f"meant-{pair.old.key}" if is_criterion else "",
            is_meant=str(pair.old.key) in self.meant,
            **self.question(pair.new, pair),
        )

    def futures(self, part: Part) -> list[tuple[str, str]]:
        """What a removed part may have become; nothing to choose where nothing is new."""
        found = [(self.ids[each.key], self.words(each)) for each in self.offered(part, self.plan.new)]
        return [("", _("nothing: it is removed")), *found] if found else []

    def question(self, part: Part, pair: Pair | None) -> dict[str, Any]:
        """What a form asks of a new part: what it was before. The first choice is how it is now."""
        chosen = dict(self.chosen).get(self.ids[part.key], "")
        is_by_hand = pair.stage is Stage.BY_HAND if pair is not None else chosen == NEW
        others = [each for each in self.offered(part, self.free) if pair is None or each != pair.old]
        if pair is None and not others and not is_by_hand:
            return {}
        was = [
            (str(each.key), self.words(each)) for each in [*([pair.old] if pair is not None else []), *others]
        ]
        nothing = (NEW, _("nothing: it is new"))
        choices = [nothing, *was] if pair is None else [*was, nothing]
        if is_by_hand:
            choices.append(("", _("as it was proposed")))
        else:
            choices[0] = ("", choices[0][1])
        return {"field": f"was-{self.ids[part.key]}", "choices": choices}

    @cached_property
    def free(self) -> list[Part]:
        """Old parts that a new one may be instead: removed ones, and those with other words."""
        reworded = [pair.old for pair in self.plan.pairs if pair.stage in (Stage.REWORDED, Stage.BY_HAND)]
        return [*self.plan.removed, *reworded]

    @cached_property
    def crowded(self) -> set[str]:
        """Kinds of which so many changed that not every one is offered for every other."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for side, parts in enumerate((self.free, self.plan.new)):
            for part in parts:
                counts[part.kind][side] += 1
        return {kind for kind, (old, new) in counts.items() if old * new > OFFERED}

    def offered(self, part: Part, others: Iterable[Part]) -> list[Part]:
        return [
            each
            for each in others
            if each.kind == part.kind and (part.kind not in self.crowded or each.place[:1] == part.place[:1])
        ]

    def kind(self, part: Part) -> str:
        model = type(self.rows[part.key]) if isinstance(part.key, UUID) else self.wanted[part.key].model
        return str(model._meta.verbose_name).capitalize()

    def words(self, part: Part) -> str:
        """What a person knows a part by."""
        return ": ".join(each for each in (part.label, part.text) if each)

    def told(self) -> dict[str, Any]:
        """For machines."""
        changes = {
            "moved": self.moved,
            "reworded": self.reworded,
            "new": self.new,
            "removed": self.removed,
        }
        return {
            "kept": self.kept,
            **{name: [change.told() for change in some] for name, some in changes.items()},
            "learners": self.audience.learners,
            "cohorts": self.audience.groups,
        }


def place(part: Part) -> str:
    return " › ".join(part.place)


def edition_of(document: Document | None) -> str:
    """The public id of the edition that is published; empty for none."""
    return str(document.published.uuid) if document is not None and document.published is not None else ""
