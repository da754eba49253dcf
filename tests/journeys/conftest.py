"""A real Chromium, and a watch on it: a journey whose browser complained fails, however well it went."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.db import connections
from django.test import Client
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    WebError,
)
from pytest_django.live_server_helper import LiveServer

from people.models import User
from scripts import chromium
from submissions.models import Version
from tests.cast import Cast, make_cast
from tests.journeys import room

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "var" / "shots"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Starting a process for every page would be a fifth of the journeys' time.
    "--process-per-site",
]
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
BLOCKED = "policy-blocked"
# Chromium writes some violations to the console and gives the event for all of them.
REPORT_VIOLATIONS = f"""
document.addEventListener("securitypolicyviolation", (event) => console.error(
  "{BLOCKED}", event.effectiveDirective, event.blockedURI,
  event.sourceFile + ":" + event.lineNumber, event.sample));
"""
# All rules that axe turns on by itself: WCAG A and AA, and what it calls best practice. None of them needs the style
# sheets, which axe would preload: one with an @import, as the admin has, becomes an inline style that is blocked.
AXE_RUN = """
axe.run(document, OPTIONS).then((found) => JSON.stringify(found.violations.map((rule) => ({
  id: rule.id, help: rule.help, nodes: rule.nodes.map((node) => [node.target.join(" "), node.failureSummary]),
}))))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


class Watch:
    """What a browser complained about: blocked by policy, script errors, lost or foreign files, 5xx."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self.on_console)
        context.on("weberror", self.on_error)
        context.on("request", self.on_request)
        context.on("requestfailed", self.on_failed)
        context.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        if BLOCKED in message.text or "Content Security Policy" in message.text:
            self.complaints.append(f"blocked by the policy: {message.text}")

    def on_error(self, error: WebError) -> None:
        self.complaints.append(f"script error: {error.error}")

    def on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK:
            self.complaints.append(f"request to another host: {request.url}")

    def on_failed(self, request: Request) -> None:
        # A page that is left aborts what it was loading; that is no fault of the file.
        if is_static(request.url) and request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"static file not loaded: {request.url} ({request.failure})")

    def on_response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and is_static(response.url)):
            self.complaints.append(f"{response.status} for {response.url}")


def is_static(url: str) -> bool:
    return urlsplit(url).path.startswith(site.STATIC_URL)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium.find()
    if path is None:
        pytest.fail("There is no Chromium for the journeys: run 'make test', which installs one.")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {**browser_type_launch_args, "executable_path": str(path), "args": FLAGS + ["--no-sandbox"] * root}


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """Playwright, and an end to the connection to the database that the tests have while its event loop runs.

    Django keeps it apart from the thread's own; left open it would stand in the way of dropping the database.
    """
    yield playwright
    connections.close_all()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """The complaints of all browser contexts of this test; those left at its end fail it."""
    watch = Watch()
    yield watch
    assert not watch.complaints, "The browser complained:\n" + "\n".join(watch.complaints)


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext], watch: Watch) -> Callable[..., BrowserContext]:
    """Makes further browser contexts, for a second person or for JavaScript off; all of them are watched."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        watch.over(context)
        return context

    return make


def evaluate(page: Page, script: str) -> Any:
    """Runs a script by the debugger, which the page's policy does not bind; the policy stays on."""
    session = page.context.new_cdp_session(page)
    try:
        answer = session.send(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
        )
    finally:
        session.detach()
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"])
    return answer["result"].get("value")


def turn_to(page: Page, part: str) -> None:
    """Shows a part of a submission's page, "Work" or "Comments", where only one is on the screen at a time."""
    link = page.locator("nav.parts").get_by_role("link", name=part)
    if link.is_visible():
        link.click()


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fails on any accessibility violation of the page as it stands, and lists them all; of some `rules` if named."""
    source = AXE.read_text()

    def check(page: Page, *rules: str) -> None:
        # Colours in the middle of a transition are nobody's design. One of an element that a narrower page hides may
        # never end by itself.
        evaluate(page, "document.getAnimations().forEach((one) => one.finish())")
        if not evaluate(page, "'axe' in window"):
            evaluate(page, source + "; 0")
        options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": rules}
        violations = json.loads(evaluate(page, AXE_RUN.replace("OPTIONS", json.dumps(options))))
        lines = [
            f"{rule['id']} ({rule['help']}): {target}\n  {why.strip()}"
            for rule in violations
            for target, why in rule["nodes"]
        ]
        assert not lines, f"axe found on {page.url}:\n" + "\n".join(lines)

    return check


@pytest.fixture
def log_in_as(live_server: LiveServer) -> Callable[[BrowserContext, User], None]:
    """Lets a browser begin logged in, where logging in is not what the journey is about."""

    def enter(context: BrowserContext, user: User) -> None:
        client = Client()
        client.force_login(user)
        name = site.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return enter


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keeps a picture of the page in var/shots when SHOTS=1, and does nothing otherwise."""
    story = re.sub(r"\W+", "-", request.node.name).strip("-")

    def keep(page: Page, name: str) -> None:
        if os.environ.get("SHOTS"):
            # Hiding the caret would need a style that the policy blocks.
            page.screenshot(path=SHOTS / f"{story}-{name}.png", full_page=True, caret="initial")

    return keep


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def open_room(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    people: Cast,
) -> Callable[..., Page]:
    """Opens the page of a version as its mentor; what viewers say is listened to (`tests.journeys.room.pointed`).

    `before` is called with the context first; what else is named are its options.
    """

    def opened(
        version: Version, before: Callable[[BrowserContext], None] | None = None, **options: Any
    ) -> Page:
        context = new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        log_in_as(context, people.mentor)
        context.add_init_script(room.LISTEN)
        if before:
            before(context)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url())
        return page

    return opened
