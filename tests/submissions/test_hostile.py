"""What no page of ours sends, and what people do by mistake: no error of ours, no word lost, one clear sentence."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Membership
from submissions import store
from submissions.models import Blob, File, Said, Submission, Version
from submissions.models import Thread as Talk
from submissions.models.review import Review
from tests.cast import Cast
from tests.submissions.sending import HTMX, as_user, at, fields, send

pytestmark = pytest.mark.once

FORM = "multipart/form-data; boundary=edge"
END = b"--edge--\r\n"
WORDS = "Words that took an hour"
BIG = "9" * 40


def part(name: bytes = b"a.md", *headers: bytes, content: bytes = b"# A") -> bytes:
    """One file of a form, as bytes that a browser might not send."""
    first = b'Content-Disposition: form-data; name="files"; filename="' + name + b'"'
    return b"\r\n".join([b"--edge", first, *headers, b"", content, b""])


def field(name: bytes, value: bytes) -> bytes:
    return b'--edge\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"


def post(client: Client, submission: Submission, body: bytes, kind: str = FORM, **environment: Any) -> Any:
    client.raise_request_exception = False
    place = at("file_add", submission.uuid)
    return client.generic("POST", place, body, content_type=kind, headers=HTMX, **environment)


def kept() -> list[str]:
    return list(File.objects.values_list("name", flat=True))


# The request of an upload ---------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["hex", "idna", "rot13", "utf-16", "undefined", "nonsense"])
def test_upload_is_read_in_utf8_whatever_it_says(
    submission: Submission, learner: Client, charset: str
) -> None:
    answer = post(learner, submission, part("Größe.md".encode()) + END, f"{FORM}; charset={charset}")
    assert (answer.status_code, kept()) == (200, ["Größe.md"])


@pytest.mark.parametrize("length", ["abc", "1e3", "²", "-5", "", "9999999999"])
def test_upload_of_a_false_length_is_refused(
    submission: Submission, learner: Client, media: Any, length: str
) -> None:
    answer = post(learner, submission, part() + END, CONTENT_LENGTH=length)
    assert 400 <= answer.status_code < 500
    assert kept() == []
    assert not list((media / "incoming").glob("*"))


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (part() + END, "multipart/form-data", 400),
        (part() + END, "multipart/form-data; boundary=other", 422),
        (part() + END, f"multipart/form-data; boundary={'x' * 5000}", 400),
        (part() + END, "multipart/form-data; boundary=é", 400),
        (part() + END, "text/plain", 422),
        (b"{}", "application/json", 422),
        (b"files=a.md", "application/x-www-form-urlencoded", 422),
        (b"", FORM, 422),
        (END, FORM, 422),
        (part(b"") + END, FORM, 422),
        (part(b"/") + END, FORM, 422),
        (part("\u200b".encode()) + END, FORM, 422),
        (part(b"a.md", b"Content-Transfer-Encoding: base64", content=b"!!!!!") + END, FORM, 400),
        (part(b"a.md", b"X: " + b"x" * 2000) + END, FORM, 400),
        (b"".join(part(b"%d.md" % n) for n in range(101)) + END, FORM, 413),
        (b"".join(field(b"f%d" % n, b"") for n in range(5001)) + END, FORM, 413),
        (field(b"text", b"x" * 3_000_000) + part() + END, FORM, 413),
    ],
)
def test_upload_that_is_no_form_of_ours_is_refused_and_leaves_nothing(
    submission: Submission, learner: Client, media: Any, body: bytes, kind: str, status: int
) -> None:
    assert post(learner, submission, body, kind).status_code == status
    assert kept() == []
    assert not list((media / "incoming").glob("*"))


def test_adding_without_a_file_says_so_and_saves_what_was_typed(
    submission: Submission, learner: Client
) -> None:
    answer = learner.post(at("file_add", submission.uuid), fields(text=WORDS) | {"files": ""})
    assert answer.status_code == 422
    assert "Choose one, then add it" in answer.text
    assert submission.versions.get().text == WORDS


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"a\0b.md", "ab.md"),
        (b"/etc/notes.md", "notes.md"),
        (b"..\\..\\notes.md", "notes.md"),
        ("a\u2044b.md".encode(), "b.md"),
        ("plan\u202egpj.md".encode(), "plangpj.md"),
        (b"CON.md", "CON.md"),
        (b"a.md. ", "a.md"),
        (b"a%2Fb%00.md", "a%2Fb%00.md"),
        (b"a?b#c.md", "a?b#c.md"),
        (b"<script>.md", "<script>.md"),
        (b"&#47;&#0;.MD", "\ufffd.MD"),
        (b".md", ""),
        (b"nul", ""),
        (b"a.md::$DATA", ""),
        ("\ue000.md".encode(), ""),
        (b"x" * 300 + b".md", ""),
        (b"\xff.md", ""),
        ("e\u0301.md".encode(), "\u00e9.md"),
    ],
)
def test_strange_name_is_kept_in_a_safe_form_or_refused(
    submission: Submission, learner: Client, sent: bytes, name: str
) -> None:
    answer = post(learner, submission, part(sent) + END)
    assert kept() == ([name] if name else [])
    assert answer.status_code == (200 if name else 422)
    assert learner.get(submission.get_absolute_url()).status_code == 200
    for file in File.objects.all():
        download = learner.get(file.url)
        assert b"".join(download.streaming_content) == b"# A"  # type: ignore[attr-defined]
        assert download["Content-Disposition"].startswith("attachment; filename")


# What is in a file ----------------------------------------------------------------------------------------

CELLS = b'{"cells": [%s], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
ODD = {
    "half.ipynb": CELLS % rb'{"cell_type": "markdown", "metadata": {}, "source": ["\ud800 x"]}',
    "halves.ipynb": CELLS
    % rb"""{"cell_type": "code", "metadata": {}, "source": "\udfff", "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "\ud800"},
        {"output_type": "error", "ename": "\ud800", "evalue": "x", "traceback": []},
        {"output_type": "error", "ename": "x", "evalue": "x", "traceback": ["\ud800"]}]}""",
    "nul.ipynb": CELLS % rb'{"cell_type": "code", "metadata": {}, "source": "\u0000", "outputs": []}',
    "types.ipynb": CELLS
    % b"""{"cell_type": 5, "outputs": {"a": 1}, "metadata": [], "source": {"x": 1}}, 7, null,
        {"cell_type": "code", "source": [1, 2], "outputs": [{"data": {"image/png": 5, "text/html": ["x"]}}]}""",
    "size.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="1e999" height="NaN"><script>1</script></svg>',
    "page.md": b"<script>alert(1)</script><base href=//example.org><form action=//example.org>",
    "mark.md": b"\xef\xbb\xbf",
    "one-line.txt": b"x" * 3_000_000,
    "trojan.py": "a = '\u202e \u2066'\x1b[2J".encode(),
    "fence.mmd": b"graph TD; a-->b\n```\n<script>",
}
"""Files that are sound in their form, and that a page might stumble over."""


def test_page_with_odd_files_is_shown_to_learner_and_mentor(
    cast: Cast, submission: Submission, learner: Client
) -> None:
    for name, content in ODD.items():
        assert send(learner, submission, (name, content)).status_code == 200, name
    assert sorted(kept()) == sorted(ODD)
    draft = submission.versions.get()
    assert (
        learner.post(at("submission_submit", submission.uuid), fields(version=draft.uuid)).status_code == 302
    )
    for client in (learner, as_user(cast.mentor)):
        client.raise_request_exception = False
        page = client.get(submission.get_absolute_url())
        assert page.status_code == 200
        assert all(name in page.text for name in ODD)
        assert "\ufffd x" in page.text
        assert "<script>alert" not in page.text


# While another window hands in ----------------------------------------------------------------------------


def hand_in_meanwhile(monkeypatch: pytest.MonkeyPatch, submission: Submission) -> None:
    """Another window hands the draft in while the bytes of a file are put in their place."""
    keep = store.keep

    def kept_late(received: store.Received) -> str:
        draft = submission.versions.drafts().get()
        draft.save_draft("# Done", "", "", draft.revision)
        draft.submit()
        return keep(received)

    monkeypatch.setattr(store, "keep", kept_late)


@pytest.mark.parametrize("plain", [False, True])
def test_file_that_comes_as_the_draft_is_handed_in_is_asked_for_again(
    submission: Submission, learner: Client, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    hand_in_meanwhile(monkeypatch, submission)
    answer = send(learner, submission, ("late.md", b"# Late"), plain=plain)
    assert answer.status_code == 422
    assert "late.md" in answer.text
    assert "it goes into the next version" in answer.text
    assert kept() == []
    assert submission.versions.get(number=1).text == "# Done"
    assert submission.versions.drafts().exists()


def test_file_removed_as_the_draft_is_handed_in_stays_and_that_is_said(
    submission: Submission, learner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(learner, submission, ("a.md", b"# A"))
    remove_file = Version.remove_file

    def removed_late(draft: Version, file: File) -> None:
        submission.versions.drafts().get().submit()
        remove_file(draft, file)

    monkeypatch.setattr(Version, "remove_file", removed_late)
    file = File.objects.get()
    answer = learner.post(at("file_remove", submission.uuid, file.uuid), headers=HTMX)
    assert answer.status_code == 422
    assert "with this file in it" in answer.text
    assert submission.versions.get(number=1).files.get() == file


def test_draft_of_an_erased_file_alone_is_nothing_to_hand_in(submission: Submission, learner: Client) -> None:
    send(learner, submission, ("secret.md", b"# Secret"))
    File.objects.update(name="", erased_at=timezone.now())
    draft = submission.versions.get()
    answer = learner.post(at("submission_submit", submission.uuid), fields(version=draft.uuid))
    assert answer.status_code == 422
    assert "nothing to hand in" in answer.text
    assert not submission.versions.submitted().exists()


# Words of people who may not any more ---------------------------------------------------------------------


@pytest.fixture
def review(cast: Cast) -> Review:
    """A draft review with a comment, and a must-fix thread of an earlier one."""
    version = cast.hand_in()
    first = Review.objects.begin(version, cast.mentor)
    Talk.objects.open(version, cast.mentor, Said("Name the queue.", uuid4(), "must"), first)
    first.publish("changes")
    begun = Review.objects.begin(version, cast.mentor)
    Talk.objects.open(version, cast.mentor, Said("And the store.", uuid4(), "should"), begun)
    return begun


def end(*people: Any) -> None:
    Membership.objects.filter(user__in=people).update(ended_at=timezone.now())


def forms_of_a_learner(cast: Cast, review: Review) -> Iterator[tuple[str, dict[str, Any]]]:
    work, thread = review.version.submission, review.version.submission.threads.order_by("pk")[0]
    for name in ("draft", "preview", "submission_submit"):
        yield at(name, work.uuid), fields(text=WORDS)
        yield at(name, work.uuid), fields(note=WORDS)
        yield at(name, work.uuid), fields(link=WORDS)
    yield (
        at("submission_submit", work.uuid),
        fields(text="x") | {f"act-{thread.uuid}": "fixed", f"answer-{thread.uuid}": WORDS},
    )
    yield at("system", cast.learner.uuid, cast.project.uuid), {"idea": "own", "system": WORDS}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_learner_who_left_meanwhile_gets_their_words_back(
    cast: Cast, review: Review, headers: dict[str, str]
) -> None:
    client = as_user(cast.learner.user)
    end(cast.learner.user)
    before = list(Version.objects.values_list("text", "link", "note"))
    for place, form in forms_of_a_learner(cast, review):
        answer = client.post(place, form, headers=headers)
        assert answer.status_code == 403, place
        assert WORDS in answer.text, place
    assert list(Version.objects.values_list("text", "link", "note")) == before


def test_mentor_who_left_meanwhile_gets_their_words_back_and_the_work_is_still_reviewed(
    cast: Cast, review: Review
) -> None:
    work, client = review.version.submission, as_user(cast.mentor)
    sent, unsent = work.threads.order_by("pk")
    published = Review.objects.counted().get()
    end(cast.mentor)
    key = str(uuid4())
    for place, form in [
        (at("review_draft", review.uuid), {"summary": WORDS, "verdict": "accept", "revision": 0}),
        (at("thread_new", work.uuid), {"body": WORDS, "kind": "must", "key": key, "version": 1, "latest": 1}),
        (at("comment_new", sent.uuid), {"body": WORDS, "do": "reply", "key": key, "latest": 1}),
        (at("comment_change", unsent.comments.get().uuid), {"body": WORDS}),
        (at("review_withdraw", published.uuid), {"reason": WORDS}),
        (
            reverse("progress:review_finish", args=[work.uuid]),
            {"review": str(review.uuid), "summary": WORDS, "verdict": "accept", "revision": 0},
        ),
    ]:
        answer = client.post(place, form)
        assert answer.status_code in (403, 404), place
        assert WORDS in answer.text, place
    review.refresh_from_db()
    assert (review.summary, review.is_draft) == ("", True)
    assert as_user(cast.learner.user).get(work.get_absolute_url()).status_code == 200


def test_reason_of_a_second_withdrawal_is_not_taken_in_silence(cast: Cast, review: Review) -> None:
    published, client = Review.objects.counted().get(), as_user(cast.mentor)
    place = at("review_withdraw", published.uuid)
    for _time in range(2):
        assert client.post(place, {"reason": "The wrong learner."}).status_code == 302
    answer = client.post(place, {"reason": WORDS})
    assert answer.status_code == 422
    assert "withdrawn already" in answer.text
    assert WORDS in answer.text
    published.refresh_from_db()
    assert published.withdrawn_reason == "The wrong learner."


# Numbers and ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [BIG, str(2**63), str(2**31), "-1", "0", "", "x", "²", "1e3", "\0"])
def test_forged_numbers_are_refused_with_the_words(cast: Cast, review: Review, number: str) -> None:
    work, client = review.version.submission, as_user(cast.mentor)
    client.raise_request_exception = False
    thread = work.threads.order_by("pk")[0]
    new = {"body": WORDS, "kind": "must", "key": str(uuid4()), "version": 1, "latest": 1}
    for place, form in [
        (at("thread_new", work.uuid), new | {"version": number}),
        (at("thread_new", work.uuid), new | {"latest": number}),
        (
            at("comment_new", thread.uuid),
            {"body": WORDS, "do": "reply", "key": str(uuid4()), "latest": number},
        ),
        (at("review_draft", review.uuid), {"summary": WORDS, "verdict": "accept", "revision": number}),
    ]:
        if place == at("review_draft", review.uuid) and number == "0":
            continue  # which is the draft's own
        answer = client.post(place, form)
        assert answer.status_code in (404, 409, 422), (place, number)
        assert WORDS in answer.text, (place, number)
    review.refresh_from_db()
    assert (review.summary, work.threads.count()) == ("", 2)


@pytest.mark.parametrize("version", [BIG, "x", "\0", "00000000-0000-4000-8000-000000000000"])
@pytest.mark.parametrize("revision", [BIG, "-1", "x", "0"])
def test_forged_draft_is_a_stale_one_and_keeps_the_words(
    submission: Submission, learner: Client, version: str, revision: str
) -> None:
    draft = submission.start_draft()
    draft.save_draft("# As it is", "", "", 0)
    learner.raise_request_exception = False
    for name in ("draft", "submission_submit"):
        sent = fields(text=WORDS, version=version, revision=revision)
        answer = learner.post(at(name, submission.uuid), sent)
        assert answer.status_code == 409
        assert WORDS in answer.text
    assert [row.text for row in submission.versions.all()] == ["# As it is"]


def test_ids_of_others_open_nothing(cast: Cast, review: Review) -> None:
    others = cast.hand_in(learner=cast.fellow, text="# Of somebody else")
    blob = Blob.objects.create(sha256="0" * 64, size=1)
    theirs = others.submission.start_draft().files.create(blob=blob, name="a.md", form="markdown")
    client, own = as_user(cast.learner.user), review.version.submission
    own.start_draft()
    assert client.post(at("file_remove", own.uuid, theirs.uuid)).status_code == 404
    assert client.get(theirs.url).status_code == 404
    assert client.post(at("take_back", others.uuid)).status_code == 404
    answer = client.post(at("draft", own.uuid), fields(text=WORDS, version=others.uuid))
    assert (answer.status_code, others.text in answer.text) == (409, False)
    said = {"body": WORDS, "key": str(uuid4()), "do": "reply", "latest": 1}
    unsent = own.threads.order_by("-pk")[0]
    assert client.post(at("comment_new", unsent.uuid), said).status_code == 404
    assert client.post(at("comment_new", uuid4()), said).status_code == 404
    assert theirs.version.files.get() == theirs
