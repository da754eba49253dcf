"""What is written differently from the dialect: each rule is met by its own example, and by nothing of the dialect."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.guide import DIALECT
from curriculum.markdown import (
    Insert,
    Kind,
    Node,
    Refused,
    Relabel,
    Remove,
    Rewrite,
    Role,
    Tick,
    lasting,
    parse,
    splice,
)
from curriculum.markdown.languages import LANGUAGES
from curriculum.markdown.refusals import REFUSALS
from curriculum.markdown.rules import RULES, whole
from curriculum.refused import CHANGES, refusals
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]
CODES = sorted(RULES)
WEEKS = "# Month 03: Caching\n\n## Weekly Breakdown\n\n"


def codes(source: str) -> set[str]:
    return {finding.code for finding in parse(source).findings}


def weeks(source: str) -> list[tuple[str, str, int | None]]:
    return [(node.label, node.text, node.number) for node in parse(source).find(Kind.WEEK)]


def texts(source: str, kind: Kind) -> list[str]:
    return [node.text for node in parse(source).find(kind)]


@pytest.mark.pure
@pytest.mark.parametrize("code", [code for code in CODES if RULES[code].example])
def test_rule_is_met_by_its_example_alone(code: str) -> None:
    found = codes(whole(RULES[code].example))
    assert code in found
    beside = {"unit-word", "week-table"} if code == "cell-without-box" else {"unit-word"}
    assert found <= {code} | beside


@pytest.mark.pure
def test_every_code_is_a_rule_and_every_rule_can_be_met() -> None:
    written = "".join(
        path.read_text() for path in Path("curriculum/markdown").glob("*.py") if path.stem != "rules"
    )
    used = set(re.findall(r'reports\.add\(\s*(?:"([a-z-]+)"(?: if [^,]+ else "([a-z-]+)")?)', written))
    assert {code for pair in used for code in pair if code} == set(RULES)
    assert codes(f"{WEEKS}### Week 1: a\n\n- [ ] b {'c' * 10_001}\n") == {"long-line"}


@pytest.mark.pure
def test_dialect_has_no_remark() -> None:
    assert parse(DIALECT).findings == ()
    assert len(parse(DIALECT).find(Kind.TASK)) == 2
    for change in ("[x] Measure", "[X] Measure"):
        assert parse(DIALECT.replace("[ ] Measure", change)).findings == ()


# Weeks


@pytest.mark.pure
@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("## Week 1: Keys", ("Week 1", "Keys", 1)),
        ("#### Week 1: Keys", ("Week 1", "Keys", 1)),
        ("# Week 1: Keys", ("Week 1", "Keys", 1)),
        ("**Week 1: Keys**", ("Week 1", "Keys", 1)),
        ("**Week 1**: Keys", ("Week 1", "Keys", 1)),
        ("**Week 1:** Keys", ("Week 1", "Keys", 1)),
        ("__Week 1: Keys__", ("Week 1", "Keys", 1)),
        ("### **Week 1**: Keys", ("Week 1", "Keys", 1)),
        ("### **Week 1: Keys**", ("Week 1", "Keys", 1)),
        ("### 📅 Week 1: Keys", ("Week 1", "Keys", 1)),
        ("### 1️⃣ Week 1: Keys", ("Week 1", "Keys", 1)),
        ("### ‚è≥ Week 1: Keys", ("Week 1", "Keys", 1)),
        ("### Week 1 — Keys", ("Week 1", "Keys", 1)),
        ("### Week 1 - Keys", ("Week 1", "Keys", 1)),
        ("### Week 1. Keys", ("Week 1", "Keys", 1)),
        ("### Week 1) Keys", ("Week 1", "Keys", 1)),
        ("### Week 1 | Keys", ("Week 1", "Keys", 1)),
        ("### Week 1 Keys", ("Week 1", "Keys", 1)),
        ("### Week\u00a01: Keys", ("Week\u00a01", "Keys", 1)),
        ("### Week 1-2: Keys", ("Week 1-2", "Keys", 1)),
        ("### Weeks 1–2: Keys", ("Weeks 1–2", "Keys", 1)),
        ("### Weeks 1 to 2: Keys", ("Weeks 1 to 2", "Keys", 1)),
        ("### Week 1 - 2 keys", ("Week 1", "2 keys", 1)),
        ("### Week 01: Keys", ("Week 01", "Keys", 1)),
        ("### Day 1: Keys", ("Day 1", "Keys", 1)),
        ("### Sprint 1: Keys", ("Sprint 1", "Keys", 1)),
        ("### Module 1: Keys", ("Module 1", "Keys", 1)),
        ("Week 1: Keys\n---", ("Week 1", "Keys", 1)),
        ("### Semana 1: Claves", ("Semana 1", "Claves", 1)),
        ("### 第1周：键", ("第1周", "键", 1)),
        ("### 第一周：键", ("第一周", "键", 1)),
        ("### 第十二周：键", ("第十二周", "键", 12)),
        ("### 第2-3周：键", ("第2-3周", "键", 2)),
    ],
)  # fmt: skip
def test_week_is_read_however_it_is_headed(heading: str, said: tuple[str, str, int]) -> None:
    source = f"{WEEKS}{heading}\n\n**Tasks**:\n- [ ] Measure\n\n**Deliverables**:\n- A diagram\n"
    assert weeks(source) == [said]
    week = parse(source).find(Kind.WEEK)[0]
    assert [node.text for node in week.find(Kind.TASK)] == ["Measure"]
    assert [node.text for node in week.find(Kind.DELIVERABLE)] == ["A diagram"]
    assert splice(source, [Rewrite(week, week.text)]) == source
    if week.text:
        after = splice(source, [Rewrite(week, "Other words")])
        assert weeks(after) == [(said[0], "Other words", said[2])]
        assert after == source.replace(said[1], "Other words", 1)


@pytest.mark.pure
@pytest.mark.parametrize(
    "heading",
    ["### Weekly notes", "### Weeks", "### Week one", "### Week 1.5: a", "### 第周", "#### 2 Week", "**Week** 1",
     "> ### Week 1: a"],
)  # fmt: skip
def test_what_is_no_week_is_none(heading: str) -> None:
    assert weeks(f"{WEEKS}{heading}\n\n- [ ] Measure\n") == []


@pytest.mark.pure
def test_phases_of_a_project_are_no_weeks() -> None:
    project = "## Project: b\n\n### Phase 1: Plan\n\n- [ ] c\n\n"
    source = f"# Month 1: a\n\n{project}## Portfolio\n\n### Phase 2: d\n\nwords\n"
    assert weeks(source) == []


@pytest.mark.pure
def test_weeks_with_a_sections_heading_stand_in_one_section() -> None:
    first, second = "## Week 1: b\n\n### Tasks\n\n- [ ] c\n\n", "## Week 2: d\n\n## Tasks\n\n- [ ] e\n\n"
    source = f"# Month 1: a\n\n{first}{second}## Success Criteria\n\n- [ ] f\n"
    tree = parse(source)
    sections = tree.children[0].children
    assert [(node.text, node.role) for node in sections] == [
        ("", Role.WEEKS),
        ("Success Criteria", Role.CRITERIA),
    ]
    assert [[task.text for task in week.find(Kind.TASK)] for week in sections[0].children] == [["c"], ["e"]]
    after = splice(source, [Insert(sections[0], Kind.WEEK, "More", sections[0].children[-1])])
    assert "## Week 3: More\n" in after
    assert len(weeks(after)) == 3


@pytest.mark.pure
@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("**Week 1: Keys**", "**Week 2: More**"),
        ("**Week 1**: Keys", "**Week 2**: More"),
        ("#### Week 1 – Keys", "#### Week 2 – More"),
        ("### 📅 Week 1: Keys", "### 📅 Week 2: More"),
        ("### Semana 1: Claves", "### Semana 2: More"),
        ("### 第1周：键", "### 第2周：More"),
    ],
)
def test_new_week_is_headed_like_its_neighbours(line: str, written: str) -> None:
    source = f"{WEEKS}{line}\n\n- [ ] Measure\n"
    section = parse(source).find(Kind.SECTION)[0]
    after = splice(source, [Insert(section, Kind.WEEK, "More", section.children[-1])])
    assert written in after.split("\n")
    assert parse(after).find(Kind.WEEK)[0].label == parse(source).find(Kind.WEEK)[0].label


TABLE = (
    "| Week | Topic | Tasks | Deliverables | Notes |\n|---|:--|---|---|---|\n"
    "| 1 | Keys | [ ] Measure<br>[x] Read | A diagram | Bring \\| tea |\n"
    "| Week 2: Queues | | - Fill one | | |\n"
)


@pytest.mark.pure
def test_table_of_weeks_is_read_line_by_line() -> None:
    source = f"# Month 1: a\n\n## Plan\n\n{TABLE}"
    tree = parse(source)
    assert weeks(source) == [("Week 1", "Keys", 1), ("Week 2", "Queues", 2)]
    first, second = tree.find(Kind.WEEK)
    assert [(node.text, node.checked) for node in first.find(Kind.TASK)] == [
        ("Measure", False),
        ("Read", True),
    ]
    assert [node.text for node in first.find(Kind.DELIVERABLE)] == ["A diagram"]
    assert [node.text for node in first.find(Kind.PROSE)] == ["**Notes**: Bring \\| tea"]
    assert [(node.text, node.checked) for node in second.find(Kind.TASK)] == [("Fill one", None)]
    assert [node for node in tree.find(Kind.PROSE) if "Topic" in node.text] == []
    for node in [first, *first.find(Kind.TASK, Kind.DELIVERABLE)]:
        after = splice(source, [Rewrite(node, "Other words")])
        assert after == source.replace(node.text, "Other words", 1)
    assert splice(source, [Tick(first.find(Kind.TASK)[0], True)]) == source.replace(
        "[ ] Measure", "[x] Measure"
    )
    assert splice(source, [Remove(second)]) == source.replace("| Week 2: Queues | | - Fill one | | |\n", "")
    with pytest.raises(Refused):
        splice(source, [Insert(first, Kind.TASK, "More")])
    with pytest.raises(Refused):
        splice(source, [Rewrite(first.find(Kind.TASK)[0], "a | b")])


@pytest.mark.pure
def test_table_that_speaks_of_anything_else_is_shown() -> None:
    for table in (
        "| Day | a |\n|---|---|\n| x | b |\n",
        "| Week | a |\n|---|---|\n| 1 | b |\n| later | c |\n",
    ):
        source = f"# Month 1: a\n\n## Plan\n\n{table}"
        assert weeks(source) == []
        assert table.strip() in [node.text for node in parse(source).find(Kind.PROSE)]


# Labels


@pytest.mark.pure
@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (label, kind)
        for words, kind in [
            (["Deliverables", "Outcome", "Outputs", "Entregables", "Resultados", "交付物", "产出"], Kind.DELIVERABLE),
            (["Tasks", "Practice", "Activities", "Tareas", "Ejercicios", "任务", "练习"], Kind.TASK),
        ]
        for word in words
        for label in (
            f"**{word}**:", f"**{word}:**", f"__{word}__:", f"**{word}**", f"{word}:", f"#### {word}",
            f"**🛠 {word}**：", f"##### **{word}:**",
        )
    ],
)  # fmt: skip
def test_label_is_read_in_every_manner_and_language(label: str, kind: Kind) -> None:
    box = "[ ] " if kind is Kind.TASK else ""
    source = f"{WEEKS}### Week 1: Keys\n\n{label}\n\n- {box}One\n- {box}Two\n\nWords.\n"
    week = parse(source).find(Kind.WEEK)[0]
    assert [node.text for node in week.find(kind)] == ["One", "Two"]
    assert [node.text for node in week.find(Kind.PROSE)] == ["Words."]
    after = splice(source, [Insert(week, kind, "Three", week.find(kind)[-1])])
    assert after == source.replace("Two\n", f"Two\n- {box}Three\n")
    assert (
        splice(source, [Remove(node) for node in week.find(kind)]) == f"{WEEKS}### Week 1: Keys\n\nWords.\n"
    )


@pytest.mark.pure
@pytest.mark.parametrize(
    "written",
    ["**Focus**: Staleness", "**Theme:** Staleness", "**Enfoque**: Staleness", "**重点**：Staleness",
     "#### Goal\n\nStaleness"],
)  # fmt: skip
def test_focus_is_read_in_every_manner_and_language(written: str) -> None:
    source = f"{WEEKS}### Week 1: Keys\n\n{written}\n\n- [ ] Measure\n"
    tree = parse(source)
    assert [node.text for node in tree.find(Kind.FOCUS)] == ["Staleness"]
    assert tree.find(Kind.PROSE) == []
    assert splice(source, [Rewrite(tree.find(Kind.FOCUS)[0], "Other")]) == source.replace(
        "Staleness", "Other"
    )


@pytest.mark.pure
def test_words_that_are_no_label_are_words() -> None:
    source = f"{WEEKS}### Week 1: Keys\n\nFor example:\n\n- a\n\n**Note**\n\n- b\n\n#### History\n\n- c\n"
    assert len(parse(source).find(Kind.PROSE)) == 1
    assert parse(source).findings == ()


# Boxes


@pytest.mark.pure
@pytest.mark.parametrize(
    ("item", "text", "checked"),
    [
        ("- [] a", "a", False),
        ("- [✔] a", "a", True),
        ("- [✅] a", "a", True),
        ("- [ x] a", "a", True),
        ("- [x ] a", "a", True),
        ("- [  ] a", "a", False),
        ("- [\u00a0] a", "a", False),
        ("- [ ]a", "a", False),
        ("- [x]a", "a", True),
        ("1. [ ] a", "a", False),
        ("* [x] a", "a", True),
        ("+ [ ] a", "a", False),
        ("-\t[ ]\ta", "a", False),
    ],
)
def test_box_is_read_and_ticked(item: str, text: str, checked: bool) -> None:
    source = f"{WEEKS}### Week 1: Keys\n\n{item}\n"
    (task,) = parse(source).find(Kind.TASK)
    assert (task.text, task.checked) == (text, checked)
    after = splice(source, [Tick(task, not checked)])
    (again,) = parse(after).find(Kind.TASK)
    assert (again.text, again.checked) == (text, not checked)
    assert after.split("[")[0] == source.split("[", maxsplit=1)[0]
    assert after.split("]")[1] == source.split("]")[1]
    assert splice(source, [Tick(task, checked)]) == source


@pytest.mark.pure
@pytest.mark.parametrize(
    "item", ["- [x](https://a.b) c", "- [a] b", "- [1]: c", "- [xx] a", "-[ ] a", "- \\[ ] a", "- [ ]"]
)
def test_brackets_that_are_no_box_are_words(item: str) -> None:
    assert parse(f"{WEEKS}### Week 1: Keys\n\n{item}\n").find(Kind.TASK) == []


@pytest.mark.pure
def test_plain_tasks_are_tasks_though_others_have_boxes() -> None:
    source = f"{WEEKS}### Week 1: Keys\n\n**Tasks**:\n- Measure\n- Read\n"
    assert [(node.text, node.checked) for node in parse(source).find(Kind.TASK)] == [
        ("Measure", None),
        ("Read", None),
    ]
    mixed = f"{WEEKS}### Week 1: Keys\n\n**Tasks**:\n- [ ] Measure\n- or read\n"
    assert texts(mixed, Kind.TASK) == ["Measure", "or read"]
    nested = f"{WEEKS}### Week 1: Keys\n\n**Tasks**:\n- [ ] Measure\n  - hits\n"
    assert texts(nested, Kind.TASK) == ["Measure"]
    with pytest.raises(Refused):
        splice(source, [Tick(parse(source).find(Kind.TASK)[0], True)])


# Whole texts


@pytest.mark.pure
@pytest.mark.parametrize("code", LANGUAGES)
def test_language_reads_its_own_words(code: str) -> None:
    words = LANGUAGES[code]

    def unit(word: str, number: int) -> str:
        return word.format(n=number) if "{n}" in word else f"{word} {number}"

    source = (
        f"# {unit(words.month.own[0], 3)}: A\n\n**{words.details['tier'].own[0]}**: 2\n\n"
        f"## {words.sections['objectives'].own[0]}\n\n1. b\n\n## {words.sections['weeks'].own[0]}\n\n"
        f"### {unit(words.week.own[0], 1)}: C\n\n**{words.labels['focus'].own[0]}**: d\n\n"
        f"**{words.labels['tasks'].own[0]}**:\n- [ ] e\n\n**{words.labels['deliverables'].own[0]}**:\n- f\n\n"
        f"## {words.sections['resources'].own[0]}\n\n- [g](https://a.b)\n\n## {words.sections['project'].own[0]}: H\n\n"
        f"**{words.sections['ideas'].own[0]}**:\n- i\n\n## {words.sections['criteria'].own[0]}\n\n- [ ] j\n"
    )
    tree = parse(source)
    assert tree.findings == ()
    said = {kind: [node.text for node in tree.find(kind)] for kind in Kind}
    assert said[Kind.MONTH] + said[Kind.OBJECTIVE] + said[Kind.WEEK] + said[Kind.FOCUS] == [
        "A",
        "b",
        "C",
        "d",
    ]
    assert said[Kind.TASK] + said[Kind.DELIVERABLE] + said[Kind.RESOURCE] == ["e", "f", "[g](https://a.b)"]
    assert said[Kind.PROJECT] + said[Kind.IDEA] + said[Kind.CRITERION] == ["H", "i", "j"]
    without = source.replace(f"**{words.labels['tasks'].own[0]}**:\n- [ ] e\n\n", "")
    week = parse(without).find(Kind.WEEK)[0]
    assert f"**{words.labels['tasks'].own[0]}**:\n- [ ] k\n" in splice(
        without, [Insert(week, Kind.TASK, "k")]
    )


@pytest.mark.pure
@pytest.mark.parametrize("unit", ["Module", "Phase", "Sprint", "Day", "Unit", "Week", "Módulo", "Unidad"])
def test_unit_of_a_title_is_kept(unit: str) -> None:
    month = parse(f"# {unit} 3: Caching\n\n- [ ] a\n").children[0]
    assert (month.unit, month.label, month.number, month.text) == (unit, f"{unit} 3", 3, "Caching")


@pytest.mark.pure
def test_weeks_as_titles_are_months_of_their_own() -> None:
    tree = parse("# Week 1: a\n\n## Day 1: b\n\n- [ ] c\n\n# Week 2: d\n\n- [ ] e\n")
    assert [(node.label, node.kind) for node in tree.children] == [
        ("Week 1", Kind.MONTH),
        ("Week 2", Kind.MONTH),
    ]
    assert [node.label for node in tree.find(Kind.WEEK)] == ["Day 1"]


@pytest.mark.pure
def test_settings_above_the_title_are_kept_and_not_shown() -> None:
    source = "---\ntitle: x\ntags:\n  - a\n---\n\n# Month 1: a\n\n- [ ] b\n"
    tree = parse(source)
    assert tree.find(Kind.PROSE) == []
    assert splice(source, [Tick(tree.find(Kind.TASK)[0], True)]) == source.replace("[ ]", "[x]")
    assert parse("---\n\n# Month 1: a\n\n---\n\n- [ ] b\n").findings == ()


@pytest.mark.pure
def test_same_month_twice_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        parse("# Month 1: a\n\n- [ ] b\n\n# Month 01: c\n\n- [ ] d\n")
    assert refused.value.line == 5


@pytest.mark.pure
def test_findings_say_line_and_column() -> None:
    tree = parse(f"{WEEKS}### Week 1: Keys\n\n**Tasks:**\n- [ ] a\n  - [✔] b\n")
    assert [(one.line, one.column, one.code) for one in tree.findings] == [
        (7, 8, "label-colon"),
        (9, 1, "nested-task"),
        (9, 5, "broken-box"),
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("label", "weeks"),
    [("Week 3", 1), ("Weeks 1-2", 2), ("Weeks 1 to 3", 3), ("第2-3周", 2), ("第二至四周", 3), ("Week 2-1", 1),
     ("Week 1-999999", 52)],
)  # fmt: skip
def test_range_lasts_as_many_weeks(label: str, weeks: int) -> None:
    assert lasting(label) == weeks


@pytest.mark.pure
def test_relabel_keeps_to_the_unit() -> None:
    source = "# Module 3: Caching\n\n## Week 1: a\n\n- [ ] b\n"
    month = parse(source).children[0]
    week: Node = month.find(Kind.WEEK)[0]
    assert splice(source, [Relabel(month, "Module 4")]).startswith("# Module 4: Caching")
    assert "## Week 2: a" in splice(source, [Relabel(week, "Week 2")])
    for label in ("Module", "Week 4", "Module 4: x", "📅 Module 4"):
        with pytest.raises(Refused):
            splice(source, [Relabel(month, label)])


@pytest.mark.pure
def test_refusal_has_an_example_that_the_parser_refuses() -> None:
    """Those without one need what is published, or the forms around a change."""
    kinds = refusals()
    for one in [*kinds["texts"], *kinds["files"]]:
        named = [f" refusal {one.refusal.code} " in line for line in one.said]
        assert named == [True] * bool(one.files), one.refusal.code
    said = {one.refusal.code for one in kinds["changes"] if one.said}
    assert said == CHANGES.keys()
    assert sum(bool(one.files) for one in kinds["files"]) == 4
    assert not REFUSALS.keys() & RULES.keys()


@pytest.mark.pure
def test_every_refusal_that_is_raised_has_an_entry_and_every_entry_is_raised() -> None:
    raised: set[str] = set()
    for path in (ROOT / "curriculum").rglob("*.py"):
        raised |= set(re.findall(r"(?:\brefused|\.refuse)\(\s*\"([a-z0-9-]+)\"", path.read_text()))
    assert raised == set(REFUSALS)


@pytest.mark.django_db
def test_page_explains_every_rule(client: Client) -> None:
    client.force_login(UserFactory.create())
    page = client.get(reverse("curriculum:markdown_help")).content.decode()
    for code in CODES:
        assert f'id="{code}"' in page
    for code in REFUSALS:
        assert page.count(f'id="{code}"') == 1
    assert "month-03.md:3:22: refusal not-utf-8 The file is not UTF-8" in page
    assert "%(" not in page
    for language in LANGUAGES.values():
        assert language.name in page
