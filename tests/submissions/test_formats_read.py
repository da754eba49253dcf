"""What is read of each form: the text that people see, its parts, and where a PDF's words are on their pages."""

import sys
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from pytest_django.fixtures import Settings

from submissions import formats
from submissions.formats import Extracted, Form, Unacceptable, kinds, markdown, sandbox, svg
from submissions.formats.layout import Line, Word, paragraphs, separator
from submissions.formats.pieces import assembled
from submissions.formats.reading import Reading, Writing
from submissions.formats.words import Packing, Words
from tests.submissions import hostile, samples

pytestmark = pytest.mark.pure


@pytest.fixture
def path(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "blob"


def read(path: Path, name: str, data: bytes) -> Extracted:
    path.write_bytes(data)
    return formats.inspect(path, name).extracted


def parts_of(found: Extracted, kind: str) -> list[str]:
    return [found.text[part.start : part.end] for part in found.parts if part.kind == kind]


# Every form -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", samples.SOUND)
def test_every_sample_is_read_as_it_is_shown(path: Path, name: str) -> None:
    path.write_bytes(samples.SOUND[name])
    form = kinds.kind_of(name).form
    found, shown = formats.extract(path, name), formats.show(path, form, name)

    assert found.note == ""
    assert bool(found.boxes) == (name == "text.pdf")
    if shown.kind == "lines" or form == Form.MERMAID:
        assert found.text == "\n".join(shown.lines)
        assert parts_of(found, "line") == list(shown.lines)
        assert [part.number for part in found.parts] == list(range(1, len(shown.lines) + 1))
    elif form == Form.MARKDOWN:
        assert markdown.read(samples.SOUND[name].decode()) == Reading(found.text, found.parts)
    elif form in (Form.IMAGE, Form.DOCX, Form.OFFICE):
        assert replace(found, looks=b"") == Extracted()
    leaves = [part for part in found.parts if part.kind not in ("page", "cell")]
    holders = [part for part in found.parts if part.kind in ("page", "cell")]
    for row in (leaves, holders):
        assert all(before.end < after.start for before, after in pairwise(row)), "they do not overlap"
    order = [(part.start, part in leaves) for part in found.parts]
    assert order == sorted(order), "a holder comes before what it holds"
    if holders:
        assert (holders[0].start, holders[-1].end) == (0, len(found.text))
        assert all(any(one.start <= leaf.start and leaf.end <= one.end for one in holders) for leaf in leaves)


def test_selectors_are_kinds_of_parts_or_passages_or_regions() -> None:
    assert formats.selectors("pdf") >= {"passage", "region", "page"}
    assert formats.selectors("image") == {"region"}
    assert not formats.selectors("docx")
    for form in Form:
        assert formats.selectors(form) <= {"passage", "region", "heading", "block", "line", "cell", "page"}


def test_lines_are_read_as_far_as_they_are_shown(path: Path) -> None:
    found = read(path, "a.json", b"[" + b"1," * 2_000 + b"1]\n" + b"x\n" * 6_000)

    assert (len(parts_of(found, "line")), found.note) == (5_000, "part")
    assert parts_of(found, "line")[0].endswith("…")
    assert str(formats.NOTES[found.note]).startswith("Only the first part")


def test_markdown_is_read_as_far_as_it_is_shown(path: Path) -> None:
    found = read(path, "a.md", b"word " * 100_000)

    assert (len(found.text), found.note) == (199_999, "part")


def test_notebook_is_read_by_cell_with_what_it_put_out(path: Path) -> None:
    found = read(path, "a.ipynb", samples.notebook())

    assert parts_of(found, "cell") == [
        "Load test\nWith <b>html</b>.",
        "print('hello')\nplot()\nhello\nworld\nValueError: bad",
        "",
    ]
    assert parts_of(found, "heading") == ["Load test"]
    assert [
        (part.number, found.text[part.start : part.end]) for part in found.parts if part.kind == "line"
    ] == [
        (4, "print('hello')"),
        (5, "plot()"),
        (6, "hello"),
        (7, "world"),
        (8, "ValueError: bad"),
    ], "lines are counted through the whole notebook"


def test_notebook_has_the_ends_of_lines_that_a_browser_has(path: Path) -> None:
    found = read(path, "a.ipynb", hostile.notebook_of_bars())

    assert "\r" not in found.text
    assert parts_of(found, "line")[:4] == ["run()", "wait()", "", "0%|"]


def test_notebook_of_very_many_lines_is_read_and_shown_in_part(path: Path) -> None:
    found = read(path, "a.ipynb", hostile.notebook_of_many_lines())
    shown = formats.show(path, Form.NOTEBOOK, "a.ipynb")

    assert (len(parts_of(found, "line")), found.note, shown.truncated) == (10_000, "part", True)


SWITCH = (
    b"<switch><foreignObject><div xmlns='http://www.w3.org/1999/xhtml'>Web<br/>tier <b>2</b></div></foreignObject>"
    b"<text>Web tier...</text></switch><text>after</text>"
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b"<text>One</text><g><text x='1'>Two <tspan>halves</tspan>, whole</text></g>",
            ["One", "Two halves, whole"],
        ),
        (b"<text><tspan x='0'>first</tspan><tspan x='0' dy='9'>second</tspan></text>", ["first second"]),
        (b"<title>no</title><style>text{}</style><script>no()</script><desc>no</desc><text> </text>", []),
        (SWITCH, ["Web tier 2", "after"]),
        (b"<switch><g/><text>only</text></switch>", ["only"]),
        (b"<text>a<title>hint</title>b</text>", ["ab"]),
    ],
)
def test_svg_is_read_by_its_texts(path: Path, body: bytes, words: list[str]) -> None:
    assert parts_of(read(path, "a.svg", samples.svg(body)), "block") == words


