"""A comment in each form, to its end: a place, a next version, followed, compared, answered, confirmed, and a mark.

Everything is done in the browser, by both people: with a mouse, on a phone, and with the keyboard alone.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from progress.models import Entry
from submissions.models import Placement, Submission, Thread, Version
from tests.cast import Cast
from tests.journeys.conftest import evaluate, turn_to
from tests.journeys.room import drag_with_a_finger, handed_in
from tests.journeys.test_keyboard import FOCUSED, choose, reach
from tests.journeys.test_room_picture import drag
from tests.journeys.test_room_text import CODE, TEXT, select
from tests.journeys.test_story import finish
from tests.submissions import pdfs, samples

pytestmark = pytest.mark.prove

Enter = Callable[[User], Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DRAWN = 15_000
LINES = [pdfs.lines_of(number) for number in range(1, 5)]
PASSAGE = LINES[1][5]
REGION = (0.2, 0.3), (0.7, 0.6)
SHAPE = '<rect x="20" y="10" width="60" height="40" fill="%s"/><text x="9" y="70">%s</text>'
OLD: dict[str, dict[str, bytes]] = {
    "text": {"design.md": TEXT.encode(), "score.py": CODE},
    "pdf": {"design.pdf": pdfs.of_lines(LINES)},
    "picture": {
        "flow.png": samples.png(400, 300),
        "graph.svg": samples.svg((SHAPE % ("red", "Queue")).encode()),
    },
}
NEW: dict[str, dict[str, bytes]] = {
    "text": {
        "design.md": TEXT.replace("joined on the fly, as", "joined in a nightly batch, as").encode(),
        "score.py": b"import model\n\n" + CODE,
    },
    "pdf": {"design.pdf": pdfs.of_lines([pdfs.lines_of(9), *LINES[:1], [*LINES[1][:9], "More"], *LINES[2:]])},
    "picture": {
        "flow.png": samples.png(420, 300),
        "graph.svg": samples.svg((SHAPE % ("teal", "Queue")).encode()),
    },
}
STATES = {"text": ["changed", "exact"], "pdf": ["exact", "section"], "picture": ["changed", "changed"]}
"""What becomes of the two places in the next version."""


@pytest.fixture
def enter(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    request: pytest.FixtureRequest,
) -> Enter:
    """Lets somebody in, on a phone where the journey's `hand` is a finger."""
    options: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
    if "finger" in request.node.name:
        options = PHONE

    def entered(person: User) -> Page:
        context = new_context(**options)
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url)
        return page

    return entered


def mark_region(page: Page, file: Locator, surface: Locator, hand: str) -> None:
    button = file.get_by_role("button", name="Mark a region")
    button.scroll_into_view_if_needed()
    button.click()
    surface.scroll_into_view_if_needed()
    if hand == "finger":
        drag_with_a_finger(page, surface, *REGION)
    else:
        drag(page, surface, *REGION)


def comment_on_selection(page: Page) -> None:
    page.get_by_role("group", name="Selection").get_by_role("button", name="Comment").click()


def point(page: Page, form: str, hand: str) -> Iterator[str]:
    """Points at one place after the other, and says what the comment must then show of it."""
    if form == "text":
        select(page, "joined on the fly")
        comment_on_selection(page)
        yield "joined on the fly"
        turn_to(page, "Comments")
        page.locator("#new-about").select_option("score.py as a whole")
        page.locator("#new-line").fill("2")
        yield "score.py, line 2"
    elif form == "pdf":
        pdf = page.locator(".pdf")
        pdf.get_by_role("combobox", name="Page").select_option("2")
        leaf = pdf.locator(".leaf").nth(1)
        expect(leaf.locator(".textLayer")).to_contain_text(PASSAGE, timeout=DRAWN)
        evaluate(
            page,
            "(() => { const span = [...document.querySelectorAll('.leaf:nth-child(2) .textLayer span')]"
            f".find((one) => one.textContent === {PASSAGE!r});"
            "span.scrollIntoView({ block: 'center' }); getSelection().selectAllChildren(span); })()",
        )
        comment_on_selection(page)
        yield PASSAGE
        turn_to(page, "Work")
        mark_region(page, pdf, leaf, hand)
        yield "page 2"
    else:
        for name in OLD[form]:
            turn_to(page, "Work")
            file = page.locator(".file", has=page.get_by_role("heading", name=name))
            mark_region(page, file, file.locator(".surface"), hand)
            yield name


