"""A document's text in a browser's text area, and back, with everything kept that a text area does not keep.

A text area turns each line end into CRLF, a lone carriage return too, and shows no byte order mark. So what comes back
is compared with what was there, line by line: a line that is the same keeps the end that it had.
"""

import re
from bisect import bisect_right
from collections import Counter
from difflib import SequenceMatcher

END = re.compile(r"(\r\n|\n|\r)")
MARK = "\ufeff"
"""The byte order mark."""
COMPARED_AT_MOST = 4_000_000
"""Old times new lines; past that, lines between the first and the last difference are all new."""

Line = tuple[str, str]
"""What a line says, and its end: empty for the last one."""


def shown(source: str) -> str:
    """What a text area is given for a text, and what it gives back when nobody typed, but for its line ends."""
    return END.sub("\n", source.removeprefix(MARK))


class Places:
    """Where the places of a text are in its text area.

    A text has the lines that its file has for any other program, which end with a line feed; a text area has one more
    for each lone carriage return, which the parser reads as a blank.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.begins = [0, *(at + 1 for at, sign in enumerate(source) if sign == "\n")]
        self.shown = [0, *(end.end() for end in END.finditer(source))]

    def shown_at(self, line: int, column: int) -> tuple[int, int]:
        """The line and the column in the text area, both counted from 1 as those of the text are."""
        place = self.begins[min(line, len(self.begins)) - 1] + column - 1
        number = bisect_right(self.shown, place)
        is_marked = number == 1 and self.source.startswith(MARK)
        return number, max(place - self.shown[number - 1] + 1 - is_marked, 1)


def received(typed: str, before: str) -> str:
    """The text that somebody means who was shown `before` and sent `typed`.

    A line that was changed keeps its end where it can be told which it was; new ones get the end that most lines have.
    """
    mark = MARK if before.startswith(MARK) else ""
    old, new = cut(before.removeprefix(MARK)), [line for line, _end in cut(typed)]
    usual = majority(old)
    lines: list[Line] = []
    for have, said in matched([line for line, _end in old], new):
        ends = [end for _line, end in old[have.start : have.stop]]
        if len(ends) != len(said):
            ends = [usual] * len(said)
        lines += zip(said, ends, strict=True)
    # Which line is the last one may have changed, and that alone has no end.
    whole = [lines.pop()[0]]
    for line, end in reversed(lines):
        # A lone carriage return would become one end with a line feed that now follows it.
        lost = not end or (end == "\r" and whole[-1].startswith("\n"))
        whole.append(line + (usual if lost else end))
    return mark + "".join(reversed(whole))


def cut(text: str) -> list[Line]:
    """A text as a text area has it: one line more than there are ends."""
    parts = END.split(text)
    return list(zip(parts[::2], [*parts[1::2], ""], strict=True))


def majority(lines: list[Line]) -> str:
    """The end that most lines have; a lone carriage return is none."""
    counts = Counter(end for _line, end in lines)
    return "\r\n" if counts["\r\n"] > counts["\n"] else "\n"


def matched(old: list[str], new: list[str]) -> list[tuple[slice, list[str]]]:
    """Runs of new lines, each with the old ones that it stands for."""
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    found = [(slice(0, first), new[:first])]
    here, there = old[first : len(old) - last], new[first : len(new) - last]
    if len(here) * len(there) > COMPARED_AT_MOST:
        found.append((slice(first, len(old) - last), there))
    else:
        matcher = SequenceMatcher(None, here, there, autojunk=False)
        found += [
            (slice(first + a, first + b), there[c:d]) for _tag, a, b, c, d in matcher.get_opcodes() if d > c
        ]
    return [*found, (slice(len(old) - last, len(old)), new[len(new) - last :])]
