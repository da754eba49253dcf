"""Months as Markdown: what is read, what is found, what is refused."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from curriculum.markdown import (
    Kind,
    Node,
    Refused,
    Role,
    is_dashboard,
    parse,
    read,
    repaired,
)

pytestmark = pytest.mark.pure

CURRICULA = Path(__file__).parents[3] / "shared" / "curricula"
RECEIVED = CURRICULA / "month-08-as-received.md"

# By month: groups, resources, deliverables, ideas.
COUNTS = {
    "month-02": (3, 4, 11, 0),
    "month-03": (2, 4, 9, 3),
    "month-04": (2, 3, 8, 0),
    "month-05": (3, 5, 8, 0),
    "month-06": (1, 3, 8, 3),
    "month-07": (3, 5, 8, 0),
    "month-08": (2, 4, 8, 4),
    "month-09": (2, 3, 8, 0),
    "month-10": (1, 3, 8, 3),
}


def month(text: str) -> Node:
    return parse(text).children[0]


def texts(node: Node, kind: Kind) -> list[str]:
    return [found.text for found in node.find(kind)]


@pytest.mark.parametrize("name", COUNTS)
def test_sample_is_read_whole(name: str) -> None:
    tree = parse(read((CURRICULA / "ai-practitioner" / name / "README.md").read_bytes()))

    counts = Counter(node.kind for node in tree.walk())

    groups, resources, deliverables, ideas = COUNTS[name]
    assert (counts[Kind.MONTH], counts[Kind.WEEK], counts[Kind.FOCUS], counts[Kind.TASK]) == (1, 4, 4, 16)
    assert (counts[Kind.GROUP], counts[Kind.RESOURCE]) == (groups, resources)
    assert (counts[Kind.DELIVERABLE], counts[Kind.IDEA]) == (deliverables, ideas)
    assert (counts[Kind.OBJECTIVE], counts[Kind.CRITERION], counts[Kind.LINK]) == (4, 4, 3)
    assert (counts[Kind.DETAIL], counts[Kind.PROJECT], counts[Kind.SECTION]) == (3, 1, 6)
    assert tree.children[0].number == int(name[-2:])
    assert tree.findings == ()


def test_received_month_has_its_parts_in_order() -> None:
    tree = parse(read(RECEIVED.read_bytes()))

    month = tree.children[0]
    assert (month.label, month.unit, month.number, month.text) == ("Month 08", "Month", 8, "System Design")
    assert [(node.label, node.text) for node in month.children[:2]] == [
        ("Tier", "2 (Specialization)"),
        ("Duration", "4 weeks"),
    ]
    roles = [node.role for node in month.children if node.kind is Kind.SECTION]
    assert roles == [
        Role.OBJECTIVES,
        Role.WEEKS,
        Role.RESOURCES,
        Role.PROJECT,
        Role.CRITERIA,
        Role.NAVIGATION,
    ]
    week = month.find(Kind.WEEK)[3]
    assert (week.label, week.number, week.text) == ("Week 4", 4, "System Design Project")
    assert week.children[0].text == "Complete system design"
    assert texts(week, Kind.DELIVERABLE) == ["System design document", "Architecture diagrams"]
    assert {node.label for node in week.find(Kind.TASK)} == {"Tasks"}
    assert month.find(Kind.PROJECT)[0].text == "ML System Design Document"
    assert {node.label for node in month.find(Kind.IDEA)} == {"System ideas"}


def test_damaged_hourglass_is_found_with_its_repair() -> None:
    tree = parse(read(RECEIVED.read_bytes()))

    (finding,) = tree.findings
    assert (finding.line, finding.severity, finding.code) == (5, "warning", "damaged-text")
    assert (finding.found, finding.repair) == ("‚è≥ Upcoming", "⏳ Upcoming")


@pytest.mark.parametrize(
    "text",
    ["⏳ Später", "“É” and Ö", "FRANÇAIS « CAFÉ»", "AMANHÃ”", "√π ≤ 2√∑x²", "„Öl“ ‚ä‘", "Spaß“", "données à l’été…",
     "Привет, мир", "数据流水线设计", "naïve café — señor",
     "Ünïcödé ±5 °C ©®™", "ÀÈÌÒÙ", "Çà et là", "µ±σ", "ÃO", "🚀✅🔄",
     "MAMÂ² x", "Â² ", "R² ≥ 5°", "sin√πx", "a ¬≤ b", "“Ã” “â” „ð“", "AMANHÃ”’", "pâ–té", "Â±5"],
)  # fmt: skip
def test_fine_text_is_not_called_damaged(text: str) -> None:
    assert repaired(text) == text


@pytest.mark.parametrize(
    "text", ["⏳", "🚀 off", "it’s", "a — b", "x → y", "café", "élève", "“quoted”", "数据流水线", "Привет"]
)
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_damaged_text_is_repaired_or_left(text: str, codec: str) -> None:
    damaged = "".join(
        bytes([byte]).decode(codec, "replace").replace("\ufffd", chr(byte)) for byte in text.encode()
    )
    assert damaged != text
    assert repaired(damaged) in {text, damaged}
    if any(ord(letter) > 0x7FF for letter in text):
        assert repaired(damaged) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [("naÃ¯ve” RÂ²", "naïve” R²"), ("cafÃ©’s", "café’s"), ("“cafÃ©”", "“café”"), ("â€“ – x", "– – x"),
     ("Ã©â€” x", "é— x"), ("5Â°C", "5°C"), ("数据cafÃ©数据", "数据café数据"), ("” ðŸš€”", "” 🚀”")],
)  # fmt: skip
def test_sound_letter_beside_a_damaged_one_does_not_keep_it(text: str, meant: str) -> None:
    assert repaired(text) == meant
    assert repaired(meant) == meant


# Ways of writing


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "  \n"),
        lambda text: text.replace("System", "Sys\rtem", 1),
        lambda text: text.replace("**:\n", ":**\n"),
    ],
    ids=["crlf", "bom", "no final newline", "trailing blanks", "lone cr", "colon inside"],
)
def test_ways_of_writing_change_nothing(change: Callable[[str], str]) -> None:
    plain = read((CURRICULA / "ai-practitioner" / "month-08" / "README.md").read_bytes())
    tree = parse(change(plain))

    assert Counter(node.kind for node in tree.walk()) == Counter(node.kind for node in parse(plain).walk())
    assert {finding.code for finding in tree.findings} <= {"label-colon"}


def test_lone_carriage_return_is_a_space() -> None:
    tree = month("# Month 1: a\rb\n\n## X\n\n- [ ] c\rd\n")
    assert (tree.text, tree.first, texts(tree, Kind.TASK)) == ("a b", 0, ["c d"])


def test_boxes_are_ticked_or_not() -> None:
    tree = month(
        "# Month 1: a\n## Weeks\n### Week 1: b\nWords:\n- [ ] one\n- [x] two\n- [X] `[ ]` three\n- [] four\n"
    )
    assert [(node.text, node.checked) for node in tree.find(Kind.TASK)] == [
        ("one", False),
        ("two", True),
        ("`[ ]` three", True),
        ("four", False),
    ]
    assert [node.text for node in tree.find(Kind.PROSE)] == ["Words:"]


def test_boxes_in_code_quotes_and_comments_are_text() -> None:
    source = "# Month 1: a\n\n## X\n\n```\n- [ ] b\n```\n\n> - [ ] c\n\n<!--\n- [ ] d\n-->\n\n    - [ ] e\n"
    assert month(source).find(Kind.TASK) == []


def test_boxes_outside_the_weeks_stand_in_their_section() -> None:
    tree = month(
        "# Month 1: a\n\n- [ ] first\n\n## Portfolio\n\n### GitHub\n\n- [ ] photo\n\n## Project: b\n\n- [ ] demo\n"
    )
    sections = tree.children
    assert [(node.text, node.role, node.level) for node in sections] == [
        ("", Role.OTHER, 0),
        ("Portfolio", Role.OTHER, 2),
        ("Project: b", Role.PROJECT, 2),
    ]
    assert [texts(node, Kind.TASK) for node in sections] == [["first"], ["photo"], ["demo"]]
    assert sections[1].find(Kind.TASK)[0].label == "GitHub"


def test_nested_boxes_are_tasks_of_their_own() -> None:
    source = (
        "# Month 1: a\n## X\n- [ ] one\n  goes on\n  - plain\n  - [x] inner\n\n  A paragraph.\n- [ ] two\n"
    )
    one, two = month(source).children[0].children
    assert (one.text, one.first, one.last, two.first) == ("one goes on", 2, 8, 8)
    assert [(node.kind, node.text) for node in one.children] == [
        (Kind.PROSE, "- plain"),
        (Kind.TASK, "inner"),
        (Kind.PROSE, "A paragraph."),
    ]


def test_week_keeps_what_is_nobodys() -> None:
    source = (
        "# Month 1: a\n## Weekly Breakdown\n### Week 1: b\n**Focus:** c"
        "\n**Tasks:**\n- [ ] d\n\n| e |\n|---|\n\n**Reading**:\n- f\n\n**Deliverables**:\n1. g\n"
    )
    (week,) = month(source).find(Kind.WEEK)
    assert [(node.kind, node.text, node.label) for node in week.children] == [
        (Kind.FOCUS, "c", "Focus"),
        (Kind.TASK, "d", "Tasks"),
        (Kind.PROSE, "| e |\n|---|\n\n**Reading**:\n- f", ""),
        (Kind.DELIVERABLE, "g", "Deliverables"),
    ]


def test_ideas_are_lists_that_speak_of_ideas() -> None:
    project = (
        "# Month 1: a\n## Project: b\n\n1. step\n\n**Bonus challenges**:\n- no"
        "\n\n**Suggested datasets**:\n- yes\n\n### Options\n- too\n"
    )
    assert [(node.text, node.label) for node in month(project).find(Kind.IDEA)] == [
        ("yes", "Suggested datasets"),
        ("too", "Options"),
    ]


def test_project_ideas_are_bare_items_or_headings() -> None:
    bare = month("# Month 1: a\n## Project Ideas\n\nChoose one:\n\n1. **CSV**: read\n2. **API**: call\n")
    assert texts(bare, Kind.IDEA) == ["**CSV**: read", "**API**: call"]
    headed = month(
        "# Month 1: a\n## Project Ideas\n\n### 1. Assistant\n- search\n- answer\n\n### 2. Platform\n- charts\n"
    )
    ideas = headed.find(Kind.IDEA)
    assert [(node.text, node.level, node.children[0].text) for node in ideas] == [
        ("1. Assistant", 3, "- search\n- answer"),
        ("2. Platform", 3, "- charts"),
    ]


def test_unknown_sections_and_link_definitions_are_kept_as_prose() -> None:
    source = (
        "Before\n\n# Month 1: a\n\nIntro.\n\n## Timeline"
        "\n\n| w |\n|---|\n\n[ref]: http://a.b\n\n---\n\n## Tips\n\n1. one\n"
    )
    tree = parse(source)
    assert [node.text for node in tree.find(Kind.PROSE)] == [
        "Before",
        "Intro.",
        "| w |\n|---|\n\n[ref]: http://a.b",
        "1. one",
    ]


def test_several_months_are_held() -> None:
    tree = parse("# Month 1: a\n\n## X\n\n# Month 2: b\n\n# Appendix\n\ntext\n")
    assert [(node.number, len(node.children)) for node in tree.children] == [(1, 1), (2, 1)]


def test_dashboard_is_told_from_a_month() -> None:
    assert is_dashboard(read((CURRICULA / "ai-practitioner" / "README.md").read_bytes()))
    for path in CURRICULA.rglob("month-*/README.md"):
        assert not is_dashboard(read(path.read_bytes()))
    assert not is_dashboard("# Notes\n\nOne [month](month-01/README.md).\n")
    assert not is_dashboard("no title\n")


def test_another_dash_is_read_and_reported() -> None:
    tree = parse("# Month 1 – a\n\n## Weeks\n\n### Week 1 - b\n")
    assert [(finding.line, finding.code) for finding in tree.findings] == [
        (1, "heading-separator"),
    ]
    assert tree.findings[0].done.endswith("So in 1 more line.")
    assert tree.find(Kind.WEEK)[0].text == "b"


# Refused


@pytest.mark.parametrize(
    ("data", "place", "code", "words"),
    [
        (b"# Month 1: a\n\n\xff\n", (3, 1), "not-utf-8", "byte 14"),
        ("# Month 1: a\r\nüé ".encode() + b"\xe9\n", (2, 4), "not-utf-8", "byte 19"),
        (b"# Month 1: a\n\0", (2, 1), "nul-character", "NUL"),
        ("# Mü\0".encode(), (1, 5), "nul-character", "NUL"),
        (b"# Month 1: a\n" + b"a" * 1_000_000, (1, 1), "too-large", "1 MB"),
        (b"# Month 1: a" + b"\n" * 20_001, (20_001, 1), "too-many-lines", "20000 lines"),
    ],
)
def test_unreadable_bytes_are_refused(data: bytes, place: tuple[int, int], code: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert ((refused.value.line, refused.value.column), refused.value.code) == (place, code)
    assert words in refused.value.reason.replace(",", "")


@pytest.mark.parametrize(
    ("source", "place", "code", "words"),
    [
        ("", (1, 1), "no-title", "no title"),
        ("## Only a section\n\n- [ ] a\n", (1, 1), "no-title", "no title"),
        ("\n\n# Notes\n\ntext\n", (3, 3), "no-month", "names no month"),
        ("\n  Notes\n===\n", (2, 3), "no-month", "names no month"),
        ("# Month 1: a\n\n```\ncode\n\n### Week 1: b\n- [ ] c\n", (3, 1), "never-closed", "never closed"),
        ("# Month 1: a\n\n  <!-- open\n\n- [ ] c\n", (3, 3), "never-closed", "never closed"),
        ("# Month 1: a\0", (1, 13), "nul-character", "NUL"),
        ("# Month 1: a\n\n#  Month 1: a\n", (3, 4), "same-month", "line 1"),
    ],
)
def test_text_without_a_month_is_refused(source: str, place: tuple[int, int], code: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(source)
    assert ((refused.value.line, refused.value.column), refused.value.code) == (place, code)
    assert words in refused.value.reason


def test_open_fence_that_hides_nothing_is_reported() -> None:
    (finding,) = parse("# Month 1: a\n\n```\ncode\n").findings
    assert (finding.line, finding.code) == (3, "open-fence")


def test_bytes_come_back_as_they_were() -> None:
    data = "\ufeff# Month 1: é\r\n\rx\n".encode()
    assert read(data).encode() == data


@pytest.mark.parametrize(
    "body",
    ["> " * 10_000 + "a\n", "- " * 10_000 + "a\n", "[" * 990_000, "- [ ] " + "[" * 990_000,
     "**a**" + " " * 900_000 + "x", "## a" + " " * 900_000 + "b", "## a" + " #" * 490_000, "**a**: b\n" * 19_900,
     *[pytest.param(body, marks=pytest.mark.prove) for body in (
         ("> " * 30 + "a\n") + "b\n" * 19_000, "### Week 1: a\n" * 19_900, "- [ ] a\n" * 19_900,
         "- a\n* b\n" * 9_900)]],
    ids=range(12),
)  # fmt: skip
def test_hostile_text_ends_soon(body: str) -> None:
    began = time.process_time()
    with suppress(Refused):
        parse("# Month 1: a\n\n" + body)
    assert time.process_time() - began < 6  # about 1.5 on a machine with nothing else to do


WEEK = "# Month 1: a\n\n## Weekly Breakdown\n\n"
HOSTILE = {
    "nested lists": "# Month 1: a\n\n" + "- " * 10_000 + "[ ] a\n",
    "lists, each below the other": WEEK + "".join(" " * (2 * depth) + "- [ ] a\n" for depth in range(980)),
    "nested quotes": "# Month 1: a\n\n" + "> " * 10_000 + "- [ ] a\n",
    "quotes in lists": "# Month 1: a\n\n" + "> - " * 10_000 + "a\n",
    "100,000 boxes in a table": WEEK
    + "| Week | Tasks |\n|---|---|\n"
    + "".join(f"| {week} | {'[ ] a<br>' * 100} |\n" for week in range(1, 1_001)),
    "19,000 boxes of many words": WEEK + "### Week 1: a\n\n" + f"- [ ] {'[a](b) ' * 6}\n" * 19_000,
    "fences that never close": "# Month 1: a\n\n" + "``` a\n" * 19_900,
    "fences of another sign": "# Month 1: a\n\n" + "~~~\n``` a\n" * 9_900,
    "stars": "# Month 1: a\n\n- [ ] " + "*a " * 330_000,
    "bold stars": "# Month 1: a\n\n" + "**a" * 330_000,
    "letters from right to left": WEEK + "### Week 1: " + "\u202e" * 300_000 + "\n\n- [ ] a\n",
    "pictures": WEEK + "### " + "\u2600" * 300_000 + " Week 1: a\n\n- [ ] a\n",
    "pictures with blanks": WEEK + "### " + "\u2600 " * 240_000 + "\n\n- [ ] a\n",
    "a label of 980,000 letters": WEEK + "### Week 1: a\n\n**" + "a" * 980_000 + "**:\n- [ ] b\n",
    "a label of pictures": WEEK + "### Week 1: a\n\n**" + "\u2600" * 300_000 + "**:\n- [ ] b\n",
    "a label without an end": WEEK + "### Week 1: a\n\n**" + "a :" * 320_000 + "\n- [ ] b\n",
    "100,000 cells": WEEK
    + f"| Week {'| a ' * 99}|\n{'|---' * 100}|\n"
    + f"| 1 {'| a ' * 99}|\n" * 1_000,
    "100,000 cells in a line": WEEK + "| Week | a |\n|---|---|\n| 1 " + "| a " * 100_000 + "|\n",
    "100,000 columns": WEEK + "|a" * 100_000 + "|\n" + "|-" * 100_000 + "|\n",
    "numbers that never come": WEEK + "### " + "第" * 300_000 + "\n\n- [ ] a\n",
    "ranges that never end": WEEK + "### " + "Week 1-" * 140_000 + "\n\n- [ ] a\n",
    "a number of 900,000 digits": WEEK + "### Week " + "1" * 900_000 + "\n\n- [ ] a\n",
    "settings that never end": "---\n" + "a: b\n" * 19_000 + "\n# Month 1: a\n\n- [ ] b\n",
    "settings of one long line": "---\na: " + "b" * 900_000 + "\n---\n\n# Month 1: a\n\n- [ ] b\n",
}  # fmt: skip
READING = """
import re, sys, time
from django.conf import settings
settings.configure(USE_I18N=False)
from curriculum.markdown import Refused, parse, read
data = sys.stdin.buffer.read()
began = time.process_time()
try:
    parse(read(data))
except Refused:
    pass
print(time.process_time() - began, re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
"""
"""Not getrusage: its figure begins with that of the process which started this one."""


@pytest.mark.prove
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_within_time_and_memory(name: str) -> None:
    assert len(HOSTILE[name].encode()) <= 1_000_000, "a larger one is refused by its size alone"
    done = subprocess.run(
        [sys.executable, "-c", READING], input=HOSTILE[name].encode(), capture_output=True, check=True
    )
    seconds, kibibytes = done.stdout.split()
    print(f"{name}: {float(seconds):.2f} s, {int(kibibytes) // 1024} MB")
    assert float(seconds) < 6  # below 2 on a machine with nothing else to do
    assert int(kibibytes) < 200 * 1024
