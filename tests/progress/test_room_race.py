"""A new version and a review that are sent at the same moment."""

import threading
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from submissions.models import Newer, Review, Thread, Version
from tests.cast import make_cast
from tests.progress.sheets import begun, said


def test_race_of_a_new_version_and_a_review_ends_in_some_order(transactional_db: None) -> None:
    """Either the review came first and its must-fix stops the version, or the version did and the mentor is told."""
    cast = make_cast()
    first = cast.hand_in()
    draft = first.submission.start_draft()
    draft.save_draft("# Second", "", "", draft.revision)
    review = begun(cast, first)
    Thread.objects.open(first, cast.mentor, said(kind="must"), review)
    start, told = threading.Barrier(2), []

    def run(act: Any) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            act()
        except (Newer, ValidationError) as refusal:
            told.append(type(refusal))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(act,)) for act in (draft.submit, lambda: review.publish("changes"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    sent = Review.objects.get().published_at is not None
    handed_in = Version.objects.submitted().count() == 2
    assert sent != handed_in
    assert told == [ValidationError if sent else Newer]


def test_race_of_a_new_version_and_a_review_without_the_lock_passes_both_by(transactional_db: None) -> None:
    """The control: who looks first and writes later, without taking the submission, lets both through."""
    cast = make_cast()
    first = cast.hand_in()
    draft = first.submission.start_draft()
    review = begun(cast, first)
    Thread.objects.open(first, cast.mentor, said(kind="must"), review)
    looked, submission = threading.Barrier(2), first.submission

    def hand_in() -> None:
        unanswered = submission.unanswered_must_fix().exists()
        looked.wait(timeout=10)
        if not unanswered:
            Version.objects.filter(pk=draft.pk).update(number=2, submitted_at=timezone.now())
        connection.close()

    def send() -> None:
        newest = submission.versions.filter(submitted_at__isnull=False).latest("number")
        looked.wait(timeout=10)
        if newest == first:
            Review.objects.filter(pk=review.pk).update(verdict="changes", published_at=timezone.now())
        connection.close()

    threads = [threading.Thread(target=act) for act in (hand_in, send)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert Review.objects.get().published_at is not None
    assert Version.objects.submitted().count() == 2
