"""The month page: the whole document, in its order, with the learner's part in its place."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.kept import gap
from curriculum.models import Month
from curriculum.publication import publish
from progress.models import Completion
from tests.cast import Cast, month_text, publish_month

TEXT = """# Month 08: System Design

**Tier**: 2 (Specialization)
**Duration**: 1 week
**Level**: hard

A word before everything.

## Weekly Breakdown

### Week 1: Parts

**Focus**: Building blocks

**Tasks**:
- [ ] Outer task

  More about the outer task.
  - [ ] Inner task

**Deliverables**:
- Overview

## A section of its own

> Something quoted.

- [ ] A requirement

## Success Criteria

- [ ] Understood
"""


@pytest.fixture
def month(cast: Cast) -> Month:
    return publish_month(cast.curriculum, TEXT)


def url(cast: Cast) -> str:
    return reverse("progress:month_detail", args=[cast.learner.uuid, "month-08"])


def test_month_shows_the_document_in_its_order(client: Client, cast: Cast, month: Month) -> None:
    client.force_login(cast.learner.user)
    page = re.sub(
        r"(?s)<details class=.contents.*?</details>", "", client.get(url(cast)).text.split("<article")[1]
    )

    said = [
        "Level",
        "A word before everything",
        "Week 1",
        "Building blocks",
        "Outer task",
        "More about the outer task",
    ]
    said += [
        "Inner task",
        "Overview",
        "A section of its own",
        "Something quoted",
        "A requirement",
        "Understood",
    ]
    places = [page.index(words) for words in said]
    assert places == sorted(places)


def test_tick_answers_with_all_that_the_task_says(client: Client, cast: Cast, month: Month) -> None:
    client.force_login(cast.learner.user)
    task = month.tasks.get(text="Outer task")
    address = reverse("progress:completion", args=[cast.learner.uuid, task.uuid])

    answer = client.post(address, {"done": "yes"}, headers={"HX-Request": "true"})
    assert "More about the outer task" in answer.text


def test_task_that_was_removed_stays_with_who_ticked_it(client: Client, cast: Cast, month: Month) -> None:
    gone = month.tasks.get(text="A requirement")
    Completion.objects.tick(cast.learner, gone)
    publish(month.document, TEXT.replace("- [ ] A requirement\n", ""), accept_loss=True)
    client.force_login(cast.learner.user)
    assert "No longer part of Month 08" in client.get(url(cast)).text
    client.force_login(cast.fellow.user)
    other = reverse("progress:month_detail", args=[cast.fellow.uuid, "month-08"])
    assert "No longer part of Month 08" not in client.get(other).text


def test_mentor_sees_the_same_page_without_ticking(client: Client, cast: Cast, month: Month) -> None:
    client.force_login(cast.mentor)
    page = client.get(url(cast)).text

    assert "with your powers as a mentor" in page
    assert 'role="checkbox"' not in page


def test_what_is_published_is_shown_at_once_whichever_document_it_is_of(
    client: Client, cast: Cast, month: Month
) -> None:
    """A plan is kept in memory until something is published: in any document, not only in the newest."""
    publish_month(cast.curriculum, month_text(20), "month-20/README.md")
    client.force_login(cast.learner.user)
    address = reverse("progress:month_detail", args=[cast.learner.uuid, month.slug])
    assert "A new name" not in client.get(address).text

    publish(month.document, TEXT.replace("System Design", "A new name"))

    assert "A new name" in client.get(address).text
    assert "A new name" in client.get("/path/").text


def test_unknown_month_is_not_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner.user)
    address = reverse("progress:month_detail", args=[cast.learner.uuid, "month-99"])
    assert client.get(address).status_code == 404


def test_overdue_week_says_so_without_blame_and_a_finished_one_does_not(
    client: Client, cast: Cast, month: Month
) -> None:
    cast.cohort.starts -= timedelta(weeks=6)
    cast.cohort.save()
    client.force_login(cast.learner.user)
    assert "was planned for" in client.get(url(cast)).text

    for task in month.tasks.filter(week__isnull=False):
        Completion.objects.tick(cast.learner, task)
    cast.hand_in(work=month.deliverables.get(text="Overview"))
    assert "was planned for" not in client.get(url(cast)).text


def test_ideas_are_choices_for_the_learner_and_a_list_for_the_mentor(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner.user)
    assert client.get(url(cast)).text.count("Payments") == 1
    client.force_login(cast.mentor)
    assert client.get(url(cast)).text.count("<li>Payments") == 1


def test_learner_whose_membership_has_ended_finds_what_they_did(
    client: Client, cast: Cast, month: Month
) -> None:
    cast.learner.end()
    client.force_login(cast.learner.user)
    page = client.get("/path/", follow=True)
    assert "Your membership has ended" in page.text
    own = reverse("progress:learner_path", args=[cast.learner.uuid])
    assert own in page.text
    assert client.get(own).status_code == 200


def test_fragments_that_are_kept_name_nobody_else(client: Client, cast: Cast) -> None:
    for learner, other in ((cast.learner, cast.fellow), (cast.fellow, cast.learner)):
        client.force_login(learner.user)
        for address in (f"/learners/{learner.uuid}/months/{cast.month.slug}/", "/path/"):
            page = client.get(address).text
            assert f"/learners/{learner.uuid}/tasks/{cast.task.uuid}/completion/" in page
            assert str(other.uuid) not in page
            assert len(set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))) == 1
            assert "gap-" not in page
            assert str(gap("learner_uuid")) not in page