def ask(page: Page, words: str) -> Locator:
    """Sends the comment whose place was pointed at: something to fix, about the first criterion."""
    form = page.locator("#thread-new")
    expect(form).to_be_visible()
    form.get_by_role("textbox", name="Comment", exact=True).fill(words)
    form.get_by_label("Kind").select_option("must")
    form.get_by_label("Criterion").select_option(label="Criterion 1")
    form.get_by_role("button", name="Add to my review").click()
    thread = page.locator("article.thread", has_text=words)
    expect(thread).to_be_visible()
    return thread


def answer(page: Page, files: dict[str, bytes]) -> None:
    """The learner hands in the next version, with an answer to each point."""
    turn_to(page, "Work")
    page.get_by_role("button", name="Begin version 2").click()
    for name, content in files.items():
        page.get_by_label("Add files").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )
        expect(page.locator(".sending li")).to_have_count(0)
    points = page.get_by_role("group", name="Points that must be fixed").locator(".answer")
    expect(points).to_have_count(2)
    for one in points.all():
        one.get_by_label("Fixed here").check()
        one.get_by_label("Your answer").fill("It is now.")
    page.get_by_role("button", name="Hand in version 2").click()
    expect(page.locator("#notices")).to_contain_text("Handed in")


@pytest.mark.parametrize("hand", ["mouse", "finger"])
@pytest.mark.parametrize("form", list(OLD))
def test_comment_from_its_place_to_a_mark(
    people: Cast, enter: Enter, axe: Callable[[Page], None], live_server: LiveServer, form: str, hand: str
) -> None:
    work = handed_in(people, OLD[form]).submission
    room = live_server.url + work.get_absolute_url()
    tomas, ines = enter(people.mentor), enter(people.learner.user)

    # The mentor points at two places, and asks for changes.
    tomas.goto(room)
    tomas.get_by_role("button", name="Start review").click()
    expect(tomas.locator("#hold")).to_contain_text("You are reviewing")
    turn_to(tomas, "Work")
    for number, shown in enumerate(point(tomas, form, hand), 1):
        expect(ask(tomas, f"Question {number}?")).to_contain_text(shown)
        turn_to(tomas, "Work")
    finish(tomas, "Request changes", "Two things.", [])

    # The learner finds them, and answers with another version.
    ines.goto(room)
    turn_to(ines, "Comments")
    thread = ines.locator("article.thread", has_text="Question 1?")
    thread.locator("[data-place]").click()
    expect(ines.locator(".shown")).to_be_visible()
    answer(ines, NEW[form])
    assert Version.objects.submitted().count() == 2
    states = Placement.objects.filter(version__number=2).order_by("pk").values_list("state", flat=True)
    assert list(states) == STATES[form]

    # The mentor sees where they went, what answered them, and confirms.
    for words in ("Question 1?", "Question 2?"):
        tomas.goto(room)
        turn_to(tomas, "Comments")
        thread = tomas.locator("article.thread", has_text=words)
        expect(thread).to_contain_text("from version 1")
        expect(thread).to_contain_text("It is now.")
        thread.get_by_role("link", name="What answered this?").click()
        expect(tomas.get_by_role("heading", level=1)).to_have_text("From version 1 to version 2")
        expect(tomas.locator("aside.asked")).to_contain_text(words)
        axe(tomas)
        tomas.goto(room)
        turn_to(tomas, "Comments")
        thread.get_by_role("button", name="Confirm fixed").click()
        expect(thread).to_contain_text("Confirmed")

    # The first of them is the evidence of the criterion that it bears on.
    about = tomas.get_by_role("list", name="Comments about “Criterion 1”")
    if not about.is_visible():
        turn_to(tomas, "Work")
    about.get_by_role("listitem").filter(has_text="Question 1?").get_by_role(
        "link", name="Mark with it"
    ).click()
    criterion = tomas.locator(".criterion", has_text="Criterion 1")
    criterion.get_by_label("Met", exact=True).check()
    axe(tomas)
    criterion.get_by_role("button", name="Record the mark").click()
    expect(criterion.locator(".pill.done")).to_have_text("Met")
    first = Thread.objects.get(comments__body="Question 1?")
    assert Entry.objects.get(kind="mark").anchor == first.anchor
    assert first.anchor.placements.count() == 2

    # She sees what it rests on, and is led there.
    ines.goto(room)
    criterion = ines.locator(".criterion", has_text="Criterion 1")
    if not criterion.is_visible():
        turn_to(ines, "Comments")
    criterion.get_by_role("link", name="a comment on Work 1.1, version 1").first.click()
    ines.wait_for_url("**version=1**")
    expect(ines.locator("article.thread", has_text="Question 1?")).to_be_attached()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_comment_from_its_place_to_a_mark_by_keyboard_alone(
    people: Cast, enter: Enter, live_server: LiveServer
) -> None:
    work = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    draft = work.start_draft()
    draft.save_draft(TEXT, "", "", draft.revision)
    draft.submit()
    room = live_server.url + work.get_absolute_url()
    tomas, ines = enter(people.mentor), enter(people.learner.user)

    # The outline leads to the second heading; what is said there goes out with the review.
    tomas.goto(room)
    reach(tomas, "Start review", "submit")
    press(tomas, "Enter")
    expect(tomas.locator("#hold")).to_contain_text("You are reviewing")
    tomas.wait_for_load_state("networkidle")  # what came with the hold may move the focus
    press(tomas, "o")
    expect(tomas.locator("#outline a:focus")).to_have_count(1)
    replays = tomas.get_by_role("link", name="Replays", exact=True)
    for _step in range(4):
        if evaluate(tomas, FOCUSED)["name"].strip() != "Replays":
            press(tomas, "j")
    expect(replays).to_be_focused()
    press(tomas, "Enter")
    expect(tomas.locator("#text-H5")).to_be_in_viewport()
    press(tomas, "o")
    expect(replays).to_be_focused()
    press(tomas, "c")
    expect(tomas.locator("#new-body")).to_be_focused()
    expect(tomas.get_by_label("About")).to_have_value("text:heading:5")
    tomas.keyboard.type("How long does it keep events?")
    reach(tomas, "Kind", "select")
    choose(tomas, "Must")
    reach(tomas, "Criterion", "select")
    choose(tomas, "Criterion 1")
    reach(tomas, "Add to my review", "submit")
    press(tomas, "Enter")
    thread = tomas.locator("article.thread")
    expect(thread.locator("[data-place]")).to_contain_text("Replays")
    press(tomas, "Escape", "f")
    expect(tomas.locator("#finish")).to_be_visible()
    reach(tomas, "Summary", "textarea")
    tomas.keyboard.type("One thing.")
    reach(tomas, "Decision", "radio")
    press(tomas, "Space")
    while "Request changes" not in evaluate(tomas, FOCUSED)["name"]:
        press(tomas, "ArrowDown")
    reach(tomas, "Send", "submit")
    press(tomas, "Enter")
    expect(tomas.locator("#notices")).to_contain_text("sent")

    # The learner is led to the place, writes another text, and answers.
    ines.goto(room)
    press(ines, "j")
    expect(ines.locator("article.thread")).to_be_focused()
    reach(ines, "Replays", "a")
    press(ines, "Enter")
    expect(ines.locator("#text-H5")).to_be_in_viewport()
    reach(ines, "Begin version 2", "submit")
    press(ines, "Enter")
    expect(ines.get_by_label("Text", exact=True)).to_be_visible()
    reach(ines, "Text", "textarea")
    press(ines, "Control+a")
    ines.keyboard.insert_text(TEXT.replace("A replay reads", "Kept for a week. A replay reads"))
    reach(ines, "Fixed here", "radio")
    press(ines, "Space")
    reach(ines, "Your answer", "textarea")
    ines.keyboard.type("A week, said there now.")
    reach(ines, "Hand in version 2", "submit")
    press(ines, "Enter")
    expect(ines.locator("#notices")).to_contain_text("Handed in")

    # The mentor compares, confirms and marks with it.
    tomas.goto(room)
    press(tomas, "j")
    expect(thread).to_be_focused()
    expect(thread).to_contain_text("A week, said there now.")
    reach(tomas, "What answered this?", "a")
    press(tomas, "Enter")
    expect(tomas.get_by_role("heading", level=1)).to_have_text("From version 1 to version 2")
    expect(tomas.locator("[data-steps]")).to_be_visible()
    press(tomas, "n")
    expect(tomas.locator("#change-1")).to_be_focused()
    expect(tomas.locator("#change-1 ins")).to_contain_text("Kept for a week.")
    tomas.go_back()
    tomas.wait_for_load_state("networkidle")
    press(tomas, "j")
    expect(thread).to_be_focused()
    press(tomas, "s")
    expect(thread).to_contain_text("Confirmed")
    reach(tomas, "Mark with it", "a")
    press(tomas, "Enter")
    criterion = tomas.locator(".criterion", has_text="Criterion 1")
    expect(criterion.get_by_label("Evidence")).to_be_visible()
    reach(tomas, "Decision", "radio")
    press(tomas, "Space")
    reach(tomas, "Record the mark", "submit")
    press(tomas, "Enter")
    expect(criterion.locator(".pill.done")).to_have_text("Met")
    mark = Entry.objects.get(kind="mark")
    assert (mark.decision, mark.anchor) == ("met", Thread.objects.get().anchor)