def test_svg_that_uses_a_text_many_times_says_it_once() -> None:
    (piece,) = svg.pieces(BytesIO(hostile.svg_of_uses()), sandbox.Limits(processor=10**6))
    assert piece["text"] == "once"


# PDF ------------------------------------------------------------------------------------------------------
ORDERED = "The queue holds what was ordered until there is room in the store, and"
WRAPPED = "other one of many words that stand in a line so long that it has to be wrapped"
PAGES = [
    hostile.said("A design"),
    b"",
    hostile.said(ORDERED, "not longer.", "Then it waits.")
    + b"\n"
    + hostile.said("An-", WRAPPED, "here.", top=600),
]


def test_pdf_is_read_by_page_in_paragraphs(path: Path) -> None:
    found = read(path, "a.pdf", hostile.pdf_pages(PAGES))

    assert parts_of(found, "page")[:2] == ["A design", ""]
    assert parts_of(found, "block") == [
        "A design",
        "The queue holds what was ordered until there is room in the store, and not longer.",
        "Then it waits.",
        "An-other one of many words that stand in a line so long that it has to be wrapped here.",
    ]
    assert [part.number for part in found.parts if part.kind == "block"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "more", [b"", b"/Rotate 90", b"/Rotate 180/CropBox[36 100 500 780]", b"/CropBox[60 600 300 760]"]
)
def test_box_is_where_the_word_is_drawn(path: Path, more: bytes) -> None:
    """Of the words on the page one is filled, and what is drawn of it is searched in the picture."""
    data = hostile.pdf_pages([hostile.said("Here, a word of many", size=18)], more=more)
    found = read(path, "a.pdf", data)
    start = found.text.index("word")
    (box,) = Words(found.boxes).boxes(start, start + 4)
    page = pypdfium2.PdfDocument(data)[0]
    picture = page.render(scale=2, grayscale=True).to_pil()
    width, height = picture.size
    crop = (
        box.left * width,
        box.top * height,
        (box.left + box.width) * width,
        (box.top + box.height) * height,
    )
    inside = picture.crop(tuple(map(round, crop)))
    assert box.page == 1
    assert inside.getextrema()[0] < 100, "there is ink in the box"
    # Nothing is cut at its long sides: a line of pixels around it is white.
    left, top, right, bottom = map(round, crop)
    around = picture.crop((left - 2, top - 2, right + 2, bottom + 2))
    ring = [around.getpixel((x, y)) for x in range(around.width) for y in (0, around.height - 1)]
    ring += [around.getpixel((x, y)) for y in range(around.height) for x in (0, around.width - 1)]
    assert min(ring) > 200


