"""Zips in and out: nothing in one is believed, and the same texts are the same bytes."""

import stat
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.models import Curriculum, Document, Edition
from curriculum.zips import BYTES_AT_MOST, Unreadable, brought, unpacked
from tests.curriculum.samples import FOLDER, MONTH, RECEIVED, everything, run
from tests.curriculum.test_admin_intake import kept, sent
from tests.factories import UserFactory


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, **attributes: Any) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            for key, value in attributes.items():
                setattr(entry, key, value)
            archive.writestr(entry, data)
    return target.getvalue()


def flagged(data: bytes, bit: int) -> bytes:
    """The zip with a flag set for every entry, in both places where a zip has it."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset] |= bit
            at = out.find(mark, at + 1)
    return bytes(out)


def said_small(data: bytes, size: int) -> bytes:
    """The zip with a lie in it about how large its files are."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset : at + offset + 4] = size.to_bytes(4, "little")
            at = out.find(mark, at + 1)
    return bytes(out)


def flipped(data: bytes) -> bytes:
    """The zip with one bit of its first file's text turned."""
    out = bytearray(data)
    out[out.find(b"# Month")] ^= 1
    return bytes(out)


ONE = MONTH.encode()
LARGE = b"# Month 01: Large\n" + b"- [ ] x\n" * 120_000
BAD = {
    "above": (zipped({"../a.md": ONE}), "outside"),
    "deep": (zipped({"a/../../b.md": ONE}), "outside"),
    "absolute": (zipped({"/etc/a.md": ONE}), "outside"),
    "drive": (zipped({"C:/a.md": ONE}), "outside"),
    "backslash": (zipped({"..\\a.md": ONE}), "outside"),
    "not Markdown, but outside": (zipped({"a.md": ONE, "../b.png": b""}), "outside"),
    "link": (zipped({"a.md": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16), "a link"),
    "device": (zipped({"a.md": b""}, external_attr=(stat.S_IFCHR | 0o777) << 16), "a link"),
    "encrypted": (flagged(zipped({"a.md": ONE}), 1), "encrypted"),
    "odd name": (zipped({"a\tb.md": ONE}), "use letters"),
    "bomb": (zipped({f"m{n}.md": LARGE for n in range(21)}), "more than 20 MB"),
    "many": (zipped({f"m{n}.md": b"" for n in range(501)}, zipfile.ZIP_STORED), "more than 500"),
    "many of another kind": (zipped({f"m{n}.png": b"" for n in range(5001)}, zipfile.ZIP_STORED), "5000"),
    "cut off": (zipped({"a.md": ONE})[:-30], "damaged"),
    "no zip": (b"PK\x03\x04 and nothing", "damaged"),
    "flipped": (flipped(zipped({"a.md": ONE}, zipfile.ZIP_STORED)), "damaged"),
    "liar": (said_small(zipped({"a.md": LARGE}), 10), "damaged"),
    "none": (zipped({"a.txt": b"x", ".hidden/a.md": ONE, "__MACOSX/._a.md": ONE}), "no Markdown file"),
}


@pytest.mark.pure
@pytest.mark.parametrize("name", BAD)
def test_bad_zip_is_refused_in_a_sentence(name: str) -> None:
    data, words = BAD[name]
    with pytest.raises(Unreadable, match=words) as refused:
        unpacked("here.zip", data)
    assert "here.zip" in str(refused.value)


@pytest.mark.pure
def test_bomb_that_lies_is_not_unpacked_further_than_it_says() -> None:
    """With what a zip says of itself made small, no more than a file's limit is ever read of each."""
    data = zipped({f"m{n}.md": b"x" * 1_500_000 for n in range(30)})
    with pytest.raises(Unreadable):
        unpacked("here.zip", data)
    assert len(data) < BYTES_AT_MOST / 100
    with pytest.raises(Unreadable):
        unpacked("here.zip", said_small(data, 10))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("files", "paths"),
    [
        (["top/README.md", "top/month-01/README.md"], ["README.md", "month-01/README.md"]),
        (["month-01/README.md"], ["month-01/README.md"]),
        (["a/x.md", "b/y.md"], ["a/x.md", "b/y.md"]),
        (["top/a.md", "top/b.md", "c.md"], ["top/a.md", "top/b.md", "c.md"]),
    ],
)
def test_outer_folder_is_left_out(files: list[str], paths: list[str]) -> None:
    assert list(unpacked("x.zip", zipped(dict.fromkeys(files, ONE)))) == paths


@pytest.mark.pure
def test_files_beside_a_zip_are_taken_as_they_are() -> None:
    found = list(brought([("a.md", b"1"), ("b.ZIP", zipped({"c.md": b"2"}))]))
    assert [(one.path, one.shown, one.data, one.in_folder) for one in found] == [
        ("a.md", "a.md", b"1", False),
        ("c.md", "b.ZIP/c.md", b"2", True),
    ]


@pytest.fixture
def boss(db: None, client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def sources() -> dict[str, bytes]:
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.md")}


@pytest.mark.once
def test_zip_of_a_curriculum_comes_in_and_goes_out_again(boss: Client) -> None:
    files = {f"ai-main/{name}": data for name, data in sources().items()}
    looked = sent(boss, ("ai.zip", zipped(files)), title="AI")
    assert (looked.status_code, Document.objects.count()) == (200, 0)
    assert sent(boss, title="AI", kept=kept(looked), apply="yes").status_code == 302
    curriculum = Curriculum.objects.get()

    address = reverse("admin:curriculum_curriculum_zip", args=[curriculum.pk])
    out = [boss.get(address).content for _time in range(2)]
    assert out[0] == out[1]
    with zipfile.ZipFile(BytesIO(out[0])) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name: archive.read(name) for name in names} == sources()
        assert names == sorted(names)

    before = everything()
    assert sent(boss, ("out.zip", out[0]), curriculum=curriculum.pk, apply="yes").status_code == 302
    assert everything() == before


@pytest.mark.once
def test_zip_is_reported_by_file_and_taken_whole_or_not_at_all(boss: Client) -> None:
    bad = zipped({"a.md": ONE, "b.md": b"# Notes\n", "c.md": b"\xff"})
    answer = sent(boss, ("x.zip", bad), title="New", apply="yes")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(f"<h3>{name}.md</h3>" in page for name in "abc")
    assert "This is not a month" in page
    assert "This is not a text" in page
    assert not Curriculum.objects.exists()
    refused = sent(boss, ("x.zip", BAD["above"][0]), title="New", apply="yes")
    assert (refused.status_code, "outside its folder" in refused.content.decode()) == (422, True)


@pytest.mark.once
def test_zip_of_what_is_published_has_no_draft(boss: Client) -> None:
    run(RECEIVED)
    document = Document.objects.get()
    Edition.objects.create(document=document, number=2, source="# Draft")
    address = reverse("admin:curriculum_curriculum_zip", args=[document.curriculum_id])
    with zipfile.ZipFile(BytesIO(boss.get(address).content)) as archive:
        assert archive.read(RECEIVED.name) == RECEIVED.read_bytes()
    boss.force_login(UserFactory.create(is_staff=True))
    assert boss.get(address).status_code == 403


@pytest.mark.once
def test_no_name_of_a_zip_reaches_the_disk(
    boss: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sent(boss, ("x.zip", zipped({"month-01/README.md": ONE})), title="New", apply="yes")
    assert list(tmp_path.rglob("*.md")) == []
    assert Document.objects.get().path == "month-01/README.md"
