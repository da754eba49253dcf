"""Learners tick while an import runs, and two plans are applied at once: nothing that was answered is lost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curriculum.intake import Incoming, Intake
from curriculum.models import Edition, Task
from people.models import Membership
from progress.models import Completion
from tests.cast import Cast, make_cast, month_text
from tests.curriculum.test_admin_plan import form_of
from tests.turns import at_once

ROUNDS = 4
PATH = "month-08/README.md"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def importing(cast: Cast) -> Callable[[], list[bool]]:
    """Imports that reword the tasks again and again, and move the second one to the requirements and back."""
    there = month_text()
    texts = [
        there.replace("Task 1.1", "Do task 1.1"),
        there.replace("- [ ] Task 1.2\n", "").replace(
            "- [ ] A requirement", "- [ ] A requirement\n- [ ] Task 1.2"
        ),
    ] * (ROUNDS // 2)

    def run() -> list[bool]:
        return [
            Intake(cast.curriculum.slug, "", [Incoming(PATH, PATH, text.encode(), in_folder=True)]).run()
            for text in texts
        ]

    return run


def ticking(learner: Membership, tasks: list[Task]) -> Callable[[], list[int]]:
    client = Client(raise_request_exception=False)
    client.force_login(learner.user)

    def run() -> list[int]:
        return [
            client.post(
                reverse("progress:completion", args=[learner.uuid, task.uuid]),
                {"done": done},
                headers={"HX-Request": "true"},
            ).status_code
            for done in ("yes", "no", "yes")
            for task in tasks
        ]

    return run


def test_learners_tick_while_an_import_rewords_and_moves(cast: Cast) -> None:
    tasks = list(Task.objects.filter(week__isnull=False).order_by("pk"))
    learners = [cast.learner, cast.fellow]
    before = Completion.objects.filter(learner__in=learners).count()

    imported, *ticked = at_once(importing(cast), *[ticking(learner, tasks) for learner in learners])

    assert before == 0
    assert imported == [True] * ROUNDS
    assert ticked == [[200] * 6] * 2
    assert set(Completion.objects.values_list("learner", "task", "task__archived_at")) == {
        (learner.pk, task.pk, None) for learner in learners for task in tasks
    }
    assert Edition.objects.filter(document__path=PATH).count() == ROUNDS + 1


def test_of_two_plans_that_are_applied_at_once_one_is_refused(cast: Cast) -> None:
    place = reverse("admin:curriculum_curriculum_intake")
    acts: list[Callable[[], Any]] = []
    for name in ("first", "second"):
        client = Client(raise_request_exception=False)
        client.force_login(cast.admin)
        text = month_text().replace("Task 1.1", f"Do the {name} thing")
        files = {"markdown": SimpleUploadedFile("month.md", text.encode())}
        seen = client.post(place, {"curriculum": cast.curriculum.pk, **files})
        form = form_of(seen) | {"apply": "yes"}
        acts.append(partial(client.post, place, form))

    assert sorted(end.status_code for end in at_once(*acts)) == [302, 422]

    assert Edition.objects.count() == 2
    assert Task.objects.live().filter(week__isnull=False).count() == 2
