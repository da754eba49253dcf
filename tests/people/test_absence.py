"""Mentors who are away: the rules of an absence, the mentor's own page, and the admin's."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Absence, Membership, User
from tests.cast import Cast
from tests.factories import mentor_of


def day(ahead: int = 0) -> date:
    return timezone.localdate() + timedelta(days=ahead)


def away(mentor: User, stand_in: User, first: int = 0, last: int = 5) -> Absence:
    membership = Membership.objects.select_related("cohort").get(user=mentor)
    return Absence(membership=membership, stand_in=stand_in, first=day(first), last=day(last))


def refused(absence: Absence) -> str:
    with pytest.raises(ValidationError) as refusal:
        absence.full_clean(exclude=["begins_at", "ends_at"])
    return " ".join(refusal.value.messages)


def test_absence_runs_on_its_days_where_the_cohort_is(cast: Cast) -> None:
    sofia = mentor_of(cast.cohort)
    cast.cohort.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
    cast.cohort.save()
    absence = away(cast.mentor, sofia)
    absence.first = absence.last = cast.cohort.today()
    absence.full_clean(exclude=["begins_at", "ends_at"])
    absence.save()
    assert absence.begins_at.isoformat().endswith("T00:00:00+14:00")
    assert absence.ends_at - absence.begins_at == timedelta(days=1)
    assert Absence.objects.running().get() == absence
    for change in (
        {"first": absence.first - timedelta(2), "last": absence.last - timedelta(1)},
        {"first": absence.first + timedelta(1), "last": absence.last + timedelta(1)},
    ):
        for name, value in change.items():
            setattr(absence, name, value)
        absence.save()
        assert not Absence.objects.running().exists()


def test_stand_in_mentors_the_same_cohort_and_is_there(cast: Cast) -> None:
    sofia, ada = mentor_of(cast.cohort, name="Sofia"), mentor_of(cast.cohort, name="Ada")
    for other in (cast.mentor, cast.other_mentor, cast.learner.user, cast.admin):
        assert "Choose another mentor of the same cohort." in refused(away(cast.mentor, other))
    away(sofia, ada, 3, 8).save()
    assert "Sofia is away then" in refused(away(cast.mentor, sofia, 0, 3))
    away(cast.mentor, sofia, 0, 2).full_clean(exclude=["begins_at", "ends_at"])
    assert "Ada stands in for Sofia then" in refused(away(ada, cast.mentor, 8, 9))
    away(ada, cast.mentor, 9, 9).full_clean(exclude=["begins_at", "ends_at"])


def test_days_of_an_absence_are_in_order_ahead_and_apart(cast: Cast) -> None:
    sofia = mentor_of(cast.cohort)
    assert "before the first" in refused(away(cast.mentor, sofia, 5, 4))
    assert "over already" in refused(away(cast.mentor, sofia, -5, -1))
    away(cast.mentor, sofia, 2, 4).save()
    assert "touch another absence" in refused(away(cast.mentor, sofia, 4, 6))
    away(cast.mentor, sofia, 5, 6).full_clean(exclude=["begins_at", "ends_at"])
    cast.learner.end()
    assert "Only who mentors this cohort" in refused(away(cast.learner.user, sofia))
    with pytest.raises(IntegrityError), transaction.atomic():
        away(cast.mentor, sofia, 9, 8).save()


def test_absence_means_nothing_once_either_has_left(cast: Cast) -> None:
    sofia = mentor_of(cast.cohort)
    away(cast.mentor, sofia).save()
    assert Absence.objects.running().exists()
    sofia.memberships.update(ended_at=timezone.now())
    assert not Absence.objects.running().exists()
    sofia.memberships.update(ended_at=None)
    User.objects.filter(pk=cast.mentor.pk).update(is_active=False)
    assert not Absence.objects.running().exists()


def announced(client: Client, cast: Cast, stand_in: User, first: date, last: date) -> str:
    form = {"stand_in": f"{cast.cohort.uuid}.{stand_in.uuid}", "first": first, "last": last}
    return client.post(reverse("people:absences"), form, follow=True).text


def test_mentor_announces_an_absence_and_takes_it_back(client: Client, cast: Cast) -> None:
    sofia = mentor_of(cast.cohort, name="Sofia Marques")
    client.force_login(cast.mentor)
    assert reverse("people:absences") in client.get(reverse("people:account")).text
    assert "Sofia Marques stands in for you" in announced(client, cast, sofia, day(1), day(3))
    absence = Absence.objects.get()
    assert (absence.membership.user, absence.stand_in) == (cast.mentor, sofia)
    said = announced(client, cast, sofia, day(3), day(4))
    assert "These days touch another absence" in said
    assert f'value="{day(4)}"' in said
    end = reverse("people:absence_end", args=[absence.uuid])
    client.force_login(sofia)
    assert client.post(end).status_code == 404
    client.force_login(cast.mentor)
    client.post(end)
    assert not Absence.objects.exists()


def test_mentor_who_is_back_early_keeps_the_days_that_were(client: Client, cast: Cast) -> None:
    sofia = mentor_of(cast.cohort)
    absence = away(cast.mentor, sofia, -2, 4)
    absence.save()
    client.force_login(cast.mentor)
    end = reverse("people:absence_end", args=[absence.uuid])
    for _twice in range(2):
        client.post(end)
        absence.refresh_from_db()
        assert (absence.first, absence.last) == (day(-2), day(-1))
    assert not Absence.objects.running().exists()


@pytest.mark.parametrize("stand_in", ["", "x", "{cohort}.{learner}", "{other}.{sofia}", "{cohort}.{sofia}\0"])
def test_stand_in_who_is_none_is_refused(client: Client, cast: Cast, stand_in: str) -> None:
    sofia = mentor_of(cast.cohort)
    names = {
        "cohort": cast.cohort.uuid, "other": cast.other_cohort.uuid, "sofia": sofia.uuid,
        "learner": cast.learner.user.uuid,
    }  # fmt: skip
    client.force_login(cast.mentor)
    form = {"stand_in": stand_in.format(**names), "first": day(), "last": day()}
    assert client.post(reverse("people:absences"), form).status_code == 422
    assert not Absence.objects.exists()


def test_only_mentor_is_told_that_nobody_can_stand_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.mentor)
    assert "nobody who could stand in" in client.get(reverse("people:absences")).text


def inline(membership: Membership, *rows: tuple[User, date, date]) -> dict[str, object]:
    form: dict[str, object] = {"cohort": membership.cohort_id}
    form |= {"absences-TOTAL_FORMS": len(rows), "absences-INITIAL_FORMS": 0}
    for place, (stand_in, first, last) in enumerate(rows):
        name = f"absences-{place}"
        form |= {f"{name}-stand_in": stand_in.pk, f"{name}-first": first, f"{name}-last": last}
        form |= {f"{name}-membership": membership.pk}
    return form


def test_admin_enters_absences(client: Client, cast: Cast) -> None:
    sofia = mentor_of(cast.cohort)
    membership = cast.mentor.memberships.get()
    url = reverse("admin:people_membership_change", args=[membership.pk])
    client.force_login(cast.admin)
    assert "absences-TOTAL_FORMS" in client.get(url).text
    touching = inline(membership, (sofia, day(1), day(3)), (sofia, day(3), day(5)))
    assert "touch each other" in client.post(url, touching).text
    wrong = inline(membership, (cast.other_mentor, day(1), day(3)))
    assert "Choose another mentor of the same cohort." in client.post(url, wrong).text
    assert not Absence.objects.exists()
    assert client.post(url, inline(membership, (sofia, day(1), day(3)))).status_code == 302
    assert Absence.objects.get().stand_in == sofia
    assert "absence" in LogEntry.objects.get(object_id=str(membership.pk)).get_change_message().lower()
    learner = reverse("admin:people_membership_change", args=[cast.learner.pk])
    assert "absences-TOTAL_FORMS" not in client.get(learner).text
