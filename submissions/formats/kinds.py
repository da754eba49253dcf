"""The table of what can be handed in: endings, forms, our own media types, and the first bytes of each."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from submissions.formats.reading import Extracted
from submissions.refusals import Refused


class Form(StrEnum):
    """What a file is to Cairn; decides how it is checked, shown, anchored and compared."""

    MARKDOWN = "markdown"
    TEXT = "text"
    CODE = "code"
    NOTEBOOK = "notebook"
    PDF = "pdf"
    IMAGE = "image"
    SVG = "svg"
    DRAWIO = "drawio"
    EXCALIDRAW = "excalidraw"
    PLANTUML = "plantuml"
    MERMAID = "mermaid"
    DOCX = "docx"
    OFFICE = "office"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS: dict[Form, Promise] = {
    Form.MARKDOWN: _("Markdown"),
    Form.TEXT: _("Text"),
    Form.CODE: _("Source code"),
    Form.NOTEBOOK: _("Notebook"),
    Form.PDF: _("PDF"),
    Form.IMAGE: _("Picture"),
    Form.SVG: _("SVG drawing"),
    Form.DRAWIO: _("draw.io diagram"),
    Form.EXCALIDRAW: _("Excalidraw drawing"),
    Form.PLANTUML: _("PlantUML diagram"),
    Form.MERMAID: _("Mermaid diagram"),
    Form.DOCX: _("Word document"),
    Form.OFFICE: _("Office document"),
}


class Unacceptable(Refused):
    """A file whose name or content cannot be handed in; `sentence` is for people, `code` for programs."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, **values)


@dataclass(frozen=True)
class Inspected:
    """What a sound file is: pages of a PDF or diagram; width and height in pixels as shown (PDF: points)."""

    form: Form
    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    extracted: Extracted = field(default=Extracted(), repr=False)


@dataclass(frozen=True)
class Kind:
    """One ending. `signature` is the name in SIGNATURES its first bytes must answer to, if it has one."""

    extension: str
    form: Form
    media_type: str
    signature: str = ""


PLAIN = "text/plain; charset=utf-8"
OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
CODE = """
    .py .pyi .js .mjs .cjs .ts .jsx .tsx .vue .svelte .java .kt .kts .scala .groovy .gradle .go .rs .c .h
    .cc .cpp .hpp .cs .fs .vb .swift .dart .rb .php .pl .lua .r .jl .ex .exs .erl .hs .clj .elm .ml .zig
    .nim .sol .asm .sh .bash .zsh .fish .ps1 .bat .sql .graphql .proto .thrift .avsc .prisma .html .htm
    .css .scss .less .xml .xsd .xsl .json .jsonl .json5 .yaml .yml .toml .ini .cfg .conf .properties .csv
    .tsv .tf .tfvars .hcl .bicep .rego .nix .cue .tex .bib .rst .adoc .org .log .diff .patch .dockerfile
    .mk .cmake .bzl .dot .gv .d2 .dbml .http .feature .lock
"""
NAMES = {
    "dockerfile",
    "containerfile",
    "makefile",
    "jenkinsfile",
    "procfile",
    "vagrantfile",
    "gemfile",
    "rakefile",
    "justfile",
    "caddyfile",
    "readme",
    "license",
    "codeowners",
    ".gitignore",
    ".gitattributes",
    ".dockerignore",
    ".editorconfig",
}
"""Whole names without an ending that are source code, in lower case."""

KINDS: dict[str, Kind] = {
    kind.extension: kind
    for kind in [
        Kind(".md", Form.MARKDOWN, PLAIN),
        Kind(".markdown", Form.MARKDOWN, PLAIN),
        Kind(".txt", Form.TEXT, PLAIN),
        Kind(".pdf", Form.PDF, "application/pdf", "pdf"),
        Kind(".png", Form.IMAGE, "image/png", "png"),
        Kind(".jpg", Form.IMAGE, "image/jpeg", "jpeg"),
        Kind(".jpeg", Form.IMAGE, "image/jpeg", "jpeg"),
        Kind(".webp", Form.IMAGE, "image/webp", "webp"),
        Kind(".svg", Form.SVG, "image/svg+xml"),
        Kind(".drawio", Form.DRAWIO, PLAIN),
        Kind(".dio", Form.DRAWIO, PLAIN),
        Kind(".excalidraw", Form.EXCALIDRAW, PLAIN),
        Kind(".puml", Form.PLANTUML, PLAIN),
        Kind(".plantuml", Form.PLANTUML, PLAIN),
        Kind(".mmd", Form.MERMAID, PLAIN),
        Kind(".mermaid", Form.MERMAID, PLAIN),
        Kind(".ipynb", Form.NOTEBOOK, PLAIN),
        Kind(".docx", Form.DOCX, OPEN_XML + "wordprocessingml.document", "zip"),
        Kind(".xlsx", Form.OFFICE, OPEN_XML + "spreadsheetml.sheet", "zip"),
        Kind(".pptx", Form.OFFICE, OPEN_XML + "presentationml.presentation", "zip"),
        Kind(".odt", Form.OFFICE, OPEN_DOCUMENT + "text", "zip"),
        Kind(".ods", Form.OFFICE, OPEN_DOCUMENT + "spreadsheet", "zip"),
        Kind(".odp", Form.OFFICE, OPEN_DOCUMENT + "presentation", "zip"),
        Kind(".vsdx", Form.OFFICE, "application/vnd.ms-visio.drawing", "zip"),
        *(Kind(extension, Form.CODE, PLAIN) for extension in CODE.split()),
    ]
}

SIGNATURES: dict[str, Promise] = {
    "pdf": _("a PDF"),
    "png": _("a PNG picture"),
    "jpeg": _("a JPEG picture"),
    "webp": _("a WebP picture"),
    "gif": _("a GIF picture"),
    "heic": _("a HEIC photo"),
    "avif": _("an AVIF picture"),
    "zip": _("a ZIP archive"),
    "gzip": _("a compressed archive"),
    "ole": _("an office file of the old form, or one with a password"),
    "program": _("a program"),
}
"""What first bytes can say a file is, with the words for it."""


def kind_of(name: str) -> Kind:
    """The row of the table for a file name; raises Unacceptable when the name is on no row."""
    lower = name.lower()
    if lower in NAMES or lower.split(".")[0] in {"dockerfile", "containerfile"}:
        return Kind(name, Form.CODE, PLAIN)
    stem, dot, ending = lower.rpartition(".")
    if not (stem and dot and ending):
        raise Unacceptable("no-extension")
    if ending in {"heic", "heif", "hif"}:
        raise Unacceptable("heic")
    try:
        return KINDS[f".{ending}"]
    except KeyError:
        raise Unacceptable("extension", extension=f".{ending[:20]}") from None


def sniff(head: bytes) -> str:
    """The name in SIGNATURES that a file's first 1,024 bytes answer to, or an empty string."""
    if head[4:8] == b"ftyp":
        brands = {head[at : at + 4] for at in range(8, min(len(head), 64), 4)}
        if brands & {b"avif", b"avis"}:
            return "avif"
        return "heic" if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"} else ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    for start, found in (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF8", "gif"),
        (b"%PDF-", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"\x1f\x8b", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "gzip"),
        (b"Rar!", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        (b"\x7fELF", "program"),
        (b"MZ\x90\x00", "program"),
    ):
        if head.startswith(start):
            return found
    return ""
