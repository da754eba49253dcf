"""The submission's page: everything that its learner, or a mentor, sees and may do there."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.prepared import Prepared
from people.models import Membership, User
from people.templatetags.times import ago, in_words
from progress import evidence
from progress.learners import LEARNER, MENTOR
from progress.stamp import stamp_of, stamped
from progress.standing import CriterionStanding, Standing
from submissions.handin import HandIn
from submissions.memory import told
from submissions.models import Hold, Review, State, Submission, Version
from submissions.models.work import SubmissionQuerySet, Turn
from submissions.outline import Outline
from submissions.rest import Line
from submissions.showing import ShownVersion
from submissions.talk import Talk
from submissions.threads import ShownThread


def submission_or_404(user: User, uuid: UUID) -> Submission:
    """The submission with all that its page says of it in one line; a stranger's is as missing."""
    found = _submission(user.pk, uuid, timezone.now())
    if not found:
        raise Http404
    return found[0]


@Prepared
def _submission(user: int, uuid: UUID, now: datetime) -> SubmissionQuerySet:
    person = User(pk=user)
    found = Submission.objects.visible_to(person).with_state().with_turn().with_turn_told()
    return (
        stamped(found, person, now)
        .filter(uuid=uuid)
        .select_related(
            "learner__user",
            "learner__cohort",
            "learner__mentor",
            "deliverable__month",
            "deliverable__week",
            "project__month",
            "idea",
            "hold__mentor",
        )
    )


