"""Searching from any page without a mouse: the key, the list, the page, and the page alone without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from tests.cast import make_cast

Contexts = Callable[..., BrowserContext]


@pytest.mark.prove
def test_search_by_keyboard(
    live_server: LiveServer,
    new_context: Contexts,
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
    log_in_as: Callable[[BrowserContext, User], None],
) -> None:
    cast = make_cast()
    work = cast.hand_in().submission
    context = new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    log_in_as(context, cast.mentor)
    page = context.new_page()
    page.goto(f"{live_server.url}/desk/")
    field = page.get_by_role("combobox", name="Search")
    options = page.locator("#search-list").get_by_role("option")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")

    page.keyboard.type("i")
    # The first request of a worker that has just begun may take its time beside other tests.
    expect(page.locator("#search-said")).to_have_text("Type at least two letters.", timeout=20_000)
    page.keyboard.type("nes")
    expect(options.first).to_contain_text("Work 1.1")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#search-said")).to_contain_text("results")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    axe(page)
    shot(page, "list")
    page.emulate_media(color_scheme="dark")
    axe(page, "color-contrast")
    shot(page, "list-dark")
    page.emulate_media(color_scheme="light")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("ines")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{work.get_absolute_url()}")

    page.keyboard.press("/")
    page.keyboard.type("task 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=task+1")
    expect(page.get_by_role("heading", name="Curriculum", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("task 1")
    axe(page)
    page.get_by_role("combobox", name="Search").fill("nothing like it")
    expect(page.locator("#search-said")).to_have_text("Nothing found for “nothing like it”.")
    page.keyboard.press("Tab")
    expect(page.locator("#search-list")).to_be_hidden()
    page.go_back()
    page.go_forward()
    expect(
        page.get_by_role("heading", name="Search", exact=True)
    ).to_be_visible()  # a page, never the list alone
    shot(page, "page")

    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_server.url}/desk/")
    expect(page.locator("#search")).to_be_hidden()
    shot(page, "phone-bar")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.get_by_role("combobox", name="Search").fill("ines")
    expect(options.first).to_be_visible()
    axe(page)
    shot(page, "phone")
    wide = page.locator("html").evaluate("root => root.scrollWidth")
    assert wide <= 390

    User.objects.update(keys=False)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/desk/")
    page.keyboard.press("/")
    expect(field).not_to_be_focused()

    bare = new_context(java_script_enabled=False)
    log_in_as(bare, cast.learner.user)
    page = bare.new_page()
    page.goto(f"{live_server.url}/account/")
    page.get_by_role("searchbox", name="Search").fill("work 1.1")
    page.keyboard.press("Enter")
    page.locator("#submissions + .queue").get_by_role("link", name="Work 1.1").click()
    expect(page.get_by_role("heading", name="Work 1.1", exact=True)).to_be_visible()
