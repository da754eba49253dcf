"""Pictures and drawings in the room: larger and smaller, moved about, and commented on by region."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cast import Cast
from tests.journeys.conftest import turn_to
from tests.journeys.room import TELL, drag_with_a_finger, handed_in, numbers, pointed
from tests.submissions import samples

Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
OpenRoom = Callable[..., Page]
DRAWING = samples.svg(b'<rect x="20" y="10" width="60" height="40" fill="#3d6b47"/>')


def drag(page: Page, surface: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With the mouse, in fractions of the surface."""
    box = surface.bounding_box()
    assert box
    (x, y), (to_x, to_y) = (
        (box["x"] + box["width"] * a, box["y"] + box["height"] * b) for a, b in (start, end)
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()


def test_picture_is_looked_at_closely_and_commented_on(
    open_room: OpenRoom, people: Cast, axe: Look, shot: Shot
) -> None:
    version = handed_in(people, {"shot.png": samples.noisy("PNG"), "graph.svg": DRAWING})
    file = str(version.files.get(name="shot.png").uuid)
    page = open_room(version)
    picture = page.locator(".file", has=page.get_by_role("heading", name="shot.png"))
    surface, wall = picture.locator(".surface"), picture.get_by_role("region")
    expect(picture.locator("img")).to_have_js_property("naturalWidth", 200)
    expect(surface).to_have_css("width", "200px")

    # As large as it takes: with buttons, keys and the wheel; moved with the mouse and the arrows.
    picture.get_by_role("button", name="Larger").click()
    expect(picture.get_by_role("status")).to_have_text("125 %")
    expect(surface).to_have_css("width", "250px")
    wall.focus()
    for _step in range(6):
        page.keyboard.press("+")
    expect(picture.locator("[data-percent]")).to_have_text("800 %")
    drag(page, wall, (0.5, 0.5), (0.2, 0.3))
    left = wall.evaluate_handle("wall => wall.scrollLeft").json_value()
    assert left > 100
    page.keyboard.press("ArrowRight")
    expect(wall).not_to_have_js_property("scrollLeft", left)
    page.keyboard.down("Control")
    page.mouse.wheel(0, 100)
    page.keyboard.up("Control")
    expect(picture.locator("[data-percent]")).to_have_text("600 %")
    page.keyboard.press("0")
    expect(surface).to_have_css("width", "200px")

    # Regions: with the mouse, on the picture and on the drawing.
    picture.get_by_role("button", name="Mark a region").click()
    drag(page, surface, (0.25, 0.5), (0.75, 0.9))
    drawing = page.locator(".file", has=page.get_by_role("heading", name="graph.svg"))
    drawing.get_by_role("button", name="Mark a region").click()
    drag(page, drawing.locator(".surface"), (0.1, 0.1), (0.9, 0.9))
    first, second = pointed(page)
    assert first["file"] == file
    assert numbers(first["region"]) == pytest.approx([25, 50, 50, 40], abs=1)
    assert second["file"] == str(version.files.get(name="graph.svg").uuid)
    assert numbers(second["region"]) == pytest.approx([10, 10, 80, 80], abs=1)

    place = {"thread": "a" * 8, "file": file, "region": first["region"], "state": "exact"}
    page.evaluate_handle(TELL, [place])
    link = picture.get_by_role("link", name="Comment 1")
    frame, mark = surface.bounding_box(), picture.locator(".region-mark").bounding_box()
    assert frame
    assert mark
    assert mark["width"] / frame["width"] == pytest.approx(0.5, abs=0.03)
    link.click()
    assert page.url.endswith("#thread-aaaaaaaa")
    axe(page)
    shot(page, "marked")


def test_picture_keeps_its_place_before_it_has_loaded_and_without_a_script(
    open_room: OpenRoom, people: Cast
) -> None:
    version = handed_in(people, {"shot.png": samples.png(400, 300)})
    page = open_room(version, java_script_enabled=False)
    image = page.locator(".file img")
    expect(image).to_have_attribute("width", "400")
    expect(image).to_have_attribute("height", "300")
    expect(page.locator(".file a:has(img)")).to_have_attribute("href", version.files.get().raw_url)

    def never(route: Any) -> None:
        route.abort()

    page = open_room(version, before=lambda context: context.route("**/raw/**", never))
    surface = page.locator(".surface")
    expect(surface).to_have_css("width", "400px")
    expect(surface.locator("img")).to_have_css("height", "300px")
    expect(page.locator(".picture > .help")).to_contain_text("could not be drawn here")


@pytest.mark.prove
def test_region_of_a_picture_with_keys_alone(open_room: OpenRoom, people: Cast) -> None:
    page = open_room(handed_in(people, {"shot.png": samples.png(400, 300)}))
    button = page.get_by_role("button", name="Mark a region")
    button.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("application", name="Region of the picture")
    expect(box).to_be_focused()
    expect(page.locator(".file").get_by_role("status")).to_contain_text("Shift and arrows size it")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    for key in ["ArrowLeft"] * 40 + ["ArrowUp"] * 5 + ["Shift+ArrowRight"] * 3:
        page.keyboard.press(key)
    expect(page.locator(".file").get_by_role("status")).to_contain_text("0 % from the left")
    page.keyboard.press("Enter")
    (said,) = pointed(page)
    left, _top, width, _height = numbers(said["region"])
    assert left == 0
    assert width == pytest.approx(43, abs=0.1)


@pytest.mark.prove
def test_region_of_a_picture_with_a_finger(open_room: OpenRoom, people: Cast, axe: Look, shot: Shot) -> None:
    page = open_room(
        handed_in(people, {"shot.png": samples.noisy("PNG")}),
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    surface = page.locator(".surface")
    page.get_by_role("button", name="Mark a region").tap()
    drag_with_a_finger(page, surface, (0.2, 0.2), (0.8, 0.6))
    (said,) = pointed(page)
    assert numbers(said["region"]) == pytest.approx([20, 20, 60, 40], abs=2)
    # The mode is over: a finger scrolls again, and says nothing.
    turn_to(page, "Work")
    drag_with_a_finger(page, surface, (0.2, 0.2), (0.8, 0.6))
    assert len(pointed(page)) == 1
    axe(page)
    shot(page, "phone")


@pytest.mark.prove
def test_region_by_two_clicks_without_dragging(open_room: OpenRoom, people: Cast) -> None:
    page = open_room(handed_in(people, {"shot.png": samples.noisy("PNG")}))
    page.get_by_role("button", name="Mark a region").click()
    surface = page.locator(".surface")
    surface.click(position={"x": 20, "y": 40})
    expect(page.locator(".file").get_by_role("status")).to_have_text("Now click the opposite corner.")
    surface.click(position={"x": 120, "y": 140})
    (said,) = pointed(page)
    assert numbers(said["region"]) == pytest.approx([10, 20, 50, 50], abs=1)
