"""What becomes of places when the next version is handed in: which are sought, how they are told, pinning by hand."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from submissions import store
from submissions.ladder import places
from submissions.models import (
    Anchor,
    Blob,
    Extract,
    File,
    Placement,
    Review,
    Said,
    Submission,
    Thread,
    Version,
)
from submissions.reading import reading_of
from tests.cast import Cast
from tests.submissions.sending import as_user

TEXT = """# Design

## Storage

The queue keeps ten messages for a day. The cache keeps the last hundred results.

## Costs

We pay for each request that the gateway lets through.
"""
QUEUE = "The queue keeps ten messages for a day."
CACHE = "the last hundred results"
COSTS = "We pay for each request"


def on(version: Version, quote: str) -> Anchor:
    """An anchor on words of the text that was written in the page."""
    reading = reading_of(version, None)
    start = reading.text.index(quote)
    selectors = places.passage(reading, start, start + len(quote))
    anchor = Anchor.objects.create(version=version, selectors=selectors)
    Placement.objects.create(anchor=anchor, version=version, state="exact", selectors=selectors)
    return anchor


def thread_on(anchor: Anchor, cast: Cast, kind: str = "should", review: Review | None = None) -> Thread:
    submission = anchor.version.submission
    thread = Thread.objects.create(
        submission=submission, anchor=anchor, review=review, author=cast.mentor, kind=kind
    )
    thread.comments.create(author=cast.mentor, review=review, version=anchor.version, body="Why?")
    return thread


def told(anchor: Anchor, number: int) -> tuple[str, str]:
    """The state of an anchor in a version, and what it is there."""
    placed = anchor.placements.get(version__number=number)
    return placed.state, places.read(placed.selectors).exact


@pytest.fixture
def first(cast: Cast) -> Version:
    return cast.hand_in(text=TEXT)


# Which are sought -------------------------------------------------------------------------------------------


def test_places_follow_the_text_into_the_next_versions(cast: Cast, first: Version) -> None:
    queue, cache, costs = (on(first, quote) for quote in (QUEUE, CACHE, COSTS))
    cast.hand_in(text=TEXT.replace("ten messages", "twelve messages").replace("# Design", "# The design"))
    assert told(queue, 2) == ("changed", QUEUE.replace("ten", "twelve"))
    assert told(cache, 2) == ("exact", CACHE)
    gone = TEXT[TEXT.index("## Costs") :]
    cast.hand_in(text=TEXT.replace("ten messages", "twelve messages").replace(gone, ""))
    assert told(queue, 3) == ("changed", QUEUE.replace("ten", "twelve"))
    assert told(costs, 3) == ("section", "Design")
    cast.hand_in(text=TEXT)
    # Against what was pointed at, not against the version before.
    assert [told(one, 4) for one in (queue, costs)] == [("exact", QUEUE), ("exact", COSTS)]


def test_settled_threads_stay_with_their_versions_until_they_are_reopened(cast: Cast, first: Version) -> None:
    confirmed, dropped, waiting = (thread_on(on(first, quote), cast) for quote in (QUEUE, CACHE, COSTS))
    confirmed.confirm(cast.mentor, Said("", uuid4()))
    dropped.drop(cast.mentor, Said("", uuid4()))
    second = cast.hand_in(text=TEXT.replace("ten", "twelve"))
    assert [placed.anchor for placed in second.placements.all()] == [waiting.anchor]
    confirmed.reopen(cast.mentor, Said("Still.", uuid4()))
    assert told(confirmed.anchor, 2)[0] == "changed"


def test_draft_threads_are_sought_and_withdrawn_ones_are_not(cast: Cast, first: Version) -> None:
    review = Review.objects.begin(first, cast.mentor)
    thread = thread_on(on(first, QUEUE), cast, review=review)
    cast.hand_in(text=TEXT)
    assert told(thread.anchor, 2) == ("exact", QUEUE)
    review.publish("comment", here=True)
    review.withdraw(cast.mentor, "Wrong work.")
    assert not cast.hand_in(text=TEXT).placements.exists()


def test_evidence_is_sought_whatever_becomes_of_its_thread(cast: Cast, first: Version) -> None:
    thread = thread_on(on(first, QUEUE), cast)
    thread.confirm(cast.mentor, Said("", uuid4()))
    cast.hand_in(text=TEXT.replace("ten", "twelve"))
    assert thread.anchor.placements.count() == 1
    thread.anchor.become_evidence()
    assert told(thread.anchor, 2)[0] == "changed"
    cast.hand_in(text=TEXT)
    assert told(thread.anchor, 3)[0] == "exact"


def test_taken_back_and_handed_in_again_is_placed_anew(cast: Cast, first: Version) -> None:
    anchor = on(first, QUEUE)
    second = cast.hand_in(text=TEXT.replace("ten", "twelve"))
    second.take_back()
    assert anchor.placements.count() == 1
    second.save_draft(TEXT, "", "", second.revision)
    second.submit()
    assert told(anchor, 2) == ("exact", QUEUE)


# Files ------------------------------------------------------------------------------------------------------


def put(version: Version, name: str, text: str) -> File:
    received = store.receive([text.encode()], 1_000_000)
    return version.add_file(name, received)


def handed_in(cast: Cast, *files: tuple[str, str]) -> Version:
    submission, _made = Submission.objects.get_or_create(learner=cast.learner, deliverable=cast.deliverable)
    draft = submission.start_draft()
    draft.files.all().delete()
    for name, text in files:
        put(draft, name, text)
    draft.submit()
    return draft


def test_file_that_is_renamed_is_followed_and_one_that_cannot_be_read_stops_nothing(cast: Cast) -> None:
    first = handed_in(cast, ("design.md", TEXT), ("notes.md", "# Notes\n"))
    file = first.files.get(name="design.md")
    reading = reading_of(first, file)
    start = reading.text.index(QUEUE)
    selectors = places.passage(reading, start, start + len(QUEUE))
    anchor = Anchor.objects.create(version=first, file=file, selectors=selectors)
    second = handed_in(cast, ("notes.md", "# Notes\n"), ("final.md", TEXT.replace("hundred", "thousand")))
    placed = anchor.placements.get(version=second)
    assert (placed.state, placed.file) == ("exact", second.files.get(name="final.md"))
    Extract.objects.filter(blob__files=placed.file).delete()
    Blob.objects.filter(files=placed.file).update(sha256="0" * 64)
    lost = handed_in(cast, ("final.md", TEXT + "\nMore.\n"))
    placed = anchor.placements.get(version=lost)
    assert lost.number == 3
    assert (placed.state, placed.score, placed.file) == ("whole", 0.0, None)


def test_queries_are_the_same_for_one_place_and_for_many(
    cast: Cast, first: Version, django_assert_num_queries: Any
) -> None:
    on(first, QUEUE)
    second, third = (cast.hand_in(text=TEXT.replace("ten", word)) for word in ("twelve", "twenty"))
    third.placements.all().delete()
    assert second.placements.get().state == "changed"
    with django_assert_num_queries(7):
        third.place_anchors()
    for _each in range(20):
        on(first, CACHE)
    third.placements.all().delete()
    with django_assert_num_queries(7):
        third.place_anchors()
    assert third.placements.count() == 21


# By hand ----------------------------------------------------------------------------------------------------


def test_pinned_place_stays_and_leads_on(cast: Cast, first: Version) -> None:
    anchor = on(first, QUEUE)
    other = TEXT.replace(QUEUE, "Our broker may lose whatever an operator has not confirmed.")
    second, third = cast.hand_in(text=other), cast.hand_in(text=other + "\nMore.\n")
    assert told(anchor, 2) == ("section", "Storage")
    reading = reading_of(second, None)
    start = reading.text.index("Our broker")
    selectors = places.passage(reading, start, start + 22)
    anchor.placements.get(version=second).pin(cast.learner.user, None, selectors)
    placed = anchor.placements.get(version=second)
    assert (placed.state, placed.score, placed.by) == ("exact", 1.0, cast.learner.user)
    assert told(anchor, 1) == ("exact", QUEUE)
    assert told(anchor, 3) == ("exact", "Our broker may lose wh")
    assert third.placements.get().by is None
    with pytest.raises(PermissionDenied):
        placed.pin(cast.other_mentor, None, [])


@pytest.mark.parametrize("who", ["mentor", "learner"])
def test_pin_by_the_form(cast: Cast, first: Version, who: str) -> None:
    thread = thread_on(on(first, QUEUE), cast)
    cast.hand_in(text=TEXT)
    user = cast.mentor if who == "mentor" else cast.learner.user
    client, address = as_user(user), reverse("submissions:placement_pin", args=[thread.anchor.uuid])
    answer = client.post(address, {"version": "2", "about": "text:heading:7"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?version=2#thread-{thread.uuid}")
    assert told(thread.anchor, 2) == ("exact", "Costs")
    assert client.post(address, {"version": "2", "quote": CACHE}).status_code == 302
    assert told(thread.anchor, 2) == ("exact", CACHE)
    for refused in (
        {"quote": "These words are nowhere"},
        {"about": "text:heading:99"},
        {"file": str(uuid4())},
    ):
        answer = client.post(address, {"version": "2"} | refused)
        assert answer.status_code == 422
        assert 'id="pin-errors" role="alert"' in answer.text
        assert f'id="pin" method="post" action="{address}">' in answer.text
        assert '<option value="text:heading:7">Costs</option>' in answer.text
        assert refused.get("quote", "") in answer.text
    assert told(thread.anchor, 2) == ("exact", CACHE)
    assert client.post(address, {"version": "7", "quote": CACHE}).status_code == 404


def test_pin_is_for_those_who_see_the_thread(cast: Cast, first: Version) -> None:
    review = Review.objects.begin(first, cast.mentor)
    thread = thread_on(on(first, QUEUE), cast, review=review)
    address = reverse("submissions:placement_pin", args=[thread.anchor.uuid])
    for user in (cast.learner.user, cast.fellow.user, cast.other_mentor):
        assert as_user(user).post(address, {"version": "1", "quote": CACHE}).status_code == 404
    assert told(thread.anchor, 1) == ("exact", QUEUE)