def test_what_stands_beside_the_page_is_not_read(path: Path) -> None:
    beside = (
        hostile.said("Beside", left=700)
        + b"\n"
        + hostile.said("Seen")
        + b"\n"
        + hostile.said("Above", top=900)
    )
    assert read(path, "a.pdf", hostile.pdf_pages([beside])).text == "Seen"


def test_boxes_of_a_passage_are_one_for_each_line(path: Path) -> None:
    found = read(path, "a.pdf", hostile.pdf_pages(PAGES))
    words = Words(found.boxes)
    start = found.text.index("until")
    boxes = words.boxes(start, found.text.index("longer") + 3)

    assert [box.page for box in boxes] == [3, 3]
    assert boxes[0].left > boxes[1].left
    assert boxes[0].top + boxes[0].height <= boxes[1].top + 0.005
    assert words.boxes(0, 0) == []
    assert len(words.boxes(0, len(found.text))) == 7
    assert [box.page for box in words.boxes(0, 1)] == [1]


def test_packed_words_come_out_as_they_went_in() -> None:
    packing = Packing()
    for word in [(1, 0, 5, 1, 2, 3, 4), (1, 6, 2, 65_535, 0, 0, 65_535), (700, 60_000, 24, 9, 9, 9, 9)]:
        packing.add(word)
    found = Words(packing.packed())
    assert (list(found.pages), list(found.starts), list(found.lengths)) == (
        [1, 1, 700],
        [0, 6, 60_000],
        [5, 2, 24],
    )
    with pytest.raises(OverflowError):
        packing.add((1, 60_001, 1, 0, 0, 0, 0))
    assert Words(Packing().packed()).boxes(0, 10) == []


# Paragraphs -----------------------------------------------------------------------------------------------
def line(text: str, top: float, left: float = 50, size: float = 10, is_broken: bool = False) -> Line:
    """A line whose letters are half as wide as they are high."""
    words = []
    for word in text.split():
        words.append(Word(word, left, top, left + len(word) * size / 2, top + size))
        left += (len(word) + 1) * size / 2
    return Line(words, is_broken)


WIDE = "words that fill a line up to the margin, where nothing more has room"


@pytest.mark.parametrize(
    ("lines", "blocks"),
    [
        ([line(WIDE, 0), line(WIDE, 12), line("the end.", 24), line(WIDE, 36)], [3, 1]),
        ([line(WIDE, 0), line(WIDE, 12), line(WIDE, 34), line(WIDE, 46)], [2, 2]),
        ([line("A heading of another size", 0, size=14), line(WIDE, 16), line(WIDE, 28)], [1, 2]),
        ([line(WIDE, 0), line("• " + WIDE, 12), line(WIDE, 24, left=60), line("• one", 36)], [1, 2, 1]),
        ([line(WIDE, 0), line(WIDE, 12, left=70), line(WIDE, 24)], [1, 2]),
        ([line("one", 0), line("two", 12), line("three", 24)], [1, 1, 1]),
        ([line(WIDE, 600), line(WIDE, 612), line(WIDE, 0, left=500), line(WIDE, 12, left=500)], [2, 2]),
    ],
)
def test_lines_are_put_together_as_they_were_wrapped(lines: list[Line], blocks: list[int]) -> None:
    assert [len(block) for block in paragraphs(lines)] == blocks


def test_lines_are_joined_as_their_script_is_written() -> None:
    assert separator(line("one", 0), line("two", 12)) == " "
    assert separator(line("设计", 0), line("文档", 12)) == ""
    assert separator(line("anti-", 0, is_broken=True), line("virus", 12)) == ""


# What the child says --------------------------------------------------------------------------------------
PAGE = (
    b'{"text": "one two", "parts": [["page", 0, 7, 1], ["block", 0, 7, 1]], "words": [[1, 0, 3, 1, 2, 3, 4]]}'
)
END = b'{"end": true}'


