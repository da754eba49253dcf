"""Copying a cohort, and extending one learner's dates."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Cohort, Membership
from tests.cast import Cast
from tests.factories import mentor_of

MONDAY = date(2027, 1, 4)


@pytest.fixture
def spring(cast: Cast) -> Cohort:
    """A cohort with all that can be taken over."""
    Cohort.objects.filter(pk=cast.cohort.pk).update(
        name="Spring", starts=MONDAY, pace="1.5", time_zone="Europe/Lisbon", review_days=3,
        notice="Open hour on Thursdays.", talk_url="https://talk.example.org/spring",
    )  # fmt: skip
    cohort: Cohort = Cohort.objects.get(pk=cast.cohort.pk)
    cohort.pauses.create(first=MONDAY + timedelta(14), last=MONDAY + timedelta(20))
    left = mentor_of(cohort)
    left.memberships.update(ended_at=timezone.now())
    return cohort


def copied(client: Client, cohort: Cohort, **form: object) -> str:
    url = reverse("admin:people_cohort_copy", args=[cohort.pk])
    form = {"name": "Autumn", "starts": "2027-09-06", "pauses": "none"} | form
    return client.post(url, form, follow=True).text


def test_copy_takes_over_the_plan_and_not_the_learners(client: Client, cast: Cast, spring: Cohort) -> None:
    client.force_login(cast.admin)
    page = client.get(reverse("admin:people_cohort_change", args=[spring.pk])).text
    assert reverse("admin:people_cohort_copy", args=[spring.pk]) in page
    assert "Autumn is there" in copied(client, spring)
    autumn = Cohort.objects.get(name="Autumn")
    same = ("curriculum", "pace", "time_zone", "review_days", "notice", "talk_url")
    assert [getattr(autumn, name) for name in same] == [getattr(spring, name) for name in same]
    assert autumn.starts == date(2027, 9, 6)
    assert autumn.uuid != spring.uuid
    assert not autumn.memberships.exists()
    assert not autumn.pauses.exists()
    assert autumn.month_starts.get().starts == autumn.starts
    assert LogEntry.objects.get(object_id=str(autumn.pk)).change_message == "Copied from Spring."


def test_copy_moves_the_pauses_and_brings_the_mentors_when_asked(
    client: Client, cast: Cast, spring: Cohort
) -> None:
    client.force_login(cast.admin)
    copied(client, spring, pauses="moved", mentors="on")
    autumn = Cohort.objects.get(name="Autumn")
    pause = autumn.pauses.get()
    assert (pause.first - autumn.starts, pause.last - autumn.starts) == (timedelta(14), timedelta(20))
    assert [row.user for row in autumn.memberships.all()] == [cast.mentor]
    assert autumn.has_mentor(cast.mentor)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "Spring"}, "already exists"),
        ({"name": ""}, "required"),
        ({"name": "a\0b"}, "Null characters"),
        ({"starts": "soon"}, "valid date"),
        ({"starts": "0207-01-04"}, "Is the year right?"),
        ({"starts": "2199-12-30", "pauses": "moved"}, "Is the year right?"),
        ({"pauses": "later"}, "not one of the available"),
    ],
)
def test_copy_with_an_error_makes_nothing(
    client: Client, cast: Cast, spring: Cohort, form: dict[str, str], words: str
) -> None:
    client.force_login(cast.admin)
    before = Cohort.objects.count()
    assert words in copied(client, spring, **form)
    assert Cohort.objects.count() == before


@pytest.mark.parametrize("page", ["copy", "replacement"])
def test_pages_about_a_cohort_are_for_admins_alone(client: Client, cast: Cast, page: str) -> None:
    client.force_login(cast.mentor)
    url = reverse(f"admin:people_cohort_{page}", args=[cast.cohort.pk])
    before = Cohort.objects.count(), Membership.objects.filter(ended_at=None).count()
    assert client.get(url).status_code in (302, 403)
    assert client.post(url, {"name": "x", "starts": "2027-01-04", "pauses": "none"}).status_code in (302, 403)
    assert (Cohort.objects.count(), Membership.objects.filter(ended_at=None).count()) == before
    client.force_login(cast.admin)
    assert client.get(reverse(f"admin:people_cohort_{page}", args=[987654])).status_code == 404


def extend(client: Client, membership: Membership, **form: object) -> str:
    url = reverse("admin:people_membership_change", args=[membership.pk])
    form = {"cohort": membership.cohort_id, "mentor": "", "starts": ""} | form
    answer = client.post(url, form, follow=True).text
    membership.refresh_from_db()
    return answer


def test_extension_is_given_with_a_reason_logged_and_shown(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    assert "Say why, for the log." in extend(client, cast.learner, extension_days=5)
    assert cast.learner.extension_days == 0
    extend(client, cast.learner, extension_days=5, reason="Two weeks of jury duty")
    today = cast.cohort.today()
    assert (cast.learner.extension_days, cast.learner.extended_from) == (5, today)
    logged = LogEntry.objects.get(object_id=str(cast.learner.pk)).change_message
    assert f"extended by 5 days from {today}. Two weeks of jury duty" in logged

    client.force_login(cast.learner.user)
    said = f"dates extended by 5 days from {date_format(today, 'j F')}"
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    due = date_format(cast.cohort.starts + timedelta(6 + 5), "D j M")
    for page in (client.get("/path/").text, client.get(month).text):
        assert said in page
        assert f"by {due}" in page
        assert "jury" not in page
    client.force_login(cast.fellow.user)
    assert "extended" not in client.get("/path/").text

    client.force_login(cast.admin)
    extend(client, cast.learner, extension_days=8, reason="One more")
    assert (cast.learner.extension_days, cast.learner.extended_from) == (8, today)
    assert "Say why" not in extend(client, cast.learner, extension_days=8)
    extend(client, cast.learner, extension_days="", reason="A mistake")
    assert (cast.learner.extension_days, cast.learner.extended_from) == (0, None)


@pytest.mark.parametrize("days", ["-1", "367", "many"])
def test_extension_that_is_none_is_refused(client: Client, cast: Cast, days: str) -> None:
    client.force_login(cast.admin)
    assert "errorlist" in extend(client, cast.learner, extension_days=days, reason="Why not")
    assert cast.learner.extension_days == 0


def test_extension_stands_with_its_day(cast: Cast) -> None:
    for days, since in ((5, None), (0, cast.cohort.starts)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=cast.learner.pk).update(extension_days=days, extended_from=since)
