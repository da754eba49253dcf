"""The room in a browser, with an ear for what its viewers say, and a mouth for what it tells them."""

from typing import Any

from playwright.sync_api import Locator, Page

from submissions import store
from submissions.formats import Unacceptable
from submissions.models import Submission, Version
from tests.cast import Cast

LISTEN = 'document.addEventListener("cairn:point", ({ detail }) => (window.pointed ??= []).push(detail));'
TELL = """(places) => {
  document.querySelector("#places")?.remove();
  const island = document.createElement("script");
  island.type = "application/json";
  island.id = "places";
  island.textContent = JSON.stringify(places);
  document.querySelector("#threads").append(island);
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}"""
"""Gives the page other places of threads, as an answer of the server would."""
SHOW = '(detail) => document.dispatchEvent(new CustomEvent("cairn:show", { detail }))'


def handed_in(people: Cast, files: dict[str, bytes], refused: dict[str, str] | None = None) -> Version:
    """A submitted version of files, by their names; `refused` is told why one was not taken, if it may be."""
    submission = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    version = submission.start_draft()
    for name, content in files.items():
        try:
            version.add_file(name, store.receive([content], 10**8))
        except Unacceptable as reason:
            if refused is None:
                raise
            refused[name] = reason.code
    version.submit()
    return version


def pointed(page: Page) -> list[dict[str, Any]]:
    """What the viewers said so far."""
    said: list[dict[str, Any]] = page.evaluate_handle("() => window.pointed ?? []").json_value()
    return said


def numbers(region: str, before: str = "") -> list[float]:
    """The four numbers of a fragment's value."""
    start = f"{before}xywh=percent:"
    assert region.startswith(start)
    return [float(value) for value in region.removeprefix(start).split(",")]


def drag_with_a_finger(
    page: Page, surface: Locator, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """One finger, in fractions of the surface."""
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box
    wire = page.context.new_cdp_session(page)
    steps = 6
    points = [
        {
            "x": box["x"] + box["width"] * (start[0] + (end[0] - start[0]) * step / steps),
            "y": box["y"] + box["height"] * (start[1] + (end[1] - start[1]) * step / steps),
        }
        for step in range(steps + 1)
    ]
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wire.detach()
