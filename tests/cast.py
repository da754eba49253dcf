"""The standing cast: a published month, two cohorts, and everybody whom an access rule must tell apart."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils import timezone

from curriculum.models import Criterion, Curriculum, Deliverable, Document, Month, Project, Task
from curriculum.publication import publish
from people.models import Cohort, Membership, User
from submissions.models import Submission, Version
from tests.factories import CohortFactory, CurriculumFactory, MembershipFactory, UserFactory, mentor_of

WEEK = """### Week {n}: Part {n}

**Focus**: Focus {n}

**Tasks**:
{tasks}

**Deliverables**:
{works}
"""


def month_text(number: int = 8, weeks: int = 1, tasks: int = 2, works: int = 1, criteria: int = 2) -> str:
    """A month in the core dialect with so many of everything."""
    parts = [
        WEEK.format(
            n=week,
            tasks="\n".join(f"- [ ] Task {week}.{n}" for n in range(1, tasks + 1)),
            works="\n".join(f"- Work {week}.{n}" for n in range(1, works + 1)),
        )
        for week in range(1, weeks + 1)
    ]
    return (
        f"# Month {number:02}: System Design\n\n**Tier**: 2 (Specialization)\n**Duration**: {weeks} weeks\n\n"
        "## Before you start\n\n- [ ] A requirement\n\n"
        "## Weekly Breakdown\n\n" + "\n".join(parts) + "\n"
        "## Project: A Design\n\nDesign a system.\n\n**System ideas**:\n- Search\n- Payments\n\n"
        "## Success Criteria\n\n" + "\n".join(f"- [ ] Criterion {n}" for n in range(1, criteria + 1)) + "\n"
    )


def publish_month(curriculum: Curriculum, text: str, path: str = "month-08/README.md") -> Month:
    """The month of a text, as a published edition's rows."""
    document, _made = Document.objects.get_or_create(curriculum=curriculum, path=path)
    publish(document, text)
    return Month.objects.get(document=document, archived_at=None)


@dataclass
class Cast:
    """Everybody, and the month that both cohorts follow."""

    curriculum: Curriculum
    month: Month
    cohort: Cohort
    other_cohort: Cohort
    learner: Membership
    fellow: Membership
    stranger: Membership
    """A learner of the other cohort."""
    mentor: User
    other_mentor: User
    """A mentor of the other cohort."""
    admin: User
    deactivated: User

    @cached_property
    def task(self) -> Task:
        return Task.objects.filter(month=self.month, week__isnull=False).order_by("pk")[0]

    @cached_property
    def deliverable(self) -> Deliverable:
        return Deliverable.objects.filter(month=self.month).order_by("pk")[0]

    @cached_property
    def project(self) -> Project:
        return Project.objects.get(month=self.month)

    @cached_property
    def criteria(self) -> list[Criterion]:
        return list(Criterion.objects.filter(month=self.month))

    def hand_in(
        self, learner: Membership | None = None, work: Deliverable | None = None, text: str = "# Work"
    ) -> Version:
        """A submitted version."""
        submission, _made = Submission.objects.get_or_create(
            learner=learner or self.learner, deliverable=work or self.deliverable
        )
        version = submission.start_draft()
        version.save_draft(text, "", "", version.revision)
        version.submit()
        return version


def make_cast(text: str = "") -> Cast:
    curriculum = CurriculumFactory.create()
    month = publish_month(curriculum, text or month_text())
    begun: date = timezone.localdate() - timedelta(days=3)
    cohort, other_cohort = CohortFactory.create_batch(2, curriculum=curriculum, starts=begun)
    mentor = mentor_of(cohort, name="Tomas Lindqvist")
    deactivated = UserFactory.create(is_active=False)
    MembershipFactory.create(cohort=cohort, user=deactivated)
    return Cast(
        curriculum,
        month,
        cohort,
        other_cohort,
        MembershipFactory.create(cohort=cohort, user__name="Ines Duarte", mentor=mentor),
        MembershipFactory.create(cohort=cohort, user__name="Kwame Mensah"),
        MembershipFactory.create(cohort=other_cohort, user__name="Amira Haddad"),
        mentor,
        mentor_of(other_cohort, name="Sofia Marques"),
        UserFactory.create(is_staff=True, is_superuser=True),
        deactivated,
    )
