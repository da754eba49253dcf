"""The submission's page, and the sheet on which a review ends."""

import re
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import Membership, User
from progress import defence
from progress.models import Entry
from submissions.models import (
    Anchor,
    Comment,
    Hold,
    Newer,
    Opening,
    Review,
    Said,
    State,
    Submission,
    Thread,
    Version,
)
from tests.cast import Cast, make_cast
from tests.factories import MembershipFactory, mentor_of


def said(body: str = "Where do the labels wait?", kind: str = "should") -> Said:
    return Said(body, uuid4(), kind)


def begun(cast: Cast, version: Version | None = None) -> Review:
    return Review.objects.begin(version or cast.hand_in(), cast.mentor)


def finish_url(review: Review) -> str:
    return reverse("progress:review_finish", args=[review.version.submission.uuid])


def sheet(review: Review, /, **values: Any) -> dict[str, Any]:
    filled = {"review": review.uuid, "revision": review.revision, "verdict": "accept", "summary": "Well done"}
    return filled | {name.replace("__", "-"): value for name, value in values.items()}


def mark(
    criterion: Any, decision: str = "met", note: str = "", evidence: str = "", seen: int = 0
) -> dict[str, Any]:
    values = {"decision": decision, "note": note, "evidence": evidence, "seen": seen}
    return {f"{criterion.uuid}-{name}": value for name, value in values.items()}


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


def test_finish_sends_review_and_marks_together(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    first, second = cast.criteria
    marks = mark(first, evidence=f"version:{review.version.uuid}") | mark(second, "not_yet", "Look at part 2")

    answer = client.post(finish_url(review), sheet(review) | marks)

    assert answer["Location"] == review.version.submission.get_absolute_url()
    review.refresh_from_db()
    assert (review.verdict, review.summary, review.is_draft) == ("accept", "Well done", False)
    decided = (
        Entry.objects.filter(kind="mark").order_by("number").values_list("criterion", "decision", "version")
    )
    assert list(decided) == [(first.pk, "met", review.version.pk), (second.pk, "not_yet", None)]


def test_finish_completes_the_month_with_its_last_criterion(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    evidence = f"version:{review.version.uuid}"
    marks = mark(cast.criteria[0], evidence=evidence) | mark(cast.criteria[1], evidence=evidence)

    client.post(finish_url(review), sheet(review) | marks)

    assert Entry.objects.filter(kind="complete").count() == 1


def test_finish_with_one_bad_mark_sends_nothing_and_keeps_the_words(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], evidence=f"version:{review.version.uuid}")
    marks |= mark(cast.criteria[1], "not_yet", note="")

    answer = client.post(finish_url(review), sheet(review, summary="Hours of words") | marks)

    assert answer.status_code == 422
    assert "Hours of words" in answer.text
    assert not Entry.objects.exists()
    assert Review.objects.get().is_draft


def test_finish_after_another_mark_shows_it_and_sends_nothing(cast: Cast, client: Client) -> None:
    from progress import record  # noqa: PLC0415

    review, colleague = begun(cast), mentor_of(cast.cohort, name="Pedro Alves")
    record.mark(cast.learner, cast.criteria[0], colleague, "not_yet", "Not for me", seen=0)
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], note="My own reason", evidence=f"version:{review.version.uuid}")

    answer = client.post(finish_url(review), sheet(review) | marks)

    assert answer.status_code == 409
    assert "Pedro Alves marked this" in answer.text
    assert "My own reason" in answer.text
    assert Review.objects.get().is_draft
    seen = Entry.objects.get().number
    again = sheet(Review.objects.get()) | marks | {f"{cast.criteria[0].uuid}-seen": seen}
    assert client.post(finish_url(review), again).status_code == 302


