"""What is let in: names, endings, first bytes and the full parse; and the sentence for each refusal."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from submissions import formats
from submissions.formats import Form, Inspected, Unacceptable, kinds, sandbox
from submissions.refusals import SENTENCES
from tests.submissions import samples

pytestmark = pytest.mark.pure

Inspect = Callable[[str, bytes], Inspected]


@pytest.fixture
def inspect(settings: Settings, tmp_path: Path) -> Inspect:
    """Inspects bytes under a name, as after an upload: the file itself has no ending."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def inspected(name: str, data: bytes) -> Inspected:
        (tmp_path / "received").write_bytes(data)
        return formats.inspect(tmp_path / "received", name)

    return inspected


# What is accepted -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", samples.SOUND)
def test_sound_file_is_accepted(inspect: Inspect, name: str) -> None:
    found = inspect(name, samples.SOUND[name])

    assert found.form == kinds.kind_of(name).form
    assert found.media_type == kinds.kind_of(name).media_type


def test_every_form_has_a_sample_and_a_label() -> None:
    assert {kinds.kind_of(name).form for name in samples.SOUND} == set(Form)
    assert all(str(form.label) for form in Form)


@pytest.mark.parametrize(
    ("name", "data", "pages", "width", "height"),
    [
        ("a.pdf", samples.pdf(3), 3, 595, 842),
        ("a.png", samples.png(64, 48), None, 64, 48),
        ("a.jpg", samples.turned_jpeg(), None, 30, 40),
        ("a.webp", samples.webp(70, 20), None, 70, 20),
        ("a.webp", samples.picture("WEBP", 70, 20, lossless=True), None, 70, 20),
        (
            "a.webp",
            samples.picture("WEBP", 70, 20, "RGBA", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
            None,
            70,
            20,
        ),
        ("a.svg", samples.svg(), None, 120, 80),
        ("a.svg", samples.svg_of_graphviz(), None, 62, 116),
        ("a.drawio", samples.drawio(4), 4, None, None),
        ("a.docx", samples.office("docx"), None, None, None),
    ],
)
def test_inspected_says_pages_and_size(
    inspect: Inspect, name: str, data: bytes, pages: int | None, width: int | None, height: int | None
) -> None:
    found = inspect(name, data)

    assert (found.pages, found.width, found.height) == (pages, width, height)


@pytest.mark.parametrize(
    "name", ["DESIGN.MD", "Photo.JPG", "my.design.v2.final.md", "Dockerfile.dev", ".gitignore"]
)
def test_ending_is_read_in_any_case_and_from_the_last_dot(inspect: Inspect, name: str) -> None:
    data = samples.jpeg() if name.endswith("JPG") else samples.markdown()

    assert inspect(name, data).form in (Form.MARKDOWN, Form.IMAGE, Form.CODE)


def test_media_types_are_never_ones_that_a_browser_would_run() -> None:
    served = {kind.media_type for kind in kinds.KINDS.values()}

    assert not any("html" in media_type or "javascript" in media_type for media_type in served)
    assert {
        kind.extension for kind in kinds.KINDS.values() if "xml" in kind.media_type.split("/")[1][-4:]
    } == {".svg"}


def test_accepts_lists_every_ending_for_the_file_chooser() -> None:
    listed = formats.accepts().split(",")

    assert {".md", ".pdf", ".png", ".drawio", ".docx", ".py", ".ipynb"} <= set(listed)
    assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in listed)
    assert not {".heic", ".exe", ".zip", ".doc"} & set(listed)


