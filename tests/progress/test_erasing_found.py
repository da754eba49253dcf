"""Erasing without an entry, or an entry without erasing: what verify finds, and what the database refuses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from people.models import FORMER, User
from progress import triggers
from progress.erasing import Erasure, OneFile, OnePerson, OneText, one_text
from submissions.models import Comment, File, Review, Version
from tests.progress.secret import REASON, SECRET, problems, rows
from tests.routes import World, undone


# What was done without it, or half ------------------------------------------------------------------------
def bare(person: User) -> int:
    """The account's row alone."""
    person.erase()
    return 1


def by_hand(world: World, said: dict[str, UUID]) -> dict[str, Callable[[], int]]:
    """Erasures made in the database alone: nothing says so."""
    now = timezone.now()
    version = rows(Version).filter(uuid=said["text"])
    review = rows(Review).filter(uuid=said["summary"])
    return {
        "text": lambda: version.update(text="", text_erased_at=now),
        "link": lambda: version.update(link="", link_erased_at=now),
        "note": lambda: version.update(note="", note_erased_at=now),
        "comment": lambda: rows(Comment).filter(uuid=said["comment"]).update(body="", erased_at=now),
        "summary": lambda: review.update(summary="", summary_erased_at=now),
        "withdrawal": lambda: review.update(withdrawn_reason="", reason_erased_at=now),
        "file": lambda: rows(File).filter(pk=world.picture.pk).update(name="", erased_at=now),
        "person": lambda: bare(world.cast.learner.user),
    }


def test_erasure_without_an_entry_is_found(world: World, said: dict[str, UUID]) -> None:
    assert problems() == [], "the control"
    for kind, erased in by_hand(world, said).items():
        with undone():
            assert erased() == 1
            assert any(line.startswith(f"{kind} ") and "does not say so" in line for line in problems()), kind


def test_entry_without_the_erasure_is_found(
    world: World, said: dict[str, UUID], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    new = f"x-{SECRET}"
    person = world.cast.learner.user
    version, review = rows(Version).filter(uuid=said["text"]), rows(Review).filter(uuid=said["summary"])
    back: dict[str, Callable[[], int]] = {
        "text": lambda: version.update(text=new, text_erased_at=None),
        "link": lambda: version.update(link=new, link_erased_at=None),
        "note": lambda: version.update(note=new, note_erased_at=None),
        "comment": lambda: rows(Comment).filter(uuid=said["comment"]).update(body=new, erased_at=None),
        "summary": lambda: review.update(summary=new, summary_erased_at=None),
        "withdrawal": lambda: review.update(withdrawn_reason=new, reason_erased_at=None),
        "person": lambda: User.objects.filter(pk=person.pk).update(name=new, erased_at=None),
        "file": lambda: rows(File).filter(pk=world.picture.pk).update(name=new, erased_at=None),
    }
    for kind, tamper in back.items():
        with undone():
            erasures: dict[str, Erasure] = {"file": OneFile(world.picture.uuid), "person": OnePerson(person)}
            with django_capture_on_commit_callbacks():
                (erasures.get(kind) or one_text(kind, said[kind])).carry_out(world.cast.admin, REASON)
            assert [line for line in problems() if "still on the disk" not in line] == [], "the control"
            triggers.lift(connection)
            assert tamper() == 1
            assert any(line.startswith(f"{kind} ") and "is not marked so" in line for line in problems()), (
                kind
            )
        person.refresh_from_db()


def test_erased_evidence_stays_evidence(world: World, said: dict[str, UUID]) -> None:
    """The entry keeps the digest of the text that is gone; of what is still there, every change is found."""
    version = Version.objects.get(uuid=said["text"])
    OneText("text", version.uuid).carry_out(world.cast.admin, REASON)
    assert problems() == []
    triggers.lift(connection)
    rows(Version).filter(pk=version.pk).update(link="https://other.example")
    found = problems()
    triggers.install(connection)
    assert any("its evidence" in line and "was changed" in line for line in found)


# The database ---------------------------------------------------------------------------------------------
MARKS: list[tuple[type[models.Model], str, str, str]] = [
    (Version, "text", "text_erased_at", "saved_at"),
    (Version, "link", "link_erased_at", "saved_at"),
    (Version, "note", "note_erased_at", "saved_at"),
    (Comment, "body", "erased_at", "created_at"),
    (Review, "summary", "summary_erased_at", "saved_at"),
    (Review, "withdrawn_reason", "reason_erased_at", "saved_at"),
    (File, "name", "erased_at", "added_at"),
]
"""Each column that can be erased, its mark, and one that must stay."""


def refused(row: "models.QuerySet[Any]", **change: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(**change)


def test_database_lets_a_text_go_only_with_its_mark_and_once(world: World, said: dict[str, UUID]) -> None:
    now = timezone.now()
    ids = {Version: said["text"], Comment: said["comment"], Review: said["summary"], File: world.picture.uuid}
    for model, column, mark, stays in MARKS:
        row = rows(model).filter(uuid=ids[model])
        refused(row, **{column: ""})
        refused(row, **{mark: now})
        refused(row, **{column: "other", mark: now})
        refused(row, **{column: "", mark: now, stays: now})
        assert row.update(**{column: "", mark: now}) == 1
        refused(row, **{mark: None})
        refused(row, **{mark: timezone.now()})
        refused(row, **{column: "back", mark: None})
    triggers.lift(connection)
    for model, column, _mark, _stays in MARKS:
        refused(rows(model).filter(uuid=ids[model]), **{column: "back"})  # the constraint alone
    triggers.install(connection)


def test_what_was_erased_has_no_draft_and_no_rights(world: World) -> None:
    now = timezone.now()
    person = world.cast.fellow.user
    refused(rows(Version).filter(pk=world.draft.pk), text="", text_erased_at=now)
    refused(rows(Review).filter(pk=world.review.pk), summary="", summary_erased_at=now)
    refused(rows(Review).filter(pk=world.sent.pk), reason_erased_at=now)
    row = rows(User).filter(pk=person.pk)
    refused(row, erased_at=now)
    refused(row, erased_at=now, is_active=False, name=FORMER)
    person.erase()
    refused(row, is_active=True)
    refused(row, is_staff=True)
    refused(row, is_superuser=True)
    refused(row, name="Back")


def test_answer_that_was_erased_does_not_go_back_into_a_draft(world: World) -> None:
    cast = world.cast
    version = cast.hand_in(work=world.works[1], text="# Second")
    answer = Comment.objects.create(
        thread=world.thread, author=cast.learner.user, version=version, act="fixed", body=SECRET
    )
    OneText("comment", answer.uuid).carry_out(cast.admin, REASON)
    with pytest.raises(ValidationError, match="erased"):
        version.take_back()
    with pytest.raises(IntegrityError, match="is kept as it is"), transaction.atomic():
        Comment.objects.filter(pk=answer.pk).delete()
