"""The state of a submission's page as one person sees it: what happened in the work, and in its learner's record.

The page carries it, and asks every few seconds whether it is still the same: one query, and an answer of 20 letters.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from curriculum.prepared import Prepared
from people.models import User
from progress.models import Entry
from submissions.models import Submission
from submissions.models.work import SubmissionQuerySet
from submissions.news import stamped as stamped_work


def stamped(rows: SubmissionQuerySet, user: User, now: datetime) -> SubmissionQuerySet:
    """Adds `seen` to submissions: what the user may see on their pages, in figures.

    Of the record its length: whatever is claimed, marked, completed, defended or erased makes it longer.
    """
    last = Entry.objects.filter(learner=OuterRef("learner")).order_by("-number").values("number")[:1]
    return stamped_work(rows, user, now, Coalesce(Cast(Subquery(last), CharField()), Value("")))


def stamp_of(seen: str) -> str:
    """What the page carries and the answer says: it counts nothing that anybody could read off."""
    return hashlib.sha256(seen.encode()).hexdigest()[:20]


def stamp(user: User, submission: UUID) -> str | None:
    """The state of what the user may see in it now; None where they may not see the submission. One query."""
    found = _seen(user.pk, submission, timezone.now())
    return stamp_of(found[0]) if found else None


@Prepared
def _seen(user: int, submission: UUID, now: datetime) -> "QuerySet[Submission, str]":
    person = User(pk=user)
    found = stamped(Submission.objects.visible_to(person).filter(uuid=submission), person, now)
    return found.order_by().values_list(F("seen"), flat=True)
