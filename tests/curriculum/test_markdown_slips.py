"""What is nearly the dialect is never kept without a word; and what is meant as it stands gets none."""

from pathlib import Path

import pytest

from curriculum.markdown import Kind, Refused, Remove, Rewrite, Severity, Tick, parse, read, splice
from curriculum.markdown.slips import SLIPS, apart, nearly_box
from curriculum.models import Document
from curriculum.remarks import remarks_on

pytestmark = pytest.mark.pure

SHARED = Path(__file__).parents[3] / "shared" / "curricula"
MONTH = "# Month 03: Caching\n\n- [ ] Measure\n\n"
WEEK = "# Month 03: Caching\n\n## Weekly Breakdown\n\n### Week 1: Keys\n\n- [ ] Measure\n\n"
DEMO = Path(__file__).parents[2] / "progress" / "demo" / "curriculum"
SLIPS_OF_THE_PEN = {"title-nearly", "name-nearly", "number-lacking", "label-nearly", "no-list", "unknown-box"}


def said(source: str, code: str) -> list[tuple[int, str]]:
    return [(one.line, one.done) for one in parse(source).findings if one.code == code]


def codes(source: str) -> set[str]:
    return {one.code for one in parse(source).findings}


@pytest.mark.parametrize(("one", "two", "letters"), [
    ("a", "a", 0), ("taks", "task", 1), ("sucess", "success", 1), ("recources", "resources", 1),
    ("objectives", "objetivos", 2), ("lectures", "resources", 3), ("ab", "abcdef", 3), ("criteria", "criterion", 2),
])  # fmt: skip
def test_letters_apart_are_counted_up_to_a_limit(one: str, two: str, letters: int) -> None:
    assert apart(one, two) == apart(two, one) == min(letters, SLIPS + 1)


# Titles


@pytest.mark.parametrize(("title", "meant"), [
    ("Sucess Criteria", "Success Criteria"), ("Succes Criterias", "Success Criteria"),
    ("Criteria of Success", "Success Criteria"), ("Success Criteria Checklist", "Success Criteria"),
    ("Criteria", "Success Criteria"), ("Criterios", "Criterios de éxito"), ("Objetives", "Objectives"),
    ("Recources", "Resources"), ("Porject: A cache", "Project"), ("Weekly Brekdown", "Weekly Breakdown"),
    ("Criterios de exito", "Criterios de éxito"), ("📚 **Resurces**:", "Resources"),
])  # fmt: skip
@pytest.mark.parametrize("item", ["- [ ] One\n", "1. One\n", "### Group\n\n- One\n"])
def test_title_that_is_nearly_a_known_one_is_asked_for(title: str, meant: str, item: str) -> None:
    source = f"{MONTH}## {title}\n\n{item}"
    ((line, done),) = said(source, "title-nearly")
    assert (line, f"“{meant}”" in done) == (5, True)
    assert parse(source).find(Kind.SECTION)[-1].role == "other"
    assert codes(f"{MONTH}## {title}\n\nOnly words.\n") & SLIPS_OF_THE_PEN == set()


@pytest.mark.parametrize("title", [
    "Key Resources", "Plan", "Reading", "Learning", "Lectures", "Projects", "Portfolio", "Notes", "Ideas", "Success",
    "Calendar", "Extras", "Sources", "Setup", "Recipes", "Objections", "Safety", "Repertoire", "Next Steps", "目录",
])  # fmt: skip
def test_title_of_its_own_is_not_asked_for(title: str) -> None:
    assert codes(f"{MONTH}## {title}\n\n- One\n") & SLIPS_OF_THE_PEN == set()


# Names


@pytest.mark.parametrize(("heading", "meant"), [
    ("### Wek 2: Queues", "Week 2"), ("### Week Two: Queues", "Week 2"), ("### Week II", "Week 2"),
    ("## Week Three", "Week 3"), ("### Semana dos: Colas", "Semana 2"), ("### Sematna 2: Colas", "Semana 2"),
    ("**Week Two: Queues**", "Week 2"), ("### Week I", "Week 1"),
])  # fmt: skip
def test_heading_that_is_nearly_a_week_is_asked_for(heading: str, meant: str) -> None:
    ((line, done),) = said(f"{WEEK}{heading}\n\n- [ ] Fill one\n", "name-nearly")
    assert (line, f"“{meant}”" in done) == (9, True)


@pytest.mark.parametrize("heading", [
    "### Step 2", "### Geek 2", "### Week I think", "### Weekly one", "### Notes 2", "### Week of queues", "## Part II",
])  # fmt: skip
def test_heading_of_its_own_is_not_asked_for(heading: str) -> None:
    assert codes(f"{WEEK}{heading}\n\n- [ ] Fill one\n") & SLIPS_OF_THE_PEN == set()


