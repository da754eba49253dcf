"""Before a month is published: whom it reaches, and what it changes."""

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from curriculum.models import Criterion, Month, Task
from people.models import User
from tests.curriculum.samples import RECEIVED, everything, run
from tests.curriculum.test_admin import Fields, address, done_by_somebody, name_of, typed
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def month(client: Client) -> Month:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    run(RECEIVED)
    return Month.objects.get()


def audience(client: Client, month: Month) -> str:
    page = client.get(address(month)).text
    return " ".join(unescape(page.split('class="audience">')[1].split("</p>")[0]).split())


def test_page_says_whom_publishing_reaches(client: Client, month: Month) -> None:
    assert audience(client, month).startswith("No learner follows this curriculum yet")
    spring, autumn, over = CohortFactory.create_batch(3, curriculum=month.curriculum)
    ana = MembershipFactory.create(cohort=spring)
    assert audience(client, month) == "This changes the month for 1 learner in 1 running cohort."
    MembershipFactory.create(cohort=spring)
    MembershipFactory.create(cohort=autumn, user=ana.user)  # one person in two of them
    mentor_of(autumn)
    MembershipFactory.create(cohort=spring).end()
    User.objects.filter(pk=MembershipFactory.create(cohort=spring).user_id).update(is_active=False)
    MembershipFactory.create(cohort=over)
    over.ended_at = timezone.now()
    over.save()
    MembershipFactory.create()  # of another curriculum
    assert audience(client, month) == "This changes the month for 2 learners in 2 running cohorts."


def looked(client: Client, month: Month, values: dict[str, str]) -> str:
    """What the page says that publishing would change; nothing is changed by asking."""
    before = everything()
    response = client.post(address(month), values | {"_look": "See"})
    assert response.status_code == 200
    assert everything() == before
    kept = Fields(response.text).values
    boxes = ("-DELETE", "-asks_differently", "csrfmiddlewaretoken")
    assert {name: kept.get(name) for name in values if not name.endswith(boxes)} == {
        name: value for name, value in values.items() if not name.endswith(boxes)
    }
    said = response.text.split('id="changes-title"')[1].split("</section>")[0]
    return " ".join(unescape(said).split())


def test_reworded_and_removed_items_are_told_before_publishing(client: Client, month: Month) -> None:
    done_by_somebody(Task.objects.get(text="Study model registries"))
    done_by_somebody(Task.objects.get(text="Design data pipelines"))
    values = typed(client, month)
    values[name_of(values, "Study model registries")] = "Study two <b>model</b> registries"
    values[name_of(values, "Design data pipelines").replace("-text", "-DELETE")] = "on"
    criterion = Criterion.objects.get(text="Design is defensible")
    values[name_of(values, criterion.text).replace("-text", "-asks_differently")] = "on"
    values["duration"] = "5 weeks"

    said = looked(client, month, values)

    assert (
        "Task reworded: <del>Study model registries</del> → <ins>Study two <b>model</b> registries</ins>"
        in said
    )
    assert "Task removed: <del>Design data pipelines</del>" in said
    assert said.count("1 piece of learners’ work is on it, and is kept.") == 2
    assert "Criterion: Design is defensible" in said
    assert "marks made so far will say “look again”" in said
    assert "Duration reworded: <del>4 weeks</del> → <ins>5 weeks</ins>" in said
    assert "<b>" not in client.post(address(month), values | {"_look": "See"}).text
    assert "Explore orchestration tools" not in said

    assert client.post(address(month), values).status_code == 302  # what was looked at can be published
    assert Task.objects.get(text="Design data pipelines").archived_at is not None


def test_looking_tells_nothing_and_errors_apart(client: Client, month: Month) -> None:
    values = typed(client, month)
    assert "Nothing: the text is as it is published." in looked(client, month, values)
    wrong = values | {name_of(values, "Study model registries"): ""}
    response = client.post(address(month), wrong | {"_look": "See"})
    assert response.status_code == 422
    assert 'id="changes"' not in response.text


def test_looking_at_a_month_that_was_published_meanwhile_shows_both(client: Client, month: Month) -> None:
    values = typed(client, month)
    newer = values | {name_of(values, "Study model registries"): "Study three"}
    assert client.post(address(month), newer).status_code == 302
    response = client.post(address(month), values | {"title": "Another", "_look": "See"})
    assert response.status_code == 409
    assert "Both changes" in response.text
