"""The stamp by which an open page learns that something happened: cheap, and blind to others' drafts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import User
from progress import record
from progress.stamp import stamp
from submissions.models import Anchor, Hold, Placement, Review, Thread
from submissions.pointing import pointed
from tests.cast import Cast
from tests.factories import mentor_of
from tests.submissions.talking import sent_threads, words


def test_stamp_tells_what_happened_and_nothing_of_drafts(cast: Cast) -> None:
    (thread,) = sent_threads(cast, "Why?")
    submission = thread.submission
    colleague = mentor_of(cast.cohort)
    people = {"learner": cast.learner.user, "mentor": cast.mentor, "colleague": colleague}
    seen = {name: stamp(person, submission.uuid) for name, person in people.items()}

    def news() -> set[str]:
        """For whom something is new since the last time."""
        fresh = {name: stamp(person, submission.uuid) for name, person in people.items()}
        new = {name for name in people if fresh[name] != seen[name]}
        seen.update(fresh)
        return new

    everybody = set(people)
    assert not news()
    review = Review.objects.begin(thread.anchor.version, cast.mentor)
    assert not news()
    Thread.objects.open(review.version, cast.mentor, words("Not sent"), review)
    thread.reply(cast.mentor, words("Nor this"), review)
    assert news() == {"mentor"}
    Hold.objects.take(submission, cast.mentor)
    assert news() == {"mentor", "colleague"}
    Hold.objects.renew(submission, cast.mentor)
    assert not news()
    Hold.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert news() == {"mentor", "colleague"}
    review.publish("comment")
    assert news() == everybody
    said = thread.reply(cast.learner.user, words("Because"))
    assert news() == everybody
    said.change(cast.learner.user, "Because of it")
    assert news() == everybody
    review.withdraw(cast.mentor, "Wrong work.")
    assert news() == everybody
    draft = submission.start_draft()
    draft.save_draft("# Next", "", "", draft.revision)
    thread.answer(cast.learner.user, "fixed", words("Done"), draft)
    news()
    draft.submit()
    assert news() == everybody
    draft.take_back()
    assert news() == everybody


def test_stamp_tells_of_places_put_right_and_of_the_record(cast: Cast) -> None:
    version = cast.hand_in(text="# Design\n\nThe queue keeps ten messages. The cache keeps all.\n")
    review = Review.objects.begin(version, cast.mentor)
    place = pointed(version, {"quote": "ten messages"})
    thread = Thread.objects.open(version, cast.mentor, words("Why ten?"), review, place)
    people: dict[str, User] = {"learner": cast.learner.user, "mentor": cast.mentor}
    seen: dict[str, str | None] = {}

    def news() -> set[str]:
        """For whom something is new since the last time."""
        fresh = {name: stamp(person, version.submission.uuid) for name, person in people.items()}
        new = {name for name in people if fresh[name] != seen.get(name)}
        seen.update(fresh)
        return new

    def pin(user: User, anchor: Anchor, quote: str) -> None:
        Placement.objects.get(anchor=anchor).pin(user, *pointed(version, {"quote": quote}))

    assert news() == {"learner", "mentor"}
    pin(cast.mentor, thread.anchor, "The cache")
    assert news() == {"mentor"}, "the learner knows nothing of the draft"
    review.publish("comment")
    news()
    for quote in ("ten messages", "The queue"):
        pin(cast.learner.user, thread.anchor, quote)
        assert news() == {"learner", "mentor"}
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=version, place=place)
    assert news() == {"learner", "mentor"}
    evidence = cast.learner.entries.get().anchor
    assert evidence
    pin(cast.learner.user, evidence, "The cache")
    assert news() == {"learner", "mentor"}
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Yes.", seen=1)
    assert news() == {"learner", "mentor"}
    record.claim(cast.fellow, cast.criteria[0], cast.fellow.user, "Somebody else's.")
    assert not news()


def test_news_is_one_query_beside_who_asks(cast: Cast, client: Client) -> None:
    (thread,) = sent_threads(cast, "Why?")
    place = reverse("progress:news", args=[thread.submission.uuid])
    for person in (cast.learner.user, cast.mentor):
        client.force_login(person)
        client.get(place)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(place)
        (session, user, news) = (query["sql"] for query in asked)
        assert "django_session" in session
        assert "people_user" in user
        assert "submissions_comment" in news
        assert "progress_entry" in news
        assert len(answer.content) == 20
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", ["learner", "mentor"])
def test_page_carries_the_stamp_that_the_news_have(cast: Cast, client: Client, role: str) -> None:
    (thread,) = sent_threads(cast, "Why?")
    Hold.objects.take(thread.submission, mentor_of(cast.cohort))
    client.force_login(cast.mentor if role == "mentor" else cast.learner.user)
    now = client.get(reverse("progress:news", args=[thread.submission.uuid])).text
    page = client.get(thread.submission.get_absolute_url()).text
    assert f'data-stamp="{now}"' in page


def test_thread_has_another_stamp_when_it_changed_and_only_then(cast: Cast, client: Client) -> None:
    first, second = sent_threads(cast, "One", "Two")
    client.force_login(cast.mentor)

    def stamps() -> list[str]:
        page = client.get(first.submission.get_absolute_url()).text
        return [page.split(f'id="thread-{one.uuid}" data-stamp="')[1][:12] for one in (first, second)]

    before = stamps()
    assert stamps() == before
    first.reply(cast.learner.user, words("Because"))
    after = stamps()
    assert after[0] != before[0]
    assert after[1] == before[1]
    Placement.objects.get(anchor=second.anchor).pin(cast.mentor, None, [])
    assert stamps()[1] != before[1]
