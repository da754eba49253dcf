"""Files that mean harm, in a real browser, on every way in which a file is shown or served."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from config.policy import page_policy
from people.models import User
from submissions import store
from submissions.formats import Form
from submissions.models import Submission, Version
from tests.cast import Cast
from tests.journeys.conftest import Watch
from tests.journeys.room import handed_in
from tests.submissions import hostile, intruders, samples

OpenRoom = Callable[..., Page]
PULSE = """
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  window.stood = Math.max(window.stood ?? 0, now - last);
  last = now;
}, 20);
"""
SAMPLE = {"opens.pdf", "script.svg"}
"""What `make test` looks at."""
ALIVE = 5_000
STILL = 20_000
"""Milliseconds in which a page may not answer: as long as a viewer waits for a page before it gives up."""
ENDED = (
    ".leaf canvas, .pdf > .help, .untexted, .surface img, iframe.diagram + details, .undrawn, "
    "article.prose > :not(.mermaid-source, iframe), .cell, .lines li"
)
"""What there is in the section of a file when its viewer has done what it can."""
SENTENCE = ".file > .help, .pdf > .help:not(.on-paper), .picture > .help, .untexted, .undrawn"


class Canary(ThreadingHTTPServer):
    """Counts who calls. What it is told to give, it gives as it is, with no policy: the control."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.calls: list[str] = []
        self.lines = 0
        """Of whoever came, said something or not."""
        self.given: dict[str, bytes] = {}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_address[1]}"

    def verify_request(self, request: Any, client_address: Any) -> bool:
        self.lines += 1
        return True


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


def look_at(page: Page, version: Version) -> dict[str, str]:
    """Scrolls to each file and waits until it is shown or says why not; the page answers after each.

    Returns the sentences by the names of their files, without those of whom there is none.
    """
    sentences = {}
    for file in version.files.all():
        section = page.locator(f"#file-{file.uuid}")
        section.scroll_into_view_if_needed()
        expect(section.locator(ENDED).first).to_be_attached(timeout=30_000)
        if section.locator(".surface img").count():
            expect(section.locator(".surface img")).to_have_js_property("complete", True, timeout=30_000)
        page.wait_for_timeout(200)
        assert page.evaluate_handle("() => document.title").json_value()
        if said := section.locator(SENTENCE).all_inner_texts():
            sentences[file.name] = " ".join(said)
        for picture in section.locator(".surface img").all():
            is_drawn = picture.evaluate_handle("image => image.naturalWidth").json_value()
            assert is_drawn or said, f"{file.name} is not drawn, and nothing says so"
    page.get_by_role("heading", level=1).scroll_into_view_if_needed(timeout=ALIVE)
    return sentences


def stood_still(page: Page) -> float:
    """The longest time, in milliseconds, in which the page could not have answered to a key."""
    return float(page.evaluate_handle("() => window.stood").json_value())


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
    assert set(refused) <= intruders.REFUSED
    boxes: list[str] = []
    page = open_room(version, before=lambda context: hear(context, boxes))

    look_at(page, version)
    page.locator(".leaf:has(canvas)").first.click()
    open_each(page, version, live_server.url)

    assert (canary.calls, canary.lines, boxes) == ([], 0, [])
    watch.complaints[:] = faults(watch)


def faults(watch: Watch) -> list[str]:
    """That something was stopped is as it should be; that a server failed, or a script, is not."""
    return [line for line in watch.complaints if not line.startswith("blocked by the policy")]


def open_each(page: Page, version: Version, origin: str) -> None:
    """Each file, and the first pictures of notebooks, by its own addresses."""
    for file in version.files.all():
        cells = [f"/files/{file.uuid}/cells/{n}/" for n in range(4) if file.form == Form.NOTEBOOK]
        for address in (file.raw_url, file.url, *cells):
            other = page.context.new_page()
            open_by_itself(other, origin + address)
            other.close()


BY_THEMSELVES = [
    name
    for name, (_make, end) in hostile.FILES.items()
    if end != "refused" and name.endswith((".md", ".mmd", ".ipynb", ".json"))
]
"""A page takes its time to show one of these, and has no need to show all at once."""
ENDS = {
    ".pdf": b"\n% changed\n",
    ".svg": b"<!-- changed -->",
    ".md": b"\n\nChanged\n",
    ".mmd": b"\n%% changed\n",
}
"""What makes another file of one."""


