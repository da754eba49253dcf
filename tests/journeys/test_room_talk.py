"""The talk of a submission between two browsers: what one says comes to the other, who goes on typing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions.models import Comment, SavedReply
from tests.cast import make_cast
from tests.submissions.talking import answered

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
SOON = 15_000
"""Milliseconds in which what happens elsewhere has to be there."""


@pytest.mark.story
def test_room_hears_of_others_while_somebody_types(
    live_server: LiveServer,
    new_context: NewContext,
    log_in_as: LogIn,
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
) -> None:
    cast = make_cast()
    first, second, third = answered(
        cast, "Where do the labels wait?", "Name the queue.", "Who owns the schema?"
    )
    pages = []
    for person in (cast.mentor, cast.learner.user):
        context = new_context(viewport={"width": 1440, "height": 900})
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url + first.submission.get_absolute_url())
        pages.append(page)
    tomas, ines = pages
    thread = tomas.locator(f"#thread-{first.uuid}")
    field = thread.locator("form.answer textarea")
    thread.locator("form.answer summary").click()
    field.press_sequentially("Half a ")

    hers = ines.locator(f"#thread-{first.uuid}")
    hers.locator("form.answer summary").click()
    hers.locator("form.answer textarea").fill("They wait in the queue.")
    hers.get_by_role("button", name="Only reply").click()
    expect(hers).to_contain_text("They wait in the queue.")

    ines.bring_to_front()
    tomas.bring_to_front()
    expect(thread).to_contain_text("They wait in the queue.", timeout=SOON)
    expect(tomas.locator("#notices")).to_contain_text("Ines Duarte replied")
    expect(field).to_have_value("Half a ")
    expect(field).to_be_focused()
    field.press_sequentially("sentence for @in")
    expect(thread.get_by_role("option", name="Ines Duarte")).to_have_attribute("aria-selected", "true")
    axe(tomas)
    field.press("Enter")
    expect(field).to_have_value("Half a sentence for @Ines Duarte ")

    thread.get_by_role("button", name="Add to my saved replies").first.click()
    expect(tomas.locator("#notices")).to_contain_text("Saved as a reply.")
    assert SavedReply.objects.get().body == "Where do the labels wait?"
    thread.get_by_role("button", name="Saved replies…").click()
    choice = thread.get_by_role("button", name="Where do the labels wait?")
    expect(choice).to_be_focused()
    choice.press("Enter")
    expect(field).to_have_value("Half a sentence for @Ines Duarte Where do the labels wait?")
    expect(field).to_be_focused()

    tomas.get_by_text("Select several").click()
    for one in (second, third):
        tomas.locator(f"#thread-{one.uuid}").get_by_role("checkbox").check()
    axe(tomas)
    shot(tomas, "several")
    tomas.get_by_role("button", name="Confirm them as fixed").click()
    expect(tomas.locator("#several")).to_contain_text("2 comments are confirmed.")
    expect(field).to_have_value("Half a sentence for @Ines Duarte Where do the labels wait?")
    axe(tomas)
    tomas.get_by_role("button", name="Undo all 2").click()
    for one in (second, third):
        expect(tomas.locator(f"#thread-{one.uuid} header")).to_contain_text("Answered: confirm")
    assert Comment.objects.filter(act="undo").count() == 2

    comment = first.comments.order_by("pk")[0]
    thread.locator(f"#words-{comment.uuid}").get_by_role("link", name="Change").click()
    words = thread.get_by_label("Your comment")
    expect(words).to_be_focused()
    words.fill("Where exactly do the labels wait?")
    axe(tomas)
    thread.get_by_role("button", name="Save", exact=True).click()
    expect(thread).to_contain_text("Where exactly do the labels wait?")
    expect(thread.get_by_role("link", name="edited")).to_be_visible()
    shot(tomas, "edited")

    draft = first.submission.start_draft()
    draft.save_draft("# Third", "", "", draft.revision)
    draft.submit()
    tomas.bring_to_front()
    expect(tomas.locator("#news-version")).to_contain_text("Version 3 was handed in", timeout=SOON)
    axe(tomas)
    ines.bring_to_front()
    expect(ines.locator(f"#thread-{first.uuid}")).to_contain_text("exactly", timeout=SOON)
