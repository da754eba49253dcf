"""An author writes a month as Markdown in a real browser: one line changes, nothing typed is lost, without a mouse."""

import re
from collections.abc import Callable
from difflib import ndiff
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Document, Month
from curriculum.publication import publish
from people.models import User
from tests.factories import CurriculumFactory, DocumentFactory, UserFactory
from tests.journeys.conftest import evaluate

MONTH = Path(__file__).parents[2] / "progress" / "demo" / "curriculum" / "month-08" / "README.md"

Axe = Callable[..., None]
Shot = Callable[[Page, str], None]
Contexts = Callable[..., BrowserContext]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: LazySettings) -> str:
    return str(live_server.url)


@pytest.fixture
def document(site: str) -> Document:
    """A month with a byte order mark and mixed line ends."""
    document: Document = DocumentFactory.create(
        curriculum=CurriculumFactory.create(slug="ai"), path="month-08/README.md"
    )
    text = MONTH.read_bytes().decode()
    publish(document, "\ufeff" + text.replace("\n", "\r\n", 30))
    document.refresh_from_db()
    return document


@pytest.fixture
def context(
    new_context: Contexts, log_in_as: Callable[[BrowserContext, User], None], site: str
) -> BrowserContext:
    """An admin's browser."""
    context = new_context(viewport={"width": 1440, "height": 900})
    log_in_as(context, UserFactory.create(name="Rosa", is_staff=True, is_superuser=True))
    return context


def address(site: str, document: Document) -> str:
    return site + reverse("admin:curriculum_document_markdown", args=[document.pk])


def put_caret(page: Page, words: str) -> None:
    """Put the caret behind these words, as a click there would."""
    page.get_by_label("Markdown", exact=True).evaluate(
        """(area, words) => {
          const at = area.value.indexOf(words) + words.length;
          area.focus();
          area.setSelectionRange(at, at);
        }""",
        words,
    )


def words_of(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def saved(page: Page) -> None:
    expect(page.locator("#draft .saved")).to_contain_text("Draft saved at")


def test_edited_task_is_one_line_of_the_export(
    context: BrowserContext, site: str, document: Document, axe: Axe, shot: Shot, tmp_path: Path
) -> None:
    assert document.published is not None
    before = document.published.data
    page = context.new_page()
    page.goto(site + reverse("admin:curriculum_document_change", args=[document.pk]))
    page.get_by_role("link", name="Edit as Markdown").click()
    expect(page.locator(".mirror > div").first).to_have_text("# Month 08: System Design")
    frame = page.frame_locator("#preview iframe")
    expect(frame.get_by_role("heading", name="Month 08: System Design")).to_be_visible()

    put_caret(page, "Study model registries")
    page.keyboard.type(" and use one")
    saved(page)
    expect(page.locator("#changes ins")).to_have_text(" and use one")
    expect(frame.get_by_text("Study model registries and use one")).to_be_visible()
    shot(page, "wide")

    # A fault is found while it is typed, stands beside its line, and a click leads there.
    put_caret(page, "## Weekly Breakdown")
    page.keyboard.press("Home")
    page.keyboard.type("```")
    page.keyboard.press("Shift+Enter")
    remark = page.locator("#remarks .error")
    expect(remark).to_contain_text("is never closed")
    expect(page.locator(".mirror .error")).to_have_count(1)
    axe(page)
    shot(page, "fault")
    put_caret(page, "# Month 08")
    remark.get_by_role("link", name="Line").click()
    line = page.locator(".mirror .error").evaluate(
        "(row) => [...row.parentElement.children].indexOf(row) + 1"
    )
    expect(page.locator("#place")).to_contain_text(f"Line {line} of")
    page.keyboard.press("Delete")
    for _key in range(3):
        page.keyboard.press("Delete")
    expect(page.locator("#remarks .count")).to_have_text("0 lines to look at.")
    page.set_viewport_size({"width": 390, "height": 844})
    assert evaluate(page, "document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    axe(page)
    shot(page, "narrow")
    page.set_viewport_size({"width": 1440, "height": 900})

    page.get_by_label("What changed").fill("One task said more")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".messagelist .success")).to_contain_text("Published edition 2. One task said more")
    call_command("export_curriculum", "ai", str(tmp_path))
    after = (tmp_path / "month-08" / "README.md").read_bytes()
    changed = [
        line for line in ndiff(before.decode().split("\n"), after.decode().split("\n")) if line[0] in "+-"
    ]
    assert [line.rstrip("\r") for line in changed] == [
        "- - [ ] Study model registries",
        "+ - [ ] Study model registries and use one",
    ]


