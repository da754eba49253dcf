"""PDF: pages with a text layer. Every page is opened, and read, in the child."""

import time
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_int, c_ushort
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from submissions.formats.kinds import Unacceptable
from submissions.formats.layout import UNSPACED, Line, Word, paragraphs, separator
from submissions.formats.looks import told
from submissions.formats.reading import Writing
from submissions.formats.sandbox import SHARE, Limits, extract, inspect
from submissions.formats.shown import Entry, Shown
from submissions.formats.words import MOST, SCALE

__all__ = [
    "BROKEN",
    "IS_READ",
    "LIBRARIES",
    "SELECTORS",
    "extract",
    "inspect",
    "looks",
    "outline",
    "parse",
    "pieces",
    "show",
]

BROKEN = "pdf-broken"
LIBRARIES = ("pypdfium2", "pypdfium2.raw", "PIL.Image")
SELECTORS = frozenset({"passage", "region", "page", "block"})
IS_READ = False
UNKNOWN = "\ufffd"
HYPHENS = {0x02, 0xFFFE}
"""What pdfium says for a hyphen at the end of a line, after which the word goes on: there is no other end then."""
ENDS = {0x0A, 0x0D}
SPACES = {0x01, *range(3, 0x21), 0x7F, *range(0x80, 0xA1), 0x2028, 0x2029, 0xFEFF}
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
LETTERS = str.maketrans(LIGATURES | {"\xad": "", "\u200b": "", "\0": UNKNOWN, "\x02": "-", "\ufffe": "-"})
PIECE, UNSPACED_PIECE = 24, 4
"""Characters of a long word that get one box."""
FINE = 1_000_000
DRAWN = 480
"""Pixels of the longer side of a page that is drawn to be compared."""

Place = Callable[[float, float], tuple[float, float]]
"""From a page's own coordinates to points from the upper left corner of the page as it is shown."""


# On the page ------------------------------------------------------------------------------------------------
def show(path: Path) -> Shown:
    return Shown("pdf")


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    """Its pages, as inspected."""
    return [
        Entry("page", number, _("Page %(number)s") % {"number": number})
        for number in range(1, (pages or 0) + 1)
    ]


# In the child -----------------------------------------------------------------------------------------------
def opened(file: BinaryIO) -> Any:
    """The document; raises Unacceptable when it wants a password."""
    import pypdfium2  # noqa: PLC0415 (for the child alone: it is not safe with threads)
    from pypdfium2 import raw  # noqa: PLC0415

    try:
        return pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Unacceptable("pdf-encrypted") from None
        raise


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """The number of pages, and the size of the first one in points."""
    document = opened(file)
    pages = len(document)
    if pages > limits.pages:
        raise Unacceptable("pdf-pages", pages=pages, limit=limits.pages)
    if not pages:
        raise Unacceptable("pdf-broken")
    for number in range(pages):
        document[number].close()
    width, height = document[0].get_size()
    return {"pages": pages, "width": round(width), "height": round(height)}


def pieces(file: BinaryIO, limits: Limits) -> Iterator[dict[str, Any]]:
    """The text of each page, its blocks, and where each word is; as long as there is time."""
    document = opened(file)
    blocks, left, words, is_cut = 0, limits.characters, 0, False
    for number in range(1, len(document) + 1):
        if time.process_time() > SHARE * limits.processor or left <= 0:
            yield {"note": "part"}
            return
        page = document[number - 1]
        # A word takes a letter and what parts it from the next.
        lines, is_cut = _lines(page, min(left, 2 * (MOST - words)))
        piece = _piece(number, blocks, lines, page.get_size())
        page.close()
        blocks += len(piece["parts"]) - 1
        words += len(piece["words"])
        left = 0 if is_cut else left - len(piece["text"])
        yield piece
    if is_cut:
        yield {"note": "part"}


def looks(file: BinaryIO, limits: Limits) -> Iterator[dict[str, Any]]:
    """Each page as it is drawn, small; as long as there is time."""
    document = opened(file)
    until = min(time.process_time() + limits.drawing, SHARE * limits.processor)
    for number in range(1, len(document) + 1):
        if time.process_time() > until:
            return
        page = document[number - 1]
        bitmap = page.render(scale=DRAWN / max(*page.get_size(), 1))
        yield told(number, bitmap.to_pil())
        bitmap.close()
        page.close()