@pytest.mark.parametrize(("title", "code"), [
    ("# Month IV: Data", "name-nearly"), ("# Mnth 4: Data", "name-nearly"), ("# Module Two: Data", "name-nearly"),
    ("# Month: Data", "number-lacking"), ("# Mes: Datos", "number-lacking"),
])  # fmt: skip
def test_title_that_is_nearly_a_months_is_asked_for(title: str, code: str) -> None:
    assert [one.line for one in parse(f"{title}\n\n- [ ] Read\n").findings if one.code == code] == [1]
    assert [line for line, _done in said(f"{MONTH}# Month IV: Data\n\n- [ ] Read\n", "name-nearly")] == [5]
    assert codes("# The month of data\n\n- [ ] Read\n") == set()


def test_heading_without_a_blank_is_read_and_stays_as_it_is() -> None:
    week = "###Week 2: Keys\n\n- [ ] Read\n\n"
    source = f"#Month 3: Caching\n\n##Weekly Breakdown\n\n{week}##Success Criteria\n\n- [ ] Met\n"
    tree = parse(source)
    assert [(node.label, node.text) for node in tree.find(Kind.MONTH, Kind.WEEK)] == [
        ("Month 3", "Caching"),
        ("Week 2", "Keys"),
    ]
    assert len(tree.find(Kind.CRITERION)) == 1
    assert codes(source) == {"heading-glued"}
    assert splice(source, [Rewrite(tree.find(Kind.WEEK)[0], "Locks")]) == source.replace("Keys", "Locks")
    for fine in ("###Week 2\n", "#caching #keys"):
        assert codes(f"{MONTH}```\n{fine}\n```\n") == set()
    assert codes(f"{MONTH}#caching #keys\n") == set()


def test_bold_week_above_a_line_of_dashes_is_a_week() -> None:
    weeks = "".join(f"**Semana {n} — Colas**\n---\n\n**Tareas**:\n- [ ] Leer\n\n" for n in (1, 2))
    source = f"# Mes 3: Colas\n\n## Plan semanal\n\n{weeks}"
    tree = parse(source)
    assert [(week.label, week.text, len(week.find(Kind.TASK))) for week in tree.find(Kind.WEEK)] == [
        ("Semana 1", "Colas", 1),
        ("Semana 2", "Colas", 1),
    ]
    assert "week-level" in codes(source)
    assert [line for line, _done in said(f"{WEEK}**Bring**: tea\n---\n", "heading-by-rule")] == [9]
    assert codes(f"{WEEK}Notes\n---\n\nWords.\n") == set()


def test_number_that_is_there_twice_is_named_with_its_line() -> None:
    week = "### Week 1: Keys\n\n- [ ] Measure\n\n"
    source = f"# Month 3: Caching\n\n## Weekly Breakdown\n\n{week}### Week 2: a\n\n{week}"
    assert said(source, "number-order") == []
    ((line, done),) = said(source, "number-twice")
    assert (line, "line 5" in done) == (11, True)


# Labels


