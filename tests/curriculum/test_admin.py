"""The admin's page of a month: it edits the text, keeps the rows, and refuses a stale save with both texts."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Criterion, Deliverable, Document, Edition, Month, Task, Week
from curriculum.publication import publish
from people.models import User
from progress.models import Completion
from tests.curriculum.samples import FOLDER, RECEIVED, everything, run
from tests.curriculum.test_editing import agree
from tests.factories import CohortFactory, MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]


class Fields(HTMLParser):
    """What a browser would send from a page's form, with nothing typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.text = ""
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea" and name:
            self.text = name
            self.values[name] = ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value") or ""
        elif tag == "input" and name and given.get("type") not in ("checkbox", "submit", "file"):
            self.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.values[self.text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.text:
            # A browser drops the first line end of a text area.
            self.values[self.text] = self.values[self.text].removeprefix("\n")
            self.text = ""
        elif tag == "select":
            self.select = ""


@pytest.fixture
def boss(client: Client) -> User:
    user: User = UserFactory.create(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def month(boss: User) -> Month:
    run(RECEIVED)
    return Month.objects.get()


def address(month: Month) -> str:
    return reverse("admin:curriculum_month_change", args=[month.pk])


def typed(client: Client, month: Month) -> dict[str, str]:
    response = client.get(address(month))
    assert response.status_code == 200
    values = Fields(response.content.decode()).values
    return {
        name: value for name, value in values.items() if "__prefix__" not in name and "-empty-" not in name
    }


def name_of(values: dict[str, str], text: str) -> str:
    """The name of the field that holds a text."""
    (name,) = [name for name, value in values.items() if value == text]
    return name


def done_by_somebody(task: Task) -> Completion:
    learner = MembershipFactory.create(cohort=CohortFactory.create(curriculum=task.month.curriculum))
    return Completion.objects.create(learner=learner, task=task, done_at=timezone.now())


def test_saving_unchanged_writes_nothing(client: Client, month: Month) -> None:
    values = typed(client, month)
    before = everything()

    response = client.post(address(month), values)

    assert response.status_code == 302
    assert everything() == before
    assert not LogEntry.objects.exists()


def test_week_keeps_its_label(client: Client, month: Month) -> None:
    values = typed(client, month)
    label = name_of(values, "Week 1")
    before = everything()

    response = client.post(address(month), values | {label: ""})

    assert response.status_code == 422
    assert "A week keeps its label" in response.content.decode()
    assert everything() == before


def test_page_shows_all_of_the_month(client: Client, month: Month) -> None:
    values = typed(client, month)

    for model in (Task, Deliverable, Criterion):
        assert set(model.objects.values_list("text", flat=True)) <= set(values.values())
    assert {"Building blocks", "ML System Components", "Books", "Recommendation system"} <= set(
        values.values()
    )


def test_reworded_task_makes_an_edition_and_keeps_the_tick(client: Client, boss: User, month: Month) -> None:
    tick = done_by_somebody(Task.objects.get(text="Study model registries"))
    values = typed(client, month)
    values[name_of(values, "Study model registries")] = "Study two model registries"
    values["message"] = "Two are better"

    response = client.post(address(month), values)

    assert response.status_code == 302
    assert Task.objects.get(pk=tick.task_id).text == "Study two model registries"
    document = Document.objects.get()
    assert document.published is not None
    assert (document.published.number, document.published.author, document.published.message) == (
        2,
        boss,
        "Two are better",
    )
    old, new = RECEIVED.read_text().split("\n"), document.published.source.split("\n")
    assert [two for one, two in zip(old, new, strict=True) if one != two] == [
        "- [ ] Study two model registries"
    ]
    agree(document)


def test_task_with_work_is_archived_and_said(client: Client, month: Month) -> None:
    tick = done_by_somebody(Task.objects.get(text="Study model registries"))
    values = typed(client, month)
    name = name_of(values, "Study model registries")
    values[name.replace("-text", "-DELETE")] = "on"

    response = client.post(address(month), values, follow=True)

    assert "The work is kept" in response.content.decode()
    assert Task.objects.get(pk=tick.task_id).archived_at is not None
    assert Completion.objects.filter(pk=tick.pk).exists()
    agree(Document.objects.get())


def test_new_week_with_its_items_is_written(client: Client, month: Month) -> None:
    values = typed(client, month)
    assert values["weeks-TOTAL_FORMS"] == "4"
    values |= {
        "weeks-TOTAL_FORMS": "5",
        "weeks-4-id": "",
        "weeks-4-month": str(month.pk),
        "weeks-4-title": "Looking back",
        "weeks-4-focus": "What was learned",
        "weeks-4-position": "4",
        "weeks-4-tasks-TOTAL_FORMS": "1",
        "weeks-4-tasks-INITIAL_FORMS": "0",
        "weeks-4-tasks-0-id": "",
        "weeks-4-tasks-0-week": "",
        "weeks-4-tasks-0-text": "Write a retrospective",
        "weeks-4-tasks-0-position": "0",
        "weeks-4-deliverables-TOTAL_FORMS": "0",
        "weeks-4-deliverables-INITIAL_FORMS": "0",
    }

    response = client.post(address(month), values)

    assert response.status_code == 302
    week = Week.objects.get(number=5)
    assert (week.label, week.title, week.focus) == ("Week 5", "Looking back", "What was learned")
    assert week.tasks.get().text == "Write a retrospective"
    agree(Document.objects.get())


def test_positions_reorder_the_text(client: Client, month: Month) -> None:
    values = typed(client, month)
    prefixes = [f"weeks-0-tasks-{number}" for number in range(4)]
    texts = [values[f"{prefix}-text"] for prefix in prefixes]
    for number, prefix in enumerate(prefixes):
        values[f"{prefix}-position"] = str(3 - number)

    client.post(address(month), values)

    document = Document.objects.get()
    assert list(Week.objects.get(number=1).tasks.values_list("text", flat=True)) == texts[::-1]
    agree(document)


def test_meaning_rises_only_when_it_is_said(client: Client, month: Month) -> None:
    values = typed(client, month)
    values["criteria-0-text"] += ", thoroughly"
    client.post(address(month), values)
    assert Criterion.objects.order_by("position")[0].meaning == 1

    values = typed(client, month)
    values["criteria-0-asks_differently"] = "on"
    client.post(address(month), values)

    assert list(Criterion.objects.order_by("position").values_list("meaning", flat=True)) == [2, 1, 1, 1]


def test_edition_shows_what_it_changed(boss: User, client: Client, month: Month) -> None:
    document = month.document
    assert document.published is not None
    publish(document, document.published.source.replace("System Design", "Designing systems"))
    page = client.get(reverse("admin:curriculum_document_edition", args=[document.pk, 2])).content.decode()
    assert "What it changed in edition 1" in page
    assert "Designing systems" in page[page.index("What it changed") :]
    assert reverse("admin:curriculum_month_change", args=[month.pk]) in (
        client.get(reverse("admin:curriculum_document_change", args=[document.pk])).content.decode()
    )


def test_stale_save_is_refused_with_both_texts(client: Client, month: Month) -> None:
    first, second = typed(client, month), typed(client, month)
    first[name_of(first, "Study model registries")] = "Said first"
    second[name_of(second, "Learn about feature stores")] = "Said second"
    client.post(address(month), first)
    before = everything()

    response = client.post(address(month), second)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Edition 2 was published while you were editing" in page
    assert "- [ ] <ins>Said first</ins>" in page
    assert "- [ ] <ins>Said second</ins>" in page
    assert Fields(page).values[name_of(second, "Said second")] == "Said second"
    assert everything() == before


def test_text_that_cannot_be_written_is_an_error_of_its_field(client: Client, month: Month) -> None:
    values = typed(client, month)
    name = name_of(values, "Study model registries")
    values[name] = "Two\nlines"
    before = everything()

    response = client.post(address(month), values)

    page = response.content.decode()
    assert response.status_code == 422
    assert "must stand on one line" in page
    assert Fields(page).values[name].split() == ["Two", "lines"]
    assert everything() == before


@pytest.mark.parametrize(
    ("text", "reason"), [("", "This field is required"), ("Two\nlines", "must stand on one line")]
)
def test_words_are_refused_at_their_field_when_something_is_removed(
    client: Client, month: Month, text: str, reason: str
) -> None:
    values = typed(client, month)
    name = name_of(values, "Study model registries")
    values[name] = text
    values[name_of(values, "Data flow diagram").replace("-text", "-DELETE")] = "on"
    before = everything()

    response = client.post(address(month), values)

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(reason) == 1
    assert everything() == before


def test_stale_save_with_a_removal_says_so_once(client: Client, month: Month) -> None:
    first, second = typed(client, month), typed(client, month)
    first[name_of(first, "Study model registries")] = "Said first"
    client.post(address(month), first)
    second[name_of(second, "Data flow diagram").replace("-text", "-DELETE")] = "on"

    response = client.post(address(month), second)

    page = response.content.decode()
    assert response.status_code == 409
    assert page.count("Edition 2 was published while you were editing") == 1
    assert "<del>- Data flow diagram</del>" in page


def test_removed_week_takes_its_items_along(client: Client, month: Month) -> None:
    tick = done_by_somebody(Task.objects.get(text="Study model registries"))
    values = typed(client, month)
    values["weeks-0-DELETE"] = "on"

    response = client.post(address(month), values)

    assert response.status_code == 302
    assert Week.objects.get(number=1).archived_at is not None
    assert Task.objects.get(pk=tick.task_id).archived_at is not None
    assert Task.objects.live().count() == 12
    agree(Document.objects.get())


def test_names_brief_and_headings_are_edited(client: Client, month: Month) -> None:
    values = typed(client, month)
    values["label"] = "Month 11"
    values["weeks-3-label"] = "Week 5"
    values["projects-0-brief"] = values["projects-0-brief"].replace("complete", "whole")

    response = client.post(address(month), values)

    assert response.status_code == 302
    document = Document.objects.get()
    assert document.published is not None
    old, new = RECEIVED.read_text().split("\n"), document.published.source.split("\n")
    assert [two for one, two in zip(old, new, strict=True) if one != two] == [
        "# Month 11: System Design",
        "### Week 5: System Design Project",
        "Design a whole ML system:",
    ]
    agree(document)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("label", "Chapter 8", "one like “Month 08”"),
        ("weeks-0-label", "Chapter 1", "one like “Week 5”"),
        ("projects-0-brief", "- [ ] Do it", "read as another part"),
        ("sections-2-title", "Reading", "read as another part"),
    ],
)
def test_what_would_mean_something_else_is_an_error_of_its_field(
    client: Client, month: Month, name: str, value: str, reason: str
) -> None:
    values = typed(client, month)
    assert name in values
    values[name] = value
    before = everything()

    response = client.post(address(month), values)

    page = response.content.decode()
    assert response.status_code == 422
    assert page.index(reason) < page.index(f'name="{name}"') < page.index(reason) + 2000
    assert Fields(page).values[name] == value
    assert everything() == before


