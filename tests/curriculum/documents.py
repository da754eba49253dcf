"""Made-up months as Markdown, in every way that people write them."""

from typing import Any

from hypothesis import strategies as st

WORDS = [
    "Learn",
    "caching",
    "`a [ ] b`",
    "*well*",
    "[link](../x.md)",
    "é",
    "数据",
    "a_b",
    "C#",
    "x: y",
    "1.",
    "-",
    "#",
    "\\*",
]

words = st.lists(st.sampled_from(WORDS), max_size=3).map(lambda some: " ".join(["Do", *some]))
hostile = st.one_of(
    words,
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12),
    st.text("-+*#>[]x `~=|_:.1)<\\ \tab&!(", min_size=1, max_size=12),
    st.sampled_from(
        [
            "- a",
            "# a",
            "1. a",
            "1)",
            "---",
            "[ ] a",
            "[x] a",
            "> a",
            "```",
            "~~~ a",
            "<div>",
            "<!-- a",
            "<?",
            "***",
            "===",
            "a #",
            "#",
            "    a",
            "| a |",
            "[a]: b",
            "\\",
            "a\\",
            "**Tasks**:",
            "Week 1: a",
            "+",
            "<http://a.b>",
        ]
    ),
).filter(lambda text: bool(text.strip()) and bool(text.strip(" \t\n\r")))


PARAGRAPHS = [
    "Some words.",
    "Two lines\nof words.",
    "| a | b |\n|---|---|\n| - [ ] c | d |",
    "```\n- [ ] no task\n# no title\n```",
    "> - [ ] said\n> so",
    "- plain\n- bullets",
    "1. step\n2. step",
    "[ref]: http://a.b",
    "<div>\n- [ ] raw\n</div>",
    "    code",
    "#### Deeper",
    "a\n\nb",
]


@st.composite
def items(draw: Any, marker: str, least: int = 1, rich: bool = True) -> str:
    """A list of items in one manner: their marker, tight or loose, some with more than one line."""
    loose = draw(st.booleans())
    lines = []
    for number in range(1, draw(st.integers(least, 4)) + 1):
        bullet = marker.replace("N", str(number))
        pad = " " * (len(bullet.partition("[")[0]) if "[" in bullet else len(bullet))
        text = bullet + draw(words)
        if rich:
            text += draw(
                st.sampled_from(
                    [
                        "",
                        "",
                        "",
                        "",
                        "  ",
                        f"\n{pad}and more",
                        "\nlazy words",
                        f"\n{pad}- nested",
                        f"\n{pad}- [ ] small step\n{pad}- [x] another",
                        f"\n\n{pad}A paragraph.",
                    ]
                )
            )
        lines.append(text)
    return ("\n\n" if loose else "\n").join(lines)


LABELS = ["**{}**:", "**{}**:", "**{}:**", "**{}**", "{}:", "#### {}", "__{}__:", "**📌 {}**："]
TASKS, DELIVERABLES = (
    ["Tasks", "Practice", "Tareas", "任务"],
    ["Deliverables", "Outcome", "Entregables", "交付物"],
)
HEADINGS = [
    *["### Week {n}: {words}"] * 5, "## Week {n}: {words}", "#### Week {n} – {words}", "**Week {n}: {words}**",
    "**Week {n}**: {words}", "### 📅 Week {n}: {words}", "### **Week {n}**: {words}", "### Week {n} {words}",
    "### Weeks {n}-9: {words}", "### Semana {n}: {words}", "### 第{n}周：{words}", "Week {n}: {words}\n---",
]  # fmt: skip
BOXES = [
    *["{dot} [ ] "] * 3, "{dot} [x] ", "N. [ ] ", "{dot} [] ", "{dot} [✔] ", "{dot} [ x] ", "{dot} [\u00a0] ", "{dot} ",
]  # fmt: skip


def labelled(label: str, manner: str, gap: bool) -> str:
    return manner.format(label) + ("\n\n" if gap or manner.startswith("#") else "\n")


