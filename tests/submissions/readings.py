"""Readings made by hand."""

from submissions.formats.reading import SEPARATOR, Part, Reading


def reading(texts: list[str], kind: str = "block") -> Reading:
    parts, start = [], 0
    for number, text in enumerate(texts, 1):
        parts.append(Part(kind, start, start + len(text), number))
        start += len(text) + len(SEPARATOR)
    return Reading(SEPARATOR.join(texts), tuple(parts))
