"""Two windows at the same moment: one draft, and nobody's text written over."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from curriculum.models import Document, Edition
from people.models import User
from tests.cast import month_text, publish_month
from tests.factories import CurriculumFactory, UserFactory
from tests.turns import interleaved, take_no_rows


@pytest.fixture
def document(transactional_db: None) -> Document:
    return publish_month(CurriculumFactory.create(), month_text()).document


@pytest.fixture
def boss(document: Document) -> User:
    user: User = UserFactory.create(is_staff=True, is_superuser=True)
    return user


def sending(boss: User, document: Document, act: str, words: str) -> Callable[[], int]:
    """A window that was opened on edition 1 and sends its text now."""
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    form = {"text": month_text().replace("Task 1.1", words), "shown": ".1"}
    address = reverse(f"admin:curriculum_document_markdown_{act}", args=[document.pk])
    return lambda: client.post(address, form).status_code


def test_two_first_saves_make_one_draft(document: Document, boss: User) -> None:
    ends = interleaved(
        sending(boss, document, "draft", "Mine"),
        'INSERT INTO "curriculum_edition"',
        sending(boss, document, "draft", "Theirs"),
    )
    assert sorted(ends) == [302, 409]
    assert document.draft is not None
    assert ("Mine" in document.draft.source) == (ends[0] == 302)


def test_two_windows_publish_one_text(document: Document, boss: User) -> None:
    ends = interleaved(
        sending(boss, document, "publication", "Mine"),
        'DELETE FROM "curriculum_edition"',
        sending(boss, document, "publication", "Theirs"),
    )
    assert sorted(ends) == [302, 409]
    document.refresh_from_db()
    assert document.published is not None
    assert document.draft is not None
    texts = [document.published.source, document.draft.source]
    assert ["Mine" in text for text in texts] == [ends[0] == 302, ends[0] != 302]


def test_without_the_lock_only_the_table_refuses_the_second_draft(
    document: Document, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: on PostgreSQL both come to begin a draft. On SQLite a writer waits for its turn in any case."""
    take_no_rows(monkeypatch)
    ends = interleaved(
        sending(boss, document, "draft", "Mine"),
        'INSERT INTO "curriculum_edition"',
        sending(boss, document, "draft", "Theirs"),
    )
    assert sorted(ends) == ([302, 500] if connection.vendor == "postgresql" else [302, 409])
    assert Edition.objects.filter(published_at=None).count() == 1
