"""A PDF in the room: read, searched, commented on by passage and by region, with mouse, finger and keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys.conftest import turn_to
from tests.journeys.room import SHOW, TELL, drag_with_a_finger, handed_in, numbers, pointed
from tests.submissions import pdfs

Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
OpenRoom = Callable[..., Page]
DRAWN = 15_000
"""Milliseconds in which a page must be there."""


@pytest.mark.story
def test_pdf_is_read_searched_and_commented_on(
    open_room: OpenRoom, people: Cast, axe: Look, shot: Shot
) -> None:
    lines = [pdfs.lines_of(number) for number in range(1, 21)]
    lines[15][5:7] = ["what is lost in the swap is the free-", "dom to look twice at a stone"]
    version = handed_in(people, {"design.pdf": pdfs.of_lines(lines)})
    file = str(version.files.get().uuid)
    page = open_room(version)
    pdf = page.locator(".pdf")
    leaf = pdf.locator(".leaf")
    expect(leaf.first.locator("canvas")).to_have_count(1, timeout=DRAWN)
    expect(leaf.first.locator(".textLayer")).to_contain_text("Part 1 of the design")
    expect(leaf).to_have_count(20)

    # A hit over the end of a line, on a page that was not drawn.
    search = pdf.get_by_role("searchbox", name="Search in this PDF")
    search.fill("freedom to look")
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("1 of 1, page 16", timeout=DRAWN)
    expect(leaf.nth(15).locator(".hit.now")).to_have_count(2, timeout=DRAWN)
    expect(leaf.nth(15).locator(".hit.now").first).to_be_in_viewport()
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("16")
    search.fill("of the design")
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("16 of 20, page 16", timeout=DRAWN)
    search.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("17 of 20, page 17")
    search.press("Shift+Enter")
    search.press("Shift+Enter")
    expect(pdf.get_by_role("status")).to_have_text("15 of 20, page 15")
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
    expect(page.locator("#new-body")).to_be_focused()

    # A region with the mouse, over a page's own fractions.
    pdf.get_by_role("button", name="Mark a region").click()
    frame = leaf.first.bounding_box()
    assert frame
    page.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["width"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["width"] * 0.4, steps=4)
    page.mouse.up()
    said = pointed(page)[1]
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
    page.evaluate_handle(SHOW, {"thread": "b" * 8, "file": file})
    expect(leaf.nth(11).locator(".region-mark.flash")).to_be_in_viewport()
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("12")

    pdf.get_by_role("button", name="Small pages").click()
    axe(page)
    shot(page, "open")


@pytest.mark.prove
def test_pages_are_small_and_large_and_the_size_is_remembered(open_room: OpenRoom, people: Cast) -> None:
    page = open_room(handed_in(people, {"design.pdf": pdfs.of_text(40)}))
    pdf = page.locator(".pdf")
    leaf = pdf.locator(".leaf")
    expect(leaf.first.locator("canvas")).to_have_count(1, timeout=DRAWN)
    pdf.get_by_role("combobox", name="Page").select_option("12")
    pdf.get_by_role("button", name="Small pages").click()
    small = pdf.get_by_role("group", name="Small pages")
    expect(small.get_by_role("button", name="Page 12").locator("canvas")).to_have_count(1, timeout=DRAWN)
    assert small.locator("canvas").count() < 30
    small.get_by_role("button", name="Page 14").click()
    expect(leaf.nth(13).locator("canvas")).to_have_count(1, timeout=DRAWN)

    pdf.get_by_role("button", name="Larger").click()
    expect(pdf.get_by_role("status")).to_have_text("125 %")
    page.set_viewport_size({"width": 1100, "height": 700})
    page.wait_for_timeout(300)
    expect(pdf.get_by_role("combobox", name="Page")).to_have_value("14")
    page.reload()
    expect(leaf.first.locator("canvas")).to_have_count(1, timeout=DRAWN)
    expect(pdf.locator("[data-percent]")).to_have_text("125 %")
    pdf.get_by_role("region").focus()
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(pdf.locator("[data-percent]")).to_have_text("75 %")
    page.keyboard.press("0")
    expect(pdf.locator("[data-percent]")).to_have_text("100 %")


@pytest.mark.prove
def test_pages_far_away_are_let_go(open_room: OpenRoom, people: Cast) -> None:
    page = open_room(handed_in(people, {"long.pdf": pdfs.of_text(300)}))
    pdf = page.locator(".pdf")
    choice = pdf.get_by_role("combobox", name="Page")
    expect(pdf.locator("canvas")).not_to_have_count(0, timeout=DRAWN)
    for number in (1, 40, 150, 151, 300):
        choice.select_option(str(number))
        leaf = pdf.locator(".leaf").nth(number - 1)
        expect(leaf.locator(".textLayer")).to_contain_text(f"Part {number} of", timeout=DRAWN)
        assert pdf.locator("canvas").count() <= 6
        assert pdf.locator(".textLayer").count() <= 6


@pytest.mark.prove
def test_scanned_page_says_so_and_takes_a_region_with_keys_alone(
    open_room: OpenRoom, people: Cast, axe: Look
) -> None:
    page = open_room(handed_in(people, {"scan.pdf": pdfs.scanned(3)}))
    pdf = page.locator(".pdf")
    expect(pdf.locator(".untexted").first).to_contain_text("No text on this page", timeout=DRAWN)
    pdf.get_by_role("searchbox").fill("word")
    page.keyboard.press("Enter")
    expect(pdf.get_by_role("status")).to_have_text("This PDF has no text to search in.", timeout=DRAWN)
    pdf.get_by_role("button", name="Mark a region").focus()
    page.keyboard.press("Enter")
    expect(pdf.get_by_role("application", name="Region on page 1")).to_be_focused()
    axe(page)
    for key in ("PageDown", "ArrowRight", "ArrowDown", "Shift+ArrowUp"):
        page.keyboard.press(key)
    expect(pdf.get_by_role("application", name="Region on page 2")).to_be_focused()
    expect(pdf.get_by_role("status")).to_contain_text("% from the left")
    page.keyboard.press("Enter")
    (said,) = pointed(page)
    left, top, width, height = numbers(said["region"], "page=2&")
    assert min(left, top, width, height) >= 0
    assert left + width <= 100
    assert top + height <= 100


@pytest.mark.prove
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_words_lie_where_a_turned_page_shows_them(open_room: OpenRoom, people: Cast, turned: int) -> None:
    page = open_room(handed_in(people, {"turned.pdf": pdfs.of_lines([["Upper left"]], turned=turned)}))
    leaf = page.locator(".leaf")
    word = leaf.locator(".textLayer span").first
    expect(word).to_have_text("Upper left", timeout=DRAWN)
    box, frame = word.bounding_box(), leaf.bounding_box()
    assert box
    assert frame
    x = (box["x"] + box["width"] / 2 - frame["x"]) / frame["width"]
    y = (box["y"] + box["height"] / 2 - frame["y"]) / frame["height"]
    # The middle of the words, 60 and 60 points from the corner of the page as it lies, in fractions of A4.
    across, down = 0.147, 0.065
    places = {0: (across, down), 90: (1 - down, across), 180: (1 - across, 1 - down), 270: (down, 1 - across)}
    assert (x, y) == pytest.approx(places[turned], abs=0.03)


@pytest.mark.prove
def test_region_of_a_page_with_a_finger_on_a_phone(
    open_room: OpenRoom, people: Cast, axe: Look, shot: Shot
) -> None:
    page = open_room(
        handed_in(people, {"design.pdf": pdfs.of_text(3)}),
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    leaf = page.locator(".leaf").first
    expect(leaf.locator(".textLayer")).to_contain_text("Part 1", timeout=DRAWN)
    page.get_by_role("button", name="Mark a region").tap()
    drag_with_a_finger(page, leaf, (0.2, 0.2), (0.8, 0.6))
    (said,) = pointed(page)
    assert numbers(said["region"], "page=1&") == pytest.approx([20, 20, 60, 40], abs=2)
    # The form has come to the front, with the place in it.
    turn_to(page, "Work")
    drag_with_a_finger(page, leaf, (0.5, 0.6), (0.5, 0.2))
    assert len(pointed(page)) == 1
    axe(page)
    shot(page, "phone")


@pytest.mark.prove
def test_pdf_without_a_script_is_a_download(open_room: OpenRoom, people: Cast) -> None:
    page = open_room(handed_in(people, {"design.pdf": pdfs.of_text(2)}), java_script_enabled=False)
    expect(page.locator(".pdf")).to_contain_text("without it, download the file")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download design.pdf").click()
    assert download.value.path().read_bytes() == pdfs.of_text(2)