@pytest.mark.prove
@pytest.mark.parametrize(
    ("named", "is_apart"),
    [
        *product(["*.pdf", "*.svg"], [False, True]),
        ("*.png", False),
        ("*.jpg", False),
        *((name, False) for name in BY_THEMSELVES),
    ],
)
def test_hostile_file_is_harmless_on_every_way(
    open_room: OpenRoom,
    people: Cast,
    canary: Canary,
    watch: Watch,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    named: str,
    is_apart: bool,
) -> None:
    """The room, the comparison and the addresses of the files themselves; on an origin of their own too."""
    if is_apart:
        settings.USERCONTENT_ORIGIN = live_server.url.replace("localhost", "127.0.0.1")
        settings.CONTENT_SECURITY_POLICY = page_policy(settings.USERCONTENT_ORIGIN)
    monkeypatch.setattr(hostile, "CANARY", canary.address)
    made = {name: make() for name, (make, _end) in hostile.FILES.items()} | intruders.drawings(canary.address)
    made |= intruders.pdfs_that_act(canary.address) | intruders.pdfs_that_hang()
    files = {name: content for name, content in made.items() if fnmatch(name, named)}
    kept_out = {name for name, (_make, end) in hostile.FILES.items() if end == "refused"} | intruders.REFUSED
    refused: dict[str, str] = {}
    first = handed_in(people, files, refused)
    assert set(refused) <= kept_out
    second = first.submission.start_draft()
    for name in set(files) - set(refused):
        second.add_file(name, store.receive([files[name] + ENDS.get(Path(name).suffix, b"\n")], 10**8))
    second.submit()

    boxes: list[str] = []

    def listen(context: BrowserContext) -> None:
        hear(context, boxes)
        context.add_init_script(PULSE)

    page = open_room(second, before=listen)
    sentences = look_at(page, second)
    print(named, refused, sentences, f"the page stood still for {stood_still(page):.0f} ms at most", sep="\n")
    assert stood_still(page) < STILL
    open_each(page, second, live_server.url)
    for view in ("beside", "words"):
        page.goto(
            f"{live_server.url}/submissions/{first.submission.uuid}/comparison/?from=1&to=2&view={view}"
        )
        compare(page)

    assert (canary.calls, canary.lines, boxes) == ([], 0, [])
    watch.complaints[:] = faults(watch)


@pytest.mark.prove
def test_hostile_text_is_harmless_in_its_preview(
    people: Cast,
    canary: Canary,
    watch: Watch,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What somebody writes in the page, with diagrams that act and one that is never drawn, and goes on writing."""
    monkeypatch.setattr(hostile, "CANARY", canary.address)
    diagrams = [hostile.mermaid_that_hangs(), hostile.mermaid_that_acts(), b"graph TD\n  A[Good] --> B\n"]
    blocks = [b"```mermaid\n" + one.rstrip() + b"\n```\n" for one in diagrams]
    text = b"\n".join([hostile.markdown_that_acts(), *blocks]).decode()
    draft = Submission.objects.create(learner=people.learner, deliverable=people.deliverable).start_draft()
    boxes: list[str] = []
    context = new_context()
    log_in_as(context, people.learner.user)
    hear(context, boxes)
    context.add_init_script(PULSE)
    page = context.new_page()
    page.goto(live_server.url + draft.submission.get_absolute_url())
    field = page.get_by_label("Text", exact=True)
    field.fill(text)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Shown")
    page.locator("#preview iframe").first.scroll_into_view_if_needed()
    field.press_sequentially("I go on. ", delay=20, timeout=ALIVE)
    expect(page.locator("#preview .undrawn")).to_have_count(1, timeout=30_000)
    page.locator("#preview pre.mermaid-source").last.scroll_into_view_if_needed()
    good = page.frame_locator("#preview iframe.diagram >> nth=-1").locator("svg")
    expect(good).to_contain_text("Good", timeout=30_000)
    print(f"the page stood still for {stood_still(page):.0f} ms at most")
    assert stood_still(page) < ALIVE
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Handed in")
    expect(page.locator("#text .undrawn")).to_have_count(1, timeout=30_000)
    assert (canary.calls, canary.lines, boxes) == ([], 0, [])
    watch.complaints[:] = faults(watch)


def compare(page: Page) -> None:
    """Looks at all that a comparison shows, folded away or not."""
    for pair in page.locator("section.pair").all():
        pair.scroll_into_view_if_needed()
        for part in pair.locator("details > summary").all()[:3]:
            part.click()
        for way in ("Difference", "One over the other"):
            if pair.get_by_role("radio", name=way).count():
                pair.get_by_role("radio", name=way).check()
        for file in pair.locator(".both-pages .file").all():
            file.scroll_into_view_if_needed()
            expect(file.locator(ENDED).first).to_be_attached(timeout=30_000)
        assert page.evaluate_handle("() => document.title").json_value()
    alone = [link.get_attribute("href") for link in page.get_by_role("link", name="by itself").all()]
    for address in filter(None, alone):
        page.goto(urljoin(page.url, address))
        expect(page.locator("section.pair")).to_be_visible()


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
