"""A database that can only be read, in a real browser: the server says so itself, and what was typed is not lost."""

import pytest
from django.db import connections
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from progress.models import Completion
from submissions.models import Submission
from tests.cast import Cast
from tests.journeys.conftest import Watch
from tests.journeys.test_story import NewContext
from tests.journeys.test_ticks import month_page, school

__all__ = ["school"]
TOLD = "This server can only be read at the moment, so nothing can be saved."


@pytest.mark.prove
def test_scripts_tell_what_the_server_says_and_send_it_again(
    live_server: LiveServer,
    new_context: NewContext,
    school: Cast,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = month_page(live_server, new_context, school)
    draft = Submission.objects.create(learner=school.learner, deliverable=school.deliverable).start_draft()
    options = connections.settings["default"]["OPTIONS"]
    with monkeypatch.context() as read_only:
        # Each request of the server opens a connection of its own.
        read_only.setitem(options, "init_command", f"{options['init_command']} PRAGMA query_only=ON;")
        page.get_by_role("checkbox", name="Task 1.1").click()
        expect(page.locator(".toast")).to_contain_text(TOLD)
        expect(page.locator(".task", has_text="Task 1.1")).not_to_contain_class("done")

        page.goto(live_server.url + draft.submission.get_absolute_url())
        page.get_by_label("Text", exact=True).fill("Typed while it was away")
        saved = page.locator("#saved")
        expect(saved).to_contain_text(TOLD, timeout=10_000)
        expect(saved).to_contain_text("kept on this device and is sent again by itself")
        page.get_by_label("Add files").set_input_files(
            {"name": "a.md", "mimeType": "text/markdown", "buffer": b"# A"}
        )
        expect(page.locator(".sending")).to_contain_text(f"a.md: {TOLD}")
    expect(saved.locator(".unsaved")).to_have_count(0, timeout=15_000)
    draft.refresh_from_db()
    assert draft.text == "Typed while it was away"
    assert not draft.files.exists()
    assert not Completion.objects.exists()
    assert watch.complaints
    assert all(complaint.startswith("503 for ") for complaint in watch.complaints)
    watch.complaints.clear()