def test_finish_twice_sends_once(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    filled = sheet(review) | mark(cast.criteria[0], note="Seen it")

    answers = [client.post(finish_url(review), filled).status_code for _click in range(2)]

    assert answers == [302, 302]
    assert Review.objects.count() == 1
    assert Entry.objects.filter(kind="mark").count() == 1


@pytest.mark.parametrize(
    "other", [{"summary": "From the other window"}, {"verdict": "changes"}], ids=["words", "verdict"]
)
def test_finish_from_another_window_is_told_and_given_back(
    cast: Cast, client: Client, other: dict[str, str]
) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    first = sheet(review)
    assert client.post(finish_url(review), first).status_code == 302

    answer = client.post(finish_url(review), first | other)

    assert answer.status_code == 409
    assert other.get("summary", "Accept") in answer.text
    assert (Review.objects.get().summary, Review.objects.get().verdict) == ("Well done", "accept")


def test_finish_asks_before_accepting_with_an_open_must_fix(cast: Cast, client: Client) -> None:
    review = begun(cast)
    Thread.objects.open(review.version, cast.mentor, said(kind="must"), review)
    client.force_login(cast.mentor)

    refused = client.post(finish_url(review), sheet(review))
    review.refresh_from_db()
    taken = client.post(finish_url(review), sheet(review, accept_open="yes"))

    assert refused.status_code == 422
    assert "although 1 must-fix thread is not confirmed" in refused.text
    assert taken.status_code == 302


def test_finish_tells_of_a_newer_version_and_carries_the_draft_over(cast: Cast, client: Client) -> None:
    review = begun(cast)
    newer = cast.hand_in(text="# Second")
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], "not_yet", "A note about this")

    told = client.post(finish_url(review), sheet(review) | marks)
    review.refresh_from_db()
    carried = client.post(finish_url(review), sheet(review, carry="yes") | marks)

    assert told.status_code == 409
    assert "Carry my draft over to version 2" in told.text
    row = Review.objects.get()
    assert (row.version, row.is_draft, row.summary) == (newer, True, "Well done")
    assert carried.status_code == 200
    assert "A note about this" in carried.text
    assert not Entry.objects.exists()


def test_evidence_follows_a_draft_that_is_carried_over(cast: Cast, client: Client) -> None:
    review = begun(cast)
    newer = cast.hand_in(text="# Second")
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], evidence=f"version:{review.version.uuid}")

    carried = client.post(finish_url(review), sheet(review, carry="yes") | marks)

    row = cast.criteria[0].uuid
    field = carried.text.split(f'name="{row}-evidence"')[1].split("</select>")[0]
    assert f'<option value="version:{newer.uuid}" selected>' in field


def test_finish_takes_a_defence_as_evidence(cast: Cast, client: Client) -> None:
    review = begun(cast)
    held = defence.record(
        cast.learner,
        cast.month,
        cast.mentor,
        at=timezone.now(),
        minutes=45,
        present=[cast.learner.user, cast.mentor],
        versions=[review.version],
        outcome="passed",
        key=uuid4(),
    )
    client.force_login(cast.mentor)

    client.post(finish_url(review), sheet(review) | mark(cast.criteria[0], evidence=f"defence:{held.uuid}"))

    assert Entry.objects.get(kind="mark").defence == held


def test_accepted_work_waits_for_nobody_though_a_point_is_open(cast: Cast, client: Client) -> None:
    review = begun(cast)
    Thread.objects.open(review.version, cast.mentor, said(kind="must"), review)
    review.publish("accept", accept_open=True)
    client.force_login(cast.learner.user)

    page = client.get(review.version.submission.get_absolute_url()).text

    assert "wait for you" not in page
    assert "waits for you" not in page
    assert '<p id="points"></p>' in page
    assert "Begin version 2" in page


def test_finish_here_leaves_the_newer_version_waiting(cast: Cast, client: Client) -> None:
    review = begun(cast)
    cast.hand_in(text="# Second")
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, here="yes"))

    assert answer.status_code == 302
    assert Submission.objects.get().state == State.WAITING


def test_finish_and_open_next_goes_on_to_what_waits(cast: Cast, client: Client) -> None:
    review = begun(cast)
    other = cast.hand_in(cast.fellow).submission
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, then="next"))

    assert answer["Location"] == other.get_absolute_url()


def test_finish_by_a_mentor_who_left_gives_the_words_back(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())

    answer = client.post(finish_url(review), sheet(review, summary="Hours of words"))

    assert answer.status_code == 404
    assert "Hours of words" in answer.text
    assert Review.objects.get().is_draft


def test_finish_is_refused_to_the_learner_whatever_fields_are_added(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.learner.user)
    extra = {"mentor": cast.learner.user.pk, "status": "accepted"} | mark(cast.criteria[0], note="I say so")

    answer = client.post(finish_url(review), sheet(review) | extra)

    assert answer.status_code == 403
    assert Review.objects.get().is_draft
    assert not Entry.objects.exists()
    assert client.get(finish_url(review)).status_code == 403


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"verdict": ""}, 422),
        ({"verdict": "met"}, 422),
        ({"summary": "x" * 200_001}, 422),
        ({"summary": "nul\x00"}, 422),
        ({"revision": "x"}, 422),
        ({"review": "x"}, 404),
        ({"review": uuid4()}, 404),
    ],
)
def test_finish_refuses_bad_input(cast: Cast, client: Client, values: dict[str, Any], status: int) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, **values))

    assert answer.status_code == status
    assert Review.objects.get().is_draft
    assert not Entry.objects.exists()


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


@pytest.mark.parametrize("count", [1, 3, 300])
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

    assert asked == [13, 15]


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
