"""The plan in the admin: seen first, corrected by hand, refused when it is out of date, and applied for good."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from curriculum.models import Criterion, Curriculum, Document, Edition, Task
from curriculum.publication import publish
from people.models import User
from progress.models import Completion
from tests.curriculum.samples import everything
from tests.factories import CohortFactory, DocumentFactory, MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OLD = """# Month 01: Start

## Weekly Breakdown

### Week 1: One

**Tasks**:
- [ ] Read about lists
- [ ] Write a list of your own
- [ ] Sing a song

## Success Criteria

- [ ] Can explain what a list costs
"""
NEW = (
    OLD.replace("Write a list of your own", "Write a list of your own in C")
    .replace("Sing a song", "Play the piano")
    .replace("Can explain what", "Can explain in public what")
)


@pytest.fixture
def boss(client: Client) -> User:
    user: User = UserFactory.create(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def document(boss: User) -> Document:
    made: Document = DocumentFactory.create(path="month-01/README.md")
    publish(made, OLD)
    return made


def tick(words: str) -> Completion:
    task = Task.objects.get(text=words)
    learner = MembershipFactory.create(cohort=CohortFactory.create(curriculum=task.month.curriculum))
    return Completion.objects.create(learner=learner, task=task, done_at=timezone.now())


def look(client: Client, text: str, **fields: Any) -> Any:
    curriculum = Curriculum.objects.get().pk
    chosen = SimpleUploadedFile("month.md", text.encode(), "text/markdown")
    return client.post(
        reverse("admin:curriculum_curriculum_intake"),
        {"curriculum": curriculum, "markdown": chosen, **fields},
    )


def form_of(response: Any) -> dict[str, str]:
    """What a browser would send back as it stands: hidden fields, and of each choice the first or the selected one."""
    page = response.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(kept|made_from)" value="([^"]*)"', page))
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if name != "curriculum":
            fields[name] = re.findall(r'<option value="([^"]*)"', body)[0]
    unescaped = {name: value.replace("&quot;", '"') for name, value in fields.items()}
    return unescaped | {"curriculum": str(Curriculum.objects.get().pk)}


def send(client: Client, form: dict[str, str]) -> Any:
    return client.post(reverse("admin:curriculum_curriculum_intake"), form)


def field_of(response: Any, label: str) -> dict[str, str]:
    """The choices of an item, by their words; "" is the name of the field."""
    page = response.content.decode()
    for item in re.findall(r"<li>(.*?)</li>", page, re.DOTALL):
        found = re.search(r'<select name="([^"]+)"', item)
        if found and label in strip_tags(item.partition("<select")[0]):
            options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', item)
            return {words: value for value, words in options} | {"": found[1]}
    raise AssertionError(f"no choice for {label}")


def test_plan_is_shown_with_words_learners_and_cohorts(document: Document, client: Client) -> None:
    tick("Write a list of your own")
    tick("Sing a song")
    before = everything()

    seen = look(client, NEW)

    page = strip_tags(seen.content.decode())
    assert seen.status_code == 200
    assert "kept 5, moved 0, reworded 2, new 1, removed 1" in page
    assert "2 learners follow this curriculum now, in 2 running cohorts." in page
    assert "<ins>in C</ins>" in seen.content.decode()
    assert page.count("1 learner has work on it") == 2
    assert everything() == before


def test_seen_plan_is_applied_and_work_on_what_goes_is_kept(document: Document, client: Client) -> None:
    written, sung = tick("Write a list of your own"), tick("Sing a song")

    done = send(client, form_of(look(client, NEW)) | {"apply": "yes"})

    assert done.status_code == 302
    written.task.refresh_from_db()
    sung.task.refresh_from_db()
    assert (written.task.text, written.task.archived_at) == ("Write a list of your own in C", None)
    assert sung.task.archived_at is not None
    assert Completion.objects.count() == 2


def test_loss_that_nobody_has_seen_is_refused(document: Document, client: Client) -> None:
    tick("Sing a song")
    before = everything()
    refused = look(client, NEW, apply="yes")
    assert refused.status_code == 422
    assert "would lose its place" in refused.content.decode()
    assert everything() == before


@pytest.mark.parametrize("side", ["was", "became"])
def test_pair_made_by_hand_keeps_its_row(document: Document, client: Client, side: str) -> None:
    sung = tick("Sing a song")
    seen = look(client, NEW)
    if side == "was":
        field = field_of(seen, "Play the piano")
        choice = {field[""]: field["Sing a song"]}
    else:
        field = field_of(seen, "Sing a song")
        choice = {field[""]: field["Play the piano"]}

    again = send(client, form_of(seen) | choice)
    assert "paired by hand" in again.content.decode()
    assert send(client, form_of(again) | {"apply": "yes"}).status_code == 302

    sung.task.refresh_from_db()
    assert (sung.task.text, sung.task.archived_at) == ("Play the piano", None)


def test_reworded_item_can_be_said_to_be_new_and_proposed_again(document: Document, client: Client) -> None:
    old = Task.objects.get(text="Write a list of your own")
    seen = look(client, NEW)
    field = field_of(seen, "in C")

    parted = send(client, form_of(seen) | {field[""]: field["nothing: it is new"]})
    assert "reworded 1, new 2, removed 2" in parted.content.decode()
    field = field_of(parted, "Write a list of your own in C")
    together = send(client, form_of(parted) | {field[""]: field["as it was proposed"]})
    assert "reworded 2, new 1, removed 1" in together.content.decode()

    assert send(client, form_of(parted) | {"apply": "yes"}).status_code == 302
    old.refresh_from_db()
    assert old.archived_at is not None
    assert Task.objects.live().get(text="Write a list of your own in C").pk != old.pk


def test_two_answers_for_one_item_are_refused_and_kept(document: Document, client: Client) -> None:
    seen = look(client, NEW)
    new, gone = field_of(seen, "Play the piano"), field_of(seen, "Sing a song")
    reworded = field_of(seen, "in C")
    form = form_of(seen) | {new[""]: new["Sing a song"], reworded[""]: reworded["Sing a song"], gone[""]: ""}

    refused = send(client, form | {"apply": "yes"})

    assert refused.status_code == 422
    assert "was given two answers" in refused.content.decode()
    assert "paired by hand" in refused.content.decode()
    assert Edition.objects.count() == 1


def test_plan_made_against_an_older_edition_is_refused_with_a_fresh_one(
    document: Document, client: Client
) -> None:
    seen = look(client, NEW)
    field = field_of(seen, "Play the piano")
    form = form_of(seen) | {field[""]: field["Sing a song"], "apply": "yes"}
    publish(document, OLD.replace("Read about lists", "Read about linked lists"))
    before = everything()

    refused = send(client, form)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Another edition was published since this plan was made." in page
    assert "paired by hand" in page
    assert "reworded 4" in page
    assert everything() == before
    assert send(client, form_of(refused) | {"apply": "yes"}).status_code == 302
    assert Task.objects.live().filter(text="Play the piano").get() == Task.objects.order_by("pk")[2]


def test_what_was_said_of_one_plan_is_not_said_of_other_files(document: Document, client: Client) -> None:
    tick("Read about lists")
    form = form_of(look(client, NEW)) | {"apply": "yes"}
    before = everything()
    refused = look(client, OLD.replace("- [ ] Read about lists\n", ""), **form)
    assert refused.status_code == 422
    assert "would lose its place" in refused.content.decode()
    assert everything() == before


def test_second_click_on_a_plan_finds_it_done(document: Document, client: Client) -> None:
    form = form_of(look(client, NEW)) | {"apply": "yes"}
    assert [send(client, form).status_code for _click in range(2)] == [302, 302]
    assert Edition.objects.count() == 2


@pytest.mark.parametrize("made_from", ["", "[]", "{", '{"month.md": "x"}'])
def test_plan_that_says_nothing_of_its_editions_is_refused(
    document: Document, client: Client, made_from: str
) -> None:
    form = form_of(look(client, NEW)) | {"apply": "yes", "made_from": made_from}
    assert send(client, form).status_code == 422
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(("said", "meaning"), [(True, 2), (False, 1)])
def test_meaning_of_a_criterion_rises_when_somebody_says_so(
    document: Document, client: Client, said: bool, meaning: int
) -> None:
    criterion = Criterion.objects.get()
    form = form_of(look(client, NEW)) | {"apply": "yes"} | ({f"meant-{criterion.uuid}": "on"} if said else {})
    assert send(client, form).status_code == 302
    criterion.refresh_from_db()
    assert (criterion.text, criterion.meaning) == ("Can explain in public what a list costs", meaning)


def test_answers_about_what_is_not_there_change_nothing(document: Document, client: Client) -> None:
    stray = {"was-9-task-1": "new", "was-0-task-x": "?", f"now-{document.uuid}": "0-week-1", "meant-": "on"}
    assert send(client, form_of(look(client, NEW)) | stray | {"apply": "yes"}).status_code == 302
    assert Task.objects.live().count() == 3
