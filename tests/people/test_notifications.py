"""The list of what a person was told: unread until it was seen, in the list or where it leads."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from people.models import Notification
from submissions.models import Hold, Review, Said, Thread
from tests.cast import Cast
from tests.factories import mentor_of


def kinds(user: Any) -> list[str]:
    """What the person was told, oldest first."""
    return list(user.notifications.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def learner(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.learner.user)
    return client


def reviewed(cast: Cast, verdict: str = "changes") -> Review:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    review.publish(verdict)
    return review


def test_handing_in_tells_whose_turn_it_is(cast: Cast) -> None:
    cast.hand_in()
    assert kinds(cast.mentor) == ["waiting"]
    assert not kinds(cast.other_mentor)
    assert not kinds(cast.learner.user)


def test_work_without_an_own_mentor_is_told_to_all(cast: Cast) -> None:
    colleague = mentor_of(cast.cohort)
    cast.hand_in(cast.fellow)
    assert kinds(cast.mentor) == kinds(colleague) == ["waiting"]


def test_taking_back_leaves_nothing_to_tell(cast: Cast) -> None:
    version = cast.hand_in()
    version.take_back()
    assert not cast.mentor.notifications.unread().exists()
    version.submit()
    assert cast.mentor.notifications.unread().count() == 1


@pytest.mark.parametrize(
    ("verdict", "kind", "settled"),
    [("accept", "accepted", True), ("changes", "changes", True), ("comment", "commented", False)],
)
def test_review_tells_the_learner_and_settles_what_waited(
    cast: Cast, verdict: str, kind: str, settled: bool
) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    review.save_draft("", "Well done.", review.revision)
    review.publish(verdict)
    review.publish(verdict)
    assert kinds(cast.learner.user) == [kind]
    assert cast.mentor.notifications.still_waiting().exists() == (not settled)


def test_review_of_an_older_version_settles_nothing_newer(cast: Cast) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    cast.hand_in(text="# Newer")
    review.publish("changes", here=True)
    assert cast.mentor.notifications.still_waiting().count() == 1


def test_draft_comments_are_told_to_nobody(cast: Cast) -> None:
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    Thread.objects.open(version, cast.mentor, Said("Why?", uuid4(), "must"), review)
    assert not kinds(cast.learner.user)


def test_talk_tells_the_other_side(cast: Cast) -> None:
    version = cast.hand_in()
    thread = Thread.objects.open(version, cast.learner.user, Said("How long?", uuid4()))
    assert kinds(cast.mentor) == ["waiting", "asked"]
    thread.reply(cast.mentor, Said("Two pages.", uuid4()))
    assert kinds(cast.learner.user) == ["replied"]
    assert set(cast.mentor.notifications.still_waiting().values_list("kind", flat=True)) == {"waiting"}
    thread.drop(cast.learner.user, Said("", uuid4()))
    assert kinds(cast.mentor) == ["waiting", "asked"]


def test_answers_that_go_with_a_version_are_told_with_it(cast: Cast) -> None:
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    thread = Thread.objects.open(version, cast.mentor, Said("Name it.", uuid4(), "must"), review)
    review.publish("changes")
    draft = version.submission.start_draft()
    thread.answer(cast.learner.user, "fixed", Said("Done.", uuid4()), version=draft)
    draft.submit()
    assert kinds(cast.mentor) == ["waiting", "waiting"]


def test_taking_over_tells_who_had_it(cast: Cast) -> None:
    submission = cast.hand_in().submission
    colleague = mentor_of(cast.cohort)
    Hold.objects.take(submission, cast.mentor)
    Hold.objects.take_over(submission, colleague)
    Hold.objects.take_over(submission, colleague)
    assert kinds(cast.mentor).count("taken-over") == 1


def test_hand_over_tells_who_gets_the_draft(cast: Cast) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    colleague = mentor_of(cast.cohort)
    review.hand_over(colleague)
    assert kinds(colleague) == ["handed-over"]
    assert "Tomas Lindqvist handed the draft" in str(colleague.notifications.get())


def test_withdrawn_review_is_told_once(cast: Cast) -> None:
    review = reviewed(cast)
    for _twice in range(2):
        review.withdraw(cast.mentor, "Wrong file.")
    assert kinds(cast.learner.user) == ["changes", "taken-away"]


def test_list_shows_what_is_new(cast: Cast, learner: Client) -> None:
    reviewed(cast)
    page = learner.get("/notifications/").text
    assert "Tomas Lindqvist asked for changes on “Work 1.1”." in page
    assert "Mark all as read" in page
    learner.post("/notifications/reading/")
    assert "Mark all as read" not in learner.get("/notifications/").text
    assert "asked for changes" in learner.get("/notifications/").text


def test_bell_counts_and_seeing_the_page_is_reading_it(cast: Cast, learner: Client) -> None:
    review = reviewed(cast)
    place = review.version.submission.get_absolute_url()
    other = Notification.objects.get(kind="changes")
    other.pk = None
    other.url = "/elsewhere/"
    other.save()
    page = learner.get(place).text
    assert '<span class="count">2<' in page
    assert f'<input type="hidden" name="page" value="{place}">' in page
    answer = learner.post("/notifications/reading/", {"page": place}, headers={"HX-Request": "true"})
    assert '<span class="count">1<' in answer.text
    assert "hx-post" not in answer.text
    assert '<span class="count">1<' in learner.get("/path/").text
    assert cast.learner.user.notifications.unread().get().url == "/elsewhere/"


def test_nobody_reads_what_others_were_told(cast: Cast, learner: Client) -> None:
    reviewed(cast)
    stranger = Client()
    stranger.force_login(cast.fellow.user)
    assert "Work 1.1" not in stranger.get("/notifications/").text
    stranger.post("/notifications/reading/")
    assert cast.learner.user.notifications.unread().exists()


def test_empty_list_says_what_will_be_there(cast: Cast, learner: Client) -> None:
    assert "When a mentor reviews your work" in learner.get("/notifications/").text
    mentor = Client()
    mentor.force_login(cast.mentor)
    assert "When a learner hands in work" in mentor.get("/notifications/").text


def test_who_has_left_is_told_nothing(cast: Cast) -> None:
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    user = cast.learner.user
    user.is_active = False
    user.save()
    review.version.submission.learner.refresh_from_db()
    review.publish("accept")
    assert not kinds(user)
