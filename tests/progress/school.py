"""A small school: a cohort with a learner and mentors, a month with criteria, and handed-in work."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from curriculum.models import Criterion, Deliverable, Month, Week
from people.models import Cohort, Membership, User
from progress import record
from progress.defence import record as record_defence
from progress.models import Defence, Entry
from submissions.models import Anchor, Blob, File, Submission, Thread, Version
from tests.factories import CohortFactory, MembershipFactory, MonthFactory, mentor_of

DIGEST = "0" * 63


@dataclass
class School:
    """Who is there, and what there is to mark."""

    cohort: Cohort
    learner: Membership
    mentor: User
    other_mentor: User
    month: Month
    criteria: list[Criterion]
    submission: Submission
    version: Version

    @property
    def user(self) -> User:
        return self.learner.user

    def claim(self, criterion: int = 0, **fields: Any) -> Entry:
        return record.claim(
            self.learner, self.criteria[criterion], self.user, **({"note": "I did it."} | fields)
        )

    def mark(self, criterion: int = 0, decision: str = "met", **fields: Any) -> Entry:
        """A mark by the mentor who has seen everything so far."""
        mentor = fields.pop("mentor", self.mentor)
        fields = {"note": "Because.", "seen": self.last, **fields}
        return record.mark(self.learner, self.criteria[criterion], mentor, decision, **fields)

    def defend(self, **fields: Any) -> Defence:
        defaults: dict[str, Any] = {
            "at": timezone.now() - timedelta(hours=1),
            "minutes": 40,
            "present": [self.user, self.mentor],
            "versions": [self.version],
            "outcome": "passed",
            "note": "Calm and exact.",
            "key": uuid4(),
        }
        author = fields.pop("author", self.mentor)
        return record_defence(self.learner, self.month, author, **(defaults | fields))

    def open_thread(self) -> Thread:
        anchor = Anchor.objects.on_whole(self.version)
        return Thread.objects.create(
            submission=self.submission, anchor=anchor, author=self.user, kind=Thread.Kind.QUESTION
        )

    @property
    def last(self) -> int:
        return Entry.objects.filter(learner=self.learner).count()

    @property
    def kinds(self) -> list[str]:
        """The chain, as kinds and decisions."""
        return [entry.decision or entry.kind for entry in Entry.objects.filter(learner=self.learner)]


def make_month(cohort: Cohort, wordings: list[str]) -> tuple[Month, list[Criterion]]:
    month = MonthFactory.create(document__curriculum=cohort.curriculum)
    return month, [
        Criterion.objects.create(month=month, text=text, position=at) for at, text in enumerate(wordings)
    ]


def hand_in(learner: Membership, month: Month, number: int = 1) -> Version:
    """A submitted version of work on a deliverable of the month, with a text and a file."""
    week = Week.objects.create(month=month, label="Week 1")
    deliverable = Deliverable.objects.create(month=month, week=week, text="Architecture overview")
    submission = Submission.objects.create(learner=learner, deliverable=deliverable)
    version = Version.objects.create(submission=submission, text="# Overview")
    blob, _new = Blob.objects.get_or_create(sha256=f"{DIGEST}{number}", defaults={"size": 3})
    File.objects.create(version=version, blob=blob, name="overview.md", form="text", media_type="text/plain")
    version.number, version.submitted_at = number, timezone.now()
    version.save()
    return version


def make_school() -> School:
    cohort = CohortFactory.create()
    learner = MembershipFactory.create(cohort=cohort, user__name="Ines Duarte")
    month, criteria = make_month(cohort, ["Understand components", "Design is defensible"])
    version = hand_in(learner, month)
    return School(
        cohort,
        learner,
        mentor_of(cohort, name="Tomas Lindqvist"),
        mentor_of(cohort, name="Ada Berg"),
        month,
        criteria,
        version.submission,
        version,
    )
