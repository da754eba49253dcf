"""What was read of a file is kept with its bytes, asked for by the page, and goes when they go."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from submissions import store
from submissions.formats import NOTES
from submissions.memory import MEMORY
from submissions.models import Blob, Extract, File, Submission, Version
from submissions.models.extract import RULES
from submissions.reading import boxes_of, reading_of
from submissions.showing import ShownVersion
from submissions.sweep import sweep
from tests.submissions import hostile, samples


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    MEMORY.forget()
    yield
    MEMORY.forget()


@pytest.fixture
def draft(submission: Submission) -> Version:
    return submission.start_draft()


def add(draft: Version, name: str, content: bytes) -> File:
    return draft.add_file(name, store.receive([content], 10**8))


def test_file_is_read_once_when_it_comes_in(
    draft: Version, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    file = add(draft, "a.md", b"# One\n\ntwo *three*\n")
    row = Extract.objects.get()
    assert (row.blob, row.form, row.text, row.note, row.rules) == (
        file.blob,
        "markdown",
        "One\ntwo three",
        "",
        RULES,
    )

    row.text = "One\ntwo THREE"
    row.save()
    with django_assert_num_queries(1):
        reading = reading_of(draft, file)
        assert reading_of(draft, file) is reading
    assert reading.text == "One\ntwo THREE", "the bytes are not looked at again"
    assert [(part.kind, reading.words(part), part.number) for part in reading.parts] == [
        ("heading", "One", 1),
        ("block", "two THREE", 3),
    ]


def test_same_bytes_are_read_in_each_form(draft: Version) -> None:
    one, two = add(draft, "a.md", b"# One\n"), add(draft, "a.txt", b"# One\n")
    add(draft, "b.md", b"# One\n")
    assert sorted(Extract.objects.values_list("form", "text")) == [("markdown", "One"), ("text", "# One")]
    assert (reading_of(draft, one).text, reading_of(draft, two).text) == ("One", "# One")
    with pytest.raises(IntegrityError), transaction.atomic():
        Extract.objects.create(blob=one.blob, form="text")


def test_boxes_of_a_passage_of_a_pdf(draft: Version) -> None:
    pdf = hostile.pdf_pages([hostile.said("On the first page"), hostile.said("On the second one")])
    file = add(draft, "a.pdf", pdf)
    reading = reading_of(draft, file)
    assert reading.text == "On the first page\nOn the second one"
    start = reading.text.index("second")
    (box,) = boxes_of(draft, file, start, start + 6)
    assert box.page == 2
    assert 0.1 < box.left < 0.3
    assert 0.05 < box.top < 0.1
    assert [one.page for one in boxes_of(draft, file, 0, len(reading.text))] == [1, 2]
    assert boxes_of(draft, add(draft, "a.md", b"# One"), 0, 3) == []


def test_text_written_in_the_page_is_read_as_it_is_shown(draft: Version) -> None:
    draft.save_draft("# Typed\n\n*words*", "", "", 0)
    assert reading_of(draft, None).text == "Typed\nwords"


def test_note_is_in_the_language_of_who_reads(draft: Version) -> None:
    file = add(draft, "a.txt", b"x\n" * 6_000)
    assert reading_of(draft, file).note.startswith("Only the first part")
    assert Extract.objects.get().note == "part"
    with translation.override("de"), pytest.MonkeyPatch.context() as patch:
        patch.setitem(NOTES, "part", "Nur der Anfang")
        assert reading_of(draft, file).note == "Nur der Anfang"
    assert reading_of(draft, file).note.startswith("Only the first part")


def test_erased_file_has_no_reading(draft: Version) -> None:
    file = add(draft, "a.md", b"# One")
    file.erased_at = timezone.now()
    assert (reading_of(draft, file).text, boxes_of(draft, file, 0, 3)) == ("", [])


# Files that were there before -----------------------------------------------------------------------------
@pytest.fixture
def old(draft: Version) -> list[File]:
    """Files of a release that did not read them."""
    files = [
        add(draft, "a.md", b"# One"),
        add(draft, "a.pdf", samples.pdf_with_text()),
        add(draft, "a.svg", samples.svg(b"<text>Web</text>")),
        add(draft, "a.png", samples.png()),
    ]
    Extract.objects.all().delete()
    return files


def test_page_reads_what_is_quick_and_never_a_pdf(
    draft: Version, old: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_child(*_all: Any, **_named: Any) -> None:
        raise AssertionError("a page must not wait for a child process")

    monkeypatch.setattr("submissions.formats.sandbox.subprocess.Popen", no_child)
    readings = [reading_of(draft, file) for file in old]
    assert [reading.text for reading in readings] == ["One", "", "", ""]
    assert [reading.note[:29] for reading in readings] == ["", *["The words of this file were n"] * 2, ""]
    assert not Extract.objects.exists(), "and a page that is looked at writes nothing"


def test_page_says_of_a_pdf_alone_that_it_was_not_read(draft: Version, old: list[File]) -> None:
    notes = {one.name: one.note[:35] for one in ShownVersion(draft).files}
    assert notes == {"a.md": "", "a.pdf": "The words of this file were not rea", "a.svg": "", "a.png": ""}
    read_files()
    assert [one.note for one in ShownVersion(draft).files] == [""] * 4


def read_files() -> str:
    out = StringIO()
    call_command("read_files", stdout=out)
    MEMORY.forget()
    return out.getvalue()


def test_read_files_reads_them_once(draft: Version, old: list[File]) -> None:
    assert read_files().startswith("4 files were read, 0 in part")
    assert [reading_of(draft, file).text for file in old] == ["One", "Hello, mentor", "Web", ""]
    assert boxes_of(draft, old[1], 0, 5)
    assert read_files().startswith("0 files were read, 0 in part")


def test_read_files_reads_anew_what_older_rules_read(draft: Version, old: list[File]) -> None:
    read_files()
    Extract.objects.update(rules=RULES - 1, text="as it was", parts=[])
    MEMORY.forget()
    assert [reading_of(draft, file).text for file in old[:2]] == ["One", "as it was"], (
        "rather old than nothing"
    )
    assert read_files().startswith("4 files were read")
    assert reading_of(draft, old[1]).text == "Hello, mentor"


def test_read_files_goes_on_after_what_it_cannot_read(draft: Version, old: list[File], settings: Any) -> None:
    settings.PDF_PAGES = 0
    store.remove(old[0].blob.sha256)
    File.objects.filter(pk=old[3].pk).update(name="", erased_at=timezone.now())
    assert read_files() == "1 files were read, 1 in part or not at all, 1 are missing in the store.\n"
    assert reading_of(draft, old[1]).note.startswith("The words of this file could not be read")
    assert set(Extract.objects.values_list("form", flat=True)) == {"pdf", "svg"}


# When the bytes go ----------------------------------------------------------------------------------------
def test_what_was_read_goes_with_bytes_that_nothing_names(draft: Version) -> None:
    file, kept = add(draft, "a.md", b"# One"), add(draft, "b.md", b"# Two")
    draft.remove_file(file)
    assert Extract.objects.count() == 2, "bytes are kept for a day, and what they say with them"
    sweep(grace=timedelta())
    assert [row.blob for row in Extract.objects.all()] == [kept.blob]


def test_what_was_read_stays_as_long_as_a_file_has_the_same_bytes(draft: Version) -> None:
    one, two = add(draft, "a.md", b"# One"), add(draft, "b.md", b"# One")
    for file in (one, two):
        File.objects.filter(pk=file.pk).update(name="", erased_at=timezone.now())
        assert Blob.objects.get(pk=file.blob_id).leave() == (file == two)
        assert Extract.objects.exists() == (file == one)
