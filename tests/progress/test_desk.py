"""The desk beside its queue: reviews that were begun on work that waits no more, and claims nobody has answered."""

from uuid import uuid4

from django.test import Client

from progress import record
from submissions.models import Hold, Review, Said, Thread
from tests.cast import Cast
from tests.factories import mentor_of

CLAIMS = "Criteria that learners think are met"
QUESTIONS = "Questions that wait for an answer"
BEGUN = "Reviews you have begun"
APART = "Waiting for your cohorts' mentors"


def desk(client: Client, address: str = "/desk/") -> str:
    return client.get(address).text


def test_claim_is_on_the_desk_until_a_mentor_decides(client: Client, cast: Cast) -> None:
    criterion = cast.criteria[0]
    client.force_login(cast.mentor)
    assert CLAIMS not in desk(client)

    record.claim(cast.learner, criterion, cast.learner.user, "See section 3.")
    page = desk(client)
    assert "No work waits for you, but claims do" in page
    assert f"#criterion-{criterion.uuid}" in page
    assert CLAIMS not in desk(client, f"/desk/?learner={cast.fellow.pk}")
    client.force_login(cast.other_mentor)
    assert CLAIMS not in desk(client)

    client.force_login(cast.mentor)
    record.mark(cast.learner, criterion, cast.mentor, "not_yet", "What of the cost?", seen=1)
    assert CLAIMS not in desk(client)
    record.claim(cast.learner, criterion, cast.learner.user, "Now it is there.")
    assert CLAIMS in desk(client)
    cast.learner.end()
    assert CLAIMS not in desk(client)


def test_question_is_on_the_desk_until_somebody_answers(client: Client, cast: Cast) -> None:
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    review.publish(Review.Verdict.ACCEPT)
    client.force_login(cast.mentor)
    assert QUESTIONS not in desk(client)

    thread = Thread.objects.open(version, cast.learner.user, Said("Is Kafka too much here?", uuid4()))
    page = desk(client)
    assert "No work waits for you, but questions do" in page
    assert f"#thread-{thread.uuid}" in page
    assert "Is Kafka too much here?" in page
    assert QUESTIONS not in desk(client, f"/desk/?learner={cast.fellow.pk}")
    client.force_login(cast.other_mentor)
    assert QUESTIONS not in desk(client)

    Thread.objects.get().reply(cast.mentor, Said("Not at this rate of events.", uuid4()))
    client.force_login(cast.mentor)
    assert QUESTIONS not in desk(client)
    Thread.objects.get().reply(cast.learner.user, Said("And at ten times that?", uuid4()))
    assert QUESTIONS in desk(client)
    cast.learner.end()
    assert QUESTIONS not in desk(client)


def test_review_begun_anew_on_accepted_work_is_not_forgotten(client: Client, cast: Cast) -> None:
    version = cast.hand_in()
    colleague = mentor_of(cast.cohort)
    client.force_login(cast.mentor)
    first = Review.objects.begin(version, cast.mentor)
    assert BEGUN not in desk(client)  # The queue itself says so.
    first.publish(Review.Verdict.ACCEPT)
    assert BEGUN not in desk(client)

    Review.objects.begin(version, cast.mentor)
    assert BEGUN in desk(client)
    client.force_login(colleague)
    assert BEGUN not in desk(client)


def test_draft_is_on_the_desk_while_a_colleague_holds_the_work(client: Client, cast: Cast) -> None:
    version = cast.hand_in()
    Hold.objects.take(version.submission, cast.mentor)
    Review.objects.begin(version, cast.mentor)
    client.force_login(cast.mentor)
    assert BEGUN not in desk(client)

    Hold.objects.take_over(version.submission, mentor_of(cast.cohort))

    assert BEGUN in desk(client)


def test_what_waits_for_others_stands_apart_from_what_is_mine(client: Client, cast: Cast) -> None:
    cast.learner.mentor = cast.mentor
    cast.learner.save(update_fields=["mentor"])
    cast.hand_in()
    client.force_login(cast.mentor)
    assert APART not in desk(client)
    fellow = cast.fellow
    fellow.mentor = mentor_of(cast.cohort)
    fellow.save(update_fields=["mentor"])
    other = cast.hand_in(fellow).submission

    page = desk(client)

    mine, theirs = page.split(APART)
    assert str(other.uuid) in theirs
    assert str(other.uuid) not in mine
