"""Places in the room that somebody writes about, or that a claim rests on: marked as long as they are meant."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from progress import record
from progress.models import Entry
from submissions import store
from submissions.models import Review, Said, Thread, Version
from submissions.pointing import pointed
from tests.cast import Cast
from tests.journeys.conftest import evaluate
from tests.journeys.test_room_text import TEXT, handed_in, marked, select
from tests.submissions import samples

OpenRoom = Callable[[User, str], Page]
TOP = (
    "(() => { const talk = document.querySelector('#talk'); talk.scrollTop = 300; return talk.scrollTop; })()"
)


@pytest.fixture
def version(people: Cast) -> Version:
    return handed_in(people, TEXT)


@pytest.fixture
def open_as(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    version: Version,
) -> OpenRoom:
    def opened(person: User, address: str = "") -> Page:
        context = new_context(viewport={"width": 1440, "height": 900})
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url() + address)
        return page

    return opened


@pytest.mark.prove
def test_places_are_marked_beside_a_draft_and_while_one_writes(
    open_as: OpenRoom,
    people: Cast,
    version: Version,
) -> None:
    review = Review.objects.begin(version, people.mentor)
    thread = None
    for number in range(12):
        quote = ("joined on the fly", "The swap is one rename.")[number % 2]
        said = Said(f"Point {number}", uuid4(), "should")
        thread = Thread.objects.open(version, people.mentor, said, review, pointed(version, {"quote": quote}))
    review.publish("comment")
    draft = version.submission.start_draft()
    draft.save_draft("# The next\n\nAnother text.", "", "", draft.revision)
    assert thread

    page = open_as(people.learner.user, f"#thread-{thread.uuid}")

    # Beside the draft's own text the passages are marked, and the panel stays whole wherever it is led to.
    expect(page.get_by_label("Text", exact=True)).to_have_value("# The next\n\nAnother text.")
    assert ["place-now", "The swap is one rename."] in marked(page)
    assert evaluate(page, TOP) == 0
    expect(page.locator("#talk-sum")).to_be_in_viewport()

    # What is written about is marked as long as one writes, and no other.
    select(page, "Rows that fail a check")
    page.get_by_role("group", name="Selection").get_by_role("button", name="Comment").click()
    expect(page.locator("#new-body")).to_be_focused()
    expect(page.locator("#new-body")).to_have_attribute("placeholder", "About the marked place; Markdown")
    assert [words for tone, words in marked(page) if tone == "place-now"] == ["Rows that fail a check"]
    page.get_by_role("button", name="About the whole instead").click()
    assert ["place-now", "Rows that fail a check"] not in marked(page)


@pytest.mark.prove
def test_evidence_is_led_to_and_a_comment_put_elsewhere(
    open_as: OpenRoom,
    people: Cast,
    version: Version,
    axe: Callable[[Page], None],
) -> None:
    draft = version.submission.start_draft()
    draft.add_file("shot.png", store.receive([samples.noisy("PNG")], 10**6))
    draft.submit()
    picture = draft.files.get(name="shot.png")
    region = pointed(draft, {"file": str(picture.uuid), "region": "xywh=percent:20,30,40,20"})
    passage = pointed(draft, {"quote": "Rows that fail a check"})
    for row, place in zip(people.criteria, (passage, region), strict=False):
        record.claim(people.learner, row, people.learner.user, version=draft, place=place)
    review = Review.objects.begin(draft, people.mentor)
    for place in (region, (None, [])):
        Thread.objects.open(draft, people.mentor, Said("Here?", uuid4(), "should"), review, place)
    page = open_as(people.mentor, "")

    # The passage that a claim rests on, in its quote and where it stands.
    criterion = page.locator(".criterion", has_text="Criterion 1")
    expect(criterion.locator("q").first).to_have_text("Rows that fail a check")
    criterion.get_by_role("link", name="a place in Work 1.1, version 2").first.click()
    expect(page.locator("#evidence .passage")).to_have_text("Rows that fail a check")
    assert ["place-now", "Rows that fail a check"] in marked(page)
    expect(page.locator("#text-H9")).to_be_in_viewport()
    axe(page)
    page.locator(".criterion", has_text="Criterion 2").get_by_role("link", name="a place").first.click()
    expect(page.locator(".surface .region-mark.now")).to_be_in_viewport()

    # The number over the picture is that of the list.
    expect(page.locator(".surface").get_by_role("link", name="Comment 1")).to_be_visible()
    drawn = page.locator("article.thread", has=page.locator("h3[data-number='1']"))
    expect(drawn.locator(".where")).to_contain_text("shot.png, a region")
    expect(page.locator("h3[data-number]")).to_have_count(1)

    # A comment that is not sent goes from the whole to a passage that is selected, with nothing else pressed.
    whole = page.locator("article.thread").first
    whole.get_by_role("link", name="Put it elsewhere").click()
    select(page, "The swap is one rename.")
    expect(page.locator("#pin .passage")).to_have_text("The swap is one rename.")
    page.get_by_role("button", name="It is here").click()
    moved = page.locator("article.thread", has_text="The swap is one rename.")
    expect(moved).to_be_focused()
    expect(moved).not_to_contain_text("put here by")
    assert Entry.objects.filter(kind="claim").count() == 2
