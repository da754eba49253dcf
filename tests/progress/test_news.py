"""What is told of the record and of reworded content."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.markdown import parse
from curriculum.models import Document, Task
from curriculum.publication import publish, rows_at
from people.models import Absence, Mail, Membership, Notification, User
from progress import news, record
from progress.models import Completion, print_of
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


@pytest.fixture
def reworded(cast: Cast) -> Task:
    """A task that the learner ticked, and that has got new words since; nobody was told yet."""
    Completion.objects.tick(cast.learner, cast.task)
    reword(cast, "Task 1.1", "Task 1.1, in half a page")
    return cast.task


def reword(cast: Cast, old: str, new: str) -> None:
    """Publishes the month with other words for the same row, as the admin's form does."""
    document = Document.objects.get(pk=cast.month.document_id)
    assert document.published
    source = document.published.source.replace(f"- [ ] {old}\n", f"- [ ] {new}\n")
    tree = parse(source)
    publish(document, source, tree=tree, pairs=rows_at(document.published, tree))
    cast.task.refresh_from_db()
    assert cast.task.text == new


def test_words_that_are_the_old_ones_again_send_nothing(cast: Cast, reworded: Task) -> None:
    work()
    assert len(told(cast)) == 1
    reword(cast, "Task 1.1, in half a page", "Task 1.1")
    assert told(cast) == []
    assert later() == []
    assert not Mail.objects.exists()


def test_words_that_came_back_before_the_worker_looked_send_nothing(cast: Cast, reworded: Task) -> None:
    reword(cast, "Task 1.1, in half a page", "Task 1.1")
    assert later() == []
    assert told(cast) == []


def test_words_that_stay_new_are_mailed(cast: Cast, reworded: Task) -> None:
    work()
    assert [sent.subject for sent in later()] == [
        "A task that you ticked in “Month 08: System Design” has new words."
    ]


def test_news_stay_while_another_task_of_the_month_has_new_words(cast: Cast, reworded: Task) -> None:
    other = cast.month.tasks.get(text="Task 1.2")
    Completion.objects.tick(cast.learner, other)
    Completion.objects.filter(task=other).update(words="Task 1.2 as it was")
    work()
    reword(cast, "Task 1.1, in half a page", "Task 1.1")
    assert len(told(cast)) == 1
    Completion.objects.filter(task=other).update(words=other.text)
    news.forget_reworded([other.uuid])
    assert told(cast) == []


def test_news_that_were_read_stay(cast: Cast, reworded: Task) -> None:
    work()
    cast.learner.user.notifications.mark_read()
    reword(cast, "Task 1.1, in half a page", "Task 1.1")
    assert len(told(cast)) == 1


def test_news_are_read_when_the_new_words_were_seen(client: Client, cast: Cast, reworded: Task) -> None:
    work()
    client.force_login(cast.learner.user)
    place = reverse("progress:wording", args=[cast.learner.uuid, reworded.uuid])
    client.post(place, {"seen": print_of("others")})
    assert cast.learner.user.notifications.unread().exists()
    client.post(place, {"seen": print_of(reworded.text)})
    assert not cast.learner.user.notifications.unread().exists()
    assert later() == []


def test_news_of_a_tick_that_is_taken_away_go(client: Client, cast: Cast, reworded: Task) -> None:
    Completion.objects.tick(cast.fellow, reworded)
    Completion.objects.filter(learner=cast.fellow).update(words="Task 1.1")
    other = cast.month.tasks.get(text="Task 1.2")
    Completion.objects.tick(cast.learner, other)
    work()
    client.force_login(cast.learner.user)
    client.post(reverse("progress:completion", args=[cast.learner.uuid, other.uuid]), {"done": "no"})
    assert len(told(cast)) == 1
    client.post(reverse("progress:completion", args=[cast.learner.uuid, reworded.uuid]), {"done": "no"})
    assert told(cast) == []
    assert [sent.to for sent in later()] == [[cast.fellow.user.email]]
