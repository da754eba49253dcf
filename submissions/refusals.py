"""Why a file was turned away: one code and one sentence a learner can act on.

Every sentence says what happened and what to do; the page adds that the rest of the draft is kept.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "too-large": _("This file is larger than %(limit)s. Make it smaller, or hand in a link to it."),
    "empty": _("This file is empty. Choose the file again after saving it."),
    "full": _(
        "The disk of this server is full, so the file was not kept. Tell your mentor, and try again later."
    ),
    "unwritable": _(
        "This server can only be read at the moment, so the file was not kept. Tell your mentor, and try again later."
    ),
    "away": _(
        "The place where files are kept cannot be reached at the moment. Nothing was changed; try again in a few "
        "minutes."
    ),
    "version-full": _(
        "With this file, your draft would be larger than %(limit)s. Remove a file, or make this one smaller."
    ),
    "too-many": _("Your draft already has %(limit)s files. Remove one, or put several into one."),
    "quota": _(
        "With this file, all you have handed in would be more than %(limit)s. Ask your mentor for more room, "
        "or hand in a link to the file."
    ),
    "stopped": _("This file did not arrive whole. Choose it again."),
    "once-more": _(
        "The same file was removed from this server at this very moment, and yours with it. Choose it again."
    ),
    "no-file": _("None arrived. Choose one, then add it; if you had chosen one, give it a plainer name."),
    "handed-in": _(
        "Your draft was handed in meanwhile, from another window. Choose this file again: it goes into the "
        "next version."
    ),
    "stays": _("Your draft was handed in meanwhile, from another window, with this file in it."),
    "name-missing": _("This file has no name. Give it one and hand it in again."),
    "name-too-long": _("The name of this file has more than %(limit)s characters. Give it a shorter one."),
    "extension": _(
        "%(extension)s files cannot be handed in. Hand in Markdown, a PDF, a picture (.png, .jpg, .webp, "
        ".svg), a diagram (.drawio, .excalidraw, .puml, .mmd), source code, a notebook or an office file "
        "(.docx, .xlsx, .pptx)."
    ),
    "no-extension": _(
        "The name of this file has no ending, so its form is not known. Add one, such as .md, .pdf or .py."
    ),
    "heic": _(
        "This is a HEIC photo, which browsers cannot show. Export it as JPEG; on an iPhone, choose Settings, "
        "Camera, Formats, Most Compatible and take it again."
    ),
    "wrong-content": _(
        "The name ends in %(extension)s, but the content is %(found)s. Export the file again as "
        "its name says, or correct the name."
    ),
    "wrong-content-unknown": _(
        "The name ends in %(extension)s, but the content is something else. Export the file again."
    ),
    "not-text": _(
        "The name ends in %(extension)s, but this is not a text file. Save it as plain text, or correct "
        "its ending."
    ),
    "not-utf8": _("This text is not in UTF-8. Save it again and choose the encoding UTF-8."),
    "pdf-encrypted": _("This PDF asks for a password. Save it without a password and hand it in again."),
    "pdf-broken": _(
        "This PDF is damaged and cannot be opened. Export it again from the program it was made in."
    ),
    "pdf-pages": _(
        "This PDF has %(pages)s pages; at most %(limit)s can be handed in. Take out pages, or split it "
        "into two files."
    ),
    "image-broken": _(
        "This picture is damaged or not complete. Open it, save it again and hand in the new file."
    ),
    "image-pixels": _(
        "This picture has %(pixels)s million pixels; at most %(limit)s million can be shown. Make it smaller."
    ),
    "archive-encrypted": _("This file is protected by a password. Save it without one and hand it in again."),
    "archive-broken": _(
        "This file is damaged and cannot be opened. Save it again from the program it was made in."
    ),
    "archive-unpacks-too-far": _(
        "Unpacked, this file would be far larger than it looks. Save it again with fewer pictures or "
        "rows, or as a PDF."
    ),
    "xml-entities": _(
        "This file defines entities of its own, which can be used to do harm. Export it again as plain SVG."
    ),
    "xml-broken": _(
        "This file is not well-formed XML (line %(line)s). Export it again from the program it was made in."
    ),
    "svg-other": _("This file has no SVG drawing in it. Export it again as SVG, or as PNG."),
    "drawio-other": _(
        "This file has no draw.io diagram in it. Save it from draw.io as .drawio and hand it in again."
    ),
    "json-broken": _(
        "This file is not valid JSON (line %(line)s). Save it again from the program it was made in."
    ),
    "excalidraw-other": _(
        "This file has no Excalidraw drawing in it. Save it from Excalidraw and hand it in again."
    ),
    "notebook-other": _(
        "This file has no notebook cells in it. Save it from Jupyter in format 4 and hand it in again."
    ),
    "too-complex": _(
        "Checking this file took too much time or memory. Make it simpler, split it, or hand in a PDF."
    ),
    "busy": _(
        "Too many files are being checked at the moment. Nothing is wrong with yours: try again in a minute."
    ),
}


class Refused(ValueError):
    """A file that is not taken in: `code` is a key of SENTENCES; `sentence` is in the learner's language."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code] % self.values)

    def __str__(self) -> str:
        return self.sentence
