"""A submission that people have talked about for long: ten versions, and three hundred threads on passages of them."""

from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.school import School

VERSIONS, THREADS = 10, 300
OPEN = 30
"""Threads on the newest version: nothing was said to them yet. All others are confirmed as fixed."""
PARAGRAPHS = [
    f"Part {n} keeps its own queue, and answers within {10 + n} ms as long as the store behind it does."
    for n in range(40)
]
TEXT = "# Serving\n\n" + "\n\n".join(f"## Part {n}\n\n{text}" for n, text in enumerate(PARAGRAPHS)) + "\n"


def talk_for_long(school: "School", place: int, many: Any) -> Any:
    """The submission of the number `place`, with more versions and all those threads."""
    from submissions.models import Anchor, Comment, Placement, Review, Submission, Thread, Version  # noqa: PLC0415
    from submissions.pointing import pointed  # noqa: PLC0415

    work, mentor, learner = (
        school.works[place],
        school.mentor_of(place // 2),
        school.learners[place // 2].user,
    )
    Version.objects.filter(submission=work).update(text=TEXT)
    last = Version.objects.filter(submission=work).count()
    many(
        Version,
        (
            Version(
                submission=work,
                number=number,
                text=TEXT,
                submitted_at=school.now - timedelta(minutes=60 - number),
            )
            for number in range(last + 1, VERSIONS + 1)
        ),
    )
    versions = list(Version.objects.filter(submission=work).order_by("number"))
    reviews = {review.version_id: review for review in Review.objects.filter(version__in=versions)}
    reviews |= {
        review.version_id: review
        for review in many(
            Review,
            (
                Review(version=version, mentor=mentor, verdict="changes", published_at=school.now)
                for version in versions
                if version.pk not in reviews
            ),
        )
    }
    older = (THREADS - OPEN) // (VERSIONS - 1)
    about = [version for version in versions[:-1] for _thread in range(older)] + [versions[-1]] * OPEN
    quotes = cycle(PARAGRAPHS)
    rows = [
        Anchor(version=version, selectors=pointed(version, {"quote": next(quotes)})[1]) for version in about
    ]
    anchors = many(Anchor, rows)
    many(
        Placement,
        (
            Placement(anchor=one, version=one.version, state="exact", selectors=one.selectors)
            for one in anchors
        ),
    )
    for version in versions[1:]:
        version.place_anchors([one for one in anchors if one.version.number < version.number])
    kinds = cycle(["must", "should", "question"])
    before = school.now - timedelta(hours=1)
    threads = many(
        Thread,
        (
            Thread(
                submission=work, anchor=one, review=reviews[one.version_id], author=mentor, kind=next(kinds)
            )
            for one in anchors
        ),
    )
    asked = (
        Comment(
            thread=one,
            author=mentor,
            review=one.review,
            version=one.anchor.version,
            body="Why *this* queue?",
            created_at=before,
        )
        for one in threads
    )
    settled = [one for one in threads if one.anchor.version_id != versions[-1].pk]
    answered = (
        Comment(
            thread=one,
            author=learner,
            version=versions[-1],
            act="fixed",
            body="It is gone.",
            created_at=before,
        )
        for one in settled
    )
    confirmed = (
        Comment(thread=one, author=mentor, act="confirm", body="", created_at=before) for one in settled
    )
    # They were said before: what was settled just now would still stand in full on the page.
    said_at: Any = Comment._meta.get_field("created_at")
    said_at.auto_now_add = False
    for some in (asked, answered, confirmed):
        many(Comment, some)
    said_at.auto_now_add = True
    Submission.objects.filter(pk=work.pk).requeue()
    return work
