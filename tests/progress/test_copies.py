"""A learner's copy: the author's bytes with the learner's ticks, and nothing else changed."""

from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.models import Document, Task
from curriculum.publication import publish
from curriculum.zips import packed
from progress.copies import copies_for, copy_for
from progress.models import Completion
from tests.cast import Cast, month_text, publish_month

TEXT = month_text()


def ticked(cast: Cast, *texts: str) -> bytes:
    """The copy of who ticked the tasks of these texts."""
    for text in texts:
        Completion.objects.tick(cast.learner, Task.objects.live().get(month=cast.month, text=text))
    return copy_for(cast.learner, Document.objects.get(pk=cast.month.document_id))


def test_copy_without_ticks_is_the_authors_file(cast: Cast) -> None:
    assert ticked(cast) == TEXT.encode()


def test_copy_differs_in_the_brackets_alone(cast: Cast) -> None:
    expected = TEXT.replace("- [ ] Task 1.2", "- [x] Task 1.2").replace("[ ] A req", "[x] A req")
    assert ticked(cast, "Task 1.2", "A requirement") == expected.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("Task 1.2\n", "Task 1.2  \r\n").rstrip("\n").encode(),
        TEXT.replace("Task 1.2", "Task\r1.2").encode(),
    ],
    ids=["byte order mark", "CRLF", "mixed", "lone CR"],
)
def test_marks_and_line_ends_are_the_authors(cast: Cast, data: bytes) -> None:
    publish(cast.month.document, data.decode())
    assert ticked(cast, "Task 1.1") == data.replace(b"[ ] Task 1.1", b"[x] Task 1.1")


def test_box_that_the_author_ticked_is_the_learners(cast: Cast) -> None:
    text = TEXT.replace("[ ] Task 1.1", "[x] Task 1.1").replace("[ ] Task 1.2", "[X] Task 1.2")
    publish(cast.month.document, text)
    assert ticked(cast, "Task 1.2") == text.replace("[x] Task 1.1", "[ ] Task 1.1").encode()


def test_ticks_of_others_and_notes_are_not_in_it(cast: Cast) -> None:
    Completion.objects.tick(cast.fellow, cast.task)
    Completion.objects.note(cast.learner, cast.task, "Begun.")
    assert ticked(cast) == TEXT.encode()


def test_archive_holds_every_file_and_the_same_bytes_each_time(cast: Cast) -> None:
    publish_month(cast.curriculum, month_text(9), "month-09/README.md")
    page = Document.objects.create(curriculum=cast.curriculum, path="README.md", kind=Document.Kind.DASHBOARD)
    publish(page, "# All months\r\n")
    changed = ticked(cast, "Task 1.1")
    with ZipFile(BytesIO(packed(copies_for(cast.learner, cast.curriculum)))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "README.md": b"# All months\r\n",
            "month-08/README.md": changed,
            "month-09/README.md": month_text(9).encode(),
        }
    assert packed(copies_for(cast.learner, cast.curriculum)) == packed(
        copies_for(cast.learner, cast.curriculum)
    )


def test_archive_costs_the_same_queries_for_more_months(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            packed(copies_for(cast.learner, cast.curriculum))
        return len(asked)

    one = cost()
    publish_month(cast.curriculum, month_text(9), "month-09/README.md")
    assert cost() == one


def test_copies_are_downloads(client: Client, cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    client.force_login(cast.learner.user)
    month = client.get(reverse("progress:month_copy", args=[cast.learner.uuid, cast.month.slug]))
    assert month.content == TEXT.replace("[ ] Task 1.1", "[x] Task 1.1").encode()
    assert month["Content-Disposition"] == 'attachment; filename="month-08.md"'
    whole = client.get(reverse("progress:curriculum_copy", args=[cast.learner.uuid]))
    assert whole["Content-Disposition"] == f'attachment; filename="{cast.curriculum.slug}.zip"'
    assert ZipFile(BytesIO(whole.content)).namelist() == ["month-08/README.md"]
    assert client.get(reverse("progress:month_copy", args=[cast.learner.uuid, "month-99"])).status_code == 404


def exported(cast: Cast, folder: Path, learner: str) -> bytes:
    call_command("export_curriculum", cast.curriculum.slug, str(folder), learner=learner, stdout=StringIO())
    return (folder / "month-08" / "README.md").read_bytes()


def test_command_writes_a_learners_copy(cast: Cast, tmp_path: Path) -> None:
    Completion.objects.tick(cast.learner, cast.task)
    expected = TEXT.replace("[ ] Task 1.1", "[x] Task 1.1").encode()
    assert exported(cast, tmp_path, cast.learner.user.email.upper()) == expected
    assert exported(cast, tmp_path, "") == TEXT.encode()


def test_command_names_who_does_not_learn_here(cast: Cast, tmp_path: Path) -> None:
    for email in ("nobody@example.org", cast.mentor.email):
        with pytest.raises(CommandError, match=f"Nobody of the address {email} learns"):
            exported(cast, tmp_path, email)
    assert not list(tmp_path.iterdir())