def test_pieces_become_one_text() -> None:
    found = assembled([PAGE, PAGE.replace(b"[1, 0, 3", b"[2, 4, 3"), END])

    assert (found.text, found.note) == ("one two\none two", "")
    assert [(part.kind, part.start, part.end) for part in found.parts[2:]] == [
        ("page", 8, 15),
        ("block", 8, 15),
    ]
    assert list(Words(found.boxes).starts) == [0, 12]


@pytest.mark.parametrize(
    ("lines", "text", "note"),
    [
        ([END], "", ""),
        ([], "", "failed"),
        ([b""], "", "failed"),
        ([PAGE], "one two", "part"),
        ([PAGE, b'{"note": "part"}', END], "one two", "part"),
        ([PAGE, PAGE[:40]], "one two", "part"),
        ([PAGE, b"nonsense", END], "one two", "part"),
        ([b"[]", END], "", "failed"),
        ([b'{"text": 5, "parts": [], "words": []}', END], "", "failed"),
        ([PAGE.replace(b'"page"', b'"script"'), END], "", "failed"),
        ([PAGE.replace(b"0, 7, 1", b"0, 8, 1"), END], "", "failed"),
        ([PAGE.replace(b"[1, 0, 3", b"[1, 5, 3"), END], "", "failed"),
        ([PAGE.replace(b"[1, 0, 3", b"[1, 0, -3"), END], "", "failed"),
        ([PAGE.replace(b"2, 3, 4]", b"2, 3, 400000]"), END], "", "failed"),
        (
            [b'{"text": "%s", "parts": [], "words": []}' % (b"x" * 1_200_000)] * 2 + [END],
            "x" * 1_200_000,
            "part",
        ),
        ([PAGE.replace(b"one", b"\\u0000\\ud800e"), END], "��e two", ""),
    ],
)
def test_what_the_child_says_is_not_believed(lines: list[bytes], text: str, note: str) -> None:
    found = assembled(lines)

    assert (found.text, found.note) == (text, note)


def test_child_that_talks_without_end_is_stopped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is exchanged for one that finds the file sound, and then says more than it may."""
    spy = path.parent / "spy"
    spy.write_text("#!/bin/sh\necho '{\"pages\": 1}'\nexec yes\n")
    spy.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(spy))
    monkeypatch.setattr(sandbox, "ANSWER", 1 << 20)
    path.write_bytes(samples.pdf())

    found = formats.inspect(path, "a.pdf")

    assert (found.pages, found.extracted.text, found.extracted.note) == (1, "", "failed")


def test_sound_pdf_whose_reading_breaks_is_let_in_with_what_was_read(path: Path) -> None:
    path.write_bytes(hostile.pdf_with_a_heavy_page())
    found = formats.inspect(path, "a.pdf")

    assert (found.pages, found.extracted.text, found.extracted.note) == (3, "The first\nThe second", "part")


def test_reading_stops_when_the_time_is_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(hostile.pdf_of_many_pages(3))
    monkeypatch.setattr(sandbox, "SHARE", 0.0)
    assert formats.extract(path, "a.pdf").note == "", "the child has the share of its own release"

    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(characters=20))
    found = formats.extract(path, "a.pdf")
    assert (found.text, found.note) == ("Page 1 of many\nPage 2", "part")


def test_extract_refuses_what_would_not_be_let_in(path: Path) -> None:
    path.write_bytes(samples.pdf_with_password())
    with pytest.raises(Unacceptable):
        formats.extract(path, "a.pdf")


# A text in the making -------------------------------------------------------------------------------------
def test_writing_gives_each_empty_page_a_place_of_its_own() -> None:
    writing = Writing()
    for number in (1, 2, 3):
        with writing.within("page", number):
            if number == 2:
                writing.put("block", "words", 1)
    found = writing.extracted()

    assert found.text == "\nwords\n"
    assert [(part.kind, part.start, part.end) for part in found.parts] == [
        ("page", 0, 0),
        ("page", 1, 6),
        ("block", 1, 6),
        ("page", 7, 7),
    ]
