"""Two texts side by side, with the words that differ."""

import re
from difflib import SequenceMatcher, unified_diff
from functools import lru_cache
from typing import Any

CONTEXT = 3
"""Lines shown around a difference."""
ALIKE = 0.5
"""From 0 to 1: two lines that have less in common are not one line reworded."""
COMPARED_AT_MOST = 4_000_000
"""Old times new lines; past that, all lines between the first and the last difference differ."""
PAIRED_AT_MOST = 400
"""The same for the lines of one difference that are looked through for the one that was reworded."""
WORDS_AT_MOST = 250_000
"""The same for the words of one line."""
WORD = re.compile(r"\w+|[^\S\r]+|.", re.DOTALL)
SEEN = str.maketrans({" ": "·", "\t": "→", "\r": "␍", "\ufeff": "␂", "\xa0": "⍽"})
"""How white space is shown where it is all that differs."""

Words = list[dict[str, Any]]
"""A line in pieces: {"text", "changed"}."""
Code = tuple[str, int, int, int, int]


def compared(old: str, new: str) -> list[dict[str, Any]]:
    """Two texts side by side, in rows of {"kind", "old", "new", "old_line", "new_line", "old_words", "new_words"}.

    Equal stretches are cut, with a row of the kind "gap" in their place. A row that has one side only has None on the
    other one.
    """
    before, after = old.split("\n"), new.split("\n")
    rows: list[dict[str, Any]] = []
    for group in grouped(paired(opcodes(before, after), before, after)):
        if rows:
            rows.append({"kind": "gap"})
        for tag, i, j, k, m in group:
            for offset in range(max(j - i, m - k)):
                a, b = i + offset if i + offset < j else None, k + offset if k + offset < m else None
                rows.append(row(tag, before, after, a, b))
    return rows


def unified(path: str, old: str, new: str) -> str:
    """The same as other tools write it, for a console."""
    before, after = old.split("\n"), new.split("\n")
    return "\n".join(unified_diff(before, after, path, path, n=1, lineterm=""))


def row(tag: str, before: list[str], after: list[str], a: int | None, b: int | None) -> dict[str, Any]:
    old = before[a] if a is not None else None
    new = after[b] if b is not None else None
    left, right = worded(old, new)
    return {
        "kind": tag,
        "old": old,
        "new": new,
        "old_line": "" if a is None else a + 1,
        "new_line": "" if b is None else b + 1,
        "old_words": left,
        "new_words": right,
    }


def worded(old: str | None, new: str | None) -> tuple[Words, Words]:
    """Two lines in pieces that are the same in both or not."""
    if old is None or new is None:
        return pieces([(old or "", True)]), pieces([(new or "", True)])
    if old == new:
        return pieces([(old, False)]), pieces([(new, False)])
    ours, theirs = WORD.findall(old), WORD.findall(new)
    if len(ours) * len(theirs) > WORDS_AT_MOST:
        return pieces([(old, True)]), pieces([(new, True)])
    codes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    left, right = [("", False)], [("", False)]
    for place, (tag, a, b, c, d) in enumerate(codes):
        inside = 0 < place < len(codes) - 1
        # A blank between two words that differ is no reason to read them one by one.
        changed = tag != "equal" or (inside and not "".join(ours[a:b]).strip())
        for parts, text in ((left, "".join(ours[a:b])), (right, "".join(theirs[c:d]))):
            if parts[-1][1] == changed:
                parts[-1] = (parts[-1][0] + text, changed)
            else:
                parts.append((text, changed))
    return pieces(left), pieces(right)


def pieces(parts: list[tuple[str, bool]]) -> Words:
    """White space is made visible where nothing else differs; a line end that is the same is left out."""
    return [
        {
            "text": text.translate(SEEN)
            if changed and not text.strip("\ufeff").strip()
            else text.rstrip("\r"),
            "changed": changed,
        }
        for text, changed in parts
        if text
    ]


def opcodes(old: list[str], new: list[str]) -> list[Code]:
    """What `SequenceMatcher` says, without its time for long texts that differ in one place."""
    shorter = min(len(old), len(new))
    first = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    last = next((i for i in range(shorter - first) if old[-1 - i] != new[-1 - i]), shorter - first)
    here, there = old[first : len(old) - last], new[first : len(new) - last]
    if not here and not there:
        middle: list[Code] = []
    elif not here or not there or len(here) * len(there) > COMPARED_AT_MOST:
        tag = "insert" if not here else "delete" if not there else "replace"
        middle = [(tag, 0, len(here), 0, len(there))]
    else:
        middle = SequenceMatcher(None, here, there, autojunk=False).get_opcodes()  # type: ignore[assignment]
    moved = [(tag, a + first, b + first, c + first, d + first) for tag, a, b, c, d in middle]
    head: list[Code] = [("equal", 0, first, 0, first)] if first else []
    tail: list[Code] = [("equal", len(old) - last, len(old), len(new) - last, len(new))] if last else []
    return [*head, *moved, *tail]


def paired(codes: list[Code], old: list[str], new: list[str]) -> list[Code]:
    """The same with each replaced run cut so that a reworded line stands beside what it was."""
    found: list[Code] = []
    for code in codes:
        found += cut(old, new, *code[1:]) if code[0] == "replace" else [code]
    return found


def cut(old: list[str], new: list[str], i: int, j: int, k: int, m: int) -> list[Code]:
    """A replaced run, around the two lines in it that are most alike."""
    if i == j or k == m:
        return [("delete" if k == m else "insert", i, j, k, m)] if (i < j or k < m) else []
    if (j - i) * (m - k) > PAIRED_AT_MOST:
        return [("replace", i, j, k, m)]
    score, a, b = max((likeness(old[a], new[b]), -a, -b) for a in range(i, j) for b in range(k, m))
    if score < ALIKE:
        return [("replace", i, j, k, m)]
    a, b = -a, -b
    return [*cut(old, new, i, a, k, b), ("replace", a, a + 1, b, b + 1), *cut(old, new, a + 1, j, b + 1, m)]


@lru_cache(maxsize=PAIRED_AT_MOST)
def likeness(one: str, two: str) -> float:
    """How much of their words two lines share, from 0 to 1; blank lines are like none."""
    ours, theirs = one.split(), two.split()
    if not ours or not theirs or len(ours) * len(theirs) > PAIRED_AT_MOST:
        return float(one == two)
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def grouped(codes: list[Code]) -> list[list[Code]]:
    """Differences with some lines around them, those that are near each other together."""
    groups: list[list[Code]] = []
    current: list[Code] = []
    for place, (tag, i, j, k, m) in enumerate(codes):
        if tag != "equal":
            current.append((tag, i, j, k, m))
            continue
        if j - i <= 2 * CONTEXT and 0 < place < len(codes) - 1:
            current.append((tag, i, j, k, m))
            continue
        if place > 0:
            after = min(j, i + CONTEXT)
            groups.append([*current, (tag, i, after, k, k + after - i)])
        before = max(i, j - CONTEXT)
        current = [(tag, before, j, m - (j - before), m)]
    if any(code[0] != "equal" for code in current):
        groups.append(current)
    return groups
