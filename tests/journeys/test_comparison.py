"""Two versions beside each other, as a mentor walks through what changed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions import store
from submissions.models import Review, Said, Submission, Thread, Version
from tests.cast import Cast, make_cast
from tests.submissions import samples

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
OLD = """# Data pipeline

Card transactions arrive at 4,200 events a second at peak.

## Batch or streaming

Labels arrive weeks later and are joined on the fly.

- Replays read the topic
- A cache keeps a day

| Path | Delay |
|------|-------|
| Online | 150 ms |

```mermaid
flowchart LR
  events --> stream
```

The first of five paragraphs that stay.

The second of five paragraphs that stay.

The third of five paragraphs that stay.

The fourth of five paragraphs that stay.

The last of five paragraphs that stay.

The swap is one rename, so readers never see half a day.
"""
NEW = (
    OLD.replace("joined on the fly", "joined in a nightly batch")
    .replace("- A cache keeps a day\n", "")
    .replace("150 ms", "200 ms")
    .replace("events --> stream", "events --> stream --> store")
    .replace("\nThe swap is one rename, so readers never see half a day.\n", "")
    .replace("## Batch", "The swap is one rename, so readers never see half a day.\n\n## Batch")
)


def handed_in(cast: Cast, files: dict[str, bytes]) -> Version:
    submission, _made = Submission.objects.get_or_create(learner=cast.learner, deliverable=cast.deliverable)
    version = submission.start_draft()
    for name, content in files.items():
        version.add_file(name, store.receive([content], 10**8))
    version.submit()
    return version


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def thread(people: Cast) -> Thread:
    """A comment on a passage of the first of two versions, which the second one answers."""
    first = handed_in(
        people,
        {
            "design.md": OLD.encode(),
            "flow.png": samples.png(320, 200),
            "paper.pdf": samples.pdf_with_text("Before"),
        },
    )
    review = Review.objects.begin(first, people.mentor)
    thread = Thread.objects.open(first, people.mentor, Said("Where do they wait?", uuid4(), "should"), review)
    thread.anchor.file = first.files.get(name="design.md")
    start = "Data pipeline\nCard transactions arrive at 4,200 events a second at peak.\nBatch or streaming\nLabels "
    thread.anchor.selectors = [{"type": "TextPositionSelector", "start": len(start), "end": len(start) + 6}]
    thread.anchor.save()
    review.publish("comment")
    handed_in(
        people,
        {
            "design.md": NEW.encode(),
            "flow.png": samples.png(330, 200),
            "paper.pdf": samples.pdf_with_text("After"),
        },
    )
    return thread


@pytest.fixture
def opened(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, people: Cast, thread: Thread
) -> Callable[..., Page]:
    def open_room(**options: Any) -> Page:
        context = new_context(**options)
        log_in_as(context, people.mentor)
        page = context.new_page()
        page.goto(live_server.url + thread.submission.get_absolute_url())
        return page

    return open_room


@pytest.mark.story
def test_mentor_walks_through_what_changed(opened: Callable[..., Page], axe: Look, shot: Shot) -> None:
    page = opened(viewport={"width": 1440, "height": 900}, color_scheme="light")
    page.get_by_role("link", name="Compare with version 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From version 1 to version 2")
    expect(page.locator(".lead")).to_contain_text("changes")
    changes = page.locator("[data-change]")
    assert changes.count() == 7, "the move, three edits, an item, the picture, and the PDF"
    axe(page)
    shot(page, "1440-light")

    page.keyboard.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    expect(page.locator("#change-1")).to_contain_text("The swap is one rename")
    page.keyboard.press("n")
    expect(page.locator("#change-2")).to_be_focused()
    expect(page.locator("#change-2 ins")).to_have_text("in a nightly batch")
    expect(page.locator("[data-steps] [role=status]")).to_have_text("Change 2 of 7")
    page.keyboard.press("p")
    expect(page.locator("#change-1")).to_be_focused()
    page.get_by_role("button", name="Next change").click()
    expect(page.locator("#change-2")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("next and previous change")
    page.keyboard.press("Escape")

    fold = page.locator("details.fold").first
    assert not page.get_by_text("The second of five").first.is_visible()
    fold.locator("summary").press("Enter")
    expect(page.get_by_text("The second of five").last).to_be_visible()

    page.get_by_role("radio", name="Difference").check()
    blended = page.locator(".pictures figure").last.evaluate("one => getComputedStyle(one).mixBlendMode")
    assert blended == "difference"
    places = [page.locator(".pictures img").nth(n).bounding_box() for n in (0, 1)]
    assert places[0]
    assert places[1]
    assert (places[0]["x"], places[0]["y"]) == (places[1]["x"], places[1]["y"])
    page.get_by_role("radio", name="One over the other").check()
    page.get_by_role("slider").press("End")
    assert page.locator(".pictures figure").last.evaluate("one => getComputedStyle(one).opacity") == "1"
    page.get_by_text("Pages side by side").click()
    expect(page.locator(".both-pages canvas")).to_have_count(2)

    page.get_by_label("Shown").select_option("words")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#change-2")).to_have_text(
        "Labels arrive weeks later and are joined on the flyin a nightly batch."
    )
    axe(page)
    shot(page, "1440-light-words")


@pytest.mark.prove
def test_comment_leads_to_what_answered_it_on_a_phone(
    opened: Callable[..., Page], axe: Look, shot: Shot
) -> None:
    page = opened(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    address = page.get_by_role("link", name="What answered this?").get_attribute("href")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(urljoin(page.url, address))
    asked = page.locator("aside.asked")
    expect(asked).to_contain_text("Where do they wait?")
    expect(asked).to_contain_text("Something changed here.")
    expect(asked).to_be_in_viewport()
    asked.get_by_role("link", name="Change 2").click()
    expect(page.locator("#change-2")).to_be_focused()
    expect(page.locator("#change-2")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    axe(page)
    shot(page, "390-dark")


@pytest.mark.prove
def test_versions_are_chosen_without_a_script(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 820, "height": 900}, java_script_enabled=False)
    page.get_by_role("link", name="Compare with version 1").click()
    page.get_by_label("Before").select_option("2")
    page.get_by_label("After").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From version 2 to version 1")
    expect(page.locator("#change-1")).to_be_visible()
    page.get_by_role("radio", name="Difference").check()
    assert (
        page.locator(".pictures figure").last.evaluate("one => getComputedStyle(one).mixBlendMode")
        == "difference"
    )


@pytest.mark.prove
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_page_at_every_width(
    opened: Callable[..., Page], axe: Look, shot: Shot, width: int, scheme: str
) -> None:
    page = opened(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    address = page.get_by_role("link", name="What answered this?").get_attribute("href")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(urljoin(page.url, address))
    expect(page.locator("aside.asked")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)
    shot(page, f"{width}-{scheme}")
    page.goto(page.url.split("#")[0] + "&view=words")
    axe(page)
    shot(page, f"{width}-{scheme}-words")