@pytest.mark.parametrize(
    "label", ["Deliverables", "Deliverable", "Entregables", "**Deliverable(s)**:", "Output(s):"]
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_label_alone_above_a_list_is_read(label: str, gap: str) -> None:
    source = f"{WEEK}{label}{gap}- A diagram\n- A list\n"
    tree = parse(source)
    first, second = tree.find(Kind.DELIVERABLE)
    assert (first.text, second.text) == ("A diagram", "A list")
    assert tree.find(Kind.PROSE) == []
    assert splice(source, [Remove(first), Remove(second)]) == WEEK.rstrip("\n") + "\n"
    assert parse(f"{WEEK}{label}\n").find(Kind.DELIVERABLE) == []


@pytest.mark.parametrize("line", ["Entregable: un contrato", "**Deliverable**: a diagram", "Tasks: read it"])
def test_label_with_its_item_behind_the_colon_is_said(line: str) -> None:
    assert [at for at, _done in said(f"{WEEK}{line}\n", "label-with-item")] == [9]
    assert codes(f"{WEEK}**Focus**: keys\n\nNote: tasks are hard\n") == set()


@pytest.mark.parametrize("label", ["**Deliverbles**:", "**Deliverbles**", "Deliverbles:", "Deliverbles"])
def test_label_that_is_nearly_a_known_one_is_asked_for(label: str) -> None:
    ((line, done),) = said(f"{WEEK}{label}\n- A diagram\n", "label-nearly")
    assert (line, "“Deliverables”" in done) == (9, True)


def test_list_under_another_label_is_said_to_be_text() -> None:
    assert [line for line, _done in said(f"{WEEK}**Resultados esperados**:\n- Uno\n", "list-kept")] == [9]
    for fine in ("**Resultados esperados**:\n- [ ] Uno\n", "For example:\n- One\n", "**Note**: words\n"):
        assert codes(WEEK + fine) == set()


# Boxes


@pytest.mark.parametrize("line", [
    "– [ ] x", "— [x] x", "• [ ] x", "· [ ] x", "-[ ] x", "*[x] x", "[ ] x", "2. [ ] x", "- ☐ x", "- ☑ x", "- ✅ x",
    "☐ x", "- [v] x", "- [done] x", "- [-] x", "- [] x", "•[x] x", "1.[ ] x", "- [Hecho] x",
])  # fmt: skip
@pytest.mark.parametrize("above", ["", "- [ ] Another\n", "- Another\n", "Words\n"])
def test_box_is_read_or_said(line: str, above: str) -> None:
    source = f"{WEEK}Words.\n\n{above}{line}\n"
    tree = parse(source)
    at = source.count("\n") - 1
    is_read = any(node.first == at and node.box for node in tree.find(Kind.TASK))
    assert is_read != any(
        one.line == at + 1 and one.severity is Severity.WARNING and one.code in {"no-list", "unknown-box"}
        for one in tree.findings
    )


@pytest.mark.parametrize("line", [
    "- [x](https://a.b) c", "- [a] b", "- [1]: c", "- \\[ ] a", "[1] Lamport, 1978", "- ✂ cut", "> – [ ] a", "✅ Done",
    "`– [ ] a`", "words – [ ] a",
])  # fmt: skip
def test_line_that_is_no_box_is_not_said(line: str) -> None:
    assert nearly_box(line) == ""
    assert codes(f"{WEEK}Words.\n\n{line}\n") == set()
    for code in (f"```\n{line}\n– [ ] x\n```\n", "<div>\n– [ ] x\n</div>\n"):
        assert codes(WEEK + code) == set()


def test_cell_is_cut_before_each_box_and_is_not_told_to_be_a_list() -> None:
    head = "# Month 1: a\n\n## Weekly Breakdown\n\n| Week | Tasks |\n|---|---|\n"
    source = f"{head}| 1 | - [ ] Measure; - [x] Read |\n"
    first, second = parse(source).find(Kind.TASK)
    assert [(one.text, one.checked) for one in (first, second)] == [("Measure", False), ("Read", True)]
    assert splice(source, [Tick(first, True)]) == source.replace("[ ]", "[x]")
    assert splice(source, [Rewrite(second, "Write")]) == source.replace("Read", "Write")
    (warned,) = [one for one in parse(f"{head}| 1 | Measure |\n").findings if one.code == "cell-without-box"]
    assert (warned.line, warned.column) == (7, 7)
    assert "- [ ]" not in warned.done


# Whole files


def test_real_months_get_no_such_remark() -> None:
    places = [*SHARED.rglob("month-*.md"), *SHARED.rglob("month-*/*.md"), *DEMO.rglob("month-*/*.md")]
    assert len(places) >= 3
    for path in places:
        assert codes(read(path.read_bytes())) & SLIPS_OF_THE_PEN == set(), path


@pytest.mark.parametrize(("data", "code", "words"), [
    (b"", "empty", "The file is empty."), (b"\xef\xbb\xbf \r\n", "empty", "empty"),
    ("# Month 1: a".encode("utf-16"), "not-text", "UTF-16"), ("# Month 1: a".encode("utf-16-le"), "not-text", "UTF-16"),
    ("# Mês 1".encode("utf-16-be"), "not-text", "UTF-16"), (b"\x89PNG\r\n\x1a\n\0\0", "not-text", "a picture"),
    (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "not-text", "a PDF"), (b"\xe9t\xe9", "not-text", "save it as UTF-8"),
    (b"\x7fELF\x02\0\xff", "not-text", "save it as UTF-8"), (b"# caf\xe9", "not-utf-8", "Save it as UTF-8"),
    (b"# Month 1: a\0", "nul-character", "NUL"),
])  # fmt: skip
def test_file_that_is_no_text_is_called_so(data: bytes, code: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert (refused.value.code, words in refused.value.reason) == (code, True)


def test_month_in_a_dashboard_is_said_at_its_line() -> None:
    dashboard = "# Caches\n\n- [Month 01](month-01/README.md)\n- [Month 02](month-02/README.md)\n"
    assert remarks_on(dashboard, Document.Kind.DASHBOARD) == []
    (remark,) = remarks_on(f"{dashboard}\n# Month 12: More\n", Document.Kind.DASHBOARD)
    assert (remark.line, remark.code, remark.severity) == (6, "no-dashboard", Severity.REFUSAL)
    (remark,) = remarks_on("# Caches\n", Document.Kind.DASHBOARD)
    assert (remark.line, remark.code) == (1, "no-dashboard")
