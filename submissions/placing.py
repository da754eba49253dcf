"""Placing what people have pointed at in a version: the ladder over what was handed in and what was read of it."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from django.db import Error

from submissions.formats import Form
from submissions.formats.reading import Reading
from submissions.ladder import STATES, Ladder, Placed, places
from submissions.ladder.places import Selector
from submissions.models import Anchor, File, Placement, Version
from submissions.reading import looks_of, reading_of

FOUND = (Placement.State.EXACT, Placement.State.MOVED, Placement.State.CHANGED)
WHOLE: "Placed[int | None]" = Placed(None, "whole", 1.0)
LOST: "Placed[int | None]" = Placed(None, "whole", 0.0)
ALMOST = 0.999
"""The likeness of what is the same and yet not surely what was meant."""
LONG = 2000
"""Characters; longer quotes are not compared letter by letter with what they were at first."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """Where an anchor was last seen, and how."""

    anchor: Anchor
    version: int
    file: int | None
    selectors: list[Selector]
    state: str = "exact"
    score: float = 1.0
    is_by_hand: bool = False
    """Whether a person has said where it is, there or before."""

    @property
    def is_whole(self) -> bool:
        return not self.selectors and self.file is None

    @property
    def at_first(self) -> "Known":
        """Where it was made."""
        return Known(self.anchor, self.anchor.version_id, self.anchor.file_id, self.anchor.selectors)


def placements(version: Version, anchors: Iterable[Anchor]) -> list[Placement]:
    """Where the anchors are in a version, each sought from where it was last seen; nothing is saved.

    Nothing that cannot be read keeps a version from being handed in: what is sought there is on the whole then.
    """
    known = list(last_seen(version, list(anchors)))
    found = {one.anchor.pk: (one, WHOLE) for one in known if one.is_whole}
    # What was changed in between may be again as it was at first.
    changed = [one.at_first for one in known if one.state == Placement.State.CHANGED and not one.is_by_hand]
    for one, placed in _sought(version, changed):
        if placed.state in (Placement.State.EXACT, Placement.State.MOVED):
            found[one.anchor.pk] = one, placed
    left = [one for one in known if one.anchor.pk not in found]
    found |= {one.anchor.pk: (one, placed) for one, placed in _sought(version, left)}
    return [_placement(version, *found[pk]) for pk in sorted(found)]


def last_seen(version: Version, anchors: list[Anchor]) -> Iterator[Known]:
    """Each anchor where it is in the newest version before this one in which its place was found."""
    earlier = Placement.objects.filter(anchor__in=anchors, version__number__lt=version.number or 0)
    rows: dict[int, list[Placement]] = defaultdict(list)
    for row in earlier.order_by("-version__number"):
        rows[row.anchor_id].append(row)
    for anchor in anchors:
        known = Known(anchor, anchor.version_id, anchor.file_id, anchor.selectors)
        found = (one for one in rows[anchor.pk] if one.by_id or one.state in FOUND)
        seen = next(found, None)
        if seen and (seen.by_id or seen.version_id != anchor.version_id):
            is_by_hand = any(one.by_id for one in rows[anchor.pk])
            known = Known(
                anchor, seen.version_id, seen.file_id, seen.selectors, seen.state, seen.score, is_by_hand
            )
        yield known


def _sought(version: Version, known: list[Known]) -> "Iterator[tuple[Known, Placed[int | None]]]":
    """The ladder, once for each old text. A fixed number of queries beside those that readings need."""
    groups: dict[tuple[int, int | None], list[Known]] = defaultdict(list)
    for one in known:
        groups[one.version, one.file].append(one)
    if not groups:
        return
    versions = Version.objects.in_bulk({number for number, _file in groups})
    files: dict[int, list[File]] = defaultdict(list)
    for file in File.objects.filter(version__in=[*versions, version.pk]).select_related("blob"):
        files[file.version_id].append(file)
    for (number, old), some in groups.items():
        try:
            ladder = _ladder(versions[number], files[number], old, version, files[version.pk])
        except Error:
            raise
        except Exception:
            logger.exception("version %s could not be read", number)
            yield from ((one, LOST) for one in some)
            continue
        for one in some:
            yield one, _placed(ladder, one)


def _ladder(
    before: Version, files: list[File], old: int | None, version: Version, news: list[File]
) -> Ladder[int | None]:
    """From one text of an earlier version to all of this one. The key of what was written in the page is None."""
    file = next((one for one in files if one.pk == old), None)
    sources = [(one.pk, one.name, partial(reading_of, version, one)) for one in news if not one.erased_at]
    texts: list[tuple[int | None, str, partial[Reading]]] = [*sources]
    if version.text:
        texts.insert(0, (None, "", partial(reading_of, version, None)))
    same = [one.pk for one in news if file and is_same(file, one)]
    others = [partial(reading_of, before, one) for one in files if one.pk != old and not one.erased_at]
    if file and before.text:
        others.append(partial(reading_of, before, None))
    looks_same = partial(_looks_same, file, {one.pk: one for one in news})
    return Ladder(reading_of(before, file), texts, file.name if file else "", same, others, looks_same)


def is_same(old: File, new: File) -> bool:
    """Whether two files have the same bytes, or are pictures that look the same in every place."""
    if (old.blob_id, old.form) == (new.blob_id, new.form):
        return True
    if not old.form == new.form == Form.IMAGE:
        return False
    return bool(looks_of(old).pages) and looks_of(old).pages == looks_of(new).pages


def _looks_same(
    old: File | None, news: dict[int, File], key: int | None, page: int, there: int, region: str
) -> bool:
    """Whether a region of a page of the old file looks in a new one, on that page, as it did."""
    new = news.get(key) if key is not None else None
    if old is None or new is None or old.form != new.form:
        return False
    return looks_of(old).is_same(page, looks_of(new), there, region)


def _placed(ladder: "Ladder[int | None]", one: Known) -> "Placed[int | None]":
    try:
        return ladder.place(one.selectors)
    except Error:
        raise
    except Exception:
        logger.exception("anchor %s could not be placed", one.anchor.uuid)
        return LOST


def _placement(version: Version, one: Known, placed: "Placed[int | None]") -> Placement:
    """The row. Its state is against what was pointed at first, or what a person has said since."""
    state, score = placed.state, placed.score
    if state in FOUND and one.state in FOUND:
        state = max(state, one.state, key=STATES.index)
        if state == Placement.State.CHANGED:
            score = min(one.score, score) if one.is_by_hand else _likeness(one, placed)
    return Placement(
        anchor=one.anchor,
        version=version,
        file_id=placed.key,
        state=state,
        score=score,
        selectors=placed.selectors,
    )


def _likeness(one: Known, placed: "Placed[int | None]") -> float:
    """Of the words to those that were pointed at first."""
    quotes = [places.read(selectors).exact for selectors in (one.anchor.selectors, placed.selectors)]
    first, now = ("".join(quote.split()) for quote in quotes)
    if not first or not now or max(len(first), len(now)) > LONG:
        return round(one.score * placed.score, 4)
    return round(min(SequenceMatcher(None, first, now, autojunk=False).ratio(), ALMOST), 4)
