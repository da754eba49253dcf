"""What it adds up to: completions, defences, and the record."""

from progress.models.completion import (
    NEW_WORDS,
    Completion,
    CompletionQuerySet,
    Look,
    LookQuerySet,
    OtherNote,
    print_of,
)
from progress.models.record import (
    OF_SALTS,
    SALTS,
    Defence,
    Entry,
    EntryText,
    Kept,
    KeptQuerySet,
    NeverChanged,
)

__all__ = [
    "NEW_WORDS",
    "OF_SALTS",
    "SALTS",
    "Completion",
    "CompletionQuerySet",
    "Defence",
    "Entry",
    "EntryText",
    "Kept",
    "KeptQuerySet",
    "Look",
    "LookQuerySet",
    "NeverChanged",
    "OtherNote",
    "print_of",
]
