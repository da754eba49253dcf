"""Files on their way out: to whom, with which policy and type, whole, in part, or gone."""

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from submissions import store
from submissions.models import File, Submission, Version
from submissions.showing import ShownVersion
from tests.cast import Cast
from tests.submissions import samples
from tests.submissions.sending import as_user

pytestmark = pytest.mark.once

PDF = samples.pdf(3)


@pytest.fixture
def draft(cast: Cast) -> Version:
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    return submission.start_draft()


def add(draft: Version, name: str, content: bytes) -> File:
    return draft.add_file(name, store.receive([content], 10**8))


def body(answer: Any) -> bytes:
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content


@pytest.mark.parametrize("name", sorted(samples.SOUND))
def test_every_file_comes_back_as_a_download_that_does_nothing(
    draft: Version, learner: Client, name: str
) -> None:
    file = add(draft, name, samples.SOUND[name])
    answer = learner.get(file.url, headers={"Accept-Encoding": "gzip"})
    assert body(answer) == samples.SOUND[name]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == file.media_type
    assert "html" not in answer["Content-Type"].replace("xhtml", "")
    assert re.match("sandbox; default-src 'none'", answer["Content-Security-Policy"])
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["ETag"] == f'"{file.blob.sha256}"'
    assert answer["Content-Length"] == str(len(samples.SOUND[name]))


@pytest.mark.parametrize(
    ("name", "content", "disposition"),
    [
        ("a.png", samples.png(), "inline"),
        ("a.svg", samples.svg_with_script(), "attachment"),
        ("a.pdf", PDF, "attachment"),
    ],
)
def test_raw_is_for_pictures_and_pdfs(
    draft: Version, learner: Client, name: str, content: bytes, disposition: str
) -> None:
    answer = learner.get(add(draft, name, content).raw_url)
    assert body(answer) == content
    assert answer["Content-Disposition"].startswith(f"{disposition};")
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.docx", "a.ipynb", "a.xml"])
def test_raw_has_no_documents(draft: Version, learner: Client, name: str) -> None:
    contents = {"a.docx": samples.office("docx"), "a.ipynb": samples.notebook(), "a.xml": b"<a/>"}
    assert learner.get(add(draft, name, contents.get(name, b"<p>x</p>")).raw_url).status_code == 404


def test_name_is_told_in_any_script(draft: Version, learner: Client) -> None:
    file = add(draft, "Übersicht “7”.md", b"x")
    answer = learner.get(file.url)
    body(answer)
    assert "filename*=utf-8''%C3%9Cbersicht%20%E2%80%9C7%E2%80%9D.md" in answer["Content-Disposition"]


