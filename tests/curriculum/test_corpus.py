"""Months as they are found in the wild, in the habits of their authors: each is read as a person would read it.

`corpus/expected.json` was written by reading the files: of each what it holds, by kind, and its findings as line and
code (a note stands once a text, at its first place); of each that is refused the line, the column and the code.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from curriculum.intake import Incoming
from curriculum.markdown import Kind, Rewrite, Tick, parse, read, splice
from curriculum.markdown.parsing import LONG_LINE
from curriculum.markdown.rules import RULES
from tests.curriculum.samples import everything, run

CORPUS = Path(__file__).parent / "corpus"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text())
READ, REFUSED = EXPECTED["read"], EXPECTED["refused"]
KINDS = {
    Kind.MONTH: "months",
    Kind.WEEK: "weeks",
    Kind.TASK: "tasks",
    Kind.DELIVERABLE: "deliverables",
    Kind.OBJECTIVE: "objectives",
    Kind.RESOURCE: "resources",
    Kind.IDEA: "ideas",
    Kind.CRITERION: "criteria",
    Kind.LINK: "links",
    Kind.DETAIL: "details",
    Kind.FOCUS: "focuses",
}


def incoming(path: Path) -> Incoming:
    return Incoming(path.name, str(path), path.read_bytes(), in_folder=False)


@pytest.mark.pure
def test_corpus_has_what_is_expected_of_it() -> None:
    assert {path.name for path in CORPUS.glob("*.md")} == set(READ)
    assert {path.name for path in (CORPUS / "refused").glob("*.md")} == set(REFUSED)
    met = Counter(code for one in READ.values() for _line, code in one["findings"])
    assert set(met) == set(RULES)
    assert sum(not one["findings"] for one in READ.values()) >= 6


@pytest.mark.pure
def test_corpus_has_the_bytes_that_it_is_about() -> None:
    """A checkout that changes line ends, or an editor that strips blanks, would leave the corpus easier than it was."""
    data = {name: (CORPUS / name).read_bytes() for name in READ}
    assert sum(one.startswith(b"\xef\xbb\xbf") for one in data.values()) >= 3
    assert sum(b"\r\n" in one for one in data.values()) >= 6
    assert sum(b"\r" in one.replace(b"\r\n", b"") for one in data.values()) >= 1
    assert sum(b"\r\n" in one and b"\n" in one.replace(b"\r\n", b"") for one in data.values()) >= 2
    assert sum(not one.endswith(b"\n") for one in data.values()) >= 2
    for sign in ("\u00a0", "\u200b", "\u200d", "\u202e", "e\u0301", "  \n", "\t"):
        assert any(sign.encode() in one for one in data.values()), repr(sign)
    assert any(len(line) > LONG_LINE for one in data.values() for line in one.split(b"\n"))


@pytest.mark.pure
@pytest.mark.parametrize("name", READ)
def test_month_is_read_as_a_person_reads_it(name: str) -> None:
    tree = parse(read((CORPUS / name).read_bytes()))
    counts = Counter(KINDS[node.kind] for node in tree.walk() if node.kind in KINDS)
    ticked = sum(node.checked is True for node in tree.walk())
    assert {**counts, **({"ticked": ticked} if ticked else {})} == READ[name]["counts"]
    assert sorted([one.line, one.code] for one in tree.findings) == READ[name]["findings"]


@pytest.mark.pure
@pytest.mark.parametrize("name", READ)
def test_bytes_come_back_the_same(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    source = read(data)
    assert source.encode() == data
    assert splice(source, []) == source
    tree = parse(source)
    nodes = [node for node in tree.walk() if node.kind is not Kind.DOCUMENT]
    own = [Rewrite(node, node.text) for node in nodes if node.kind is not Kind.SECTION or node.level]
    assert splice(source, own) == source


@pytest.mark.pure
@pytest.mark.parametrize("name", READ)
def test_tick_set_and_taken_back_leaves_the_same_bytes(name: str) -> None:
    """Of the first box and of the last, of those whose sign is the one that a tick writes."""
    source = read((CORPUS / name).read_bytes())
    boxes = [(at, node) for at, node in enumerate(parse(source).walk()) if node.box]
    fine = [one for one in boxes if source[slice(*one[1].box or ())] in {" ", "x"}]
    for at, node in [*fine[:1], *fine[-1:]]:
        start, end = node.box or (0, 0)
        was = node.checked is True
        ticked = splice(source, [Tick(node, not was)])
        assert ticked == source[:start] + (" " if was else "x") + source[end:]
        again = list(parse(ticked).walk())[at]
        assert again.checked is not was
        assert splice(ticked, [Tick(again, was)]) == source


@pytest.mark.pure
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_month_is_refused_where_it_fails(name: str) -> None:
    file = incoming(CORPUS / "refused" / name)
    file.read()
    (refused,) = file.refusals
    assert [refused.line, refused.column, refused.code] == REFUSED[name]


@pytest.mark.django_db
def test_corpus_comes_in_and_goes_out_byte_for_byte(tmp_path: Path) -> None:
    """All of it in one go for each curriculum; a month that another file has too is put into the next one."""
    folders: list[tuple[Path, set[str]]] = []
    for name in sorted(READ):
        file = incoming(CORPUS / name)
        file.read()
        months = set(file.months)
        home = next((one for one in folders if not one[1] & months), None)
        if home is None:
            home = tmp_path / f"in-{len(folders)}", set()
            home[0].mkdir()
            folders.append(home)
        home[1].update(months)
        (home[0] / name).write_bytes(file.data)
    assert len(folders) <= 3

    for number, (folder, months) in enumerate(folders):
        report, said = run(folder, slug=f"corpus-{number}")
        assert said == ""
        assert report["total"]["months"] == len(months)
        assert {file["state"] for file in report["files"]} == {"new"}
        out = tmp_path / f"out-{number}"
        call_command("export_curriculum", f"corpus-{number}", str(out), verbosity=0)
        assert {path.name: path.read_bytes() for path in out.rglob("*.md")} == {
            path.name: path.read_bytes() for path in folder.glob("*.md")
        }

    before = everything()
    for number, (folder, _months) in enumerate(folders):
        report, _said = run(folder, slug=f"corpus-{number}")
        assert {file["state"] for file in report["files"]} == {"same"}
    assert everything() == before
