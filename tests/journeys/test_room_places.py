"""Places are exactly where they were marked, behind letters that a browser counts twice; and two ways to use one."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions import store
from submissions.models import Submission, Version
from submissions.pointing import pointed
from submissions.reading import reading_of
from tests.cast import Cast
from tests.journeys.conftest import evaluate
from tests.submissions import samples

DRAWN = 15_000
WORDS = "Each event is scored."
FACES = "😀👩🏽‍💻" * 60
"""Behind so many the second passage is nearer to where a browser counts the first."""
MARKDOWN = f"# Twins\n\n{FACES} {WORDS}\n\n{WORDS}\n"
CODE = f"# {FACES}\n# {WORDS}\n# {WORDS}\n".encode()
SECOND = """((holder, words) => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector(holder), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (let at = node.data.indexOf(words); at >= 0; at = node.data.indexOf(words, at + 1)) found.push([node, at]);
  }
  const [node, at] = found[1];
  node.parentElement.scrollIntoView({ block: "center" });
  getSelection().setBaseAndExtent(node, at, node, at + words.length);
  return found.length;
})(%r, %r)"""
MARKED = """[...CSS.highlights].flatMap(([, ranges]) => [...ranges].map((range) => {
  const before = new Range();
  before.setStart(document.querySelector("#text"), 0);
  before.setEnd(range.startContainer, range.startOffset);
  return [range.toString(), before.toString().split(range.toString()).length];
}))"""
"""Each marked passage, and which of its like it is."""


def pdf_of_twins() -> bytes:
    """A page on which a tilde is read as a face, so that there are letters of two halves before equal lines."""
    stream = f"BT /F1 12 Tf 18 TL 60 780 Td ({'~' * 60}) Tj T* ({WORDS}) Tj T* ({WORDS}) Tj ET".encode()
    unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <FF> endcodespacerange\n1 beginbfrange <20> <7D> <0020> endbfrange\n"
        b"1 beginbfchar <7E> <D83DDE00> endbfchar\nendcmap end end"
    )
    return samples.pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 6 0 R>>",
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(unicode), unicode),
        ]
    )


def handed_in(people: Cast) -> Version:
    draft = Submission.objects.create(learner=people.learner, deliverable=people.deliverable).start_draft()
    draft.save_draft(MARKDOWN, "", "", draft.revision)
    files = {"twins.py": CODE, "twins.pdf": pdf_of_twins(), "shot.png": samples.png(400, 300)}
    for name, content in files.items():
        draft.add_file(name, store.receive([content], 10**8))
    draft.submit()
    return draft


def place_of(page: Page, version: Version) -> tuple[str, int]:
    """The words of the place that the form has now, and which of its like they are, as the server finds them."""
    fields = ("file", "quote", "start", "page")
    said = {name: page.locator(f"#thread-new [name={name}]").input_value() for name in fields}
    file, (quote, position, _section) = pointed(version, said)
    text = reading_of(version, file).text
    return quote["exact"], text[: position["start"]].count(WORDS) + 1


@pytest.fixture
def open_as(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
) -> Callable[..., Page]:
    def opened(version: Version, person: User, **options: Any) -> Page:
        context = new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        log_in_as(context, person)
        page = context.new_page()
        page.goto(live_server.url + version.submission.get_absolute_url())
        return page

    return opened


def test_second_of_two_equal_passages_is_the_one_that_is_marked(
    open_as: Callable[..., Page], people: Cast
) -> None:
    version = handed_in(people)
    files = {file.name: f"#file-{file.uuid}" for file in version.files.all()}
    page = open_as(version, people.mentor)
    expect(page.locator(".leaf .textLayer")).to_contain_text(WORDS, timeout=DRAWN)
    for holder in ("#text", files["twins.py"], f"{files['twins.pdf']} .textLayer"):
        assert evaluate(page, SECOND % (holder, WORDS)) == 2, holder
        page.locator(".pointer").get_by_role("button", name="Comment").click()
        expect(page.locator("#new-body")).to_be_focused()
        assert place_of(page, version) == (WORDS, 2), holder

    # What the server says of a place is marked there.
    assert evaluate(page, SECOND % ("#text", WORDS)) == 2
    page.locator(".pointer").get_by_role("button", name="Comment").click()
    page.locator("#new-body").fill("This one.")
    page.get_by_role("button", name="Add to my review").click()
    expect(page.locator("article.thread")).to_have_count(1)
    page.wait_for_timeout(100)
    assert evaluate(page, MARKED) == [[WORDS, 2]]


@pytest.mark.prove
def test_places_in_viewers_serve_as_evidence_with_keys(open_as: Callable[..., Page], people: Cast) -> None:
    version = handed_in(people)
    address = version.submission.get_absolute_url()
    page = open_as(version, people.learner.user)
    picture = page.locator(".picture.viewer")
    button = picture.get_by_role("button", name="Mark a region")
    pointer = page.locator(".pointer")
    choices = [pointer.get_by_role("button", name=name) for name in ("Comment", "Use as evidence…")]

    # A region: Escape leaves it, Enter on either of the two takes it.
    button.focus()
    page.keyboard.press("Enter")
    expect(picture.get_by_role("application")).to_be_focused()
    page.keyboard.press("Enter")
    expect(choices[0]).to_be_focused()
    page.keyboard.press("Escape")
    expect(pointer).to_have_count(0)
    expect(picture.locator(".region")).to_have_count(0)
    expect(button).to_be_focused()
    assert page.locator("#thread-new [name=region]").input_value() == ""
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#new-body")).to_be_focused()
    assert page.locator("#thread-new [name=region]").input_value().startswith("xywh=percent:")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(choices[1]).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Use as evidence")).to_be_visible()
    expect(page.get_by_text("shot.png, a region")).to_be_visible()

    # A passage of a PDF, with the key.
    page.goto(f"{page.url.split('/')[0]}//{page.url.split('/')[2]}{address}")
    expect(page.locator(".leaf .textLayer")).to_contain_text(WORDS, timeout=DRAWN)
    assert evaluate(page, SECOND % (".textLayer", WORDS)) == 2
    expect(pointer.get_by_role("button")).to_have_count(2)
    page.keyboard.press("e")
    expect(page.get_by_text("twins.pdf, page 1")).to_be_visible()
    expect(page.locator("blockquote.passage")).to_have_text(WORDS)
