"""What was erased cannot be guessed at: no digest of it is left but one whose salt went with it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from progress import erasing, record, triggers
from progress.chain import commitment, contents, digest_of
from progress.defence import record as record_defence
from progress.erasing import Erasure, OneFile, OnePerson, OneText
from progress.models import Entry, EntryText
from progress.standing import Standing
from submissions import store
from submissions.models import Blob, File, Review, Submission, Version
from submissions.sweep import sweep
from tests.progress.secret import REASON, bytes_of, counted, everything, problems, rows
from tests.routes import World, undone

TEXT, LINK = "# My PIN is 4711", "https://example.org/4711"
Ways = set[str]


@dataclass
class Work:
    """A version with a text, a link and a file, reviewed, and evidence of a claim, a mark and a defence."""

    version: Version
    file: File
    review: Review
    entries: list[Entry]

    @property
    def pieces(self) -> dict[str, bytes]:
        return {"text": TEXT.encode(), "link": LINK.encode(), "file": b"\x89 4711"}

    @property
    def salts(self) -> dict[str, str]:
        """What the rows with the salts are called."""
        version = self.version.uuid.hex
        return {"text": f"text:{version}", "link": f"link:{version}", "file": f"file:{self.file.uuid.hex}"}

    def erasure(self, kind: str) -> Erasure:
        if kind == "person":
            return OnePerson(self.version.submission.learner.user)
        return OneFile(self.file.uuid) if kind == "file" else OneText(kind, self.version.uuid)


@pytest.fixture
def work(world: World) -> Work:
    cast = world.cast
    version = Submission.objects.create(learner=cast.learner, project=cast.project).start_draft()
    version.save_draft(TEXT, LINK, "", version.revision)
    file = world.file(version, "pin.png", b"\x89 4711", "image", "image/png")
    version.submit()
    review = Review.objects.begin(version, cast.mentor)
    review.save_draft("comment", "Read.", review.revision)
    review.publish("comment")
    claim = record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=version)
    mark = record.mark(
        cast.learner, cast.criteria[0], cast.mentor, "not_yet", "No.", version=version, seen=claim.number
    )
    defence = record_defence(
        cast.learner,
        cast.month,
        cast.mentor,
        at=timezone.now(),
        minutes=40,
        present=[cast.learner.user, cast.mentor],
        versions=[version],
        outcome="passed",
        key=version.uuid,
    )
    review.refresh_from_db()
    return Work(version, file, review, [claim, mark, defence.entries.get()])


def ways(guess: bytes) -> Ways:
    """In which ways what is left in the database says that a guess is right."""
    left = everything()
    digest = sha256(guess).hexdigest()
    found = {"digest"} if digest in left else set()
    for salt in EntryText.objects.exclude(salt="").values_list("salt", flat=True):
        for said in (guess, digest.encode()):
            if sha256(bytes.fromhex(salt) + said).hexdigest() in left:
                found.add("salted")
    return found


def carry_out(erasure: Erasure, world: World, commit: DjangoCaptureOnCommitCallbacks) -> list[Entry]:
    with commit(execute=True):
        return erasure.carry_out(world.cast.admin, REASON)


# What a guess finds ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["text", "link", "file", "person"])
def test_guess_at_what_was_erased_finds_nothing(
    world: World, work: Work, kind: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    for guess in work.pieces.values():
        assert ways(guess) == {"digest", "salted"}, "the control"
    before = counted()
    carry_out(work.erasure(kind), world, django_capture_on_commit_callbacks)
    gone = work.pieces if kind == "person" else {kind: work.pieces[kind]}
    for name, guess in work.pieces.items():
        assert ways(guess) == (set() if name in gone else {"digest", "salted"}), name
    if kind != "person":
        assert counted() == before + 1, "for a reader one thing was erased"
    assert problems() == []


@pytest.mark.parametrize("kind", ["text", "link", "file"])
def test_salts_go_from_every_entry_and_the_record_names_them(world: World, work: Work, kind: str) -> None:
    shown = [part.names for part in work.erasure(kind).shown]
    assert "salt" not in str(shown)
    (erasure,) = work.erasure(kind).carry_out(world.cast.admin, REASON)
    name = work.salts[kind]
    blanked = list(EntryText.objects.filter(name=name).order_by("entry__number"))
    assert [text.entry for text in blanked] == work.entries
    assert {(text.text, text.salt, bool(text.erased_at)) for text in blanked} == {("", "", True)}
    assert erasure.facts["erased"] == sorted([str(entry.uuid), name] for entry in work.entries)
    assert EntryText.objects.filter(name__in=work.salts.values(), erased_at=None).count() == 6


def test_erased_before_it_was_evidence(world: World, work: Work) -> None:
    """From a form that was opened before: what was erased meanwhile gets no digest, salted or not."""
    stale = Version.objects.get(pk=work.version.pk)
    for kind in work.pieces:
        work.erasure(kind).carry_out(world.cast.admin, REASON)
    assert stale.text == TEXT
    entry = record.claim(world.cast.learner, world.cast.criteria[1], world.cast.learner.user, version=stale)
    held = {"text": None, "link": None, "files": {str(work.file.uuid): None}}
    assert entry.facts["evidence"] == {str(stale.uuid): held}
    assert not [text for text in entry.said.values() if text.is_salt]
    assert [line for line in problems() if "still on the disk" not in line] == []


def test_other_learners_file_does_not_give_the_erased_one_away(
    world: World, work: Work, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    theirs = Submission.objects.create(learner=world.cast.fellow, deliverable=world.works[0]).start_draft()
    other = world.file(theirs, "mine.png", bytes_of(work.file), "image", "image/png")
    assert other.blob_id == work.file.blob_id, "the control"
    carry_out(work.erasure("file"), world, django_capture_on_commit_callbacks)
    file = File.objects.get(pk=work.file.pk)
    assert file.blob_id != other.blob_id
    assert file.blob.size == other.blob.size
    assert store.holds(other.blob.sha256)
    carry_out(OneFile(other.uuid), world, django_capture_on_commit_callbacks)
    assert not Blob.objects.filter(sha256=other.blob.sha256).exists()
    assert problems() == []


def test_sweep_finishes_what_a_crash_or_an_older_release_left(world: World, work: Work) -> None:
    """No callback runs here after the rows are written: as if the process had died."""
    digests = work.review.digests
    for kind in work.pieces:
        work.erasure(kind).carry_out(world.cast.admin, REASON)
    triggers.lift(connection)
    rows(Review).filter(pk=work.review.pk).update(digests=digests)
    triggers.install(connection)
    assert [ways(guess) for guess in work.pieces.values()] == [{"digest"}] * 3, "the control"
    assert sweep().erased == 1
    assert [ways(guess) for guess in work.pieces.values()] == [set()] * 3
    named = File.objects.get(pk=work.file.pk).blob.sha256
    assert sweep().erased == 0
    assert File.objects.get(pk=work.file.pk).blob.sha256 == named, "once is enough"


def test_review_keeps_the_digests_of_the_rest_in_their_places(world: World, work: Work) -> None:
    text, link, file = work.review.digests
    OneText("link", work.version.uuid).carry_out(world.cast.admin, REASON)
    assert Review.objects.get(pk=work.review.pk).digests == [text, "", file]
    assert Version.objects.get(pk=work.version.pk).digests() == [text, file]
    OneFile(work.file.uuid).carry_out(world.cast.admin, REASON)
    assert Review.objects.get(pk=work.review.pk).digests == [text, "", ""]
    assert link not in everything()


# What verify finds ----------------------------------------------------------------------------------------
def swap(work: Work) -> None:
    one, other = (rows(EntryText).get(entry=entry, name=work.salts["text"]) for entry in work.entries[:2])
    rows(EntryText).filter(pk=one.pk).update(salt=other.salt)
    rows(EntryText).filter(pk=other.pk).update(salt=one.salt)


def one(work: Work, kind: str = "text") -> Any:
    return rows(EntryText).filter(entry=work.entries[0], name=work.salts[kind])


def other_blob(work: Work) -> None:
    rows(File).filter(pk=work.file.pk).update(blob=Blob.objects.create(sha256="e" * 64, size=6))


TAMPERS: dict[str, Callable[[Work], object]] = {
    "another salt": lambda work: one(work).update(salt="00" * 32),
    "no salt": lambda work: one(work, "link").update(salt=""),
    "a salt blanked": lambda work: one(work, "file").update(salt="", erased_at=timezone.now()),
    "a salt gone": lambda work: one(work)._raw_delete("default"),
    "a salt with words": lambda work: one(work).update(text="words"),
    "salts swapped": swap,
    "the text": lambda work: rows(Version).filter(pk=work.version.pk).update(text=f"{TEXT} "),
    "no text": lambda work: rows(Version).filter(pk=work.version.pk).update(text=""),
    "the link": lambda work: rows(Version).filter(pk=work.version.pk).update(link=f"{LINK}/"),
    "the bytes": other_blob,
    "the file's id": lambda work: rows(File).filter(pk=work.file.pk).update(uuid=UUID(int=1)),
    "a file gone": lambda work: rows(File).filter(pk=work.file.pk)._raw_delete("default"),
}


def found(work: Work) -> list[str]:
    """What verify says of the entries."""
    return [line for line in problems() if ", entry " in line]


def test_verify_finds_what_was_done_to_evidence_and_to_salts(world: World, work: Work) -> None:
    assert problems() == [], "the control"
    triggers.lift(connection)
    for name, tamper in TAMPERS.items():
        with undone():
            tamper(work)
            assert found(work), name
    triggers.install(connection)


def test_verify_finds_what_was_done_beside_an_erasure(world: World, work: Work) -> None:
    """The text is erased; everything else is still held against the record."""
    work.erasure("text").carry_out(world.cast.admin, REASON)
    assert problems() == [], "the control"
    triggers.lift(connection)
    back: dict[str, Callable[[Work], object]] = {
        "the text back": lambda work: (
            rows(Version).filter(pk=work.version.pk).update(text=TEXT, text_erased_at=None)
        ),
        "a salt back": lambda work: one(work).update(salt="00" * 32, erased_at=None),
    }
    for name in ("the link", "the bytes", "the file's id", "a file gone", "no salt", "a salt blanked"):
        back[name] = TAMPERS[name]
    for name, tamper in back.items():
        with undone():
            tamper(work)
            assert found(work), name
    triggers.install(connection)


def test_verify_finds_something_where_there_was_nothing(world: World) -> None:
    """Null in an entry: an empty link, and no salt for it."""
    cast = world.cast
    entry = record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=world.waiting)
    held = entry.facts["evidence"][str(world.waiting.uuid)]
    assert (held["link"], held["files"], bool(held["text"])) == (None, {}, True)
    assert f"link:{world.waiting.uuid.hex}" not in entry.said
    assert problems() == [], "the control"
    triggers.lift(connection)
    rows(Version).filter(pk=world.waiting.pk).update(link=LINK)
    assert any("was changed (link:" in line for line in problems())
    triggers.install(connection)


@pytest.mark.parametrize("kind", ["text", "link", "file", "person"])
def test_salts_that_stay_are_found(
    world: World,
    work: Work,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The control, with the guard off: a guess is right, and verify says so."""
    monkeypatch.setattr(erasing, "salts_of", lambda learner, things: [])
    carry_out(work.erasure(kind), world, django_capture_on_commit_callbacks)
    gone = [kind] if kind != "person" else list(work.pieces)
    assert [ways(work.pieces[one]) for one in gone] == [{"salted"}] * len(gone)
    lines = problems()
    assert len(lines) == 3 * len(gone)
    assert all("is still there" in line for line in lines)


