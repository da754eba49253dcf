"""manage.py verify finds what was done to the record behind its back, and nothing where nothing was."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from progress import triggers
from progress.erasing import OneEntry, OneFile
from progress.models import Defence, Entry, EntryText
from progress.verification import Verification, heads
from submissions import store
from submissions.models import Blob, File, Version
from tests.factories import MembershipFactory, UserFactory
from tests.progress.school import School, make_month

STEPS = ("claim", "met", "not_yet", "withdrawn", "defence", "erase")
History = list[tuple[str, int, bool]]
histories = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.booleans()), min_size=3, max_size=7
)


def rows(model: type[models.Model]) -> "models.QuerySet[Any]":
    """The rows without the model's own guard."""
    return models.QuerySet(model)


def play(school: School, history: History) -> None:
    """Append a history; a step that the rules refuse is left out. At least three entries come out of it."""
    for at, (step, criterion, with_evidence) in enumerate(history):
        evidence = {"version": school.version} if with_evidence else {}
        try:
            with transaction.atomic():
                if step == "claim":
                    school.claim(criterion, note=f"Claim {at}", **evidence)
                elif step == "defence":
                    school.defend(note=f"Defence {at}")
                elif step == "erase":
                    erase(school)
                else:
                    school.mark(criterion, step, note=f"Mark {at}", **evidence)
        except ValidationError:
            continue
    for at in range(3):
        school.mark(0, "not_yet", note=f"End {at}")


def erase(school: School) -> None:
    text = EntryText.objects.filter(entry__learner=school.learner, name="note", erased_at=None).first()
    if text is None:
        raise ValidationError("nothing to erase")
    OneEntry(text.entry.uuid).carry_out(UserFactory.create(is_staff=True), "Asked for.")


def problems(kept_heads: str = "") -> list[str]:
    found = Verification(kept_heads).problems()
    return [problem for problem in found if not problem.startswith(("trigger", "blob"))]


# What somebody with the database in hand might do ---------------------------------------------------------
Tamper = Callable[[School, st.DataObject], None]


def pick(data: st.DataObject, found: "models.QuerySet[Any]") -> Any:
    return data.draw(st.sampled_from(list(found.order_by("pk"))))


def edit_entry(school: School, data: st.DataObject) -> None:
    entry = pick(data, rows(Entry))
    other = MembershipFactory.create(cohort=school.cohort)
    month, (criterion,) = make_month(school.cohort, ["Another"])
    changes: dict[str, Any] = {
        "uuid": uuid4(),
        "number": entry.number + 100,
        "learner": other,
        "author": other.user,
        "at": entry.at + timedelta(microseconds=1),
        "month": month,
        "kind": "claim" if entry.kind == "complete" else "complete",
        "decision": "not_yet" if entry.decision == "met" else "met",
        "meaning": (entry.meaning or 0) + 1,
        "criterion": criterion,
        "version": None if entry.version_id else school.version,
        "defence": None if entry.defence_id else rows(Defence).first(),
        "anchor": None if entry.anchor_id else school.open_thread().anchor,
        "thread": school.open_thread(),
        "facts": entry.facts | {"more": 1},
        "before": "0" * 64,
        "digest": uuid4().hex * 2,
    }
    name = data.draw(
        st.sampled_from([name for name, value in changes.items() if value != getattr(entry, name)])
    )
    rows(Entry).filter(pk=entry.pk).update(**{name: changes[name]})


def edit_facts(school: School, data: st.DataObject) -> None:
    entry = pick(data, rows(Entry))
    facts = dict(entry.facts)
    name = data.draw(st.sampled_from(sorted(facts)))
    facts[name] = data.draw(st.sampled_from([None, [], ["x"], {"x": [1]}, 7]))
    rows(Entry).filter(pk=entry.pk).update(facts=facts)


