"""Whether anything happened in a submission that a person would see on its page: one short text that tells one state
from another, asked for every few seconds while the page is open (`progress/stamp.py`).
"""

from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from people.models import User
from submissions.models import Comment, Hold, Placement, Review, Version
from submissions.models.work import SubmissionQuerySet


def stamped(rows: SubmissionQuerySet, user: User, now: datetime, *more: Any) -> SubmissionQuerySet:
    """Adds `seen` to submissions: what the user may see there, in figures. `more`: what else, as texts.

    Comments and reviews of others' drafts are not in it, and of a hold the learner learns nothing.
    """
    said = Comment.objects.filter(thread__submission=OuterRef("pk")).shown_to(user)
    sent = Review.objects.filter(version__submission=OuterRef("pk"), published_at__isnull=False)
    pinned = Placement.objects.filter(version__submission=OuterRef("pk")).pinned_for(user)
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
        figures(pinned, "version__submission", Count("pk"), Sum("pins")),
        figures(handed_in, "submission", Max("pk"), Max("number"), Count("text_erased_at")),
        figures(held, "submission", Max("mentor"), Max("since")),
    ]
    return rows.annotate(  # type: ignore[no-redef]  # the class names it for whoever reads it
        seen=Concat(*parts, *more, output_field=CharField())
    )


def figures(rows: QuerySet[Any], of: str, *sums: Any) -> Any:
    """The sums of one submission's rows as one text; `of` leads to the submission. Nothing where there are none."""
    texts = [part for one in sums for part in (Cast(one, CharField()), Value("."))]
    one = rows.order_by().values(of).annotate(sums=Concat(*texts, output_field=CharField())).values("sums")
    return Concat(Coalesce(Subquery(one), Value(""), output_field=CharField()), Value("/"))
