"""The one sheet on which a review ends: its verdict, and the criteria that are still unmarked."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress import record
from progress.evidence import find
from progress.models import Entry
from progress.room import Room
from progress.standing import CriterionStanding
from submissions.models import Hold, Newer, Review, StaleDraft, Version
from submissions.saying import words_field


class FinishForm(forms.Form):
    """The review itself. `here`: on the older version; `accept_open`: although must-fix threads are open."""

    verdict = forms.ChoiceField(
        choices=Review.Verdict.choices,
        error_messages={"required": gettext_lazy("Choose what this review decides.")},
    )
    summary = words_field(required=False)
    revision = forms.IntegerField(min_value=0)
    here = forms.BooleanField(required=False)
    unsent = forms.IntegerField(min_value=0, required=False)
    """How many comments the sheet has shown as going out with the review."""
    accept_open = forms.BooleanField(required=False)


class MarkForm(forms.Form):
    """A decision on one criterion; an empty one leaves it as it is."""

    decision = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Leave")),
            (Entry.Decision.MET, gettext_lazy("Met")),
            (Entry.Decision.NOT_YET, gettext_lazy("Not met yet")),
        ],
        required=False,
    )
    note = forms.CharField(max_length=settings.TEXT_LIMIT, required=False)
    evidence = forms.CharField(max_length=60, required=False)
    seen = forms.IntegerField(min_value=0)


class MarkRow:
    """A criterion on the sheet, with what is typed about it."""

    def __init__(
        self,
        standing: CriterionStanding,
        default: str,
        data: Mapping[str, Any] | None,
        kept: Mapping[str, str],
    ) -> None:
        """`kept` is what the draft has of it, `default` the evidence where it has none."""
        self.standing, self.criterion = standing, standing.criterion
        self.name = str(self.criterion.uuid)
        initial: dict[str, Any] = {"seen": standing.last}
        for field, otherwise in {"decision": "", "note": "", "evidence": default}.items():
            initial[field] = kept.get(f"{self.name}-{field}", otherwise)
        self.form = MarkForm(data, prefix=self.name, initial=initial)
        self.other: Entry | None = None
        """The mark of somebody else that came first."""

    @property
    def seen(self) -> int:
        """The last entry that is on the screen now."""
        return max(self.standing.last, self.other.number if self.other else 0)


class Sheet:
    """The sheet as it is shown, filled in and sent."""

    def __init__(self, room: Room, review: Review, data: Mapping[str, Any] | None = None) -> None:
        self.room, self.review, self.data = room, review, data
        self.form = FinishForm(
            data,
            initial={"verdict": review.verdict, "summary": review.summary},
        )
        self.problems: list[str] = []
        self.status = 200
        self.other: Review | None = None
        """The draft as it was saved from somewhere else."""
        self.newer: Version | None = room.latest if room.is_overtaken else None

    @cached_property
    def marks(self) -> list[MarkRow]:
        """The criteria that are not met, so that a later version can meet them."""
        return self._rows()

    def _rows(self) -> list[MarkRow]:
        default = f"version:{self.review.version.uuid}"
        data = self.data if self.data is not None and "revision" in self.data else None
        rows = []
        for standing in self.room.criteria:
            here = data if data is not None and f"{standing.criterion.uuid}-seen" in data else None
            if not standing.is_met or here is not None:
                claimed = standing.claim.evidence_value if standing.claim and standing.claim.place else ""
                rows.append(MarkRow(standing, claimed or default, here, self.review.marks))
        return rows

    @property
    def typed_marks(self) -> dict[str, str] | None:
        """What the sheet says about criteria, for the draft to keep; None where it was not sent with any."""
        typed = {
            f"{row.name}-{field}": str(row.form[field].value() or "")[: settings.TEXT_LIMIT]
            for row in self.marks
            if row.form.is_bound
            for field in ("decision", "note", "evidence")
        }
        return typed or None

    def save(self) -> bool:
        """Keep the verdict and the summary in the draft. False where another save came between."""
        data = self.form.cleaned_data
        try:
            verdict, summary, revision = (
                data.get("verdict", ""),
                data.get("summary", ""),
                data.get("revision"),
            )
            self.review.save_draft(verdict, summary, revision or 0, self.typed_marks)
        except StaleDraft as stale:
            self.other, self.status = stale.review, 409
        return self.other is None

    @property
    def is_sent(self) -> bool:
        """Whether exactly this was sent already, as by the first of two clicks."""
        other, data = self.other, self.form.cleaned_data
        if other is None or other.is_draft:
            return False
        return (other.verdict, other.summary) == (data.get("verdict"), data.get("summary"))

    def send(self) -> bool:
        """Publish the review and write the marks, all or nothing. Otherwise the sheet says why."""
        filled = [row for row in self.marks if row.form.is_bound]
        sound = all([self.form.is_valid(), *(row.form.is_valid() for row in filled)])
        if "revision" not in self.form.errors and "summary" not in self.form.errors and not self.save():
            return self.is_sent
        if not sound:
            self.status = 422
            return False
        if self.form.cleaned_data["unsent"] not in (None, self.review.comments.count()):
            self.problems.append(
                _("Comments were added or removed in another window. Look at the list, then send.")
            )
            self.status = 409
            return False
        return self._publish(filled) or self.is_sent

    def _publish(self, filled: list[MarkRow]) -> bool:
        """Both or neither; False with the reason."""
        data = self.form.cleaned_data
        how = {"here": data["here"], "accept_open": data["accept_open"], "revision": self.review.revision}
        try:
            with transaction.atomic():
                # In the order in which an upload takes them, so that neither waits for the other.
                self.room.learner.lock()
                self.review.publish(data["verdict"], **how)
                for row in filled:
                    self._mark(row)
                Hold.objects.release(self.room.submission, self.room.user)
        except Newer as newer:
            self.newer, self.status = newer.version, 409
        except StaleDraft as stale:
            # Other words were saved, or sent, since these were saved a moment ago.
            self.other, self.status = stale.review, 409
        except record.Stale:
            self.status = 409
        except ValidationError as refusal:
            self.status = 422
            if not any(row.form.errors for row in filled):
                self.problems += refusal.messages
        if self.status != 200:
            self.review.refresh_from_db()
        return self.status == 200

    def _mark(self, row: MarkRow) -> None:
        data = row.form.cleaned_data
        if not data["decision"]:
            return
        room = self.room
        try:
            found = find(room.learner, data["evidence"])
            record.mark(
                room.learner,
                row.criterion,
                room.user,
                data["decision"],
                data["note"],
                seen=data["seen"],
                **found.named,
            )
        except record.Stale as stale:
            row.other = stale.entry
            raise
        except ValidationError as refusal:
            for field, messages in refusal.message_dict.items():
                row.form.add_error(field if field in row.form.fields else None, messages)
            raise

    def carry_over(self) -> None:
        """Make the draft one about the newest version, and show the sheet again with all that was typed."""
        self.form.is_valid()
        if self.save():
            before = f"version:{self.review.version.uuid}"
            self.review.carry_over()
            self.newer = None
            self._name_the_newest(before)
            self.problems.append(
                _("Your draft is now about version %(number)s. Look at it, then decide.")
                % {"number": self.review.version.number}
            )

    def _name_the_newest(self, before: str) -> None:
        """Where a mark has the older version as its evidence, as the sheet proposes, it is now the newest."""
        typed = dict(self.data.items()) if self.data is not None else {}
        for name, value in typed.items():
            if name.endswith("-evidence") and value == before:
                typed[name] = f"version:{self.review.version.uuid}"
        self.data = typed
        self.marks = self._rows()
