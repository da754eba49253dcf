"""One submission as an admin reads it: all that was handed in and sent, and that there are drafts."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, Q

from progress.models import Entry
from submissions.models import Comment, File, Review, Submission, Thread, Version


@dataclass
class Look:
    """The queries are fixed, however much there is."""

    submission: Submission

    @cached_property
    def versions(self) -> list[Version]:
        """All, the draft last. The page shows of a draft no word, only that it is there."""
        files = Prefetch("files", File.objects.select_related("blob"))
        rows = Version.objects.filter(submission=self.submission).prefetch_related(files)
        return sorted(rows, key=lambda version: (version.is_draft, version.number or 0))

    @cached_property
    def reviews(self) -> list[Review]:
        """All, drafts too, of which the page shows no word."""
        rows = Review.objects.filter(version__submission=self.submission)
        return list(rows.select_related("mentor", "version").order_by("pk"))

    @cached_property
    def threads(self) -> list[Thread]:
        """Those that were sent, with what was said in them and sent."""
        said = Comment.objects.sent().select_related("author", "review").prefetch_related("earlier")
        sent = Q(review=None) | Q(review__published_at__isnull=False)
        rows = Thread.objects.filter(sent, submission=self.submission).select_related("author")
        return list(rows.prefetch_related(Prefetch("comments", said)))

    @cached_property
    def entries(self) -> list[Entry]:
        """What the record says about the month that the work belongs to, and what was erased."""
        about = Q(month=self.submission.month) | Q(kind=Entry.Kind.ERASURE)
        rows = Entry.objects.filter(about, learner=self.submission.learner).select_related("criterion")
        return list(rows.prefetch_related("texts").order_by("number"))