@st.composite
def weeks(draw: Any) -> list[str]:
    heading, manner = draw(st.sampled_from(HEADINGS)), draw(st.sampled_from(LABELS))
    colon, gap, dot = draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from("-*+"))
    focus = "**Focus:**" if colon else "**Focus**:"
    blocks = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        blocks.append(heading.format(n=number, words=draw(words)))
        if draw(st.booleans()):
            blocks.append(f"{focus} {draw(words)}" + draw(st.sampled_from(["", "\nand on"])))
        if draw(st.booleans()):
            blocks.append(draw(st.sampled_from(PARAGRAPHS)))
        if draw(st.booleans()):
            blocks.append(
                labelled(draw(st.sampled_from(TASKS)), manner, gap)
                + draw(items(draw(st.sampled_from(BOXES)).format(dot=dot)))
            )
        if draw(st.booleans()):
            blocks.append(
                labelled(draw(st.sampled_from(DELIVERABLES)), manner, gap)
                + draw(items(draw(st.sampled_from([f"{dot} ", "N. "]))))
            )
        if draw(st.booleans()):
            blocks.append(
                draw(
                    st.sampled_from([*PARAGRAPHS, "**Reading**:\n- a book", "**More**:\n- [ ] box\n- plain"])
                )
            )
    return blocks


@st.composite
def sections(draw: Any) -> list[list[str]]:
    some: list[list[str]] = []
    if draw(st.booleans()):
        some.append(["## Objectives", draw(items(draw(st.sampled_from(["N. ", "- ", "1. "]))))])
    if draw(st.booleans()):
        some.append(["## Weekly Breakdown", *draw(weeks())])
    if draw(st.booleans()):
        groups = [
            part
            for name in draw(st.lists(st.sampled_from(["Books", "Papers", "Tools"]), unique=True))
            for part in (f"### {name}", draw(items("- ")))
        ]
        some.append(["## Resources", *groups])
    if draw(st.booleans()):
        heading = draw(st.sampled_from(["## Project: Build it", "## Project", "## Project Ideas"]))
        some.append(
            [
                heading,
                "Build:\n1. one\n2. two" if "Ideas" not in heading else "Choose:",
                draw(st.sampled_from(["", "**System ideas**:\n"])) + draw(items("- ", rich=False)),
            ]
        )
    if draw(st.booleans()):
        some.append(
            [
                draw(st.sampled_from(["## Extra", "## Portfolio", "Setext\n------"])),
                draw(st.sampled_from(PARAGRAPHS)),
                draw(items(draw(st.sampled_from(["- [ ] ", "* "])))),
            ]
        )
    if draw(st.booleans()):
        some.append(["## Success Criteria", draw(items(draw(st.sampled_from(["- [ ] ", "- ", "N. [x] "]))))])
    if draw(st.booleans()):
        some.append(
            ["## Navigation", "- [Previous: Month 07](../month-07/README.md)\n- [Dashboard](../README.md)"]
        )
    return some


@st.composite
def documents(draw: Any) -> str:
    details = "\n".join(
        f"**{name}**: {draw(words)}"
        for name in draw(st.lists(st.sampled_from(["Tier", "Duration", "Status", "Level"]), unique=True))
    )
    title = draw(
        st.sampled_from(
            [*["# Month 08: "] * 5, "# Module 8: ", "# 📘 Month 8 – ", "# Mes 8: ", "# 第8个月："]
        )
    )
    parts = [[title + draw(words), *([details] if details else [])], *draw(sections())]
    gap = draw(st.sampled_from(["\n\n", "\n\n", "\n\n\n"]))
    rule = gap + draw(st.sampled_from(["---", "***"])) + gap if draw(st.booleans()) else gap
    text = rule.join(gap.join(part) for part in parts)
    text += draw(st.sampled_from(["", "\n", "\n\n", "\n---\n" if text.endswith(")") else "\n"]))
    style = draw(st.sampled_from(["\n", "\n", "\r\n", "mixed"]))
    if style == "mixed":
        lines = text.split("\n")
        text = "".join(line + draw(st.sampled_from(["\n", "\r\n"])) for line in lines[:-1]) + lines[-1]
    else:
        text = text.replace("\n", style)
    return draw(st.sampled_from(["", "", "\ufeff"])) + text
