"""The Markdown editor in the admin: drafts, checks, refusals with the text kept, two windows, and what is published."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Document, Edition, Task
from curriculum.publication import publish
from progress.models import Completion
from tests.cast import Cast, month_text
from tests.curriculum.test_admin import Fields
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def document(cast: Cast, client: Client) -> Document:
    """The document of the cast's month, with an admin logged in."""
    client.force_login(cast.admin)
    return cast.month.document


def address(document: Document, name: str = "") -> str:
    return reverse(f"admin:curriculum_document_markdown{name}", args=[document.pk])


def opened(client: Client, document: Document) -> dict[str, str]:
    """What a browser would send back of the page, with nothing typed."""
    response = client.get(address(document))
    assert response.status_code == 200
    return sent(response)


def sent(response: Any) -> dict[str, str]:
    values = Fields(response.content.decode()).values
    return {name: values[name] for name in ("text", "shown", "message")}


def post(client: Client, document: Document, name: str, values: dict[str, str], **changed: str) -> Any:
    typed = values | changed
    return client.post(address(document, name), typed | {"text": typed["text"].replace("\n", "\r\n")})


def reworded(values: dict[str, str], old: str = "Task 1.1", new: str = "Read it all") -> dict[str, str]:
    assert old in values["text"]
    return values | {"text": values["text"].replace(old, new)}


def published(document: Document) -> str:
    document.refresh_from_db()
    assert document.published is not None
    return document.published.source


def test_looking_and_saving_unchanged_write_nothing(client: Client, document: Document) -> None:
    values = opened(client, document)
    assert values["text"] == published(document)
    for name in ("_draft", "_check", "_publication"):
        assert post(client, document, name, values).status_code in (200, 302)
    assert Edition.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_draft_is_kept_and_seen_by_nobody(client: Client, document: Document) -> None:
    before = published(document)
    assert post(client, document, "_draft", reworded(opened(client, document))).status_code == 302
    assert published(document) == before
    again = opened(client, document)
    assert "Read it all" in again["text"]
    assert Document.objects.drafted().get() == document
    assert Task.objects.live().filter(text="Task 1.1").exists()


def test_published_draft_differs_in_its_line_alone(client: Client, document: Document) -> None:
    mixed = "\ufeff" + month_text().replace("\n", "\r\n", 7) + "\t\n"
    publish(document, mixed)
    values = reworded(opened(client, document)) | {"message": "Clearer"}
    response = post(client, document, "_publication", values)
    assert response["Location"] == reverse("admin:curriculum_document_change", args=[document.pk])
    assert published(document) == mixed.replace("Task 1.1", "Read it all")
    edition = document.published
    assert edition is not None
    assert (edition.number, edition.message, edition.published_at is None) == (3, "Clearer", False)
    assert document.draft is None
    assert "Clearer" in LogEntry.objects.get().change_message
    assert client.get(address(document, "_file")).content == edition.data


def test_second_click_publishes_once(client: Client, document: Document) -> None:
    values = reworded(opened(client, document))
    for _click in range(2):
        assert post(client, document, "_publication", values).status_code == 302
    assert list(document.editions.values_list("number", flat=True)) == [2, 1]


