"""What changed in a month since its learner last looked: told until they say that they have seen it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from curriculum.changes import changes_of, seen_at
from curriculum.markdown import parse
from curriculum.models import Document, Edition, Task
from curriculum.publication import publish, rows_at
from progress.models import Completion, Look
from tests.cast import Cast, month_text
from tests.progress.test_news import mark

TEXT = month_text(weeks=2)
NOTICE = "Changed since you last looked"


def published(cast: Cast) -> Edition:
    edition = Document.objects.get(pk=cast.month.document_id).published
    assert edition
    return edition


@pytest.fixture
def begun(cast: Cast) -> Edition:
    """The edition of two weeks in which the learner ticked their first task."""
    publish(cast.month.document, TEXT, accept_loss=True)
    Completion.objects.tick(cast.learner, Task.objects.live().get(month=cast.month, text="Task 1.1"))
    return published(cast)


def change(cast: Cast, *replaced: tuple[str, str]) -> Edition:
    """Publishes the month with other words for the same rows where they have a place."""
    before = published(cast)
    source = before.source
    for old, new in replaced:
        assert old in source
        source = source.replace(old, new)
    same = all(old.count("\n") == new.count("\n") for old, new in replaced)
    tree = parse(source)
    document = Document.objects.get(pk=cast.month.document_id)
    old_tree = parse(before.source)
    rows = rows_at(before, old_tree)
    if same:  # line by line the same rows, as the admin's form says it
        by_line = {(node.kind, node.first): row for node, row in rows.items()}
        pairs = {
            node: by_line[node.kind, node.first] for node in tree.walk() if (node.kind, node.first) in by_line
        }
        publish(document, source, tree=tree, pairs=pairs, accept_loss=True)
    else:
        publish(document, source, accept_loss=True)
    return published(cast)


def kinds(cast: Cast, old: Edition) -> list[tuple[str, str, str]]:
    found = changes_of(cast.month.uuid, old.uuid, published(cast).uuid)
    return [(one.kind, one.what, one.new or one.old) for one in found]


def month(client: Client, cast: Cast) -> str:
    client.force_login(cast.learner.user)
    return client.get(reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])).text


def look(client: Client, cast: Cast, edition: object) -> int:
    client.force_login(cast.learner.user)
    place = reverse("progress:month_look", args=[cast.learner.uuid, cast.month.slug])
    return client.post(place, {"edition": str(edition)}).status_code


# What differs -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Task 2.1\n", "Task 2.1 anew\n", [("reworded", "tasks", "Task 2.1 anew")]),
        ("- [ ] Task 2.1\n", "", [("removed", "tasks", "Task 2.1")]),
        ("- [ ] Task 2.1\n", "- [ ] Task 2.1\n- [ ] More\n", [("added", "tasks", "More")]),
        ("Focus 2", "Another focus", [("reworded", "week", "Week 2: Part 2 Another focus")]),
        ("**Duration**: 2", "**Duration**: 3", [("reworded", "detail", "Duration: 3 weeks")]),
        ("Design a system.", "Design two.", [("reworded", "prose", "Design two.")]),
        ("Criterion 2", "Criterion two", [("reworded", "criteria", "Criterion two")]),
        ("Work 2.1", "Work of week two", [("reworded", "deliverables", "Work of week two")]),
        ("- Payments", "- Payment", [("reworded", "ideas", "Payment")]),
        ("# Month 08: System Design", "# Month 08: Design", []),
    ],
)
def test_item_that_differs_is_found(
    cast: Cast, begun: Edition, old: str, new: str, found: list[tuple[str, str, str]]
) -> None:
    change(cast, (old, new))
    assert kinds(cast, begun) == found


def test_item_that_moved_says_from_where(cast: Cast, begun: Edition) -> None:
    change(cast, ("- [ ] Task 2.1\n", ""), ("- [ ] Task 1.1\n", "- [ ] Task 1.1\n- [ ] Task 2.1\n"))
    (one,) = changes_of(cast.month.uuid, begun.uuid, published(cast).uuid)
    assert (one.kind, one.new) == ("moved", "Task 2.1")
    assert (one.was, one.where) == ("Week 2: Part 2", "Week 1: Part 1")


def test_same_text_again_is_no_change(cast: Cast, begun: Edition) -> None:
    change(cast, ("Task 2.1\n", "Task 2.1 anew\n"))
    change(cast, ("Task 2.1 anew\n", "Task 2.1\n"))
    assert kinds(cast, begun) == []


def test_edition_of_a_time_is_the_one_that_was_published_then(cast: Cast, begun: Edition) -> None:
    change(cast, ("Focus 2", "Another focus"))
    newest = published(cast)
    assert begun.published_at
    assert newest.published_at
    assert seen_at(newest.uuid, begun.published_at) == begun.uuid
    assert seen_at(newest.uuid, newest.published_at) == newest.uuid
    first = Edition.objects.filter(document=newest.document).earliest("published_at")
    assert first.published_at
    assert seen_at(newest.uuid, first.published_at - timedelta(seconds=1)) == first.uuid


# On the pages -------------------------------------------------------------------------------------------------
def test_line_is_there_until_the_learner_has_seen_the_changes(
    client: Client, cast: Cast, begun: Edition
) -> None:
    assert NOTICE not in month(client, cast)
    change(cast, ("Task 2.1\n", "Task 2.1 anew\n"), ("Focus 1", "Other things"))
    assert f"{NOTICE}: 2 have new words." in month(client, cast)
    assert NOTICE in month(client, cast), "a look at the page alone says nothing"
    assert look(client, cast, published(cast).uuid) == 302
    assert NOTICE not in month(client, cast)
    change(cast, ("- [ ] Task 2.2\n", ""))
    assert f"{NOTICE}: 1 is no longer there." in month(client, cast)


def test_page_of_changes_shows_each_with_its_words(client: Client, cast: Cast, begun: Edition) -> None:
    Completion.objects.tick(cast.learner, Task.objects.live().get(month=cast.month, text="Task 2.2"))
    change(cast, ("- [ ] Task 2.2\n", ""), ("- [ ] Task 1.2\n", "- [ ] Task 1.2\n- [ ] More\n"))
    change(cast, ("Task 2.1\n", "Task two\n"), ("Task 1.1\n", "Task one\n"))
    client.force_login(cast.learner.user)
    page = client.get(reverse("progress:month_changes", args=[cast.learner.uuid, cast.month.slug])).text
    for words in (
        "<del>2.1</del> <ins>two</ins>",
        "<ins>More</ins>",
        "<del>Task 2.2</del>",
        "What you did stays on the page of Month 08.",
        "You have ticked it.",
        "1 is new, 2 have new words, 1 is no longer there.",
    ):
        assert words in page
    assert str(published(cast).uuid) in page


def test_seen_month_has_no_new_words_beside_ticks(client: Client, cast: Cast, begun: Edition) -> None:
    change(cast, ("Task 1.1\n", "Task one\n"))
    assert "Wording changed" in month(client, cast)
    look(client, cast, published(cast).uuid)
    assert "Wording changed" not in month(client, cast)
    assert Completion.objects.get().words == "Task 1.1"


def test_older_edition_is_no_step_back_and_newer_changes_stay_unseen(
    client: Client, cast: Cast, begun: Edition
) -> None:
    newer = change(cast, ("Task 1.1\n", "Task one\n"))
    newest = change(cast, ("Task 2.1\n", "Task two\n"))
    look(client, cast, newer.uuid)
    assert f"{NOTICE}: 1 has new words." in month(client, cast)
    assert "Wording changed" in month(client, cast), "the page that was seen may have had others"
    look(client, cast, newest.uuid)
    look(client, cast, newer.uuid)
    assert Look.objects.get().edition == newest
    assert NOTICE not in month(client, cast)


@pytest.mark.parametrize(("edition", "status"), [("", 400), ("rubbish", 400), (uuid4(), 404)])
def test_edition_that_is_none_of_the_month_is_refused(
    client: Client, cast: Cast, edition: object, status: int
) -> None:
    assert look(client, cast, edition) == status
    assert not Look.objects.exists()


def test_who_has_not_begun_is_told_nothing(client: Client, cast: Cast) -> None:
    change(cast, ("Task 1.1\n", "Task one\n"))
    assert NOTICE not in month(client, cast)
    client.force_login(cast.learner.user)
    page = client.get(reverse("progress:month_changes", args=[cast.learner.uuid, cast.month.slug])).text
    assert "Nothing has changed since you last looked." in page


def test_who_has_handed_in_has_begun(client: Client, cast: Cast) -> None:
    cast.hand_in()
    change(cast, ("Task 1.1\n", "Task one\n"))
    assert NOTICE in month(client, cast)


def test_mentor_is_told_nothing_of_it(client: Client, cast: Cast, begun: Edition) -> None:
    change(cast, ("Task 2.1\n", "Task two\n"))
    client.force_login(cast.mentor)
    place = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert NOTICE not in client.get(place).text


def test_completed_month_stays_complete_and_says_so(client: Client, cast: Cast, begun: Edition) -> None:
    mark(cast, 0)
    mark(cast, 1)
    change(cast, ("Criterion 2\n", "Criterion 2\n- [ ] Criterion 3\n"))
    assert "Complete" in month(client, cast)
    client.force_login(cast.learner.user)
    page = client.get(reverse("progress:month_changes", args=[cast.learner.uuid, cast.month.slug])).text
    assert "It stays complete." in page


def test_work_on_what_is_gone_stays_on_the_page(client: Client, cast: Cast) -> None:
    cast.hand_in()
    change(cast, ("- Work 1.1\n", "- Something else altogether\n\nAnd prose.\n"))
    page = month(client, cast)
    assert "No longer part of Month 08" in page
    assert page.index("Work 1.1") > page.index("No longer part of Month 08")


def test_look_does_not_keep_a_month_from_going(client: Client, cast: Cast) -> None:
    look(client, cast, published(cast).uuid)
    publish(cast.month.document, month_text(11))


def test_table_holds_one_look_a_month(client: Client, cast: Cast) -> None:
    edition = published(cast)
    Look.objects.create(membership=cast.learner, month=cast.month, edition=edition)
    with pytest.raises(IntegrityError), transaction.atomic():
        Look.objects.create(membership=cast.learner, month=cast.month, edition=edition)
