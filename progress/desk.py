"""A mentor's home: what waits for them, and what they have reviewed."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from curriculum.models import Month
from people.models import Cohort, Membership, User
from progress.models import Entry
from submissions.models import Comment, Review, Submission, Thread

PER_PAGE = 30


class DeskFilter(forms.Form):
    """What the list is narrowed to; each is left empty for all."""

    cohort = forms.ModelChoiceField(
        Cohort.objects.none(), label=_("Cohort"), required=False, empty_label=_("All")
    )
    month = forms.ModelChoiceField(
        Month.objects.none(), label=_("Month"), required=False, empty_label=_("All")
    )
    learner = forms.ModelChoiceField(
        Membership.objects.none(), label=_("Learner"), required=False, empty_label=_("All")
    )

    def __init__(self, data: QueryDict, mentor: User) -> None:
        super().__init__(data)
        cohorts = Cohort.objects.mentored_by(mentor)
        self.fields["cohort"].queryset = cohorts  # type: ignore[attr-defined]
        months = Month.objects.live().filter(curriculum__cohorts__in=cohorts)
        self.fields["month"].queryset = months.distinct()  # type: ignore[attr-defined]
        learners = Membership.objects.learners().filter(cohort__in=cohorts, ended_at=None)
        self.fields["learner"].queryset = learners.select_related("user", "cohort")  # type: ignore[attr-defined]


class Desk:
    """Everything the desk shows, gathered once."""

    def __init__(self, mentor: User, data: QueryDict) -> None:
        self.mentor = mentor
        self.filter = DeskFilter(data, mentor)
        self.reviewed = data.get("show") == "reviewed"
        self.chosen: dict[str, Any] = self.filter.cleaned_data if self.filter.is_valid() else {}
        rows: QuerySet[Any] = self.reviews if self.reviewed else self.waiting
        self.page: Page[Any] = Paginator(rows, PER_PAGE).get_page(data.get("page"))

    def narrowed(self, rows: QuerySet[Submission]) -> QuerySet[Submission]:
        """Only what the filter asks for."""
        cohort, month, learner = (self.chosen.get(name) for name in ("cohort", "month", "learner"))
        if cohort:
            rows = rows.filter(learner__cohort=cohort)
        if month:
            rows = rows.of_month(month.pk)  # type: ignore[attr-defined]
        if learner:
            rows = rows.filter(learner=learner)
        return rows

    @property
    def waiting(self) -> QuerySet[Submission]:
        """Theirs first, then the rest of their cohorts', oldest first."""
        return self.narrowed(Submission.objects.waiting_for(self.mentor))

    @property
    def reviews(self) -> QuerySet[Review]:
        """What this mentor has published, newest first; withdrawn ones too."""
        works = self.narrowed(Submission.objects.visible_to(self.mentor))
        return (
            Review.objects.filter(
                mentor=self.mentor, published_at__isnull=False, version__submission__in=works
            )
            .select_related(
                "version__submission__learner__user",
                "version__submission__deliverable__month",
                "version__submission__project__month",
            )
            .order_by("-published_at")
        )

    @cached_property
    def drafts(self) -> list[Review]:
        """Reviews that the mentor has begun on work that waits for nobody, such as accepted work."""
        works = self.narrowed(Submission.objects.visible_to(self.mentor))
        waiting = Submission.objects.waiting_for(self.mentor).order_by().values("pk")
        return list(
            Review.objects.drafts()
            .filter(mentor=self.mentor, version__submission__in=works)
            .exclude(version__submission__in=waiting)
            .select_related(
                "version__submission__learner__user",
                "version__submission__deliverable__month",
                "version__submission__project__month",
            )
            .order_by("-pk")[:PER_PAGE]
        )

    @cached_property
    def claims(self) -> list[Entry]:
        """What learners think is met and no mentor has decided on since, oldest first."""
        later = Entry.objects.filter(
            learner=OuterRef("learner"), criterion=OuterRef("criterion"), number__gt=OuterRef("number")
        )
        learners = Membership.objects.current().learners().exclude(user=self.mentor)
        learners = learners.filter(cohort__in=Cohort.objects.mentored_by(self.mentor))
        found = Entry.objects.filter(~Exists(later), kind=Entry.Kind.CLAIM, learner__in=learners)
        if cohort := self.chosen.get("cohort"):
            found = found.filter(learner__cohort=cohort)
        if month := self.chosen.get("month"):
            found = found.filter(criterion__month=month)
        if learner := self.chosen.get("learner"):
            found = found.filter(learner=learner)
        found = found.filter(criterion__archived_at=None, criterion__month__archived_at=None)
        rows = found.select_related("learner__user", "learner__cohort", "criterion__month")
        return list(rows.order_by("at", "pk")[:PER_PAGE])

    @cached_property
    def questions(self) -> list[Thread]:
        """What learners asked beside a work and nobody has answered yet, oldest first, with `asked`, its words."""
        works = self.narrowed(Submission.objects.visible_to(self.mentor)).filter(
            learner__ended_at=None, learner__user__is_active=True
        )
        first = Comment.objects.filter(thread=OuterRef("pk")).order_by("pk")
        found = Thread.objects.unanswered_questions().filter(submission__in=works.order_by().values("pk"))
        rows = found.exclude(author=self.mentor).annotate(
            asked=Subquery(first.values("body")[:1]), asked_erased_at=Subquery(first.values("erased_at")[:1])
        )
        rows = rows.order_by("pk")
        return list(
            rows.select_related(
                "submission__learner__user",
                "submission__learner__cohort",
                "submission__deliverable__month",
                "submission__project__month",
            )[:PER_PAGE]
        )

    @property
    def tab(self) -> str:
        return "reviewed" if self.reviewed else "waiting"

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values())

    @cached_property
    def mine(self) -> int:
        """How many wait for this mentor before others; the filter does not count."""
        return Submission.objects.waiting_for(self.mentor).filter(Q(mine=True)).count()

    @property
    def cohorts(self) -> list[Cohort]:
        return list(self.filter.fields["cohort"].queryset)  # type: ignore[attr-defined]