def test_two_windows_on_one_text_lose_nothing(client: Client, document: Document) -> None:
    first = opened(client, document)
    second = opened(client, document)
    post(client, document, "_draft", reworded(first, new="Theirs"))
    response = post(client, document, "_draft", reworded(second, new="Mine"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody else changed this text" in page
    assert "<ins>Mine</ins>" in page
    assert "<del>Theirs</del>" in page
    assert "Mine" in sent(response)["text"]
    assert document.draft is not None
    assert "Theirs" in document.draft.source
    # Asked once more, nothing is written over; only who says so does that.
    assert post(client, document, "_draft", sent(response)).status_code == 409
    over = page.split('name="over" value="')[1].split('"')[0]
    assert post(client, document, "_draft", sent(response), over=over).status_code == 302
    assert "Mine" in document.draft.source


def test_draft_that_was_published_meanwhile_is_not_begun_again(client: Client, document: Document) -> None:
    post(client, document, "_draft", reworded(opened(client, document)))
    first, second = opened(client, document), opened(client, document)
    post(client, document, "_publication", first)
    response = post(client, document, "_draft", reworded(second, "Task 1.2", "Late"))
    assert response.status_code == 409
    assert "published or thrown away" in response.content.decode()
    assert "Late" in sent(response)["text"]
    assert document.draft is None


def test_who_was_shown_something_else_writes_over_nothing(client: Client, document: Document) -> None:
    values = reworded(opened(client, document))
    for odd in ("", ".", "x.1", ".99999999999", "?.0", ".7"):
        assert post(client, document, "_draft", values, shown=odd).status_code == 409, odd
    assert document.draft is None


def test_edition_that_came_between_is_shown_before_anything_is_published(
    client: Client, document: Document
) -> None:
    post(client, document, "_draft", reworded(opened(client, document), "Task 1.2", "Mine"))
    theirs = month_text().replace("Focus 1", "Another focus")
    publish(document, theirs)
    values = opened(client, document)
    response = post(client, document, "_publication", values)
    assert response.status_code == 409
    assert "<ins>Another focus</ins>" in response.content.decode()
    assert published(document) == theirs
    assert post(client, document, "_newest", values, seen="3").status_code == 302
    assert post(client, document, "_publication", opened(client, document)).status_code == 302
    assert "Mine" in published(document)


@pytest.mark.parametrize(
    ("text", "line", "code", "words"),
    [
        ("Nothing here\n", 1, "no-title", "There is no title"),
        ("# Month 01: One\n\n```\n## Success Criteria\n", 3, "never-closed", "is never closed"),
        (
            "# Month 01: One\n\n# Month 01: Again\n",
            3,
            "same-month",
            "The same month stands in line 1 already.",
        ),
        ("# Month 01: A\x00b\n", 1, "nul-character", "NUL"),
        ("# Month 01: A\n" + "x" * 1_000_000, 1, "too-large", "larger than 1 MB"),
    ],
)
def test_refused_text_is_kept_with_its_line(
    client: Client, document: Document, text: str, line: int, code: str, words: str
) -> None:
    before = published(document)
    values = opened(client, document)
    response = post(client, document, "_publication", values, text=text)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert f'data-line="{line}"' in page
    # Said once of what was tried, and once among the remarks.
    assert page.count(f'href="{reverse("curriculum:markdown_help")}#{code}"') == 2
    if "\0" not in text:
        assert sent(response)["text"] == text
    assert published(document) == before


def test_marks_are_on_the_lines_of_the_text_area(client: Client, document: Document) -> None:
    """It has one more for a lone carriage return, and no byte order mark."""
    source = "\ufeff# Month 08: System\rDesign\n\n- [ ] Read\r\n\n-[ ] Write\n"
    publish(document, source, accept_loss=True)
    page = client.get(address(document)).content.decode()
    lines = Fields(page).values["text"].split("\n")
    line = lines.index("-[ ] Write") + 1
    assert line == 6
    assert f'data-line="{line}" data-column="4"' in page
    refused = post(client, document, "_publication", opened(client, document), text="a\n\n# Notes\n\nb\n")
    assert 'data-line="3" data-column="3" data-severity="error"' in refused.content.decode()


def test_refusal_is_marked_on_the_line_of_the_text_area(client: Client, document: Document) -> None:
    publish(document, "# Month 08: System\rDesign\n\n- [ ] Read\n", accept_loss=True)
    values = opened(client, document)
    response = post(client, document, "_publication", values, text=values["text"] + "\n```\n- [ ] a\n")
    assert response.status_code == 422
    page = response.content.decode()
    line = Fields(page).values["text"].split("\n").index("```") + 1
    assert page.count(f'data-line="{line}"') == 3


def test_work_that_would_be_lost_is_listed_and_kept_when_it_is_meant(
    client: Client, cast: Cast, document: Document
) -> None:
    cast.hand_in()
    values = opened(client, document)
    values = reworded(values, "- Work 1.1\n", "- Something of another kind altogether\n")
    response = post(client, document, "_publication", values)
    assert response.status_code == 422
    assert "Deliverable “Work 1.1” (1 piece of work)" in response.content.decode()
    assert "Work 1.1" in published(document)
    assert post(client, document, "_publication", sent(response), accept="yes").status_code == 302
    assert "Work 1.1" not in published(document)
    assert cast.deliverable.submissions.count() == 1


def test_plan_is_shown_and_ticks_follow_reworded_tasks(
    client: Client, cast: Cast, document: Document
) -> None:
    tick = Completion.objects.create(learner=cast.learner, task=cast.task, done_at=timezone.now())
    values = reworded(opened(client, document), "- [ ] Task 1.1", "- [ ] Task 1.1, twice")
    page = post(client, document, "_check", values).content.decode()
    assert "What becomes of each item" in page
    assert "reworded 1, new 0, removed 0" in page
    assert "1 learner has work on it" in page
    assert post(client, document, "_publication", values).status_code == 302
    tick.task.refresh_from_db()
    assert (tick.task.text, tick.task.archived_at) == ("Task 1.1, twice", None)


def test_item_is_paired_by_hand_for_the_text_that_was_looked_at(
    client: Client, cast: Cast, document: Document
) -> None:
    cast.hand_in()
    values = reworded(opened(client, document), "- Work 1.1\n", "- Something of another kind altogether\n")
    page = post(client, document, "_check", values).content.decode()
    answer = {
        "planned": page.split('name="planned" value="')[1].split('"')[0],
        "now-" + str(cast.deliverable.uuid): page.split('<select name="was-')[1].split('"')[0],
    }
    late = reworded(values, "Focus 1", "Focus on one") | answer
    refused = post(client, document, "_publication", late)
    assert (refused.status_code, "say it once more" in refused.content.decode()) == (
        409,
        True,
    )
    seen = {**sent(refused), "text": values["text"]}
    assert post(client, document, "_publication", seen, **answer).status_code == 302
    cast.deliverable.refresh_from_db()
    assert cast.deliverable.text == "Something of another kind altogether"
    assert cast.deliverable.archived_at is None


def test_check_says_what_there_is_and_keeps_nothing(client: Client, document: Document) -> None:
    values = opened(client, document)
    response = post(
        client, document, "_check", values, text=values["text"].replace("## Weekly", "```\n## Weekly")
    )
    assert response.status_code == 200
    page = response.content.decode()
    assert "1 line to look at." in page
    assert "never closed" in page
    assert sent(response)["shown"] == values["shown"]
    assert Edition.objects.count() == 1


def test_saving_while_typing_answers_with_the_parts_alone(client: Client, document: Document) -> None:
    values = reworded(opened(client, document))
    answer = client.post(address(document, "_draft"), values, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<html" not in page
    for part in ("draft", "remarks", "repair", "changes"):
        assert f'id="{part}"' in page
    assert "- [ ] <ins>Read it all</ins>" in page
    assert document.draft is not None
    assert f'value="{document.draft.uuid}.1"' in page
    stale = client.post(
        address(document, "_draft"), values | {"text": "# Mine"}, headers={"HX-Request": "true"}
    )
    assert (stale.status_code, "data-stale" in stale.content.decode()) == (409, True)


def test_draft_is_thrown_away_only_as_it_was_seen(client: Client, document: Document) -> None:
    post(client, document, "_draft", reworded(opened(client, document)))
    seen = opened(client, document)
    post(client, document, "_draft", reworded(seen, "Task 1.2", "Newer"))
    response = post(client, document, "_discard", seen)
    assert response.status_code == 409
    assert document.draft is not None
    assert post(client, document, "_discard", opened(client, document)).status_code == 302
    assert Edition.objects.count() == 1


def test_damaged_letters_are_put_right_when_that_is_asked(client: Client, document: Document) -> None:
    damaged = month_text() + "\n## Notes\n\nA caf√© ‚Äî open ‚è≥\n"
    publish(document, damaged)
    page = client.get(address(document)).content.decode()
    assert "Damaged letters" in page
    assert "⏳" in page
    assert post(client, document, "_repair", opened(client, document)).status_code == 302
    assert published(document) == damaged
    assert document.draft is not None
    assert document.draft.source.endswith("A café — open ⏳\n")


def test_document_has_one_draft(document: Document) -> None:
    Edition.objects.create(document=document, number=7, source="# One")
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(document=document, number=8, source="# Two")


def test_month_form_is_closed_while_a_draft_is_open(client: Client, cast: Cast, document: Document) -> None:
    month = reverse("admin:curriculum_month_change", args=[cast.month.pk])
    form = Fields(client.get(month).content.decode()).values
    form = {name: value for name, value in form.items() if "__prefix__" not in name and "-empty-" not in name}
    post(client, document, "_draft", reworded(opened(client, document)))
    page = client.get(month).content.decode()
    assert "its form is closed" in page
    assert address(document) in page
    assert 'name="_save"' not in page
    late = client.post(month, form | {"title": "Typed before"})
    assert late.status_code == 422
    assert "being edited as Markdown now" in late.content.decode()
    assert 'value="Typed before"' in late.content.decode()
    assert Edition.objects.count() == 2


def test_editions_are_compared_with_any_other(client: Client, document: Document) -> None:
    for words in ("Second", "Third"):
        publish(document, month_text().replace("Focus 1", words))
    page = reverse("admin:curriculum_document_edition", args=[document.pk, 3])
    shown = client.get(page, {"against": 1}).content.decode()
    assert "What differs from edition 1" in shown
    assert "<ins>Third</ins>" in shown
    for odd in ("9", "x", "99999999999999999999", "3"):
        assert client.get(page, {"against": odd}).status_code == 200


def test_draft_is_not_restored(client: Client, document: Document) -> None:
    post(client, document, "_draft", reworded(opened(client, document)))
    assert document.draft is not None
    restore = reverse(
        "admin:curriculum_document_edition_publication", args=[document.pk, document.draft.number]
    )
    assert client.post(restore).status_code == 404


def test_editor_is_for_who_may_change_documents(client: Client, document: Document) -> None:
    client.force_login(UserFactory.create(is_staff=True))
    for name in ("_draft", "_check", "_repair", "_newest", "_discard", "_publication"):
        assert client.post(address(document, name), {"text": "x"}).status_code == 403, name
        assert client.get(address(document, name)).status_code == 405, name
    for name in ("", "_file"):
        assert client.get(address(document, name)).status_code == 403, name


def test_who_was_logged_out_meanwhile_gets_the_text_back(client: Client, document: Document) -> None:
    values = reworded(opened(client, document))
    client.logout()
    answer = post(client, document, "_publication", values)
    assert (answer.status_code, "Read it all" in answer.content.decode()) == (401, True)
    assert Edition.objects.count() == 1


def test_form_without_its_text_is_no_empty_draft(client: Client, document: Document) -> None:
    assert client.post(address(document, "_draft"), {"shown": ".1"}).status_code == 400
    assert Edition.objects.count() == 1


def test_preview_shows_the_text_as_a_learner_sees_it(client: Client, document: Document) -> None:
    place = reverse("progress:preview", args=[document.uuid])
    page = client.post(place, {"text": month_text().replace("Task 1.1", "Read **it** all")}).content.decode()
    assert "Read <strong>it</strong> all" in page
    for words in ("Focus 1", "Work 1.1", "Criterion 1", "Not marked yet", "System Design", "Payments"):
        assert words in page
    assert "<form" not in page
    assert "place-" not in page
    refused = client.post(place, {"text": "no title"})
    assert (refused.status_code, "There is no title" in refused.content.decode()) == (422, True)


def test_editor_asks_as_much_for_a_long_month(
    client: Client, cast: Cast, document: Document, django_assert_num_queries: Any
) -> None:
    for text in (month_text(), month_text(weeks=6, tasks=9, criteria=9)):
        publish(document, text)
        with django_assert_num_queries(8):
            client.get(address(document))
