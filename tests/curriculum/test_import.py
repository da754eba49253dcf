"""manage.py import_curriculum: exact counts, findings, and nothing written where one file is bad."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.forms.models import model_to_dict

from curriculum.models import (
    Criterion,
    Curriculum,
    Deliverable,
    Document,
    Edition,
    Idea,
    Month,
    Objective,
    Project,
    Resource,
    Task,
    Week,
)
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, everything, run

pytestmark = pytest.mark.django_db


def test_sample_folder_imports_with_exact_counts() -> None:
    report, said = run(FOLDER, title="AI Practitioner")

    assert said == ""
    assert report["total"] == {
        "months": 9,
        "weeks": 36,
        "tasks": 144,
        "deliverables": 76,
        "criteria": 36,
        "requirements": 0,
        "notes": 0,
        "warnings": 0,
        "errors": 0,
    }
    assert [file["path"] for file in report["files"]] == [
        "README.md",
        *(f"month-{number:02}/README.md" for number in range(2, 11)),
    ]
    assert {file["months"] for file in report["files"][1:]} == {1}
    assert (Month.objects.count(), Week.objects.count(), Task.objects.count()) == (9, 36, 144)
    assert (Deliverable.objects.count(), Criterion.objects.count()) == (76, 36)
    assert Document.objects.get(path="README.md").kind == Document.Kind.DASHBOARD
    assert Curriculum.objects.get().title == "AI Practitioner"


def test_received_month_imports_with_its_damage_reported() -> None:
    report, said = run(RECEIVED)

    (file,) = report["files"]
    assert said == ""
    assert (file["weeks"], file["tasks"], file["deliverables"], file["criteria"]) == (4, 16, 8, 4)
    assert (file["warnings"], file["errors"]) == (1, 0)
    (finding,) = file["findings"]
    assert (finding["line"], finding["repair"]) == (5, "⏳ Upcoming")
    month = Month.objects.get()
    assert (month.label, month.title, month.number, month.slug) == (
        "Month 08",
        "System Design",
        8,
        "month-08",
    )
    assert (month.tier, month.tier_number, month.duration) == ("2 (Specialization)", 2, "4 weeks")
    assert month.status == "⏳ Upcoming"
    assert Edition.objects.get().data == RECEIVED.read_bytes()
    assert Objective.objects.values_list("text", flat=True)[0] == "Design ML systems at scale"
    assert set(Resource.objects.values_list("group", flat=True)) == {"Books", "Papers"}
    assert Project.objects.get().title == "ML System Design Document"
    assert Idea.objects.count() == 4
    assert Week.objects.get(number=2).focus == "Data at scale"


def test_same_bytes_again_change_nothing() -> None:
    run(FOLDER)
    before = everything()

    report, _said = run(FOLDER)

    assert {file["state"] for file in report["files"]} == {"same"}
    assert everything() == before


def test_dry_run_reports_and_writes_nothing() -> None:
    report, _said = run(FOLDER, dry_run=True)

    assert report["total"]["tasks"] == 144
    assert everything() == []


def test_single_file_is_the_next_edition_of_its_month(tmp_path: Path) -> None:
    run(FOLDER)
    kept = dict(Task.objects.filter(month__number=8).values_list("text", "pk"))

    report, said = run(RECEIVED)

    assert said == ""
    assert report["files"][0]["state"] == "changed"
    assert len(report["missing"]) == 8
    document = Document.objects.get(path="month-08/README.md")
    assert document.published is not None
    assert (document.published.number, document.published.data) == (2, RECEIVED.read_bytes())
    assert dict(Task.objects.filter(month__number=8).values_list("text", "pk")) == kept


def test_readme_of_one_month_is_kept_under_its_folders_name(tmp_path: Path) -> None:
    for name in ("month-01", "month-02"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(MONTH.replace("01", name[-2:]))
    (tmp_path / "README.md").write_text("# All\n\n- [1](month-01/README.md)\n- [2](month-02/README.md)\n")

    run(tmp_path / "month-01")
    run(tmp_path / "month-02" / "README.md")
    report, said = run(tmp_path)

    assert said == ""
    assert {file["path"]: file["state"] for file in report["files"]} == {
        "README.md": "new",
        "month-01/README.md": "same",
        "month-02/README.md": "same",
    }


def test_renamed_file_keeps_its_document(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(MONTH)
    run(tmp_path)
    (tmp_path / "one.md").rename(tmp_path / "first.md")

    _report, said = run(tmp_path)

    assert said == ""
    assert Document.objects.get().path == "first.md"
    assert Month.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("bad.md", b"# Month 02: Two\n\nbad \xff\n", 3, "not UTF-8: byte 21"),
        ("bad.md", b"# Month 02: Two\n\0\n- [ ] x\n", 2, "NUL"),
        ("bad.md", b"just words\n", 1, "no title"),
        ("bad.md", b"# A poem\n\nwithout a task\n", 1, "not a month"),
        ("bad.md", b"x" * 1_000_001, 1, "larger than 1 MB"),
        ("bad.md", b"# Month 02: Two\n\n```\n## Weeks\n- [ ] a\n", 3, "never closed"),
        ("bad.md", MONTH.encode(), 1, "The same month is in"),
    ],
)
def test_folder_with_one_bad_file_writes_nothing(
    tmp_path: Path, name: str, data: bytes, line: int, reason: str
) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / name).write_bytes(data)

    report, said = run(tmp_path)

    assert f"{tmp_path / name}:{line}: " in said
    assert reason in said
    assert "Nothing was written." in said
    assert report["total"]["errors"] == 1
    assert [file["path"] for file in report["files"]] == ["a.md", name]
    assert everything() == []


def test_every_bad_file_is_reported(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_bytes(b"\xff")

    _report, said = run(tmp_path)

    assert f"{tmp_path / 'a.md'}:1:" in said
    assert f"{tmp_path / 'b.md'}:1:" in said


def test_dashboard_named_as_a_month_is_refused() -> None:
    _report, said = run(FOLDER / "README.md")

    assert "This is a dashboard, no month." in said
    assert everything() == []


def test_missing_path_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.md cannot be read"):
        call_command("import_curriculum", "nowhere.md", curriculum="ai")


def test_months_that_the_input_lacks_are_archived_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / "b.md").write_text(MONTH.replace("01", "02"))
    run(tmp_path)
    (tmp_path / "b.md").unlink()

    report, _said = run(tmp_path)
    assert report["missing"] == ["b.md"]
    assert Month.objects.live().count() == 2

    run(tmp_path, prune=True)
    assert Month.objects.live().get().number == 1
    assert Task.objects.count() == 4
    assert Document.objects.get(path="b.md").archived_at is not None

    (tmp_path / "b.md").write_text(MONTH.replace("01", "02"))
    run(tmp_path)
    assert Month.objects.live().count() == 2
    assert Task.objects.count() == 4


def test_two_months_change_places_and_keep_their_rows(tmp_path: Path) -> None:
    two = MONTH.replace("Month 01: Start", "Month 02: Then").replace("Read", "Think")
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / "b.md").write_text(two)
    run(tmp_path)
    before = [model_to_dict(task) for task in Task.objects.order_by("pk")]
    (tmp_path / "a.md").write_text(two)
    (tmp_path / "b.md").write_text(MONTH)

    _report, said = run(tmp_path)

    assert said == ""
    assert [model_to_dict(task) for task in Task.objects.order_by("pk")] == before
    assert Month.objects.get(number=2).document.path == "a.md"


def test_text_report_names_files_and_findings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_curriculum", str(RECEIVED), curriculum="ai")

    said = capsys.readouterr().out
    assert "month-08-as-received.md" in said
    assert f"{RECEIVED}:5: ‚è≥ Upcoming → ⏳ Upcoming" in said


def test_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_bytes(b"\xff")
    (tmp_path / ".draft.md").write_bytes(b"\xff")

    report, said = run(tmp_path)

    assert said == ""
    assert [file["path"] for file in report["files"]] == ["a.md"]
