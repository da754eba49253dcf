"""A learner brings the copy in which they kept their ticks, and takes another one away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from progress.models import Completion
from tests.cast import Cast, make_cast, month_text
from tests.journeys.test_pages import NewContext


@pytest.fixture
def school(live_server: LiveServer) -> Cast:
    return make_cast()


@pytest.fixture
def own(school: Cast, tmp_path: Path) -> Path:
    """What the learner has at home: two ticks, a note below one of them, and a box of their own."""
    text = month_text().replace("- [ ] Task 1.1\n", "- [x] Task 1.1\n  Took two evenings.\n")
    text = text.replace("- [ ] A requirement", "- [x] A requirement")
    file = tmp_path / "README.md"
    file.write_text(text.replace("- [ ] Task 1.2\n", "- [x] Wrote the essay\n"))
    return file


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_learner_brings_a_fork_and_takes_a_copy(
    live_server: LiveServer,
    new_context: NewContext,
    log_in_as: Callable[[BrowserContext, User], None],
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
    school: Cast,
    own: Path,
    javascript: bool,
) -> None:
    context = new_context(viewport={"width": 390, "height": 844}, java_script_enabled=javascript)
    log_in_as(context, school.learner.user)
    page = context.new_page()
    page.goto(f"{live_server.url}/path/")
    page.get_by_role("link", name="Bring ticks from your copy").click()
    page.get_by_label("Files of your copy").set_input_files(own)
    page.get_by_role("button", name="See what would happen").click()

    main = page.locator("main")
    expect(main).to_contain_text("2 tasks become ticked")
    expect(main).to_contain_text("Becomes its note: Took two evenings.")
    assert not Completion.objects.exists()
    if javascript:
        axe(page)
        wide = page.locator("html").evaluate("root => root.scrollWidth")
        assert wide <= 390
        shot(page, "preview")
    choice = page.get_by_label("Wrote the essay")
    choice.focus()
    choice.select_option("Task 1.2")
    page.get_by_role("button", name="Bring it in").press("Enter")

    expect(page.locator("#notices")).to_contain_text("3 tasks were ticked. 1 note was written.")
    expect(page.get_by_role("checkbox", name="Task 1.1")).to_be_checked()
    expect(page.locator(".task", has_text="Task 1.1").locator(".noted")).to_have_text("Took two evenings.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Take Month 08 with your ticks").click()
    copy = Path(download.value.path()).read_text()
    ticked = month_text()
    for task in ("Task 1.1", "Task 1.2", "A requirement"):
        ticked = ticked.replace(f"- [ ] {task}", f"- [x] {task}")
    assert download.value.suggested_filename == "month-08.md"
    assert copy == ticked
