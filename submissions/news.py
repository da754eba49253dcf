"""Whether anything happened in a submission that a person would see on its page: one short text that tells one state
from another, asked for every few seconds while the page is open.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from curriculum.prepared import Prepared
from people.models import User
from submissions.models import Comment, Hold, Review, Submission, Version
from submissions.models.work import SubmissionQuerySet


def stamped(rows: SubmissionQuerySet, user: User, now: datetime) -> SubmissionQuerySet:
    """Adds `seen` to submissions: what the user may see there, in figures.

    Comments and reviews of others' drafts are not in it, and of a hold the learner learns nothing.
    """
    said = Comment.objects.filter(thread__submission=OuterRef("pk")).shown_to(user)
    sent = Review.objects.filter(version__submission=OuterRef("pk"), published_at__isnull=False)
    handed_in = Version.objects.submitted().filter(submission=OuterRef("pk"))
    held = Hold.objects.filter(submission=OuterRef("pk"), until__gt=now).exclude(
        submission__learner__user=user
    )
    parts = [
        figures(said, "thread__submission", Max("pk"), Count("pk"), Sum("edits"), Count("erased_at")),
        figures(
            sent,
            "version__submission",
            Max("pk"),
            Count("pk"),
            Count("withdrawn_at"),
            Count("summary_erased_at"),
        ),
        figures(handed_in, "submission", Max("pk"), Max("number"), Count("text_erased_at")),
        figures(held, "submission", Max("mentor"), Max("since")),
    ]
    return rows.annotate(  # type: ignore[no-redef]  # the class names it for whoever reads it
        seen=Concat(*parts, output_field=CharField())
    )


def figures(rows: QuerySet[Any], of: str, *sums: Any) -> Any:
    """The sums of one submission's rows as one text; `of` leads to the submission. Nothing where there are none."""
    texts = [part for one in sums for part in (Cast(one, CharField()), Value("."))]
    one = rows.order_by().values(of).annotate(sums=Concat(*texts, output_field=CharField())).values("sums")
    return Concat(Coalesce(Subquery(one), Value(""), output_field=CharField()), Value("/"))


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
