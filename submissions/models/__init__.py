"""The work, and the reviews and threads about it."""

from submissions.models.review import HOLD_TIME, Anchor, Comment, Hold, Placement, Review, Thread
from submissions.models.work import Blob, File, Opening, State, Submission, Version

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
    "State",
    "Submission",
    "Thread",
    "Version",
]
