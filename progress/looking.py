"""What changed in a month since its learner last looked, as the page about it shows it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from curriculum.changes import Change
from progress.models import Completion

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

KINDS: "dict[str, _StrPromise]" = {
    "added": _("New"),
    "reworded": _("New words"),
    "moved": _("Moved"),
    "removed": _("No longer there"),
}
NAMES: "dict[str, _StrPromise]" = {
    "objectives": _("objective"),
    "resources": _("resource"),
    "ideas": _("idea"),
    "tasks": _("task"),
    "deliverables": _("deliverable"),
    "criteria": _("criterion"),
    "week": _("week"),
    "detail": _("detail"),
    "prose": _("text"),
}
"""What a kind of item is called."""


def said_of(changes: Iterable[Change]) -> str:
    """How many changes are of which kind, in words; nothing where there is none."""
    counts = Counter(change.kind for change in changes)
    words = {
        "added": ngettext("%(n)d is new", "%(n)d are new", counts["added"]),
        "reworded": ngettext("%(n)d has new words", "%(n)d have new words", counts["reworded"]),
        "moved": ngettext("%(n)d was moved", "%(n)d were moved", counts["moved"]),
        "removed": ngettext("%(n)d is no longer there", "%(n)d are no longer there", counts["removed"]),
    }
    return ", ".join(word % {"n": counts[kind]} for kind, word in words.items() if counts[kind])


@dataclass(frozen=True)
class ShownChange:
    """A change, with what the learner did on the item."""

    change: Change
    row: Completion | None

    @property
    def kind(self) -> "_StrPromise":
        return KINDS[self.change.kind]

    @property
    def name(self) -> "_StrPromise":
        return NAMES[self.change.what]

    @property
    def is_done(self) -> bool:
        return self.row is not None and self.row.done_at is not None
