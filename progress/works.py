"""A learner's work as lists show it: in one line, whose turn it is and why."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.prepared import Prepared
from people.models import Membership
from progress.learners import LEARNER
from submissions.models import Review, State, Submission, Thread, Version
from submissions.models.work import SubmissionQuerySet, Turn


@dataclass
class Work:
    """One deliverable or project of a month, and what a learner has handed in for it."""

    submission: Submission | None
    role: str
    """Who looks: `learner` or `mentor`."""

    @property
    def state(self) -> State:
        """A mentor does not learn of a draft."""
        state = self.submission.state if self.submission else State.NONE
        return State.NONE if state == State.DRAFT and self.role != LEARNER else state

    @property
    def month_id(self) -> int | None:
        """The month it belongs to."""
        return self.submission.subject.month_id if self.submission else None

    @property
    def is_mine(self) -> bool:
        """Whether it is the turn of whoever looks."""
        return self.state == (State.CHANGES if self.role == LEARNER else State.WAITING)

    @property
    def is_drafted(self) -> bool:
        """Whether the learner who looks has begun a version that is not handed in."""
        return self.role == LEARNER and self.submission is not None and self.submission.has_draft

    @property
    def tone(self) -> str:
        """The class of its pill: done, mine, theirs or empty."""
        if self.state == State.ACCEPTED:
            return "done"
        if self.state in (State.NONE, State.DRAFT):
            return "empty"
        return "mine" if self.is_mine else "theirs"

    @property
    def words(self) -> str:
        """The state in the words of whoever looks."""
        if self.is_mine:
            return _("Your turn")
        if self.state == State.WAITING and self.submission:
            turn = Turn.of(self.submission)
            return turn.short.words if turn else _("With your mentors")
        if self.state == State.CHANGES and self.submission:
            return _("With %(name)s") % {"name": self.submission.learner.user.get_short_name()}
        return str(self.state.label)

    @property
    def detail(self) -> str:
        """The version, since when, and what is left to answer."""
        row: Any = self.submission
        if row is None or row.last_number is None:
            return ""
        version = _("Version %(number)s") % {"number": row.last_number}
        if self.state == State.ACCEPTED:
            said = _("accepted by %(name)s on %(day)s") % {
                "name": row.reviewer,
                "day": self.day(row.reviewed_at),
            }
        elif self.state == State.CHANGES and row.unanswered:
            said = ngettext(
                "%(count)s point needs an answer", "%(count)s points need an answer", row.unanswered
            ) % {"count": row.unanswered}
        elif self.state == State.CHANGES:
            said = _("%(name)s asked for changes on %(day)s") % {
                "name": row.reviewer,
                "day": self.day(row.reviewed_at),
            }
        else:
            said = _("handed in on %(day)s") % {"day": self.day(row.waiting_since)}
        if self.is_drafted:
            said = _("%(said)s; the next one is begun") % {"said": said}
        return f"{version}, {said}"

    @staticmethod
    def day(when: Any) -> str:
        return date_format(localtime(when), "j M")


def works_of(learner: Membership, month: int | None = None) -> list[Submission]:
    """The learner's submissions, in a month or in all, with what `Work` shows of each, in one query."""
    rows = _works(learner.pk) if month is None else _works_of_month(learner.pk, month)
    for row in rows:
        row.learner = learner
    return rows


@Prepared
def _works_of_month(learner: int, month: int) -> SubmissionQuerySet:
    return _with_all_that_is_shown(Submission.objects.filter(learner=learner).of_month(month))


@Prepared
def _works(learner: int) -> SubmissionQuerySet:
    return _with_all_that_is_shown(Submission.objects.filter(learner=learner))


def _with_all_that_is_shown(rows: SubmissionQuerySet) -> SubmissionQuerySet:
    newest = Review.objects.counted().filter(version__submission=OuterRef("pk")).order_by("-published_at")
    unanswered = (
        Thread.objects.unanswered_must_fix()
        .filter(submission=OuterRef("pk"))
        .order_by()
        .values("submission")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        rows.with_state()
        .with_turn_told()
        .annotate(
            newest_version=Subquery(
                Version.objects.submitted()
                .filter(submission=OuterRef("pk"))
                .order_by("-number")
                .values("uuid")[:1]
            ),
            reviewer=Subquery(newest.values("mentor__name")[:1]),
            reviewed_at=Subquery(newest.values("published_at")[:1]),
            unanswered=Coalesce(Subquery(unanswered, output_field=IntegerField()), 0),
        )
        .select_related("deliverable", "project", "idea")
    )