def test_row_of_another_month_is_refused(client: Client, boss: User) -> None:
    run(FOLDER)
    month, other = Month.objects.get(number=8), Month.objects.get(number=9)
    values = typed(client, month)
    values["criteria-0-id"] = str(Criterion.objects.filter(month=other)[0].pk)
    before = everything()

    response = client.post(address(month), values)

    assert response.status_code == 422
    assert everything() == before


def test_edition_shows_its_text_and_what_differs(client: Client, month: Month) -> None:
    values = typed(client, month)
    values[name_of(values, "Study model registries")] = "Study two model registries"
    client.post(address(month), values)
    document = Document.objects.get()

    page = client.get(reverse("admin:curriculum_document_edition", args=[document.pk, 1])).content.decode()

    assert '<code class="old">- [ ] Study <del>two </del>model registries</code>' in page
    assert '<code class="new">- [ ] Study model registries</code>' in page
    assert "Restore this edition" in page


def test_restoring_brings_text_and_rows_back(client: Client, month: Month) -> None:
    tick = done_by_somebody(Task.objects.get(text="Study model registries"))
    gone = done_by_somebody(Task.objects.get(text="Learn about feature stores"))
    values = typed(client, month)
    values[name_of(values, "Learn about feature stores").replace("-text", "-DELETE")] = "on"
    values[name_of(values, "Study model registries")] = "Something else entirely"
    client.post(address(month), values)
    document = Document.objects.get()

    response = client.post(reverse("admin:curriculum_document_edition_publication", args=[document.pk, 1]))

    assert response.status_code == 302
    document.refresh_from_db()
    assert document.published is not None
    assert (document.published.number, document.published.source.encode()) == (3, RECEIVED.read_bytes())
    assert Task.objects.get(pk=tick.task_id).text == "Study model registries"
    assert Task.objects.get(pk=gone.task_id).archived_at is None
    assert Task.objects.count() == 16
    agree(document)


