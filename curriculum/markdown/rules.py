"""What is read although it is written differently from the dialect: one rule for each code that a finding can have."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .tree import Severity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Rule:
    """One way of writing, what is made of it, and an example."""

    code: str
    severity: Severity
    title: "_StrPromise"
    done: "_StrPromise"
    """The sentence of a finding; it may name the finding's facts as %(name)s."""
    example: str
    """A text, or its part below a title, in which the rule is met. It is shown as it is read."""


NOTE, WARNING = Severity.NOTE, Severity.WARNING
TASK = "\n\n**Tasks**:\n- [ ] Measure the cache\n"

RULES = {
    one.code: one
    for one in [
        Rule(
            "unit-word",
            NOTE,
            _("Module, Phase, Sprint, Day or Unit instead of Month"),
            _("Read as a month; pages call it “%(label)s”."),
            "# Module 3: Caching\n\n## Weekly Breakdown\n\n### Week 1: Invalidation" + TASK,
        ),
        Rule(
            "week-level",
            NOTE,
            _("A week's heading at another level"),
            _("Read as a week; the dialect has “### Week 1: title”."),
            "## Week 1: Invalidation" + TASK,
        ),
        Rule(
            "week-bold",
            NOTE,
            _("A week's heading in bold, without #"),
            _("Read as a week; the dialect has “### Week 1: title”."),
            "## Weekly Breakdown\n\n**Week 1: Invalidation**" + TASK,
        ),
        Rule(
            "heading-bold",
            NOTE,
            _("A heading with bold words"),
            _("Read without the bold marks."),
            "## Weekly Breakdown\n\n### **Week 1: Invalidation**" + TASK,
        ),
        Rule(
            "heading-picture",
            NOTE,
            _("A picture before a name"),
            _("Read as “%(label)s”; the picture stays in the text and is not shown."),
            "## Weekly Breakdown\n\n### 📅 Week 1: Invalidation" + TASK,
        ),
        Rule(
            "heading-separator",
            NOTE,
            _("A dash, a dot or nothing instead of the colon after a name"),
            _("Read as “%(label)s” with the title “%(title)s”."),
            "## Weekly Breakdown\n\n### Week 1 – Invalidation" + TASK,
        ),
        Rule(
            "week-range",
            NOTE,
            _("A range of weeks"),
            _("Read as one week that is called “%(label)s”."),
            "## Weekly Breakdown\n\n### Weeks 1-2: Invalidation" + TASK,
        ),
        Rule(
            "week-table",
            NOTE,
            _("A table of weeks"),
            _("Each line is read as a week. What stands in a table is edited in the text."),
            "## Weekly Breakdown\n\n| Week | Topic | Tasks | Deliverables |\n|---|---|---|---|\n"
            "| 1 | Invalidation | [ ] Measure the cache<br>[ ] Read the paper | A diagram |\n",
        ),
        Rule(
            "number-order",
            WARNING,
            _("Numbers out of order"),
            _("It comes after “%(before)s”. Read in the order of the text; the dates follow it."),
            "## Weekly Breakdown\n\n### Week 2: Invalidation\n\n- [ ] Measure\n\n### Week 1: Keys\n\n- [ ] Name them\n",
        ),
        Rule(
            "number-twice",
            WARNING,
            _("The same number twice"),
            _(
                "It is there twice: line %(there)d has the same number. Both are read, in the order of the text."
            ),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n- [ ] Measure\n\n### Week 1: Keys\n\n- [ ] Name them\n",
        ),
        Rule(
            "name-nearly",
            WARNING,
            _("A name that is nearly that of a week or a month"),
            _("Did you mean “%(meant)s”? It is read as a heading like any other."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n- [ ] Measure\n\n### Wek 2: Keys\n\n- [ ] Name them\n",
        ),
        Rule(
            "number-lacking",
            WARNING,
            _("A title without its number"),
            _("Read as a title without number. Write it as “%(unit)s 1: …”, with the number that it has."),
            "# Month: Caching\n\n- [ ] Measure the cache\n",
        ),
        Rule(
            "heading-glued",
            NOTE,
            _("A heading without a blank behind its #"),
            _("Read as a heading; other programs show it as words. Put a blank behind the #."),
            "## Weekly Breakdown\n\n###Week 1: Invalidation\n\n- [ ] Measure the cache\n",
        ),
        Rule(
            "heading-by-rule",
            WARNING,
            _("Words straight above a line of dashes"),
            _(
                "Markdown reads them as a heading, and so they are read here. Put an empty line above the dashes."
            ),
            "## Objectives\n\n1. Say what a cache costs\n\n**Bring**: a laptop\n---\n\n- [ ] Measure the cache\n",
        ),
        Rule(
            "title-nearly",
            WARNING,
            _("A title that is nearly a known one"),
            _("Did you mean “%(meant)s”? It is kept as a section of its own."),
            "## Sucess Criteria\n\n- [ ] The cache is measured\n",
        ),
        Rule(
            "section-words",
            NOTE,
            _("Other words for a section"),
            _("Read as the section “%(own)s”."),
            "## Definition of Done\n\n- [ ] The cache is measured\n",
        ),
        Rule(
            "section-level",
            NOTE,
            _("A section with one #"),
            _("Read as a section of the month above; the dialect has “## ”."),
            "# Success Criteria\n\n- [ ] The cache is measured\n",
        ),
        Rule(
            "label-colon",
            NOTE,
            _("The colon inside the bold marks"),
            _("Read as a label; a new one is written in the same manner."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks:**\n- [ ] Measure the cache\n",
        ),
        Rule(
            "label-no-colon",
            NOTE,
            _("A label without a colon"),
            _("Read as a label."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Deliverables**\n- A diagram\n",
        ),
        Rule(
            "label-plain",
            NOTE,
            _("A label that is not in bold"),
            _("Read as a label."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\nDeliverables:\n- A diagram\n",
        ),
        Rule(
            "label-heading",
            NOTE,
            _("A label as a heading"),
            _("Read as the label of what stands below it."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n#### Deliverables\n\n- A diagram\n",
        ),
        Rule(
            "label-words",
            NOTE,
            _("Other words for a label"),
            _("Read as the label of %(kind)s."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Activities**:\n- [ ] Measure the cache\n",
        ),
        Rule(
            "label-nearly",
            WARNING,
            _("A label that is nearly a known one"),
            _("Did you mean “%(meant)s”? As it stands, it is no label that is known here."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Deliverbles**:\n- A diagram\n",
        ),
        Rule(
            "label-with-item",
            WARNING,
            _("A label with its item behind the colon"),
            _("Kept as text: nobody can tick it or hand it in. Write the item below the label, in a list."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Deliverable**: a diagram of the cache\n",
        ),
        Rule(
            "list-kept",
            NOTE,
            _("A list under a label that has no meaning here"),
            _("Its items are kept as text; pages show them as they are."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Expected results**:\n- Fewer misses\n",
        ),
        Rule(
            "bullet",
            NOTE,
            _("A star or a plus as bullet"),
            _("Read as an item; a new one gets the bullet of its neighbours."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks**:\n* [ ] Measure the cache\n",
        ),
        Rule(
            "numbered-box",
            NOTE,
            _("Numbers before check boxes"),
            _("Read as an item with a check box."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks**:\n1. [ ] Measure the cache\n",
        ),
        Rule(
            "nested-task",
            NOTE,
            _("A check box below another item"),
            _("Read as a task of its own, shown below the other."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks**:\n- [ ] Measure the cache\n  - [ ] Warm\n",
        ),
        Rule(
            "broken-box",
            WARNING,
            _("A check box that Markdown does not know"),
            _("Read as a check box; write “[ ]” or “[x]” and a blank."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks**:\n- [] Measure the cache\n- [✔] Read\n",
        ),
        Rule(
            "tasks-without-box",
            WARNING,
            _("Tasks without check boxes"),
            _(
                "Read as tasks to tick; a copy with a learner's ticks cannot show them. Write “- [ ] ” before each."
            ),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n**Tasks**:\n- Measure the cache\n- Read the paper\n",
        ),
        Rule(
            "cell-without-box",
            WARNING,
            _("Tasks without check boxes in a table"),
            _(
                "Read as tasks to tick; a copy with a learner's ticks cannot show them. Write “[ ] ” before each in "
                "the cell, and “<br>” between them."
            ),
            "## Weekly Breakdown\n\n| Week | Topic | Tasks |\n|---|---|---|\n| 1 | Keys | Measure the cache |\n",
        ),
        Rule(
            "no-list",
            WARNING,
            _("A check box in no list: another dash, or a dash without a blank behind it"),
            _("Markdown reads this as words, so it is shown as words. Write “- [ ] ” on a line of its own."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n-[ ] Measure the cache\n",
        ),
        Rule(
            "unknown-box",
            WARNING,
            _("A sign or a word in place of a check box"),
            _(
                "Not read as a check box, and shown as it stands. Write “- [ ] ”, or “- [x] ” where it is done."
            ),
            "## Notes\n\n- ☐ Measure the cache\n- [done] Read the paper\n",
        ),
        Rule(
            "several-months",
            NOTE,
            _("Several months in one text"),
            _("Read as %(count)d months; they stay one file."),
            "# Month 01: Caching\n\n- [ ] Measure the cache\n\n# Month 02: Queues\n\n- [ ] Fill one\n",
        ),
        Rule(
            "front-matter",
            NOTE,
            _("Settings above the title, between two lines of dashes"),
            _("Kept in the text and not shown."),
            "---\nlayout: page\n---\n\n# Month 03: Caching\n\n- [ ] Measure the cache\n",
        ),
        Rule(
            "link-without-month",
            NOTE,
            _("A link in the navigation that names no month"),
            _("Shown as it is: it leads to no month here."),
            "## Navigation\n\n- [Next](../next/README.md)\n",
        ),
        Rule(
            "open-fence",
            WARNING,
            _("A block that is never closed"),
            _("It is never closed; it was read up to the end of the text."),
            "## Weekly Breakdown\n\n### Week 1: Invalidation\n\n- [ ] Measure the cache\n\n```\nhits / all\n",
        ),
        Rule(
            "damaged-text",
            WARNING,
            _("Letters damaged by a wrong decoding"),
            _(
                "The letters were damaged by a wrong decoding. They are kept as they are; put the repair into the text."
            ),
            "**Status**: ‚è≥ Upcoming\n\n- [ ] Measure the cache\n",
        ),
        Rule(
            "long-line",
            WARNING,
            _("A line of more than 10,000 characters"),
            _("Shown as plain words, without links or emphasis."),
            "",
        ),
    ]
}
"""In the order of the page that explains them."""


def whole(example: str) -> str:
    """An example below a title, where it has none."""
    return example if "# M" in example or example.startswith("---") else f"# Month 03: Caching\n\n{example}"
