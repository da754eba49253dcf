"""Erasing as an admin asks for it: by the command, and at the admin's pages."""

from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from progress.erasing import OnePerson
from progress.models import Entry
from submissions import store
from submissions.models import Blob, Version
from tests.factories import UserFactory
from tests.progress.secret import REASON, SECRET, bytes_of, last_entry, problems
from tests.routes import World


# The command ----------------------------------------------------------------------------------------------
def run(*arguments: str) -> str:
    out = StringIO()
    call_command("erase", *arguments, stdout=out)
    return out.getvalue()


def test_command_lists_asks_and_erases(
    world: World, said: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.cast.learner.user
    asked = [
        ("text", "text", str(said["text"])),
        ("file", str(world.picture.uuid)),
        ("person", person.email.upper()),
    ]
    for what in asked:
        told = run(*what, "--reason", REASON, "--dry-run")
        assert "flow.png" in told or what[0] == "text"
        assert SECRET not in told
        for typed in ("", "yes"):
            monkeypatch.setattr("builtins.input", lambda _question, typed=typed: typed)
            with pytest.raises(CommandError, match="Nothing was changed"):
                run(*what, "--reason", REASON)
    assert "erasure" not in Entry.objects.values_list("kind", flat=True)
    monkeypatch.setattr("builtins.input", lambda _question: "erase")
    run(*asked[0], "--reason", REASON)
    run(*asked[1], "--reason", REASON, "--no-input")
    monkeypatch.setattr("builtins.input", lambda _question: person.email)
    run(*asked[2], "--reason", REASON)
    assert problems()[:-1] == [] or all("still on the disk" in line for line in problems())
    person.refresh_from_db()
    assert person.erased_at


def test_command_refuses_in_a_sentence(world: World, said: dict[str, UUID]) -> None:
    text = ("text", "text", str(said["text"]), "--no-input")
    with pytest.raises(CommandError, match="nothing of that kind"):
        run("text", "comment", str(said["text"]), "--no-input", "--reason", REASON)
    with pytest.raises(CommandError, match="Write the reason"):
        run(*text, "--reason", " ")
    with pytest.raises(CommandError, match="No admin"):
        run(*text, "--reason", REASON, "--by", world.cast.mentor.email)
    with pytest.raises(CommandError, match="themselves"):
        run("person", world.cast.admin.email, "--reason", REASON, "--no-input")
    other = UserFactory.create(is_staff=True)
    with pytest.raises(CommandError, match="--by"):
        run(*text, "--reason", REASON)
    run(*text, "--reason", REASON, "--by", other.email)
    assert last_entry(world.cast.learner).author == other


# The admin ------------------------------------------------------------------------------------------------
def post(client: Client, address: str, **typed: str) -> Any:
    page = client.get(address).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return client.post(address, {"seen": seen, "reason": REASON, **typed})


def test_admin_looks_at_a_submission_and_each_look_is_logged(world: World, said: dict[str, UUID]) -> None:
    admin, work = world.client("admin"), world.reviewed.submission
    assert admin.get(reverse("admin:submissions_submission_changelist")).status_code == 200
    address = reverse("admin:submissions_submission_change", args=[work.pk])
    page = admin.get(address).content.decode()
    for shown in ("# Files", "flow.png", "Which one?", "Read."):
        assert shown in page
    for uuid in (world.picture.uuid, world.thread.comments.get().uuid, world.sent.uuid, world.reviewed.uuid):
        assert f"/{uuid}/" in page
    got = admin.get(reverse("admin:submission_file", args=[world.picture.uuid]))
    assert got.getvalue() == bytes_of(world.picture)
    assert LogEntry.objects.filter(object_id=str(work.pk), user=world.cast.admin).count() == 2
    assert admin.post(address, {"system": "x"}).status_code in (200, 403, 405)
    assert "# Files" in Version.objects.get(pk=world.reviewed.pk).text


def test_admin_sees_no_word_of_what_is_not_sent(world: World, said: dict[str, UUID]) -> None:
    admin = world.client("admin")
    for work in (world.begun.submission, world.draft.submission):
        page = admin.get(reverse("admin:submissions_submission_change", args=[work.pk])).content.decode()
        assert f"Draft {SECRET}" not in page
        assert f"Not yet {SECRET}" not in page
        assert "Not sent." not in page
        assert "# Draft" not in page
        assert "notes.md" not in page
    assert admin.get(reverse("admin:submission_file", args=[world.draft_file.uuid])).status_code == 404


def test_admin_erases_after_typing_the_word(world: World, said: dict[str, UUID]) -> None:
    admin, address = world.client("admin"), reverse("admin:erasure", args=["text", said["text"]])
    assert SECRET not in admin.get(address).content.decode()
    refused = post(admin, address, typed="delete")
    assert (refused.status_code, REASON in refused.content.decode()) == (422, True)
    assert post(admin, address, typed="erase", reason=" ").status_code == 422
    assert "erasure" not in Entry.objects.values_list("kind", flat=True)
    assert post(admin, address, typed="erase").status_code == 302
    assert Version.objects.get(uuid=said["text"]).text_erased_at
    assert "nothing left" in admin.get(address).content.decode()


def test_admin_erases_a_person_after_typing_the_address(world: World) -> None:
    admin, person = world.client("admin"), world.cast.fellow.user
    address = reverse("admin:erasure", args=["person", person.uuid])
    assert address in admin.get(reverse("admin:people_user_change", args=[person.pk])).content.decode()
    page = admin.get(address).content.decode()
    assert person.email in page
    assert post(admin, address, typed=person.name).status_code == 422
    assert post(admin, address, typed=person.email).status_code == 302
    person.refresh_from_db()
    assert person.erased_at
    own = reverse("admin:erasure", args=["person", world.cast.admin.uuid])
    assert "themselves" in admin.get(own).content.decode()
    assert (
        admin.post(
            own, {"seen": OnePerson(world.cast.admin).seen, "reason": "x", "typed": world.cast.admin.email}
        ).status_code
        == 422
    )
    world.cast.admin.refresh_from_db()
    assert world.cast.admin.erased_at is None


def test_admin_is_told_when_more_would_go_than_was_shown(world: World) -> None:
    admin = world.client("admin")
    address = reverse("admin:erasure", args=["person", world.cast.learner.user.uuid])
    seen = OnePerson(world.cast.learner.user).seen
    world.cast.hand_in(work=world.works[0], text="# Handed in meanwhile")
    form = {"seen": seen, "reason": REASON, "typed": world.cast.learner.user.email}
    told = admin.post(address, form)
    assert (told.status_code, "changed meanwhile" in told.content.decode()) == (422, True)
    again = told.content.decode().split('name="seen" value="')[1].split('"')[0]
    assert admin.post(address, form | {"seen": again}).status_code == 302


def test_address_of_nothing_is_missing(world: World) -> None:
    admin = world.client("admin")
    for kind in ("text", "file", "person", "tick", "entry", "nonsense"):
        assert admin.get(reverse("admin:erasure", args=[kind, uuid4()])).status_code == 404, kind


def test_blob_without_bytes_is_left(world: World) -> None:
    """`leave` looks at the rows as they are: bytes that another file names stay."""
    assert Blob.objects.get(pk=world.picture.blob_id).leave() is False
    assert store.holds(world.picture.blob.sha256)
