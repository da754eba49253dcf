"""Bringing Markdown in from the browser: shown first, then done with the same bytes, and refused by line."""

import base64
import json
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curriculum.models import Curriculum, Document, Edition, Month
from curriculum.open_draft import Shown, save_draft
from people.models import User
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, everything, run
from tests.factories import CurriculumFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def boss(client: Client) -> User:
    user: User = UserFactory.create(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def sent(client: Client, *files: tuple[str, bytes], **fields: Any) -> Any:
    chosen = [SimpleUploadedFile(name, data, "text/markdown") for name, data in files]
    return client.post(reverse("admin:curriculum_curriculum_intake"), {**fields, "markdown": chosen})


def kept(response: Any) -> str:
    """What the page carries to the second step."""
    found = re.search(r'name="kept" value="([^"]*)"', response.content.decode())
    assert found
    return found[1].replace("&quot;", '"')


def test_files_are_shown_first_and_brought_in_with_the_same_bytes(boss: User, client: Client) -> None:
    before = everything()
    looked = sent(client, ("month.md", RECEIVED.read_bytes()), title="AI Practitioner")

    assert looked.status_code == 200
    assert "weeks 4, tasks 16, deliverables 8, criteria 4" in looked.content.decode()
    assert everything() == before

    done = sent(client, title="AI Practitioner", kept=kept(looked), apply="yes")
    curriculum = Curriculum.objects.get()
    assert (done.status_code, curriculum.title) == (302, "AI Practitioner")
    assert done["Location"] == reverse("admin:curriculum_curriculum_change", args=[curriculum.pk])
    edition = Edition.objects.get()
    assert (edition.data, edition.author) == (RECEIVED.read_bytes(), boss)
    assert edition.document.published == edition
    assert "1 file was brought in" in LogEntry.objects.get().change_message


def test_damaged_letters_are_put_right_when_that_is_asked(boss: User, client: Client) -> None:
    looked = sent(client, ("month.md", RECEIVED.read_bytes()), title="AI")
    page = looked.content.decode()
    assert "<del>‚è≥</del>" in page
    assert "<ins>⏳</ins>" in page
    asked = sent(client, title="AI", kept=kept(looked), repair="on")
    assert "They are put right in what is brought in" in asked.content.decode()
    assert kept(asked) == kept(looked)
    assert sent(client, title="AI", kept=kept(asked), repair=["on", ""]).status_code == 200
    assert sent(client, title="AI", kept=kept(asked), repair="on", apply="yes").status_code == 302
    edition = Edition.objects.get()
    assert edition.data == RECEIVED.read_bytes().replace("‚è≥".encode(), "⏳".encode())


def test_second_click_finds_it_done(boss: User, client: Client) -> None:
    for _click in range(2):
        done = sent(client, ("month.md", MONTH.encode()), title="AI Practitioner", apply="yes")
        assert done.status_code == 302
    assert (Curriculum.objects.count(), Edition.objects.count()) == (1, 1)
    # Who asks for a new one by that name meant another.
    looked = sent(client, ("month.md", MONTH.encode()), title="AI Practitioner")
    assert looked.status_code == 422
    assert "“AI Practitioner” is there already: choose it above" in looked.content.decode()
    there = Curriculum.objects.get().pk
    looked = sent(client, ("month.md", MONTH.encode()), title="Another", curriculum=there)
    assert "“AI Practitioner” is chosen above." in looked.content.decode()
    looked = sent(client, ("month.md", MONTH.encode()), curriculum=there)
    assert "It goes into “AI Practitioner”, which is there already." in looked.content.decode()


def test_open_draft_of_what_is_brought_in_is_named(boss: User, client: Client) -> None:
    sent(client, ("month.md", MONTH.encode()), title="AI Practitioner", apply="yes")
    there = Curriculum.objects.get().pk
    newer = ("month.md", MONTH.replace("- [ ]", "- [ ] Now", 1).encode())
    assert "A draft of it is open." not in sent(client, newer, curriculum=there).content.decode()
    document = Document.objects.get()
    save_draft(document, MONTH + "\nMine\n", Shown.of(document, None))
    assert "A draft of it is open." in sent(client, newer, curriculum=there).content.decode()


def test_readme_of_each_month_is_named_after_its_month(boss: User, client: Client) -> None:
    files = [
        ("README.md", (FOLDER / name).read_bytes())
        for name in ("README.md", "month-03/README.md", "month-04/README.md")
    ]
    there = CurriculumFactory.create()
    assert sent(client, *files, curriculum=there.pk, apply="yes").status_code == 302
    assert set(Document.objects.values_list("path", "kind")) == {
        ("README.md", "dashboard"),
        ("month-03/README.md", "month"),
        ("month-04/README.md", "month"),
    }


def test_newer_text_of_a_month_is_its_next_edition_whatever_the_files_name(
    boss: User, client: Client
) -> None:
    run(FOLDER)
    there = Curriculum.objects.get()
    text = (FOLDER / "month-03" / "README.md").read_bytes() + b"\nOne more word.\n"
    assert sent(client, ("draft (2).md", text), curriculum=there.pk, apply="yes").status_code == 302
    document = Document.objects.get(path="month-03/README.md")
    assert document.published is not None
    assert (document.published.number, document.published.data) == (2, text)
    assert Month.objects.live().count() == 9
    again = sent(client, ("draft (2).md", text), curriculum=there.pk, apply="yes")
    assert "Nothing was changed" in client.get(again["Location"]).content.decode()
    assert document.editions.count() == 2


def test_dashboard_is_the_one_there_whatever_the_files_name(boss: User, client: Client) -> None:
    run(FOLDER)
    there = Curriculum.objects.get()
    text = (FOLDER / "README.md").read_bytes() + b"\nOne more word.\n"
    assert sent(client, ("overview.md", text), curriculum=there.pk, apply="yes").status_code == 302
    dashboard = Document.objects.get(kind="dashboard")
    assert dashboard.published is not None
    assert (dashboard.path, dashboard.published.data) == ("README.md", text)


@pytest.mark.parametrize(
    ("files", "fields", "words"),
    [
        ([], {"title": "New"}, "Choose the files of one month or more."),
        ([("a.md", b"")], {"title": "New"}, "The file is empty."),
        ([("a.md", MONTH.encode())], {"title": "  "}, "Say what the new curriculum is called"),
        ([("a.md", MONTH.encode())], {"title": "TAKEN"}, "“Taken” is there already: choose it above"),
        ([("a.md", MONTH.encode())], {"curriculum": "0"}, "Select a valid choice"),
        ([("a.md", b"# Notes\n")], {"title": "New"}, "Line 1:"),
        ([("a.md", b"\xff\xfe\x00")], {"title": "New"}, "Line 1:"),
        ([("a.md", MONTH.encode()), ("a.md", b"# Month 02: Two\n")], {"title": "New"}, "under the same name"),
        ([("a.md", MONTH.encode()), ("b.md", MONTH.encode())], {"title": "New"}, "The same month is in"),
        ([("a.md", b"# Month 01: Long\n" + b"x" * 1_000_000)], {"title": "New"}, "larger than 1 MB"),
        ([], {"title": "New", "kept": "[1]"}, "choose them again"),
        ([], {"title": "New", "kept": '[["a.md", "?"]]'}, "choose them again"),
    ],
)
def test_what_cannot_be_brought_in_is_refused_in_words(
    boss: User, client: Client, files: Any, fields: dict[str, str], words: str
) -> None:
    CurriculumFactory.create(slug="taken", title="Taken")
    before = everything()
    response = sent(client, *files, apply="yes", **fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert everything() == before


def test_files_and_title_outlast_a_refusal(boss: User, client: Client) -> None:
    refused = sent(client, ("a.md", b"# Notes\n"), title="Kept title", apply="yes")
    page = refused.content.decode()
    assert 'value="Kept title"' in page
    assert f'href="{reverse("curriculum:markdown_help")}#no-month"' in page
    assert json.loads(kept(refused)) == [["a.md", base64.b64encode(b"# Notes\n").decode()]]


def test_staff_without_the_right_brings_nothing_in(client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True))
    assert sent(client, ("a.md", MONTH.encode()), title="New", apply="yes").status_code == 403
    assert not Curriculum.objects.exists()
