"""Erasing: what goes, what stays in its place, and who may."""

from io import StringIO
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from people.models import FORMER, Invitation, Membership, User
from progress import record
from progress.chain import append
from progress.erasing import KINDS, OneFile, OnePerson, OneText, one_text
from progress.models import Entry, EntryText
from submissions import store
from submissions.models import Anchor, Comment, File, Placement, Review, Submission, Thread, Version
from tests.factories import UserFactory
from tests.progress.secret import REASON, SECRET, bytes_of, counted, erase, everything, problems
from tests.routes import World


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
