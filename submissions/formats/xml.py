"""SVG and draw.io, in the child: read as XML that may define nothing and fetch nothing.

A script inside an SVG is no reason to refuse it: it is only ever shown as an image, where scripts do not run.
"""

import re
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from submissions.formats.expansion import Expansion
from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import Limits

SVG = "{http://www.w3.org/2000/svg}svg"
LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d+)?)\s*(px)?\s*")


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """An SVG's width and height in CSS pixels where it says them; a draw.io file's number of pages."""
    root, diagrams = _walk(file, limits)
    if extension == ".svg":
        if root.tag != SVG:
            raise Unacceptable("svg-other")
        return _size(root)
    if root.tag not in ("mxfile", "mxGraphModel"):
        raise Unacceptable("drawio-other")
    return {"pages": max(diagrams, 1)}


def _walk(file: BinaryIO, limits: Limits) -> tuple[Element, int]:
    """The root with its attributes, and the number of `diagram` elements; nothing else is kept in memory."""
    root: Element | None = None
    open_elements: list[Element] = []
    diagrams = 0
    expansion = Expansion()
    try:
        # A document type is common (Graphviz writes one) and harmless; entities of its own are neither.
        for event, element in iterparse(file, ("start", "end"), forbid_dtd=False, forbid_entities=True):
            if event == "start":
                if root is None:
                    root = Element(element.tag, dict(element.attrib))
                diagrams += element.tag == "diagram"
                expansion.start(element)
                open_elements.append(element)
                if len(open_elements) > limits.depth:
                    raise Unacceptable("too-complex")
            else:
                expansion.end()
                open_elements.pop()
                element.clear()
                if open_elements:
                    open_elements[-1].remove(element)
    except DefusedXmlException:
        raise Unacceptable("xml-entities") from None
    except ParseError as error:
        raise Unacceptable("xml-broken", line=error.position[0]) from None
    if root is None:
        raise Unacceptable("xml-broken", line=1)
    if expansion.is_too_large:
        raise Unacceptable("too-complex")
    return root, diagrams


def _size(root: Element) -> dict[str, int]:
    width, height = (LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height"))
    if width and height:
        return {"width": round(float(width[1])), "height": round(float(height[1]))}
    box = root.get("viewBox", "").replace(",", " ").split()
    if len(box) == 4 and all(LENGTH.fullmatch(part) for part in box[2:]):
        return {"width": round(float(box[2])), "height": round(float(box[3]))}
    return {}
