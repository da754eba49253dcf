"""PDF, in the child: every page is opened once."""

from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import Limits


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """The number of pages, and the size of the first one in points."""
    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Unacceptable("pdf-encrypted") from None
        raise
    pages = len(document)
    if pages > limits.pages:
        raise Unacceptable("pdf-pages", pages=pages, limit=limits.pages)
    if not pages:
        raise Unacceptable("pdf-broken")
    for number in range(pages):
        document[number].close()
    width, height = document[0].get_size()
    return {"pages": pages, "width": round(width), "height": round(height)}
