"""What is refused, and in which words: one entry for each code that a refusal can have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from .tree import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Refusal:
    """One kind of refusal."""

    code: str
    title: "_StrPromise"
    reason: "_StrPromise"
    """The sentence that a person is told; it may name facts as %(name)s."""
    files: tuple[tuple[str, bytes], ...] = ()
    """An example: one file, or more of one folder, with a name each. Empty where a text alone is not refused."""


def by_code(refusals: Iterable[Refusal]) -> dict[str, Refusal]:
    return {one.code: one for one in refusals}


def refused(code: str, line: int, column: int = 1, /, **facts: Any) -> Refused:
    """A refusal with its words, at a line and a column counted from 1."""
    return Refused(line, str(REFUSALS[code].reason) % facts, code, column)


def month(number: int, more: bytes = b"\n- [ ] Measure the cache\n") -> bytes:
    return b"# Month %02d: Caching\n" % number + more


TEXTS = by_code(
    [
        Refusal(
            "empty",
            _("An empty file"),
            _("The file is empty."),
            (("month-03.md", b""),),
        ),
        Refusal(
            "not-text",
            _("A picture, UTF-16, or something else that is no text"),
            _("This is not a text: it is %(kind)s; save it as UTF-8."),
            (("month-03.md", "# Month 03: Caching\n".encode("utf-16")),),
        ),
        Refusal(
            "not-utf-8",
            _("Other letters than UTF-8"),
            _("The file is not UTF-8: byte %(offset)d cannot be read. Save it as UTF-8."),
            (("month-03.md", month(3, b"\n- [ ] Measure the caf\xe9\n")),),
        ),
        Refusal(
            "nul-character",
            _("A NUL character"),
            _("The text holds a NUL character."),
            (("month-03.md", month(3, b"\n- [ ] Measure\0 the cache\n")),),
        ),
        Refusal(
            "too-large",
            _("More than 1 MB"),
            _("The text is larger than 1 MB."),
            (("month-03.md", month(3) + b"\nWords.\n" * 130_000),),
        ),
        Refusal(
            "too-many-lines",
            _("More than 20,000 lines"),
            _("The text has more than %(limit)d lines."),
            (("month-03.md", month(3) + b"\n" * 20_000),),
        ),
        Refusal(
            "no-title",
            _("No title"),
            _("There is no title: a month begins with a line such as “# Month 08: System Design”."),
            (("month-03.md", b"## Objectives\n\n1. Say what a cache costs\n"),),
        ),
        Refusal(
            "no-month",
            _("Neither a unit such as “Month” nor anything to tick"),
            _("This is not a month: “%(found)s” names no month, and there is nothing to tick."),
            (("notes.md", b"# Notes\n\nWhat we said about caches.\n"),),
        ),
        Refusal(
            "never-closed",
            _("A block of code or a comment that is never closed and hides what follows it"),
            _("“%(found)s” is never closed and hides all that follows it."),
            (("month-03.md", month(3, b"\n```\nhits / all\n\n## Success Criteria\n\n- [ ] It is fast\n")),),
        ),
        Refusal(
            "same-month",
            _("The same month twice in a text"),
            _("The same month stands in line %(line)d already."),
            (("month-03.md", month(3) + b"\n" + month(3, b"\n- [ ] Read\n")),),
        ),
    ]
)
"""Of a text by itself."""

FILES = by_code(
    [
        Refusal(
            "file-name",
            _("A name that cannot be kept everywhere"),
            _("The file's name cannot be kept: use letters, digits, dashes, dots and slashes."),
            (("month 03: caching?.md", month(3)),),
        ),
        Refusal(
            "dashboard-alone",
            _("A dashboard that is named as a month's file; in a folder it is kept as the dashboard"),
            _("This is a dashboard, no month. Name the folder to import it with its months."),
            (
                (
                    "overview.md",
                    b"# Caches\n\n- [Month 01](month-01/README.md)\n- [Month 02](month-02/README.md)\n",
                ),
            ),
        ),
        Refusal(
            "month-in-two-files",
            _("The same month in two files"),
            _("The same month is in %(place)s too."),
            (("caching.md", month(3)), ("month-03.md", month(3, b"\n- [ ] Read the paper\n"))),
        ),
        Refusal(
            "same-name",
            _("Two files of one name"),
            _("%(other)s would be kept under the same name."),
            (("first/caching.md", month(3)), ("second/caching.md", month(4))),
        ),
        Refusal(
            "month-elsewhere",
            _("A month that another file of the curriculum has"),
            _("%(path)s has this month already."),
        ),
        Refusal(
            "name-taken",
            _("A name that another file of the curriculum has"),
            _("%(path)s is another page already, and its month is in %(other)s."),
        ),
        Refusal(
            "other-kind",
            _("A month where a dashboard was, or a dashboard where a month was"),
            _("%(path)s is kept as another kind of page already (%(kind)s); name the file differently."),
        ),
        Refusal(
            "no-dashboard",
            _("A text in place of the dashboard that is none"),
            _(
                "A dashboard has a title that is no month’s, and lists several months; "
                "this text would not be read as one."
            ),
        ),
        Refusal(
            "work-lost",
            _("Words with work on them that the new text lacks"),
            _(
                "%(item)s would lose its place. Keep its wording, or bring the file in under “Bring in Markdown” in "
                "the admin: there you can say what it has become. With --accept-loss it is archived, and its work is "
                "kept."
            ),
        ),
        Refusal(
            "work-on-missing",
            _("A month with work on it that the files lack, with --prune"),
            _("%(path)s is not among the files, but people have work on it: %(items)s. Leave out --prune."),
        ),
    ]
)
"""Of a file beside others, or beside what is published."""

EDITS = by_code(
    [
        Refusal(
            "edit-empty",
            _("Words are taken away, and nothing is put in their place"),
            _("The text is empty; nothing was changed. Remove the item instead."),
        ),
        Refusal(
            "edit-lines",
            _("Several lines where there is room for one"),
            _("The text must stand on one line; nothing was changed."),
        ),
        Refusal(
            "edit-meaning",
            _("Words that would be read as another part"),
            _(
                "Nothing was changed: the new text would be read as another part of "
                "the document. Write it without headings, labels, check boxes or open fences."
            ),
        ),
        Refusal(
            "edit-refused",
            _("Words with which the text could not be read any more"),
            _("Nothing was changed: %(reason)s"),
        ),
        Refusal(
            "edit-name",
            _("Another name than that of a month or a week"),
            _("The name must be one like “%(like)s”; nothing was changed."),
        ),
        Refusal(
            "no-name",
            _("A name for what has none"),
            _("This part has no name of its own; nothing was changed."),
        ),
        Refusal(
            "no-words",
            _("Words for what has none"),
            _("This part has no words of its own; nothing was changed."),
        ),
        Refusal(
            "no-box",
            _("A tick where there is no check box"),
            _("This item has no check box; nothing was changed."),
        ),
        Refusal(
            "not-removable",
            _("A month or a project is removed"),
            _("This part cannot be removed by itself; nothing was changed."),
        ),
        Refusal(
            "not-movable",
            _("Something else than an item is moved"),
            _("Only items of lists can be moved to another place; nothing was changed."),
        ),
        Refusal(
            "not-addable",
            _("A month or a project is added by itself"),
            _("This part cannot be added by itself; nothing was changed."),
        ),
        Refusal(
            "mixed-order",
            _("Parts of several kinds change places"),
            _("Only parts of the same kind can change places; nothing was changed."),
        ),
        Refusal(
            "item-place",
            _("An item is put behind one of another list"),
            _("An item can only be put behind an item of its own list; nothing was changed."),
        ),
        Refusal(
            "section-place",
            _("A section is added elsewhere than in a month"),
            _("A section stands in a month; nothing was changed."),
        ),
        Refusal(
            "week-place",
            _("A week is added to a month without weeks"),
            _("The month has no section for weeks; nothing was changed. Add one first."),
        ),
        Refusal(
            "week-name",
            _("A week is added with a name that is none"),
            _("A week is named like “Week 5”; nothing was changed."),
        ),
        Refusal(
            "group-place",
            _("A group is added elsewhere than in a section"),
            _("A group stands in a section; nothing was changed."),
        ),
        Refusal(
            "prose-place",
            _("Free text is added to an item"),
            _("Free text stands in a month, a section or a week; nothing was changed."),
        ),
        Refusal(
            "prose-empty",
            _("Free text without words is added"),
            _("The text is empty; nothing was changed."),
        ),
        Refusal(
            "items-inside",
            _("An item is removed, and others that stand inside it are kept"),
            _("Other items stand inside this one. Remove them first, or keep it."),
        ),
        Refusal(
            "item-empty",
            _("An item without words is added"),
            _("Give it some words, or remove it again."),
        ),
        Refusal(
            "part-gone",
            _("A part that the edition does not have"),
            _("This is not a part of the month as it was when you opened it."),
        ),
        Refusal(
            "edit-lost",
            _("A change after which the parts cannot be told from one another"),
            _("The text could not be changed in this way; nothing was changed."),
        ),
    ]
)
"""Of a change to a month's text that is made by its parts."""

REFUSALS = {**TEXTS, **FILES, **EDITS}
"""All of them, in the order of the page that explains them."""
