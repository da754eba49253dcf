"""Small real files of every form, and of every way in which one can be bad, as bytes made on the spot."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pypdfium2
from PIL import Image

OFFICE_PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "vsdx": "visio/document.xml",
}
OPEN_DOCUMENTS = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
SVG_START = b'<?xml version="1.0" encoding="UTF-8"?>\n'
SVG_NAMESPACE = b'xmlns="http://www.w3.org/2000/svg"'


# Text -----------------------------------------------------------------------------------------------------
def markdown() -> bytes:
    return (
        "# Design — café\n\nText with *care*.\n\n## Data flow\n\n```mermaid\ngraph TD; A-->B\n```\n".encode()
    )


def text() -> bytes:
    return b"one line\r\nand another\r\n"


def code() -> bytes:
    return b"def main() -> None:\n    print('<script>alert(1)</script>')\n"


def plantuml() -> bytes:
    return b"@startuml\nAlice -> Bob: hello\n@enduml\n"


def mermaid() -> bytes:
    return b"graph TD\n  A[Web] --> B[Store]\n"


def utf16() -> bytes:
    return "A text of another encoding\n".encode("utf-16")


def latin1() -> bytes:
    return "Déjà vu\n".encode("latin-1")


# PDF ------------------------------------------------------------------------------------------------------
def pdf(pages: int = 2) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pdf_of(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF written by hand: the first object is the catalogue; the table of offsets is right."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )
    return bytes(out)


def pdf_with_text(words: str = "Hello, mentor") -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    stream = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET".encode("ascii")
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def pdf_with_password() -> bytes:
    """Encrypted by the standard handler; the two key strings are made up, so no password opens it."""
    keys = b"<" + b"5a" * 32 + b">"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
            b"<</Filter/Standard/V 2/R 3/Length 128/P -44/O %s/U %s>>" % (keys, keys),
        ],
        b"/Encrypt 4 0 R/ID[<%s><%s>]" % (b"ab" * 16, b"ab" * 16),
    )


# Pictures -------------------------------------------------------------------------------------------------
def picture(form: str, width: int = 40, height: int = 30, mode: str = "RGB", **options: Any) -> bytes:
    """`form` is PNG, JPEG, WEBP or GIF."""
    buffer = io.BytesIO()
    Image.new(mode, (width, height), 120 if mode == "L" else (200, 120, 40)).save(buffer, form, **options)
    return buffer.getvalue()


def png(width: int = 40, height: int = 30) -> bytes:
    return picture("PNG", width, height)


def jpeg(width: int = 40, height: int = 30) -> bytes:
    return picture("JPEG", width, height)


def webp(width: int = 40, height: int = 30) -> bytes:
    return picture("WEBP", width, height)


def turned_jpeg() -> bytes:
    """A photo of 40 × 30 taken with the camera held upright: shown as 30 × 40."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("JPEG", 40, 30, exif=exif)


def png_that_lies(width: int = 60_000, height: int = 60_000) -> bytes:
    """A small PNG whose header claims so many pixels, with a right checksum."""
    data = bytearray(png())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def noisy(form: str) -> bytes:
    """A picture of 200 × 200 that packs badly, so that most of its bytes are pixels."""
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(buffer, form)
    return buffer.getvalue()


def truncated(form: str) -> bytes:
    """A picture whose head is whole and whose last pixels are missing."""
    return noisy(form)[:5_000]


def png_with_a_wrong_sum() -> bytes:
    """Every pixel is there; the checksum after them is another."""
    data = bytearray(png())
    end_of_pixels = data.index(b"IEND") - 5
    data[end_of_pixels] ^= 1
    return bytes(data)


def heic() -> bytes:
    """The first bytes of an iPhone photo."""
    return b"\0\0\0\x24ftypheic\0\0\0\0mif1MiHBMiHEMiPrmiafheictmap" + b"\0" * 200


# Drawings -------------------------------------------------------------------------------------------------
def svg(body: bytes = b'<rect width="20" height="10"/>') -> bytes:
    return SVG_START + b"<svg " + SVG_NAMESPACE + b' width="120" height="80">' + body + b"</svg>\n"


def svg_with_script() -> bytes:
    return svg(b'<script>fetch("/steal")</script><rect width="9" height="9" onload="alert(1)"/>')


def svg_of_graphviz() -> bytes:
    """With the document type that Graphviz and old Inkscape write, and a size in points."""
    kind = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    return (
        SVG_START
        + kind
        + b'<svg width="62pt" height="116pt" viewBox="0 0 62 116" '
        + SVG_NAMESPACE
        + b"><g/></svg>"
    )


