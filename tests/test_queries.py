"""Pages cost the same few queries with one, with three and with three hundred of everything."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Membership, User
from progress.models import Completion
from submissions.memory import MEMORY
from submissions.models import Anchor, Comment, Review, Submission, Thread, Version
from tests.cast import Cast, make_cast, month_text, publish_month

PAGES = {
    # page: (learner, mentor); None where the person has no such page
    "path": (7, 7),
    "curriculum": (7, 7),
    "month": (7, 7),
    "submission": (15, 14),
    "desk": (None, 10),
    "cohort": (None, 16),
    "cohort as a sheet": (None, 11),
    "account": (2, 2),
    "data": (6, 6),
}


def fill(cast: Cast, many: int) -> str:
    """So many of everything; returns the address of the submission that has so many threads."""
    people = User.objects.bulk_create(
        [User(name=f"Learner {n}", email=f"learner{n}@example.org") for n in range(many - 1)]
    )
    Membership.objects.bulk_create(
        [Membership(user=user, cohort=cast.cohort, mentor=cast.mentor) for user in people]
    )
    learners = list(Membership.objects.filter(cohort=cast.cohort, user__in=[cast.learner.user, *people]))
    now = timezone.now()
    Completion.objects.bulk_create(
        [
            Completion(learner=learner, task=task, done_at=now, note="Read.")
            for learner in learners
            for task in ([cast.task] if learner != cast.learner else cast.month.tasks.all())
        ]
    )
    works = list(cast.month.deliverables.all())
    Submission.objects.bulk_create(
        [Submission(learner=learner, deliverable=works[0]) for learner in learners]
        + [Submission(learner=cast.learner, deliverable=work) for work in works[1:]]
    )
    versions = [
        Version(submission=submission, number=1, text="# Work", submitted_at=now)
        for submission in Submission.objects.all()
    ]
    Version.objects.bulk_create(versions)
    talked = Submission.objects.get(learner=cast.learner, deliverable=works[0])
    Version.objects.bulk_create(
        [Version(submission=talked, number=n, text="# Work", submitted_at=now) for n in range(2, many + 1)]
    )
    version = talked.versions.order_by("number").last()
    assert version
    review = Review.objects.create(version=version, mentor=cast.mentor, verdict="comment", published_at=now)
    anchor = Anchor.objects.on_whole(version)
    Thread.objects.bulk_create(
        [
            Thread(submission=talked, anchor=anchor, review=review, author=cast.mentor, kind="should")
            for _n in range(many)
        ]
    )
    Comment.objects.bulk_create(
        [
            Comment(
                thread=thread, author=cast.mentor, review=review, version=version, body="Why?", key=uuid4()
            )
            for thread in Thread.objects.all()
        ]
    )
    Submission.objects.requeue()
    return talked.get_absolute_url()


def cost(client: Client, address: str) -> int:
    """Queries of the page once its plan is in memory, and nothing of what people wrote."""
    client.get(address)
    MEMORY.forget()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("many", [1, 3, pytest.param(300, marks=pytest.mark.once)])
def test_pages_cost_the_same_however_much_there_is(db: None, media: Path, many: int) -> None:
    cast = make_cast(month_text(tasks=many, works=many, criteria=many))
    for number in range(1, min(many, 30)):
        publish_month(cast.curriculum, month_text(number + 20), f"month-{number + 20}/README.md")
    own = cast.learner.uuid
    addresses = {
        "path": ("/path/", f"/learners/{own}/"),
        "curriculum": (f"/learners/{own}/curriculum/",) * 2,
        "month": (f"/learners/{own}/months/{cast.month.slug}/",) * 2,
        "submission": (fill(cast, many),) * 2,
        "desk": (None, "/desk/"),
        "cohort": (None, f"/cohorts/{cast.cohort.uuid}/"),
        "cohort as a sheet": (None, f"/cohorts/{cast.cohort.uuid}/learners.csv"),
        "account": ("/account/",) * 2,
        "data": ("/account/data/",) * 2,
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PostgreSQL does by itself, a minute after so much was written
    clients = Client(), Client()
    clients[0].force_login(cast.learner.user)
    clients[1].force_login(cast.mentor)
    costs = {
        page: tuple(
            cost(client, address) if address else None for client, address in zip(clients, pair, strict=True)
        )
        for page, pair in addresses.items()
    }
    assert costs == PAGES
