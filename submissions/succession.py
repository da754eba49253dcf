"""When a mentor leaves a cohort and another takes over: all of it, or nothing."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from people.models import Absence, Cohort, Membership, User
from submissions.models import Hold, Review, Submission


@dataclass
class Succession:
    """What has become of what hung on the mentor who left."""

    learners: list[Membership]
    """Whose own mentor is the successor now."""
    invitations: int
    waiting: int
    """Submissions that waited for the mentor who left, and go to the learners' own mentors."""
    holds: int
    drafts: list[Review] = field(default_factory=list)
    """Reviews that the successor goes on with."""
    left_drafts: int = 0
    """Reviews that stay as they are, for any mentor of the cohort to take over."""
    alone: list[Absence] = field(default_factory=list)
    """Absences in which nobody stands in any more."""


@transaction.atomic
def replace(leaving: Membership, successor: User, *, drafts: bool) -> Succession:
    """Ends a mentor's membership and gives what hung on it to another mentor of the cohort.

    `drafts`: whether the successor goes on with the reviews that were begun and not sent. Raises ValidationError for a
    successor who does not mentor the cohort, and where the mentor has left already.
    """
    cohort = leaving.cohort_id
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort)  # two admins replace one after the other
    leaving.refresh_from_db()
    if leaving.ended_at is not None:
        raise ValidationError(_("This membership has ended already."))
    waiting = Submission.objects.queued().filter(Q(turn_of=leaving.user_id), learner__cohort=cohort).count()
    holds = Hold.objects.running().filter(mentor=leaving.user_id, submission__learner__cohort=cohort).count()
    handed = leaving.hand_to(successor)
    leaving.end()
    done = Succession(handed.learners, handed.invitations, waiting, holds)
    done.alone = Absence.objects.hand_to(leaving, successor)
    begun = Review.objects.drafts().filter(
        mentor=leaving.user_id, version__submission__learner__cohort=cohort
    )
    if drafts:
        others = begun.exclude(version__submission__learner__user=successor)  # nobody reviews their own work
        done.drafts = list(others.select_related("version__submission__learner"))
        for review in done.drafts:
            review.take_over(successor)
    done.left_drafts = begun.count()
    return done


def loads(cohort: Cohort) -> list[Membership]:
    """A cohort's mentors with what hangs on each: `own` learners, `waits`, and `begun` reviews."""
    mentors = Membership.objects.current().mentors().filter(cohort=cohort).select_related("user")
    own = dict(
        Membership.objects.current()
        .learners()
        .filter(cohort=cohort)
        .order_by()
        .values_list("mentor")
        .annotate(Count("pk"))
    )
    begun = dict(
        Review.objects.drafts()
        .filter(version__submission__learner__cohort=cohort)
        .order_by()
        .values_list("mentor")
        .annotate(Count("pk"))
    )
    waits = dict(
        Submission.objects.queued()
        .filter(learner__cohort=cohort)
        .order_by()
        .values_list("turn_of")  # type: ignore[misc]  # annotated by queued
        .annotate(Count("pk"))
    )
    rows = list(mentors)
    for row in rows:
        counts = {"own": own, "begun": begun, "waits": waits}
        vars(row).update({name: found.get(row.user_id, 0) for name, found in counts.items()})
    return rows
