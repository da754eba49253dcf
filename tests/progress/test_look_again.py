"""Evidence that changed since a mark asks to look again, on both engines: the words are compared in the database."""

from uuid import uuid4

import pytest
from django.test import Client

from progress import record
from progress.models import Entry
from submissions.models import Placement, Review, Said, Thread, Version
from submissions.pointing import pointed
from tests.cast import Cast

TEXT = "# Pipeline\n\nLabels wait.\n\n## Replays\n\nThe swap is one rename.\n"
RENAME = {"quote": "The swap is one rename."}


@pytest.fixture
def version(cast: Cast) -> Version:
    return cast.hand_in(text=TEXT)


def mark(cast: Cast, note: str, claim: Entry | None = None) -> None:
    """A mark with the evidence of the claim."""
    named = {"version": claim.version, "anchor": claim.anchor} if claim else {}
    seen = record.standing_of(cast.learner, cast.criteria[0]).last
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", note, **named, seen=seen)  # type: ignore[arg-type]


def look_again(cast: Cast) -> bool:
    """Whether learner and mentor are told to look again, the same to both."""
    shown = set()
    for person in (cast.learner.user, cast.mentor):
        client = Client()
        client.force_login(person)
        text = client.get(Version.objects.latest("number").submission.get_absolute_url()).text
        shown.add("Look again" in text)
    (same,) = shown
    return same


def test_evidence_that_changed_asks_both_to_look_again_until_the_mark_is_renewed(
    cast: Cast, version: Version
) -> None:
    place = pointed(version, RENAME)
    claim = record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=version, place=place)
    mark(cast, "", claim)
    assert not look_again(cast)
    cast.hand_in(text=TEXT.replace("Labels wait", "Labels hurry"))
    assert not look_again(cast), "that is another place"
    two = TEXT.replace("one rename", "two renames")
    cast.hand_in(text=two)
    assert look_again(cast)
    # With the same place: the mentor has seen how it reads by now.
    mark(cast, "Still.", claim)
    assert not look_again(cast)
    cast.hand_in(text=two + "\nMore.\n")
    assert not look_again(cast), "it reads as it did"
    cast.hand_in(text=TEXT.replace("is one rename", "is three renames"))
    assert look_again(cast)
    mark(cast, "Yet.", claim)
    cast.hand_in(text="# Other\n\nNothing of it.\n")
    assert look_again(cast), "it is gone"
    mark(cast, "By word of mouth.")
    assert not look_again(cast)


def test_thread_whose_place_was_fixed_is_evidence_without_looking_again(cast: Cast, version: Version) -> None:
    review = Review.objects.begin(version, cast.mentor)
    said = Said("Why one?", uuid4(), "must")
    place = pointed(version, RENAME)
    thread = Thread.objects.open(version, cast.mentor, said, review, place)
    review.publish("changes")
    draft = version.submission.start_draft()
    draft.save_draft(TEXT.replace("one rename", "two renames"), "", "", draft.revision)
    thread.answer(cast.learner.user, "fixed", Said("Two now.", uuid4()), draft)
    draft.submit()
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", thread=thread, seen=0)
    assert thread.anchor.placements.get(version=draft).state == "changed"
    assert not look_again(cast)


def test_region_that_changed_asks_to_look_again_at_each_later_version(cast: Cast, version: Version) -> None:
    place = pointed(version, RENAME)
    claim = record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=version, place=place)

    def next_version() -> None:
        """One of whose picture only the page is sure."""
        newest = cast.hand_in(text="# Other")
        page = {"type": "SectionSelector", "path": [], "kind": "page", "number": 1}
        Placement.objects.filter(version=newest).update(state="section", selectors=[page])

    next_version()
    mark(cast, "", claim)
    assert not look_again(cast)
    next_version()
    assert look_again(cast)
    mark(cast, "Still.", claim)
    assert not look_again(cast)
