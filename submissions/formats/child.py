"""The child process: `python -m submissions.formats.child ORDER < FILE` says what one file is, as JSON.

It gives up its rights first (memory, processor time, open files, writing), then looks at the first byte.
"""

import importlib
import json
import resource
import signal
import sys
import traceback
from typing import Any

from submissions.formats.kinds import Form, Unacceptable
from submissions.formats.sandbox import Limits

PARSERS = {
    Form.PDF: ("pdf", "pdf-broken"),
    Form.IMAGE: ("image", "image-broken"),
    Form.SVG: ("xml", "svg-other"),
    Form.DRAWIO: ("xml", "drawio-other"),
    Form.EXCALIDRAW: ("json", "excalidraw-other"),
    Form.NOTEBOOK: ("notebook", "notebook-other"),
    Form.DOCX: ("archive", "archive-broken"),
    Form.OFFICE: ("archive", "archive-broken"),
}
"""Which module of this package parses a form, by `parse(file, extension, limits)`, and what failing means."""


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


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Parse standard input as ordered; what it holds, or why it is refused."""
    limits = Limits(**order["limits"])
    module, broken = PARSERS[Form(order["form"])]
    # Imported before the limits bind: our libraries are trusted, the file is not.
    parser = importlib.import_module(f"submissions.formats.{module}")
    confine(limits)
    try:
        with open(0, "rb", closefd=False) as file:
            found: dict[str, Any] = parser.parse(file, order["extension"], limits)
        return found
    except Unacceptable as refusal:
        return {"refused": refusal.code, "values": refusal.values}
    except (MemoryError, RecursionError):
        return {"refused": "too-complex"}
    except Exception:
        # A parser meets a damaged file with errors of every class. The trace goes to the log of the site.
        traceback.print_exc()
        return {"refused": broken}


if __name__ == "__main__":
    print(json.dumps(answer(json.loads(sys.argv[1]))))
