"""Copies the browser files that pages load from node_modules into static/vendor, and nothing else.

The copies keep the names their authors gave them: pdf.js finds its fonts and tables by folder and plain name.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE, TARGET = ROOT / "node_modules", ROOT / "static" / "vendor"
FACES = [
    f"files/source-serif-4-{script}-{face}.woff2"
    for script in ("latin", "latin-ext")
    for face in ("400-normal", "400-italic", "600-normal")
]
FILES = {
    # folder in static/vendor: (package, patterns in the package)
    "htmx": ("htmx.org", ["dist/htmx.min.js", "LICENSE"]),
    "mermaid": ("@mermaid-js/tiny", ["dist/mermaid.tiny.js", "LICENSE"]),
    "fonts": ("@fontsource/source-serif-4", [*FACES, "LICENSE"]),
    "pdfjs": ("pdfjs-dist", ["build/pdf.min.mjs", "build/pdf.worker.min.mjs", "LICENSE"]),
    "pdfjs/cmaps": ("pdfjs-dist", ["cmaps/*"]),
    "pdfjs/standard_fonts": ("pdfjs-dist", ["standard_fonts/*"]),
    # Our policy forbids WebAssembly: pdf.js reads JPEG 2000 and JBIG2 images with these instead.
    "pdfjs/wasm": (
        "pdfjs-dist",
        ["wasm/*_nowasm_fallback.js", "wasm/LICENSE_*JBIG2", "wasm/LICENSE_*OPENJPEG"],
    ),
}


def copy() -> int:
    """Fills static/vendor anew and returns the number of files; exits with a sentence when one is missing."""
    shutil.rmtree(TARGET, ignore_errors=True)
    count = 0
    for folder, (package, patterns) in FILES.items():
        (TARGET / folder).mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            found = sorted((SOURCE / package).glob(pattern))
            if not found:
                sys.exit(f"{package} has no {pattern}: run npm ci, or correct the list in scripts/vendor.py.")
            for path in found:
                shutil.copyfile(path, TARGET / folder / path.name)
            count += len(found)
    return count


if __name__ == "__main__":
    print(f"{copy()} browser files in static/vendor.")
