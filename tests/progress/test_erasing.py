"""Erasing: what goes, what stays in its place, who may, and that verify finds what was done without it or half."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from people.models import FORMER, Invitation, Membership, User
from progress import record, triggers
from progress.chain import append
from progress.erasing import KINDS, Erasure, OneFile, OnePerson, OneText, one_text
from progress.models import Completion, Entry, EntryText
from progress.verification import Verification
from submissions import store
from submissions.models import (
    Anchor,
    Blob,
    Comment,
    File,
    Placement,
    Review,
    Said,
    Submission,
    Thread,
    Version,
)
from tests.factories import UserFactory
from tests.routes import World, our_rows, undone

SECRET = "hunter2-is-the-password"
REASON = "A password was in it."


def problems() -> list[str]:
    return [line for line in Verification().problems() if not line.startswith("trigger")]


def counted() -> int:
    """How many erased things verify counts."""
    verification = Verification()
    assert [line for line in verification.problems() if not line.startswith("trigger")] == []
    return verification.erased


def rows(model: type[models.Model]) -> "models.QuerySet[Any]":
    """The rows without the model's own guard."""
    return models.QuerySet(model)


def last_entry(learner: Membership) -> Entry:
    return Entry.objects.filter(learner=learner).order_by("-number")[0]


def bytes_of(file: File) -> bytes:
    return store.path_of(file.blob.sha256).read_bytes()


def everything() -> str:
    """Every text column of every table of ours, to look for what should be gone."""
    return str([list(row.values()) for table in our_rows().values() for row in table])


@pytest.fixture
def said(world: World) -> dict[str, UUID]:
    """The id of one text of each kind, every one of which holds the secret."""
    cast = world.cast
    submission = Submission.objects.create(
        learner=cast.learner, project=cast.project, system=f"A {SECRET} store"
    )
    draft = submission.start_draft()
    link = f"https://example.org/{SECRET}"
    draft.save_draft(f"# {SECRET}", link, f"Note {SECRET}", draft.revision)
    draft.submit()
    review = Review.objects.begin(draft, cast.mentor)
    thread = Thread.objects.open(draft, cast.mentor, Said(f"Take {SECRET} out", uuid4(), "must"), review)
    review.save_draft("changes", f"You left {SECRET} in", review.revision)
    review.publish("changes")
    review.withdraw(cast.mentor, f"I repeated {SECRET}")
    Completion.objects.note(cast.learner, cast.task, f"See {SECRET}")
    entry = record.mark(
        cast.learner, cast.criteria[0], cast.mentor, "met", f"Because {SECRET}", version=draft, seen=0
    )
    # Of another, unsent review and a draft.
    world.review.save_draft("", f"Draft {SECRET}", world.review.revision, {"x-note": f"Not yet {SECRET}"})
    world.draft.save_draft("# Draft", "", "", world.draft.revision, {"x": {"act": "", "body": SECRET}})
    return {
        "text": draft.uuid,
        "link": draft.uuid,
        "note": draft.uuid,
        "comment": thread.comments.get().uuid,
        "summary": review.uuid,
        "withdrawal": review.uuid,
        "system": submission.uuid,
        "tick": Completion.objects.get(learner=cast.learner, task=cast.task).uuid,
        "entry": entry.uuid,
        "marks": world.review.uuid,
        "answers": world.draft.uuid,
    }


# One text -------------------------------------------------------------------------------------------------
def test_each_kind_of_text_goes_and_the_record_says_so(world: World, said: dict[str, UUID]) -> None:
    assert said.keys() == KINDS.keys()
    for kind, uuid in said.items():
        before = everything().count(SECRET)
        erasure = one_text(kind, uuid)
        assert SECRET not in str([part.names for part in erasure.shown])
        (entry,) = erasure.carry_out(world.cast.admin, REASON)
        assert everything().count(SECRET) < before, kind
        assert (entry.kind, entry.author, entry.note) == ("erasure", world.cast.admin, REASON)
        named = entry.facts["things"] + entry.facts["erased"]
        assert str(uuid) in str(named), kind
        with pytest.raises((ValidationError, ObjectDoesNotExist)):
            one_text(kind, uuid).carry_out(world.cast.admin, REASON)
    OneText("summary", world.review.uuid).carry_out(world.cast.admin, REASON)
    assert SECRET not in everything()
    assert counted() == 7  # text, link, note, comment, summary, withdrawal; and the note of the mark


