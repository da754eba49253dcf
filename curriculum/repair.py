"""A text whose damaged letters are put right, and everything else as it was (see `curriculum/markdown/damage.py`)."""

from curriculum.markdown import Refused, read, repaired
from curriculum.textarea import MARK


def repaired_source(source: str) -> str:
    """The text as it was meant; the same text where nothing is damaged."""
    mark = MARK if source.startswith(MARK) else ""
    # A mark beside a damaged letter would hide the damage.
    return mark + repaired(source.removeprefix(MARK))


def repaired_data(data: bytes) -> bytes:
    """The same for a file's bytes; those of a file that cannot be read stay, and are refused where it is read."""
    try:
        return repaired_source(read(data)).encode()
    except Refused:
        return data
