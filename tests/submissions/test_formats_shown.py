"""What a page shows of a sound file: kinds of view, lines, cells, outlines, and where it is cut."""

import base64
import re
from pathlib import Path

import pytest

from submissions import formats
from submissions.formats import Entry, Form, Shown, kinds, markdown, text
from submissions.showing import with_headings
from tests.submissions import samples

pytestmark = pytest.mark.pure

LINES_OF_HEADINGS = [(1, "A title", 1), (4, "Quoted", 2), (7, "In an item", 1), (9, "Last", 2)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "blob"


def shown(path: Path, name: str, data: bytes) -> Shown:
    path.write_bytes(data)
    return formats.show(path, kinds.kind_of(name).form, name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("design.md", "markdown"),
        ("flow.mmd", "markdown"),
        ("notes.txt", "lines"),
        ("main.py", "lines"),
        ("page.html", "lines"),
        ("system.drawio", "lines"),
        ("sketch.excalidraw", "lines"),
        ("sequence.puml", "lines"),
        ("analysis.ipynb", "notebook"),
        ("report.pdf", "pdf"),
        ("shot.png", "image"),
        ("scripted.svg", "image"),
        ("paper.docx", "download"),
        ("paper.xlsx", "download"),
    ],
)
def test_show_says_how_each_form_is_shown(path: Path, name: str, kind: str) -> None:
    view = shown(path, name, samples.SOUND[name])

    assert view.kind == kind
    assert bool(view.html) == (kind == "markdown")
    assert bool(view.cells) == (kind == "notebook")
    assert not view.truncated


def test_show_renders_markdown_and_keeps_its_lines(path: Path) -> None:
    view = shown(path, "a.md", b"# Design\n\n*Text*\n\n<script>alert(1)</script>\n")

    assert "<em>Text</em>" in view.html
    assert "<script" not in view.html
    assert view.lines[0] == "# Design"


def test_show_puts_a_diagram_into_one_block_as_markdown_does(path: Path) -> None:
    view = shown(path, "a.mmd", b"graph TD\n  A[```] --> B\n<script>alert(1)</script>\n")

    assert "A[```]" in view.html
    assert "<script" not in view.html
    fenced = shown(path, "a.md", b"````mermaid\n" + "\n".join(view.lines).encode() + b"\n````\n").html
    assert re.sub(r"</?span[^>]*>", "", view.html) == fenced.replace(' data-start="0"', "")


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\nb\n", ("a", "b")),
        (b"a\r\nb", ("a", "b")),
        (b"a\rb\r", ("a", "b")),
        (b"\xef\xbb\xbfa\n\n\n", ("a", "", "")),
        ("a\u2028b\x0cc\n".encode(), ("a\u2028b\x0cc",)),
        (b"\n", ("",)),
        (b"<b>\n", ("<b>",)),
    ],
)
def test_lines_are_those_of_an_editor(path: Path, data: bytes, lines: tuple[str, ...]) -> None:
    assert shown(path, "a.py", data).lines == lines


def test_show_cuts_after_five_thousand_lines_and_says_so(path: Path) -> None:
    whole = shown(path, "a.py", b"x\n" * 5000)
    assert (len(whole.lines), whole.truncated, whole.note) == (5000, False, "")

    cut = shown(path, "a.py", b"x\n" * 5001)
    assert (len(cut.lines), cut.truncated) == (5000, True)
    assert cut.note.startswith("Only the first 5000 lines are shown")


def test_show_cuts_one_endless_line(path: Path) -> None:
    view = shown(path, "a.json", b"[" + b"1," * 2_000_000 + b"1]")

    assert view.truncated
    assert [len(line) for line in view.lines] == [text.LINE_CHARACTERS + 1]


def test_show_cuts_markdown_that_is_a_book(path: Path) -> None:
    view = shown(path, "a.md", b"word " * 100_000)

    assert view.truncated
    assert "Download it" in view.note
    assert len(view.html) < 250_000


# Notebooks ------------------------------------------------------------------------------------------------
def test_notebook_is_shown_by_cell_without_html(path: Path) -> None:
    first, second, third = shown(path, "a.ipynb", samples.notebook()).cells

    assert (first.kind, first.number, first.lines) == (
        "markdown",
        1,
        ("# Load test", "", "With <b>html</b>."),
    )
    assert "<b>" not in first.html
    assert (second.kind, second.lines, second.html) == ("code", ("print('hello')", "plot()"), "")
    stream, picture, table, error = second.outputs
    assert (stream.lines, stream.image) == (("hello", "world"), None)
    assert (picture.lines, picture.image) == ((), 0)
    assert (table.lines, table.image) == ((), None), "an output that is HTML only is not shown"
    assert (error.lines, error.error) == (("ValueError: bad",), True), "without the terminal's colours"
    assert [output.image for output in third.outputs] == [1]


def test_cell_image_gives_each_picture_by_its_number(path: Path) -> None:
    path.write_bytes(samples.notebook())

    assert formats.cell_image(path, 0) == ("image/png", samples.png(8, 8))
    assert formats.cell_image(path, 1) == ("image/jpeg", samples.jpeg(9, 9))
    for number in (2, -1):
        with pytest.raises(LookupError):
            formats.cell_image(path, number)


