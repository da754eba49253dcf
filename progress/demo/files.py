"""The demo's files, made here: small, real, and one of each form that can be handed in."""

import io
import json
import zipfile
from textwrap import dedent

from PIL import Image, ImageDraw

INK, PAPER, EDGE = (36, 40, 42), (255, 254, 251), (98, 95, 87)
BOXES = ("Events", "Stream job", "Online store", "Scorer")


def design_document(system: str) -> bytes:
    """A design document in Markdown, with a diagram in it."""
    return dedent(f"""\
        # {system}: data pipeline

        ## 1 Requirements

        Card transactions arrive at 4,200 events a second at peak. A score is due within 150 ms of the event,
        and labels arrive weeks later with the chargebacks.

        | Path | Delay | Source |
        |------|-------|--------|
        | Online features | 150 ms | events |
        | Training set | one night | events joined with labels |

        ## 2 Batch or streaming

        We score each event as it arrives, so the feature path is streaming. Labels are joined in a nightly batch.
        The two paths share one definition of every feature.

        We chose one registry over two code bases, and accept that a schema change blocks both paths until it is
        rolled out.

        ```mermaid
        flowchart LR
          events[Events] --> stream[Stream job] --> online[(Online store)]
          events --> replay[Replay topic] --> offline[(Offline store)]
          labels[Labels] --> nightly[Nightly join] --> offline
        ```

        ## 3 Replays

        A replay reads the topic from an offset and writes to a shadow table. The swap is one rename, so readers never
        see half a day.

        ## 4 What we give up

        - A second region: the registry is in one place.
        - Features that need more than a day of history, until the offline store serves reads.
        """).encode()


def first_design() -> bytes:
    """The same document as it was first handed in: other words in the second section, and no fourth."""
    text = design_document("Fraud detection").decode().partition("## 4 What we give up")[0].rstrip() + "\n"
    before = "We chose one registry over two code bases, and accept that a schema change blocks both paths until it is"
    assert before in text
    return text.replace(f"{before}\nrolled out.", "We chose one registry over two code bases.").encode()


def comparison() -> bytes:
    """A comparison in Markdown."""
    return dedent("""\
        # Feature stores compared

        | | Own tables | Managed store |
        |---|---|---|
        | Time to first feature | two weeks | three days |
        | Point-in-time joins | ours to write | included |
        | Cost a month at our volume | one engineer-day | about four engineer-days |

        **We would start with our own tables**, and move when a second team needs the same features.
        """).encode()


def pdf(title: str, pages: list[list[str]]) -> bytes:
    """A PDF of A4 pages with text: a page for each list of lines (ISO 32000-1, a minimal file)."""

    def escaped(text: str) -> str:
        return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for number, lines in enumerate(pages, start=1):
        drawn = [
            f"BT /F1 18 Tf 64 770 Td ({escaped(title)}) Tj ET",
            f"BT /F1 9 Tf 64 48 Td (Page {number}) Tj ET",
        ]
        drawn += [
            f"BT /F1 11 Tf 64 {730 - 18 * row} Td ({escaped(line)}) Tj ET" for row, line in enumerate(lines)
        ]
        stream = "\n".join(drawn)
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + tail.encode("latin-1")


def serving_pdf() -> bytes:
    """A serving design of three pages."""
    return pdf(
        "Serving architecture",
        [
            ["1  Goals", "", "Scores within 150 ms at the 99th percentile, at 4,200 requests a second.",
             "A new model takes traffic without a restart.", "One zone may be lost at any time."],
            ["2  Shape", "", "Gateway, scorer, feature cache, model store.",
             "The scorer holds two models: the one that serves and the one that shadows it.",
             "Features come from the online store; a cache of one minute takes half of the reads."],
            ["3  What we give up", "", "The cache may serve a feature that is a minute old.",
             "A shadow model doubles the compute while it is tried.", "We pay for three zones and use two."],
        ],
    )  # fmt: skip


