"""A month or a dashboard that is begun in the admin: its place, its first draft, and what is refused."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.beginning import begin_month, following
from curriculum.markdown import Kind, parse
from curriculum.models import Curriculum, Document, Month
from curriculum.open_draft import Shown, discard_draft
from curriculum.publication import publish
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ADD = "/admin/curriculum/document/add/"


@pytest.fixture
def curriculum(cast: Cast, client: Client) -> Curriculum:
    """The cast's curriculum, with an admin logged in."""
    client.force_login(cast.admin)
    return cast.month.curriculum


def post(client: Client, curriculum: Curriculum, **typed: str) -> Any:
    values = {"curriculum": str(curriculum.pk), "kind": "month", "title": "", "path": ""}
    return client.post(reverse("admin:curriculum_document_add"), values | typed)


def test_a_month_is_begun_in_the_manner_of_the_last_and_published_in_the_editor(
    client: Client, curriculum: Curriculum
) -> None:
    page = client.get(reverse("admin:curriculum_curriculum_change", args=[curriculum.pk])).content.decode()
    assert reverse("admin:curriculum_document_add") in page
    last = Month.objects.live().in_order().filter(curriculum=curriculum).last()
    assert last is not None
    assert last.number is not None
    answer = post(client, curriculum, title="  Queues  and logs ")
    document = Document.objects.get(curriculum=curriculum, published=None)
    editor = reverse("admin:curriculum_document_markdown", args=[document.pk])
    assert answer.status_code == 302
    assert answer.url == editor
    draft = document.draft
    assert draft is not None
    assert draft.source.startswith(f"# {following(last.label, last.number + 1)}: Queues and logs\n")
    assert Month.objects.filter(document=document).count() == 0
    assert client.get(editor).status_code == 200
    publish(document, draft.source)
    month = Month.objects.get(document=document)
    assert (month.number, month.unit, month.title) == (last.number + 1, last.unit, "Queues and logs")
    # The next one is begun after it, though nobody named a place.
    post(client, curriculum, title="Another")
    assert Document.objects.get(published=None).draft.source.startswith(  # type: ignore[union-attr]
        f"# {following(last.label, last.number + 2)}: Another\n"
    )


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "# Month 1: A"), ("es-MX", "# Mes 1: A"), ("zh", "# 第1个月：A")]
)
def test_an_empty_curriculum_begins_with_the_words_of_its_language(lang: str, title: str) -> None:
    curriculum = Curriculum.objects.create(slug="new", title="New", lang=lang)
    draft = begin_month(curriculum, "A").draft
    assert draft is not None
    assert draft.source.splitlines()[0] == title
    tree = parse(draft.source)
    assert not tree.findings
    kinds = [Kind.OBJECTIVE, Kind.WEEK, Kind.TASK, Kind.DELIVERABLE, Kind.RESOURCE, Kind.CRITERION]
    assert [len(tree.find(kind)) for kind in kinds] == [1] * 6
    # Two that are begun before either is published do not meet.
    begin_month(curriculum, "B")
    assert curriculum.documents.count() == 2


def test_the_page_of_a_curriculum_is_begun_with_its_months(client: Client, curriculum: Curriculum) -> None:
    assert post(client, curriculum, kind="dashboard").status_code == 302
    document = Document.objects.get(curriculum=curriculum, kind=Document.Kind.DASHBOARD)
    draft = document.draft
    assert document.path == "README.md"
    assert draft is not None
    for month in Month.objects.live().filter(curriculum=curriculum):
        assert f"[{month}]({month.document.path})" in draft.source
    assert "has such a page already" in post(client, curriculum, kind="dashboard").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": " "}, "Say what the month is called."),
        ({"title": "A", "path": "../a.md"}, "a name that ends in .md"),
        ({"title": "A", "path": "a.txt"}, "a name that ends in .md"),
        ({"title": "A", "path": "THERE"}, "has a file there already"),
        ({"title": "A", "kind": "other"}, "not one of the available choices"),
    ],
)
def test_what_cannot_begin_is_said_and_kept(
    client: Client, curriculum: Curriculum, typed: dict[str, str], said: str
) -> None:
    there = curriculum.documents.get()
    typed = {name: value.replace("THERE", there.path) for name, value in typed.items()}
    answer = post(client, curriculum, **typed)
    page = answer.content.decode()
    assert said in page
    assert Document.objects.count() == 1
    assert all(value in page for value in typed.values() if value != "other")
    # The same form with nothing wrong in it makes one.
    assert post(client, curriculum, title="A", path="a.md").status_code == 302
    assert Document.objects.count() == 2


def test_a_draft_that_was_all_there_is_takes_its_document_along(
    client: Client, curriculum: Curriculum
) -> None:
    post(client, curriculum, title="A")
    document = Document.objects.get(published=None)
    shown = Shown.of(document, document.draft)
    address = reverse("admin:curriculum_document_markdown_discard", args=[document.pk])
    answer: Any = client.post(address, {"text": document.draft.source, "shown": str(shown)})  # type: ignore[union-attr]
    assert answer.url == reverse("admin:curriculum_curriculum_change", args=[curriculum.pk])
    assert not Document.objects.filter(pk=document.pk).exists()
    # One that was published keeps its editions.
    there = curriculum.documents.get()
    discard_draft(there, Shown.of(there, None))
    assert there.editions.exists()
    assert Document.objects.filter(pk=there.pk).exists()


def test_who_may_not_add_documents_begins_none(client: Client, cast: Cast) -> None:
    client.force_login(cast.mentor)
    assert post(client, cast.month.curriculum, title="A").status_code == 302  # to the log-in of the admin
    assert Document.objects.count() == 1
