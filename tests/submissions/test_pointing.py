"""Pointing at a place: what a browser says is sought in what was read, and what is not there is refused."""

import re
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from submissions.formats.reading import Part, Reading
from submissions.models import Anchor, Blob, Comment, File, Placement, Review, Said, Thread, Version
from submissions.pointing import Pointer, placed, pointed, selectors_of, value_of
from submissions.talk import Talk
from tests.cast import Cast

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
TEXT = """# Pipeline

Labels are joined on the fly. Every event is scored.

## Replays

A replay reads the topic. Every event is scored.

- one
- two
"""
FIRST, SECOND = "The ﬁrst\npage of a re-\nport", "The \u00adsec\u00adond page"
PAGES = Reading(
    f"{FIRST}\n{SECOND}",
    (
        Part("page", 0, len(FIRST), 1),
        Part("block", 0, len(FIRST), 1),
        Part("page", len(FIRST) + 1, len(FIRST) + 1 + len(SECOND), 2),
    ),
)
LINES = Reading("x = 1\n\ny = 2", (Part("line", 0, 5, 1), Part("line", 6, 6, 2), Part("line", 7, 12, 3)))
CELLS = Reading("Why?\ny = 2", (Part("cell", 0, 4, 1), Part("block", 0, 4, 1), Part("cell", 5, 10, 2)))


def named(selectors: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = (one for one in selectors if one["type"] == kind)
    return found


def quote_of(selectors: list[dict[str, Any]]) -> str:
    return str(named(selectors, "TextQuoteSelector")["exact"])


@pytest.fixture
def version(cast: Cast) -> Version:
    """A text, a PDF of two pages and a picture."""
    draft = cast.hand_in().submission.start_draft()
    draft.save_draft(TEXT, "", "", draft.revision)
    # Files as they are once they passed the door, which has tests of its own.
    for name, form, pages in (("a.pdf", "pdf", 2), ("b.png", "image", None)):
        blob = Blob.objects.get_or_create(sha256=name[0] * 64, defaults={"size": 9})[0]
        File.objects.create(version=draft, blob=blob, name=name, form=form, pages=pages)
    draft.submit()
    return draft


def file_of(version: Version, name: str) -> File:
    return version.files.get(name=name)


# What is found --------------------------------------------------------------------------------------------------
def test_passage_has_its_words_its_place_and_its_section(version: Version) -> None:
    file, selectors = pointed(version, {"quote": "joined on the fly", "start": "0"})

    assert file is None
    start = named(selectors, "TextPositionSelector")["start"]
    assert named(selectors, "TextQuoteSelector") == {
        "type": "TextQuoteSelector",
        "exact": "joined on the fly",
        "prefix": "Pipeline\nLabels are ",
        "suffix": ". Every event is scored.\nReplays",
    }
    assert start == len("Pipeline\nLabels are ")
    assert named(selectors, "SectionSelector") == {
        "type": "SectionSelector",
        "path": ["Pipeline"],
        "kind": "block",
        "number": 3,
    }


@pytest.mark.parametrize(("hint", "section"), [(0, ["Pipeline"]), (90, ["Pipeline", "Replays"])])
def test_passage_that_is_there_twice_is_the_one_nearest_to_the_hint(
    version: Version, hint: int, section: list[str]
) -> None:
    _file, selectors = pointed(version, {"quote": "Every event is scored.", "start": str(hint)})

    assert named(selectors, "SectionSelector")["path"] == section


@pytest.mark.pure
@pytest.mark.parametrize(
    ("said", "page", "found"),
    [
        ("The first page", None, "The ﬁrst\npage"),
        ("a report", None, "a re-\nport"),
        ("second   page", None, "sec\u00adond page"),
        ("The", 2, "The"),
    ],
)
def test_passage_may_differ_in_blanks_ligatures_and_hyphens(said: str, page: int | None, found: str) -> None:
    selectors = selectors_of(Pointer(quote=said, page=page), PAGES)

    assert quote_of(selectors) == found
    if page:
        assert named(selectors, "SectionSelector")["number"] == page


@pytest.mark.pure
def test_passage_of_accents_counts_the_same_however_they_are_written() -> None:
    reading = Reading("Un cafe\u0301 noir")

    assert quote_of(selectors_of(Pointer(quote="café"), reading)) == "cafe\u0301"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("reading", "part", "words"),
    [
        (LINES, "line:3", "y = 2"),
        (LINES, "line:2", None),
        (CELLS, "cell:2", "y = 2"),
        (PAGES, "page:2", SECOND),
        (PAGES, "block:1", FIRST),
        (Reading(""), "page:7", None),
    ],
)
def test_part_has_its_text_where_it_has_any(reading: Reading, part: str, words: str | None) -> None:
    selectors = selectors_of(Pointer(part=part), reading, pages=7)

    kind, _colon, number = part.partition(":")
    section = named(selectors, "SectionSelector")
    assert (section["kind"], section["number"]) == (kind, int(number))
    assert [quote_of(selectors)] == [words] if words else len(selectors) == 1