class Room:
    """One submission as one person sees it. The number of queries does not depend on what there is."""

    def __init__(
        self, submission: Submission, user: User, number: int | None = None, about: str = ""
    ) -> None:
        """`number`: the version to show, by default the newest. Raises Http404 for one that is not there.

        `about`: the place that a new comment's form is to be about, as the outline names it.
        """
        self.submission, self.user = submission, user
        self.learner = submission.learner
        self.talk = Talk(submission, user)
        self.talk.state = self.stamp
        self.talk.latest = self.latest = self.versions[-1] if self.versions else None
        self.talk.versions = {version.pk: version for version in self.versions}
        self.talk.reviews = {review.pk: review for review in self.reviews}
        self.talk.draft = self.draft if self.is_mentor else None
        self.version = self.latest
        if number is not None:
            self.version = next((one for one in self.versions if one.number == number), None)
            if self.version is None:
                raise Http404
        self.talk.shown = self.version
        if self.is_mentor:
            self.talk.criteria = [one.criterion for one in self.criteria if one.criterion.archived_at is None]
        self.pin: UUID | None = None
        """The anchor of which the place in this version is to be said by hand."""
        self.outline = self.talk.outline = Outline(self.shown, about) if self.shown else None

    @property
    def stamp(self) -> str:
        """The state that the page shows: the page asks every few seconds whether it is still this one."""
        return stamp_of(self.submission.seen)

    @property
    def month_url(self) -> str:
        return reverse("progress:month_detail", args=[self.learner.uuid, self.submission.month.slug])

    @property
    def is_mentor(self) -> bool:
        """Whether the person may review; otherwise the work is their own."""
        return self.talk.mentoring

    @property
    def role(self) -> str:
        return MENTOR if self.is_mentor else LEARNER

    @cached_property
    def versions(self) -> list[Version]:
        """All that were submitted, oldest first."""
        return _versions(self.submission.pk)

    @cached_property
    def shown(self) -> ShownVersion | None:
        """The version on the screen with its files."""
        return ShownVersion(self.version) if self.version else None

    @cached_property
    def hand_in(self) -> HandIn | None:
        """For the learner: the draft, or the button that begins the next version."""
        if self.is_mentor:
            return None
        hand_in = HandIn(self.submission, self.user)
        hand_in.last = self.latest
        return hand_in

    @cached_property
    def reviews(self) -> list[Review]:
        """What was sent, newest first, and the own draft; for a mentor also drafts they may take over."""
        asked = _reviews_and_left if self.is_mentor else _reviews
        return sorted(
            asked(self.submission.pk, self.user.pk),
            key=lambda review: (review.published_at is None, review.published_at or review.created_at),
            reverse=True,
        )

    @cached_property
    def sent_reviews(self) -> list[Review]:
        return [review for review in self.reviews if not review.is_draft]

    @property
    def reviews_shown(self) -> list[tuple[Review, bool, tuple[Any, ...]]]:
        """What was sent, with whether the state rests on it, and all that its drawing depends on but the role."""
        decided, shown = self.decided, []
        for review in self.sent_reviews:
            names = str(review.mentor), review.version.number, ago(review.published_at)
            shown.append((review, review == decided, (told(review), names, review == decided)))
        return shown

    @property
    def sight_of_versions(self) -> tuple[Any, ...]:
        """All that the list of versions depends on."""
        numbers = tuple(version.number for version in self.versions)
        shown = self.version and (self.version.number, ago(self.version.submitted_at))
        return self.submission.uuid, numbers, shown

    @property
    def sight_of_panel(self) -> tuple[Any, ...]:
        """What every criterion's drawing depends on."""
        learner, month = self.learner, self.submission.month
        names = str(learner.mentor or ""), str(getattr(learner, "stand_in", "") or "")
        return self.role, learner.uuid, learner.ended_at, names, month.label or month.title

    @property
    def has_reviews(self) -> bool:
        return bool(self.sent_reviews)

    @property
    def has_criteria(self) -> bool:
        return bool(self.criteria)

    @property
    def older_number(self) -> int | None:
        """The number of the version on the screen, where it is not the newest."""
        return self.version.number if self.version and self.version != self.latest else None

    @property
    def draft(self) -> Review | None:
        """The mentor's draft, whichever version it is about."""
        mine = (review for review in self.reviews if review.is_draft and review.mentor_id == self.user.pk)
        return next(mine, None)

    @property
    def left_drafts(self) -> list[Review]:
        """Drafts of mentors who have left or are away, which this one may take over."""
        return [review for review in self.reviews if review.is_draft and review.mentor_id != self.user.pk]

    @property
    def is_overtaken(self) -> bool:
        """Whether a newer version than that of the draft was submitted."""
        return bool(self.draft and self.latest and self.draft.version_id != self.latest.pk)

    @property
    def hold(self) -> Hold | None:
        return self.submission.running_hold

    @property
    def state(self) -> State:
        """A mentor does not learn of a draft."""
        state = self.submission.state
        return State.NONE if self.is_mentor and state == State.DRAFT else state

    @property
    def whose(self) -> Turn | None:
        """The mentor whose turn it is, or would be, with whom they stand in for."""
        return Turn.of(self.submission)

    @property
    def decided(self) -> Review | None:
        """The review that the state rests on."""
        deciding = (
            review
            for review in self.sent_reviews
            if review.withdrawn_at is None
            and review.verdict != Review.Verdict.COMMENT
            and self.latest
            and review.version_id == self.latest.pk
        )
        return next(deciding, None)

    @property
    def is_turn(self) -> bool:
        """Whether it is the turn of the person who looks."""
        if self.is_mentor:
            return self.state == State.WAITING and self.submission.turn_of in (None, self.user.pk)
        return self.state in (State.NONE, State.DRAFT, State.CHANGES)

    @property
    def tone(self) -> str:
        """The class of the pill that says whose turn it is."""
        if self.state == State.ACCEPTED:
            return "done"
        if self.state in (State.NONE, State.DRAFT):
            return "empty"
        return "mine" if self.is_turn else "theirs"

    @property
    def turn(self) -> str:
        """Whose turn it is, in words."""
        if self.state == State.ACCEPTED or (self.is_turn and self.state in (State.NONE, State.DRAFT)):
            return str(self.state.label)
        if self.is_turn and self.is_mentor and self.whose and self.whose.instead:
            return f"{_('Your turn')} ({self.whose.instead})"
        if self.is_turn:
            return _("Your turn")
        if self.state == State.WAITING:
            return self.whose.words if self.whose else _("With your mentors")
        return _("With %(name)s") % {"name": self.learner.user}

    @property
    def waiting(self) -> str:
        """How long it has waited and how many wait before it, from the queue as it is now."""
        if self.state != State.WAITING:
            return ""
        seconds = (timezone.now() - self.submission.waiting_since).total_seconds()
        words = _("waiting %(time)s") % {"time": in_words(seconds)}
        if self.is_mentor:
            return words
        ahead = self.ahead
        if not ahead:
            return _("%(waiting)s, next in line") % {"waiting": words}
        counted = ngettext("%(count)s before it", "%(count)s before it", ahead) % {"count": ahead}
        return f"{words}, {counted}"

    @cached_property
    def ahead(self) -> int:
        return self.submission.ahead()

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.learner, self.submission.month)

    @property
    def criteria(self) -> list[CriterionStanding]:
        return list(self.standing.criteria.values())

    @property
    def panel(self) -> list[tuple[CriterionStanding, Callable[[], list[ShownThread | Line]]]]:
        """The criteria, each with what says what was said about it in this work and stands."""
        return [(one, partial(self._said_about, one.criterion.pk)) for one in self.criteria]

    def _said_about(self, criterion: int) -> list[ShownThread | Line]:
        return self._about[criterion]

    @cached_property
    def _about(self) -> dict[int | None, list[ShownThread | Line]]:
        """Threads by the primary key of their criterion."""
        about: dict[int | None, list[ShownThread | Line]] = defaultdict(list)
        for thread in self.talk.threads:
            if not thread.row.is_withdrawn:
                about[thread.row.criterion_id].append(thread)
        for line in self.talk.resting:
            if not line.is_withdrawn:
                about[line.criterion_id].append(line)
        return about

    @cached_property
    def evidence(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a claim or a mark can name."""
        return evidence.choices(self.learner, self.submission.month)

    @property
    def editable(self) -> bool:
        """Whether the learner may still do something here."""
        return self.learner.ended_at is None

    @cached_property
    def colleagues(self) -> list[User]:
        """Other mentors of the cohort, to whom a draft may be handed over."""
        rows = Membership.objects.current().mentors().filter(cohort=self.learner.cohort_id)
        return [row.user for row in rows.exclude(user=self.user).select_related("user")]

    @cached_property
    def queue(self) -> list[UUID]:
        """What waits for the mentor, in the order of their desk."""
        return _queue(self.user.pk)

    @property
    def next(self) -> UUID | None:
        """What waits after this one; from its end, or for one that waits no more, the first."""
        others = [uuid for uuid in self.queue if uuid != self.submission.uuid]
        if self.submission.uuid not in self.queue:
            return others[0] if others else None
        place = self.queue.index(self.submission.uuid)
        return others[place % len(others)] if others else None

    @property
    def previous(self) -> UUID | None:
        """What waits before this one."""
        if self.submission.uuid not in self.queue:
            return None
        place = self.queue.index(self.submission.uuid)
        return self.queue[place - 1] if place else None


@Prepared
def _versions(submission: int) -> QuerySet[Version]:
    return Version.objects.filter(submission=submission).submitted().with_fate().order_by("number")


@Prepared
def _reviews(submission: int, user: int) -> QuerySet[Review]:
    shown = Q(published_at__isnull=False) | Q(mentor=user)
    return Review.objects.filter(shown, version__submission=submission).select_related("mentor", "version")


@Prepared
def _reviews_and_left(submission: int, user: int) -> QuerySet[Review]:
    left = Q(pk__in=Review.objects.unattended().values("pk"))
    shown = Q(published_at__isnull=False) | Q(mentor=user) | left
    return Review.objects.filter(shown, version__submission=submission).select_related("mentor", "version")


@Prepared
def _queue(mentor: int) -> QuerySet[Submission, UUID]:
    return Submission.objects.waiting_for(User(pk=mentor)).values_list("uuid", flat=True)