# Entries of form 1 ----------------------------------------------------------------------------------------
def of_form_1(work: Work) -> Entry:
    """A claim as releases before form 2 made it."""
    last = work.entries[-1]
    entry = Entry(
        learner=last.learner,
        number=last.number + 1,
        before=last.digest,
        kind="claim",
        author=last.learner.user,
        at=timezone.now(),
        month=last.month,
        criterion=work.entries[0].criterion,
        meaning=1,
        version=work.version,
    )
    salt, name = "5a" * 32, str(last.learner.user)
    entry.facts = {
        "form": 1,
        "texts": {"author": commitment(salt, name)},
        "evidence": {str(work.version.uuid): contents(work.version)},
    }
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    EntryText.objects.create(entry=entry, name="author", salt=salt, text=name)
    return entry


def test_entry_of_form_1_is_verified_as_it_is(world: World, work: Work) -> None:
    entry = of_form_1(work)
    held = entry.facts["evidence"][str(work.version.uuid)]
    assert held["text"] == sha256(TEXT.encode()).hexdigest()
    assert problems() == []
    triggers.lift(connection)
    for name in ("the text", "no text", "the link", "the bytes", "the file's id", "a file gone"):
        with undone():
            TAMPERS[name](work)
            assert any(f"entry {entry.number}: its evidence" in line for line in problems()), name
    with undone():
        rows(Entry).filter(pk=entry.pk).update(facts=entry.facts | {"form": 3})
        assert any("is of form 3" in line for line in problems())
    triggers.install(connection)