def _piece(number: int, blocks: int, lines: list[Line], size: tuple[float, float]) -> dict[str, Any]:
    """One page, before which so many blocks stand."""
    words: list[list[int]] = []
    writing = Writing()
    with writing.within("page", number):
        for count, block in enumerate(paragraphs(lines), blocks + 1):
            start, text = writing.at, ""
            for index, line in enumerate(block):
                text += separator(block[index - 1], line) if index else ""
                for nth, word in enumerate(line.words):
                    text += " " if nth else ""
                    words += _boxes(number, start + len(text), word, size)
                    text += word.text
            writing.put("block", text, count)
    parts = [[part.kind, part.start, part.end, part.number] for part in writing.parts]
    return {"text": writing.text, "parts": parts, "words": words}


def _lines(page: Any, most: int) -> tuple[list[Line], bool]:
    """The words of each line, in the order of the file, of up to so many characters; and whether there are more."""
    from pypdfium2 import raw  # noqa: PLC0415

    text_page = page.get_textpage()
    handle = text_page.raw
    count = max(raw.FPDFText_CountChars(handle), 0)
    codes = _codes(handle, min(count, most))
    place, (width, height) = _places(page), page.get_size()
    lines, start = [], 0
    for index in range(len(codes) + 1):
        is_broken = index < len(codes) and codes[index] in HYPHENS
        if index == len(codes) or is_broken or codes[index] in ENDS:
            # What stands beside the page is not seen.
            words = [
                word
                for word in _words(handle, place, codes, start, index + is_broken)
                if word.right > 0 and word.bottom > 0 and word.left < width and word.top < height
            ]
            if words:
                lines.append(Line(words, is_broken))
            start = index + 1
    text_page.close()
    return lines, count > most


def _words(handle: Any, place: Place, codes: Sequence[int], start: int, end: int) -> Iterator[Word]:
    """The words of one line."""
    for index in range(start, end + 1):
        if index == end or codes[index] in SPACES:
            if index > start and (text := _letters(codes[start:index])).strip(UNKNOWN):
                yield _word(handle, place, text, start, index - 1)
            start = index + 1


def _codes(handle: Any, count: int) -> Sequence[int]:
    """The first characters of a page, as pdfium counts them."""
    from pypdfium2 import raw  # noqa: PLC0415

    text = (c_ushort * (count + 1))()
    # All at once where the text has what is counted, and no more: the places are the same then.
    if raw.FPDFText_GetText(handle, 0, count, text) == count + 1:
        return text[:count]
    return [raw.FPDFText_GetUnicode(handle, index) for index in range(count)]


def _letters(codes: Sequence[int]) -> str:
    """A word. Pdfium gives letters beyond 16 bits as two halves, and 0 for those of which the file says no more."""
    text = "".join(map(chr, codes))
    if text.isalnum() and text.isascii():
        return text
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").translate(LETTERS)
    return "".join(letter if letter.isprintable() else UNKNOWN for letter in text)


def _word(handle: Any, place: Place, text: str, first: int, last: int) -> Word:
    from pypdfium2 import raw  # noqa: PLC0415

    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(handle, first, box):
        return Word(text, 0, 0, 0, 0)
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if last > first and raw.FPDFText_GetLooseCharBox(handle, last, box):
        left, right = min(left, box.left), max(right, box.right)
        top, bottom = max(top, box.top), min(bottom, box.bottom)
    (x, y), (u, v) = place(left, top), place(right, bottom)
    return Word(text, min(x, u), min(y, v), max(x, u), max(y, v))


def _places(page: Any) -> Place:
    """Pdfium knows how a page is turned and cropped; three points tell it for all."""
    from pypdfium2 import raw  # noqa: PLC0415

    width, height = page.get_size()

    def at(x: float, y: float) -> tuple[float, float]:
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(page.raw, 0, 0, FINE, FINE, 0, x, y, byref(across), byref(down))
        return across.value * width / FINE, down.value * height / FINE

    (left, top), (right, by), (over, bottom) = at(0, 0), at(1000, 0), at(0, 1000)
    a, b, c, d = (right - left) / 1000, (over - left) / 1000, (by - top) / 1000, (bottom - top) / 1000
    return lambda x, y: (left + a * x + b * y, top + c * x + d * y)


def _boxes(page: int, start: int, word: Word, size: tuple[float, float]) -> Iterator[list[int]]:
    """A long word in pieces, so that the box of a passage within it is no wider than it needs to be."""
    length = len(word.text)
    step = UNSPACED_PIECE if UNSPACED.match(word.text) else PIECE
    wide = (word.right - word.left) / max(length, 1)
    top, bottom = _steps(word.top, size[1]), _steps(word.bottom, size[1])
    for at in range(0, length, step):
        left = _steps(word.left + at * wide, size[0])
        right = _steps(word.left + min(at + step, length) * wide, size[0])
        yield [page, start + at, min(step, length - at), left, top, right - left, bottom - top]


def _steps(points: float, whole: float) -> int:
    return round(min(max(points / (whole or 1), 0.0), 1.0) * SCALE) if isfinite(points) else 0