@pytest.mark.prove
def test_stale_window_shows_both_texts_and_loses_none(
    context: BrowserContext, site: str, document: Document, axe: Axe, shot: Shot
) -> None:
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(address(site, document))
    put_caret(first, "Study model registries")
    first.keyboard.type(" first")
    saved(first)

    put_caret(second, "Learn about feature stores")
    second.keyboard.type(" second")
    expect(second.get_by_role("heading", name="Somebody else changed this text")).to_be_visible()
    expect(second.locator("#draft .saved")).to_contain_text("Not saved.")
    expect(second.locator("#draft del")).to_contain_text(["first"])
    axe(second)
    shot(second, "stale")
    # What is typed from here on is kept in the browser, and outlasts a reload.
    second.keyboard.type(" and third")
    second.on("dialog", lambda dialog: dialog.accept())
    second.reload()
    expect(second.get_by_label("Markdown", exact=True)).to_have_value(
        words_of("feature stores second and third")
    )
    expect(second.get_by_role("heading", name="Somebody else changed this text")).to_be_visible()
    assert document.draft is not None
    assert "registries first" in document.draft.source
    second.get_by_role("button", name="Save mine in its place").click()
    expect(second.locator(".messagelist .success")).to_contain_text("The draft is saved")
    assert "feature stores second and third" in document.draft.source


@pytest.mark.prove
def test_month_is_written_by_the_keyboard_alone(
    context: BrowserContext, site: str, document: Document
) -> None:
    page = context.new_page()
    page.goto(address(site, document))
    area = page.get_by_label("Markdown", exact=True)
    for _tab in range(60):
        page.keyboard.press("Tab")
        if area.evaluate("(area) => area === document.activeElement"):
            break
    page.keyboard.press("Control+Home")
    for _line in range(60):
        if "Study model registries" in current(page):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("Register one model")
    page.keyboard.press("Alt+ArrowUp")
    expect(area).to_have_value(words_of("- [ ] Register one model\n- [ ] Study model registries\n"))
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+s")
    saved(page)
    assert document.draft is not None
    assert "- [ ] Study model registries\r\n- [ ] Register one model" in document.draft.source or (
        "- [ ] Study model registries\n- [ ] Register one model" in document.draft.source
    )
    # Two faults, found one after the other.
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n## Notes\n\nA caf")
    page.keyboard.insert_text("√©")
    expect(page.locator("#remarks .count")).to_have_text("1 line to look at.")
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    assert "A caf√©" in current(page)
    page.keyboard.press("Tab")  # which leaves the text
    assert not area.evaluate("(area) => area === document.activeElement")
    for _tab in range(60):
        if page.evaluate("() => document.activeElement.value") == "Publish":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_contain_text("Published edition")
    assert Month.objects.get().tasks.filter(text="Register one model", archived_at=None).exists()


def current(page: Page) -> str:
    """The line that the caret is in."""
    line: str = page.get_by_label("Markdown", exact=True).evaluate(
        "(area) => area.value.slice(0, area.selectionEnd).split('\\n').at(-1) +"
        " area.value.slice(area.selectionEnd).split('\\n')[0]"
    )
    return line


@pytest.mark.prove
def test_month_is_written_without_scripts(
    new_context: Contexts,
    log_in_as: Callable[[BrowserContext, User], None],
    site: str,
    document: Document,
    axe: Axe,
    shot: Shot,
) -> None:
    context = new_context(java_script_enabled=False, viewport={"width": 820, "height": 1180})
    log_in_as(context, UserFactory.create(is_staff=True, is_superuser=True))
    page = context.new_page()
    page.goto(address(site, document))
    area = page.get_by_label("Markdown", exact=True)
    # The admin's own sheet cuts text areas off on small screens: what lies below would not be seen.
    for width in (820, 390):
        page.set_viewport_size({"width": width, "height": 844})
        frame = page.locator(".source").bounding_box()
        shown = area.bounding_box()
        assert frame
        assert shown
        assert shown["height"] > frame["height"] - 4
    area.fill(area.input_value().replace("Study model registries", "Study one registry"))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Checked, not saved.")).to_be_visible()
    shot(page, "plain")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messagelist .success")).to_contain_text("The draft is saved")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.get_by_text("Study one registry")).to_be_visible()
    shot(opened.value, "preview")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".messagelist .success")).to_contain_text("Published edition 2.")