def test_page_shows_that_something_was_erased(world: World, said: dict[str, UUID]) -> None:
    work = Version.objects.get(uuid=said["text"]).submission
    mentor, learner = world.client("mentor"), world.client("learner")
    before = mentor.get(work.get_absolute_url()).content.decode()
    for kind in ("text", "link", "note", "comment", "summary", "withdrawal", "entry"):
        one_text(kind, said[kind]).carry_out(world.cast.admin, REASON)
    day = f"(erased on {timezone.localdate().day} "
    assert before.count(SECRET) >= 7
    assert day not in before
    for client in (mentor, learner):
        page = client.get(work.get_absolute_url()).content.decode()
        assert page.count(SECRET) == 1  # the system, which was left
        assert page.count(day) >= 7


def test_the_same_text_in_later_versions_and_the_draft_goes_too(world: World) -> None:
    cast = world.cast
    first = cast.hand_in(work=world.works[0], text=f"# {SECRET}")
    second = cast.hand_in(work=world.works[0], text=f"# {SECRET}")
    third = cast.hand_in(work=world.works[0], text="# Something else")
    draft = first.submission.start_draft()
    draft.save_draft(f"# {SECRET}", "", "", draft.revision)
    (entry,) = OneText("text", first.uuid).carry_out(cast.admin, REASON)
    assert sorted(entry.facts["things"]) == sorted(
        [["text", str(first.uuid)], ["text", str(second.uuid)], ["unsent", str(draft.uuid)]]
    )
    assert Version.objects.get(pk=third.pk).text == "# Something else"
    fresh = Version.objects.get(pk=draft.pk)
    assert (fresh.text, fresh.text_erased_at) == ("", None)
    assert fresh.revision == draft.revision + 1, "a page that is open on it is told"


def test_unsent_comment_is_taken_out(world: World) -> None:
    comment = Comment.objects.get(thread=world.unsent)
    (entry,) = OneText("comment", comment.uuid).carry_out(world.cast.admin, REASON)
    assert entry.facts["things"] == [["unsent", str(comment.uuid)]]
    assert not Thread.objects.filter(pk=world.unsent.pk).exists()


def test_quotes_of_an_erased_text_go_with_it(world: World) -> None:
    version = world.cast.hand_in(work=world.works[0], text=SECRET)
    anchor = Anchor.objects.create(version=version, selectors=[{"exact": SECRET}])
    Placement.objects.create(anchor=anchor, version=version, state="exact", selectors=[{"exact": SECRET}])
    other = Anchor.objects.create(version=world.reviewed, selectors=[{"exact": "other"}])
    OneText("text", version.uuid).carry_out(world.cast.admin, REASON)
    assert SECRET not in everything()
    assert Anchor.objects.get(pk=other.pk).selectors


def test_version_with_something_erased_is_not_taken_back(world: World) -> None:
    version = world.cast.hand_in(work=world.works[0], text="# x")
    OneText("text", version.uuid).carry_out(world.cast.admin, REASON)
    with pytest.raises(ValidationError, match="erased"):
        version.take_back()
    with pytest.raises(IntegrityError, match="is kept as it is"), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(number=None, submitted_at=None)