def test_heading_is_pointed_at_by_its_line(version: Version) -> None:
    for said in ({"part": "heading:5"}, {"about": "text:heading:5"}):
        _file, selectors = pointed(version, said)
        assert quote_of(selectors) == "Replays"
        assert named(selectors, "SectionSelector")["path"] == ["Pipeline", "Replays"]


def test_region_is_kept_within_its_page(version: Version) -> None:
    paper, picture = file_of(version, "a.pdf"), file_of(version, "b.png")

    def value(file: File, region: str) -> str:
        found, selectors = pointed(version, {"file": str(file.uuid), "region": region})
        assert found == file
        return str(named(selectors, "FragmentSelector")["value"])

    assert value(paper, "page=2&xywh=percent:10.123,20,30,12.25") == "page=2&xywh=percent:10.12,20,30,12.25"
    assert value(picture, "xywh=percent:90,0,10.004,100") == "xywh=percent:90,0,10,100"
    assert value(picture, "xywh=percent:99,99,5,5") == "xywh=percent:95,95,5,5"


def test_whole_of_a_file_and_of_a_version(version: Version) -> None:
    file = file_of(version, "a.pdf")

    assert pointed(version, {}) == (None, [])
    assert pointed(version, {"file": str(file.uuid)}) == (file, [])
    assert pointed(version, {"about": f"file-{file.uuid}"}) == (file, [])


def test_value_of_a_place_names_it_again(version: Version) -> None:
    paper = str(file_of(version, "a.pdf").uuid)
    for said in (
        {"quote": "joined on the fly"},
        {"part": "heading:5"},
        {"file": paper},
        {"file": paper, "part": "page:2"},
        {"file": paper, "region": "page=1&xywh=percent:1,2,3,4"},
    ):
        place = pointed(version, said)
        assert placed(version, value_of(*place))[0] == place[0]
        assert placed(version, value_of(*place))[1][:2] == place[1][:2]


# What is refused ------------------------------------------------------------------------------------------------
BAD = {
    "words that are not there": ({"quote": "joined nowhere"}, "not in this version as it is kept"),
    "blank words": ({"quote": "\u00ad \n"}, "not in this version as it is kept"),
    "too many words": ({"quote": "x" * 4001}, "4001 characters"),
    "an unknown heading": ({"part": "heading:4"}, "heading is not in this version"),
    "a kind that is none": ({"part": "table:1"}, "not known"),
    "a number that is none": ({"part": "page:²"}, "not known"),
    "page 3 of 2": ({"file": "a.pdf", "part": "page:3"}, "no page 3"),
    "a line of a picture": ({"file": "b.png", "line": "3"}, "no line 3"),
    "a line in words": ({"about": "b.png", "line": "three"}, "by its number"),
    "a line of no file": ({"line": "3"}, "Choose the file"),
    "a file that is none": ({"file": "x"}, "not in this version"),
    "a file of nobody": ({"file": str(uuid4())}, "not in this version"),
    "a region of a text": ({"region": "xywh=percent:1,1,1,1"}, "on a picture only"),
    "a region of no page": ({"file": "a.pdf", "region": "xywh=percent:1,1,1,1"}, "not on a page"),
    "a region of page 3 of 2": ({"file": "a.pdf", "region": "page=3&xywh=percent:1,1,1,1"}, "not on a page"),
    "a region of a picture's page": ({"file": "b.png", "region": "page=1&xywh=percent:1,1,1,1"}, "not on a"),
    "a region without width": ({"file": "b.png", "region": "xywh=percent:1,1,0,1"}, "not on a page"),
    "a region that is too wide": ({"file": "b.png", "region": "xywh=percent:1,1,101,1"}, "not on a page"),
    "a region that is none": ({"file": "b.png", "region": "xywh=percent:1,1,..,1"}, "not known"),
    "a region in pixels": ({"file": "b.png", "region": "xywh=pixel:1,1,1,1"}, "not known"),
}


