"""The files of a fork and their boxes: what each is, and what is said of it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from curriculum.markdown import Kind, Node, Refused, is_dashboard, parse, read
from curriculum.matching import Stage
from curriculum.models import Task
from curriculum.pages import Plan, PlannedMonth
from curriculum.rows import month_slug
from curriculum.wording import Stretch, difference_of_markdown
from curriculum.zips import SUFFIX, Unreadable, unpacked
from progress.fork.left import Left
from progress.models import Completion

BOXES = 500
"""In one file at most."""
ZIP_LIMIT = 5_000_000
"""Bytes of one zip, packed."""
NOTE_LIMIT = min(2000, settings.TEXT_LIMIT)


@dataclass(eq=False)
class Box:
    """A box of a file, and what becomes of it."""

    name: str
    """Of the field in which its task can be chosen."""
    node: Node
    text: str
    """What the file says, in the letters that were meant and without what was added."""
    uuid: str = ""
    """The public id of the task that the edition has in its place; empty where none was found."""
    task: Task | None = None
    """The task that it is, as it is now."""
    stage: Stage | None = None
    """How it was found; None where it was not."""
    words: str = ""
    """What the task said in the edition that the fork is of."""
    note: str = ""
    """What the learner added to the task."""
    gone: Task | None = None
    """The task that it was, where only an earlier edition had it."""
    row: Completion | None = None
    """What there is already, beside its task or beside the one that it was."""
    twin: int = 0
    """Of a box without a task, the line of another box with the same words, which has the task; else 0."""

    @property
    def line(self) -> int:
        return self.node.first + 1

    @property
    def is_checked(self) -> bool:
        return bool(self.node.checked)

    @property
    def is_ticked_already(self) -> bool:
        return self.row is not None and self.row.done_at is not None

    @property
    def is_new_tick(self) -> bool:
        return self.is_checked and self.task is not None and not self.is_ticked_already

    @property
    def is_new_note(self) -> bool:
        return self.task is not None and self.noted != self.note_before

    @property
    def note_before(self) -> str:
        return self.row.note if self.row else ""

    @property
    def noted(self) -> str:
        """The note as it will be."""
        before = self.note_before
        if not self.note or self.note in before or self.is_note_too_long:
            return before
        return "\n\n".join(part for part in (before, self.note) if part)

    @property
    def is_note_too_long(self) -> bool:
        """Whether the note cannot be taken, because the whole would be longer than a note may be."""
        if not self.note or self.note in self.note_before:
            return False
        return len(self.note_before) + 2 * bool(self.note_before) + len(self.note) > NOTE_LIMIT

    @property
    def is_open(self) -> bool:
        """Whether the learner can choose its task: it was not found for certain, and there is something to bring."""
        sure = self.stage in (Stage.EXACT, Stage.MOVED) and self.gone is None
        is_kept = self.gone is not None and self.task is None and self.is_ticked_already
        return not (sure or is_kept) and (self.is_checked or bool(self.note))

    @property
    def difference(self) -> tuple[Stretch, ...]:
        """From the author's words to those of the file."""
        return difference_of_markdown(self.words, self.text)


OTHERS = {
    Kind.CRITERION: ngettext_lazy(
        "Line %(lines)s: a ticked criterion is not brought, because a mentor marks it.",
        "Lines %(lines)s: ticked criteria are not brought, because a mentor marks them.",
        "count",
    ),
    Kind.DELIVERABLE: ngettext_lazy(
        "Line %(lines)s: a ticked deliverable is not brought, because it is handed in.",
        "Lines %(lines)s: ticked deliverables are not brought, because they are handed in.",
        "count",
    ),
}
"""What is said of boxes that are no tasks."""


