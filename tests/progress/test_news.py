"""What is told of the record and of reworded content."""

from datetime import timedelta

import pytest

from curriculum.markdown import parse
from curriculum.models import Task
from curriculum.publication import publish, rows_at
from people.models import Absence, Membership, Notification, User
from progress import record
from progress.models import Completion
from tests.cast import Cast, month_text
from tests.factories import mentor_of
from tests.mails import later, work


def told(cast: Cast) -> list[str]:
    """The sentences that the learner was told, oldest first."""
    return [str(row) for row in cast.learner.user.notifications.order_by("pk")]


def mark(cast: Cast, place: int, decision: str = "met") -> None:
    one = record.standing_of(cast.learner, cast.criteria[place])
    record.mark(cast.learner, cast.criteria[place], cast.mentor, decision, "Yes.", seen=one.last)


def test_marks_and_the_complete_month_are_told(cast: Cast) -> None:
    mark(cast, 0)
    mark(cast, 1)
    mark(cast, 1, "withdrawn")
    assert told(cast) == [
        "Tomas Lindqvist marked “Criterion 1” as met.",
        "Tomas Lindqvist marked “Criterion 2” as met.",
        "“Month 08: System Design” is complete: Tomas Lindqvist laid its stone.",
        "Tomas Lindqvist withdrew the mark on “Criterion 2”.",
        "“Month 08: System Design” is open again: Tomas Lindqvist withdrew a mark.",
    ]


def test_claim_is_told_until_it_is_answered(cast: Cast) -> None:
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, "See above.")
    assert str(cast.mentor.notifications.get()) == "Ines Duarte thinks that “Criterion 1” is met."
    record.claim(cast.fellow, cast.criteria[0], cast.fellow.user, "Mine too.")
    mark(cast, 0, "not_yet")
    assert [row.actor for row in cast.mentor.notifications.still_waiting()] == [cast.fellow.user]
    assert told(cast) == ["Tomas Lindqvist marked “Criterion 1” as not met yet."]


@pytest.fixture
def sofia(cast: Cast) -> User:
    """Another mentor of the cohort, and a third who has nothing to do with it here."""
    mentor_of(cast.cohort, name="Ada Byron")
    return mentor_of(cast.cohort, name="Sofia Berg")


def away(cast: Cast, stand_in: User, first: int = 0) -> Absence:
    """Tomas is away from today on, or from so many days later."""
    membership, today = Membership.objects.get(user=cast.mentor), cast.cohort.today()
    days = {"first": today + timedelta(first), "last": today + timedelta(first + 3)}
    return Absence.objects.create(membership=membership, stand_in=stand_in, **days)


def asked(cast: Cast, learner: Membership, place: int) -> set[User]:
    """Who hears that the learner thinks a criterion is met."""
    record.claim(learner, cast.criteria[place], learner.user, "See above.")
    about = cast.criteria[place].uuid
    return {row.user for row in Notification.objects.filter(kind="claimed", learner=learner, about=about)}


def test_claim_is_told_to_who_stands_in_while_it_lasts(cast: Cast, sofia: User) -> None:
    absence = away(cast, sofia)
    assert asked(cast, cast.learner, 0) == {sofia}
    assert [sent.to for sent in later(timedelta(days=1))] == [[sofia.email]]
    absence.finish()
    assert asked(cast, cast.learner, 1) == {cast.mentor}


@pytest.mark.parametrize("why", ["days that are to come", "a stand-in who has left"])
def test_claim_stays_with_the_own_mentor(cast: Cast, sofia: User, why: str) -> None:
    away(cast, sofia, first=2 if why == "days that are to come" else 0)
    if why == "a stand-in who has left":
        Membership.objects.get(user=sofia).end()
    assert asked(cast, cast.learner, 0) == {cast.mentor}


def test_claim_without_an_own_mentor_is_told_to_all_who_are_there(cast: Cast, sofia: User) -> None:
    ada = User.objects.get(name="Ada Byron")
    assert asked(cast, cast.fellow, 0) == {cast.mentor, sofia, ada}
    away(cast, sofia)
    assert asked(cast, cast.fellow, 1) == {sofia, ada}


def test_notification_leads_to_the_criterion(cast: Cast) -> None:
    mark(cast, 0)
    url = cast.learner.user.notifications.get().url
    assert url == f"/learners/{cast.learner.uuid}/months/month-08/#criterion-{cast.criteria[0].uuid}"


def test_who_ticked_a_task_hears_that_it_has_new_words(cast: Cast) -> None:
    words = "Read the chapter on replication and write half a page about it"
    text = month_text().replace("Task 1.1", words)
    publish(cast.month.document, text)

    task = Task.objects.live().get(text=words)
    Completion.objects.tick(cast.learner, task)
    Completion.objects.note(cast.fellow, task, "Begun, not done.")
    publish(cast.month.document, text.replace("Focus 1", "Another focus"))
    work()
    assert not Notification.objects.exists()
    text = text.replace("half a page", "a whole page")
    tree = parse(text)
    document = cast.month.document
    document.refresh_from_db()
    assert document.published
    # As the admin's form says it: each row is the same, in other words.
    publish(document, text, tree=tree, pairs=rows_at(document.published, tree))
    work()
    task.refresh_from_db()
    assert task.text == words.replace("half a page", "a whole page")
    assert told(cast) == ["A task that you ticked in “Month 08: System Design” has new words."]
    assert cast.learner.user.notifications.get().url.endswith(f"#task-{task.uuid}")
    assert not cast.fellow.user.notifications.exists()
