"""How a comment's words were changed after it was sent."""

from dataclasses import dataclass

from curriculum.wording import Stretch, difference
from submissions.models import Comment, EarlierWords


@dataclass(frozen=True)
class Change:
    """One change of a comment's words."""

    earlier: EarlierWords
    now: str
    """What they became with it."""

    @property
    def difference(self) -> tuple[Stretch, ...]:
        """From the words that were there to those that came, word by word."""
        return difference(self.earlier.body, self.now)


def history(comment: Comment) -> list[Change]:
    """How a sent comment was changed, the newest first."""
    earlier = list(comment.earlier.all())
    later = [*(one.body for one in earlier), comment.body][1:]
    return [Change(*pair) for pair in zip(earlier, later, strict=True)][::-1]
