"""The work, and the reviews and threads about it."""

from submissions.models.anchor import Anchor, Placement
from submissions.models.comment import Comment
from submissions.models.extract import Extract
from submissions.models.file import Blob, File, Opening
from submissions.models.hold import HOLD_TIME, Held, Hold
from submissions.models.review import Newer, Review, StaleDraft
from submissions.models.talk import Said, Thread
from submissions.models.version import Stale, Version
from submissions.models.work import State, Submission

__all__ = [
    "HOLD_TIME",
    "Anchor",
    "Blob",
    "Comment",
    "Extract",
    "File",
    "Held",
    "Hold",
    "Newer",
    "Opening",
    "Placement",
    "Review",
    "Said",
    "Stale",
    "StaleDraft",
    "State",
    "Submission",
    "Thread",
    "Version",
]
