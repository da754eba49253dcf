"""manage.py export_curriculum: byte for byte, and never outside the folder."""

import os
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from curriculum.intake import fits
from curriculum.models import Document
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, run

pytestmark = pytest.mark.django_db


def test_sample_folder_comes_out_byte_for_byte(tmp_path: Path) -> None:
    run(FOLDER)

    call_command("export_curriculum", "ai", str(tmp_path / "out"))

    sources = {path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*.md")}
    written = {path.relative_to(tmp_path / "out"): path for path in (tmp_path / "out").rglob("*.md")}
    assert {name: path.read_bytes() for name, path in written.items()} == sources
    assert len(sources) == 10


def test_received_month_comes_out_byte_for_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(RECEIVED)

    call_command("export_curriculum", "ai", str(tmp_path))

    assert (tmp_path / RECEIVED.name).read_bytes() == RECEIVED.read_bytes()
    assert capsys.readouterr().out == "month-08-as-received.md: new\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + MONTH.encode(),
        MONTH.replace("\n", "\r\n").encode(),
        MONTH.replace("Read\n", "Read  \r\n").rstrip("\n").encode(),
        MONTH.replace("Read", "Read\ralone").encode(),
    ],
)
def test_marks_and_line_ends_survive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.md").write_bytes(data)
    run(tmp_path / "in.md")

    call_command("export_curriculum", "ai", str(tmp_path / "out"))

    assert (tmp_path / "out" / "in.md").read_bytes() == data


def test_only_what_differs_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(FOLDER)
    call_command("export_curriculum", "ai", str(tmp_path))
    capsys.readouterr()
    kept, other = tmp_path / "month-03" / "README.md", tmp_path / "month-04" / "README.md"
    for path in tmp_path.rglob("*.md"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    kept_inode = kept.stat().st_ino
    other.write_bytes(b"Something else\n")
    other.chmod(0o640)
    (tmp_path / "notes.txt").write_text("mine")

    call_command("export_curriculum", "ai", str(tmp_path))

    said = capsys.readouterr().out.splitlines()
    assert "month-04/README.md: changed" in said
    assert "month-03/README.md: as it was" in said
    assert sum(line.endswith(": as it was") for line in said) == len(said) - 1 == 9
    assert (kept.stat().st_mtime, kept.stat().st_ino) == (1_000_000_000, kept_inode)
    assert other.read_bytes() == (FOLDER / "month-04" / "README.md").read_bytes()
    assert stat.S_IMODE(other.stat().st_mode) == 0o640
    # Nothing is left beside them.
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"README.md", "notes.txt"}


def test_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(RECEIVED)
    target = tmp_path / RECEIVED.name
    target.write_bytes(b"Before\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_curriculum", "ai", str(tmp_path))
    assert target.read_bytes() == b"Before\n"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_path_outside_the_folder_is_refused(tmp_path: Path) -> None:
    run(RECEIVED)
    Document.objects.update(path="../escaped.md")

    with pytest.raises(CommandError, match="outside"):
        call_command("export_curriculum", "ai", str(tmp_path / "out"))

    assert not (tmp_path / "escaped.md").exists()


def test_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    run(FOLDER)
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "month-08").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(CommandError, match="outside"):
        call_command("export_curriculum", "ai", str(tmp_path / "out"))

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_unknown_curriculum_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no curriculum “nothing”"):
        call_command("export_curriculum", "nothing", str(tmp_path))


@pytest.mark.parametrize(
    "path", ["/a.md", "../a.md", "a/../../b.md", "a//b.md", "a\\b.md", "a\nb.md", "", "x" * 301, "."]
)
def test_unsafe_paths_do_not_fit(path: str) -> None:
    assert not fits(path)


def test_plain_paths_fit() -> None:
    assert fits("month-08/README.md")
    assert fits("mês 1.md")
