"""How the parts of a month are headed and labelled: "Month 08: …", "Week 1: …", `**Tasks**:`, and their items."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from .blocks import Block
from .damage import repaired
from .languages import LANGUAGES, known
from .lines import Lines
from .tree import Kind, Node, Role

BLANK = r"[ \t\u00a0\u2000-\u200b\u3000]"
PICTURES = r"(?:(?:\d\ufe0f?\u20e3|[^\x00-\x7f\w])[ \t]*)*"
"""Pictures at the beginning of a heading, such as 📅; a keycap is one too."""
HASHES = re.compile(r"[ \t]*#{1,6}[ \t]*")
LABEL = re.compile(
    r"[ \t]{0,3}(?:\*\*|__)([^*_\s](?:[^*\n]*?[^*\s:：])?)([:：](?:\*\*|__)|(?:\*\*|__)[ \t]*[:：])[ \t]*"
)
BARE_LABEL = re.compile(r"[ \t]{0,3}(?:(?P<bold>\*\*|__)([^*_\n]+?)(?P=bold)|([^*_\n:：]{1,60})[:：])[ \t]*$")
"""A label in bold without a colon, or with a colon and not in bold: one only where its words are known."""
WORD_ALONE = re.compile(r"[ \t]{0,3}([^*_\n:：]{1,60})$")
LABELLED = re.compile(r"[ \t]{0,3}([^*_\n:：]{1,60})[:：][ \t]*(?=[^ \t])")
"""A label that is not in bold, with words behind its colon."""
ITEM = re.compile(
    r"([ \t]*)([-+*]|\d{1,9}[.)])([ \t]+)"
    r"(?:\[([ xX]|[ \t\u00a0]*[xX✓✔✅☑]\ufe0f?[ \t\u00a0]*|[ \t\u00a0]{2,}|\u00a0|)\]"
    r"([ \t\u00a0]+|(?=[^\s(\[:]))(?=[^ \t]))?"
)
"""A list's item: indent, bullet, blanks, and with a box what is in it and the blanks behind it."""
FINE_BOX = re.compile(r"\[[ xX]\][ \t]+")

LONGEST = 200
"""Characters of a label, pictures and all, that may be a known one."""
MOST_WEEKS = 52
"""In a range: what is written wrong, such as "Week 1-200000", must not end a plan."""
MONTH_UNITS, WEEK_UNITS = known("month"), known("week")
SEPARATORS = "[:：–—―‒−|·.)-]"


DIGITS_OF = "(?:\\d{1,6}|[一二三四五六七八九十]{1,6})"
NUMBERS = re.compile(rf"({DIGITS_OF})(?:[-–~至到]({DIGITS_OF}))?")


def unit_pattern(unit: str) -> str:
    """A unit with its number as a regular expression, with the groups `unit` and `number`."""
    if "{n}" in unit:
        before, after = (re.escape(part) for part in unit.split("{n}"))
        return rf"{before}{BLANK}*(?:{DIGITS_OF}(?:[-–~至到]{DIGITS_OF})?){BLANK}*{after}"
    return rf"{re.escape(unit)}s?{BLANK}+#?(?:\d{{1,6}})(?!\d)"


ALL_UNITS = MONTH_UNITS | WEEK_UNITS
UNITS = sorted(ALL_UNITS, key=len, reverse=True)
UNIT = "|".join(map(unit_pattern, UNITS))
NAME = re.compile(
    rf"(?P<before>{PICTURES})(?P<bold>\*\*|__)?(?P<label>(?:{UNIT})"
    rf"(?:(?:-|–|{BLANK}*&{BLANK}*|{BLANK}+(?:to|and|a|y){BLANK}+)(?P<until>\d{{1,6}})(?={BLANK}*(?:[:：–—|*_-]|$)))?)"
    rf"(?P<close>(?:\*\*|__)?)(?:{BLANK}*(?P<mark>{SEPARATORS})(?P<close2>(?:\*\*|__)?){BLANK}*|{BLANK}*$|(?P<none>{BLANK}+))(?P<title>.*)$",
    re.IGNORECASE,
)
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