def test_restoring_needs_a_post(client: Client, month: Month) -> None:
    document = Document.objects.get()

    response = client.get(reverse("admin:curriculum_document_edition_publication", args=[document.pk, 1]))

    assert response.status_code == 405


@pytest.mark.parametrize("kind", ["month", "document", "curriculum"])
def test_nothing_with_something_on_it_can_be_deleted(client: Client, month: Month, kind: str) -> None:
    row: Any = {"month": month, "document": month.document, "curriculum": month.curriculum}[kind]

    response = client.post(reverse(f"admin:curriculum_{kind}_delete", args=[row.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_archived_month_cannot_be_edited(client: Client, month: Month) -> None:
    values = typed(client, month)
    Month.objects.update(archived_at=timezone.now())

    response = client.post(address(month), values)

    assert response.status_code == 403
    page = client.get(address(month)).content.decode()
    assert "no part of its curriculum any more" in page
    assert 'name="_save"' not in page
    assert "Move up" not in page


def test_requirement_without_a_section_gets_one(client: Client, month: Month) -> None:
    values = typed(client, month)
    values |= {"tasks-TOTAL_FORMS": "1", "tasks-0-id": "", "tasks-0-month": str(month.pk)}
    values |= {"tasks-0-text": "Sign up", "tasks-0-section": "", "tasks-0-position": "0"}

    response = client.post(address(month), values)

    assert response.status_code == 302
    document = Document.objects.get()
    assert document.published is not None
    made = "## Requirements\n\n- [ ] Sign up\n\n---\n\n## Success Criteria"
    assert document.published.source == RECEIVED.read_text().replace("## Success Criteria", made)
    agree(document)


def test_learner_is_kept_out(client: Client, month: Month) -> None:
    client.force_login(UserFactory.create())

    response = client.get(address(month))

    assert response.status_code in (302, 403)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize("field", ["weeks-0-id", "weeks-0-tasks-0-id", "weeks-0-tasks-0-position"])
@pytest.mark.parametrize("junk", ["1e99", "9" * 20])
def test_hidden_field_that_is_no_number_writes_nothing(
    client: Client, month: Month, field: str, junk: str
) -> None:
    values = typed(client, month)
    assert field in values
    before = everything()
    client.raise_request_exception = False

    response = client.post(address(month), values | {field: junk})

    assert response.status_code in (400, 422)
    assert everything() == before
