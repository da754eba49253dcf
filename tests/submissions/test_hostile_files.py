"""Files that were made to do harm, or to be too much: each is refused, shown, or shown in part, with a sentence.

Within ten seconds of the processor's time and half a gigabyte in a child; the pages of others are not in it at all.
"""

import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils.html import escape

from submissions import formats, store
from submissions.formats import NOTES, sandbox
from submissions.models import File, Submission
from submissions.reading import reading_of
from submissions.showing import shown_blob
from tests.cast import Cast
from tests.submissions import hostile, intruders
from tests.submissions.sending import as_user, at, fields, send

pytestmark = pytest.mark.once

SAMPLE = {
    "large-page.pdf",
    "scripts.pdf",
    "many-pages.pdf",
    "calls.svg",
    "links.md",
    "acts.ipynb",
    "large.mmd",
}
INTRUDERS = {
    **intruders.pdfs_that_act(hostile.CANARY),
    **intruders.pdfs_that_hang(),
    **intruders.drawings(hostile.CANARY),
}
FILES: dict[str, tuple[Callable[[], bytes], str]] = hostile.FILES | {
    name: (partial(bytes, content), "refused" if name in intruders.REFUSED else "shown")
    for name, content in INTRUDERS.items()
}
SECONDS = 10
"""Of the processor: what one step may take, in the child or here."""


def used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class Harms(HTMLParser):
    """What in a page would run, or ask another host by itself, or when it is clicked on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: (value or "").strip().lower() for name, value in attrs}
        is_ours = named.get("src", "").startswith("/") or "json" in named.get("type", "")
        if (
            tag in {"base", "embed", "iframe", "object"}
            or "http-equiv" in named
            or (tag == "script" and not is_ours)
        ):
            self.found.append(tag)
        for name, value in named.items():
            is_link = tag == "a" and name == "href"
            is_address = name in {"action", "href", "poster", "src", "srcset"} or name.startswith("hx-")
            goes_out = value.startswith(("http:", "https:", "//")) and not is_link
            if name.startswith("on") or (
                is_address and (goes_out or "script:" in value or value.startswith("data:"))
            ):
                self.found.append(f"{name}={value}")


def harms(page: str) -> list[str]:
    reader = Harms()
    reader.feed(page)
    return reader.found


def test_limits_are_those_that_were_promised() -> None:
    assert sandbox.LIMITS.memory <= 512 << 20
    assert sandbox.LIMITS.processor <= SECONDS


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.prove) for name in FILES]
)
def test_hostile_file_ends_with_a_page_that_answers(
    cast: Cast, submission: Submission, learner: Client, name: str
) -> None:
    make, end = FILES[name]
    learner.raise_request_exception = False
    before, began = used(resource.RUSAGE_CHILDREN), time.process_time()
    answer = send(learner, submission, (name, make()))
    assert time.process_time() - began < SECONDS, "the upload, in the site's own process"
    assert used(resource.RUSAGE_CHILDREN) - before < SECONDS + 1, "the check, in the child"
    if end == "refused":
        assert answer.status_code == 422
        assert name in answer.text
        assert not File.objects.exists()
        return

    assert answer.status_code == 200
    draft = submission.versions.get()
    assert (
        learner.post(at("submission_submit", submission.uuid), fields(version=draft.uuid)).status_code == 302
    )
    file = File.objects.select_related("blob").get()
    shown = shown_blob(file.blob.sha256, file.form, file.name, "en")
    reading = reading_of(draft, file)
    assert (end == "part") == bool(shown.note or reading.note)
    assert reading.note in {"", *map(str, NOTES.values())}
    for client in (learner, as_user(cast.mentor)):
        client.raise_request_exception = False
        began = time.process_time()
        page = client.get(submission.get_absolute_url())
        assert time.process_time() - began < SECONDS, "the page"
        assert page.status_code == 200
        assert name in page.text
        assert escape(shown.note) in page.text
        if file.form == "pdf":
            assert escape(reading.note) in page.text
        assert harms(page.text) == []
        for address in (file.url, file.raw_url):
            given = client.get(address)
            assert given.getvalue()
            assert given.status_code in (200, 404)
            if given.status_code == 200:
                assert given["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_page_without_its_guards_would_show_the_harm(submission: Submission, learner: Client) -> None:
    """The positive control of what is searched for: the source itself has it."""
    send(learner, submission, ("acts.md", hostile.markdown_that_acts()))
    source = learner.get(File.objects.get().url).getvalue().decode()
    found = " ".join(harms(source))
    for harm in ("script", "onerror", "hx-get", "href", "iframe", "base", "meta"):
        assert harm in found


@pytest.mark.prove
def test_others_hand_in_while_a_hostile_file_is_checked(
    cast: Cast, submission: Submission, learner: Client
) -> None:
    """Two children at once: one is busy for seconds, and what somebody else hands in does not wait for it."""
    received = store.receive([hostile.svg_of_one_text()], 10**8)

    def check() -> None:
        with suppress(formats.Unacceptable):
            formats.inspect(received.path, "one-text.svg")

    busy = threading.Thread(target=check)
    busy.start()
    try:
        assert send(learner, submission, ("a.pdf", hostile.pdf_of_many_pages(2))).status_code == 200
        assert learner.get(submission.get_absolute_url()).status_code == 200
        assert busy.is_alive()
    finally:
        busy.join()
        store.discard(received)
