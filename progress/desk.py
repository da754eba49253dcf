"""A mentor's home: what waits for them, and what they have reviewed."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from curriculum.models import Month
from curriculum.prepared import Prepared
from curriculum.units import Units
from people.models import Cohort, Membership, User
from progress.models import Entry
from progress.paging import PER_PAGE, Page, Place
from progress.queue import Waiting, narrowed
from submissions.models import Hold, Review, Submission, Thread
from submissions.models.work import COHORTS

LISTED = 200
"""Learners that the filter lists; where there are more, or many cohorts, those of the chosen cohort."""
NAMED = ("submission__learner__user", "submission__deliverable__month", "submission__project__month")
"""What a line about a version says of its submission."""


class DeskFilter(forms.Form):
    """What the list is narrowed to; each is left empty for all."""

    cohort = forms.TypedChoiceField(label=_("Cohort"), required=False, coerce=int, empty_value=None)
    month = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    learner = forms.TypedChoiceField(label=_("Learner"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: QueryDict, mentor: User, cohorts: list[Cohort]) -> None:
        super().__init__(data)
        chosen = next((cohort for cohort in cohorts if str(cohort.pk) == data.get("cohort")), None)
        self.offer("cohort", [(cohort.pk, str(cohort)) for cohort in cohorts])
        months = _months(mentor.pk)
        self.fields["month"].label = capfirst(Units.of(months).one)
        self.offer("month", [(month.pk, str(month)) for month in months])
        self.offer("learner", self.learners(mentor, chosen, len(cohorts)))

    def offer(self, name: str, choices: list[tuple[int, str]] | None) -> None:
        """None for more than can be listed."""
        everything = _("All; choose a cohort first to choose one") if choices is None else _("All")
        self.fields[name].choices = [("", everything), *(choices or ())]  # type: ignore[attr-defined]

    @staticmethod
    def learners(mentor: User, chosen: Cohort | None, cohorts: int) -> list[tuple[int, str]] | None:
        found = labelled(_learners(mentor.pk, None)) if cohorts <= COHORTS else []
        if cohorts <= COHORTS and len(found) <= LISTED:
            return found
        return labelled(_learners(mentor.pk, chosen.pk))[:LISTED] if chosen else None


def labelled(rows: list[tuple[int, str, str, str]]) -> list[tuple[int, str]]:
    """Memberships as choices."""
    return [(pk, f"{name or email}, {cohort}") for pk, name, email, cohort in rows]


@Prepared
def _cohorts(mentor: int) -> QuerySet[Cohort]:
    return Cohort.objects.mentored_by(User(pk=mentor))


@Prepared
def _months(mentor: int) -> QuerySet[Month]:
    cohorts = Cohort.objects.mentored_by(User(pk=mentor)).order_by()
    return Month.objects.live().filter(curriculum__in=cohorts.values("curriculum"))


@Prepared
def _learners(mentor: int, cohort: int | None) -> QuerySet[Membership, tuple[int, str, str, str]]:
    """Of one cohort, or of all, with one more than are listed."""
    cohorts = Cohort.objects.mentored_by(User(pk=mentor)).order_by()
    if cohort:
        cohorts = cohorts.filter(pk=cohort)
    rows = Membership.objects.learners().filter(cohort__in=cohorts, ended_at=None)
    columns = rows.values_list("pk", "user__name", "user__email", "cohort__name")
    return columns.order_by("user__name", "pk")[: LISTED + 1]


class Desk:
    """Everything the desk shows, gathered once."""

    def __init__(self, mentor: User, data: QueryDict) -> None:
        self.mentor = mentor
        self.cohorts = _cohorts(mentor.pk)
        self.filter = DeskFilter(data, mentor, self.cohorts)
        self.reviewed = data.get("show") == "reviewed"
        self.chosen: dict[str, Any] = self.filter.cleaned_data if self.filter.is_valid() else {}
        after = Place.read(data.get("after", ""))
        self.page = self.reviews_page(after) if self.reviewed else self.waiting.page(after)

    @property
    def narrowing(self) -> tuple[int | None, ...]:
        """Keys of cohort, month and learner, as far as the filter asks for them."""
        return tuple(self.chosen.get(name) for name in DeskFilter.base_fields)

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self.mentor, self.cohorts, self.narrowing)

    def reviews_page(self, after: Place | None) -> Page:
        """What this mentor has published, newest first; withdrawn ones too."""
        works = narrowed(Submission.objects.visible_to(self.mentor), *self.narrowing)
        found = Review.objects.filter(
            mentor=self.mentor, published_at__isnull=False, version__submission__in=works
        ).select_related(*(f"version__{name}" for name in NAMED))
        rows: QuerySet[Review] = found.order_by("-published_at", "-pk")
        shown = list((after.earlier(rows, "published_at") if after else rows)[: PER_PAGE + 1])
        page = Page(shown[:PER_PAGE], after)
        if len(shown) > PER_PAGE and (at := shown[PER_PAGE - 1].published_at):
            page.more = Place(True, at, shown[PER_PAGE - 1].pk)
        return page

    @cached_property
    def drafts(self) -> list[Review]:
        """Reviews that the mentor has begun and cannot go on with in the list: on work that waits no more, such as
        accepted work, or that another mentor holds.
        """
        return _drafts(self.mentor.pk, timezone.now(), *self.narrowing)

    @cached_property
    def claims(self) -> list[Entry]:
        """What learners think is met and no mentor has decided on since, oldest first."""
        return _claims(self.mentor.pk, *self.narrowing)

    @cached_property
    def questions(self) -> list[Thread]:
        """What learners asked beside a work and nobody has answered yet, oldest first, with `asked`, its words."""
        return _questions(self.mentor.pk, *self.narrowing)

    @property
    def tab(self) -> str:
        return "reviewed" if self.reviewed else "waiting"

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values())

    @cached_property
    def mine(self) -> int:
        """How many wait for this mentor before others, of more than a page one more; the filter does not count."""
        if self.page.after is None and not self.is_narrowed and not self.reviewed:
            return self.page.mine
        return Waiting(self.mentor, self.cohorts, (None, None, None)).page(None).mine

    @property
    def many(self) -> bool:
        """Whether more wait for this mentor first than a page holds."""
        return self.mine > PER_PAGE


@Prepared
def _drafts(mentor: int, now: datetime, *narrowing: int | None) -> QuerySet[Review]:
    works = narrowed(Submission.objects.visible_to(User(pk=mentor)), *narrowing)
    held = Hold.objects.filter(submission=OuterRef("pk"), until__gt=now).exclude(mentor=mentor)
    waits = Submission.objects.waiting().filter(~Exists(held), pk=OuterRef("version__submission"))
    drafts = (
        Review.objects.drafts().filter(mentor=mentor, version__submission__in=works).exclude(Exists(waits))
    )
    return drafts.select_related(*(f"version__{name}" for name in NAMED)).order_by("-pk")[:PER_PAGE]


@Prepared
def _claims(mentor: int, cohort: int | None, month: int | None, learner: int | None) -> QuerySet[Entry]:
    later = Entry.objects.filter(
        learner=OuterRef("learner"), criterion=OuterRef("criterion"), number__gt=OuterRef("number")
    )
    learners = Membership.objects.current().learners().exclude(user=mentor)
    learners = learners.filter(cohort__in=Cohort.objects.mentored_by(User(pk=mentor)))
    found = Entry.objects.filter(~Exists(later), kind=Entry.Kind.CLAIM, learner__in=learners)
    if cohort:
        found = found.filter(learner__cohort=cohort)
    if month:
        found = found.filter(criterion__month=month)
    if learner:
        found = found.filter(learner=learner)
    found = found.filter(criterion__archived_at=None, criterion__month__archived_at=None)
    rows = found.select_related("learner__user", "learner__cohort", "criterion__month")
    return rows.order_by("at", "pk")[:PER_PAGE]


@Prepared
def _questions(mentor: int, *narrowing: int | None) -> QuerySet[Thread]:
    works = narrowed(Submission.objects.visible_to(User(pk=mentor)), *narrowing).filter(
        learner__ended_at=None, learner__user__is_active=True
    )
    found = Thread.objects.unanswered_questions().filter(submission__in=works.order_by().values("pk"))
    rows = found.exclude(author=mentor).with_asked()
    return rows.order_by("pk").select_related("submission__learner__cohort", *NAMED)[:PER_PAGE]