# One file -------------------------------------------------------------------------------------------------
def test_file_loses_its_bytes_and_its_name(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sha256, address = world.picture.blob.sha256, world.picture.url
    learner = world.client("learner")
    assert learner.get(address).getvalue()
    with django_capture_on_commit_callbacks(execute=True):
        (entry,) = OneFile(world.picture.uuid).carry_out(world.cast.admin, REASON)
        assert store.holds(sha256), "the bytes go when it is certain that the rows did"
    assert not store.holds(sha256)
    file = File.objects.get(pk=world.picture.pk)
    assert (file.name, bool(file.erased_at)) == ("", True)
    assert entry.facts["things"] == [["file", str(file.uuid)]]
    assert counted() == 1
    gone = learner.get(address)
    assert gone.status_code == 410
    assert b"erased on" in gone.content
    page = learner.get(world.reviewed.submission.get_absolute_url()).content.decode()
    assert "flow.png" not in page
    assert page.count("Erased file") >= 1


def test_same_bytes_go_everywhere_at_that_learner_and_stay_at_another(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    cast = world.cast
    in_draft = world.file(world.draft, "again.png", bytes_of(world.picture), "image", "")
    theirs = Submission.objects.create(learner=cast.fellow, deliverable=world.works[0]).start_draft()
    other = world.file(theirs, "mine.png", bytes_of(world.picture), "image", "image/png")
    erasure = OneFile(world.picture.uuid)
    assert "other people" in erasure.warning
    with django_capture_on_commit_callbacks(execute=True):
        erasure.carry_out(cast.admin, REASON)
    assert not File.objects.filter(pk=in_draft.pk).exists()
    assert File.objects.get(pk=other.pk).erased_at is None
    assert store.holds(world.picture.blob.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        OneFile(other.uuid).carry_out(cast.admin, REASON)
    assert not store.holds(world.picture.blob.sha256)


def test_bytes_that_stayed_after_a_crash_are_found_and_swept(world: World) -> None:
    """No callback runs here after the rows are written: as if the process had died."""
    OneFile(world.picture.uuid).carry_out(world.cast.admin, REASON)
    (line,) = problems()
    assert "still on the disk" in line
    out = StringIO()
    call_command("sweep", stdout=out)
    assert "1 of erased files" in out.getvalue()
    assert not store.holds(world.picture.blob.sha256)
    assert problems() == []


# One person -----------------------------------------------------------------------------------------------
def erase(person: User, admin: User) -> list[Entry]:
    return OnePerson(User.objects.get(pk=person.pk)).carry_out(admin, "Asked to be forgotten.")


def test_learner_is_forgotten_and_the_record_stands(
    world: World,
    said: dict[str, UUID],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    cast = world.cast
    person, learner = cast.learner.user, world.client("learner")
    email = person.email
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    Authenticator.objects.create(user=person, type="totp", data={})
    invitation = Invitation.objects.create(cohort=cast.cohort, email=email, name=person.name)
    LogEntry.objects.log_actions(cast.admin.pk, [cast.learner], CHANGE, change_message="Ended.")
    LogEntry.objects.log_actions(cast.admin.pk, [cast.cohort], CHANGE, change_message=f"Told {person.name}.")
    before = Entry.objects.filter(learner=cast.learner).count()
    assert person.name in everything()

    with django_capture_on_commit_callbacks(execute=True):
        entries = erase(person, cast.admin)

    assert [entry.learner_id for entry in entries] == [cast.learner.pk]
    assert ["person", str(person.uuid)] in entries[0].facts["things"]
    assert Entry.objects.filter(learner=cast.learner).count() == before + 1
    kept = everything() + str(list(LogEntry.objects.values()))
    for word in (SECRET, person.name, email, "# Files", "Read.", "flow.png", "Which one?"):
        assert word not in kept, word
    person.refresh_from_db()
    assert (person.name, person.is_active, person.has_usable_password()) == (FORMER, False, False)
    assert str(person) == "Former\N{NO-BREAK SPACE}member"
    for model in (EmailAddress, Authenticator):
        assert not model.objects.filter(user=person).exists()
    assert not Session.objects.filter(pk=learner.cookies["session"].value).exists()
    invitation.refresh_from_db()
    assert (invitation.is_open, bool(invitation.email)) == (False, True), "it must not become a shared link"
    assert not Membership.objects.filter(user=person, ended_at=None).exists()
    assert learner.get("/account/").status_code == 302
    assert counted() > 10
    assert Entry.objects.filter(learner=cast.learner, kind="mark", decision="met").exists()


def test_pages_about_a_forgotten_learner_still_work(world: World, said: dict[str, UUID]) -> None:
    cast = world.cast
    erase(cast.learner.user, cast.admin)
    mentor = world.client("mentor")
    for address in (
        reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug]),
        reverse("progress:learner_path", args=[cast.learner.uuid]),
        reverse("progress:cohort_detail", args=[cast.cohort.uuid]),
        reverse("progress:desk"),
        reverse("progress:desk") + "?show=reviewed",
        world.reviewed.submission.get_absolute_url(),
        Version.objects.get(uuid=said["text"]).submission.get_absolute_url(),
    ):
        page = mentor.get(address)
        assert page.status_code == 200, address
        assert "Ines" not in page.content.decode(), address
    admin = world.client("admin")
    for name, pk in (
        ("people_user", cast.learner.user_id),
        ("people_membership", cast.learner.pk),
        ("submissions_submission", world.reviewed.submission_id),
    ):
        assert admin.get(reverse(f"admin:{name}_change", args=[pk])).status_code == 200


def test_mentor_is_forgotten_in_every_record_and_their_words_stay(world: World) -> None:
    cast = world.cast
    mark = record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Well argued.", seen=0)
    record.mark(cast.fellow, cast.criteria[0], cast.mentor, "met", "Clear.", seen=0)
    record.mark(cast.fellow, cast.criteria[1], world.colleague, "met", "Fine.", seen=0)
    name = cast.mentor.name

    entries = erase(cast.mentor, cast.admin)

    assert {entry.learner_id for entry in entries} == {cast.learner.pk, cast.fellow.pk}
    assert name not in everything()
    assert Entry.objects.get(pk=mark.pk).note == "Well argued."
    assert Entry.objects.get(pk=mark.pk).who == "Former\N{NO-BREAK SPACE}member"
    assert Comment.objects.get(thread=world.thread).body == "Which one?"
    assert Review.objects.get(pk=world.sent.pk).summary == "Read."
    assert not Review.objects.drafts().filter(mentor=cast.mentor).exists()
    assert Membership.objects.get(pk=cast.learner.pk).mentor is None
    assert problems() == []
    page = world.client("learner").get(world.reviewed.submission.get_absolute_url()).content.decode()
    assert "Former\N{NO-BREAK SPACE}member" in page
    assert "Which one?" in page
    assert "Colleague" in str(EntryText.objects.filter(entry__learner=cast.fellow).values_list("text"))


def test_erased_person_appends_nothing(world: World) -> None:
    """Such as from a request that was let in just before."""
    cast = world.cast
    stale = User.objects.get(pk=cast.mentor.pk)
    erase(cast.mentor, cast.admin)
    with pytest.raises(PermissionDenied), transaction.atomic():
        append(cast.learner, Entry.Kind.CLAIM, stale, texts={})


# Who may --------------------------------------------------------------------------------------------------
def test_only_an_admin_erases(world: World) -> None:
    for name in ("learner", "mentor", "other_mentor", "deactivated"):
        author = world.user(name)
        assert author
        for erasure in (
            OneFile(world.picture.uuid),
            OneText("text", world.reviewed.uuid),
            OnePerson(world.cast.fellow.user),
        ):
            with pytest.raises(PermissionDenied):
                erasure.carry_out(author, REASON)
    assert "erasure" not in Entry.objects.values_list("kind", flat=True)


def test_admin_who_was_erased_meanwhile_erases_nobody(world: World) -> None:
    """So of two admins who erase each other at once, one is left: the rows of all admins are taken first."""
    other = UserFactory.create(is_staff=True, is_superuser=True)
    stale = User.objects.get(pk=other.pk)
    erase(other, world.cast.admin)
    with pytest.raises(PermissionDenied):
        erase(world.cast.admin, stale)
    assert User.objects.filter(is_staff=True, is_active=True).count() == 1


def test_nobody_erases_themselves(world: World) -> None:
    with pytest.raises(ValidationError, match="themselves"):
        erase(world.cast.admin, world.cast.admin)


def test_reason_is_asked_for(world: World) -> None:
    for reason in ("", "  ", "a\0b", "x" * 200_001):
        with pytest.raises(ValidationError):
            OneText("text", world.reviewed.uuid).carry_out(world.cast.admin, reason)
    assert Version.objects.get(pk=world.reviewed.pk).text == "# Files"


def test_person_without_a_record_is_found_in_the_log(world: World) -> None:
    other = UserFactory.create(is_staff=True)
    assert erase(other, world.cast.admin) == []
    line = LogEntry.objects.get(object_id=str(other.pk))
    assert (line.user_id, "Asked to be forgotten." in line.change_message) == (world.cast.admin.pk, True)
    assert line.object_repr == "Former\N{NO-BREAK SPACE}member"


def test_log_keeps_other_people_with_a_longer_name(world: World) -> None:
    short = UserFactory.create(name="Al", email="al@example.org")
    LogEntry.objects.log_actions(
        world.cast.admin.pk, [world.cast.cohort], CHANGE, change_message="Told Albert and Al."
    )
    erase(short, world.cast.admin)
    assert LogEntry.objects.filter(change_message=f"Told Albert and {FORMER}.").exists()


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
