"""What differs between two published editions of a month, item by item.

A row survives an edit, so the same public id is the same item, in whatever words and wherever it stands now. Both
editions are read from their outlines (`curriculum/outline.py`), which never change: what was compared once is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from curriculum.models import Edition
from curriculum.wording import Stretch, difference, plain

KEPT = 1024
"""Comparisons and histories."""
PROSE = "prose"
Block = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One item of an edition: what it says, and where."""

    key: str
    """The public id of its row; of what has none, what it is and where it stands."""
    kind: str
    """As the outline calls its list, such as tasks; week, detail or prose."""
    text: str
    place: tuple[str, ...]
    """The public ids or titles of what it stands in, which tell one place from another."""
    where: str
    """The same in words."""


@dataclass(frozen=True)
class Change:
    """One item that an edition has, has not or has otherwise than the one before."""

    kind: str
    """added, reworded, moved or removed. What has new words and stands elsewhere is reworded."""
    what: str
    """The kind of item, as `Said` has it."""
    key: str
    old: str
    new: str
    was: str
    """Where it stood, in words."""
    where: str
    is_moved: bool = False

    @property
    def difference(self) -> tuple[Stretch, ...]:
        return difference(self.old, self.new)


@dataclass(frozen=True)
class Past:
    """An edition that learners saw once."""

    at: datetime
    edition: UUID


@lru_cache(maxsize=KEPT)
def past_of(edition: UUID) -> tuple[Past, ...]:
    """The editions of the same document that were published up to this one, oldest first."""
    (newest,) = Edition.objects.filter(uuid=edition).values_list("document", "published_at")
    earlier = Edition.objects.filter(document=newest[0], published_at__lte=newest[1])
    rows = earlier.order_by("published_at", "number").values_list("published_at", "uuid")
    return tuple(Past(at, uuid) for at, uuid in rows if at)


def seen_at(edition: UUID, when: datetime) -> UUID | None:
    """The edition that was published at a time, of those that led to this one; where there was none yet, the first."""
    past = past_of(edition)
    return next((one.edition for one in reversed(past) if one.at <= when), past[0].edition if past else None)


@lru_cache(maxsize=KEPT)
def changes_of(month: UUID, old: UUID, new: UUID) -> tuple[Change, ...]:
    """From one edition to another, in the order of the newer one, and then what is gone.

    Nothing where the older one did not have the month.
    """
    outlines = dict(Edition.objects.filter(uuid__in=[old, new]).values_list("uuid", "outline"))
    before, after = (Sayings.of(outlines.get(uuid, {}), month) for uuid in (old, new))
    if old == new or before is None or after is None:
        return ()
    found = [change for one in after.values() if (change := changed(before.get(one.key), one))]
    gone = [one for key, one in before.items() if key not in after]
    return (*found, *(Change("removed", one.kind, one.key, one.text, "", one.where, "") for one in gone))


def changed(old: Said | None, new: Said) -> Change | None:
    """What became of an item; None for one that is as it was."""
    if old is None:
        return Change("added", new.kind, new.key, "", new.text, "", new.where)
    is_moved = old.place != new.place
    if old.text == new.text and not is_moved:
        return None
    kind = "moved" if old.text == new.text else "reworded"
    return Change(kind, new.kind, new.key, old.text, new.text, old.where, new.where, is_moved)


@dataclass
class Sayings:
    """All that an outline of a month says, by the keys of its items."""

    said: dict[str, Said] = field(default_factory=dict)

    @classmethod
    def of(cls, outline: dict[str, Any], month: UUID) -> "dict[str, Said] | None":
        found = next((one for one in outline.get("months", []) if one["month"] == str(month)), None)
        if found is None:
            return None
        sayings = cls()
        for detail in found["details"]:
            label = detail["label"]
            sayings.add(f"detail:{label.lower()}", "detail", f"{label}: {plain(detail['html'])}", (), "")
        sayings.add("preface", PROSE, plain(found["preface"]), (), "")
        for section in found["sections"]:
            if section["role"] != "navigation":
                key, title = section["section"] or "", plain(section["title"])
                sayings.blocks(section["blocks"], (key,), title)
        return sayings.said

    def add(self, key: str, kind: str, text: str, place: tuple[str, ...], where: str) -> None:
        if text:
            self.said[key] = Said(key, kind, text, place, where)

    def blocks(self, blocks: list[Block], place: tuple[str, ...], where: str) -> None:
        prose = [plain(block["html"]) for block in blocks if block["kind"] == PROSE]
        self.add("/".join((PROSE, *place)), PROSE, "\n".join(prose), place, where)
        for block in blocks:
            if block["kind"] == "week":
                title = ": ".join(part for part in (block["label"], plain(block["title"])) if part)
                text = " ".join(part for part in (title, plain(block["focus"])) if part)
                self.add(block["id"], "week", text, place, where)
                self.blocks(block["blocks"], (block["id"],), title)
            elif block["kind"] == "group":
                title = plain(block["title"])
                self.blocks(block["blocks"], (*place, title), f"{where}, {title}" if where else title)
            for item in self.items(block):
                self.add(item["id"], block["kind"], item["text"], place, where)

    @staticmethod
    def items(block: Block) -> Iterator[dict[str, str]]:
        """The items of a list that have a row."""
        for item in block.get("items", []):
            if item["id"]:
                yield {"id": item["id"], "text": plain(f"{item['html']} {item['more']}")}
