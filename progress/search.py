"""What a search finds for one person: months, submissions, people and cohorts, and nothing that they may not open.

Every word must occur. Of a month its title, label, tasks, deliverables and criteria are searched; of a submission what
it is for, its month, the system chosen and the learner's name; never what was handed in, and never a draft.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.db.models.lookups import Contains
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Criterion, Deliverable, Month, Task
from people.models import Cohort, Membership, User
from progress.learners import LEARNER, MENTOR
from progress.spelling import Spelt, spelt
from progress.works import Work
from submissions.models import Submission

LONGEST, WORDS = 200, 8
"""Characters of a query, and words in it."""
ANCHORS = {Task: "task", Deliverable: "work", Criterion: "criterion"}
"""What a month's page calls the places of its items."""


class SearchForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        required=False,
        max_length=LONGEST,
        error_messages={
            "max_length": gettext_lazy(
                "This is too long to search for: at most %(limit_value)s characters. It has %(show_value)s."
            ),
            "null_characters_not_allowed": gettext_lazy("This holds a character that no text here has."),
        },
    )

    def clean_q(self) -> str:
        if len(words_of(self.cleaned_data["q"])) > WORDS:
            raise forms.ValidationError(_("Search for at most %(count)s words at once.") % {"count": WORDS})
        return str(self.cleaned_data["q"])


def words_of(query: str) -> list[str]:
    """The words to find, each once, as texts are compared."""
    return list(dict.fromkeys(spelt(query).split()))


@dataclass(frozen=True)
class Hit:
    """One thing that was found, and where it leads."""

    url: str
    title: str
    where: str
    """What tells it from others of the same title."""
    found: str = ""
    """The text in which the words are, where the title is not it."""
    work: Work | None = None


@dataclass
class Hits:
    """What was found of one kind."""

    name: str
    key: str
    hits: list[Hit] = field(default_factory=list)
    is_cut: bool = False
    """Whether there are more than are shown."""


