"""What is nearly one of the dialect's words, or nearly a check box: it stays what it is, and its author is told."""

import re
from collections.abc import Iterable
from functools import lru_cache

from .blocks import Block
from .headings import (
    ALL_UNITS,
    BLANK,
    IDEA_SECTIONS,
    LABELS,
    MONTH_UNITS,
    PROJECT,
    PROJECTS,
    SECTIONS,
    WEEK_UNITS,
    bare,
    name_of,
)
from .languages import LANGUAGES

SHORTEST = 6
"""Letters from which on a word can be nearly another one: shorter ones are too often words of their own."""
SLIPS = 2
"""So many letters may differ; two that changed places are one."""
OTHERS = frozenset({"calendar", "lecture", "lectures", "projects", "proyectos", "sources", "objections"})
"""Words that are nearly the dialect's and are meant as they stand."""
SMALL_WORDS = frozenset({"a", "de", "del", "for", "la", "of", "para", "the"})

TITLES = {
    word.lower(): word
    for language in LANGUAGES.values()
    for words in language.sections.values()
    for word in (*words.own, *words.also)
}
OWN_TITLES = [
    word for language in LANGUAGES.values() for words in language.sections.values() for word in words.own
]
LABEL_WORDS = {
    word.lower(): word
    for language in LANGUAGES.values()
    for kind in ("tasks", "deliverables", "focus")
    for word in (*language.labels[kind].own, *language.labels[kind].also)
}


@lru_cache(4096)
def title_meant(text: str) -> str:
    """The section's title that a heading nearly is, in the dialect's letters; empty where it is nearly none."""
    said = bare(text)
    if said in SECTIONS or PROJECT.match(text) or said in OTHERS:
        return ""
    before = bare(re.split("[:：]", text, maxsplit=1)[0])
    if before != said and (meant := nearest(before, [*PROJECTS, *IDEA_SECTIONS])):
        return TITLES[meant]
    if meant := nearest(said, TITLES):
        return TITLES[meant]
    return next((title for title in OWN_TITLES if word_apart(said, title.lower())), "")


def word_apart(said: str, title: str) -> bool:
    """Whether a heading has one word more than a title of several words, or only the word that names the thing."""
    mine, theirs = ([one for one in text.split() if one not in SMALL_WORDS] for text in (said, title))
    if len(theirs) < 2:
        return False
    if len(mine) == len(theirs):
        return sorted(mine) == sorted(theirs)
    if len(mine) == len(theirs) + 1:
        return all(word in mine for word in theirs)
    return len(mine) == 1 and len(theirs) == 2 and len(said) >= SHORTEST and head_of(theirs, title) == said


def head_of(words: list[str], title: str) -> str:
    """The word that names the thing: the last one in English, the first in Spanish."""
    return words[0] if any(title == one.lower() for one in OWN_SPANISH) else words[-1]


OWN_SPANISH = [word for words in LANGUAGES["es"].sections.values() for word in words.own]


@lru_cache(4096)
def label_meant(text: str) -> str:
    """The label that a text nearly is; empty where it is one, or nearly none."""
    said = bare(text)
    if not said or said in LABELS or said in OTHERS:
        return ""
    meant = nearest(said, LABEL_WORDS)
    return LABEL_WORDS[meant] if meant else ""


def nearest(said: str, words: Iterable[str]) -> str:
    """The word that differs in the fewest letters, if in no more than a slip of the pen does."""
    if sum(map(str.isalpha, said)) < SHORTEST or said in OTHERS:
        return ""
    near = [
        (letters, word) for word in words if (letters := apart(said, word)) <= SLIPS and len(word) >= SHORTEST
    ]
    return min(near)[1] if near else ""


def apart(one: str, two: str) -> int:
    """In how many letters two words differ; more than SLIPS is not counted on."""
    if abs(len(one) - len(two)) > SLIPS:
        return SLIPS + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for to, other in enumerate(two, start=1):
            best = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == two[to - 2] and one[at - 2] == other:
                best = min(best, earlier[to - 2] + 1)
            row.append(best)
        if min(row) > SLIPS:
            return SLIPS + 1
    return row[-1]


# Names

