"""What was read of a file is what a browser shows of it, letter by letter: or a comment would quote something else."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from people.models import User
from submissions import store
from submissions.models import Submission
from submissions.reading import reading_of
from tests.cast import make_cast
from tests.journeys.conftest import evaluate
from tests.submissions import hostile, samples

WRITTEN = """# A *design* & its costs ✅ 😀

Two  spaces, a\ttab, an&nbsp;entity &amp; `code  with  spaces`, https://example.org/a?b=c&d,
a second line\\
and a third <b>no tag</b> ~~gone~~ ![a picture](p.png) [words](other.md "t").

Under
=====

- [x] done
- > quoted in an item

      code in it

| a | b |
|---|:-:|
| `c` | |
| *d* | e \\| f |

```

first line is empty
\tthen a tab\x20\x20
```

```mermaid
graph TD
  A --> B
```

    indented <script>

***

1. one

   two of one
"""
LINES = "\n\n\tindented\n  <b>&amp;</b>  \n\x0c\u2028\u200b\u202e x\n\xa0\nlast".encode()
CELLS: list[dict[str, Any]] = [
    {"cell_type": "code", "source": "\n\nfirst()\n", "outputs": []},
    {"cell_type": "markdown", "source": WRITTEN},
    {"cell_type": "raw", "source": "\0 \ud800 <i>"},
    {
        "cell_type": "code",
        "source": ["a\r\n", "b\rc"],
        "outputs": [
            {"output_type": "stream", "text": "\n\n0%\r50%\r100%\n"},
            {"output_type": "display_data", "data": {"image/png": "x", "text/plain": "\x1b[31mred\x1b[0m"}},
            {"output_type": "error", "ename": "E", "evalue": "<x>", "traceback": []},
        ],
    },
]
FILES = {
    "written.md": WRITTEN.encode(),
    "crlf.md": WRITTEN.replace("\n", "\r\n").encode(),
    "acts.md": hostile.markdown_that_acts(),
    "stars.md": hostile.markdown_of("*a _b ", 100),
    "lines.py": LINES,
    "crlf.txt": b"a\r\nb\rc\n\n",
    "long.json": b"x" * 5_000 + b"\nend",
    "system.drawio": samples.drawio(),
    "sketch.excalidraw": samples.excalidraw(),
    "flow.mmd": b"\ngraph TD\n  A[<b>] --> B\n\n",
    "sequence.puml": samples.plantuml(),
    "analysis.ipynb": samples.notebook(),
    "strange.ipynb": samples.notebook(CELLS),
    "acts.ipynb": hostile.notebook_that_acts(),
}
SHOWN = """JSON.stringify([...document.querySelectorAll("[data-start]")].map(
  (one) => [one.closest(".file")?.id ?? "", Number(one.dataset.start), one.textContent]))"""


def test_every_block_line_and_cell_is_read_as_a_browser_shows_it(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    log_in_as: Callable[[BrowserContext, User], None],
) -> None:
    people = make_cast()
    draft = Submission.objects.create(learner=people.learner, deliverable=people.deliverable).start_draft()
    for name, content in FILES.items():
        draft.add_file(name, store.receive([content], 10**8))
    draft.save_draft(WRITTEN, "", "", draft.revision)
    draft.submit()
    context = new_context()
    log_in_as(context, people.mentor)
    page = context.new_page()
    page.goto(live_server.url + draft.submission.get_absolute_url())
    found: dict[str, list[tuple[int, str]]] = {}
    for place, start, text in json.loads(evaluate(page, SHOWN)):
        found.setdefault(place, []).append((start, text))

    files: dict[str, Any] = {f"file-{file.uuid}": file for file in draft.files.all()} | {"": None}
    for place, file in files.items():
        reading = reading_of(draft, file)
        leaves = [part for part in reading.parts if part.kind in ("heading", "block", "line")]
        expected = [(part.start, reading.words(part)) for part in leaves]
        assert expected, place
        assert found.pop(place) == expected, file and file.name
    assert found == {}
