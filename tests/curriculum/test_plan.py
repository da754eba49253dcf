"""The plan of an import, and what it does to rows that learners have work on."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from curriculum.markdown import parse
from curriculum.models import Criterion, Curriculum, Document, Month, Task
from curriculum.publication import restore, rows_at
from progress.models import Completion
from tests.curriculum.samples import everything, run
from tests.factories import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db

TEXT = """# Month {number:02}: {title}

## Weekly Breakdown

### Week 1: One

**Tasks**:
{tasks}

## Success Criteria

- [ ] Can explain the trade-offs of {title}
"""


def text(number: int, title: str, *tasks: str) -> str:
    return TEXT.format(number=number, title=title, tasks="\n".join(f"- [ ] {task}" for task in tasks))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two months, imported."""
    write(tmp_path, a=text(1, "Lists", "Read about lists", "Write a list of your own"))
    write(tmp_path, b=text(2, "Trees", "Draw a binary tree", "Balance it"))
    run(tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, words in files.items():
        (folder / f"{name}.md").write_text(words)


def tick(words: str) -> Completion:
    task = Task.objects.get(text=words)
    cohort = CohortFactory.create(curriculum=task.month.curriculum)
    learner = MembershipFactory.create(cohort=cohort)
    return Completion.objects.create(learner=learner, task=task, done_at=timezone.now())


def changes(plan: dict[str, Any], stage: str) -> list[tuple[str, str]]:
    return [(change["before"], change["after"]) for change in plan[stage]]


def test_import_that_rewords_a_task_keeps_its_ticks(folder: Path) -> None:
    done = tick("Draw a binary tree")
    write(folder, b=text(2, "Trees", "Draw a binary tree on paper", "Balance it"))

    report, said = run(folder)

    assert said == ""
    done.task.refresh_from_db()
    assert (done.task.text, done.task.archived_at) == ("Draw a binary tree on paper", None)
    assert changes(report["plan"], "reworded") == [("Draw a binary tree", "Draw a binary tree on paper")]
    assert report["plan"]["reworded"][0]["learners"] == 1


def test_dry_run_tells_the_plan_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _learner in range(2):
        tick("Balance it")
    write(folder, b=text(2, "Trees", "Cut it down", "Draw a binary tree on paper"))
    before = everything()

    call_command("import_curriculum", str(folder), curriculum="ai", dry_run=True, accept_loss=True)

    said = capsys.readouterr().out
    assert "kept 5, moved 0, reworded 1, new 1, removed 1." in said
    assert "reworded: Task “Draw a binary tree {+on paper+}”, Month 02: Trees › Week 1: One\n" in said
    assert "removed: Task “Balance it”, Month 02: Trees › Week 1: One (work of 2 learners)" in said
    assert "new: Task “Cut it down”, Month 02: Trees › Week 1: One\n" in said
    assert everything() == before


def test_item_that_goes_to_another_file_keeps_its_row(folder: Path) -> None:
    done = tick("Write a list of your own")
    write(folder, a=text(1, "Lists", "Read about lists"))
    write(folder, b=text(2, "Trees", "Draw a binary tree", "Balance it", "Write a list of your own"))

    report, said = run(folder)

    assert said == ""
    done.task.refresh_from_db()
    assert (done.task.archived_at, done.task.month.number) == (None, 2)
    assert changes(report["plan"], "moved") == [("Write a list of your own",) * 2]
    for document in Document.objects.all():
        edition = document.published
        assert edition is not None
        assert {
            row.text for row in rows_at(edition, parse(edition.source)).values() if isinstance(row, Task)
        } == set(Task.objects.live().filter(month__document=document).values_list("text", flat=True))


def test_restoring_takes_nothing_from_the_file_it_went_to(folder: Path) -> None:
    done = tick("Write a list of your own")
    first = Document.objects.get(path="a.md").published
    assert first is not None
    write(folder, a=text(1, "Lists", "Read about lists"))
    write(folder, b=text(2, "Trees", "Draw a binary tree", "Balance it", "Write a list of your own"))
    run(folder)

    restore(first)

    assert Task.objects.live().filter(text="Write a list of your own").count() == 2
    done.task.refresh_from_db()
    assert (done.task.archived_at, done.task.month.number) == (None, 2)


def test_month_put_in_between_leaves_the_others_their_rows(folder: Path) -> None:
    done = tick("Balance it")
    months = dict(Month.objects.values_list("title", "pk"))
    write(folder, b=text(2, "Queues", "Take a walk"), c=text(3, "Trees", "Draw a binary tree", "Balance it"))

    _report, said = run(folder)

    assert said == ""
    live = Month.objects.live().in_order()
    assert [(month.slug, month.title) for month in live] == [
        ("month-01", "Lists"),
        ("month-02", "Queues"),
        ("month-03", "Trees"),
    ]
    assert {month.title: month.pk for month in live if month.title != "Queues"} == months
    done.task.refresh_from_db()
    assert (done.task.archived_at, done.task.month.slug) == (None, "month-03")


def test_pruned_file_gives_its_items_to_those_that_have_them(folder: Path) -> None:
    done = tick("Balance it")
    write(folder, a=text(1, "Lists", "Read about lists", "Write a list of your own", "Balance it"))
    (folder / "b.md").unlink()

    _report, said = run(folder, prune=True)

    assert said == ""
    done.task.refresh_from_db()
    assert (done.task.archived_at, done.task.month.number) == (None, 1)
    assert Task.objects.get(text="Draw a binary tree").archived_at is not None


def test_loss_is_refused_until_it_is_accepted(folder: Path) -> None:
    done = tick("Balance it")
    write(folder, b=text(2, "Trees", "Draw a binary tree"))
    before = everything()

    _report, said = run(folder)
    assert "Task “Balance it” (1 piece of work) would lose its place" in said
    assert "--accept-loss" in said
    assert everything() == before

    _report, said = run(folder, accept_loss=True)
    assert said == ""
    done.task.refresh_from_db()
    assert done.task.archived_at is not None
    assert Completion.objects.filter(pk=done.pk).exists()


def test_criterion_keeps_its_meaning_unless_somebody_says_so(folder: Path) -> None:
    write(folder, b=text(2, "Trees", "Draw a binary tree", "Balance it").replace("Can explain", "Explains"))
    run(folder)
    criterion = Criterion.objects.get(month__number=2)
    assert (criterion.text, criterion.meaning) == ("Explains the trade-offs of Trees", 1)


def test_plan_counts_learners_once_and_running_cohorts(folder: Path) -> None:
    done = tick("Balance it")
    other = Task.objects.get(text="Draw a binary tree")
    Completion.objects.create(learner=done.learner, task=other, done_at=timezone.now())
    cohort = CohortFactory.create(curriculum=Curriculum.objects.get())
    MembershipFactory.create(cohort=cohort)
    write(folder, b=text(2, "Trees", "Draw a binary tree, please", "Balance it"))

    report, _said = run(folder, dry_run=True)

    assert report["plan"]["reworded"][0]["learners"] == 1
    assert (report["plan"]["learners"], report["plan"]["cohorts"]) == (2, 2)
