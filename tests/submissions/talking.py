"""Threads that were sent, as tests of what follows begin with them."""

from uuid import uuid4

from submissions.models import Review, Said, Thread, Version
from tests.cast import Cast

HTMX = {"HX-Request": "true"}


def words(body: str = "Where do the labels wait?", kind: str = "must") -> Said:
    return Said(body, uuid4(), kind)


def sent_threads(
    cast: Cast, *bodies: str, kind: str = "must", version: Version | None = None
) -> list[Thread]:
    """Threads of the mentor's, sent with one review of a version, by default a new one."""
    review = Review.objects.begin(version or cast.hand_in(), cast.mentor)
    threads = [Thread.objects.open(review.version, cast.mentor, words(body, kind), review) for body in bodies]
    review.publish("changes")
    return threads


def answered(cast: Cast, *bodies: str) -> list[Thread]:
    """Threads that the learner has answered as fixed in the next version."""
    threads = sent_threads(cast, *bodies)
    draft = threads[0].submission.start_draft()
    draft.save_draft("# Next", "", "", draft.revision)
    for thread in threads:
        thread.answer(cast.learner.user, "fixed", words("Done"), draft)
    draft.submit()
    return threads


def state(thread: Thread) -> str:
    return str(Thread.objects.with_state().get(pk=thread.pk).state)
