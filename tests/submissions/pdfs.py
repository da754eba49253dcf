"""PDFs written by hand: pages of words, turned or scanned pages, and pages of any size."""

import random
import zlib
from collections.abc import Sequence

from tests.submissions import samples

WORDS = (
    "the queue keeps each event until a worker has taken it and said so and a replay reads from an offset "
    "storage partition latency budget gateway ranker feature topic schema index ledger shadow table rename"
)
LINES = 42
"""Lines of a full page."""
A4 = (595, 842)
LONG = 300
"""Pages of a long one."""


def lines_of(page: int) -> list[str]:
    """The lines of a page of made-up text: always the same, and unlike those of other pages."""
    chance = random.Random(page)  # noqa: S311 (text, no secret)
    made = [f"{page} Part {page} of the design"]
    made += [" ".join(chance.choice(WORDS.split()) for _ in range(12)) for _ in range(LINES - 1)]
    return made


def of_lines(
    pages: Sequence[Sequence[str]], size: tuple[int, int] = A4, *, turned: int = 0, packed: bool = True
) -> bytes:
    """One page for each list of lines, from the top, 12 points high; `turned` by so many degrees when shown."""
    first = 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, lines in enumerate(pages):
        drawn = " T* ".join(f"({line}) Tj" for line in lines)
        stream = f"BT /F1 12 Tf 18 TL 60 {size[1] - 60} Td {drawn} ET".encode("cp1252")
        content = zlib.compress(stream) if packed else stream
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]} {size[1]}]/Rotate {turned}"
            f"/Contents {first + 2 * number + 1} 0 R/Resources<</Font<</F1 3 0 R>>>>>>".encode(),
            b"<</Length %d%s>>\nstream\n%s\nendstream"
            % (len(content), b"/Filter/FlateDecode" if packed else b"", content),
        ]
    return samples.pdf_of(objects)


def of_text(pages: int) -> bytes:
    """So many full pages of text."""
    return of_lines([lines_of(number) for number in range(1, pages + 1)])


def scanned(pages: int = 1) -> bytes:
    """Pages that are pictures, without a word."""
    content = b"q 595 0 0 842 0 0 cm /I Do Q"
    picture = samples.picture("JPEG", 120, 170)
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    return samples.pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
            b"<</Type/XObject/Subtype/Image/Width 120/Height 170/ColorSpace/DeviceRGB/BitsPerComponent 8"
            b"/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream" % (len(picture), picture),
        ]
        + [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</XObject<</I 4 0 R>>>>>>"
        ]
        * pages
    )