@dataclass(eq=False)
class Brought:
    """One file of a fork."""

    name: str
    data: bytes
    refusal: str = ""
    """Why nothing of it can be brought."""
    is_aside: bool = False
    """Whether it is refused although nothing is wrong with it."""
    remarks: list[str] = field(default_factory=list)
    """What its learner should know beside what becomes of the boxes."""
    source: str = ""
    tree: Node | None = None
    months: list[PlannedMonth] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    choices: list[Task] = field(default_factory=list)
    """The tasks that no box was found for: what a box can be by hand."""
    left: list[Left] = field(default_factory=list)
    """What belongs to no task."""

    @cached_property
    def key(self) -> str:
        """Tells its fields from those of other files, whichever of them come along the next time."""
        return hashlib.sha256(self.data).hexdigest()[:12]

    def refuse(self, reason: str) -> None:
        self.refusal = self.refusal or reason

    @property
    def title(self) -> str:
        return ", ".join(str(month) for month in self.months)

    @property
    def new_ticks(self) -> list[Box]:
        return [box for box in self.boxes if box.is_new_tick and not box.is_open]

    @property
    def already(self) -> list[Box]:
        return [box for box in self.boxes if box.is_checked and box.is_ticked_already and not box.is_open]

    @property
    def new_notes(self) -> list[Box]:
        """Notes beside tasks that are not ticked by this."""
        return [box for box in self.boxes if box.is_new_note and not box.is_new_tick and not box.is_open]

    @property
    def ticked_here_alone(self) -> int:
        """How many tasks are ticked on the site and not in the file."""
        return sum(box.is_ticked_already and not box.is_checked for box in self.boxes)

    @property
    def too_long(self) -> list[Box]:
        """Those whose note would become too long, and is not brought."""
        return [box for box in self.boxes if box.task is not None and box.is_note_too_long]

    @property
    def open(self) -> list[Box]:
        return [box for box in self.boxes if box.is_open]

    def read(self, curriculum: Plan, title: str) -> None:
        """Decode it, parse it and see which months it holds; what cannot be brought is refused in a sentence."""
        try:
            self.source = read(self.data)
            if is_dashboard(self.source):
                self.refuse(_("This is the page of a whole curriculum: it has no boxes to tick."))
                self.is_aside = True
                return
            self.tree = parse(self.source)
        except Refused as refused:
            self.refuse(_("Line %(line)d: %(reason)s") % {"line": refused.line, "reason": refused.reason})
            return
        boxes = self.tree.find(Kind.TASK)
        if len(boxes) > BOXES:
            self.refuse(_("It has more than %(count)d boxes.") % {"count": BOXES})
        elif not boxes:
            self.refuse(_("There is no box to tick in it."))
        for node in self.tree.children:
            if node.kind is Kind.MONTH and (month := month_of(node, curriculum)) is not None:
                self.months.append(month)
        if not self.months:
            first = next(node for node in self.tree.children if node.kind is Kind.MONTH)
            said = ": ".join(filter(None, (first.label, first.text)))[:120]
            self.refuse(_("“%(month)s” is not part of “%(title)s”.") % {"month": said, "title": title})

    def remark(self, is_damaged: bool) -> None:
        """Say what is ticked and is not brought, and whether letters were repaired."""
        assert self.tree is not None, "only a file that was read has something to say"
        for kind, sentence in OTHERS.items():
            lines = [str(node.first + 1) for node in self.tree.find(kind) if node.checked]
            if lines:
                named = ", ".join(lines[:20]) + (" …" if len(lines) > 20 else "")
                self.remarks.append(str(sentence % {"lines": named, "count": len(lines)}))
        if is_damaged:
            said = _(
                "Letters of this file were damaged by a wrong decoding; they were read as they were meant."
            )
            self.remarks.append(said)


def brought(files: Iterable[tuple[str, bytes]]) -> Iterator[Brought]:
    """What was sent, by name and bytes, each zip unpacked; one that cannot be read is refused in its place."""
    for name, data in files:
        if not name.lower().endswith(SUFFIX):
            yield Brought(name[:200], data)
            continue
        try:
            if len(data) > ZIP_LIMIT:
                raise Unreadable(_("It is larger than %(size)d MB.") % {"size": ZIP_LIMIT // 1_000_000})
            yield from (Brought(path, content) for path, content in unpacked(name, data).items())
        except Unreadable as refused:
            yield Brought(name[:200], data, str(refused))


def month_of(node: Node, curriculum: Plan) -> PlannedMonth | None:
    """The month that a heading of a file names: by its number, else by its title."""
    by_title = (month for month in curriculum.months if month.title.casefold() == node.text.casefold())
    return curriculum.month(month_slug(node)) or next(by_title, None)
