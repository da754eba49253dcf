"""What may be appended to the record, by whom, and what it adds up to."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Criterion
from people.models import Membership
from progress import record
from progress.chain import canonical, commitment, digest_of
from progress.defence import record as record_defence
from progress.erasing import OneEntry
from progress.evidence import choices, find
from progress.models import Entry, EntryText, NeverChanged
from progress.record import Stale
from progress.standing import CriterionStanding, Standing, State, Sum, sums
from submissions.ladder import places
from submissions.models import Anchor, Review, Thread, Version
from submissions.reading import reading_of
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of
from tests.progress.school import School, hand_in, make_month


def state_of(school: School, criterion: int = 0) -> State:
    return Standing(school.learner, school.month).criteria[school.criteria[criterion].pk].state


# Claims ---------------------------------------------------------------------------------------------------
def test_claim_is_the_learners_alone(school: School) -> None:
    classmate = MembershipFactory.create(cohort=school.cohort).user
    for other in (school.mentor, classmate, UserFactory.create(is_staff=True, is_superuser=True)):
        with pytest.raises(PermissionDenied):
            record.claim(school.learner, school.criteria[0], other, note="Met.")
    assert school.kinds == []
    school.claim()
    assert school.kinds == ["claim"]


def test_claim_of_an_ended_membership_is_refused(school: School) -> None:
    school.learner.ended_at = timezone.now()
    school.learner.save()
    with pytest.raises(PermissionDenied):
        school.claim()


def test_claim_needs_evidence_or_a_note(school: School) -> None:
    with pytest.raises(ValidationError) as refused:
        school.claim(note="  ")
    assert "evidence" in refused.value.message_dict
    school.claim(note="", version=school.version)
    assert state_of(school) == State.CLAIMED


def test_claim_sent_twice_is_one(school: School) -> None:
    first = school.claim(version=school.version)
    assert school.claim(version=school.version) == first
    assert school.claim(note="Better said.") != first


def test_claim_of_a_met_criterion_is_refused(school: School) -> None:
    school.mark()
    with pytest.raises(ValidationError):
        school.claim()
    assert school.kinds == ["met"]


def test_claim_takes_only_ones_own_submitted_work_as_evidence(school: School) -> None:
    classmate = MembershipFactory.create(cohort=school.cohort)
    foreign = hand_in(classmate, school.month, 2)
    draft = school.submission.versions.create(text="not yet")
    for version in (foreign, draft):
        with pytest.raises(ValidationError) as refused:
            school.claim(version=version)
        assert "evidence" in refused.value.message_dict
    assert school.kinds == []


def test_evidence_keeps_its_version_from_being_taken_back(school: School) -> None:
    assert school.version.why_kept() == ""
    school.claim(version=school.version)
    assert school.version.why_kept() != ""


# Marks ----------------------------------------------------------------------------------------------------
def test_mark_is_for_mentors_of_the_cohort_now(school: School) -> None:
    stranger = mentor_of(CohortFactory.create())
    gone = mentor_of(school.cohort)
    Membership.objects.filter(user=gone).update(ended_at=timezone.now())
    inactive = mentor_of(school.cohort, is_active=False)
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    for other in (school.user, stranger, gone, inactive, admin):
        with pytest.raises(PermissionDenied):
            school.mark(mentor=other)
    assert school.kinds == []


def test_mark_of_oneself_is_refused(school: School) -> None:
    """A person who mentors the cohort may once have learnt in it."""
    old = MembershipFactory.create(cohort=school.cohort, user=school.mentor, ended_at=timezone.now())
    with pytest.raises(PermissionDenied):
        record.mark(old, school.criteria[0], school.mentor, "met", "I am good.", seen=0)


def test_mark_of_a_mentors_membership_is_refused(school: School) -> None:
    other = Membership.objects.get(user=school.other_mentor)
    with pytest.raises(PermissionDenied):
        record.mark(other, school.criteria[0], school.mentor, "met", "Kind.", seen=0)


@pytest.mark.parametrize(
    ("decision", "field"),
    [("met", "evidence"), ("not_yet", "note"), ("withdrawn", "note"), ("great", "decision")],
)
def test_mark_without_reason_is_refused(school: School, decision: str, field: str) -> None:
    school.mark()
    with pytest.raises(ValidationError) as refused:
        school.mark(decision=decision, note=" ")
    assert list(refused.value.message_dict) == [field]
    assert school.kinds == ["met"]


def test_mark_not_yet_needs_a_note_even_with_evidence(school: School) -> None:
    with pytest.raises(ValidationError):
        school.mark(decision="not_yet", note="", version=school.version)


def test_mark_names_its_evidence(school: School) -> None:
    thread, defence = school.open_thread(), school.defend()
    by_version = school.mark(note="", version=school.version)
    by_thread = school.mark(note="", thread=thread)
    by_defence = school.mark(note="", defence=defence)
    assert by_version.version == school.version
    assert by_version.anchor is not None
    assert (by_thread.thread, by_thread.anchor, by_thread.version) == (thread, thread.anchor, school.version)
    assert by_defence.defence == defence
    held = {"text", "link", "files"}
    for entry in (by_version, by_thread, by_defence):
        assert entry.facts["evidence"][str(school.version.uuid)].keys() == held
    assert by_version.evidence == "Architecture overview, version 1"


def test_mark_takes_one_piece_of_evidence(school: School) -> None:
    with pytest.raises(ValidationError):
        school.mark(version=school.version, defence=school.defend())


def test_mark_takes_no_foreign_or_unsent_evidence(school: School) -> None:
    classmate = MembershipFactory.create(cohort=school.cohort)
    foreign = hand_in(classmate, school.month, 2)
    unsent = school.open_thread()
    review = Review.objects.create(version=school.version, mentor=school.other_mentor)
    Thread.objects.filter(pk=unsent.pk).update(review=review)
    foreign_defence = record_defence(
        classmate,
        school.month,
        school.mentor,
        at=timezone.now(),
        minutes=10,
        present=[classmate.user, school.mentor],
        versions=[],
        outcome="passed",
        key=uuid4(),
    )
    for evidence in ({"version": foreign}, {"thread": unsent}, {"defence": foreign_defence}):
        with pytest.raises(ValidationError):
            school.mark(**evidence)
    assert school.kinds == []


def test_mark_stands_until_the_next(school: School) -> None:
    school.mark(decision="not_yet", note="The contract is missing.")
    assert state_of(school) == State.NOT_YET
    school.claim(note="Added.")
    assert state_of(school) == State.CLAIMED
    school.mark()
    assert state_of(school) == State.MET
    school.mark(decision="withdrawn", note="Wrong learner.")
    assert state_of(school) == State.NONE
    assert school.kinds == ["not_yet", "claim", "met", "withdrawn"]


def test_mark_withdraws_only_what_stands(school: School) -> None:
    with pytest.raises(ValidationError):
        school.mark(decision="withdrawn")
    school.mark()
    school.mark(decision="withdrawn")
    with pytest.raises(ValidationError):
        school.mark(decision="withdrawn", note="Again.")


def test_mark_after_another_one_is_stale(school: School) -> None:
    first = school.mark(decision="not_yet", note="Not for me.")
    with pytest.raises(Stale) as stale:
        school.mark(mentor=school.other_mentor, note="Fine.", seen=0)
    assert stale.value.entry == first
    assert stale.value.entry.note == "Not for me."
    school.mark(mentor=school.other_mentor, note="Fine.", seen=first.number)
    assert school.kinds == ["not_yet", "met"]


def test_mark_is_not_stale_after_a_claim_or_another_criterion(school: School) -> None:
    school.claim()
    school.mark(criterion=1, seen=0)
    school.mark(seen=0)
    assert school.kinds == ["claim", "met", "met", "complete"]


def test_mark_sent_twice_is_one(school: School) -> None:
    first = school.mark(seen=0)
    assert school.mark(seen=0) == first
    assert school.kinds == ["met"]
    with pytest.raises(Stale):
        school.mark(seen=0, note="Another text in a second tab.")


def test_mark_of_an_archived_or_foreign_criterion_is_refused(school: School) -> None:
    _month, (foreign,) = make_month(CohortFactory.create(), ["Elsewhere"])
    Criterion.objects.filter(pk=school.criteria[1].pk).update(archived_at=timezone.now())
    for criterion in (foreign, school.criteria[1]):
        with pytest.raises(ValidationError):
            record.mark(school.learner, criterion, school.mentor, "met", "Yes.", seen=0)
    assert school.kinds == []


@pytest.mark.parametrize("note", ["x" * 200_001, "a\0b"])
def test_mark_with_a_note_that_cannot_be_kept_is_refused(school: School, note: str) -> None:
    with pytest.raises(ValidationError) as refused:
        school.mark(note=note)
    assert list(refused.value.message_dict) == ["note"]


# Months ---------------------------------------------------------------------------------------------------
def test_month_is_completed_by_the_mark_that_meets_the_last_criterion(school: School) -> None:
    school.mark()
    assert not Standing(school.learner, school.month).complete
    school.mark(1)
    standing = Standing(school.learner, school.month)
    assert standing.complete
    assert standing.completion is not None
    named = [criterion["criterion"] for criterion in standing.completion.facts["criteria"]]
    assert named == [str(criterion.uuid) for criterion in school.criteria]
    wording = standing.completion.text(f"wording:{school.criteria[0].uuid.hex}")
    assert wording == "Understand components"
    assert school.kinds == ["met", "met", "complete"]


def test_month_without_criteria_is_never_complete(school: School) -> None:
    month, _none = make_month(school.cohort, [])
    assert not Standing(school.learner, month).all_met


@pytest.mark.parametrize("decision", ["not_yet", "withdrawn"])
def test_month_is_reopened_by_taking_a_mark_back(school: School, decision: str) -> None:
    school.mark()
    school.mark(1)
    school.mark(decision=decision)
    assert school.kinds == ["met", "met", "complete", decision, "reopened"]
    assert not Standing(school.learner, school.month).complete
    school.mark()
    assert school.kinds[-2:] == ["met", "complete"]


def test_later_criteria_bind_only_who_has_not_completed(school: School) -> None:
    slow = MembershipFactory.create(cohort=school.cohort)
    record.mark(slow, school.criteria[0], school.mentor, "met", "Yes.", seen=0)
    school.mark()
    school.mark(1)
    later = Criterion.objects.create(month=school.month, text="Can estimate", position=9)
    done, open_ = Standing(school.learner, school.month), Standing(slow, school.month)
    assert (done.complete, done.met, len(done.binding)) == (True, 2, 2)
    assert (open_.complete, open_.met, len(open_.binding)) == (False, 1, 3)
    record.mark(slow, school.criteria[1], school.mentor, "met", "Yes.", seen=0)
    assert not Standing(slow, school.month).complete
    record.mark(slow, later, school.mentor, "met", "Yes.", seen=0)
    assert Standing(slow, school.month).complete


def test_later_criterion_marked_not_yet_leaves_a_completed_month_complete(school: School) -> None:
    school.mark()
    school.mark(1)
    school.criteria.append(Criterion.objects.create(month=school.month, text="Can estimate", position=9))
    school.mark(2, "not_yet")
    assert school.kinds == ["met", "met", "complete", "not_yet"]
    assert Standing(school.learner, school.month).complete


def test_archived_criterion_stays_part_of_a_completed_month(school: School) -> None:
    school.mark()
    school.mark(1)
    Criterion.objects.filter(pk=school.criteria[1].pk).update(archived_at=timezone.now())
    standing = Standing(school.learner, school.month)
    assert (standing.complete, standing.met, len(standing.binding)) == (True, 2, 2)
    school.mark(1, "withdrawn")
    assert school.kinds[-1] == "reopened"


def test_criterion_asks_for_another_look_when_its_meaning_rises(school: School) -> None:
    school.mark()
    Criterion.objects.filter(pk=school.criteria[0].pk).update(text="Understand components well")
    assert state_of(school) == State.MET
    Criterion.objects.filter(pk=school.criteria[0].pk).update(meaning=2)
    assert state_of(school) == State.AGAIN
    school.mark(1)
    assert not Standing(school.learner, school.month).complete, "it was not marked for what is asked now"
    school.claim(note="Still so.")
    school.mark()
    assert state_of(school) == State.MET
    assert school.kinds == ["met", "met", "claim", "met", "complete"]


def test_claim_says_for_which_wording_it_was_made(school: School) -> None:
    def one() -> CriterionStanding:
        return Standing(school.learner, school.month).criteria[school.criteria[0].pk]

    school.claim()
    assert not one().is_reworded
    assert not one().is_claim_outdated
    Criterion.objects.filter(pk=school.criteria[0].pk).update(text="Costs are computed", meaning=2)
    assert (one().state, one().is_reworded, one().is_claim_outdated) == (State.CLAIMED, True, True)
    school.claim(note="These too.")
    assert (one().is_reworded, one().is_claim_outdated) == (False, False)


def test_criterion_asks_for_another_look_when_the_place_that_is_its_evidence_changes(school: School) -> None:
    thread = school.open_thread()
    selectors = places.passage(reading_of(school.version, None), 0, len("Overview"))
    Anchor.objects.filter(pk=thread.anchor.pk).update(selectors=selectors)
    school.mark(thread=Thread.objects.get(pk=thread.pk))
    thread.anchor.refresh_from_db()
    assert thread.anchor.is_evidence
    for number, text, state in [
        (2, "# Overview\n\nAnd more.", State.MET),
        (3, "# Overwiev\n\nAnd more.", State.AGAIN),
        (4, "# Overview\n\nAnd more.", State.MET),
        (5, "Nothing of it.", State.AGAIN),
    ]:
        version = Version.objects.create(
            submission=school.submission, text=text, number=number, submitted_at=timezone.now()
        )
        version.place_anchors()
        assert state_of(school) == state, version.placements.get().state
        one = Standing(school.learner, school.month).criteria[school.criteria[0].pk]
        assert one.is_met, "nothing is taken back silently"


def test_completed_month_stays_complete_when_a_meaning_rises(school: School) -> None:
    school.mark()
    school.mark(1)
    Criterion.objects.filter(pk=school.criteria[0].pk).update(meaning=2, text="Everything, and in colour")
    standing = Standing(school.learner, school.month)
    one = standing.criteria[school.criteria[0].pk]
    assert (standing.complete, standing.met, one.state, one.is_met) == (True, 2, State.AGAIN, True)
    assert one.is_reworded
    assert one.decided is not None
    assert one.decided.wording == "Understand components"


# Defences -------------------------------------------------------------------------------------------------
def test_chain_numbers_and_links_its_entries(school: School) -> None:
    for entry in (school.claim(), school.mark(), school.mark(1)):
        assert entry.digest == digest_of(Entry.objects.get(pk=entry.pk))
    entries = list(Entry.objects.filter(learner=school.learner))
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert [entry.before for entry in entries] == ["", *(entry.digest for entry in entries[:-1])]


def test_chain_holds_no_text_and_no_name(school: School) -> None:
    entry = school.mark(note="Between us.", version=school.version)
    row = str(Entry.objects.filter(pk=entry.pk).values().get())
    for secret in ("Between us.", "Understand components", "Tomas", "Architecture"):
        assert secret not in row


def test_chain_commits_to_salted_texts(school: School) -> None:
    entry = school.mark(note="Über gut — ja.")
    note = entry.texts.get(name="note")
    assert entry.facts["texts"]["note"] == commitment(note.salt, "Über gut — ja.")
    assert len(bytes.fromhex(note.salt)) == 32
    again = school.mark(note="Über gut — ja.", seen=99, mentor=school.other_mentor)
    assert again.facts["texts"]["note"] != entry.facts["texts"]["note"]


def test_canonical_json_is_one_way_to_write() -> None:
    assert canonical({"b": [1, None], "a": {"ü": ""}}) == '{"a":{"ü":""},"b":[1,null]}'.encode()


def test_erasure_blanks_texts_and_is_in_the_record(school: School) -> None:
    admin = UserFactory.create(is_staff=True)
    entry = school.mark(note="password: hunter2")
    text = entry.texts.get(name="note")
    with pytest.raises(PermissionDenied):
        OneEntry(entry.uuid).carry_out(school.mentor, "A secret.")
    with pytest.raises(ValidationError):
        OneEntry(entry.uuid).carry_out(admin, " ")
    OneEntry(entry.uuid).carry_out(admin, "A secret.")
    text.refresh_from_db()
    assert (text.text, text.salt) == ("", "")
    assert school.kinds == ["met", "erasure"]
    assert Entry.objects.get(pk=entry.pk).note.startswith("(erased on ")
    with pytest.raises(ValidationError):
        OneEntry(entry.uuid).carry_out(admin, "Once more.")


def test_rows_of_the_record_refuse_change(school: School) -> None:
    school.mark(note="x")
    defence = school.defend()
    rows = [Entry.objects.all()[0], EntryText.objects.all()[0], defence]
    for row in rows:
        with pytest.raises(NeverChanged):
            row.save()
        with pytest.raises(NeverChanged):
            row.delete()
        objects = type(row)._default_manager
        with pytest.raises(NeverChanged):
            objects.filter(pk=row.pk).delete()
        with pytest.raises(NeverChanged):
            objects.all().update(uuid=uuid4())
        with pytest.raises(NeverChanged):
            objects.bulk_update([row], ["pk"])
    with pytest.raises(NeverChanged):
        school.learner.entries.all().delete()


# Reading --------------------------------------------------------------------------------------------------
def queries(act: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def test_standing_takes_two_queries_whatever_is_there(school: School) -> None:
    def read() -> None:
        standing = Standing(school.learner, school.month)
        for one in standing.criteria.values():
            for entry in one.chain:
                assert "" not in (entry.who, entry.wording, entry.note or entry.evidence)
                assert entry.version is None or entry.version.submission.uuid
                assert entry.thread is None or entry.thread.uuid
                assert entry.defence is None or entry.defence.uuid
            assert one.state

    assert queries(read) == 2
    school.claim(version=school.version)
    school.mark(decision="not_yet", note="No.")
    for _round in range(3):
        school.claim(note=f"Now {_round}", thread=school.open_thread())
        school.mark(note="Hm.", decision="not_yet", defence=school.defend())
    assert queries(read) == 2
    criteria = list(Criterion.objects.filter(month=school.month))
    assert queries(lambda: Standing(school.learner, school.month, criteria)) == 1


def test_sums_take_one_query_for_a_cohort(school: School) -> None:
    classmate = MembershipFactory.create(cohort=school.cohort)
    _month, (third,) = make_month(school.cohort, ["Alone"])
    school.mark()
    school.mark(1)
    record.mark(school.learner, third, school.mentor, "met", "Yes.", seen=0)
    record.mark(school.learner, third, school.mentor, "withdrawn", "No.", seen=99)
    record.mark(classmate, school.criteria[0], school.mentor, "not_yet", "No.", seen=0)
    record.mark(classmate, school.criteria[0], school.mentor, "met", "Yes.", seen=99)
    with CaptureQueriesContext(connection) as seen:
        found = sums(Membership.objects.filter(cohort=school.cohort))
    assert len(seen) == 1
    assert found == {
        (school.learner.pk, school.month.pk): Sum(2, True),
        (classmate.pk, school.month.pk): Sum(1, False),
    }
    Criterion.objects.filter(pk=school.criteria[0].pk).update(meaning=2)
    risen = sums(Membership.objects.filter(cohort=school.cohort))
    assert risen[school.learner.pk, school.month.pk] == Sum(1, True)
    assert risen.get((classmate.pk, school.month.pk), Sum()) == Sum(0, False)


def test_evidence_choices_are_what_the_learner_may_name(school: School) -> None:
    hand_in(MembershipFactory.create(cohort=school.cohort), school.month, 2)
    thread, defence = school.open_thread(), school.defend()
    thread.comments.create(author=school.user, body="Is **this** enough?")
    with CaptureQueriesContext(connection) as seen:
        found = choices(school.learner, school.month)
    assert len(seen) == 1
    assert [group for group, _options in found] == ["Work", "Defences", "Comments"]
    labels = dict(option for _group, options in found for option in options)
    assert set(labels) == {
        f"version:{school.version.uuid}",
        f"thread:{thread.uuid}",
        f"defence:{defence.uuid}",
    }
    assert labels[f"version:{school.version.uuid}"] == "Architecture overview, version 1"
    assert labels[f"thread:{thread.uuid}"] == "Comment on Architecture overview, version 1: Is this enough?"
    for value in labels:
        assert find(school.learner, value)


# Constraints ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"number": 1},
        {"number": 0},
        {"kind": "claim"},
        {"decision": ""},
        {"criterion": None},
        {"meaning": None},
        {"digest": "same"},
    ],
    ids=str,
)
def test_entry_constraint_refuses(school: School, change: dict[str, Any]) -> None:
    first = school.mark(1)
    same = {"digest": first.digest} if "digest" in change else {}
    fields = {
        "learner": school.learner,
        "number": 2,
        "kind": "mark",
        "decision": "met",
        "author": school.mentor,
        "criterion": school.criteria[0],
        "meaning": 1,
        "digest": "d",
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(**(fields | change | same))
    Entry.objects.create(**fields)


def test_entry_text_is_once_by_name(school: School) -> None:
    entry = school.mark()
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryText.objects.create(entry=entry, name="note", text="Another")
