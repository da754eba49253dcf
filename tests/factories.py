"""Rows for tests, each as small as it can be."""

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from curriculum.models import Curriculum, Document, Month
from people.models import Cohort, Invitation, Membership, User

PASSWORD = "a long walk uphill"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.django.Password(PASSWORD)


class CurriculumFactory(DjangoModelFactory[Curriculum]):
    class Meta:
        model = Curriculum

    slug = factory.Sequence(lambda n: f"curriculum-{n}")
    title = factory.Sequence(lambda n: f"Curriculum {n}")


class DocumentFactory(DjangoModelFactory[Document]):
    class Meta:
        model = Document

    curriculum = factory.SubFactory(CurriculumFactory)
    path = factory.Sequence(lambda n: f"month-{n:02}/README.md")


class MonthFactory(DjangoModelFactory[Month]):
    """A bare row, for rules that need no text; `publish` in tests/plan.py makes a whole month from its Markdown."""

    class Meta:
        model = Month

    document = factory.SubFactory(DocumentFactory)
    curriculum = factory.SelfAttribute("document.curriculum")
    number = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda month: f"Month {month.number:02}")
    slug = factory.LazyAttribute(lambda month: f"month-{month.number:02}")
    title = "System Design"


class CohortFactory(DjangoModelFactory[Cohort]):
    class Meta:
        model = Cohort

    curriculum = factory.SubFactory(CurriculumFactory)
    name = factory.Sequence(lambda n: f"Cohort {n}")
    starts = date(2026, 11, 2)


class MembershipFactory(DjangoModelFactory[Membership]):
    """A learner; `mentor_of(cohort)` makes a mentor."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    cohort = factory.SubFactory(CohortFactory)
    role = Membership.Role.LEARNER


class InvitationFactory(DjangoModelFactory[Invitation]):
    class Meta:
        model = Invitation

    cohort = factory.SubFactory(CohortFactory)


def mentor_of(cohort: Cohort, **user: Any) -> User:
    """A person who mentors the cohort."""
    person: User = UserFactory.create(**user)
    MembershipFactory.create(user=person, cohort=cohort, role=Membership.Role.MENTOR)
    return person
