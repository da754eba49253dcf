"""Publishing: rows follow the text, keep their identity, and are never deleted."""

from pathlib import Path

import pytest
from django.utils import timezone

from curriculum.markdown import Refused, parse
from curriculum.models import Document, Month, Task, Week
from curriculum.publication import archive_document, publish, restore, rows_at
from curriculum.work import WorkWouldBeLost
from progress.models import Completion
from tests.curriculum.samples import MONTH, everything, run
from tests.factories import CohortFactory, DocumentFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Document:
    made: Document = DocumentFactory.create()
    publish(made, MONTH)
    return made


def tick(task: Task) -> Completion:
    learner = MembershipFactory.create(cohort=CohortFactory.create(curriculum=task.month.curriculum))
    return Completion.objects.create(learner=learner, task=task, done_at=timezone.now())


def test_same_text_is_the_same_edition(document: Document) -> None:
    before = everything()

    edition = publish(document, MONTH)

    assert edition.number == 1
    assert everything() == before


def test_unchanged_items_keep_their_rows(document: Document) -> None:
    kept = dict(Task.objects.values_list("text", "pk"))

    publish(document, MONTH.replace("- [ ] Read\n", "- [ ] Think\n- [ ] Read\n"))

    assert {text: pk for text, pk in Task.objects.values_list("text", "pk") if text != "Think"} == kept
    assert list(Task.objects.live().values_list("text", "position")) == [
        ("Think", 0),
        ("Read", 1),
        ("Write", 2),
    ]


def test_item_that_moves_to_another_week_keeps_its_row(document: Document) -> None:
    task = Task.objects.get(text="Write")
    moved = MONTH.replace("- [ ] Write\n", "") + "\n### Week 2: Two\n\n**Tasks**:\n- [ ] Write\n"

    publish(document, moved)

    task.refresh_from_db()
    assert task.archived_at is None
    assert task.week == Week.objects.get(number=2)


def test_equal_items_are_told_apart_by_their_number(document: Document) -> None:
    publish(document, MONTH.replace("Write", "Read"))
    first, second = Task.objects.live().order_by("position")
    done = tick(second)

    publish(document, MONTH.replace("Write", "Read").replace("- [ ] Read", "- [ ] Begin\n- [ ] Read", 1))

    assert list(Task.objects.live().order_by("position").values_list("pk", flat=True))[1:] == [
        first.pk,
        done.task_id,
    ]


def test_week_with_another_title_keeps_its_row(document: Document) -> None:
    week = Week.objects.get()

    publish(document, MONTH.replace("Week 1: One", "Week 1: The first"))

    assert Week.objects.get().pk == week.pk
    assert Week.objects.get().title == "The first"


def test_removed_item_is_archived_and_comes_back(document: Document) -> None:
    task = Task.objects.get(text="Write")

    publish(document, MONTH.replace("- [ ] Write\n", ""))
    assert Task.objects.get(pk=task.pk).archived_at is not None

    publish(document, MONTH)
    assert Task.objects.get(pk=task.pk).archived_at is None
    assert Task.objects.count() == 2


def test_text_that_loses_work_is_refused_whole(document: Document) -> None:
    tick(Task.objects.get(text="Write"))
    before = everything()

    with pytest.raises(WorkWouldBeLost) as refused:
        publish(document, MONTH.replace("Write", "Sing a song"))

    assert [(str(item.row), item.work) for item in refused.value.lost] == [("Write", 1)]
    assert everything() == before


def test_loss_that_was_accepted_archives(document: Document) -> None:
    done = tick(Task.objects.get(text="Write"))

    publish(document, MONTH.replace("Write", "Sing a song"), accept_loss=True)

    done.task.refresh_from_db()
    assert done.task.archived_at is not None


def test_document_with_work_is_not_archived_unasked(document: Document) -> None:
    tick(Task.objects.get(text="Write"))

    with pytest.raises(WorkWouldBeLost):
        archive_document(document)

    assert Month.objects.live().exists()


def test_month_of_another_document_is_refused(document: Document) -> None:
    other = DocumentFactory.create(curriculum=document.curriculum, path="other.md")

    with pytest.raises(Refused, match="has this month already"):
        publish(other, MONTH)


def test_months_of_one_file_change_numbers(document: Document) -> None:
    two = MONTH + "\n" + MONTH.replace("Month 01: Start", "Month 02: Then").replace("Read", "Think")
    publish(document, two)
    rows = dict(Month.objects.values_list("title", "pk"))
    swapped = (
        two.replace("Month 01", "Month XX").replace("Month 02", "Month 01").replace("Month XX", "Month 02")
    )

    publish(document, swapped)

    assert set(Month.objects.live().values_list("slug", flat=True)) == {"month-01", "month-02"}
    assert set(Month.objects.live().values_list("pk", flat=True)) == set(rows.values())


def test_restoring_knows_reworded_rows(document: Document) -> None:
    first = document.editions.get()
    task = Task.objects.get(text="Write")

    source = MONTH.replace("Write", "Rewrite")
    tree, old = parse(source), parse(MONTH)
    rows = rows_at(first, old)
    pairs = {new: rows[node] for new, node in zip(tree.walk(), old.walk(), strict=True) if node in rows}
    publish(document, source, tree=tree, pairs=pairs)
    done = tick(task)

    restore(first)

    done.task.refresh_from_db()
    assert (done.task.text, done.task.archived_at) == ("Write", None)


def test_import_that_loses_work_names_the_items(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    run(tmp_path)
    tick(Task.objects.get(text="Write"))
    (tmp_path / "a.md").write_text(MONTH.replace("Write", "Sing a song"))
    before = everything()

    _report, said = run(tmp_path)

    assert "Task “Write” (1 piece of work) would lose its place" in said
    assert everything() == before


def test_pruning_what_carries_work_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / "b.md").write_text(MONTH.replace("01", "02"))
    run(tmp_path)
    tick(Task.objects.get(text="Write", month__number=2))
    (tmp_path / "b.md").unlink()
    before = everything()

    _report, said = run(tmp_path, prune=True)

    assert "b.md is not among the files, but people have work on it: Task “Write”" in said
    assert everything() == before