def test_entry_of_form_1_stays_whole_after_an_erasure_and_keeps_its_digests(
    world: World, work: Work, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """What README says of them: the chain would break if they went."""
    entry = of_form_1(work)
    for kind in ("text", "file"):
        carry_out(work.erasure(kind), world, django_capture_on_commit_callbacks)
    assert problems() == []
    assert ways(work.pieces["text"]) == ways(work.pieces["file"]) == {"digest"}
    triggers.lift(connection)
    rows(Version).filter(pk=work.version.pk).update(link=f"{LINK}/")
    assert any(f"entry {entry.number}: its evidence" in line for line in problems())
    triggers.install(connection)


# What a reader gets, and what the database refuses --------------------------------------------------------
def test_salts_are_nothing_to_read(world: World, work: Work) -> None:
    cast = world.cast
    month = Standing(cast.learner, cast.month)
    read = [text for one in month.criteria.values() for entry in one.chain for text in entry.said.values()]
    assert {"author", "wording", "evidence"} <= {text.name for text in read}
    assert not [text for text in read if text.is_salt]
    for client, address in (
        ("mentor", reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])),
        ("admin", reverse("admin:submissions_submission_change", args=[work.version.submission_id])),
    ):
        page = world.client(client).get(address)
        assert page.status_code == 200, address
        assert not [name for name in work.salts.values() if name in page.content.decode()], address


def test_database_lets_digests_go_only_after_an_erasure(world: World, work: Work) -> None:
    review, file = rows(Review).filter(pk=work.review.pk), rows(File).filter(pk=work.file.pk)
    nameless = Blob.objects.create(sha256=f"erased-{'0' * 32}", size=6)

    def refused(row: Any, **change: Any) -> None:
        with pytest.raises(IntegrityError, match="is kept as it is"), transaction.atomic():
            row.update(**change)

    refused(review, digests=[])
    refused(file, blob=nameless)
    work.erasure("file").carry_out(world.cast.admin, REASON)
    refused(review, digests=work.review.digests)
    refused(review, digests=[], verdict="accept")
    refused(file, blob=world.picture.blob)
    refused(file, blob=nameless, pages=7)
    assert review.update(digests=[]) == 1
    assert file.update(blob=nameless) == 1


def test_nothing_is_left_to_erase_twice(world: World, work: Work) -> None:
    work.erasure("text").carry_out(world.cast.admin, REASON)
    with pytest.raises(ValidationError, match="nothing left"):
        work.erasure("text").carry_out(world.cast.admin, REASON)
