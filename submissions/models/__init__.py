"""The work, and the reviews and threads about it."""

from submissions.models.anchor import Anchor, Placement
from submissions.models.comment import Comment
from submissions.models.extract import Extract
from submissions.models.file import Blob, File, Opening
from submissions.models.hold import HOLD_TIME, Held, Hold
from submissions.models.mention import Mention
from submissions.models.review import Newer, Review, StaleDraft
from submissions.models.saved_reply import SavedReply
from submissions.models.talk import Said, Thread
from submissions.models.version import Stale, Version
from submissions.models.words import EarlierWords
from submissions.models.work import State, Submission

__all__ = [
    "HOLD_TIME",
    "Anchor",
    "Blob",
    "Comment",
    "EarlierWords",
    "Extract",
    "File",
    "Held",
    "Hold",
    "Mention",
    "Newer",
    "Opening",
    "Placement",
    "Review",
    "Said",
    "SavedReply",
    "Stale",
    "StaleDraft",
    "State",
    "Submission",
    "Thread",
    "Version",
]
