"""Files on their way in: what is taken, what is refused and why, and that the rest is kept."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from submissions import store
from submissions.models import Blob, File, Submission
from tests.cast import Cast, make_cast
from tests.submissions import samples
from tests.submissions.sending import HTMX, as_user, send

MEGABYTE = 1024 * 1024


def names(submission: Submission) -> list[str]:
    return list(File.objects.filter(version__submission=submission).values_list("name", flat=True))


def content_of(file: File) -> bytes:
    return store.path_of(file.blob.sha256).read_bytes()


def left_in_incoming(media: Path) -> list[Path]:
    return [path for path in (media / "incoming").rglob("*") if path.is_file()]


# Taken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(samples.SOUND))
def test_every_sound_form_is_taken(submission: Submission, learner: Client, name: str) -> None:
    answer = send(learner, submission, (name, samples.SOUND[name]))
    assert answer.status_code == 200, answer.content.decode()
    file = File.objects.get()
    assert file.name == name
    assert content_of(file) == samples.SOUND[name]
    assert escape(name) in answer.content.decode()


def test_several_files_of_one_plain_form_are_each_taken_or_refused(
    submission: Submission, learner: Client
) -> None:
    answer = send(
        learner,
        submission,
        ("one.md", b"# One"),
        ("empty.md", b""),
        ("bad.exe", b"MZ"),
        ("two.md", b"# Two"),
        plain=True,
        text="kept",
        link="",
        note="",
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert names(submission) == ["one.md", "two.md"]
    assert submission.versions.get().text == "kept"
    assert "empty.md" in page
    assert "bad.exe" in page


def test_plain_form_goes_back_to_the_page(submission: Submission, learner: Client) -> None:
    answer = send(learner, submission, ("one.md", b"# One"), plain=True)
    assert (answer.status_code, answer["Location"]) == (302, f"{submission.get_absolute_url()}#hand-in")


def test_file_of_the_same_name_is_replaced_in_its_place(submission: Submission, learner: Client) -> None:
    for name, content in [("a.md", b"old"), ("b.md", b"other"), ("a.md", b"new")]:
        send(learner, submission, (name, content))
    assert names(submission) == ["a.md", "b.md"]
    assert content_of(File.objects.get(name="a.md")) == b"new"


def test_file_sent_again_after_a_lost_answer_is_there_once(submission: Submission, learner: Client) -> None:
    for _time in range(2):
        assert send(learner, submission, ("a.md", b"same")).status_code == 200
    assert names(submission) == ["a.md"]
    assert Blob.objects.count() == 1


def test_upload_by_a_script_leaves_the_typed_draft_alone(submission: Submission, learner: Client) -> None:
    draft = submission.start_draft()
    draft.save_draft("typed", "", "", 0)
    answer = send(learner, submission, ("a.md", b"x"), text="older", revision="0")
    draft.refresh_from_db()
    assert (answer.status_code, draft.text, draft.revision) == (200, "typed", 1)


def test_names_are_kept_as_people_write_them(submission: Submission, learner: Client) -> None:
    send(learner, submission, ("..\\..\\Entwurf für Zoë “final”.md", b"x"))
    assert names(submission) == ["Entwurf für Zoë “final”.md"]


def test_next_version_has_the_files_of_the_last(submission: Submission, learner: Client) -> None:
    send(learner, submission, ("a.md", b"x"), ("b.md", b"y"))
    first = submission.versions.get()
    first.submit()
    second = submission.start_draft()
    assert [file.name for file in second.files.all()] == ["a.md", "b.md"]
    assert {file.blob_id for file in second.files.all()} == {file.blob_id for file in first.files.all()}
    second.remove_file(second.files.get(name="a.md"))
    assert first.files.count() == 2


def test_removal_takes_a_draft_file_out(submission: Submission, learner: Client) -> None:
    send(learner, submission, ("a.md", b"x"), ("b.md", b"y"))
    file = File.objects.get(name="a.md")
    place = reverse("submissions:file_remove", args=[submission.uuid, file.uuid])
    page = learner.get(submission.get_absolute_url()).text
    # Enter in a line presses the form's first button, which is not the one that takes a file away.
    first = page.split('id="draft"')[1].split("<button")[1]
    assert f'formaction="{reverse("submissions:draft", args=[submission.uuid])}"' in first
    answer = learner.post(place, headers=HTMX)
    assert answer.status_code == 200
    assert "a.md was removed." in answer.text
    assert names(submission) == ["b.md"]
    assert learner.post(place, headers=HTMX).status_code == 404


def test_removal_knows_only_files_of_this_draft(submission: Submission, learner: Client, cast: Cast) -> None:
    send(learner, submission, ("a.md", b"x"))
    submission.versions.get().submit()
    handed_in = File.objects.get()
    submission.start_draft()
    place = reverse("submissions:file_remove", args=[submission.uuid, handed_in.uuid])
    assert learner.post(place).status_code == 404
    assert handed_in.version.files.count() == 1
    assert as_user(cast.mentor).post(place).status_code == 403
    assert as_user(cast.fellow.user).post(place).status_code == 404


# Refused --------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.md", b"", "is empty"),
    "wrong content": ("a.pdf", samples.png(), "but the content is a PNG picture"),
    "no text": ("a.md", b"\0\1\2", "not a text file"),
    "not UTF-8": ("a.md", samples.latin1(), "not in UTF-8"),
    "encrypted": ("a.pdf", samples.pdf_with_password(), "asks for a password"),
    "damaged": ("a.png", samples.truncated("PNG"), "damaged or not complete"),
    "bomb": ("a.docx", samples.bomb(), "Unpacked"),
    "pixels": ("a.png", samples.png_that_lies(), "million pixels"),
    "photo": ("a.heic", samples.heic(), "HEIC"),
    "photo under another name": ("a.jpg", samples.heic(), "HEIC"),
    "extension": ("a.exe", b"MZ", "cannot be handed in"),
    "no extension": ("thing", b"x", "no ending"),
    "long name": ("x" * 151 + ".md", b"x", "more than"),
    "entities": ("a.svg", samples.svg_with_entities(), "entities"),
}


@pytest.mark.parametrize("why", sorted(REFUSED))
def test_refusal_is_one_sentence_and_the_rest_is_kept(
    submission: Submission, learner: Client, media: Path, why: str
) -> None:
    name, content, sentence = REFUSED[why]
    draft = submission.start_draft()
    draft.save_draft("typed", "https://example.org/", "note", 0)
    send(learner, submission, ("kept.md", b"# Kept"))
    answer = send(learner, submission, (name, content))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "kept.md" in page
    draft.refresh_from_db()
    assert (draft.text, draft.link, draft.note) == ("typed", "https://example.org/", "note")
    assert names(submission) == ["kept.md"]
    assert not left_in_incoming(media)


def test_too_large_a_file_is_not_written_past_the_cap(
    submission: Submission, learner: Client, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_LIMIT = MEGABYTE
    written = 0
    write = store.Arriving.write

    def counted(arriving: store.Arriving, chunk: bytes) -> None:
        nonlocal written
        write(arriving, chunk)
        written += len(chunk)

    monkeypatch.setattr(store.Arriving, "write", counted)
    answer = send(learner, submission, ("big.md", b"x" * 5 * MEGABYTE), ("small.md", b"y"))
    assert answer.status_code == 422
    assert "larger than 1.0" in answer.content.decode()
    assert names(submission) == ["small.md"]
    assert written <= MEGABYTE + 1
    assert not left_in_incoming(media)


def test_request_far_past_the_limit_is_not_read(
    submission: Submission, learner: Client, settings: Any
) -> None:
    settings.VERSION_LIMIT = 1000
    answer = send(learner, submission, ("big.md", b"x" * 7 * MEGABYTE))
    assert answer.status_code == 413
    assert not File.objects.exists()


def test_version_takes_no_more_than_its_limit(submission: Submission, learner: Client, settings: Any) -> None:
    settings.VERSION_LIMIT = 1000
    assert send(learner, submission, ("a.md", b"a" * 600)).status_code == 200
    answer = send(learner, submission, ("b.md", b"b" * 600))
    assert answer.status_code == 422
    assert "your draft would be larger" in answer.content.decode()
    # The same name makes room for itself.
    assert send(learner, submission, ("a.md", b"c" * 900)).status_code == 200
    assert names(submission) == ["a.md"]


def test_quota_counts_a_learners_files_and_duplicates_too(
    submission: Submission, learner: Client, settings: Any, cast: Cast
) -> None:
    settings.LEARNER_QUOTA = 1000
    send(learner, submission, ("a.md", b"same" * 150))
    submission.versions.get().submit()
    other = Submission.objects.create(learner=cast.learner, project=cast.project)
    answer = send(learner, other, ("a.md", b"same" * 150))
    assert answer.status_code == 422
    assert "all you have handed in" in answer.content.decode()
    # Another's quota is another's, and says nothing of bytes that are there already.
    fellow = Submission.objects.create(learner=cast.fellow, deliverable=cast.deliverable)
    assert send(as_user(cast.fellow.user), fellow, ("a.md", b"same" * 150)).status_code == 200


def test_full_disk_is_told_and_leaves_nothing(
    submission: Submission, learner: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def full(source: str, target: str) -> None:
        if "blobs" in str(target):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", full)
    answer = send(learner, submission, ("a.md", b"x"))
    assert answer.status_code == 422
    assert "disk of this server is full" in answer.content.decode()
    assert not File.objects.exists()
    assert not left_in_incoming(media)


def test_upload_that_broke_off_is_not_taken_for_whole(
    submission: Submission, learner: Client, media: Path
) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nthe first half of'
    broken: dict[str, Any] = {"CONTENT_LENGTH": len(body) + 5000, "wsgi.input": BytesIO(body)}
    answer = learner.post(
        reverse("submissions:file_add", args=[submission.uuid]),
        body,
        content_type="multipart/form-data; boundary=edge",
        headers=HTMX,
        **broken,
    )
    assert answer.status_code == 422
    assert "did not arrive whole" in answer.content.decode()
    assert not File.objects.exists()
    assert not left_in_incoming(media)


def test_upload_needs_the_key_of_its_form(submission: Submission, cast: Cast, media: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.learner.user)
    assert send(client, submission, ("a.md", b"x")).status_code == 403
    assert not File.objects.exists()
    assert not left_in_incoming(media)


def test_upload_of_others_is_not_read(submission: Submission, cast: Cast, media: Path) -> None:
    for user, status in [(cast.mentor, 403), (cast.fellow.user, 404), (cast.admin, 404)]:
        assert send(as_user(user), submission, ("a.md", b"x")).status_code == status
    assert not (media / "incoming").exists()


def test_upload_into_a_draft_that_was_handed_in_goes_into_the_next(
    submission: Submission, learner: Client
) -> None:
    send(learner, submission, ("a.md", b"x"))
    submission.versions.get().submit()
    send(learner, submission, ("b.md", b"y"))
    assert submission.versions.get(number=1).files.count() == 1
    assert [file.name for file in submission.versions.drafts().get().files.all()] == ["a.md", "b.md"]


# The order ----------------------------------------------------------------------------------------------


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens during an upload, in its order."""
    taken: list[str] = []
    for name in ("fsync", "rename"):
        real = getattr(os, name)

        def noted(*args: Any, name: str = name, real: Any = real) -> Any:
            taken.append(name)
            return real(*args)

        monkeypatch.setattr(os, name, noted)
    engine: Any = type(connections[DEFAULT_DB_ALIAS])
    real_commit = engine._commit

    def committed(self: Any) -> None:
        real_commit(self)
        taken.append("commit")

    monkeypatch.setattr(engine, "_commit", committed)
    return taken


@pytest.mark.django_db(transaction=True)
def test_bytes_are_safe_before_the_row_is_committed_and_the_answer_given(steps: list[str]) -> None:
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    submission.start_draft()
    client = as_user(cast.learner.user)
    steps.clear()
    assert send(client, submission, ("a.md", b"x")).status_code == 200
    steps.append("answer")
    assert File.objects.exists()
    order = [step for step, before in zip(steps, ["", *steps], strict=False) if step != before]
    kept = order.index("rename")
    assert "fsync" in order[:kept]
    assert order[kept : kept + 4] == ["rename", "fsync", "commit", "answer"]
