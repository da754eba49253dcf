"""Defences: what may be recorded of one."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from progress.models import Defence
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of
from tests.progress.school import School, hand_in


def test_defence_is_recorded_once_for_a_key(school: School) -> None:
    key = uuid4()
    first, second = school.defend(key=key), school.defend(key=key, note="Other words, same key.")
    assert first == second
    assert Defence.objects.count() == 1
    assert school.kinds == ["defence"]
    with pytest.raises(ValidationError):
        school.defend(key=key, author=school.other_mentor)


def test_defence_is_for_mentors_of_the_cohort(school: School) -> None:
    for other in (school.user, mentor_of(CohortFactory.create()), UserFactory.create(is_staff=True)):
        with pytest.raises(PermissionDenied):
            school.defend(author=other)
    assert not Defence.objects.exists()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("at", {"at": timezone.now() + timedelta(days=9)}),
        ("minutes", {"minutes": 0}),
        ("outcome", {"outcome": "brilliant"}),
        ("corrections_by", {"outcome": "corrections"}),
        ("corrections_by", {"corrections_by": date(2027, 1, 1)}),
        ("present", {"present": []}),
    ],
)
def test_defence_that_cannot_have_been_is_refused(school: School, field: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        school.defend(**fields)
    assert list(refused.value.message_dict) == [field]
    assert not Defence.objects.exists()


def test_defence_takes_only_the_learners_versions(school: School) -> None:
    foreign = hand_in(MembershipFactory.create(cohort=school.cohort), school.month, 2)
    with pytest.raises(ValidationError) as refused:
        school.defend(versions=[school.version, foreign])
    assert list(refused.value.message_dict) == ["versions"]


# The chain ------------------------------------------------------------------------------------------------
def test_defence_with_corrections_has_a_day(school: School) -> None:
    row = {"learner": school.learner, "month": school.month, "at": timezone.now(), "minutes": 1}
    for wrong in ({"outcome": "corrections"}, {"outcome": "passed", "corrections_by": date(2027, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Defence.objects.create(recorded_by=school.mentor, **row, **wrong)


def test_defence_at_the_same_time_is_recorded_once(school: School) -> None:
    held = school.defend()
    with pytest.raises(ValidationError, match="recorded already"):
        school.defend(at=held.at, note="Sent again from the page before.")
    assert Defence.objects.count() == 1
