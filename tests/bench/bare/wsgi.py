"""A bare page that shows a PDF with pdf.js, for gunicorn: what the room's viewer is measured against."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from whitenoise import WhiteNoise  # type: ignore[import-untyped]

from tests.submissions import pdfs

HERE = Path(__file__).parent
PDFJS = HERE.parents[2] / "static" / "vendor" / "pdfjs"


def nothing(_environment: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
    start("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]


def made() -> WhiteNoise:
    """The page, pdf.js as it is, and a PDF of 300 pages, which is put where this run keeps its files."""
    folder = Path(os.environ["VAR"]) / "bare"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "paper.pdf").write_bytes(pdfs.of_text(pdfs.LONG))
    served = WhiteNoise(nothing, max_age=60)
    served.add_files(str(HERE), "/")
    served.add_files(str(PDFJS), "/pdfjs/")
    served.add_files(str(folder), "/")
    return served


application = made()
