"""The work, and the reviews and threads about it."""

from submissions.models.file import Blob, File, Opening
from submissions.models.review import HOLD_TIME, Anchor, Comment, Hold, Placement, Review, Thread
from submissions.models.version import Stale, Version
from submissions.models.work import State, Submission

__all__ = [
    "HOLD_TIME",
    "Anchor",
    "Blob",
    "Comment",
    "File",
    "Hold",
    "Opening",
    "Placement",
    "Review",
    "Stale",
    "State",
    "Submission",
    "Thread",
    "Version",
]
