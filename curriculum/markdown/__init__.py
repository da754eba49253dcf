"""Months as Markdown: text in, text out. Nothing here knows a table of the database.

`parse(source)` gives the tree of what a text says; every node knows the lines and characters it came from.
`splice(source, edits)` gives the same text with only the edited places rewritten, in the manner of their neighbours.

The tree, each level in the document's order:

    DOCUMENT                    findings; prose above the title
      MONTH                     text "System Design", label "Month 08", unit "Month", number 8
        DETAIL                  label "Tier", text "2 (Specialization)": any key, straight below the title
        PROSE                   what stands before the first section
        SECTION                 a ## heading: text as written, role
          OBJECTIVE RESOURCE CRITERION LINK    by the section's role
          TASK                  a check box anywhere outside the weeks: a requirement
          WEEK                  text "ML System Components", label "Week 1", unit "Week", number 1
            FOCUS               label "Focus"
            TASK                a check box under any label, or none
            DELIVERABLE         an item under "Deliverables", with a box or without
            PROSE
          GROUP                 any other ### heading, text and label alike: holds items and prose
          PROJECT               the one child of a section with the role "project": text without "Project:"
            IDEA                an item of a list or group that speaks of ideas; below "## Project Ideas" every item
                                of a list without label, and every ### heading (level 3) with prose as children
            TASK GROUP PROSE
          PROSE

- Requirements may stand in a group or a project: `section.find(Kind.TASK)` finds them at any depth.
- An item's own text is its first paragraph. What else stands in it are its children: PROSE, and each nested check box
  as a TASK (in success criteria: a CRITERION) of its own. `week.find(Kind.TASK)` includes the nested ones.
- An item's `label` is the label of its list ("Tasks"), else the heading of its group ("Books").
- Boxes between the title and the first ## stand in a SECTION with level 0 and no text.
- PROSE is everything that is nobody's, as Markdown, one node for each run of lines. A label line such as "**Tasks**:"
  is part of the prose only when no item came of its list. Rules between sections are nobody's, and in no node.
- A heading deeper than ### is prose.
"""

from .damage import repaired
from .dashboards import is_dashboard, line_of_month
from .edits import Edit, Insert, Move, Relabel, Remove, Reorder, Rewrite, Tick, as_written
from .headings import detail_kind, language_of, lasting
from .lines import read
from .parsing import parse
from .refusals import refused
from .rendering import Measured, prices, render, render_inline, render_measured, rendered_lines
from .splicing import splice
from .tree import ITEMS, Finding, Kind, Node, Refused, Role, Severity, Shape, shape

__all__ = [
    "ITEMS",
    "Edit",
    "Finding",
    "Insert",
    "Kind",
    "Measured",
    "Move",
    "Node",
    "Refused",
    "Relabel",
    "Remove",
    "Reorder",
    "Rewrite",
    "Role",
    "Severity",
    "Shape",
    "Tick",
    "as_written",
    "detail_kind",
    "is_dashboard",
    "language_of",
    "lasting",
    "line_of_month",
    "parse",
    "prices",
    "read",
    "refused",
    "render",
    "render_inline",
    "render_measured",
    "rendered_lines",
    "repaired",
    "shape",
    "splice",
]
