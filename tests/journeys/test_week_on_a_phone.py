"""A learner's week on a phone: by touch, over a connection that comes and goes, until a criterion is met."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import Notification
from progress import record
from progress.demo.files import picture
from progress.models import Completion
from submissions.models import Review, Said, Thread, Version
from tests.cast import Cast, make_cast, month_text
from tests.journeys.conftest import turn_to
from tests.journeys.test_admin import overflow
from tests.journeys.test_story import NewContext, log_in

Shot = Callable[[Page, str], None]


def see(page: Page, shot: Shot, name: str) -> None:
    """Looks at a page before it is used: nothing of it lies beyond the edge of the screen."""
    page.wait_for_load_state()
    assert not overflow(page), f"{name} scrolls sideways"
    shot(page, name)


def asks_for_more(school: Cast, version: Version) -> Thread:
    """The mentor's first review."""
    review = Review.objects.begin(version, school.mentor)
    thread = Thread.objects.open(
        version, school.mentor, Said("Where do the labels wait?", uuid4(), "must"), review
    )
    review.save_draft("changes", "One thing is missing.", review.revision)
    review.publish("changes")
    return thread


def is_content(school: Cast, thread: Thread, version: Version) -> None:
    """The mentor's second review, with a mark."""
    thread.confirm(school.mentor, Said("", uuid4()))
    review = Review.objects.begin(version, school.mentor)
    review.save_draft("accept", "Now it is whole.", review.revision)
    review.publish("accept")
    record.mark(school.learner, school.criteria[0], school.mentor, "met", version=version, seen=0)


@pytest.mark.once
def test_week_on_a_phone(live_server: LiveServer, new_context: NewContext, shot: Shot) -> None:
    site = live_server.url
    school = make_cast(month_text(works=2))
    phone = new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, color_scheme="dark"
    )
    page = phone.new_page()
    page.goto(site)
    see(page, shot, "log-in")
    log_in(page, site, school.learner.user.email)

    # In the train she ticks a task, loses the connection over the next, and ticks it again.
    see(page, shot, "path")
    page.get_by_role("checkbox", name="Task 1.1").tap()
    expect(page.get_by_role("checkbox", name="Task 1.1")).to_be_checked()
    phone.set_offline(True)
    page.get_by_role("checkbox", name="Task 1.2").tap()
    expect(page.locator(".toast")).to_contain_text("The connection was lost")
    expect(page.get_by_role("checkbox", name="Task 1.2")).not_to_be_checked()
    see(page, shot, "offline")
    phone.set_offline(False)
    page.wait_for_timeout(500)  # a finger that comes back sooner has tapped twice, which is one tick
    page.get_by_role("checkbox", name="Task 1.2").tap()
    expect(page.get_by_role("checkbox", name="Task 1.2")).to_be_checked()
    assert set(Completion.objects.done().values_list("task__text", flat=True)) == {"Task 1.1", "Task 1.2"}

    # She hands in a picture of what she has drawn.
    page.get_by_role("button", name="Work 1.1").tap()
    page.wait_for_url("**/submissions/**")
    see(page, shot, "empty-work")
    page.get_by_label("Add files").set_input_files(
        {"name": "IMG_0042.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator("#draft-files")).to_contain_text("IMG_0042.png")
    page.get_by_label("A word to your mentor").fill("Drawn by hand.")
    see(page, shot, "draft")
    page.locator("#draft").get_by_role("button", name="Hand in").tap()
    expect(page.locator("#notices")).to_contain_text("Handed in")
    see(page, shot, "handed-in")
    first = Version.objects.submitted().get()
    assert (first.files.get().name, first.note) == ("IMG_0042.png", "Drawn by hand.")

    # The bell tells what the mentor found, and leads there.
    thread = asks_for_more(school, first)
    page.goto(f"{site}/path/")
    expect(page.locator("#unread .count")).to_contain_text("1")
    see(page, shot, "bell")
    page.locator("#unread").tap()
    page.wait_for_url("**/notifications/")
    see(page, shot, "news")
    page.get_by_role("link", name="Tomas Lindqvist asked for changes on “Work 1.1”.").tap()
    page.wait_for_url("**/submissions/**")
    expect(page.locator("#unread .count")).to_have_count(0)
    assert not Notification.objects.unread().filter(user=school.learner.user).exists()
    see(page, shot, "must-fix")

    # She answers the point in a second version.
    turn_to(page, "Work")
    page.get_by_role("button", name="Begin version 2").tap()
    answers = page.get_by_role("group", name="Points that must be fixed")
    answers.get_by_label("Fixed here").check()
    answers.get_by_label("Your answer").fill("They wait in the store, drawn below.")
    page.get_by_label("Text", exact=True).fill("The labels wait in the feature store.")
    see(page, shot, "second-version")
    page.get_by_role("button", name="Hand in version 2").tap()
    expect(page.locator("#notices")).to_contain_text("Handed in")
    second = Version.objects.submitted().get(number=2)
    assert Thread.objects.with_state().get().state == "answered"

    # The mentor is content, and the criterion is met.
    is_content(school, thread, second)
    page.goto(f"{site}/path/")
    expect(page.locator("#unread .count")).to_contain_text("3")
    page.locator("#unread").tap()
    see(page, shot, "good-news")
    page.get_by_role("link", name="Tomas Lindqvist marked “Criterion 1” as met.").tap()
    page.wait_for_url("**/months/**")
    criterion = page.locator(".criterion", has_text="Criterion 1")
    expect(criterion.locator(".pill")).to_have_text("Met")
    expect(criterion).to_contain_text("Work 1.1, version 2")
    expect(criterion).to_be_in_viewport()
    expect(page.get_by_text("Nothing at the moment.")).to_be_hidden()  # the month comes first then
    see(page, shot, "met")

    # On Sunday she has her calendar program fetch the dates: the address alone is enough.
    page.goto(f"{site}/account/")
    see(page, shot, "account")
    page.get_by_role("button", name="Make an address").tap()
    address = page.get_by_label("The address to subscribe to").input_value()
    see(page, shot, "calendar")
    answer = new_context().request.get(address)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/calendar")
    events = Calendar.from_ical(answer.body()).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Month 08: Week 1 ends"]
