"""A PDF in the room: read, searched, commented on by passage and by region, with mouse, finger and keys."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions import store
from submissions.models import Submission, Version
from tests.cast import Cast, make_cast
from tests.submissions import pdfs

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
LISTEN = 'document.addEventListener("cairn:point", ({ detail }) => (window.pointed ??= []).push(detail));'
TELL = """(places) => {
  const island = document.querySelector("#places") ?? document.createElement("script");
  island.type = "application/json";
  island.id = "places";
  island.textContent = JSON.stringify(places);
  document.querySelector("#threads").append(island);
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}"""
DRAWN = 15_000


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


def handed_in(people: Cast, name: str, content: bytes) -> Version:
    submission = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    version = submission.start_draft()
    version.add_file(name, store.receive([content], 10**8))
    version.submit()
    return version


@pytest.fixture
def open_room(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, people: Cast
) -> Callable[..., Page]:
    def opened(version: Version, **options: Any) -> Page:
        context = new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        log_in_as(context, people.mentor)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url())
        return page

    return opened


def pointed(page: Page) -> list[dict[str, Any]]:
    """What was said to the room so far."""
    said: list[dict[str, Any]] = page.evaluate_handle("() => window.pointed ?? []").json_value()
    return said


@pytest.mark.story
def test_pdf_is_read_searched_and_commented_on(
    open_room: Callable[..., Page], people: Cast, axe: Look, shot: Shot
) -> None:
    lines = [pdfs.lines_of(number) for number in range(1, 41)]
    lines[29][5:7] = ["what is lost in the swap is the free-", "dom to look twice at a stone"]
    version = handed_in(people, "design.pdf", pdfs.of_lines(lines))
    file = str(version.files.get().uuid)
    page = open_room(version)
    pdf = page.locator(".pdf")
    leaf = pdf.locator(".leaf")
    expect(leaf.first.locator("canvas")).to_have_count(1, timeout=DRAWN)
    expect(leaf.first.locator(".textLayer")).to_contain_text("Part 1 of the design")
    expect(leaf).to_have_count(40)

    # A hit over the end of a line, on a page that was not drawn.
    search = pdf.get_by_role("searchbox", name="Search in this PDF")
    search.fill("freedom to look")
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("1 of 1, page 30", timeout=DRAWN)
    expect(leaf.nth(29).locator(".hit.now")).to_have_count(2, timeout=DRAWN)
    expect(leaf.nth(29).locator(".hit.now").first).to_be_in_viewport()
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("30")
    search.fill("of the design")
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("30 of 40, page 30", timeout=DRAWN)
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("31 of 40, page 31")
    search.press("Shift+Enter")
    search.press("Shift+Enter")
    expect(pdf.get_by_role("status")).to_have_text("29 of 40, page 29")
    assert pdf.locator("canvas").count() < 10

    # A passage: the button beside it, and the key.
    pdf.get_by_role("combobox", name="Page").select_option("1")
    line = leaf.first.locator(".textLayer span").nth(1)
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.locator(".pointer").get_by_role("button", name="Comment").click()
    (said,) = pointed(page)
    assert (said["file"], said["page"]) == (file, 1)
    assert said["quote"] in lines[0][1]
    assert len(said["quote"]) > len(lines[0][1]) / 2
    page.keyboard.press("c")
    assert pointed(page)[1] == said

    # A region with the mouse, over a page's own fractions.
    pdf.get_by_role("button", name="Mark a region").click()
    frame = leaf.first.bounding_box()
    assert frame
    page.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["width"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["width"] * 0.4, steps=4)
    page.mouse.up()
    said = pointed(page)[2]
    assert said["file"] == file
    left, top, width, height = numbers(said["region"], "page=1&")
    assert left == pytest.approx(10, abs=0.3)
    assert width == pytest.approx(40, abs=0.5)
    assert top == pytest.approx(20 * 595 / 842, abs=0.5)
    assert height == pytest.approx(20 * 595 / 842, abs=0.5)

    # What is said about it is marked, and a link leads there and back.
    page.evaluate_handle(
        TELL,
        [
            {"thread": "a" * 8, "file": file, "boxes": [[1, 0.1, 0.1, 0.5, 0.02]], "state": "exact"},
            {
                "thread": "b" * 8,
                "file": file,
                "region": "page=12&" + "xywh=percent:10,70,30,12.5",
                "state": "moved",
            },
            {"thread": "c" * 8, "file": file, "boxes": [[1, 0.1, 0.3, 0.5, 0.02]], "state": "section"},
        ],
    )
    expect(leaf.first.locator(".number")).to_have_count(1)
    leaf.first.get_by_role("link", name="Comment 1").click()
    assert page.url.endswith("#thread-aaaaaaaa")
    page.evaluate_handle(
        """(file) => document.dispatchEvent(new CustomEvent("cairn:show", { detail: { thread: "bbbbbbbb", file } }))""",
        file,
    )
    expect(leaf.nth(11).locator(".region-mark.flash")).to_be_in_viewport()
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("12")

    # Small pages, larger pages; the size is remembered.
    pdf.get_by_role("button", name="Small pages").click()
    small = pdf.get_by_role("navigation", name="Small pages")
    expect(small.get_by_role("button", name="Page 12").locator("canvas")).to_have_count(1, timeout=DRAWN)
    assert small.locator("canvas").count() < 30
    small.get_by_role("button", name="Page 14").click()
    expect(leaf.nth(13).locator("canvas")).to_have_count(1, timeout=DRAWN)
    pdf.get_by_role("button", name="Larger").click()
    expect(pdf.get_by_role("status")).to_have_text("125 %")
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("14")
    axe(page)
    shot(page, "open")
    page.reload()
    expect(leaf.first.locator("canvas")).to_have_count(1, timeout=DRAWN)
    expect(pdf.locator("[data-percent]")).to_have_text("125 %")


def numbers(region: str, before: str) -> list[float]:
    """The four numbers of a fragment's value."""
    start = f"{before}xywh=percent:"
    assert region.startswith(start)
    return [float(value) for value in region.removeprefix(start).split(",")]
