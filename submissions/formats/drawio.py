"""draw.io: as the lines of its XML, until it is drawn."""

from submissions.formats.sandbox import inspect
from submissions.formats.text import IS_READ, SELECTORS, extract, outline, show
from submissions.formats.xml import parse

__all__ = ["BROKEN", "IS_READ", "LIBRARIES", "SELECTORS", "extract", "inspect", "outline", "parse", "show"]

BROKEN = "drawio-other"
LIBRARIES = ("xml.parsers.expat",)
