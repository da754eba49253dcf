"""A learner's own fork of the curriculum: ticks and notes in its files that their path has not.

A file is held against the edition that it shares most lines with, because a fork is mostly of an older one. Which box
is which task is decided there by `curriculum.matching`; the rows of that edition lead to the tasks of today. Nothing is
ever unticked, a note is only added to, and the same files brought again change nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.matching import Stage
from curriculum.models import Task
from curriculum.pages import Plan
from people.models import Membership
from progress.fork.files import Box, Brought, brought
from progress.fork.reading import Reading
from progress.models import Completion

SIZE = 1_000_000
"""Bytes of all files that are brought: the second step sends them as text, which a form can hold so much of."""
LOOKED_AT = 3_000_000
"""Bytes of all files that are looked into, those of a zip that are no months too."""


class Fork:
    """The files of a fork, and what they would change for a learner."""

    def __init__(
        self,
        learner: Membership,
        curriculum: Plan,
        files: Iterable[tuple[str, bytes]],
        chosen: Mapping[str, str],
    ) -> None:
        """`chosen` holds, by the name of a box, the public id of its task, or nothing for none."""
        self.learner, self.chosen = learner, chosen
        self.files = list(brought(files))
        self.refuse_twice()
        looked = size = 0
        for file in self.good:
            looked += len(file.data)
            if looked <= LOOKED_AT:
                file.read(curriculum, str(learner.cohort.curriculum))
            if len(file.data) > SIZE:
                file.refuse(_("It is larger than 1 MB: no month is."))
            elif looked > LOOKED_AT or (not file.refusal and size + len(file.data) > SIZE):
                file.refuse(_("All files together are larger than 1 MB: bring this one in another step."))
            if not file.refusal:
                size += len(file.data)
                Reading(file).run()
        self.find_tasks()
        self.found = [
            [box.name, str(box.task.uuid) if box.task else "", str(box.stage), box.note] for box in self.boxes
        ]
        self.find_rows()
        for file in self.good:
            self.choose(file)
        self.find_rows()

    def refuse_twice(self) -> None:
        """The same file under two names."""
        first = {file.key: file for file in reversed(self.good)}
        for file in self.good:
            if (same := first[file.key]) is not file:
                file.refuse(_("It is the same as %(name)s.") % {"name": same.name})

    @property
    def refused(self) -> list[Brought]:
        return [file for file in self.files if file.refusal]

    @property
    def good(self) -> list[Brought]:
        return [file for file in self.files if not file.refusal]

    @property
    def boxes(self) -> list[Box]:
        return [box for file in self.good for box in file.boxes]

    @cached_property
    def seen(self) -> str:
        """Tells what was found from what would be found in another edition; a form sends it back."""
        return hashlib.sha256(json.dumps(self.found).encode()).hexdigest()[:16]

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return any(box.is_open for box in self.boxes)

    @property
    def is_ticked(self) -> bool:
        """Whether there is a tick or a note in the files at all."""
        return any(box.is_checked or box.note for box in self.boxes)

    @property
    def is_anything(self) -> bool:
        """Whether there is something to bring, or to be chosen first."""
        return bool(self.ticks or self.notes or self.is_open)

    @property
    def ticks(self) -> int:
        """How many tasks would be ticked."""
        return len({box.task.pk for box in self.boxes if box.task and box.is_new_tick})

    @property
    def notes(self) -> int:
        """To how many tasks a note would be added."""
        return len({box.task.pk for box in self.boxes if box.task and box.is_new_note})

    def find_tasks(self) -> None:
        """The tasks of all boxes as they are now, and those of the months that no box is."""
        names = {box.uuid for box in self.boxes if box.uuid}
        months = {month.pk for file in self.good for month in file.months}
        tasks = Task.objects.filter(uuid__in=names) | Task.objects.live().filter(month__in=months)
        by_uuid = {str(task.uuid): task for task in tasks.order_by("month", "week__position", "position")}
        for file in self.good:
            for box in file.boxes:
                task = by_uuid.get(box.uuid)
                if task is not None and task.archived_at is not None:
                    box.gone = task
                else:
                    box.task = task
            found = {box.task.pk for box in file.boxes if box.task and box.stage is not Stage.REWORDED}
            lines = {box.text: box.line for box in reversed(file.boxes) if box.task or box.gone}
            for box in file.boxes:
                box.twin = lines.get(box.text, 0) if not (box.task or box.gone) else 0
            own = {month.pk for month in file.months}
            file.choices = [
                task
                for task in by_uuid.values()
                if task.month_id in own and task.pk not in found and task.archived_at is None
            ]

    def choose(self, file: Brought) -> None:
        """Take what was chosen by hand where the choice is still there."""
        by_uuid = {str(task.uuid): task for task in file.choices}
        for box in file.open:
            chosen = self.chosen.get(box.name)
            if chosen is None or (chosen and chosen not in by_uuid):
                continue
            task = by_uuid.get(chosen)
            if task != box.task:
                box.task, box.stage = task, Stage.BY_HAND if task else None
                box.words = task.text if task else ""

    def find_rows(self) -> None:
        """What the learner has already beside each task."""
        tasks = {box: box.task or box.gone for box in self.boxes}
        asked = Completion.objects.filter(
            learner=self.learner, task__in=[task for task in tasks.values() if task]
        )
        rows = {row.task_id: row for row in asked}
        for box, task in tasks.items():
            box.row = rows.get(task.pk) if task else None

    @transaction.atomic
    def apply(self) -> tuple[int, int]:
        """Tick and note; how many tasks each. Raises PermissionDenied once the membership has ended."""
        self.learner.lock()
        self.learner.require_running()
        self.find_rows()
        ticks, notes, now = self.ticks, self.notes, timezone.now()
        rows: dict[int, Completion] = {}
        for box in self.boxes:
            if box.task is None:
                continue
            row = box.row = rows.get(box.task.pk) or box.row
            if not (box.is_new_tick or box.is_new_note):
                continue
            row = row or Completion(learner=self.learner, task=box.task, words=box.words)
            note = box.noted
            if box.is_new_tick:
                row.done_at, row.words, row.seen = now, box.words, ""
            row.note = note
            rows[box.task.pk] = row
        Completion.objects.bulk_create(row for row in rows.values() if row.pk is None)
        old = [row for row in rows.values() if row.pk is not None]
        Completion.objects.bulk_update(old, ["done_at", "note", "words", "seen"])
        return ticks, notes
