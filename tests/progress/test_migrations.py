"""What migrations fill in for rows that are older than a column or a table."""

from importlib import import_module

from django.apps import apps
from django.utils import timezone

from curriculum.models import Task
from progress.models import Completion, Look
from tests.cast import Cast


def fill(name: str) -> None:
    import_module(f"progress.migrations.{name}").fill(apps, None)


def test_old_ticks_count_as_made_for_the_words_of_now(cast: Cast) -> None:
    Completion.objects.create(learner=cast.learner, task=cast.task, done_at=timezone.now())
    fill("0004_words")
    assert Completion.objects.get().words == "Task 1.1"
    Task.objects.update(text="Task one")
    assert Completion.objects.reworded().exists()


def test_who_had_begun_a_month_has_seen_what_is_published(cast: Cast) -> None:
    for task in cast.month.tasks.all():
        Completion.objects.tick(cast.learner, task)
    Completion.objects.note(cast.fellow, cast.task, "Begun.")
    fill("0006_looks")
    looks = Look.objects.values_list("membership", "month", "edition__document__months")
    month = cast.month.pk
    assert sorted(looks) == sorted((each.pk, month, month) for each in (cast.learner, cast.fellow))
