"""The plan of an import in the browser: seen, corrected with the keyboard alone, and applied, also without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Document, Task
from curriculum.publication import publish
from people.models import User
from tests.curriculum.test_admin_plan import NEW, OLD
from tests.factories import CohortFactory, DocumentFactory, MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]


def test_plan_is_corrected_with_the_keyboard_and_applied(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    document: Document = DocumentFactory.create(path="month-01/README.md")
    publish(document, OLD)
    MembershipFactory.create(cohort=CohortFactory.create(curriculum=document.curriculum))
    sung = Task.objects.get(text="Sing a song").pk
    (tmp_path / "month.md").write_text(NEW)
    boss = UserFactory.create(is_staff=True, is_superuser=True)
    for scripts in (True, False):
        context = new_context(java_script_enabled=scripts)
        log_in_as(context, boss)
        page = context.new_page()
        page.goto(
            live_server.url
            + reverse("admin:curriculum_curriculum_intake")
            + f"?curriculum={document.curriculum_id}"
        )
        page.get_by_label("Markdown files").set_input_files(tmp_path / "month.md")
        page.get_by_role("button", name="See what would happen").press("Enter")
        if scripts:
            look_at(page, axe, shot)
            continue
        choice = page.get_by_label("What became of it:")
        choice.focus()
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="Look again").press("Enter")
        page.get_by_text("paired by hand").wait_for()
        page.get_by_role("button", name="Bring in and publish 1 file").press("Enter")
        page.get_by_text("1 file was brought in").wait_for()
    assert Task.objects.live().get(text="Play the piano").pk == sung


def look_at(page: Page, axe: Callable[..., None], shot: Callable[[Page, str], None]) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        axe(page)
        for width in (390, 820, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.locator("html").evaluate("(html) => html.scrollWidth - html.clientWidth")
            assert wider == 0, width
            shot(page, f"plan-{width}-{scheme}")
