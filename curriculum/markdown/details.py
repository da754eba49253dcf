"""What the values of a month's `**Key**: value` lines mean."""

import re

TIER = re.compile(r"[ \t]*(\d{1,9})[ \t]*[(:–—-]?[ \t]*([^)]*)")
WEEKS = re.compile(r"(\d{1,4})[ \t]*-?[ \t]*weeks?\b", re.IGNORECASE)


def tier_of(text: str) -> tuple[int | None, str]:
    """A tier's number and name: (2, "Specialization") for "2 (Specialization)", (None, "Basics") for
    "Basics".
    """
    found = TIER.match(text)
    return (int(found[1]), found[2].strip()) if found else (None, text.strip())


def weeks_of(text: str) -> int | None:
    """The weeks that a duration such as "4 weeks" names; None where it names none."""
    found = WEEKS.search(text)
    return int(found[1]) if found else None
