"""A place in a text, from the comment on it to the mark that rests on it: with a mouse, and without."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from progress.models import Entry
from submissions import store
from submissions.models import Review, Said, Thread, Version
from submissions.pointing import pointed
from tests.cast import Cast, make_cast
from tests.journeys.conftest import evaluate
from tests.journeys.test_keyboard import reach

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
TEXT = """# Pipeline

Card transactions arrive at 4,200 events a second. Labels are joined on the fly, as they arrive.

## Replays

A replay reads the topic from an offset and writes to a shadow table. The swap is one rename.

## Quality

Rows that fail a check go to a table of their own.
"""
CODE = b"def score(event):\n    features = online(event.card)\n    return model(features)\n"
SELECT = """((words) => {
  const walk = document.createTreeWalker(document.querySelector("#work"), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.data.indexOf(words);
    if (at < 0 || !node.parentElement.closest("[data-start]")) continue;
    node.parentElement.scrollIntoView({ block: "center" });
    getSelection().setBaseAndExtent(node, at, node, at + words.length);
    return true;
  }
  return false;
})(%r)"""
MARKED = """[...CSS.highlights].flatMap(([tone, ranges]) =>
  [...ranges].map((range) => [tone, range.toString()])).sort()"""


def select(page: Page, words: str) -> None:
    """Selects these words of the work, as a mouse does."""
    assert evaluate(page, SELECT % words), f"{words} is not there"


def marked(page: Page) -> list[list[str]]:
    """What is marked in the work, with the tone of its mark."""
    page.wait_for_timeout(100)
    found: list[list[str]] = evaluate(page, MARKED)
    return found


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def version(people: Cast) -> Version:
    return handed_in(people, TEXT)


def handed_in(people: Cast, text: str) -> Version:
    """A text, with a file of code beside it."""
    submission, _made = people.learner.submissions.get_or_create(deliverable=people.deliverable)
    draft = submission.start_draft()
    draft.save_draft(text, "", "", draft.revision)
    if not draft.files.exists():
        draft.add_file("score.py", store.receive([CODE], 10**6))
    for thread in submission.threads.unanswered_must_fix():
        thread.answer(people.learner.user, "fixed", Said("It is now.", uuid4()), draft)
    draft.submit()
    return draft


@pytest.fixture
def open_room(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, people: Cast, version: Version
) -> Callable[..., Page]:
    def opened(person: User | None = None, address: str = "", **options: object) -> Page:
        context = new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
        log_in_as(context, person or people.mentor)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url() + address)
        return page

    return opened


@pytest.mark.story
def test_place_from_comment_to_mark(
    open_room: Callable[..., Page], people: Cast, version: Version, axe: Callable[..., None]
) -> None:
    page = open_room()
    page.get_by_role("button", name="Start review").click()
    expect(page.locator("#hold")).to_contain_text("You are reviewing")

    # A passage, by the button beside what is selected.
    select(page, "joined on the fly")
    page.get_by_role("group", name="Selection").get_by_role("button", name="Comment").click()
    form = page.locator("#thread-new")
    expect(form.locator(".passage")).to_have_text("joined on the fly")
    field = form.get_by_role("textbox", name="Comment", exact=True)
    expect(field).to_be_focused()
    field.fill("Where do they wait?")
    form.get_by_label("Kind").select_option("must")
    form.get_by_role("button", name="Add to my review").click()
    first = page.locator("article.thread", has_text="Where do they wait?")
    expect(first.locator(".passage")).to_have_text("joined on the fly")
    expect(first.get_by_role("link", name="“Pipeline”")).to_be_visible()
    expect(form.locator(".passage")).to_be_hidden()
    expect(first).to_be_focused()
    assert marked(page) == [["place-now", "joined on the fly"]]

    # A line of a file, chosen in the form.
    form.get_by_label("About").select_option("score.py as a whole")
    form.get_by_label("Line", exact=True).fill("2")
    field.fill("And if it is not there?")
    form.get_by_role("button", name="Add to my review").click()
    second = page.locator("article.thread", has_text="And if it is not there?")
    expect(second.locator(".where")).to_contain_text("score.py, line 2")
    expect(second).to_be_focused()
    assert ["place-now", "    features = online(event.card)"] in marked(page)

    # A click on a mark leads to its thread, and the thread's link to its place.
    evaluate(page, "scrollTo(0, 0)")
    box = evaluate(
        page,
        "(() => { const [one] = CSS.highlights.get('place-theirs'); "
        "one.startContainer.parentElement.scrollIntoView({block: 'center'}); "
        "const { x, y, width, height } = one.getClientRects()[0]; "
        "return [x + width / 2, y + height / 2]; })()",
    )
    page.mouse.click(*box)
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-current", "true")
    assert ["place-now", "joined on the fly"] in marked(page)
    second.get_by_role("link", name="score.py, line 2").click()
    expect(page.locator(".lines li").nth(1)).to_be_in_viewport()
    axe(page)
    Review.objects.get().publish("changes")

    # The next version: the words are others, and the thread follows them.
    newer = handed_in(people, TEXT.replace("joined on the fly, as", "joined in a nightly batch, as"))
    page.goto(page.url.split("#")[0])
    expect(first).to_contain_text("from version 1")
    expect(first).to_contain_text("text changed")
    expect(first.locator("ins").first).to_be_visible()
    expect(second).not_to_contain_text("not found")
    assert any(tone == "place-mine" and "nightly" in words for tone, words in marked(page))
    first.get_by_role("button", name="Confirm fixed").click()
    expect(first).to_contain_text("Confirmed")
    assert any(tone in ("place-done", "place-now") and "nightly" in words for tone, words in marked(page))
    assert newer.number == 2
    axe(page)

    # The learner claims with a passage, and the mentor is offered it first.
    learner = open_room(people.learner.user)
    select(learner, "The swap is one rename.")
    learner.get_by_role("group", name="Selection").get_by_role("button", name="Use as evidence").click()
    expect(learner.locator(".passage")).to_have_text("The swap is one rename.")
    axe(learner)
    learner.get_by_role("button", name="Criterion 1").click()
    claim = Entry.objects.get(kind="claim")
    assert claim.place
    assert claim.place.selectors[0]["exact"] == "The swap is one rename."
    expect(learner.locator("#criteria")).to_contain_text("a place in Work 1.1, version 2")
    page.goto(page.url.split("#")[0])
    criterion = page.locator(".criterion", has_text="Criterion 1")
    criterion.get_by_role("link", name="Mark").click()
    criterion.get_by_label("Met", exact=True).check()
    expect(criterion.get_by_label("Evidence")).to_have_value(f"anchor:{claim.place.uuid}")
    criterion.get_by_role("button", name="Record the mark").click()
    expect(criterion.locator(".pill.done")).to_have_text("Met")
    assert Entry.objects.get(kind="mark").anchor == claim.anchor


@pytest.mark.prove
def test_place_by_keyboard_alone(open_room: Callable[..., Page], axe: Callable[..., None]) -> None:
    page = open_room()
    keys = page.keyboard
    reach(page, "Start review", "submit")
    keys.press("Enter")
    expect(page.locator("#hold")).to_contain_text("You are reviewing")

    # The outline: j walks it, Enter goes there, c comments on it.
    keys.press("o")
    expect(page.locator("#outline a").first).to_be_focused()
    for _ in range(2):
        keys.press("j")
    expect(page.get_by_role("link", name="Replays", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#text-H5")).to_be_in_viewport()
    keys.press("o")
    expect(page.get_by_role("link", name="Replays", exact=True)).to_be_focused()
    keys.press("c")
    expect(page.locator("#new-body")).to_be_focused()
    expect(page.get_by_label("About")).to_have_value("text:heading:5")
    expect(page.locator("#told")).to_contain_text("Replays")
    keys.type("How long does it keep events?")
    keys.press("Control+Enter")
    thread = page.locator("article.thread")
    expect(thread).to_contain_text("How long does it keep events?")
    expect(thread.get_by_role("heading", level=3)).to_contain_text("Should")
    expect(thread).to_be_focused()
    keys.press("c")
    expect(page.locator("#new-body")).to_be_focused()
    keys.press("Escape")
    evaluate(page, "scrollTo(0, document.body.scrollHeight)")
    keys.press("j")
    expect(thread).to_be_focused()
    expect(page.locator("#text-H5")).to_be_in_viewport()
    keys.press("r")
    expect(thread.get_by_label("Comment", exact=True)).to_be_focused()
    keys.press("Escape")
    expect(thread).to_be_focused()
    keys.press("?")
    expect(page.locator("#keys")).to_contain_text("the outline: arrows or j k walk it")
    axe(page)


def test_place_without_a_script(open_room: Callable[..., Page]) -> None:
    page = open_room(java_script_enabled=False)

    page.get_by_role("link", name="Comment on Replays").click()
    form = page.locator("#thread-new")
    expect(form.get_by_label("About")).to_have_value("text:heading:5")
    form.get_by_role("textbox", name="Comment", exact=True).fill("How long?")
    form.get_by_role("button", name="Add to my review").click()

    thread = page.locator("article.thread", has_text="How long?")
    thread.get_by_role("link", name="“Replays”").click()
    expect(page.locator("#text-H5")).to_be_in_viewport()
    assert Thread.objects.get().anchor.selectors[0]["exact"] == "Replays"


def test_half_written_comment_keeps_its_place(open_room: Callable[..., Page]) -> None:
    page = open_room()
    select(page, "The swap is one rename.")
    page.keyboard.press("c")
    passage = page.locator("#thread-new .passage")
    expect(passage).to_have_text("The swap is one rename.")
    page.keyboard.type("The sentence I hope for")

    page.reload()

    expect(page.locator("#new-body")).to_have_value("The sentence I hope for")
    expect(passage).to_have_text("The swap is one rename.")
    page.get_by_role("button", name="About the whole instead").click()
    expect(passage).to_be_hidden()
    page.get_by_role("button", name="Add to my review").click()
    expect(page.locator("article.thread")).to_contain_text("The sentence I hope for")
    assert not Thread.objects.get().anchor.selectors


@pytest.mark.prove
def test_address_leads_to_a_place_on_a_phone_too(
    open_room: Callable[..., Page], people: Cast, version: Version, axe: Callable[..., None]
) -> None:
    place = pointed(version, {"quote": "The swap is one rename."})
    thread = Thread.objects.open(version, people.learner.user, Said("Is it?", uuid4()), place=place)
    file = version.files.get().uuid
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

    page = open_room(address=f"#thread-{thread.uuid}", **phone)
    expect(page.locator("article.thread")).to_be_focused()
    expect(page.locator("article.thread")).to_be_in_viewport()
    expect(page.locator("#text")).to_be_hidden()
    axe(page)
    page.locator("article.thread").get_by_role("link", name="“Replays”").click()
    expect(page.get_by_text("The swap is one rename.").first).to_be_in_viewport()
    for address, element in (("#text-H9", "#text-H9"), (f"#file-{file}-L3", f"[id='file-{file}-L3']")):
        evaluate(page, f"location.hash = '#talk'; location.hash = '{address}'")
        expect(page.locator(element)).to_be_in_viewport()
    page.get_by_role("link", name="Outline", exact=True).click()
    expect(page.get_by_role("link", name="Quality", exact=True)).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Comment on Quality").click()
    expect(page.locator("#new-body")).to_be_focused()
    expect(page.locator("#outline")).to_be_hidden()


@pytest.mark.prove
def test_place_is_put_right_by_hand(
    open_room: Callable[..., Page], people: Cast, version: Version, axe: Callable[..., None]
) -> None:
    place = pointed(version, {"quote": "joined on the fly, as they arrive"})
    thread = Thread.objects.open(version, people.learner.user, Said("Is it?", uuid4()), place=place)
    handed_in(people, TEXT.replace(" Labels are joined on the fly, as they arrive.", ""))
    page = open_room()
    article = page.locator("article.thread")
    expect(article).to_contain_text("not found any more")

    article.get_by_role("link", name="Put it right").click()
    expect(page.get_by_label("Place", exact=True)).to_be_focused()
    axe(page)
    select(page, "The swap is one rename.")
    expect(page.locator("#pin .passage")).to_have_text("The swap is one rename.")
    expect(page.get_by_role("group", name="Selection")).to_be_hidden()
    page.get_by_role("button", name="It is here").click()

    expect(article).to_contain_text("put here by Tomas Lindqvist")
    expect(article.locator(".passage")).to_have_text("The swap is one rename.")
    expect(article).to_be_focused()
    assert thread.anchor.placements.get(version__number=2).state == "exact"
