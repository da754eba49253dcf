"""Files that mean harm, in a real browser, on every way in which a file is shown or served."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from submissions.models import Version
from tests.cast import Cast
from tests.journeys.conftest import Watch
from tests.journeys.room import handed_in
from tests.submissions import intruders, samples

OpenRoom = Callable[..., Page]
SAMPLE = {"opens.pdf", "script.svg"}
"""What `make test` looks at."""
REFUSED = {"cut-off.pdf", "nested.pdf"}
"""What the door keeps out, with a sentence."""
ALIVE = 5_000


class Canary(ThreadingHTTPServer):
    """Counts who calls. What it is told to give, it gives as it is, with no policy: the control."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.calls: list[str] = []
        self.given: dict[str, bytes] = {}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class Listener(BaseHTTPRequestHandler):
    server: Canary

    def do_GET(self) -> None:
        content = self.server.given.get(self.path.strip("/"))
        if content is None:
            self.server.calls.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/svg+xml" if content else "text/plain")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    do_POST = do_GET  # noqa: N815 (the name is the library's)

    def log_message(self, *_words: object) -> None:
        """Says nothing: what counts is in `calls`."""


@contextmanager
def listening() -> Iterator[Canary]:
    server = Canary()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as server:
        yield server


def hear(context: BrowserContext, said: list[str]) -> None:
    """Keeps what scripts say in boxes, and closes each at once."""

    def close(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    context.on("page", lambda page: page.on("dialog", close))


def look_at(page: Page, version: Version) -> None:
    """Scrolls to each file and waits until it is shown or says why not; the page answers after each."""
    for file in version.files.all():
        section = page.locator(f"#file-{file.uuid}")
        section.scroll_into_view_if_needed()
        shown = section.locator(".leaf canvas, .pdf > .help, .untexted, .surface img").first
        expect(shown).to_be_attached(timeout=30_000)
        page.wait_for_timeout(200)
        assert page.evaluate_handle("() => document.title").json_value()
    page.get_by_role("heading", level=1).scroll_into_view_if_needed(timeout=ALIVE)


def open_by_itself(page: Page, address: str) -> None:
    """A file's own address: shown by the browser, or saved."""
    try:
        page.goto(address)
        page.wait_for_timeout(150)
    except PlaywrightError as error:
        if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
            raise


@pytest.mark.parametrize("is_all", [False, pytest.param(True, marks=pytest.mark.prove)], ids=["some", "all"])
def test_hostile_file_runs_nothing_and_calls_nobody(
    open_room: OpenRoom, people: Cast, canary: Canary, watch: Watch, live_server: LiveServer, is_all: bool
) -> None:
    files = {
        **intruders.pdfs_that_act(canary.address),
        **intruders.pdfs_that_hang(),
        **intruders.drawings(canary.address),
    }
    if not is_all:
        files = {name: content for name, content in files.items() if name in SAMPLE}
    refused: dict[str, str] = {}
    version = handed_in(people, files, refused)
    print(refused)
    assert set(refused) <= REFUSED
    boxes: list[str] = []
    page = open_room(version, before=lambda context: hear(context, boxes))

    look_at(page, version)
    page.locator(".leaf:has(canvas)").first.click()
    for file in version.files.all():
        for address in (file.raw_url, file.url):
            other = page.context.new_page()
            open_by_itself(other, live_server.url + address)
            other.close()

    assert canary.calls == []
    assert boxes == []
    # That something was stopped is as it should be; that a server failed, or a script, is not.
    faults = [line for line in watch.complaints if not line.startswith("blocked by the policy")]
    watch.complaints.clear()
    assert faults == []


def test_canary_hears_the_same_drawing_without_our_guard(
    new_context: Callable[..., BrowserContext], canary: Canary, watch: Watch
) -> None:
    """The control: as a page of its own, with no policy, the script runs and the picture is asked for."""
    canary.given = {
        name: content
        for name, content in intruders.drawings(canary.address).items()
        if name in {"script.svg", "picture.svg", "styled.svg"}
    }
    context = new_context()
    boxes: list[str] = []
    hear(context, boxes)
    page = context.new_page()
    for name in canary.given:
        page.goto(f"{canary.address}/{name}")
        page.wait_for_timeout(300)
    assert boxes == ["1"]
    assert {"/script", "/picture.png", "/style.css"} <= set(canary.calls)
    watch.complaints.clear()


@pytest.mark.prove
def test_good_files_beside_it_are_shown(open_room: OpenRoom, people: Cast) -> None:
    good_ones = {"good.pdf": samples.pdf_with_text("Good"), "shot.png": samples.png()}
    version = handed_in(people, {**intruders.pdfs_that_hang(), **good_ones}, {})
    page = open_room(version)
    good = page.locator(".file", has=page.get_by_role("heading", name="good.pdf"))
    good.scroll_into_view_if_needed()
    expect(good.locator(".textLayer")).to_contain_text("Good", timeout=30_000)
    picture = page.locator(".surface img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 40)
