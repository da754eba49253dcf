"""A person's calendar: its events, and its secret address."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from people.models import Pause, User
from progress.models import Defence
from tests.cast import Cast


def address(user: User) -> str:
    if not user.has_feed:
        user.renew_feed(on=True)
    return reverse("progress:calendar", args=[user.feed_token])


def events(user: User) -> dict[str, Any]:
    """By title; read by the library as a calendar program would."""
    answer = Client().get(address(user))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return {str(event["SUMMARY"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_week_ends_are_whole_days(cast: Cast) -> None:
    event = events(cast.learner.user)["Month 08: Week 1 ends"]
    assert event["DTSTART"].dt == cast.cohort.starts + timedelta(days=6)
    assert event["DTEND"].dt == cast.cohort.starts + timedelta(days=7)
    assert event["URL"] == f"http://localhost/learners/{cast.learner.uuid}/months/month-08/"
    assert event["TRANSP"] == "TRANSPARENT"


def test_event_keeps_its_name_when_its_day_moves(cast: Cast) -> None:
    before = events(cast.learner.user)["Month 08: Week 1 ends"]
    Pause.objects.create(cohort=cast.cohort, first=cast.cohort.starts, last=cast.cohort.starts)
    after = events(cast.learner.user)["Month 08: Week 1 ends"]
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt == before["DTSTART"].dt + timedelta(days=1)


def test_reviews_are_due_where_the_cohort_promises_it(cast: Cast) -> None:
    cast.hand_in()
    assert not any("Review" in title for title in events(cast.mentor))
    cast.cohort.review_days = 3
    cast.cohort.save()
    due = cast.cohort.today() + timedelta(days=3)
    assert events(cast.mentor)["Review “Work 1.1”, Ines Duarte"]["DTSTART"].dt == due
    assert events(cast.learner.user)["Review of “Work 1.1” is due"]["DTSTART"].dt == due
    assert not any("Review" in title for title in events(cast.fellow.user))
    assert not any("Review" in title for title in events(cast.other_mentor))


def test_defences_and_corrections(cast: Cast) -> None:
    at = timezone.now() - timedelta(days=1)
    defence = Defence.objects.create(
        learner=cast.learner,
        month=cast.month,
        at=at,
        minutes=45,
        outcome="corrections",
        corrections_by=date(2026, 12, 4),
        recorded_by=cast.mentor,
    )
    defence.present.set([cast.learner.user, cast.mentor])
    title = "Defence of “Month 08: System Design”, Ines Duarte"
    for user in (cast.learner.user, cast.mentor):
        event = events(user)[title]
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=45)
    due = events(cast.learner.user)["Corrections of “Month 08: System Design” are due"]
    assert due["DTSTART"].dt == date(2026, 12, 4)


def test_address_is_a_secret_that_can_be_closed(cast: Cast, client: Client) -> None:
    user = cast.learner.user
    first = address(user)
    user.renew_feed(on=True)
    second = address(user)
    assert [client.get(one).status_code for one in (first, second)] == [404, 200]
    user.renew_feed(on=False)
    assert client.get(second).status_code == 404
    user.renew_feed(on=False)
    user.renew_feed(on=True)
    assert [client.get(one).status_code for one in (first, second, address(user))] == [404, 404, 200]


def test_guessed_addresses_lead_nowhere(cast: Cast, client: Client) -> None:
    good = address(cast.learner.user)
    token = cast.learner.user.feed_token
    name, number, signature = token.split(".")
    guesses = [
        f"{cast.fellow.user.uuid.hex}.1.{signature}",
        f"{name}.3.{signature}",
        f"{name}.{number}",
        f"{name}.{number}.{signature[:-1]}",
        "x",
        "%00",
    ]
    for guess in guesses:
        assert client.get(good.replace(token, guess)).status_code == 404, guess
    cast.learner.user.is_active = False
    cast.learner.user.save()
    assert client.get(good).status_code == 404


def test_account_page_makes_shows_and_closes_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner.user)
    assert ".ics" not in client.get("/account/").text
    client.post("/account/calendar/", {"state": "on"})
    user = User.objects.get(pk=cast.learner.user.pk)
    assert f"http://testserver{address(user)}" in client.get("/account/").text
    client.post("/account/calendar/", {"state": "off"})
    assert ".ics" not in client.get("/account/").text
