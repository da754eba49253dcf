"""The top of the room in a browser: a review that comes while the page is open, and the narrowed list of comments."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions.models import Review
from tests.cast import make_cast
from tests.submissions.talking import answered, words

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
SOON = 15_000
"""Milliseconds in which what happens elsewhere has to be there."""


@pytest.mark.prove
def test_first_review_comes_into_the_open_page(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn
) -> None:
    cast = make_cast()
    version = cast.hand_in()
    context = new_context(viewport={"width": 1440, "height": 900})
    log_in_as(context, cast.learner.user)
    page = context.new_page()
    page.goto(live_server.url + version.submission.get_absolute_url())
    expect(page.locator("#reviews")).to_be_hidden()

    review = Review.objects.begin(version, cast.mentor)
    review.save_draft("changes", "Name the queue first.", review.revision)
    review.publish("changes")

    expect(page.locator("#reviews")).to_contain_text("Name the queue first.", timeout=SOON)
    expect(page.locator("#reviews .review")).to_be_in_viewport()


@pytest.mark.prove
def test_keys_go_through_what_is_listed_and_what_was_settled_stays(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn
) -> None:
    cast = make_cast()
    first, settled, last = answered(cast, "One", "Two", "Three")
    settled.confirm(cast.mentor, words(""))
    context = new_context(viewport={"width": 1440, "height": 900})
    log_in_as(context, cast.mentor)
    page = context.new_page()
    page.goto(live_server.url + first.submission.get_absolute_url())
    thread = {one: page.locator(f"#thread-{one.uuid}") for one in (first, settled, last)}

    page.get_by_role("link", name="Waiting for you").click()

    expect(thread[settled]).to_be_hidden()
    page.keyboard.press("j")
    expect(thread[first]).to_be_focused()
    page.keyboard.press("s")
    expect(thread[first].locator("header")).to_contain_text("Confirmed fixed")
    expect(thread[first]).to_be_focused()
    page.keyboard.press("j")
    expect(thread[last]).to_be_focused()
    expect(thread[first]).to_be_visible()
    page.reload()
    expect(thread[first]).to_be_hidden()
    expect(thread[last]).to_be_visible()
    page.get_by_role("link", name="All", exact=True).click()
    expect(thread[settled]).to_be_visible()
