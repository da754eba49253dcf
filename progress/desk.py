"""A mentor's home: what waits for them, and what they have reviewed."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from curriculum.models import Month
from people.models import Cohort, Membership, User
from progress.models import Entry
from progress.paging import Page, Place
from submissions.models import Comment, Review, Submission, Thread

PER_PAGE = 30
LISTED = 200
"""Learners that the filter lists; where there are more, those of the chosen cohort."""
CHUNKS = (200, 2_000, 1_000_000)
"""How many rows of a queue are looked at, one step after the other, until a page is full: nearly always the first."""


class DeskFilter(forms.Form):
    """What the list is narrowed to; each is left empty for all."""

    cohort = forms.TypedChoiceField(label=_("Cohort"), required=False, coerce=int, empty_value=None)
    month = forms.TypedChoiceField(label=_("Month"), required=False, coerce=int, empty_value=None)
    learner = forms.TypedChoiceField(label=_("Learner"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: QueryDict, cohorts: list[Cohort]) -> None:
        super().__init__(data)
        months = Month.objects.live().filter(curriculum__in={cohort.curriculum_id for cohort in cohorts})
        self.offer("cohort", [(cohort.pk, str(cohort)) for cohort in cohorts])
        self.offer("month", [(month.pk, str(month)) for month in months])
        self.offer("learner", self.learners(data, cohorts))

    def offer(self, name: str, choices: list[tuple[int, str]] | None) -> None:
        """None for more than can be listed."""
        everything = _("All; choose a cohort first to choose one") if choices is None else _("All")
        self.fields[name].choices = [("", everything), *(choices or ())]  # type: ignore[attr-defined]

    @staticmethod
    def learners(data: QueryDict, cohorts: list[Cohort]) -> list[tuple[int, str]] | None:
        rows = Membership.objects.learners().filter(cohort__in=cohorts, ended_at=None)
        rows = rows.order_by("user__name", "pk")
        if len(found := labelled(rows[: LISTED + 1])) <= LISTED:
            return found
        chosen = [cohort for cohort in cohorts if str(cohort.pk) == data.get("cohort")]
        return labelled(rows.filter(cohort__in=chosen)[:LISTED]) if chosen else None


def labelled(rows: QuerySet[Membership]) -> list[tuple[int, str]]:
    """Memberships as choices."""
    columns = rows.values_list("pk", "user__name", "user__email", "cohort__name")
    return [(pk, f"{name or email}, {cohort}") for pk, name, email, cohort in columns]


class Waiting:
    """What waits for a mentor: theirs first, then the rest, oldest first.

    Whose turn it is costs much more to find out than when it came in. So rows are read by time and told apart here,
    until there are enough.
    """

    def __init__(self, rows: QuerySet[Submission], mentor: User) -> None:
        """`rows` come with what `queued` adds."""
        self.rows, self.mentor = rows.order_by("waiting_since", "pk"), mentor

    def page(self, after: Place | None) -> Page:
        yours = after is None or after.yours
        told: dict[bool, list[Submission]] = {True: [], False: []}
        for row in self.by_time(after):
            told[row.mine].append(row)
            if len(told[yours]) > PER_PAGE:
                break
        rows = told[yours]
        if yours and len(rows) <= PER_PAGE:
            rows = rows + (told[False] if after is None else [r for r in self.by_time(None) if not r.mine])
        page = Page(self.whole(rows[:PER_PAGE]), after, mine=len(told[True]))
        if len(rows) > PER_PAGE:
            last = rows[PER_PAGE - 1]
            page.more = Place(last.mine, last.waiting_since, last.pk)
        return page

    def by_time(self, after: Place | None) -> Iterator[Submission]:
        rows, start = self.rows.only("pk"), after
        for size in CHUNKS:
            found = list((start.later(rows, "waiting_since") if start else rows)[:size])
            for row in found:
                row.mine = row.turn_of == self.mentor.pk
                yield row
            if len(found) < size:
                return
            start = Place(True, found[-1].waiting_since, found[-1].pk)

    def whole(self, rows: list[Submission]) -> list[Submission]:
        """The rows with all that a line shows."""
        full = Submission.objects.for_desk(self.mentor).in_bulk([row.pk for row in rows])
        for row in rows:
            shown = full[row.pk]
            shown.mine, shown.last_number, shown.waiting_since = row.mine, row.last_number, row.waiting_since
        return [full[row.pk] for row in rows]


class Desk:
    """Everything the desk shows, gathered once."""

    def __init__(self, mentor: User, data: QueryDict) -> None:
        self.mentor = mentor
        self.cohorts = list(Cohort.objects.mentored_by(mentor))
        self.filter = DeskFilter(data, self.cohorts)
        self.reviewed = data.get("show") == "reviewed"
        self.chosen: dict[str, Any] = self.filter.cleaned_data if self.filter.is_valid() else {}
        after = Place.read(data.get("after", ""))
        self.page = self.reviews_page(after) if self.reviewed else self.waiting(self.chosen).page(after)

    def narrowed(self, rows: QuerySet[Submission], chosen: dict[str, Any] | None = None) -> Any:
        """Only what the filter asks for."""
        chosen = self.chosen if chosen is None else chosen
        cohort, month, learner = (chosen.get(name) for name in ("cohort", "month", "learner"))
        if cohort:
            rows = rows.filter(learner__cohort=cohort)
        if month:
            rows = rows.of_month(month)  # type: ignore[attr-defined]
        if learner:
            rows = rows.filter(learner=learner)
        return rows

    def waiting(self, chosen: dict[str, Any]) -> Waiting:
        rows = self.narrowed(Submission.objects.filter(learner__cohort__in=self.cohorts), chosen)
        return Waiting(rows.exclude(learner__user=self.mentor).queued(), self.mentor)

    def reviews_page(self, after: Place | None) -> Page:
        """What this mentor has published, newest first; withdrawn ones too."""
        works = self.narrowed(Submission.objects.visible_to(self.mentor))
        found = Review.objects.filter(
            mentor=self.mentor, published_at__isnull=False, version__submission__in=works
        ).select_related(
            "version__submission__learner__user",
            "version__submission__deliverable__month",
            "version__submission__project__month",
        )
        rows: QuerySet[Review] = found.order_by("-published_at", "-pk")
        shown = list((after.earlier(rows, "published_at") if after else rows)[: PER_PAGE + 1])
        page = Page(shown[:PER_PAGE], after)
        if len(shown) > PER_PAGE and (at := shown[PER_PAGE - 1].published_at):
            page.more = Place(True, at, shown[PER_PAGE - 1].pk)
        return page

    @cached_property
    def drafts(self) -> list[Review]:
        """Reviews that the mentor has begun on work that waits for nobody, such as accepted work."""
        works = self.narrowed(Submission.objects.visible_to(self.mentor))
        waiting = Submission.objects.queued().order_by().values("pk")
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
        """How many wait for this mentor before others, of more than a page one more; the filter does not count."""
        if self.page.after is None and not self.is_narrowed and not self.reviewed:
            return self.page.mine
        return self.waiting({}).page(None).mine

    @property
    def many(self) -> bool:
        """Whether more wait for this mentor first than a page holds."""
        return self.mine > PER_PAGE