@pytest.mark.parametrize(("said", "sentence"), BAD.values(), ids=BAD.keys())
def test_place_that_is_not_there_is_refused_in_a_sentence(
    version: Version, said: dict[str, str], sentence: str
) -> None:
    files = {file.name: str(file.uuid) for file in version.files.all()}

    with pytest.raises(ValidationError, match=re.escape(sentence)):
        pointed(version, {name: files.get(value, value) for name, value in said.items()})


def test_file_of_another_version_is_not_pointed_at(version: Version) -> None:
    file = file_of(version, "a.pdf")
    newer = version.submission.start_draft()
    newer.save_draft("# Alone", "", "", newer.revision)
    newer.files.all().delete()
    newer.submit()

    with pytest.raises(ValidationError, match="not in this version"):
        pointed(newer, {"file": str(file.uuid)})


def test_value_beyond_the_text_is_refused(version: Version) -> None:
    for value in ("text:5-4", "text:0-99999", f"{uuid4()}:0-4", "text:heading:99", "x"):
        with pytest.raises(ValidationError):
            placed(version, value)


def test_second_of_two_equal_passages_on_a_page_is_the_one_that_was_meant() -> None:
    text = "😀 ﬁrst\nEach event is scored. 😀\nEach event is scored. Each event"
    reading = Reading(f"Before\n{text}", (Part("page", 0, 6, 1), Part("page", 7, 7 + len(text), 2)))
    second = "😀first" + "Eacheventisscored.😀"

    found = [
        named(
            selectors_of(Pointer(quote="Each event is scored.", page=2, start=start), reading),
            "TextPositionSelector",
        )
        for start in (len("😀first"), len(second), None)
    ]

    starts = [7 + text.index("Each"), 7 + text.index("Each", 12), 7 + text.index("Each")]
    assert [one["start"] for one in found] == starts


def test_page_of_many_is_named_by_its_number(cast: Cast, client: Client, version: Version) -> None:
    version = version.submission.start_draft()
    version.files.filter(name="a.pdf").update(pages=400)
    version.submit()
    paper = file_of(version, "a.pdf")
    client.force_login(cast.mentor)

    page = client.get(
        version.submission.get_absolute_url(), {"about": f"file-{paper.uuid}", "page": "312"}
    ).text

    assert f'<option value="file-{paper.uuid}:page:312" selected>Page 312</option>' in page
    assert f'<input type="hidden" name="about" value="file-{paper.uuid}">' in page
    assert "<summary>All 400 pages</summary>" in page
    answer = client.post(url(version), form(version, about=f"file-{paper.uuid}:page:312"))
    assert answer.status_code == 302
    assert "a.pdf, page 312" in client.get(version.submission.get_absolute_url()).text


# In the page ----------------------------------------------------------------------------------------------------
def form(version: Version, **said: str) -> dict[str, str]:
    number = str(version.number)
    return {
        "body": "Where do they wait?",
        "kind": "must",
        "key": str(uuid4()),
        "version": number,
        "latest": number,
    } | said


def url(version: Version) -> str:
    return reverse("submissions:thread_new", args=[version.submission.uuid])


