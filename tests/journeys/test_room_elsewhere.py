"""What is marked, claimed and put right elsewhere comes into open rooms, whatever is being typed there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from progress import record
from submissions.models import Review, Thread
from submissions.pointing import pointed
from tests.cast import make_cast
from tests.factories import mentor_of
from tests.submissions.talking import words

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
SOON = 15_000
"""Milliseconds in which what happens elsewhere has to be there."""
TEXT = "# Design\n\n## Queue\n\nThe queue keeps ten messages for a day.\n\n## Cache\n\nThe cache keeps all results.\n"


def hear(*pages: Page) -> None:
    """Each page asks for news now, as it does by itself every few seconds."""
    for page in pages:
        page.bring_to_front()
        with page.expect_response("**/news/"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def is_typing(field: Locator, typed: str) -> None:
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()


@pytest.mark.prove
def test_room_shows_marks_and_places_from_elsewhere_while_somebody_types(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, axe: Callable[..., None]
) -> None:
    cast = make_cast()
    sofia = mentor_of(cast.cohort, name="Sofia Berg")
    version = cast.hand_in(text=TEXT)
    review = Review.objects.begin(version, sofia)
    where = pointed(version, {"quote": "ten messages"})
    thread = Thread.objects.open(version, sofia, words("Why ten?", "should"), review, where)
    review.publish("comment")
    one = cast.criteria[0]
    claimed = pointed(version, {"quote": "The queue keeps ten messages for a day."})
    claim = record.claim(cast.learner, one, cast.learner.user, version=version, place=claimed)
    pages = []
    for person in (cast.mentor, cast.learner.user):
        context = new_context(viewport={"width": 1440, "height": 900})
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url())
        pages.append(page)
    tomas, ines = pages
    criterion = f"#criterion-{one.uuid}"
    reply = ines.locator(f"#thread-{thread.uuid} form.answer textarea")
    ines.locator(f"#thread-{thread.uuid} form.answer summary").click()
    reply.press_sequentially("Half an ")

    # Another mentor marks it.
    record.mark(cast.learner, one, sofia, "met", "Well argued.", anchor=claim.anchor, version=version, seen=1)
    hear(*pages)
    for page in pages:
        expect(page.locator(f"{criterion} .pill")).to_have_text("Met", timeout=SOON)
        expect(page.locator(criterion)).to_contain_text("Well argued.")
        expect(page.locator("#notices")).to_contain_text("Criterion 1: Met")
    is_typing(reply, "Half an ")

    # The learner puts the place of the comment right, in another tab of hers.
    thread.anchor.placements.get().pin(cast.learner.user, *pointed(version, {"quote": "The cache"}))
    tomas.locator(criterion).get_by_role("link", name="Change the mark…").click()
    note = tomas.locator(f"{criterion} textarea")
    note.press_sequentially("Half a ")
    hear(*pages)
    for page in pages:
        expect(page.locator(f"#thread-{thread.uuid} .place")).to_contain_text(
            "put here by Ines Duarte", timeout=SOON
        )
        expect(page.locator(f"#thread-{thread.uuid} .place blockquote")).to_have_text("The cache")
        expect(page.locator("#notices")).to_contain_text("The place of a comment was put right")
        assert '"state": "exact"' in page.locator("#places").text_content()  # type: ignore[operator]
    is_typing(note, "Half a ")
    is_typing(reply, "Half an ")

    # A new version changes the claimed passage: both are asked to look again, each beside what they type.
    cast.hand_in(text=TEXT.replace("ten messages", "twenty messages"))
    hear(*pages)
    for page in pages:
        expect(page.locator(f"{criterion} .pill")).to_have_text("Look again", timeout=SOON)
        expect(page.locator(criterion)).to_contain_text("has changed since it was marked")
        expect(page.locator("#news-version")).to_contain_text("Version 2 was handed in")
        axe(page)
    is_typing(note, "Half a ")
    is_typing(reply, "Half an ")

    # He looks, and marks it once more with the same evidence.
    tomas.bring_to_front()
    note.press_sequentially("day is enough.")
    tomas.locator(criterion).get_by_label("Met", exact=True).check()
    tomas.locator(f"{criterion} select").select_option(value=claim.evidence_value)
    tomas.locator(criterion).get_by_role("button", name="Record the mark").click()
    expect(tomas.locator(f"{criterion} .pill")).to_have_text("Met")
    hear(*pages)
    for page in pages:
        expect(page.locator(f"{criterion} .pill")).to_have_text("Met", timeout=SOON)
        expect(page.locator(criterion)).to_contain_text("Half a day is enough.")
        expect(page.locator(criterion)).not_to_contain_text("reads differently")
    is_typing(reply, "Half an ")