def picture(boxes: tuple[str, ...] = BOXES) -> bytes:
    """A flow of boxes as a PNG."""
    image = Image.new("RGB", (220 * len(boxes) - 40, 150), PAPER)
    draw = ImageDraw.Draw(image)
    for place, name in enumerate(boxes):
        left = 20 + 220 * place
        draw.rounded_rectangle((left, 45, left + 150, 105), 10, outline=EDGE, width=3)
        draw.text((left + 75, 75), name, fill=INK, anchor="mm", font_size=18)
        if place:
            draw.line((left - 66, 75, left - 6, 75), fill=EDGE, width=3)
            draw.polygon([(left - 2, 75), (left - 14, 68), (left - 14, 82)], fill=EDGE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def drawing(boxes: tuple[str, ...] = BOXES) -> bytes:
    """The same flow as an SVG."""
    parts = []
    for place, name in enumerate(boxes):
        left = 20 + 220 * place
        parts.append(
            f'<rect x="{left}" y="45" width="150" height="60" rx="10" fill="#fffefb" stroke="#625f57"/>'
        )
        parts.append(
            f'<text x="{left + 75}" y="80" text-anchor="middle" font-family="sans-serif">{name}</text>'
        )
        if place:
            parts.append(f'<path d="M{left - 66} 75H{left - 6}" stroke="#625f57" stroke-width="3"/>')
    inside = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {220 * len(boxes)} 150">{inside}</svg>'.encode()


def drawio() -> bytes:
    """A draw.io diagram of two boxes and an arrow."""
    return dedent("""\
        <mxfile host="app.diagrams.net"><diagram name="Pipeline"><mxGraphModel><root>
          <mxCell id="0"/><mxCell id="1" parent="0"/>
          <mxCell id="events" value="Events" vertex="1" parent="1">
            <mxGeometry x="40" y="40" width="120" height="60" as="geometry"/></mxCell>
          <mxCell id="store" value="Online store" vertex="1" parent="1">
            <mxGeometry x="260" y="40" width="120" height="60" as="geometry"/></mxCell>
          <mxCell id="flow" edge="1" source="events" target="store" parent="1">
            <mxGeometry relative="1" as="geometry"/></mxCell>
        </root></mxGraphModel></diagram></mxfile>
        """).encode()


def excalidraw() -> bytes:
    """An Excalidraw drawing of one box with its label."""
    box = {"id": "box", "type": "rectangle", "x": 0, "y": 0, "width": 180, "height": 70}
    text = {"id": "label", "type": "text", "x": 30, "y": 22, "width": 120, "height": 25, "text": "Scorer"}
    return json.dumps({"type": "excalidraw", "version": 2, "elements": [box, text]}, indent=1).encode()


def notebook() -> bytes:
    """A notebook with words, code and its output."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# How old are the features?\n"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "source": ["ages = [3, 8, 21, 55]\n", "print(sum(ages) / len(ages))"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["21.75\n"]}],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def plantuml() -> bytes:
    """A sequence in PlantUML."""
    return b"@startuml\nGateway -> Scorer: score(event)\nScorer -> Store: features(card)\nStore --> Scorer\n@enduml\n"


def mermaid() -> bytes:
    """A flow in Mermaid."""
    return b"flowchart LR\n  gateway[Gateway] --> scorer[Scorer] --> store[(Feature store)]\n  scorer --> log[Log]\n"


def code() -> bytes:
    """A small module in Python."""
    return dedent('''\
        """How much of the traffic a release gets."""


        def share(minutes: int) -> float:
            """Part of the traffic, from 0 to 1, so many minutes after the release."""
            steps = {0: 0.01, 10: 0.1, 30: 0.5, 60: 1.0}
            return max(part for start, part in steps.items() if start <= minutes)
        ''').encode()


def table() -> bytes:
    """Measurements as CSV."""
    return b"clients,median_ms,p99_ms\n1,11,19\n8,14,38\n32,29,122\n"


def word_document(paragraphs: list[str]) -> bytes:
    """A DOCX with plain paragraphs (ECMA-376, a minimal package)."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{types}package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" '
        f'ContentType="{types}officedocument.wordprocessingml.document.main+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{relation}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>\n' + text)
    return out.getvalue()


FILES = {
    "first/data-pipeline.md": first_design,
    "data-pipeline.md": lambda: design_document("Fraud detection"),
    "comparison.md": comparison,
    "notes.txt": lambda: b"Asked two colleagues. Both would cut the second region first.\n",
    "serving.pdf": serving_pdf,
    "data-flow.png": picture,
    "data-flow.svg": drawing,
    "pipeline.drawio": drawio,
    "scorer.excalidraw": excalidraw,
    "feature-age.ipynb": notebook,
    "scoring.puml": plantuml,
    "serving.mmd": mermaid,
    "release.py": code,
    "load.csv": table,
    "overview.docx": lambda: word_document(
        ["Architecture overview", "The registry holds the contract, not the model."]
    ),
}
"""Names as a learner would give them, and what makes the bytes; in a folder `first` what was handed in before."""