def test_comment_on_a_passage_is_shown_with_it(cast: Cast, client: Client, version: Version) -> None:
    client.force_login(cast.mentor)

    answer = client.post(
        url(version), form(version, quote="joined  on the fly", start="3", file=""), headers=HTMX
    )

    anchor = Thread.objects.get().anchor
    assert quote_of(anchor.selectors) == "joined on the fly"
    assert [(one.version, one.state) for one in anchor.placements.all()] == [(version, "exact")]
    page = client.get(version.submission.get_absolute_url()).text
    for text in (answer.text, page):
        assert '<blockquote class="passage">joined on the fly</blockquote>' in text
        assert re.search(r'href="#text-H1" data-place>“Pipeline”', text)
        assert '"state": "exact"' in text
    assert '<h2 id="text-H1"><span data-start="0">Pipeline' in page


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_comment_on_what_is_not_there_keeps_its_words(
    cast: Cast, client: Client, version: Version, headers: dict[str, str]
) -> None:
    client.force_login(cast.mentor)

    answer = client.post(url(version), form(version, quote="<joined> nowhere"), headers=headers)

    assert answer.status_code == 422
    assert "not in this version as it is kept" in answer.text
    assert "Where do they wait?</textarea>" in answer.text
    assert 'name="quote" value="&lt;joined&gt; nowhere"' in answer.text
    assert not Thread.objects.exists()
    assert not Review.objects.exists()


def test_comment_without_a_script_is_about_what_was_chosen(
    cast: Cast, client: Client, version: Version
) -> None:
    client.force_login(cast.learner.user)
    paper = file_of(version, "a.pdf")
    page = client.get(version.submission.get_absolute_url(), {"about": f"file-{paper.uuid}:page:2"}).text
    assert f'<option value="file-{paper.uuid}:page:2" selected>Page 2</option>' in page
    for entry in ("text:heading:5", f"file-{paper.uuid}:page:1", f"file-{paper.uuid}"):
        assert f'href="?about={entry}#thread-new"' in page

    answer = client.post(url(version), form(version, about=f"file-{paper.uuid}:page:2"))

    thread = Thread.objects.get()
    assert answer.headers["Location"].endswith(f"#thread-{thread.uuid}")
    assert thread.kind == "question"
    assert thread.anchor.file == paper
    assert "a.pdf, page 2" in client.get(version.submission.get_absolute_url()).text


def test_chosen_place_is_kept_when_something_else_is_refused(
    cast: Cast, client: Client, version: Version
) -> None:
    client.force_login(cast.learner.user)

    answer = client.post(url(version), form(version, about="text:heading:5", body=""), headers=HTMX)

    assert answer.status_code == 422
    assert '<option value="text:heading:5" selected>' in answer.text


def test_threads_stand_in_the_order_of_the_document(cast: Cast, version: Version) -> None:
    paper, picture = str(file_of(version, "a.pdf").uuid), str(file_of(version, "b.png").uuid)
    said: list[tuple[str, dict[str, str]]] = [
        ("6", {"file": picture, "region": "xywh=percent:1,50,10,10"}),
        ("5", {"file": picture, "region": "xywh=percent:1,10,10,10"}),
        ("4", {"file": paper, "region": "page=2&xywh=percent:1,10,10,10"}),
        ("3", {"file": paper, "part": "page:1"}),
        ("2", {"quote": "A replay reads"}),
        ("1", {"quote": "joined on the fly"}),
        ("0", {}),
    ]
    for body, place in said:
        Thread.objects.open(version, cast.learner.user, Said(body, uuid4()), place=pointed(version, place))

    shown = Talk(version.submission, cast.learner.user)

    assert [thread.comments[0].body for thread in shown] == list("0123456")
    assert [len(shown.places), shown.places[0]["start"]] == [6, len("Pipeline\nLabels are ")]


STATES = {
    "moved": ("joined on the fly", "moved from “Pipeline”"),
    "changed": ("Every event is scored.", "text changed"),
    "section": (None, "only its section is left"),
    "whole": (None, "not found any more: about the whole"),
}


@pytest.mark.parametrize("state", STATES)
def test_thread_says_what_became_of_its_place(
    cast: Cast, client: Client, version: Version, state: str
) -> None:
    client.force_login(cast.mentor)
    client.post(url(version), form(version, quote="joined on the fly"))
    text = TEXT.replace("joined on the fly", "joined").replace("A replay", "joined on the fly. A replay")
    newer = cast.hand_in(text=text if state == "moved" else TEXT.replace("joined on the fly", "joined"))
    quote, words = STATES[state]
    where = {"quote": quote} if quote else {"part": "heading:5"} if state == "section" else {}
    Placement.objects.filter(version=newer).update(state=state, selectors=pointed(newer, where)[1])

    page = client.get(newer.submission.get_absolute_url()).text

    assert words in page
    assert "from version 1" not in page
    assert "from version 2" in page
    if state == "changed":
        assert "<del>joined on the fly</del> <ins>Every event is scored.</ins>" in page
    elif state == "moved":
        assert '<blockquote class="passage">joined on the fly</blockquote>' in page
    else:
        assert "<del>joined on the fly</del>" in page
    assert ('"state": "' in page) is (state != "whole")


