"""A document that is begun here and not brought in: its place in the curriculum, and a first draft to write on."""

import re
from itertools import groupby
from posixpath import dirname, relpath
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from curriculum.markdown.languages import LANGUAGES
from curriculum.models import Curriculum, Document, Edition, Month

MONTH = """# {label}{colon}{title}

## {objectives}

1. …

## {weeks}

### {week}

**{focus}**{colon}…

**{tasks}**{colon}

- [ ] …

**{deliverables}**{colon}

- …

## {resources}

- …

## {criteria}

- [ ] …
"""


LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


def begin_month(curriculum: Curriculum, title: str, path: str = "", author: Any = None) -> Document:
    """A new month after the last one, named and numbered in its manner, as a draft that learners do not see.

    Without a path it gets the one that follows from the last month's.
    """
    last = Month.objects.live().in_order().filter(curriculum=curriculum, number__isnull=False).last()
    words = LANGUAGES.get(curriculum.lang.partition("-")[0], LANGUAGES["en"])
    number = (last.number or 0) + 1 if last else 1
    taken = set(curriculum.documents.values_list("path", flat=True))
    while not path and place(last, number, words.month.own[0]) in taken:
        number += 1
    label = following(last.label, number) if last else named(words.month.own[0], number)
    source = MONTH.format(
        label=label,
        title=title,
        colon="：" if curriculum.lang.startswith("zh") else ": ",
        week=named(words.week.own[0], 1),
        **{role: words.sections[role].own[0] for role in ("objectives", "weeks", "resources", "criteria")},
        **{name: words.labels[name].own[0] for name in ("focus", "tasks", "deliverables")},
    )
    # A label's colon needs no blank at the end of its line.
    source = re.sub(r"[ ]+$", "", source, flags=re.MULTILINE)
    path = path or place(last, number, words.month.own[0])
    return begun(curriculum, path, Document.Kind.MONTH, source, author)


def begin_dashboard(curriculum: Curriculum, path: str = "", author: Any = None) -> Document:
    """The page of the whole curriculum with its months by tier, as a draft."""
    path = path or "README.md"
    months = Month.objects.live().in_order().filter(curriculum=curriculum).select_related("document")
    lines = [f"# {curriculum.title}"]
    for (number, name), of_tier in groupby(months, lambda month: (month.tier_number, month.tier_name)):
        if number or name:
            lines += ["", "## " + ": ".join([f"Tier {number}"] * bool(number) + [name] * bool(name))]
        lines += [
            "",
            *(f"- [{month}]({relpath(month.document.path, dirname(path) or '.')})" for month in of_tier),
        ]
    return begun(curriculum, path, Document.Kind.DASHBOARD, "\n".join(lines) + "\n", author)


@transaction.atomic
def begun(curriculum: Curriculum, path: str, kind: Document.Kind, source: str, author: Any) -> Document:
    """The document at a path, with its draft. The other half of a double click finds it there."""
    document, is_new = Document.objects.get_or_create(
        curriculum=curriculum, path=path, defaults={"kind": kind}
    )
    if is_new:
        draft = {"number": 1, "begun_from": 0, "revision": 1}
        Edition.objects.create(document=document, source=source, author=author, **draft)
    return document


def named(unit: str, number: int) -> str:
    """A unit with its number: "Month 1", "第1个月"."""
    return unit.format(n=number) if "{n}" in unit else f"{unit} {number}"


def following(text: str, number: int) -> str:
    """A text with its last number put up to `number`, as wide as it was: "Month 08" gives "Month 09".

    A text without digits stays as it is.
    """
    return LAST_NUMBER.sub(lambda found: str(number).zfill(len(found[0])), text)


def place(last: Month | None, number: int, unit: str) -> str:
    """Where a new month's file lies: beside the last one, in the same manner, if that is named by its number."""
    found = LAST_NUMBER.search(last.document.path) if last else None
    if last and found and int(found[0]) == last.number:
        return following(last.document.path, number)
    return f"{slugify(unit) or 'month'}-{number:02}.md"
