"""The room with everything open at once, for both who use it: nothing in it keeps anybody out."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions import store
from submissions.models import Review, Said, SavedReply, Submission, Thread, Version
from submissions.pointing import pointed
from tests.cast import Cast
from tests.journeys.conftest import evaluate, turn_to
from tests.submissions import pdfs, samples
from tests.submissions.talking import words

TEXT = """# Ranking

One platform scores transactions, and learns from what was charged back.

## Batch or streaming

The two paths share one registry. Labels are joined on the fly.

```mermaid
graph LR
  Events --> Stream[Stream job] --> Online
```

## Data quality

| Path | Delay |
|---|---|
| Stream | 150 ms |

Nobody reads the failed rows yet.
"""
LATER = TEXT.replace("joined on the fly", "joined every night").replace(
    "Nobody reads the failed rows yet.\n", ""
)
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
WIDER = "document.documentElement.scrollWidth - innerWidth"


def files(version: Version, later: bool = False) -> None:
    """One of each form that is shown; a later version has other pages and another picture."""
    pages = [pdfs.lines_of(number) for number in (1, 2, 7 if later else 3)]
    kept = {
        "design.pdf": pdfs.of_lines(pages),
        "overview.png": samples.png(420 if later else 400, 300),
        "context.svg": samples.svg(),
        "exploration.ipynb": samples.notebook(),
        "pipeline.py": samples.code(),
    }
    for name, content in kept.items():
        version.add_file(name, store.receive([content], 10**8))


def worked_on(people: Cast) -> Version:
    """Two versions with threads of every kind, in every state, about places of every form; a draft review is open."""
    submission = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    draft = submission.start_draft()
    draft.save_draft(TEXT, "https://example.org/design", "First.", draft.revision)
    files(draft)
    draft.submit()
    first, review = draft, Review.objects.begin(draft, people.mentor)
    named = {one.name: str(one.uuid) for one in first.files.all()}
    criterion = people.criteria[0]
    asked = [
        Thread.objects.open(
            first, people.mentor, Said(body, uuid4(), kind, criterion), review, pointed(first, place)
        )
        for body, kind, place in (
            ("Where do the labels wait?", "must", {"quote": "joined on the fly"}),
            ("Who reads them?", "must", {"quote": "Nobody reads the failed rows yet."}),
            ("Name what you give up.", "must", {"part": "heading:5"}),
            ("Good to read throughout.", "praise", {}),
            ("Is it still true?", "should", {"file": named["design.pdf"], "part": "page:2"}),
            (
                "Label this.",
                "question",
                {"file": named["overview.png"], "region": "xywh=percent:10,10,40,40"},
            ),
            ("Explain this line.", "should", {"file": named["pipeline.py"], "part": "line:1"}),
        )
    ]
    review.save_draft("changes", "Close.", review.revision)
    review.publish("changes")
    asked[4].comments.get().change(people.mentor, "Is it still **true** today?")
    draft = submission.start_draft()
    draft.save_draft(LATER, draft.link, "Second.", draft.revision)
    files(draft, later=True)
    for thread, act in zip(asked, ("fixed", "disagree", "fixed"), strict=False):
        thread.answer(people.learner.user, act, words("It is measured."), draft)
    draft.submit()
    asked[2].confirm(people.mentor, words(""))
    asked[5].reply(people.learner.user, words("Which one?"))
    begun = Review.objects.begin(draft, people.mentor)
    Thread.objects.open(draft, people.mentor, words("How often?", "should"), begun, (None, []))
    SavedReply.objects.keep(people.mentor, "What do you give up?", "Trade-off")
    return draft


@pytest.mark.prove
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_room_with_everything_open(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    people: Cast,
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
    width: int,
    scheme: Any,
) -> None:
    version = worked_on(people)
    address = live_server.url + version.submission.get_absolute_url()

    def checked(page: Page, name: str) -> None:
        axe(page)
        shot(page, name)
        assert evaluate(page, WIDER) <= 0, f"{name} is wider than the screen"

    for role, person in (("mentor", people.mentor), ("learner", people.learner.user)):
        context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        log_in_as(context, person)
        page = context.new_page()
        page.goto(address)
        expect(page.locator("iframe.diagram")).to_have_count(1)
        turn_to(page, "Comments")
        page.locator("article.thread .more a").first.click()
        expect(page.locator(".words textarea")).to_be_visible()
        if role == "mentor":
            page.locator("#thread-new [data-saved]").click()
            expect(page.get_by_role("button", name="Trade-off")).to_be_visible()
        page.locator("[data-pin]").first.click()
        expect(page.locator("#pin")).to_be_visible()
        evaluate(page, OPEN)
        page.locator(".file").nth(0).scroll_into_view_if_needed()
        expect(page.locator(".textLayer").first).to_be_attached()
        page.locator(".file").nth(1).scroll_into_view_if_needed()
        page.locator(".picture.viewer [data-region]").first.click()
        for part in ("Outline", "Comments", "Work"):
            turn_to(page, part)
            checked(page, f"{role}-{width}-{scheme}-{part}")
        if role == "mentor":
            page.keyboard.press("Escape")
            page.locator("#review-bar [data-finish]").click()
            evaluate(page, OPEN)
            checked(page, f"sheet-{width}-{scheme}")
        context.close()

    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    log_in_as(context, people.learner.user)
    page = context.new_page()
    asked = Thread.objects.order_by("pk").first()
    assert asked
    for view in ("beside", "words"):
        page.goto(f"{address}comparison/?from=1&to=2&view={view}&thread={asked.uuid}")
        evaluate(page, OPEN)
        page.keyboard.press("n")
        checked(page, f"comparison-{width}-{scheme}-{view}")


@pytest.mark.prove
def test_room_tells_what_was_done_and_keeps_the_focus(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    people: Cast,
) -> None:
    version = worked_on(people)
    context = new_context(viewport={"width": 1440, "height": 900})
    log_in_as(context, people.mentor)
    page = context.new_page()
    page.goto(live_server.url + version.submission.get_absolute_url())
    keys, told, focused = page.keyboard, page.locator("#told"), page.locator("article.thread:focus")

    # From place to place that changed, and back.
    keys.press("n")
    expect(focused).to_contain_text("Where do the labels wait?")
    keys.press("n")
    expect(focused).to_contain_text("Who reads them?")
    keys.press("p")
    expect(focused).to_contain_text("Where do the labels wait?")
    keys.press("p")
    expect(told).to_have_text("No more comments whose place changed.")

    # One act on one thread.
    keys.press("s")
    expect(told).to_have_text("Confirmed as fixed.")
    expect(focused).to_contain_text("Where do the labels wait?")
    keys.press("r")
    keys.type("Thank you.")
    keys.press("Control+Enter")
    expect(told).to_have_text("Saved in your draft.")
    expect(focused).to_contain_text("Thank you.")

    # A new comment on a place: it has the focus then.
    keys.press("o")
    keys.press("j")
    keys.press("c")
    keys.type("What is it for?")
    keys.press("Control+Enter")
    expect(page.locator("#threads")).to_contain_text("What is it for?")
    expect(focused).to_contain_text("What is it for?")
    expect(focused).to_be_in_viewport()

    # Out of the form for the next.
    page.locator("#new-body").focus()
    keys.press("Escape")
    expect(page.locator("#thread-new")).to_be_focused()

    # A comment's earlier words close again, but not over what is typed.
    edited = page.get_by_role("link", name="edited")
    edited.press("Enter")
    field = page.locator(".words textarea")
    expect(field).to_be_focused()
    keys.press("Escape")
    expect(edited).to_be_focused()
    edited.press("Enter")
    expect(field).to_be_focused()
    keys.type("Half ")
    keys.press("Escape")
    expect(field).to_have_value(re.compile("Half"))

    # Several at once.
    page.get_by_text("Select several").press("Enter")
    for picked in page.locator(".pick input").all()[:2]:
        picked.press("Space")
    page.get_by_role("button", name="Confirm them as fixed").press("Enter")
    expect(page.locator("#several button:focus")).to_have_text(re.compile("Undo all"))
    page.close()

    # On a phone the way back leads to the part before.
    context = new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    log_in_as(context, people.learner.user)
    page = context.new_page()
    page.goto(live_server.url + version.submission.get_absolute_url())
    turn_to(page, "Comments")
    page.locator("article.thread a[data-place]").first.tap()
    expect(page.locator("#work")).to_be_visible()
    page.go_back()
    expect(page.locator("#threads")).to_be_visible()
    before = int(page.locator(".parts .figure").inner_text())
    page.locator("#new-body").fill("Is a queue in scope?")
    page.get_by_role("button", name="Send the question").tap()
    expect(page.locator(".parts .figure")).to_have_text(str(before + 1))
    expect(page.locator("#notices")).to_contain_text("Your question was sent.")
