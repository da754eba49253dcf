"""Letters damaged by a wrong decoding: UTF-8 that something once read as Mac Roman or as Windows-1252.

The detector is strict: it would rather miss a damaged word than doubt a fine one. "É”", "√π" and "ß“" are fine text
that also happens to decode, so a run of two characters counts only as an accented letter in a place where it fits.
"""

import re
import unicodedata
from collections.abc import Iterator

RUN = re.compile(r"[^\x00-\x7f]{2,}")
LEADS = frozenset("Ãâð")
"""With which é, a dash or quote, and a picture begin when they are damaged."""
TAIL = "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
SEQUENCES = re.compile(f"Ã{TAIL}|â{TAIL}{{2}}|ð{TAIL}{{3}}")
STRONG = {"So", "Po", "Pd", "Pi", "Pf", "Ps", "Pe", "Sm", "Sc", "Sk", "Mn", "Cf"}
"""Categories of emoji, arrows, dashes, quotes and what joins them."""


def repaired(text: str) -> str:
    """The text with every damaged run of letters as it was meant; the same text where nothing is damaged."""
    if text.isascii():
        return text
    parts, done = [], 0
    for run, meant in damaged_runs(text):
        parts += [text[done : run.start()], meant]
        done = run.end()
    return "".join([*parts, text[done:]])


def damaged_runs(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each damaged run with what it was meant to be."""
    for run in RUN.finditer(text):
        meant = meaning(run[0], text[max(run.start() - 2, 0) : run.start()])
        if meant is not None:
            yield run, meant
        else:
            yield from damaged_within(text, run)


def damaged_within(text: str, run: re.Match[str]) -> Iterator[tuple[re.Match[str], str]]:
    """The damaged letters of a run that has sound ones too, such as the é of “cafÃ©”. Of Windows-1252 alone: what Mac
    Roman makes of a letter stands side by side in sound text as well.
    """
    if not LEADS.intersection(run[0]):
        return
    for part in SEQUENCES.finditer(text, run.start(), run.end()):
        encoded = windows_1252(part[0])
        try:
            meant = encoded.decode("utf-8") if encoded else ""
        except UnicodeDecodeError:
            continue
        if meant and plausible(part[0], meant, "", mac=False):
            yield part, meant


def meaning(run: str, before: str) -> str | None:
    """What a run of characters outside ASCII was meant to be, or None when it is fine as it stands."""
    for mac, encoded in ((True, mac_roman(run)), (False, windows_1252(run))):
        if encoded is None:
            continue
        try:
            meant = encoded.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if plausible(run, meant, before, mac):
            return meant
    return None


def mac_roman(run: str) -> bytes | None:
    try:
        return run.encode("mac_roman")
    except UnicodeEncodeError:
        return None


def windows_1252(run: str) -> bytes | None:
    """As browsers have it: the five bytes without a letter stand for the control characters of the
    same number.
    """
    encoded = bytearray()
    for letter in run:
        if "\x80" <= letter <= "\x9f":
            encoded.append(ord(letter))
            continue
        try:
            encoded += letter.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(encoded)


def plausible(run: str, meant: str, before: str, mac: bool) -> bool:
    kinds = [unicodedata.category(letter) for letter in meant]
    if any(kind in {"Cn", "Co", "Cc", "Cs"} for kind in kinds):
        return False
    if len(run) == 2 and not mac and run[0] == "Â":
        return is_measure(meant, before)
    if len(run) == 2:
        fits = not mac or (len(before) == 2 and before.isascii() and before.isalpha())
        second = unicodedata.category(run[1])
        tail = (
            second in {"So", "Sk", "No", "Cc"}
            if mac
            else second in {"So", "Sk", "No", "Po", "Sc", "Sm", "Lo", "Cc"}
        )
        return fits and tail and "À" <= meant <= "ÿ" and kinds[0][0] == "L" and run[1] not in "…†‡•"
    long = any(ord(letter) > 0x7FF for letter in meant)
    if long and all(kind in STRONG for kind in kinds):
        return True
    one_script = len(
        {
            unicodedata.name(letter, "?").split()[0]
            for letter, kind in zip(meant, kinds, strict=True)
            if kind[0] == "L"
        }
    )
    return len(meant) >= 3 and one_script == 1 and all(kind[0] == "L" or kind in STRONG for kind in kinds)


def is_measure(meant: str, before: str) -> bool:
    """Whether a sign fits what it stands behind: "5Â°C", and "RÂ²" where one letter stands alone."""
    last = before[-1:]
    alone = last.isalpha() and not before[:-1].isalnum()
    return last.isascii() and ((last.isdigit() and meant in "°²³±µ¼½¾") or (alone and meant in "²³"))