@pytest.mark.parametrize(
    "data",
    [b"<svg onload='alert(1)'/>", b"<html>", samples.jpeg(), b""],
    ids=["svg", "html", "other form", "nothing"],
)
def test_picture_that_is_something_else_is_no_picture(path: Path, data: bytes) -> None:
    path.write_bytes(samples.notebook_with(data))

    assert formats.show(path, Form.NOTEBOOK, "a.ipynb").cells[0].outputs[0].image is None
    with pytest.raises(LookupError):
        formats.cell_image(path, 0)


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": ["x"], "source": {"a": 1}},
        {"cell_type": "code", "source": [1, None, "x"], "outputs": "no list"},
        {"cell_type": "code", "outputs": [1, None, {}, {"output_type": "stream"}, {"output_type": "error"}]},
        {"cell_type": "code", "outputs": [{"data": []}, {"data": {"image/png": {"a": 1}, "text/plain": 5}}]},
        {"cell_type": "code", "outputs": [{"data": {"image/png": "not base64 é"}}]},
        {"cell_type": "code", "outputs": [{"output_type": "error", "traceback": [1, {}]}]},
    ],
)
def test_notebook_with_strange_cells_is_shown(path: Path, cell: dict[str, object]) -> None:
    view = shown(path, "a.ipynb", samples.notebook([cell]))

    assert [cell.number for cell in view.cells] == [1]


def test_notebook_of_very_many_cells_is_cut(path: Path) -> None:
    cell = {"cell_type": "code", "source": "x", "outputs": []}

    assert not shown(path, "a.ipynb", samples.notebook([cell] * 500)).truncated
    cut = shown(path, "a.ipynb", samples.notebook([cell] * 501))
    assert (len(cut.cells), cut.truncated) == (500, True)
    assert cut.note.startswith("Only a part of this notebook is shown.")


def test_picture_too_long_for_one_line_of_base64_is_read(path: Path) -> None:
    data = samples.png(300, 300)
    cell = {
        "cell_type": "code",
        "outputs": [{"data": {"image/png": base64.encodebytes(data).decode().splitlines(True)}}],
    }
    path.write_bytes(samples.notebook([cell]))

    assert formats.cell_image(path, 0) == ("image/png", data)


# Outlines -------------------------------------------------------------------------------------------------
def test_outline_of_markdown_is_its_headings(path: Path) -> None:
    path.write_bytes(
        b"# One\n\n```\n# not this\n```\n~~~~\n```\n# nor this\n~~~~\n#### Four ##\n#no heading\n"
    )

    assert formats.outline(path, Form.MARKDOWN) == [
        Entry("heading", 1, "One", 1),
        Entry("heading", 10, "Four", 4),
    ]


def test_headings_that_are_underlined_are_in_the_outline_and_lead_to_their_element(path: Path) -> None:
    source = "A *title*\n===\n\n> Quoted\n> ---\n\n- # In an item\n\n## Last\n"
    entries = [Entry("heading", line, words, level) for line, words, level in LINES_OF_HEADINGS]

    found = shown(path, "a.md", source.encode())

    assert list(found.headings) == formats.outline(path, Form.MARKDOWN) == entries
    html = with_headings(found.html, "text", [one.number for one in found.headings])
    assert re.findall(r'id="text-H(\d+)"><span data-start="\d+">([\w ]+)', html) == [
        ("1", "A "),
        ("4", "Quoted"),
        ("7", "In an item"),
        ("9", "Last"),
    ]


@pytest.mark.parametrize("piece", ["- a\n", "a\n\n", "|a|b|\n|-|-|\n", ">>>a\n\n", "- - - a\n"])
def test_text_of_too_many_blocks_is_shown_as_it_was_typed_from_there_on(path: Path, piece: str) -> None:
    source = (piece * 60_000)[:200_000]

    found = shown(path, "a.md", source.encode())

    line = int(re.search(r"from line (\d+) on", found.note)[1])  # type: ignore[index]
    rest = "\n".join(source.split("\n")[line - 1 :])
    assert found.html.count("data-start") < 16_000
    assert markdown.read(source).text.rstrip("\n").endswith(rest.rstrip("\n")[-1000:])
    assert found.html.count("<pre>") == 1


def test_cells_of_a_notebook_are_rendered_up_to_the_same_number_of_blocks_together(path: Path) -> None:
    cells = [{"cell_type": "markdown", "source": "- a\n" * 9_000} for _cell in range(6)]

    found = shown(path, "a.ipynb", samples.notebook(cells))

    assert sum(cell.html.count("<li>") for cell in found.cells) <= 15_000
    assert found.truncated


def test_outline_of_a_pdf_is_its_pages_and_of_a_notebook_its_cells(path: Path) -> None:
    path.write_bytes(samples.notebook())

    assert formats.outline(path, "pdf", pages=2) == [Entry("page", 1, "Page 1"), Entry("page", 2, "Page 2")]
    assert [entry.words for entry in formats.outline(path, "notebook")] == [
        "# Load test",
        "print('hello')",
        "",
    ]
    assert formats.outline(path, "image") == []
