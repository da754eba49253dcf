"""What was handed in, as a browser draws it; and the hand-in itself, with its lost connections."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from config.policy import page_policy
from submissions import store
from submissions.models import Submission, Version
from tests.cast import Cast, make_cast
from tests.factories import PASSWORD
from tests.submissions import samples

NewContext = Callable[..., BrowserContext]
Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
TEXT = """## Overview

```mermaid
flowchart LR
  A[Learner] --> B[Mentor]
```

```mermaid
flowchart LR
  A --> --> [
```
"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def draft(people: Cast) -> Version:
    submission = Submission.objects.create(learner=people.learner, deliverable=people.deliverable)
    return submission.start_draft()


def open_page(live_server: LiveServer, context: BrowserContext, email: str, version: Version) -> Page:
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(live_server.url + version.submission.get_absolute_url())
    return page


def add(version: Version, name: str, content: bytes) -> None:
    version.add_file(name, store.receive([content], 10**8))


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "dark"),
        pytest.param(1440, "light", marks=pytest.mark.prove),
        pytest.param(390, "light", marks=pytest.mark.prove),
        pytest.param(1440, "dark", marks=pytest.mark.prove),
    ],
)
def test_viewers_draw_each_form(
    live_server: LiveServer,
    new_context: NewContext,
    people: Cast,
    draft: Version,
    axe: Look,
    shot: Shot,
    width: int,
    scheme: str,
) -> None:
    files = {
        "text.pdf": samples.pdf_with_text("Hello mentor"),
        "pages.pdf": samples.pdf(12),
        "graph.svg": samples.svg_of_graphviz(),
        "shot.png": samples.png(400, 300),
        "main.py": samples.code(),
        "analysis.ipynb": samples.notebook(),
        "flow.mmd": samples.mermaid(),
        "sequence.puml": samples.plantuml(),
        "paper.xlsx": samples.office("xlsx"),
    }
    for name, content in files.items():
        add(draft, name, content)
    draft.save_draft(TEXT, "https://example.org/demo", "Look at the queue first.", 0)
    draft.submit()
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = open_page(live_server, context, people.mentor.email, draft)

    # A diagram is drawn in its frame, and its source stays; a broken one shows its source and a sentence.
    typed = page.locator(".shown > article")
    frame = typed.locator("iframe.diagram")
    expect(frame).to_have_count(1, timeout=15_000)
    expect(page.frame_locator("iframe.diagram").first.locator("svg")).to_contain_text(
        "Mentor", timeout=15_000
    )
    expect(typed.locator("pre.mermaid-source")).to_have_count(2)
    expect(typed.locator(".undrawn")).to_be_visible(timeout=15_000)
    assert frame.get_attribute("sandbox") == "allow-scripts"
    ground = "rgb(30, 33, 34)" if scheme == "dark" else "rgb(255, 254, 251)"
    expect(page.frame_locator("iframe.diagram").first.locator("body")).to_have_css("background-color", ground)

    # A PDF is drawn page by page, with words that can be selected.
    pdf = page.locator(".file", has=page.get_by_role("heading", name="text.pdf")).locator(".pdf")
    pdf.scroll_into_view_if_needed()
    expect(pdf.locator("canvas")).to_have_count(1, timeout=15_000)
    expect(pdf.locator(".textLayer")).to_contain_text("Hello mentor")
    wide = pdf.locator(".leaf").bounding_box()
    pdf.get_by_role("button", name="Larger").click()
    expect(pdf.get_by_role("status")).to_have_text("125 %")
    larger = pdf.locator(".leaf").bounding_box()
    assert wide
    assert larger
    assert larger["width"] > wide["width"] * 1.2
    long = page.locator(".file", has=page.get_by_role("heading", name="pages.pdf")).locator(".pdf")
    long.scroll_into_view_if_needed()
    expect(long.locator(".leaf")).to_have_count(12, timeout=15_000)
    assert long.locator("canvas").count() < 12
    long.get_by_role("combobox", name="Page").select_option("12")
    expect(long.locator(".leaf").nth(11).locator("canvas")).to_have_count(1, timeout=15_000)

    for name in ("graph.svg", "shot.png"):
        picture = page.locator(".file", has=page.get_by_role("heading", name=name)).locator("img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate_handle("image => image.naturalWidth").json_value() > 0
    page.evaluate_handle("() => scrollTo(0, 0)")
    axe(page)
    shot(page, "page")


@pytest.mark.prove
def test_hand_in_saves_itself_and_outlives_a_lost_connection(
    live_server: LiveServer,
    new_context: NewContext,
    people: Cast,
    draft: Version,
    axe: Look,
    shot: Shot,
    tmp_path: Path,
) -> None:
    context = new_context(viewport={"width": 1440, "height": 900})
    page = open_page(live_server, context, people.learner.user.email, draft)
    shot(page, "empty")
    text = page.get_by_label("Text", exact=True)
    text.fill("First words")
    expect(page.locator("#saved")).to_contain_text("Draft saved", timeout=10_000)
    expect(page.locator("#saved input[name=revision]")).to_have_value("1", timeout=10_000)

    (tmp_path / "a.md").write_text("# A")
    (tmp_path / "b.exe").write_text("no")
    (tmp_path / "c.md").write_text("# C")
    page.get_by_label("Add files").set_input_files([tmp_path / name for name in ("a.md", "b.exe", "c.md")])
    expect(page.locator("#draft-files li")).to_have_count(2, timeout=10_000)
    expect(page.locator("#draft-files")).to_contain_text(".exe files cannot be handed in")
    expect(page.locator(".sending li")).to_have_count(0)

    # Offline: nothing is lost, not even when the page is closed.
    context.set_offline(True)
    text.fill("First words, and what I wrote on the train")
    expect(page.get_by_text("kept on this device")).to_be_visible(timeout=10_000)
    shot(page, "offline")
    context.set_offline(False)
    expect(page.locator("#saved")).not_to_contain_text("kept on this device", timeout=15_000)
    draft.refresh_from_db()
    assert draft.text == "First words, and what I wrote on the train"

    # Removing a file while something is not saved yet makes no conflict with oneself.
    text.fill("More")
    page.locator("#draft-files li", has_text="c.md").locator("summary").click()
    page.get_by_role("button", name="Remove it c.md").click()
    expect(page.locator("#draft-files li")).to_have_count(1)
    expect(page.locator("#saved input[name=revision]")).to_have_value("3", timeout=10_000)

    # Another window: both texts are shown, and the person decides.
    other = context.new_page()
    other.goto(page.url)
    other.get_by_label("Text", exact=True).fill("From the other window")
    expect(other.locator("#saved input[name=revision]")).to_have_value("4", timeout=10_000)
    text.fill("From this window")
    expect(page.locator("#saved [data-stale]")).to_contain_text("From the other window", timeout=10_000)
    axe(page)
    shot(page, "conflict")
    page.get_by_role("button", name="Save what I wrote here").click()
    expect(page.locator("#saved")).to_contain_text("Draft saved", timeout=10_000)
    draft.refresh_from_db()
    assert draft.text == "From this window"

    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("From this window")
    axe(page)
    shot(page, "filled")
    text.fill("The last words are handed in too")
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Handed in")
    draft.refresh_from_db()
    assert (draft.number, draft.text) == (1, "The last words are handed in too")
    axe(page)
    shot(page, "handed-in")


@pytest.mark.prove
def test_hand_in_says_beside_each_field_what_is_wrong_and_until_when(
    live_server: LiveServer, new_context: NewContext, people: Cast, draft: Version, tmp_path: Path
) -> None:
    page = open_page(live_server, new_context(), people.learner.user.email, draft)
    link = page.get_by_label("Link", exact=True)
    link.fill("no address")
    page.get_by_label("Text", exact=True).fill("Words that are saved")
    wrong = page.locator("#link-error")
    expect(wrong).to_contain_text("no web address", timeout=10_000)
    expect(wrong.locator("xpath=preceding-sibling::*[1]")).to_have_class("field")
    expect(link).to_have_attribute("aria-describedby", "link-error")
    expect(page.locator("#saved")).to_contain_text("The rest is saved")
    link.fill("example.org/board")
    expect(page.locator("#saved")).to_contain_text("Draft saved", timeout=10_000)
    expect(wrong).to_have_count(0)
    draft.refresh_from_db()
    assert (draft.text, draft.link) == ("Words that are saved", "https://example.org/board")

    # What was refused of a file is told, whatever becomes of others, until it is sent again.
    (tmp_path / "b.exe").write_text("no")
    (tmp_path / "c.md").write_text("# C")
    page.get_by_label("Add files").set_input_files(tmp_path / "b.exe")
    expect(page.locator("#draft-files")).to_contain_text(".exe files cannot be handed in")
    page.get_by_label("Add files").set_input_files(tmp_path / "c.md")
    expect(page.locator("#draft-files li")).to_have_count(1)
    expect(page.locator("#draft-files > .error")).to_have_count(1)
    (tmp_path / "b.exe").write_text("still no")
    page.get_by_label("Add files").set_input_files(tmp_path / "b.exe")
    expect(page.locator("#draft-files > .error")).to_have_count(1)
    expect(page.locator("#draft-files")).to_contain_text(".exe files cannot be handed in")


def test_hand_in_gives_back_what_was_typed_when_the_page_was_lost(
    live_server: LiveServer, new_context: NewContext, people: Cast, draft: Version
) -> None:
    context = new_context()
    page = open_page(live_server, context, people.learner.user.email, draft)
    context.set_offline(True)
    page.get_by_label("Text", exact=True).fill("Typed in a tunnel")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(live_server.url + draft.submission.get_absolute_url())
    expect(again.get_by_label("Text", exact=True)).to_have_value("Typed in a tunnel")
    expect(again.locator("#saved input[name=revision]")).to_have_value("1", timeout=10_000)
    draft.refresh_from_db()
    assert draft.text == "Typed in a tunnel"


def test_files_are_shown_from_an_origin_of_their_own(
    live_server: LiveServer, new_context: NewContext, people: Cast, draft: Version, settings: Any
) -> None:
    settings.USERCONTENT_ORIGIN = live_server.url.replace("localhost", "127.0.0.1")
    settings.CONTENT_SECURITY_POLICY = page_policy(settings.USERCONTENT_ORIGIN)
    assert live_server.url != settings.USERCONTENT_ORIGIN
    add(draft, "shot.png", samples.png(60, 40))
    add(draft, "paper.pdf", samples.pdf(2))
    draft.submit()
    context = new_context()
    sent: list[str] = []
    context.on("response", lambda answer: sent.append(f"{answer.status} {answer.url}"))

    page = open_page(live_server, context, people.learner.user.email, draft)

    picture = page.locator(".file img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 60)
    page.locator(".pdf").scroll_into_view_if_needed()
    expect(page.locator(".leaf").first.locator("canvas")).to_have_count(1, timeout=15_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download shot.png").click()
    assert download.value.path().read_bytes() == samples.png(60, 40)
    from_there = [line for line in sent if settings.USERCONTENT_ORIGIN in line]
    assert any("shot.png" in line for line in from_there)
    assert any("paper.pdf" in line for line in from_there)
    assert not [line for line in sent if line.startswith("200") and f"{live_server.url}/files/" in line]
