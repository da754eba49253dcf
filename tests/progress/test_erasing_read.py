"""Erasing takes along what was read of a file, and what comments quote of it."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from progress.erasing import OneFile
from submissions import store
from submissions.memory import MEMORY
from submissions.models import Anchor, Extract, File, Placement, Submission, Version
from submissions.reading import reading_of
from submissions.sweep import sweep
from tests.progress.secret import REASON, SECRET, erase, everything, problems
from tests.routes import World
from tests.submissions import hostile

DATA = {
    "notes.md": f"# Notes\n\nThe word is {SECRET}.\n".encode(),
    "notes.pdf": hostile.pdf_pages([hostile.said(f"The word is {SECRET}.")]),
}


def quote(exact: str) -> list[dict[str, object]]:
    return [
        {"type": "TextQuoteSelector", "exact": exact, "prefix": f"before {exact}", "suffix": ""},
        {"type": "SectionSelector", "path": [exact], "kind": "block", "number": 1},
    ]


def hand_in(world: World, data: bytes, name: str) -> File:
    """A version with one file, and a comment's place in it."""
    work, _made = Submission.objects.get_or_create(learner=world.cast.learner, deliverable=world.works[0])
    version = work.start_draft()
    version.files.all().delete()
    file = version.add_file(name, store.receive([data], 10**8))
    version.submit()
    return file


@pytest.fixture(params=DATA)
def file(request: pytest.FixtureRequest, world: World) -> File:
    MEMORY.forget()
    return hand_in(world, DATA[request.param], request.param)


def pointed(file: File, version: Version | None = None) -> Anchor:
    """An anchor on the file, placed in its version and in another."""
    anchor = Anchor.objects.create(version=file.version, file=file, selectors=quote(SECRET))
    for one in {file.version, version or file.version}:
        Placement.objects.update_or_create(
            anchor=anchor,
            version=one,
            defaults={"file": one.files.get(), "state": "exact", "selectors": quote(SECRET)},
        )
    return anchor


def test_erased_file_takes_what_was_read_and_what_is_quoted_along(
    world: World, file: File, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    later = hand_in(world, b"# Nothing secret\n", "other.md").version
    anchor = pointed(file, later)
    assert SECRET in reading_of(file.version, file).text
    assert SECRET in everything()
    assert Extract.objects.filter(blob=file.blob_id, text__contains=SECRET).exists()

    with django_capture_on_commit_callbacks(execute=True):
        OneFile(file.uuid).carry_out(world.cast.admin, REASON)

    assert SECRET not in everything()
    anchor.refresh_from_db()
    assert anchor.selectors == []
    assert [placed.selectors for placed in anchor.placements.all()] == [[], []]
    assert Extract.objects.count() == 1, "of the other file"
    assert problems() == []
    assert reading_of(file.version, File.objects.get(pk=file.pk)).text == ""
    MEMORY.forget()


def test_quotes_in_later_versions_go_with_the_file_that_they_quote(
    world: World, file: File, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """The anchor was made on other words, and stays; where it is now, it quotes the secret."""
    first = hand_in(world, b"# First\n\nNothing.\n", "first.md")
    again = hand_in(world, DATA["notes.md"] + b"\nMore.\n", "notes.md")
    anchor = Anchor.objects.create(version=first.version, file=first, selectors=quote("Nothing."))
    Placement.objects.update_or_create(
        anchor=anchor,
        version=again.version,
        defaults={"file": again, "state": "changed", "selectors": quote(SECRET)},
    )

    with django_capture_on_commit_callbacks(execute=True):
        OneFile(again.uuid).carry_out(world.cast.admin, REASON)
        OneFile(file.uuid).carry_out(world.cast.admin, REASON)

    assert SECRET not in everything()
    anchor.refresh_from_db()
    assert anchor.selectors == quote("Nothing.")


def test_what_was_read_stays_until_the_bytes_go_and_the_sweep_takes_both(world: World, file: File) -> None:
    """No callback runs here after the rows are written: as if the process had died."""
    OneFile(file.uuid).carry_out(world.cast.admin, REASON)
    assert SECRET in everything()
    assert any("still on the disk" in line for line in problems())

    sweep()

    assert SECRET not in everything()
    assert problems() == []


def test_what_was_read_of_a_person_goes_with_them(
    world: World, file: File, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    pointed(file)
    with django_capture_on_commit_callbacks(execute=True):
        erase(world.cast.learner.user, world.cast.admin)
    assert SECRET not in everything()
    assert not Extract.objects.exists()