def edit_text(school: School, data: st.DataObject) -> None:
    text = pick(data, rows(EntryText).filter(erased_at=None))
    changes = {
        "text": text.text + " ",
        "salt": "zz" if data.draw(st.booleans()) else "00" * 32,
        "name": "other",
        "erased_at": timezone.now(),
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    rows(EntryText).filter(pk=text.pk).update(**{name: changes[name]})


def blank_text(school: School, data: st.DataObject) -> None:
    """As an erasure does, without an entry that says so."""
    text = pick(data, rows(EntryText).filter(erased_at=None))
    rows(EntryText).filter(pk=text.pk).update(text="", salt="", erased_at=timezone.now())


def remove_text(school: School, data: st.DataObject) -> None:
    rows(EntryText).filter(pk=pick(data, rows(EntryText)).pk)._raw_delete("default")


def add_text(school: School, data: st.DataObject) -> None:
    entry = pick(data, rows(Entry))
    EntryText.objects.create(entry=entry, name="more", text="said later", salt="00" * 32)


def remove_entry(school: School, data: st.DataObject) -> None:
    """Any but the last: see the test of the kept heads."""
    last = rows(Entry).filter(learner=school.learner).order_by("-number")[0]
    entry = pick(data, rows(Entry).exclude(pk=last.pk))
    rows(EntryText).filter(entry=entry)._raw_delete("default")
    rows(Entry).filter(pk=entry.pk)._raw_delete("default")


def insert_entry(school: School, data: st.DataObject) -> None:
    """A copy of an entry at the end, or in the middle with all later ones moved up."""
    entry = pick(data, rows(Entry))
    if data.draw(st.booleans()):
        for later in rows(Entry).filter(learner=entry.learner, number__gte=entry.number).order_by("-number"):
            rows(Entry).filter(pk=later.pk).update(number=later.number + 1)
    else:
        entry.number = school.last + 1
    entry.pk, entry.uuid, entry.digest = None, uuid4(), uuid4().hex * 2
    rows(Entry).bulk_create([entry])


def swap_entries(school: School, data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(list(rows(Entry).order_by("pk"))))[:2]
    rows(Entry).filter(pk=one.pk).update(number=10_000)
    rows(Entry).filter(pk=other.pk).update(number=one.number)
    rows(Entry).filter(pk=one.pk).update(number=other.number)


def swap_texts(school: School, data: st.DataObject) -> None:
    found = list(rows(EntryText).filter(name="note", erased_at=None).order_by("pk"))
    one, other = data.draw(st.permutations(found))[:2]
    rows(EntryText).filter(pk=one.pk).update(text=other.text, salt=other.salt)
    rows(EntryText).filter(pk=other.pk).update(text=one.text, salt=one.salt)


def edit_evidence(school: School, data: st.DataObject) -> None:
    change = data.draw(st.sampled_from(["text", "link", "blob", "uuid"]))
    if change == "blob":
        rows(File).update(blob=Blob.objects.create(sha256="e" * 64, size=1))
    else:
        value = uuid4() if change == "uuid" else "https://other.example"
        rows(Version).update(**{change: value})


def edit_defence(school: School, data: st.DataObject) -> None:
    changes = {"minutes": 41, "outcome": "again", "note": "other", "at": timezone.now()}
    name = data.draw(st.sampled_from([*changes, "present", "versions"]))
    defence = pick(data, rows(Defence))
    if name == "present":
        defence.present.remove(school.mentor)
    elif name == "versions":
        defence.versions.clear()
    else:
        rows(Defence).filter(pk=defence.pk).update(**{name: changes[name]})


TAMPERS: list[Tamper] = [
    edit_entry,
    edit_facts,
    edit_text,
    blank_text,
    remove_text,
    add_text,
    remove_entry,
    insert_entry,
    swap_entries,
    swap_texts,
    edit_evidence,
    edit_defence,
]


class Undone(Exception):  # no error
    """Rolls an example back."""


@pytest.fixture
def unguarded(school: School) -> Iterator[School]:
    """A school whose record the database does not keep."""
    triggers.lift(connection)
    yield school
    triggers.install(connection)


def example(school: School, history: History, data: st.DataObject, tamper: Tamper) -> None:
    """Play a history, find nothing; do one thing to it, find something; leave no trace of either."""
    try:
        with transaction.atomic():
            school.defend()
            school.claim(1, version=school.version)
            play(school, history)
            assert problems() == [], "the control: nothing was done"
            tamper(school, data)
            assert problems() != []
            raise Undone
    except Undone:
        pass
    except IntegrityError:  # the constraints refuse some of it even without triggers
        reject()


quick = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
long = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
@quick
@given(history=histories, data=st.data())
def test_verify_finds_what_was_done(
    unguarded: School, tamper: Tamper, history: History, data: st.DataObject
) -> None:
    example(unguarded, history, data, tamper)


@pytest.mark.prove
@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
@long
@given(history=histories, data=st.data())
def test_verify_finds_what_was_done_in_many_histories(
    unguarded: School, tamper: Tamper, history: History, data: st.DataObject
) -> None:
    example(unguarded, history, data, tamper)


def test_verify_finds_a_cut_off_end_against_kept_heads(unguarded: School) -> None:
    unguarded.claim()
    unguarded.mark()
    kept = heads()
    assert problems(kept) == []
    unguarded.mark(1)
    assert problems(kept) == [], "a record that has grown is intact"
    last = list(rows(Entry).order_by("-number")[:3])
    rows(EntryText).filter(entry__in=last)._raw_delete("default")
    rows(Entry).filter(pk__in=[entry.pk for entry in last])._raw_delete("default")
    assert problems() == [], "the chain alone cannot tell"
    assert problems(kept) != []
    rows(EntryText).all()._raw_delete("default")
    rows(Entry).all()._raw_delete("default")
    assert problems(kept) != []


def test_verify_finds_a_rewritten_end_against_kept_heads(unguarded: School) -> None:
    unguarded.claim()
    kept = heads()
    rows(EntryText).all()._raw_delete("default")
    rows(Entry).all()._raw_delete("default")
    unguarded.claim(note="I never said that.")
    assert problems() == []
    assert problems(kept) != []


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def stored(school: School) -> School:
    """The file of the handed-in version has its bytes."""
    received = store.receive([b"# Overview"], limit=100)
    store.keep(received)
    triggers.lift(connection)
    Blob.objects.update(sha256=received.sha256)
    triggers.install(connection)
    return school


def test_verify_says_intact_and_counts_what_was_erased(stored: School, tmp_path: Path) -> None:
    assert run().startswith("intact, 0 erased")
    defence = stored.defend()
    stored.mark()
    admin = UserFactory.create(is_staff=True)
    for text in EntryText.objects.filter(name="note"):
        OneEntry(text.entry.uuid).carry_out(admin, "Asked for.")
    defence.refresh_from_db()
    assert defence.note == ""
    file = tmp_path / "heads"
    assert run("--keep-heads", str(file)).startswith("intact, 2 erased")
    assert run("--heads", str(file)).startswith("intact, 2 erased")


def test_verify_names_each_problem_and_fails(stored: School) -> None:
    stored.mark()
    triggers.lift(connection)
    rows(Entry).update(meaning=9)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=out)
    lines = out.getvalue().splitlines()
    assert f"learner {stored.learner.uuid}, entry 1: does not agree with its digest" in lines
    assert any(line.startswith("trigger cairn_progress_entry_update: ") for line in lines)
    triggers.install(connection)


def test_verify_finds_a_damaged_and_a_missing_file(stored: School) -> None:
    sha256 = Blob.objects.get().sha256
    path = store.path_of(sha256)
    path.chmod(0o640)
    path.write_bytes(b"# overview")
    assert list(Verification().problems()) == [f"blob {sha256}: is missing or damaged"]
    path.unlink()
    assert list(Verification().problems()) == [f"blob {sha256}: is missing or damaged"]
    OneFile(File.objects.get().uuid).carry_out(UserFactory.create(is_staff=True), "Asked for.")
    assert list(Verification().problems()) == [], "what was erased need not be there"


def test_verify_refuses_heads_that_were_not_signed_here(school: School, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    for content in (b"{}", b"\xff"):
        file.write_bytes(content)
        with pytest.raises(CommandError, match="no heads"):
            run("--heads", str(file))
