"""What is typed in the room: it goes where the focus is, and none of it is lost."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions.models import Comment, Review, Said, Thread, Version
from tests.cast import Cast, make_cast
from tests.journeys.conftest import evaluate
from tests.journeys.test_room_text import select

NewContext = Callable[..., BrowserContext]
LogIn = Callable[[BrowserContext, User], None]
Shot = Callable[[Page, str], None]
WORDS = "The swap is one rename."


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def version(people: Cast) -> Version:
    return people.hand_in(text=f"# Replays\n\nA replay writes to a table. {WORDS}\n")


@pytest.fixture
def enter(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, version: Version
) -> Callable[..., Page]:
    """Opens the page of the version for somebody, in a browser of their own or in one that is there."""

    def opened(person: User, context: BrowserContext | None = None) -> Page:
        context = context or new_context(viewport={"width": 1440, "height": 900})
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url())
        return page

    return opened


def test_comment_outlives_the_session_and_is_said_once_by_two_pages(
    enter: Callable[..., Page], people: Cast, log_in_as: LogIn
) -> None:
    page = enter(people.mentor)
    address = page.url
    select(page, WORDS)
    page.keyboard.press("c")
    page.keyboard.type("One rename of what?")
    page.locator("#new-kind").select_option("must")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Add to my review").click()
    page.wait_for_url("**/accounts/login/**")

    log_in_as(page.context, people.mentor)
    page.goto(address)
    other = enter(people.mentor, page.context)
    for one in (page, other):
        expect(one.locator("#new-body")).to_have_value("One rename of what?")
        expect(one.locator("#thread-new .passage")).to_have_text(WORDS)
        expect(one.locator("#new-kind")).to_have_value("must")
        # As somebody does who wants to see more of it: what is swapped in must not take the style over.
        evaluate(one, "document.querySelector('#new-body').style.height = '9rem'")
        one.get_by_role("button", name="Add to my review").click()
        thread = one.locator("article.thread")
        expect(thread).to_contain_text("One rename of what?")
        if one is page:  # The other has heard of it already, perhaps.
            expect(thread).to_be_focused()
        expect(one.locator("#new-body")).to_have_value("")
    comment = Comment.objects.get()
    assert (comment.thread.kind, comment.thread.anchor.selectors[0]["exact"]) == ("must", WORDS)


@pytest.mark.prove
def test_mentor_goes_on_typing_where_a_click_leads(
    enter: Callable[..., Page], people: Cast, version: Version, axe: Callable[..., None], shot: Shot
) -> None:
    question = Thread.objects.open(version, people.learner.user, Said("Is one table enough?", uuid4()))
    page = enter(people.mentor)
    thread = page.locator(f"#thread-{question.uuid}")
    thread.locator("summary", has_text="Reply").click()
    page.keyboard.type("cjs")
    reply = thread.locator("form.answer textarea")
    expect(reply).to_have_value("cjs")
    reply.fill("")

    # The first comment begins the review; "f" opens its sheet, though that was not there when the page was made.
    page.locator("#new-body").fill("Name the topic.")
    page.locator("#thread-new").get_by_role("button", name="Add to my review").click()
    unsent = page.locator("article.thread", has_text="Name the topic.")
    expect(unsent).to_be_visible()
    unsent.focus()
    page.keyboard.press("r")
    words = unsent.get_by_label("Comment", exact=True)
    expect(words).to_be_focused()
    page.keyboard.type(" Which")
    page.reload()
    expect(words).to_have_value("Name the topic. Which")
    axe(page)
    unsent.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(words).to_be_hidden()
    expect(words).to_have_value("Name the topic.")

    unsent.focus()
    page.keyboard.press("f")
    expect(page.locator("#finish")).to_be_visible()
    page.get_by_role("button", name="Close without sending").click()

    unsent.locator("summary", has_text="Change").click()
    unsent.locator("summary", has_text="Remove…").click()
    axe(page)
    shot(page, "removal")
    assert Comment.objects.count() == 2
    unsent.get_by_role("button", name="Remove it").click()
    expect(page.locator("#notices")).to_contain_text("The comment was removed.")
    expect(unsent).to_have_count(0)
    expect(thread).to_be_focused()
    assert Comment.objects.count() == 1


@pytest.mark.prove
def test_letter_confirms_nothing_while_words_are_half_typed(
    enter: Callable[..., Page], people: Cast, version: Version
) -> None:
    review = Review.objects.begin(version, people.mentor)
    point = Thread.objects.open(version, people.mentor, Said("Name the queue.", uuid4(), "must"), review)
    review.publish("changes")
    draft = version.submission.start_draft()
    draft.save_draft("# Next", "", "", draft.revision)
    point.answer(people.learner.user, "fixed", Said("Done", uuid4()), draft)
    draft.submit()
    page = enter(people.mentor)
    thread = page.locator(f"#thread-{point.uuid}")
    button = thread.locator("button[value=confirm]")
    expect(button).to_have_text("Confirm fixed")
    thread.locator("form.answer summary").click()
    page.keyboard.type("Well, not")
    expect(button).to_have_text("Confirm with this reply")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(button).to_be_focused()
    assert not Comment.objects.filter(act="confirm").exists()
    page.keyboard.press("Enter")
    expect(thread).to_contain_text("Well, not")
    assert Comment.objects.get(act="confirm").body == "Well, not"


@pytest.mark.prove
def test_learner_changes_a_question_and_closes_it(
    enter: Callable[..., Page], people: Cast, axe: Callable[..., None], shot: Shot
) -> None:
    page = enter(people.learner.user)
    figure = page.locator(".parts .figure")
    expect(figure).to_have_text("0")
    page.locator("#new-body").fill("Is one table enough?")
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("#notices")).to_contain_text("Your question was sent.")
    thread = page.locator("article.thread")
    expect(thread).to_be_focused()
    expect(figure).to_have_text("1")

    drop = thread.locator("button[value=drop]")
    thread.get_by_role("link", name="Change").click()
    words = thread.get_by_label("Your comment")
    expect(words).to_be_focused()
    expect(drop).to_be_hidden()
    words.fill("Are two tables enough?")
    axe(page)
    shot(page, "change")
    page.reload()
    expect(words).to_have_value("Are two tables enough?")
    thread.get_by_role("link", name="Cancel").click()
    expect(words).to_have_count(0)
    expect(thread.get_by_role("link", name="Change")).to_be_focused()
    page.reload()
    expect(drop).to_be_visible()
    expect(words).to_have_count(0)
    thread.get_by_role("link", name="Change").click()
    words.fill("Are three tables enough?")
    thread.get_by_role("button", name="Save", exact=True).click()
    expect(thread).to_contain_text("Are three tables enough?")

    thread.locator("form.answer summary").click()
    page.keyboard.type("I found it.")
    expect(drop).to_have_text("Close with this reply")
    shot(page, "closing")
    drop.click()
    expect(thread).to_contain_text("Closed")
    expect(thread).not_to_contain_text("Dropped")
    assert Comment.objects.get(act="drop").body == "I found it."


@pytest.mark.prove
def test_hand_in_is_no_page_while_it_cannot_be_saved(
    enter: Callable[..., Page],
    people: Cast,
    log_in_as: LogIn,
    axe: Callable[..., None],
    shot: Shot,
    tmp_path: Path,
) -> None:
    page = enter(people.learner.user)
    page.get_by_role("button", name="Begin version 2").click()
    text = page.get_by_label("Text", exact=True)
    hand_in = page.get_by_role("button", name="Hand in version 2")
    unsaved = page.locator("#saved .unsaved")

    expect(page.locator("#draft [data-plain]").first).to_be_hidden()  # The script is there.

    # A file: what was refused is told until it is sent again, and removing one asks first.
    (tmp_path / "b.exe").write_text("no")
    (tmp_path / "c.md").write_text("# C")
    for name in ("b.exe", "c.md"):
        page.get_by_label("Add files").set_input_files(tmp_path / name)
        expect(page.locator("#draft-files")).to_contain_text(name)
    expect(page.locator("#draft-files")).to_contain_text(".exe files cannot be handed in")
    page.get_by_label("Link", exact=True).press("Enter")
    page.locator("#draft-files summary").click()
    axe(page)
    shot(page, "file")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "file-phone")
    page.get_by_role("button", name="Remove it c.md").click()
    expect(page.locator("#notices")).to_contain_text("c.md was removed.")
    expect(page.locator("#draft-files li")).to_have_count(0)

    page.context.set_offline(True)
    text.fill("Typed on the train")
    hand_in.click()
    expect(unsaved).to_contain_text("kept on this device")
    expect(unsaved).to_be_in_viewport()
    text.scroll_into_view_if_needed()
    expect(unsaved).to_be_in_viewport()
    shot(page, "offline")
    expect(text).to_have_value("Typed on the train")
    page.context.set_offline(False)
    expect(unsaved).to_have_count(0, timeout=15_000)

    page.context.clear_cookies()
    text.fill("Typed after the log-out")
    expect(unsaved).to_contain_text("you are logged out", timeout=10_000)
    hand_in.click()
    expect(hand_in).to_be_visible()
    log_in_as(page.context, people.learner.user)
    other = page.context.new_page()
    other.goto(evaluate(page, "document.querySelector('.bar .person').href"))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Typed after the log-out")
    text.press_sequentially(" and in again")
    expect(unsaved).to_have_count(0, timeout=10_000)
    hand_in.click()
    expect(page.locator("#notices")).to_contain_text("Handed in")
    assert Version.objects.get(number=2).text == "Typed after the log-out and in again"


@pytest.mark.prove
def test_first_words_of_a_draft_are_told_above(
    live_server: LiveServer, new_context: NewContext, log_in_as: LogIn, people: Cast
) -> None:
    submission, _made = people.learner.submissions.get_or_create(deliverable=people.deliverable)
    context = new_context()
    log_in_as(context, people.learner.user)
    page = context.new_page()
    page.goto(live_server.url + submission.get_absolute_url())
    expect(page.locator("#state-line")).to_contain_text("Not started")
    page.get_by_label("Text", exact=True).fill("First words")
    expect(page.locator("#saved")).to_contain_text("Draft saved", timeout=10_000)
    expect(page.locator("#state-line")).not_to_contain_text("Not started")
