"""The child process: `python -m submissions.formats.child ORDER < FILE` says what one file is, in lines of JSON.

It gives up its rights first (memory, processor time, open files, writing), then looks at the first byte. The first
line says whether the file is sound; those after it, piece by piece, what it says, so that what was read is there
even if a later page breaks the parser.
"""

import importlib
import json
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from submissions.formats.kinds import Form, Unacceptable
from submissions.formats.pieces import END
from submissions.formats.sandbox import Limits

PARSERS = {
    Form.PDF: "pdf",
    Form.IMAGE: "image",
    Form.SVG: "svg",
    Form.DRAWIO: "drawio",
    Form.EXCALIDRAW: "excalidraw",
    Form.NOTEBOOK: "notebook",
    Form.DOCX: "office",
    Form.OFFICE: "office",
}
"""Which module of this package parses a form, by `parse(file, extension, limits)`. `BROKEN` is what failing means,
`LIBRARIES` what it needs; one with `pieces(file, limits)` reads the text here too, and one with `looks(file, limits)`
says how it looks (submissions/formats/looks.py).
"""


def confine(limits: Limits) -> None:
    """Lower what this process may use, for good."""
    signal.alarm(int(limits.wall) + 1)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, limits.processor),
        (resource.RLIMIT_NOFILE, limits.files),
    ):
        resource.setrlimit(what, (most, most))
    # macOS has no such limit and refuses the call.
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))


def answers(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Parse standard input as ordered: what it holds, or why it is refused; then what it says."""
    limits = Limits(**order["limits"])
    parser = importlib.import_module(f"submissions.formats.{PARSERS[Form(order['form'])]}")
    # Imported before the limits bind: our libraries are trusted, the file is not.
    for library in parser.LIBRARIES:
        importlib.import_module(library)
    confine(limits)
    with open(0, "rb", closefd=False) as file:
        try:
            yield parser.parse(file, order["extension"], limits)
        except Unacceptable as refusal:
            yield {"refused": refusal.code, "values": refusal.values}
            return
        except (MemoryError, RecursionError):
            yield {"refused": "too-complex"}
            return
        except Exception:
            # A parser meets a damaged file with errors of every class. The trace goes to the log of the site.
            traceback.print_exc()
            yield {"refused": parser.BROKEN}
            return
        try:
            file.seek(0)
            yield from parser.pieces(file, limits) if hasattr(parser, "pieces") else ()
        except Exception:
            traceback.print_exc()
            yield {"note": "part"}
    yield END
    yield from looks(parser, limits)


def looks(parser: ModuleType, limits: Limits) -> Iterator[dict[str, Any]]:
    """How the pages or the picture look, as long as there is time: what is slow to draw ends this process."""
    if not hasattr(parser, "looks"):
        return
    # It stops by itself between two pages; this is for a page that takes longer than all of them may.
    signal.setitimer(signal.ITIMER_PROF, limits.drawing + 1)
    try:
        with open(0, "rb", closefd=False) as file:
            file.seek(0)
            yield from parser.looks(file, limits)
    except Exception:
        traceback.print_exc()


if __name__ == "__main__":
    for said in answers(json.loads(sys.argv[1])):
        print(json.dumps(said), flush=True)