@dataclass(frozen=True)
class Name:
    """A unit with its number at the beginning of a heading, such as the "Week 1" of "📅 **Week 1** – Caching"."""

    label: str
    """As written: "Week 1", "Weeks 1-2"."""
    unit: str
    """The word without its number, as written."""
    number: int
    until: int
    """The last number of a range; otherwise `number`."""
    is_week: bool
    """Whether the unit is one of those that months are made of, and no month's."""
    is_own: bool
    """Whether the unit is the dialect's own."""
    picture: str
    title: str
    start: int
    """Where the title begins."""
    end: int
    """Where it ends."""
    mark: str
    """What stands between name and title; empty for nothing but blanks."""
    bold: bool


def name_of(text: str) -> Name | None:
    """The name that a heading begins with."""
    found = NAME.match(text)
    skipped = 0
    if found is None and not text.isascii():
        damaged = re.match(r"[^\x00-\x7f]{2,}[ \t]*", text)
        if damaged and repaired(damaged[0]) != damaged[0]:
            skipped = damaged.end()
            found = NAME.match(text[skipped:])
    if found is None:
        return None
    label = found["label"]
    digits = NUMBERS.search(label)
    if digits is None or (found["mark"] == "." and found["title"][:1].isdigit()):
        return None
    unit, key = unit_of(label[: digits.end()] if found["until"] else label, digits)
    title, end = found["title"], found.end("title")
    bold = found["bold"] or ""
    if bold and not (found["close"] or found["close2"]):
        if not title.rstrip(" \t").endswith(bold):
            return None
        end = found.start("title") + len(title.rstrip(" \t")) - len(bold)
    elif not bold and (found["close"] or found["close2"]):
        return None
    title = found.string[found.start("title") : end].rstrip(" \t")
    start = found.start("title") + skipped
    number, until = number_of(digits[1]), number_of(found["until"] or digits[2] or digits[1])
    return Name(
        label,
        unit,
        number,
        max(until, number),
        key in WEEK_UNITS,
        ALL_UNITS[key],
        found.string[: found.end("before")] if not skipped else text[:skipped],
        title,
        start,
        start + len(title),
        found["mark"] or "",
        bool(bold),
    )


def lasting(label: str) -> int:
    """How many weeks a name stands for: 2 for "Weeks 1-2"."""
    name = name_of(label)
    return min(name.until - name.number + 1, MOST_WEEKS) if name else 1


def unit_of(name: str, digits: re.Match[str]) -> tuple[str, str]:
    """The unit of a name as written, and as the table of languages has it."""
    before, after = name[: digits.start()].strip(" \t\u00a0#"), name[digits.end() :].strip(" \t\u00a0")
    small = before.lower()
    for key in (small, small.removesuffix("s")):
        if not after and key in ALL_UNITS:
            return before, key
    return f"{before}{after}", next(
        unit
        for unit in UNITS
        if "{n}" in unit and unit.split("{n}")[0] == small and after.startswith(unit.split("{n}")[1])
    )


def number_of(digits: str) -> int:
    """A number in digits of any script, or in Chinese words up to 99."""
    if digits.isdecimal():
        return int(digits)
    tens, _ten, ones = digits.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if "十" in digits else 0) + DIGITS.get(ones, 0)


SECTIONS: dict[str, tuple[Role, bool]] = {
    word: (role, own)
    for role in (Role.OBJECTIVES, Role.WEEKS, Role.RESOURCES, Role.CRITERIA, Role.NAVIGATION)
    for word, own in known("sections", role).items()
}
"""By the words of a heading: its role, and whether the words are the dialect's own."""
LABELS: dict[str, tuple[str, bool]] = {
    word: (kind, own)
    for kind in ("focus", "deliverables", "tasks")
    for word, own in known("labels", kind).items()
}
"""By the words of a label: tasks, deliverables or focus, and whether the words are the dialect's own."""
TITLES = known("labels", "title")
DETAILS = {word: kind for kind in ("tier", "duration", "status") for word in known("details", kind)}
PROJECTS, IDEA_SECTIONS = known("sections", "project"), known("sections", "ideas")
PROJECT = re.compile(
    rf"{PICTURES}({'|'.join(map(re.escape, sorted({**PROJECTS, **IDEA_SECTIONS}, key=len, reverse=True)))})"
    r"(?:[ \t]*([:：])[ \t]*|[ \t]*$)(.*)",
    re.IGNORECASE,
)
"""A project's heading: its name, a colon, and its title."""
IDEAS = re.compile(
    "|".join(
        rf"\b{re.escape(word)}" if word.isascii() else re.escape(word)
        for language in LANGUAGES.values()
        for word in language.ideas
    ),
    re.IGNORECASE,
)