# What is refused ------------------------------------------------------------------------------------------
REFUSED = [
    ("a.md", b"", "empty", "This file is empty."),
    ("a.exe", b"MZ", "extension", ".exe files cannot be handed in. Hand in Markdown, a PDF, a picture"),
    ("a.zip", samples.office("docx"), "extension", ".zip files cannot be handed in."),
    ("a.doc", samples.old_word(), "extension", ".doc files cannot be handed in."),
    ("strange", b"x", "no-extension", "The name of this file has no ending"),
    (".env", b"KEY=1", "no-extension", "The name of this file has no ending"),
    ("IMG_1.HEIC", samples.heic(), "heic", "choose Settings, Camera, Formats, Most Compatible"),
    ("IMG_1.jpg", samples.heic(), "heic", "Export it as JPEG"),
    ("a.png", samples.jpeg(), "wrong-content", "The name ends in .png, but the content is a JPEG picture."),
    ("a.jpg", samples.png(), "wrong-content", "The name ends in .jpg, but the content is a PNG picture."),
    ("a.webp", samples.picture("GIF", mode="L"), "wrong-content", "the content is a GIF picture."),
    ("a.pdf", samples.office("docx"), "wrong-content", "the content is a ZIP archive."),
    (
        "a.pdf",
        b"just words",
        "wrong-content-unknown",
        "The name ends in .pdf, but the content is something else.",
    ),
    ("a.docx", samples.pdf(), "wrong-content", "the content is a PDF."),
    ("a.docx", samples.old_word(), "wrong-content", "an office file of the old form"),
    ("a.docx", samples.office("xlsx"), "wrong-content-unknown", "The name ends in .docx"),
    ("a.odt", samples.office("ods"), "wrong-content-unknown", "The name ends in .odt"),
    ("a.txt", samples.pdf(), "wrong-content", "The name ends in .txt, but the content is a PDF."),
    ("a.svg", samples.png(), "wrong-content", "the content is a PNG picture."),
    ("a.py", b"\x7fELF\x02\x01" + bytes(50), "wrong-content", "the content is a program."),
    ("a.md", b"text\0text", "not-text", "The name ends in .md, but this is not a text file."),
    ("a.md", samples.utf16(), "not-utf8", "choose the encoding UTF-8"),
    ("a.txt", samples.latin1(), "not-utf8", "This text is not in UTF-8."),
    ("a.csv", b"caf\xc3", "not-utf8", "This text is not in UTF-8."),
    ("a.pdf", samples.pdf_with_password(), "pdf-encrypted", "This PDF asks for a password."),
    ("a.pdf", samples.pdf()[:300], "pdf-broken", "This PDF is damaged"),
    ("a.pdf", samples.pdf(501), "pdf-pages", "This PDF has 501 pages; at most 500 can be handed in."),
    ("a.png", samples.truncated("PNG"), "image-broken", "This picture is damaged or not complete."),
    ("a.png", samples.png_with_a_wrong_sum(), "image-broken", "This picture is damaged or not complete."),
    ("a.jpg", samples.truncated("JPEG"), "image-broken", "This picture is damaged or not complete."),
    ("a.webp", samples.truncated("WEBP"), "image-broken", "This picture is damaged or not complete."),
    ("a.jpg", samples.jpeg()[:200], "image-broken", "This picture is damaged or not complete."),
    ("a.webp", b"RIFF\x20\0\0\0WEBPjunk" + bytes(40), "image-broken", "This picture is damaged"),
    (
        "a.png",
        samples.png_that_lies(),
        "image-pixels",
        "has 3600 million pixels; at most 50 million can be shown.",
    ),
    (
        "a.png",
        samples.png_that_lies(5001, 10_000),
        "image-pixels",
        "has 51 million pixels; at most 50 million",
    ),
    ("a.svg", samples.svg_with_entities(), "xml-entities", "This file defines entities of its own"),
    ("a.svg", samples.svg_that_reads_files(), "xml-entities", "This file defines entities of its own"),
    ("a.drawio", samples.svg_with_entities(), "xml-entities", "This file defines entities of its own"),
    ("a.svg", samples.svg()[:-10], "xml-broken", "not well-formed XML (line 2)"),
    ("a.svg", b"only words", "xml-broken", "not well-formed XML (line 1)"),
    ("a.svg", b"<html><body/></html>", "svg-other", "no SVG drawing in it"),
    ("a.svg", b"<svg width='1' height='1'/>", "svg-other", "no SVG drawing in it"),
    ("a.svg", samples.deep_svg(2000), "too-complex", "took too much time or memory"),
    ("a.drawio", samples.svg(), "drawio-other", "no draw.io diagram in it"),
    ("a.excalidraw", b'{"type":"excalidraw"}', "excalidraw-other", "no Excalidraw drawing in it"),
    ("a.excalidraw", b'{"elements":\n[', "json-broken", "not valid JSON (line 2)"),
    ("a.excalidraw", b"[" * 200_000, "too-complex", "took too much time or memory"),
    ("a.ipynb", b'{"cells": {}, "nbformat": 4}', "notebook-other", "no notebook cells in it"),
    ("a.ipynb", b'{"worksheets": [], "nbformat": 3}', "notebook-other", "in format 4"),
    ("a.docx", samples.bomb(), "archive-unpacks-too-far", "Unpacked, this file would be far larger"),
    ("a.docx", samples.bomb_that_lies(), "archive-broken", "This file is damaged"),
    ("a.docx", samples.office("docx")[:-30], "archive-broken", "This file is damaged"),
    ("a.docx", samples.archive_with_password(), "archive-encrypted", "This file is protected by a password."),
    ("a.xlsx", samples.office_with_password(), "archive-encrypted", "This file is protected by a password."),
    (
        "a.odt",
        samples.open_document_with_password(),
        "archive-encrypted",
        "This file is protected by a password.",
    ),
]


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    REFUSED,
    ids=[f"{code}-{name}-{n}" for n, (name, _, code, _) in enumerate(REFUSED)],
)
def test_bad_file_is_refused_in_a_sentence(
    inspect: Inspect, name: str, data: bytes, code: str, words: str
) -> None:
    with pytest.raises(Unacceptable) as refusal:
        inspect(name, data)

    assert refusal.value.code == code
    assert words in refusal.value.sentence