def svg_with_entities(depth: int = 9) -> bytes:
    """Each entity is ten of the one before: a billion, unfolded."""
    lines = [b'<!ENTITY a0 "ha">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, depth + 1)]
    kind = b"<!DOCTYPE svg [\n" + b"\n".join(lines) + b"\n]>\n"
    return SVG_START + kind + b"<svg " + SVG_NAMESPACE + b"><text>&a%d;</text></svg>" % depth


def svg_that_reads_files() -> bytes:
    kind = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
    return SVG_START + kind + b"<svg " + SVG_NAMESPACE + b"><text>&x;</text></svg>"


def deep_svg(depth: int) -> bytes:
    return SVG_START + b"<svg " + SVG_NAMESPACE + b">" + b"<g>" * depth + b"</g>" * depth + b"</svg>"


def drawio(pages: int = 2) -> bytes:
    model = '<mxGraphModel><root><mxCell id="0"/></root></mxGraphModel>'
    page = '<diagram id="p{0}" name="Page-{0}">' + model + "</diagram>"
    return (
        f'<mxfile host="app.diagrams.net">{"".join(page.format(n) for n in range(pages))}</mxfile>'.encode()
    )


def excalidraw() -> bytes:
    shapes = [{"id": "a", "type": "rectangle", "x": 1, "y": 2, "width": 30, "height": 20}]
    return json.dumps(
        {"type": "excalidraw", "version": 2, "elements": shapes, "appState": {}, "files": {}}
    ).encode()


# Notebooks ------------------------------------------------------------------------------------------------
def notebook(cells: list[dict[str, Any]] | None = None) -> bytes:
    if cells is None:
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Load test\n", "\n", "With <b>html</b>."]},
            {
                "cell_type": "code",
                "source": "print('hello')\nplot()",
                "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["hello\n", "world\n"]},
                    {
                        "output_type": "display_data",
                        "data": {
                            "text/html": "<script>alert(1)</script>",
                            "image/png": base64.encodebytes(png(8, 8)).decode(),
                            "text/plain": "<Figure>",
                        },
                    },
                    {"output_type": "execute_result", "data": {"text/html": "<script>alert(2)</script>"}},
                    {
                        "output_type": "error",
                        "ename": "ValueError",
                        "evalue": "bad",
                        "traceback": ["\x1b[0;31mValueError\x1b[0m: bad"],
                    },
                ],
            },
            {
                "cell_type": "code",
                "source": "",
                "outputs": [
                    {
                        "output_type": "display_data",
                        "data": {"image/jpeg": base64.b64encode(jpeg(9, 9)).decode()},
                    }
                ],
            },
        ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def notebook_with(picture: bytes) -> bytes:
    """One cell with one output that says it is a PNG."""
    data = {"image/png": base64.b64encode(picture).decode()}
    return notebook(
        [
            {
                "cell_type": "code",
                "source": "plot()",
                "outputs": [{"output_type": "display_data", "data": data}],
            }
        ]
    )


# Office ---------------------------------------------------------------------------------------------------
def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def office(extension: str, **more: bytes) -> bytes:
    """A minimal docx, xlsx, pptx, vsdx, odt, ods or odp; `more` parts by name."""
    if extension in OPEN_DOCUMENTS:
        kind = f"application/vnd.oasis.opendocument.{OPEN_DOCUMENTS[extension]}".encode()
        return archive(
            {"mimetype": kind, "META-INF/manifest.xml": b"<manifest/>", "content.xml": b"<c/>"} | more
        )
    return archive({"[Content_Types].xml": b"<Types/>", OFFICE_PARTS[extension]: b"<document/>"} | more)


def bomb(extension: str = "docx", megabytes: int = 60) -> bytes:
    """A sound office file with one part of so many million zeros: packs about a thousand to one."""
    return office(extension, filler=bytes(megabytes * 1_000_000))


def bomb_that_lies() -> bytes:
    """A bomb whose directory says the filler is one byte long."""
    data = bytearray(bomb())
    true = struct.pack("<I", 60_000_000)
    for at in [at for at in range(len(data)) if data[at : at + 4] == true]:
        data[at : at + 4] = struct.pack("<I", 1)
    return bytes(data)


def archive_with_password() -> bytes:
    """The flag that says "encrypted" is set in both places where it stands."""
    data = bytearray(office("docx"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def office_with_password() -> bytes:
    """What Word writes when a document has a password: an old-style container with one well-known entry."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(1016)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(512)
    )


def open_document_with_password() -> bytes:
    return office("odt", **{"META-INF/manifest.xml": b"<manifest><encryption-data/></manifest>"})


def old_word() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "WordDocument".encode("utf-16-le") + bytes(512)


SOUND: dict[str, bytes] = {
    "design.md": markdown(),
    "notes.markdown": markdown(),
    "notes.txt": text(),
    "report.pdf": pdf(),
    "text.pdf": pdf_with_text(),
    "shot.png": png(),
    "photo.jpg": jpeg(),
    "photo.jpeg": turned_jpeg(),
    "shot.webp": webp(),
    "drawing.svg": svg(),
    "graph.svg": svg_of_graphviz(),
    "scripted.svg": svg_with_script(),
    "system.drawio": drawio(),
    "system.dio": drawio(1),
    "sketch.excalidraw": excalidraw(),
    "sequence.puml": plantuml(),
    "sequence.plantuml": plantuml(),
    "flow.mmd": mermaid(),
    "flow.mermaid": mermaid(),
    "analysis.ipynb": notebook(),
    "main.py": code(),
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "Dockerfile": b"FROM scratch\n",
    "Makefile": b"all:\n\techo\n",
    "data.json": b'{"a": 1}',
    "data.csv": b"a,b\n1,2\n",
    "schema.sql": b"select 1;\n",
    "config.yaml": b"a: 1\n",
    **{f"paper.{extension}": office(extension) for extension in [*OFFICE_PARTS, *OPEN_DOCUMENTS]},
}
"""A valid file of every form, by its name."""