VOCABULARIES = {
    code: {
        word.lower()
        for words in (
            language.month,
            language.week,
            *language.sections.values(),
            *language.labels.values(),
            *language.details.values(),
        )
        for word in (*words.own, *words.also)
    }
    for code, language in LANGUAGES.items()
}
"""All words of a language, in small letters."""


def bare(text: str) -> str:
    """A heading's or a label's words in small letters, without pictures, bold marks and a colon around them; nothing of
    what is too long to be a known word.
    """
    return _bare(text) if len(text) <= LONGEST else ""


@lru_cache(4096)
def _bare(text: str) -> str:
    text = re.sub(rf"^{PICTURES}", "", text.strip(" \t").replace("(s)", "s"))
    text = re.sub(r"[ \t]*[^\x00-\x7f\w。）】」”]+$", "", text)
    return text.strip(" \t").strip("*_").rstrip(":： \t").strip("*_ \t").lower()


def label_kind(label: str) -> str:
    """What a label speaks of: tasks, deliverables, focus; empty for any other."""
    return LABELS.get(bare(label), ("", True))[0]


def detail_kind(label: str) -> str:
    """What a detail's key speaks of: tier, duration, status; empty for any other."""
    return DETAILS.get(bare(label), "")


def speaks_of_ideas(label: str) -> bool:
    """Whether a label, or a project's name, says that its items are ideas to choose from."""
    return IDEAS.search(label) is not None


def language_of(tree: Node) -> str:
    """The language whose words a text's units, sections, labels and details are, of most of them; "en" of none."""
    counts: Counter[str] = Counter()
    for node in tree.walk():
        names = {
            Kind.MONTH: [node.unit],
            Kind.WEEK: [node.unit],
            Kind.SECTION: [node.text],
            Kind.DETAIL: [node.label],
            Kind.TASK: [node.label],
            Kind.DELIVERABLE: [node.label],
        }.get(node.kind, [])
        for name in names:
            counts.update(code for code, words in VOCABULARIES.items() if bare(name) in words)
    return counts.most_common(1)[0][0] if counts else "en"


def heading_text(lines: Lines, block: Block) -> tuple[str, int, int]:
    """A heading's words and where they begin and end in the source."""
    if not block.markup.startswith("#"):
        return joined(lines, block.first, block.last - 1, 0)
    line = lines.plain[block.first].rstrip(" \t")
    opening = HASHES.match(line)
    assert opening is not None
    start = opening.end()
    bare = line.rstrip("#")
    if len(bare) <= start:
        line = line[:start]
    elif bare[-1] in " \t":
        line = bare.rstrip(" \t")
    offset = lines.offsets[block.first]
    return line[start:], offset + start, offset + max(len(line), start)


def joined(lines: Lines, first: int, last: int, column: int) -> tuple[str, int, int]:
    """The words of the lines from `first`, beginning in a column, to `last`, exclusive, on one line;
    and their span.
    """
    if last == first + 1:  # as nearly always
        text = lines.plain[first][column:].rstrip(" \t")
        words = text.lstrip(" \t")
        end = lines.offsets[first] + column + len(text)
        return words, end - len(words), end
    parts = [lines.plain[first][column:], *lines.plain[first + 1 : last]]
    start = lines.offsets[first] + column + len(parts[0]) - len(parts[0].lstrip(" \t"))
    ending = parts[-1].rstrip(" \t")
    end = lines.offsets[last - 1] + (column if last - 1 == first else 0) + len(ending)
    stripped = [part.strip(" \t") for part in parts]
    hard = [part[:-1].rstrip(" \t") if part.endswith("\\") else part for part in stripped[:-1]]
    return " ".join([*hard, stripped[-1]]), start, max(end, start)