def test_every_refusal_of_the_formats_has_a_sentence_and_a_test() -> None:
    sources = [path.read_text() for path in Path(formats.__file__).parent.glob("*.py")]
    said = set(re.findall(r'"([a-z0-9-]+)"', "".join(sources))) & set(SENTENCES)
    raised = set(re.findall(r'Unacceptable\("([a-z0-9-]+)"', "".join(sources)))
    tested_below_or_beside = {"name-missing", "name-too-long", "busy"}

    assert raised <= set(SENTENCES)
    assert said == {code for _, _, code, _ in REFUSED} | tested_below_or_beside


# Positive controls: with the limit raised, the same file passes -------------------------------------------
def test_bomb_passes_where_the_ratio_is_allowed(inspect: Inspect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(ratio=2000))

    assert inspect("a.docx", samples.bomb()).form == Form.DOCX


def test_archive_is_refused_by_its_total_and_by_its_number_of_parts(
    inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limits in (sandbox.Limits(unpacked=50_000_000, ratio=2000), sandbox.Limits(entries=2)):
        monkeypatch.setattr(sandbox, "LIMITS", limits)
        with pytest.raises(Unacceptable) as refusal:
            inspect("a.docx", samples.bomb(megabytes=60 if limits.entries > 2 else 1))
        assert refusal.value.code == "archive-unpacks-too-far"


def test_limits_of_pages_and_pixels_come_from_the_settings(inspect: Inspect, settings: Settings) -> None:
    settings.PDF_PAGES, settings.IMAGE_PIXELS = 501, 60_000_000
    assert inspect("a.pdf", samples.pdf(501)).pages == 501
    with pytest.raises(
        Unacceptable, match="damaged"
    ):  # the size is believed now, and the pixels are not there
        inspect("a.png", samples.png_that_lies(6000, 9000))

    settings.PDF_PAGES, settings.IMAGE_PIXELS = 2, 1_500
    with pytest.raises(Unacceptable, match="3 pages; at most 2"):
        inspect("a.pdf", samples.pdf(3))
    with pytest.raises(Unacceptable, match="pixels"):
        inspect("a.png", samples.png(50, 31))
    assert inspect("a.png", samples.png(50, 30)).width == 50


def test_notebook_with_a_picture_of_too_many_pixels_is_refused(inspect: Inspect) -> None:
    with pytest.raises(Unacceptable, match="pixels"):
        inspect("a.ipynb", samples.notebook_with(samples.png_that_lies()))
    assert inspect("a.ipynb", samples.notebook_with(samples.png())).form == Form.NOTEBOOK


def test_json_of_too_many_values_is_refused(inspect: Inspect, monkeypatch: pytest.MonkeyPatch) -> None:
    many = b'{"elements": [' + b"0," * 300_000 + b"0]}"
    with pytest.raises(Unacceptable) as refusal:
        inspect("a.excalidraw", many)
    assert refusal.value.code == "too-complex"

    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(values=300_010))
    assert inspect("a.excalidraw", many).form == Form.EXCALIDRAW


def test_text_broken_between_two_pieces_is_still_read_right(inspect: Inspect) -> None:
    """A letter of two bytes lies across the border at which the check reads on."""
    assert inspect("a.md", b"x" * ((1 << 20) - 1) + "é".encode()).form == Form.MARKDOWN


# Names ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("design.md", "design.md"),
        ("C:\\Users\\me\\design.md", "design.md"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("e\u0301tude.md", "\u00e9tude.md"),
        ("inv\u202eoice\u202cfdp.md", "invoicefdp.md"),
        ("a\u2066b\u2069\u200f\ufeff.md", "ab.md"),
        ("a\r\nSet-Cookie: x.md", "aSet-Cookie: x.md"),
        ("a\0b\x7f\x1b.md", "ab.md"),
        ("fraction\u2044slash.md", "slash.md"),
        ("  my   design .md. ", "my design .md"),
        ("设计.md", "设计.md"),
        ("\U0001f469\u200d\U0001f4bb.md", "\U0001f469\u200d\U0001f4bb.md"),
        ('quo"te;<b>.md', 'quo"te;<b>.md'),
        ("a" * 147 + ".md", "a" * 147 + ".md"),
    ],
)
def test_clean_name_keeps_the_name_without_what_could_mislead(name: str, kept: str) -> None:
    assert formats.clean_name(name) == kept


@pytest.mark.parametrize("name", ["", "/", "..", "\u202e", "\u200d", "a/", " . "])
def test_clean_name_refuses_what_is_no_name(name: str) -> None:
    with pytest.raises(Unacceptable, match="This file has no name") as refusal:
        formats.clean_name(name)
    assert refusal.value.code == "name-missing"


def test_clean_name_refuses_what_is_too_long() -> None:
    with pytest.raises(Unacceptable) as refusal:
        formats.clean_name("a" * 148 + ".md")

    assert refusal.value.code == "name-too-long"
    assert "more than 150 characters" in refusal.value.sentence


def test_sentences_are_plain_text() -> None:
    """They go into pages escaped; none may need markup."""

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            raise AssertionError(tag)

    for sentence in SENTENCES.values():
        Tags().feed(str(sentence))
