"""Valid files as several programs write them: PDFs, pictures, drawings, notebooks and texts, by name."""

import io
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pypdfium2
import qrcode  # type: ignore[import-untyped]
from PIL import Image, ImageDraw
from playwright.sync_api import Page
from qrcode.image import svg as qr  # type: ignore[import-untyped]

from tests.submissions import pdfs, samples

CORPUS = Path(__file__).parent.parent / "curriculum" / "corpus"
SVG = "http://www.w3.org/2000/svg"
HTML = {
    "words": "<h1>Design</h1><p>The queue keeps each event until a worker has taken it.</p>" * 20,
    "table": "<table border=1>" + "<tr><td>gateway<td>10 ms<td>✓</tr>" * 60 + "</table>",
    "scripts": "<p>Straße, naïve, Ελληνικά, Кириллица, 設計, 디자인, العربية, עברית</p>" * 10,
    "drawing": '<svg width="300" height="200"><defs><linearGradient id="g"><stop stop-color="red"/><stop offset="1"'
    ' stop-color="blue"/></linearGradient></defs><rect width="300" height="200" fill="url(#g)"/></svg>',
    "shadows": '<div style="margin:40px;padding:40px;box-shadow:0 0 20px;opacity:.7;transform:rotate(9deg)">Box</div>',
    "links": '<a href="https://example.org/">A link</a><ol><li>one<li>two</ol><pre>code\n  more</pre>',
    "columns": '<div style="columns:3">' + "Words in columns. " * 400 + "</div>",
    "long": "".join(f'<h2 style="break-before:page">Part {n}</h2><p>Text</p>' for n in range(25)),
}
"""What Chromium prints."""


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Something to see in each mode."""
    drawn = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((4, 4, width // 2, height // 2), fill=(61, 107, 71))
    pen.line((0, height, width, 0), fill=(165, 70, 31), width=3)
    if mode.endswith("A"):
        drawn.putalpha(Image.linear_gradient("L").resize((width, height)))
    return drawn if drawn.mode == mode else drawn.convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def our_pdfs() -> Iterator[tuple[str, bytes]]:
    for turned in (0, 90, 180, 270):
        for packed in (True, False):
            name = f"own-{turned}-{'packed' if packed else 'plain'}.pdf"
            yield name, pdfs.of_lines([pdfs.lines_of(1), pdfs.lines_of(2)], turned=turned, packed=packed)
    for width, height in ((612, 792), (842, 595), (1684, 2384), (200, 100), (72, 720), (5000, 400)):
        yield f"own-{width}-{height}.pdf", pdfs.of_lines([["Déjà vu", "— “quoted” —"]], (width, height))
    for pages in (1, 30, 120, 500):
        yield f"own-{pages}-pages.pdf", pdfs.of_text(pages)
    for font in (b"Times-Roman", b"Courier-Bold", b"Symbol", b"ZapfDingbats"):
        yield (
            f"own-{font.decode()}.pdf",
            pdfs.of_lines([["A line"]], packed=False).replace(b"Helvetica", font),
        )
    yield "own-empty.pdf", pdfs.of_lines([[]])
    yield "own-scanned.pdf", pdfs.scanned(4)


def pdfium_pdfs() -> Iterator[tuple[str, bytes]]:
    for pages in (1, 2, 7):
        yield f"pdfium-{pages}.pdf", samples.pdf(pages)
    for version in (14, 15, 16, 17):
        with pypdfium2.PdfDocument(pdfs.of_text(3)) as document:
            buffer = io.BytesIO()
            document.save(buffer, version=version)
        yield f"pdfium-version-{version}.pdf", buffer.getvalue()
    for turned in (90, 180):
        with pypdfium2.PdfDocument(pdfs.of_text(2)) as document:
            document[0].set_rotation(turned)
            document[1].set_cropbox(50, 50, 400, 400)
            buffer = io.BytesIO()
            document.save(buffer)
        yield f"pdfium-cropped-{turned}.pdf", buffer.getvalue()
    with pypdfium2.PdfDocument.new() as whole, pypdfium2.PdfDocument(pdfs.of_text(4)) as part:
        whole.import_pages(part, [3, 1])
        buffer = io.BytesIO()
        whole.save(buffer)
    yield "pdfium-merged.pdf", buffer.getvalue()


def pillow_pdfs() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK"):
        yield f"pillow-{mode}.pdf", saved(picture(300, 400, mode), "PDF", resolution=72.0)
    others = [picture(200, 100), picture(100, 200, "L")]
    yield "pillow-many.pdf", saved(picture(), "PDF", save_all=True, append_images=others, title="Design")
    yield "pillow-fine.pdf", saved(picture(1200, 1600), "PDF", resolution=300.0, quality=95)


def pictures() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield (
            f"png-{mode.replace(';', '-')}.png",
            saved(picture(mode="L").convert("I;16") if mode == "I;16" else picture(mode=mode), "PNG"),
        )
    for level in (0, 9):
        yield f"png-level-{level}.png", saved(picture(300, 200), "PNG", compress_level=level, dpi=(144, 144))
    yield "png-clear.png", saved(picture(mode="P"), "PNG", transparency=0)
    for width, height in ((1, 1), (1, 900), (900, 1), (5000, 4000), (10_000, 200)):
        yield f"png-{width}-{height}.png", saved(Image.new("RGB", (width, height), "teal"), "PNG")
    for mode in ("L", "RGB", "CMYK"):
        for quality in (20, 95):
            yield f"jpeg-{mode}-{quality}.jpg", saved(picture(mode=mode), "JPEG", quality=quality)
    for sampling in (0, 1, 2):
        yield (
            f"jpeg-sampled-{sampling}.jpeg",
            saved(picture(), "JPEG", subsampling=sampling, progressive=True),
        )
    for turned in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turned
        yield f"jpeg-turned-{turned}.jpg", saved(picture(), "JPEG", exif=exif)
    for mode in ("RGB", "RGBA"):
        for lossless in (True, False):
            yield f"webp-{mode}-{lossless}.webp", saved(picture(mode=mode), "WEBP", lossless=lossless)
    yield (
        "webp-moves.webp",
        saved(picture(), "WEBP", save_all=True, append_images=[picture(mode="L").convert("RGB")]),
    )


def drawings() -> Iterator[tuple[str, bytes]]:
    yield "graphviz.svg", samples.svg_of_graphviz()
    bodies = {
        "text": '<text x="9" y="30" font-size="20">Gateway</text>',
        "path": '<path d="M5 5 C 40 90 80 -40 115 75" fill="none" stroke="#3f6080" stroke-width="3"/>',
        "gradient": '<defs><radialGradient id="g"><stop stop-color="#fff"/><stop offset="1"/></radialGradient></defs>'
        '<circle cx="60" cy="40" r="38" fill="url(#g)"/>',
        "uses": '<defs><g id="a"><rect width="9" height="9"/></g></defs>' + '<use href="#a" x="20"/>' * 40,
        "mask": '<mask id="m"><rect width="60" height="80" fill="#fff"/></mask>'
        '<rect width="120" height="80" mask="url(#m)"/>',
        "filter": '<filter id="f"><feDropShadow dx="3" dy="3"/></filter>'
        '<rect width="50" height="30" filter="url(#f)"/>',
        "style": "<style>.a { fill: teal; stroke: black }</style><rect class='a' width='50' height='30'/>",
        "words-in-html": '<foreignObject width="99" height="60"><p xmlns="http://www.w3.org/1999/xhtml">Words</p>'
        "</foreignObject>",
        "animated": '<rect width="9" height="9"><animate attributeName="x" to="90" dur="2s"/></rect>',
        "many": "".join(f'<rect x="{n % 120}" y="{n % 80}" width="1" height="1"/>' for n in range(3000)),
        "inside": f'<image width="40" height="30" href="{data_address(samples.png())}"/>',
    }  # fmt: skip
    for name, body in bodies.items():
        yield f"hand-{name}.svg", samples.svg(body.encode())
    for size in (
        'width="120"',
        'viewBox="0 0 120 80"',
        'width="10cm" height="5cm"',
        'width="100%" height="100%"',
        "",
    ):
        made = samples.svg().replace(b'width="120" height="80"', size.encode())
        yield f"hand-size-{len(size)}.svg", made
    for factory in (qr.SvgImage, qr.SvgPathImage, qr.SvgFragmentImage, qr.SvgFillImage):
        buffer = io.BytesIO()
        qrcode.make("https://example.org/", image_factory=factory).save(buffer)
        yield f"qrcode-{factory.__name__}.svg", buffer.getvalue()
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg", {"viewBox": "0 0 100 50"})
    ET.SubElement(root, f"{{{SVG}}}ellipse", {"cx": "50", "cy": "25", "rx": "40", "ry": "20"})
    for encoding in ("utf-8", "utf-16", "us-ascii"):
        yield f"tree-{encoding}.svg", ET.tostring(root, encoding, xml_declaration=True)


def data_address(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def texts() -> Iterator[tuple[str, bytes]]:
    for path in sorted(CORPUS.glob("*.md")):
        yield path.name, path.read_bytes()
    for name, content in samples.SOUND.items():
        if name.endswith((".md", ".txt", ".py", ".json", ".csv", ".sql", ".yaml", ".puml", ".mmd", "file")):
            yield name, content
    yield "sound.ipynb", samples.notebook()
    for number in range(1, 13):
        cells: list[dict[str, Any]] = [
            {"cell_type": "markdown", "source": f"# Part {n}"} for n in range(number)
        ]
        cells += [{"cell_type": "code", "source": [f"x = {n}\n", "x"], "outputs": []} for n in range(number)]
        yield f"cells-{number}.ipynb", samples.notebook(cells)
    yield "picture.ipynb", samples.notebook_with(samples.png(30, 30))


def of_chromium(page: Page) -> Iterator[tuple[str, bytes]]:
    """`HTML` as Chromium prints it, and as it takes pictures of it."""
    for name, html in HTML.items():
        page.set_content(f"<!doctype html><meta charset=utf-8>{html}")
        yield f"chromium-{name}.pdf", page.pdf(print_background=True)
        yield f"chromium-{name}.png", page.screenshot()
        yield f"chromium-{name}.jpg", page.screenshot(type="jpeg", quality=60, full_page=True)


def valid(page: Page) -> dict[str, bytes]:
    """All of them; `page` is one of Chromium's."""
    makers = (our_pdfs(), pdfium_pdfs(), pillow_pdfs(), pictures(), drawings(), texts(), of_chromium(page))
    return {name: content for maker in makers for name, content in maker}