def test_thread_of_a_later_version_leads_there(cast: Cast, client: Client, version: Version) -> None:
    client.force_login(cast.mentor)
    client.post(url(version), form(version, quote="joined on the fly"))
    thread = Thread.objects.get()

    page = client.get(version.submission.get_absolute_url(), {"version": "1"}).text

    assert f'href="?version=2#thread-{thread.uuid}"' in page
    assert "joined on the fly" in page


def test_comment_on_an_older_version_is_placed_in_the_newer_ones(
    cast: Cast, client: Client, version: Version
) -> None:
    cast.hand_in(text=TEXT)
    client.force_login(cast.mentor)

    client.post(url(version), form(version, quote="joined on the fly", latest="3"))

    anchor = Anchor.objects.get(threads__isnull=False)
    assert [one.version.number for one in anchor.placements.order_by("version__number")] == [2, 3]


def test_fragment_beside_an_older_version_speaks_of_that_version(
    cast: Cast, client: Client, version: Version
) -> None:
    client.force_login(cast.mentor)
    client.post(url(version), form(version, quote="joined on the fly"))
    cast.hand_in(text="# Nothing of it")
    comment = Comment.objects.get()
    page = f"http://testserver{version.submission.get_absolute_url()}"
    address = reverse("submissions:comment_change", args=[comment.uuid])

    def answer(at: str) -> str:
        said = {"body": "Where?", "seen": Comment.objects.get().state_digest}
        return client.post(address, said, headers=HTMX | {"HX-Current-URL": at}).text

    older, newest, odd = answer(f"{page}?version=2"), answer(page), answer(f"{page}?version=99")

    assert '"state": "exact"' in older
    assert "from version 2" not in older
    for text in (newest, odd):
        assert '"state": "exact"' not in text
        assert "from version 2" in text


def test_place_in_a_file_that_was_erased_names_no_file(cast: Cast, client: Client, version: Version) -> None:
    client.force_login(cast.learner.user)
    paper = file_of(version, "a.pdf")
    client.post(url(version), form(version, about=f"file-{paper.uuid}:page:2"))
    call_command("erase", "file", str(paper.uuid), reason="Secret.", no_input=True, stdout=StringIO())

    page = client.get(version.submission.get_absolute_url()).text

    assert "a.pdf" not in page
    assert "data-place>Erased file</a>" in page


def test_place_is_put_right_by_hand(cast: Cast, client: Client, version: Version) -> None:
    client.force_login(cast.mentor)
    client.post(url(version), form(version, quote="joined on the fly"))
    newer = cast.hand_in(text="# Pipeline\n\nNothing of it is left here.\n")
    anchor, page = Thread.objects.get().anchor, version.submission.get_absolute_url()
    address = reverse("submissions:placement_pin", args=[anchor.uuid])

    shown = client.get(page).text
    asked = client.get(page, {"version": "3", "pin": str(anchor.uuid)}).text
    answer = client.post(address, {"version": "3", "quote": "Nothing of it"})

    assert f'href="?version=3&amp;pin={anchor.uuid}#pin" data-pin="{address}"' in shown
    assert 'id="pin" method="post" action="" hidden' in shown
    assert f'id="pin" method="post" action="{address}">' in asked
    assert answer.headers["Location"].endswith(f"?version=3#thread-{Thread.objects.get().uuid}")
    assert anchor.placements.get(version=newer).state == "exact"
    after = client.get(page).text
    assert "put here by Tomas Lindqvist" in after
    assert '<blockquote class="passage">Nothing of it</blockquote>' in after


@pytest.mark.parametrize("said", ["x", "", "00000000-0000-4000-8000-000000000000"])
def test_pin_of_nothing_changes_nothing(cast: Cast, client: Client, version: Version, said: str) -> None:
    client.force_login(cast.mentor)

    assert client.get(version.submission.get_absolute_url(), {"pin": said}).status_code == 200