def test_known_bytes_are_not_sent_again(draft: Version, learner: Client) -> None:
    file = add(draft, "a.png", samples.png())
    answer = learner.get(file.raw_url, headers={"If-None-Match": f'"{file.blob.sha256}"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, len(PDF) - 1),
        ("bytes=-5", len(PDF) - 5, len(PDF) - 1),
        ("bytes=0-999999", 0, len(PDF) - 1),
        ("bytes=-999999", 0, len(PDF) - 1),
    ],
)
def test_part_of_a_pdf(draft: Version, learner: Client, asked: str, first: int, last: int) -> None:
    file = add(draft, "a.pdf", PDF)
    answer = learner.get(file.raw_url, headers={"Range": asked, "Accept-Encoding": "gzip"})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(PDF)}"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == PDF[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=x-y", "bytes=" + "9" * 5000 + "-", ""],
)
def test_part_that_is_none_is_the_whole(draft: Version, learner: Client, asked: str) -> None:
    answer = learner.get(add(draft, "a.pdf", PDF).raw_url, headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (200, PDF)


@pytest.mark.parametrize("asked", [f"bytes={len(PDF)}-", "bytes=999999-", "bytes=-0"])
def test_part_past_the_end(draft: Version, learner: Client, asked: str) -> None:
    answer = learner.get(add(draft, "a.pdf", PDF).raw_url, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(PDF)}"


def test_part_of_an_older_state_is_the_whole(draft: Version, learner: Client) -> None:
    file = add(draft, "a.pdf", PDF)
    answer = learner.get(file.raw_url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (answer.status_code, body(answer)) == (200, PDF)


def test_who_may_have_a_file(draft: Version, cast: Cast) -> None:
    file = add(draft, "a.png", samples.png())
    strangers = [cast.fellow.user, cast.stranger.user, cast.other_mentor, cast.admin]
    for place in (file.url, file.raw_url):
        for user in [cast.mentor, *strangers]:
            assert as_user(user).get(place).status_code == 404
        assert Client().get(place).status_code == 302
    draft.submit()
    for place in (file.url, file.raw_url):
        answer = as_user(cast.mentor).get(place)
        assert (answer.status_code, body(answer)) == (200, samples.png())
        for user in strangers:
            assert as_user(user).get(place).status_code == 404


def test_mentor_who_left_has_no_files(draft: Version, cast: Cast) -> None:
    file = add(draft, "a.png", samples.png())
    draft.submit()
    cast.mentor.memberships.get().end()
    assert as_user(cast.mentor).get(file.url).status_code == 404


def test_erased_file_is_gone_with_a_sentence(draft: Version, learner: Client) -> None:
    file = add(draft, "a.png", samples.png())
    File.objects.filter(pk=file.pk).update(name="", erased_at=timezone.now())
    for place in (file.url, file.raw_url):
        answer = learner.get(place)
        assert answer.status_code == 410
        assert "erased" in answer.content.decode()
        assert "immutable" not in answer.get("Cache-Control", "")


def test_lost_blob_is_a_clear_page(draft: Version, learner: Client) -> None:
    file = add(draft, "a.png", samples.png())
    store.path_of(file.blob.sha256).unlink()
    assert learner.get(file.raw_url).status_code == 404
    assert ShownVersion(draft).files[0].shown.kind in ("image", "missing")


def test_notebook_pictures(draft: Version, learner: Client) -> None:
    picture = samples.png()
    file = add(draft, "a.ipynb", samples.notebook_with(picture))
    answer = learner.get(reverse("submissions:file_cell", args=[file.uuid, 0]))
    assert (answer.content, answer["Content-Type"]) == (picture, "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert learner.get(reverse("submissions:file_cell", args=[file.uuid, 9])).status_code == 404


def test_only_reading_is_served(draft: Version, learner: Client) -> None:
    file = add(draft, "a.png", samples.png())
    assert learner.post(file.url).status_code == 405
    assert body(learner.head(file.url)) == b""


def test_drawing_frame_is_closed_to_everything_but_its_script(client: Client) -> None:
    answer = client.get(reverse("submissions:drawing"))
    policy = answer["Content-Security-Policy"]
    assert answer.status_code == 200
    assert policy.startswith(
        "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'"
    )
    assert "connect-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def page_of(version: Version, client: Client) -> str:
    return client.get(version.submission.get_absolute_url()).content.decode()


def test_page_shows_each_form(draft: Version, learner: Client) -> None:
    for name, content in samples.SOUND.items():
        add(draft, name, content)
    draft.save_draft("## Typed\n\n<script>x</script>", "https://example.org/", "A word", 0)
    draft.submit()
    page = page_of(draft, learner)
    assert page.count('<section class="file') == len(samples.SOUND)
    assert "&lt;script&gt;x" in page
    assert 'class="lines"' in page
    assert "data-pdf=" in page
    assert "mermaid-source" in page
    assert page.count("<img") >= 6
    assert "<svg" not in page.split('<div class="shown')[1].split('<div class="talk')[0]


@pytest.mark.parametrize("count", [1, 3])
def test_showing_asks_the_database_once(draft: Version, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        add(draft, f"{number}.md", f"# {number}".encode())
    with django_assert_num_queries(1):
        shown = ShownVersion(draft)
        for one in shown.files:
            assert one.shown.html
            assert one.outline
            assert one.file.blob.size


def test_showing_renders_the_same_bytes_once(draft: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    add(draft, "once.md", b"# Only once, whoever asks")
    read: list[str] = []
    real = store.lent

    def counted(digest: str) -> AbstractContextManager[Path]:
        read.append(digest)
        return real(digest)

    monkeypatch.setattr(store, "lent", counted)
    for _time in range(3):
        assert "Only once" in ShownVersion(draft).files[0].shown.html
    assert len(read) == 1
