"""A person's own data: all of it, nobody else's, readable without Cairn, and never whole in memory."""

import io
import json
import re
import tracemalloc
import zipfile
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from django.test import Client

from progress import record
from progress.chain import canonical, commitment
from progress.erasing import OneFile, OneText
from progress.own_data import Names, OwnData, zipped
from progress.own_data.archive import PIECE
from progress.own_data.contents import place_of
from submissions import store
from submissions.models import Anchor, Blob, File, Review, Said, Thread
from submissions.pointing import pointed
from tests.routes import World, our_rows


def archive_of(world: World, name: str) -> zipfile.ZipFile:
    response = world.client(name).get("/account/data/archive/")
    assert response["Content-Type"] == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert found.testzip() is None
    return found


def values(archive: zipfile.ZipFile, path: str) -> Any:
    return json.loads(archive.read(path))


def text_of(archive: zipfile.ZipFile) -> str:
    """Everything in it that is text."""
    names = [name for name in archive.namelist() if name.endswith((".html", ".json", ".md", ".css"))]
    return "\n".join(archive.read(name).decode() for name in names)


class Page(HTMLParser):
    """The addresses a page names, and its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.elements: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def test_learner_finds_all_of_their_own(world: World) -> None:
    cast = world.cast
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, "I did it.", version=world.reviewed)
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Well argued.", seen=1)
    question = Thread.objects.open(
        world.reviewed, cast.learner.user, Said("Is this <b>enough</b>?", uuid4(), "question")
    )
    archive = archive_of(world, "learner")
    works = [name for name in archive.namelist() if name.endswith("/work.json")]
    assert len(works) == 5
    shown = next(one for one in (values(archive, name) for name in works) if one["reviews"])
    assert shown["reviews"][0]["summary"] == "Read."
    assert [thread["comments"][0]["body"] for thread in shown["threads"]] == [
        "Which one?",
        question.comments.get().body,
    ]
    version = shown["versions"][0]
    assert archive.read(f"{shown['folder']}/{version['text']}") == b"# Files"
    for file, one in zip(world.reviewed.files.all(), version["files"], strict=True):
        whole = store.path_of(file.blob.sha256).read_bytes()
        assert archive.read(f"{shown['folder']}/{one['path']}") == whole
    draft = next(
        one for one in (values(archive, name) for name in works) if one["versions"][0]["number"] is None
    )
    assert archive.read(f"{draft['folder']}/draft/text.md") == b"# Draft"
    assert values(archive, "account.json")["email"] == cast.learner.user.email
    assert "Is this &lt;b&gt;enough&lt;/b&gt;?" in text_of(archive)


def test_places_of_threads_are_told_in_words(world: World) -> None:
    cast = world.cast
    version = cast.hand_in(text="# Design\n\n## Storage\n\nThe queue <keeps> ten messages.\n")
    for said in ({"quote": "The queue <keeps> ten"}, {"about": "text:heading:3"}, {}):
        question = Said("Enough room?", uuid4(), "question")
        Thread.objects.open(version, cast.learner.user, question, place=pointed(version, said))
    picture = Anchor(version=version)
    picture.selectors = [{"type": "FragmentSelector", "value": "page=3&xywh=percent:12.5,30,20,10"}]
    archive = archive_of(world, "learner")
    works = [values(archive, name) for name in archive.namelist() if name.endswith("/work.json")]
    threads = [thread for work in works for thread in work["threads"]]
    asked = [thread for thread in threads if thread["comments"][0]["body"] == "Enough room?"]

    assert [(thread["place"], thread["quote"]) for thread in asked] == [
        ("“Storage”", "The queue <keeps> ten"),
        ("“Storage”", "Storage"),
        ("", ""),
    ]
    assert "<pre>The queue &lt;keeps&gt; ten</pre>" in text_of(archive)
    assert place_of(picture)["place"] == (
        "page 3, a region, 12.5 % from the left, 30 % from the top, 20 % wide, 10 % high"
    )


def test_record_in_the_archive_proves_itself(world: World) -> None:
    """With what is in it, and the description in `progress/chain.py`, no site is needed."""
    cast = world.cast
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, "I did it.", version=world.reviewed)
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Yes.", seen=1)
    archive = archive_of(world, "learner")
    (membership,) = values(archive, "record.json")["memberships"]
    entries = membership["entries"]
    assert [entry["kind"] for entry in entries] == ["claim", "mark"]
    assert [entry["covered"]["before"] for entry in entries] == ["", entries[0]["digest"]]
    for entry in entries:
        assert sha256(canonical(entry["covered"])).hexdigest() == entry["digest"]
        commitments = entry["covered"]["facts"]["texts"]
        said = {name: (text["salt"], text["text"]) for name, text in entry["texts"].items()}
        said |= {name: (one["salt"], "") for name, one in entry["salts"].items()}
        assert commitments == {name: commitment(*pair) for name, pair in said.items()}
    assert {"author", "wording", "evidence", "note"} == entries[0]["texts"].keys(), "salts are no texts"
    salts, evidence = entries[0]["salts"], entries[0]["covered"]["facts"]["evidence"]
    ((version, held),) = evidence.items()
    digests = {sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    pieces = {f"text:{UUID(version).hex}": held["text"]}
    pieces |= {f"file:{UUID(file).hex}": one for file, one in held["files"].items()}
    assert (held["link"], salts.keys()) == (None, pieces.keys())
    for name, one in pieces.items():
        assert one in {commitment(salts[name]["salt"], digest) for digest in digests}, name


def test_nothing_of_others_is_in_it(world: World) -> None:
    cast = world.cast
    fellow = cast.hand_in(cast.fellow, world.works[0], "# The fellow's")
    review = Review.objects.begin(fellow, cast.mentor)
    review.save_draft("comment", "About the fellow.", review.revision)
    review.publish("comment")
    world.review.save_draft("", "A mentor's draft.", world.review.revision)
    again = Review.objects.begin(world.reviewed, cast.mentor)
    world.thread.reply(cast.mentor, Said("An unsent reply.", uuid4()), again)
    record.mark(cast.fellow, cast.criteria[0], cast.mentor, "met", "A note for the fellow.", seen=0)
    mine, mentors = text_of(archive_of(world, "learner")), text_of(archive_of(world, "mentor"))
    for word in ("The fellow", "About the fellow", "Not sent.", "draft.", "unsent", cast.fellow.user.name):
        assert word not in mine, word
    for word in (
        "About the fellow.",
        "A mentor's draft.",
        "Which one?",
        "Not sent.",
        "A note for the fellow.",
    ):
        assert word in mentors.replace("&#x27;", "'"), word
    for word in (cast.fellow.user.name, cast.learner.user.name, "# Files", "The fellow's"):
        assert word not in mentors.replace("&#x27;", "'")
    nobody = text_of(archive_of(world, "admin"))
    for word in ("# Files", "Which one?", "Read."):
        assert word not in nobody


def test_pages_need_nothing_but_the_archive(world: World) -> None:
    name = 'a%20 "b" & <i>.md'
    File.objects.filter(pk=world.draft_file.pk).update(name=name)
    archive = archive_of(world, "learner")
    inside = set(archive.namelist())
    assert not any(PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts for path in inside)
    pages = [path for path in inside if path.endswith(".html") and "/files/" not in path]
    reached = {"index.html"}
    for path in pages:
        page = Page(archive.read(path).decode())
        assert not page.elements & {"script", "iframe", "form", "img", "object"}
        for address in page.addresses:
            assert not re.match(r"[a-z]+:|//|/", address), address
            parts: list[str] = []
            for part in (PurePosixPath(path).parent / unquote(address)).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in inside, (path, address)
            reached.add("/".join(parts))
    assert inside - reached == set(), "every file can be reached from the first page"


def test_erased_things_have_their_tombstone(world: World) -> None:
    OneFile(world.picture.uuid).carry_out(world.cast.admin, "Secret.")
    OneText("text", world.reviewed.uuid).carry_out(world.cast.admin, "Secret.")
    archive = archive_of(world, "learner")
    everything = text_of(archive)
    assert "flow.png" not in everything
    assert "# Files" not in everything
    assert everything.count("(erased on ") >= 4
    assert not any(name.endswith(".png") for name in archive.namelist())


def test_file_that_is_not_there_does_not_break_the_rest(world: World) -> None:
    store.remove(world.picture.blob.sha256)
    archive = archive_of(world, "learner")
    (name,) = [name for name in archive.namelist() if name.endswith("flow.png")]
    assert archive.read(name) == b"This file could not be read when the archive was made."


@pytest.mark.parametrize("person", ["learner", "mentor", "admin"])
def test_asking_for_it_writes_nothing(world: World, person: str) -> None:
    client, before = world.client(person), our_rows()
    assert client.get("/account/data/").status_code == 200
    assert client.get("/account/data/archive/").getvalue()
    assert our_rows() == before
    assert client.post("/account/data/archive/").status_code == 405


def test_stranger_gets_the_log_in(db: None) -> None:
    assert Client().get("/account/data/archive/").status_code == 302


def test_archive_is_never_whole_in_memory(world: World) -> None:
    """Twenty files of half a megabyte each, and at most a fifth of that in memory at once."""
    size, count = 512 * 1024, 20
    for number in range(count):
        received = store.receive([bytes([number]) * size], size)
        blob = Blob.objects.create(sha256=store.keep(received), size=size)
        File.objects.create(version=world.draft, blob=blob, name=f"{number}.png", form="image", media_type="")
    client = world.client("learner")
    sent = 0
    response: Any = client.get("/account/data/archive/")
    tracemalloc.start()
    for piece in response.streaming_content:
        sent += len(piece)
        assert len(piece) < 4 * PIECE
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > count * size
    assert most < count * size / 5


@pytest.mark.pure
@pytest.mark.parametrize(
    ("names", "safe"),
    [
        (["a.md", "A.md", "a.md"], ["a.md", "A-2.md", "a-3.md"]),
        (["..", ".", " "], ["file", "file-2", "file-3"]),
        (["../../etc/passwd"], ["_.._etc_passwd"]),
        (["CON", "nul.txt", "com1.tar.gz", "console.md"], ["_CON", "_nul.txt", "_com1.tar.gz", "console.md"]),
        (["a:b?.md", "tab\tin.md", "\u202egnp.exe"], ["a_b_.md", "tab_in.md", "_gnp.exe"]),
        (["e\u0301.md", "\u00e9.md"], ["\u00e9.md", "\u00e9-2.md"]),
    ],
)
def test_names_are_ones_that_every_system_takes(names: list[str], safe: list[str]) -> None:
    folder = Names()
    assert [folder.safe(name) for name in names] == safe


@pytest.mark.pure
def test_long_names_are_cut() -> None:
    folder = Names()
    found = [
        folder.safe("日" * 150 + ".pdf"),
        folder.safe("日" * 150 + ".pdf"),
        folder.safe("x." + "y" * 300),
    ]
    assert all(len(name.encode()) <= 160 for name in found)
    assert found[0].endswith("日.pdf")
    assert found[1].endswith("-2.pdf")


@pytest.mark.pure
def test_empty_archive_is_one() -> None:
    assert zipfile.ZipFile(io.BytesIO(b"".join(zipped([])))).namelist() == []


def test_counts_cost_the_same_however_much_there_is(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        assert OwnData(world.cast.learner.user).counts["files"] == 3