class Search:
    """Everything a search finds, gathered once.

    Queries: the person's memberships, months, submissions, members; for an admin also people and cohorts.
    """

    def __init__(self, user: User, data: QueryDict, limit: int) -> None:
        """`limit`: how many of each kind are shown."""
        self.user, self.limit = user, limit
        self.form = SearchForm(data)
        self.query: str = self.form.cleaned_data["q"] if self.form.is_valid() else ""
        self.words = words_of(self.query)
        memberships = list(
            Membership.objects.filter(user=user).select_related("cohort__curriculum").newest_first()
        )
        current = [one for one in memberships if one.ended_at is None]
        self.learning = sorted(
            (one for one in memberships if one.role == LEARNER), key=lambda one: one.ended_at is not None
        )
        """What the person learns or has learned in; what has ended comes last and stays readable."""
        self.mentored = [one.cohort for one in current if one.role == MENTOR]
        self.cohorts = [one.cohort for one in current]

    @property
    def typed(self) -> str:
        """What somebody typed, also where it is not looked for; without what no page can show."""
        return str(self.form["q"].value() or "").replace("\0", "")

    @property
    def error(self) -> str:
        """Why it is not looked for, or nothing."""
        return str(next(iter(self.form.errors.get("q", [])), ""))

    @property
    def is_short(self) -> bool:
        """Whether there is too little to look for: a letter of the Latin alphabet is in nearly every text."""
        said = "".join(self.words)
        return len(said) < 2 and said.isascii()

    @cached_property
    def groups(self) -> list[Hits]:
        """What was found, by kind; kinds without anything are left out."""
        if self.is_short:
            return []
        kinds = {
            "months": (_("Curriculum"), self.months()),
            "submissions": (_("Submissions"), self.submissions()),
            "people": (_("People"), self.people()),
            "cohorts": (_("Cohorts"), self.own_cohorts()),
            "admin-months": (_("Curriculum in the admin"), self.admin_months()),
            "admin-people": (_("People in the admin"), self.admin_people()),
            "admin-cohorts": (_("Cohorts in the admin"), self.admin_cohorts()),
        }
        return [
            Hits(name, key, hits[: self.limit], len(hits) > self.limit)
            for key, (name, hits) in kinds.items()
            if hits
        ]

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    def every(self, *columns: str) -> Q:
        """Whether every word is in one of the columns."""
        found = Q()
        for word in self.words:
            found &= Q(Contains(Spelt(joined(*columns)), word))
        return found

    # Months -----------------------------------------------------------------------------------------------
    @cached_property
    def found_months(self) -> list[Any]:
        """Live months with every word in their title or items: those of the person's curricula, an admin's are all.

        Each with `item`, the first of its items that has all the words by itself, where the title has not.
        """
        months = Month.objects.live().filter(document__archived_at=None, document__published__isnull=False)
        if not self.user.is_staff:
            months = months.filter(
                curriculum__in={one.cohort.curriculum_id for one in self.learning}
                | {cohort.curriculum_id for cohort in self.mentored}
            )
        items = [model.objects.live().filter(month=OuterRef("pk")) for model in ANCHORS]
        for word in self.words:
            found = Q(Contains(Spelt(joined("label", "title")), word))
            for rows in items:
                found |= Q(Exists(rows.filter(Contains(Spelt(F("text")), word))))
            months = months.filter(found)
        whole = [
            Subquery(
                rows.filter(self.every("text"))
                .order_by("position", "pk")
                .values(
                    said=JSONObject(
                        kind=Value(ANCHORS[rows.model]), id=Cast("uuid", TextField()), text="text"
                    )
                )[:1]
            )
            for rows in items
        ]
        titled = Case(When(self.every("label", "title"), then=True), default=False)
        return list(
            months.annotate(titled=titled, item=Coalesce(*whole, output_field=JSONField()))
            .select_related("curriculum")
            .order_by(
                F("titled").desc(), "curriculum__title", F("number").asc(nulls_last=True), "position", "pk"
            )
        )

    @staticmethod
    def item_of(month: Any) -> tuple[str, str]:
        """Where on the month's page its item stands, and what it says; nothing where the title was meant."""
        if month.titled or month.item is None:
            return "", ""
        return f"#{month.item['kind']}-{UUID(month.item['id'])}", month.item["text"]

    def months(self) -> list[Hit]:
        """Months to read: an own one by its page, one of a mentored cohort by that of the cohort."""
        own: dict[int, Membership] = {}
        for membership in self.learning:
            own.setdefault(membership.cohort.curriculum_id, membership)
        hits = []
        for month in self.found_months:
            anchor, text = self.item_of(month)
            if learner := own.get(month.curriculum_id):
                url = reverse("progress:month_detail", args=[learner.uuid, month.slug]) + anchor
                hits.append(Hit(url, str(month), str(learner.cohort), text))
            hits += [
                Hit(cohort_url(cohort), str(month), _("%(cohort)s, as a mentor") % {"cohort": cohort}, text)
                for cohort in self.mentored
                if cohort.curriculum_id == month.curriculum_id
            ]
        return hits

    def admin_months(self) -> list[Hit]:
        if not self.user.is_staff:
            return []
        return [
            Hit(
                reverse("admin:curriculum_month_change", args=[month.pk]),
                str(month),
                str(month.curriculum),
                self.item_of(month)[1],
            )
            for month in self.found_months
        ]

    # Work -------------------------------------------------------------------------------------------------
    def submissions(self) -> list[Hit]:
        """Own ones, and what learners of mentored cohorts have handed in; a mentor does not learn of a draft."""
        columns = [
            "deliverable__text", "deliverable__month__label", "deliverable__month__title", "project__title",
            "project__month__label", "project__month__title", "idea__text", "system", "learner__user__name",
        ]  # fmt: skip
        rows = (
            Submission.objects.visible_to(self.user)
            .with_state()
            .filter(Q(learner__user=self.user) | Q(last_number__isnull=False))
            .filter(self.every(*columns))
            .select_related("learner__user", "learner__cohort", "deliverable__month", "project__month")
            .order_by(F("waiting_since").desc(nulls_last=True), "-pk")
        )
        return [self.work_hit(row) for row in rows[: self.limit + 1]]

    def work_hit(self, row: Submission) -> Hit:
        is_own = row.learner.user_id == self.user.pk
        month = row.month.label or row.month.title
        parts = (
            [month, str(row.learner.cohort)]
            if is_own
            else [str(row.learner.user), month, str(row.learner.cohort)]
        )
        return Hit(
            row.get_absolute_url(), str(row), " · ".join(parts), work=Work(row, LEARNER if is_own else MENTOR)
        )

    # People -----------------------------------------------------------------------------------------------
    def people(self) -> list[Hit]:
        """Mentors of the person's cohorts, and the learners of those they mentor; no learner is shown another."""
        colleagues = Q(role=MENTOR, ended_at=None, user__is_active=True, cohort__in=self.cohorts)
        rows = (
            Membership.objects.filter(colleagues | Q(role=LEARNER, cohort__in=self.mentored))
            .exclude(user=self.user)
            .filter(self.every("user__name"))
            .select_related("user", "cohort")
            .order_by(F("ended_at").desc(nulls_first=True), "user__name", "-pk")
        )
        return [self.member_hit(row) for row in rows[: self.limit + 1]]

    def member_hit(self, row: Membership) -> Hit:
        if row.role == LEARNER:
            words = _("learner, %(cohort)s") if row.ended_at is None else _("learner, %(cohort)s, has left")
            return Hit(
                reverse("progress:learner_path", args=[row.uuid]),
                str(row.user),
                words % {"cohort": row.cohort},
            )
        own = next((one for one in self.learning if one.cohort_id == row.cohort_id), None)
        url = reverse("progress:learner_path", args=[own.uuid]) if own else cohort_url(row.cohort)
        return Hit(url, str(row.user), _("mentor, %(cohort)s") % {"cohort": row.cohort})

    def admin_people(self) -> list[Hit]:
        if not self.user.is_staff:
            return []
        rows = User.objects.filter(self.every("name", "email")).order_by("name", "pk")[: self.limit + 1]
        return [
            Hit(
                reverse("admin:people_user_change", args=[row.pk]),
                str(row),
                row.email if row.is_active else _("%(email)s, may not log in") % {"email": row.email},
            )
            for row in rows
        ]

    # Cohorts ----------------------------------------------------------------------------------------------
    def own_cohorts(self) -> list[Hit]:
        """Those the person mentors, which are known already."""
        found = [one for one in self.mentored if all(word in spelt(one.name) for word in self.words)]
        return [Hit(cohort_url(one), str(one), str(one.curriculum)) for one in found]

    def admin_cohorts(self) -> list[Hit]:
        if not self.user.is_staff:
            return []
        rows = Cohort.objects.filter(self.every("name")).select_related("curriculum")[: self.limit + 1]
        return [
            Hit(reverse("admin:people_cohort_change", args=[row.pk]), str(row), str(row.curriculum))
            for row in rows
        ]


def joined(*columns: str) -> Func:
    """Columns as one text, with line ends between them; what is not there is empty."""
    parts: list[Any] = []
    for column in columns:
        parts += [Value("\n"), Coalesce(F(column), Value(""), output_field=TextField())]
    # Flat: one Concat inside the other is deeper than SQLite's parser goes.
    return Func(*parts, template="(%(expressions)s)", arg_joiner=" || ", output_field=TextField())


def cohort_url(cohort: Cohort) -> str:
    return reverse("progress:cohort_detail", args=[cohort.uuid])
