"""The submission's page, as learner and mentor see it."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Deliverable
from people.models import Membership, User
from submissions.models import (
    Anchor,
    Comment,
    Hold,
    Opening,
    Review,
    Said,
    Submission,
    Thread,
    Version,
)
from tests.cast import Cast
from tests.factories import MembershipFactory, mentor_of
from tests.progress.sheets import begun, finish_url, said, sheet


def test_page_shows_the_work_and_whose_turn_it_is_to_both(cast: Cast, client: Client) -> None:
    version = cast.hand_in(text="# Pipeline of events")
    url = version.submission.get_absolute_url()

    client.force_login(cast.learner.user)
    learner = client.get(url)
    client.force_login(cast.mentor)
    mentor = client.get(url)

    assert "Pipeline of events" in learner.text
    assert "Pipeline of events" in mentor.text
    assert "With Tomas Lindqvist" in learner.text
    assert "next in line" in learner.text
    assert "Your turn" in mentor.text
    assert "Start review" in mentor.text
    assert "Start review" not in learner.text


def test_page_says_when_the_month_has_no_such_deliverable_any_more(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    url, said = version.submission.get_absolute_url(), "What this is for is no longer part of Month 08."
    client.force_login(cast.learner.user)
    assert said not in client.get(url).text
    Deliverable.objects.filter(submissions=version.submission).update(archived_at=timezone.now())
    assert said in client.get(url).text


def test_page_read_by_a_mentor_writes_nothing(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)

    client.get(version.submission.get_absolute_url())

    assert not Opening.objects.exists()
    assert not Hold.objects.exists()
    version.take_back()
    assert version.is_draft


def test_page_counts_what_waits_ahead(cast: Cast, client: Client) -> None:
    cast.hand_in(MembershipFactory.create(cohort=cast.cohort, mentor=cast.mentor))
    version = cast.hand_in()
    client.force_login(cast.learner.user)

    assert "1 before it" in client.get(version.submission.get_absolute_url()).text


def test_page_hides_the_draft_review_from_the_learner(cast: Cast, client: Client) -> None:
    review = begun(cast)
    review.save_draft("changes", "A secret summary", 0)
    Thread.objects.open(review.version, cast.mentor, said("A secret comment"), review)
    url = review.version.submission.get_absolute_url()

    for person, seen in ((cast.learner.user, False), (mentor_of(cast.cohort), False), (cast.mentor, True)):
        client.force_login(person)
        text = client.get(url).text
        assert ("A secret summary" in text) is seen
        assert ("A secret comment" in text) is seen
        assert ("1 comment not sent yet" in text) is seen


def test_page_hides_the_learners_draft_from_mentors(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    draft = version.submission.start_draft()
    draft.save_draft("Half a thought", "", "", draft.revision)
    url = version.submission.get_absolute_url()

    client.force_login(cast.mentor)
    assert "Half a thought" not in client.get(url).text
    client.force_login(cast.learner.user)
    assert "Half a thought" in client.get(url).text


def test_page_keeps_older_versions_and_their_talk_readable(cast: Cast, client: Client) -> None:
    first = cast.hand_in(text="The first text")
    review = begun(cast, first)
    Thread.objects.open(first, cast.mentor, said("About the first"), review)
    review.save_draft("changes", "Not yet there", 0)
    review.publish("changes")
    cast.hand_in(text="The second text")
    client.force_login(cast.learner.user)
    url = first.submission.get_absolute_url()

    newest, older = client.get(url).text, client.get(url, {"version": "1"}).text

    assert "The second text" in newest
    assert "from version 1" in newest
    assert "The first text" in older
    for text in (newest, older):
        assert "About the first" in text
        assert "Not yet there" in text


def test_page_shows_a_withdrawn_review_with_its_reason(cast: Cast, client: Client) -> None:
    review = begun(cast)
    review.publish("accept")
    review.withdraw(cast.mentor, "Meant for somebody else")
    client.force_login(cast.learner.user)

    text = client.get(review.version.submission.get_absolute_url()).text

    assert "Meant for somebody else" in text
    assert "Withdrawn" in text


@pytest.mark.parametrize("number", ["0", "2", "x", "", "²", "-1", "9" * 40, "1\x00"])
def test_page_of_a_version_that_is_not_there(cast: Cast, client: Client, number: str) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)

    assert client.get(version.submission.get_absolute_url(), {"version": number}).status_code == 404
    assert client.get(version.submission.get_absolute_url(), {"version": "1"}).status_code == 200


@pytest.mark.parametrize("who", ["fellow", "stranger", "other_mentor", "admin"])
def test_page_is_not_there_for_strangers(cast: Cast, client: Client, who: str) -> None:
    review = begun(cast)
    person = getattr(cast, who)
    client.force_login(getattr(person, "user", person))

    assert client.get(review.version.submission.get_absolute_url()).status_code == 404
    assert client.post(finish_url(review), sheet(review)).status_code == 404
    assert Review.objects.get().is_draft


def fill(cast: Cast, count: int) -> Submission:
    """A submission with so many reviewed versions, each with a thread and an answer; as many wait beside it."""
    submission = cast.hand_in().submission
    now, mentor = timezone.now(), cast.mentor
    versions = Version.objects.bulk_create(
        Version(submission=submission, number=number, text=f"# Version {number}", submitted_at=now)
        for number in range(2, count + 2)
    )
    reviews = Review.objects.bulk_create(
        Review(version=version, mentor=mentor, verdict="comment", published_at=now) for version in versions
    )
    anchors = Anchor.objects.bulk_create(Anchor(version=version) for version in versions)
    threads = Thread.objects.bulk_create(
        Thread(submission=submission, anchor=anchor, review=review, author=mentor, kind="must")
        for anchor, review in zip(anchors, reviews, strict=True)
    )
    Comment.objects.bulk_create(
        Comment(thread=thread, author=mentor, review=thread.review, body="Where?") for thread in threads
    )
    Comment.objects.bulk_create(
        Comment(thread=thread, author=cast.learner.user, act="fixed", body="There.") for thread in threads
    )
    people = User.objects.bulk_create(
        User(email=f"w{n}@example.org", name=f"Waiting {n}") for n in range(count)
    )
    learners = Membership.objects.bulk_create(
        Membership(user=user, cohort=cast.cohort, mentor=mentor) for user in people
    )
    others = Submission.objects.bulk_create(
        Submission(learner=learner, deliverable=cast.deliverable) for learner in learners
    )
    Version.objects.bulk_create(Version(submission=one, number=1, submitted_at=now) for one in others)
    last = submission.versions.latest("number")
    Thread.objects.open(last, mentor, said("Not sent"), begun(cast, last))
    return submission


@pytest.mark.parametrize("count", [1, 3, pytest.param(300, marks=pytest.mark.once)])
def test_page_asks_the_database_as_often_for_300_as_for_one(cast: Cast, client: Client, count: int) -> None:
    submission = fill(cast, count)

    asked = []
    for person in (cast.learner.user, cast.mentor):
        client.force_login(person)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text = client.get(submission.get_absolute_url()).text
        assert len(re.findall(r'<article class="thread', text)) == count + (person == cast.mentor)
        asked.append(len(queries))

    assert asked == [15, 16]


def test_criteria_list_what_was_said_about_them_and_marking_takes_it(cast: Cast, client: Client) -> None:
    review = begun(cast)
    criterion = cast.criteria[0]
    about = Said("The labels say it.", uuid4(), "must", criterion)
    thread = Thread.objects.open(review.version, cast.mentor, about, review)
    client.force_login(cast.mentor)
    url = review.version.submission.get_absolute_url()
    assert "Mark with it" not in client.get(url).text, "it is not sent yet"
    review.publish("changes")

    page = client.get(url).text
    named = f"evidence=thread:{thread.uuid}"
    assert page.count(named) == 2  # the link, with and without a script
    assert f'<a href="#thread-{thread.uuid}">Must fix: The labels say it.</a>' in page
    action = reverse("progress:mark", args=[cast.learner.uuid, criterion.uuid])
    assert f'<option value="thread:{thread.uuid}" selected>' in client.get(f"{action}?{named}").text

    client.force_login(cast.learner.user)
    learner = client.get(url).text
    assert f'<a href="#thread-{thread.uuid}">Must fix: The labels say it.</a>' in learner
    assert named not in learner


def test_page_with_a_draft_names_each_element_once(cast: Cast, client: Client) -> None:
    version = cast.hand_in(text="# Work\n\nA passage.")
    draft = version.submission.start_draft()
    draft.save_draft("# Work\n\nThe next.", "", "", draft.revision)
    client.force_login(cast.learner.user)

    page = client.get(version.submission.get_absolute_url()).text

    names = re.findall(r'\sid="([^"]+)"', page)
    assert "draft-text" in names
    assert "text" in names
    assert sorted(names) == sorted(set(names))