COUNTED = {
    word: number
    for words in (
        "i ii iii iv v vi vii viii ix x xi xii",
        "one two three four five six seven eight nine ten eleven twelve",
        "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    )
    for number, word in enumerate(words.split(), start=1)
}
"""Numbers in words and in Roman digits, as far as months and weeks go."""
WORD = re.compile(rf"[^\w]*([^\W\d_]{{2,12}}){BLANK}+(?:#{BLANK}*)?([^\W\d_]{{1,8}}|\d{{1,3}}\b)")


@lru_cache(4096)
def name_meant(text: str, is_month: bool) -> str:
    """The name such as "Week 2" that a heading nearly begins with: a misspelt unit, or a number in words."""
    found = WORD.match(text)
    if found is None or name_of(text) is not None:
        return ""
    unit, number = found[1], found[2].lower()
    units = [one for one in (MONTH_UNITS if is_month else WEEK_UNITS) if "{n}" not in one]
    if number.isdecimal():
        if unit.lower().removesuffix("s") in ALL_UNITS:
            return ""
        own = [one for one in units if ALL_UNITS[one]]
        near = [one for one in own if apart(unit.lower(), one) <= (1 if len(one) < SHORTEST else SLIPS)]
        near = [one for one in near if one[0] == unit[0].lower()]
        return f"{near[0].capitalize()} {number}" if near and len(unit) >= 3 else ""
    ends = text[found.end() :].lstrip(" \t*_")[:1] or text[found.end() :][:1].strip()
    if (
        number not in COUNTED
        or text[found.end() :][:1].isalnum()
        or unit.lower() not in (ALL_UNITS if is_month else units)
    ):
        return ""
    if len(number) == 1 and ends.isalnum():  # "Week I think"
        return ""
    return f"{unit} {COUNTED[number]}"


def lacks_number(text: str) -> str:
    """The unit of a title such as "Month: Data", which lacks its number."""
    unit = re.split(rf"{BLANK}*[:：–—]", text, maxsplit=1)[0]
    return unit if unit != text and bare(unit) in MONTH_UNITS and name_of(text) is None else ""


GLUED = re.compile(r"(#{1,6})([^#\s].*)$")


NO_BLANK = re.compile(r"\n#{1,6}[^#\s]")


def headed(lines: list[str], source: str) -> list[str]:
    """The lines, with a blank put behind the # of a heading that lacks it, where its words are the dialect's."""
    if not NO_BLANK.search(source) and not GLUED.match(lines[0] if lines else ""):
        return lines
    return [spaced(line) for line in lines]


def spaced(line: str) -> str:
    found = GLUED.match(line)
    if found is None or not is_heading(found[2], len(found[1])):
        return line
    return f"{found[1]} {found[2]}"


def is_heading(words: str, level: int) -> bool:
    if name_of(words) is not None:
        return True
    known = bare(words)
    return level > 1 and (known in SECTIONS or known in LABELS or PROJECT.match(words) is not None)


# Boxes

NEARLY_BOX = re.compile(
    r"(?P<indent>[ \t]*)"
    r"(?:(?P<bullet>[-+*]|\d{1,9}[.)]|[–—−‒‐•·‣◦▪●○∙])(?P<gap>[ \t\u00a0]*))?"
    r"(?:\[(?P<inside>[^\[\]]{0,6})\](?P<behind>[ \t\u00a0]*)(?![(\[:])(?=\S)"
    r"|(?P<sign>[☐☑☒✅✔✓⬜🔲🗹])\ufe0f?[ \t\u00a0]+(?=\S))"
)
SIGNS = "☐☑☒⬜🔲🗹"
"""These are boxes also where no bullet stands before them."""
MEANT = re.compile(r"(?:|[xvyon✓✔✅☑~/*.+_>?!-]|xx|ok|yes|no|done|todo|wip|si|sí|hecho|listo|true|false)$")
"""What people put between the brackets of a check box."""


def nearly_box(line: str) -> str:
    """The code of the rule for a line that is meant as a check box and is not read as one; empty for any other."""
    found = NEARLY_BOX.match(line)
    if found is None:
        return ""
    bullet, inside = found["bullet"], found["inside"]
    is_list = bullet is not None and bullet in "-+*" and found["gap"] != ""
    if inside is None:
        return "unknown-box" if is_list or (bullet or "") != "" or found["sign"] in SIGNS else ""
    inside = inside.strip(" \t\u00a0\ufe0f").lower()
    if not MEANT.match(inside) or (found["behind"] == "" and inside not in {"", "x"}):
        return ""
    if inside in {"", "x", "✓", "✔", "✅", "☑"}:
        return "no-list"
    return "unknown-box" if bullet is not None else ""


def texts_apart(blocks: list[Block]) -> set[int]:
    """The lines of code, of HTML and of quotes, at any depth: a box there is text."""
    lines: set[int] = set()
    waiting = list(blocks)
    while waiting:
        block = waiting.pop()
        if block.name in {"fence", "html", "other"}:
            lines.update(range(block.first, block.last))
        waiting += block.children
    return lines
