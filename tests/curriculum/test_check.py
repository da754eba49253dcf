"""manage.py check_curriculum and --repair: what an import would say, without a site."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from curriculum.markdown.refusals import REFUSALS
from curriculum.markdown.rules import RULES
from curriculum.models import Edition
from curriculum.repair import repaired_data, repaired_source
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, run

ROOT = Path(__file__).resolve().parents[2]


def checked(*paths: object, **options: object) -> tuple[str, str]:
    """What is printed, and why it left with status 1; nothing where it did not."""
    out = StringIO()
    try:
        call_command("check_curriculum", *map(str, paths), stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.mark.pure
def test_it_runs_where_nothing_is_set_up(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"# Month 01: One\n\n```\n## Success Criteria\n")
    command = [sys.executable, str(ROOT / "manage.py"), "check_curriculum", "bad.md"]
    nothing = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=tmp_path, env=nothing, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("bad.md:3:1: refusal never-closed ")
    assert "is never closed" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["bad.md"]


@pytest.mark.pure
def test_good_folder_is_silent() -> None:
    out, refused = checked(FOLDER)
    assert (refused, ": refusal " in out) == ("", False)
    assert checked(FOLDER / "README.md", FOLDER / "month-03" / "README.md") == ("", "")


@pytest.mark.pure
def test_warning_has_its_place_and_no_status() -> None:
    out, refused = checked(RECEIVED)
    assert out.startswith(f"{RECEIVED}:5:")
    assert ": warning damaged-text ‚è≥ Upcoming → ⏳ Upcoming" in out
    assert refused == ""


@pytest.mark.pure
def test_last_line_counts_and_keeps_out_of_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text(MONTH)
    (tmp_path / "b.md").write_text("# Month 7: A\n\n## Week 1: b\n\n* [ ] c\n\n- [✔] d\n")
    (tmp_path / "c.md").write_text("# Notes\n")
    assert json.loads(checked(tmp_path, format="json")[0])
    counts = capsys.readouterr().err
    assert counts == "files: 3, months: 2, weeks: 2, tasks: 4, refusals: 1, warnings: 1, notes: 2\n"
    out, _refused = checked(tmp_path)
    assert "files:" not in out
    assert capsys.readouterr().err.startswith(counts)


@pytest.mark.pure
def test_code_is_explained_without_a_site(capsys: pytest.CaptureFixture[str]) -> None:
    checked(RECEIVED)
    assert "--explain CODE" in capsys.readouterr().err
    for code in [*RULES, *REFUSALS]:
        out, wrong = checked(explain=code)
        assert wrong == ""
        assert out.startswith(f"{code} (")
        assert "%(" not in out
    assert "## Sucess Criteria" in checked(explain="title-nearly")[0]
    assert "Did you mean “title-nearly”?" in checked(explain="title-nearby")[1]
    assert "Name a file" in checked()[1]


@pytest.mark.pure
def test_every_file_is_reported(tmp_path: Path) -> None:
    files = {"a.md": MONTH, "b.md": MONTH, "c.md": "# Notes\n", "d.md": "# Month 02: A\x00"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    out, refused = checked(tmp_path, format="json")
    found = {Path(one["file"]).name: one for one in json.loads(out)}
    assert refused == "3 files are refused."
    assert {name: (one["line"], one["column"], one["code"]) for name, one in found.items()} == {
        "b.md": (1, 1, "month-in-two-files"),
        "c.md": (1, 3, "no-month"),
        "d.md": (1, 14, "nul-character"),
    }
    assert {one["severity"] for one in found.values()} == {"refusal"}
    assert "a.md:1 too" in found["b.md"]["message"]
    assert set(found["c.md"]) == {"file", "line", "column", "severity", "code", "message", "repair"}


@pytest.mark.pure
def test_missing_path_is_named(tmp_path: Path) -> None:
    assert "nothing.md cannot be read" in checked(tmp_path / "nothing.md")[1]
    assert "no Markdown file" in checked(tmp_path)[1]


@pytest.mark.pure
def test_repair_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    place = tmp_path / "m.md"
    place.write_bytes(RECEIVED.read_bytes())
    out, _refused = checked(place, repair=True)
    assert "-**Status**: ‚è≥ Upcoming" in out
    assert "+**Status**: ⏳ Upcoming" in out
    assert place.read_bytes() == RECEIVED.read_bytes()


@pytest.mark.django_db
@pytest.mark.once
def test_import_repairs_only_when_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    run(RECEIVED)
    assert Edition.objects.get().data == RECEIVED.read_bytes()
    call_command("import_curriculum", str(RECEIVED), curriculum="ai", repair=True)
    assert "+**Status**: ⏳ Upcoming" in capsys.readouterr().out
    edition = Edition.objects.get(number=2)
    assert edition.data == RECEIVED.read_bytes().replace("‚è≥".encode(), "⏳".encode())


@pytest.mark.pure
def test_fine_letters_stay_and_so_does_all_else() -> None:
    fine = "\ufeff# Ünïcode √π ß“ …\r\n\r\nok\n"
    assert repaired_source(fine) == fine
    assert repaired_source("\ufeff‚è≥\r\n\tx ") == "\ufeff⏳\r\n\tx "
    assert repaired_data(b"\xff") == b"\xff"
