"""What is told of the record and of reworded content."""

from curriculum.markdown import parse
from curriculum.models import Task
from curriculum.publication import publish, rows_at
from people.models import Notification
from progress import record
from progress.models import Completion
from tests.cast import Cast, month_text
from tests.mails import work


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
