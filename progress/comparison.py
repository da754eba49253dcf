"""The page on which two versions of a submission stand beside each other."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from people.models import User
from progress.learners import LEARNER, MENTOR
from submissions.comparison import Fold, Pair, Spot, paired, places, put_off
from submissions.edits import Edit, edits
from submissions.models import Submission, Thread, Version
from submissions.talk import Talk
from submissions.threads import ShownThread

DRAFT = "draft"
"""What an address calls the learner's draft, which has no number yet."""
BESIDE, WORDS = "beside", "words"


@dataclass(frozen=True)
class PlacedPair:
    """A pair with the place in it of the thread that is asked about, if it has it."""

    pair: Pair
    spot: Spot | None

    @property
    def folds(self) -> list[Fold]:
        return self.pair.folds(self.spot)


class Comparison:
    """Two versions as one person sees them. The number of queries does not depend on what they hold."""

    def __init__(self, submission: Submission, user: User, asked: QueryDict) -> None:
        """`asked`: `from`, `to`, `view`, `thread`, `file`. Raises Http404 for one of them that is not there."""
        self.submission, self.user = submission, user
        self.talk = Talk(submission, user)
        self.versions = self._versions()
        self.view = WORDS if asked.get("view") == WORDS else BESIDE
        self.new = self._version(asked.get("to", "")) or self.talk.latest
        self.old = self._version(asked.get("from", "")) or self._neighbour(self.new)
        self.thread = self._thread(asked.get("thread", ""))
        self.only = asked.get("file", "")
        self.pairs = self._pairs()

    def _versions(self) -> list[Version]:
        """All that were submitted, oldest first, then for the learner their draft."""
        found = list(Version.objects.filter(submission=self.submission))
        drafts = [] if self.talk.mentoring else [one for one in found if one.is_draft]
        numbered = sorted((one for one in found if one.number), key=lambda one: one.number or 0)
        self.talk.latest = numbered[-1] if numbered else None
        self.talk.versions = {one.pk: one for one in found}
        return numbered + drafts

    def _version(self, said: str) -> Version | None:
        """The version that the address names; None where it names none."""
        if not said:
            return None
        found = next((one for one in self.versions if self.says(one) == said), None)
        if found is None:
            raise Http404
        return found

    def _neighbour(self, version: Version | None) -> Version | None:
        """The one before it; of the first, the one after it."""
        if version is None or len(self.versions) < 2:
            return None
        place = self.versions.index(version)
        return self.versions[place - 1 if place else 1]

    def _thread(self, said: str) -> ShownThread | None:
        if not said:
            return None
        try:
            return self.talk.thread(UUID(said))
        except (ValueError, Thread.DoesNotExist):
            raise Http404 from None

    @staticmethod
    def says(version: Version) -> str:
        """What an address calls it."""
        return str(version.number) if version.number else DRAFT

    @property
    def role(self) -> str:
        return MENTOR if self.talk.mentoring else LEARNER

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [
            (self.says(one), _("Version %(n)s") % {"n": one.number} if one.number else _("Your draft"))
            for one in self.versions
        ]

    def words_for(self, version: Version | None) -> str:
        return dict(self.choices)[self.says(version)] if version else ""

    @property
    def old_name(self) -> str:
        return self.words_for(self.old)

    @property
    def new_name(self) -> str:
        return self.words_for(self.new)

    @property
    def said_old(self) -> str:
        return self.says(self.old) if self.old else ""

    @property
    def said_new(self) -> str:
        return self.says(self.new) if self.new else ""

    @property
    def both(self) -> tuple[Version, Version] | None:
        """The two, where they are two."""
        return (self.old, self.new) if self.old and self.new and self.old != self.new else None

    @property
    def is_same(self) -> bool:
        """Whether one version was asked for twice."""
        return self.old is not None and self.old == self.new

    def _pairs(self) -> list[Pair]:
        """Everything that either version holds, or the one file; each knows the number of its first change."""
        if not self.both:
            return []
        found = paired(self.both)
        if self.only:
            found = [pair for pair in found if pair.anchor == f"pair-{self.only}"]
            if not found:
                raise Http404
        put_off(found)
        first = 1 + len(self.words_beside)
        for pair in found:
            pair.first = first
            first += pair.count
        return found

    @property
    def query(self) -> str:
        """What the address of this page asks for."""
        return f"from={self.said_old}&to={self.said_new}&view={self.view}"

    @property
    def count(self) -> int:
        """Of all changes."""
        return sum(pair.count for pair in self.pairs) + len(self.words_beside)

    @cached_property
    def words_beside(self) -> list[tuple[str, int, str, tuple[Edit, ...], bool]]:
        """Of the note and the link, where they differ: name, number of the change, id, words, and whether erased."""
        if not self.both:
            return []
        old, new = self.both
        found: list[tuple[str, int, str, tuple[Edit, ...], bool]] = []
        for name, key in ((_("Note"), "note"), (_("Link"), "link")):
            before, after = getattr(old, key), getattr(new, key)
            is_erased = any(getattr(one, f"{key}_erased_at") for one in (old, new))
            if before != after or is_erased:
                words = edits(before, after) if key == "note" else (Edit(before, after, changed=True),)
                found.append((name, len(found) + 1, f"change-{len(found) + 1}", words, is_erased))
        return found

    # The thread ---------------------------------------------------------------------------------------------
    @cached_property
    def placed(self) -> tuple[Pair, Spot, bool] | None:
        """The pair that the thread's place is in, where in it, and whether something changed at that place.

        The older side says what was asked about, so it is asked first; the newer where it has no answer.
        """
        if not (self.both and self.thread):
            return None
        sought = places(self.thread.row.anchor, self.both)
        found = [
            (pair, pair.spot(selectors, side))
            for side, file, selectors in sought
            for pair in self.pairs
            if pair.holds(file, side)
        ]
        if not found:
            return None
        pair, spot = next((each for each in found if each[1].row is not None), found[0])
        return pair, spot, pair.is_changed_at(spot)

    @property
    def placed_pairs(self) -> list[PlacedPair]:
        there = self.placed[0] if self.placed else None
        return [
            PlacedPair(pair, self.placed[1] if self.placed and pair is there else None) for pair in self.pairs
        ]

    @property
    def is_placed_in_text(self) -> bool:
        return self.placed is not None and self.placed[1].row is not None

    @property
    def nearest(self) -> int:
        """The number of the change that is nearest to the thread's place; 0 for none."""
        if self.placed is None:
            return 1 if self.count else 0
        pair, spot, _changed = self.placed
        return pair.change_at(spot)

    @property
    def quote(self) -> str:
        """The words that the thread is about."""
        selectors = self.thread.row.anchor.selectors if self.thread else []
        return next((str(one.get("exact", "")) for one in selectors if "exact" in one), "")
