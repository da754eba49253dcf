"""A tick in a real browser: at once, and safe from a double click, a second tab and a lost connection."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from progress.models import Completion
from tests.cast import Cast, make_cast
from tests.factories import PASSWORD
from tests.journeys.test_story import NewContext


@pytest.fixture
def school(live_server: LiveServer) -> Cast:
    return make_cast()


def month_page(live_server: LiveServer, new_context: NewContext, school: Cast) -> Page:
    page = new_context().new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Email").fill(school.learner.user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/path/")
    page.goto(f"{live_server.url}/learners/{school.learner.uuid}/months/month-08/")
    return page


def test_sum_of_the_month_follows_a_tick(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    sums = page.locator("#month-sums")
    expect(sums).to_contain_text("0 of 3 tasks")
    page.get_by_role("checkbox", name="Task 1.1").click()
    expect(sums).to_contain_text("1 of 3 tasks")


def test_stone_on_the_path_follows_a_tick(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    page.get_by_role("checkbox", name="A requirement").click()
    expect(page.locator("#month-sums")).to_contain_text("1 of 3 tasks")
    page.goto(f"{live_server.url}/path/")
    stone = page.locator(".cairn .now")
    box = page.get_by_role("checkbox", name="Task 1.1")
    box.click()
    expect(stone).to_contain_text("2 of 3 tasks")
    expect(stone.locator(".fill")).to_have_attribute("height", "67")
    expect(box).to_be_checked()
    box.click()
    expect(stone).to_contain_text("1 of 3 tasks")


def test_tick_by_the_keyboard_keeps_the_focus(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    box = page.get_by_role("checkbox", name="Task 1.1")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_have_attribute("aria-checked", "true")
    expect(box).to_be_focused()


def test_double_click_ticks_once(live_server: LiveServer, new_context: NewContext, school: Cast) -> None:
    page = month_page(live_server, new_context, school)
    page.get_by_role("checkbox", name="Task 1.1").dblclick(delay=60)

    expect(page.get_by_role("checkbox", name="Task 1.1")).to_have_attribute("aria-checked", "true")
    page.wait_for_load_state("networkidle")
    assert Completion.objects.done().count() == 1


def test_two_tabs_agree_on_what_was_asked_for(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("checkbox", name="Task 1.1").click()
    expect(page.get_by_role("checkbox", name="Task 1.1")).to_have_attribute("aria-checked", "true")

    other.get_by_role("checkbox", name="Task 1.1").click()
    expect(other.get_by_role("checkbox", name="Task 1.1")).to_have_attribute("aria-checked", "true")
    assert Completion.objects.done().count() == 1


def test_tick_is_taken_back_with_a_sentence_when_the_connection_is_lost(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    task = page.locator(".task", has_text="Task 1.1")
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Task 1.1").click()

    expect(page.locator(".toast")).to_contain_text("The connection was lost")
    expect(task).not_to_contain_class("done")
    assert not Completion.objects.exists()

    page.context.set_offline(False)
    page.get_by_role("checkbox", name="Task 1.1").click()
    expect(task).to_contain_class("done")
    expect(page.get_by_role("checkbox", name="Task 1.1")).to_have_attribute("aria-checked", "true")
    assert Completion.objects.done().count() == 1


def test_half_written_note_and_claim_outlive_a_tick_and_the_page(
    live_server: LiveServer, new_context: NewContext, school: Cast
) -> None:
    page = month_page(live_server, new_context, school)
    task = page.locator(".task", has=page.get_by_role("checkbox", name="Task 1.1"))
    task.locator("summary").click()
    note = task.get_by_role("textbox", name="Note")
    note.fill("I did it, and what I")
    page.get_by_role("checkbox", name="Task 1.1").click()
    expect(page.get_by_role("checkbox", name="Task 1.1")).to_be_checked()
    expect(note).to_have_value("I did it, and what I")
    expect(note).to_be_visible()

    criterion = page.locator(".criterion").first
    criterion.get_by_text("I think this is met").click()
    claim = criterion.get_by_role("textbox")
    claim.fill("Because of section")
    page.reload()
    expect(note).to_have_value("I did it, and what I")
    expect(note).to_be_visible()
    criterion.get_by_text("I think this is met").click()
    expect(claim).to_have_value("Because of section")

    note.fill("I did it, and what I learnt.")
    task.get_by_role("button", name="Save note").click()
    expect(task.locator(".noted")).to_have_text("I did it, and what I learnt.")
    page.reload()
    expect(note).to_be_hidden()
    assert Completion.objects.get().note == "I did it, and what I learnt."
