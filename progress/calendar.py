"""A person's calendar (RFC 5545): the ends of weeks, the days by which reviews are due, and defences.

A due date is a day, so it is an event of the whole day; it is the cohort's day, wherever the calendar is read.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from curriculum.pages import content_of, plan_of
from people.letters import absolute
from people.models import Membership, User
from progress.learners import dates_of
from progress.models import Defence
from submissions.models import Submission

REFRESHED = timedelta(hours=6)
"""How often a calendar program is asked to look again."""

REVIEWS = 200
"""Of what waits, so many at most: somebody with more needs no calendar to know."""


def calendar_of(user: User) -> bytes:
    """All of it, as a file of type text/calendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//Cairn//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Cairn"))
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    mine = list(Membership.objects.current().filter(user=user).select_related("cohort", "user"))
    for learner in mine:
        if learner.role == Membership.Role.LEARNER:
            for event in (*weeks(learner), *corrections(learner)):
                calendar.add_component(event)
    for event in (*defences(user), *reviews(user)):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def event_of(name: str, begins: date | datetime, title: str, path: str) -> Event:
    """`name` is the same each time it is asked for, so that a moved day moves the entry."""
    event = Event()
    event.add("uid", f"{name}@cairn")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", begins)
    event.add("summary", title)
    event.add("url", absolute(path))
    if not isinstance(begins, datetime):
        event.add("dtend", begins + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # A day by which something is due keeps nobody busy.
    return event


def month_path(learner: Membership, slug: str) -> str:
    return reverse("progress:month_detail", args=[learner.uuid, slug])


def weeks(learner: Membership) -> Iterator[Event]:
    """The last day of each week of each month, for this learner."""
    months = plan_of(learner.cohort.curriculum_id).months
    dates = dates_of(learner, months)
    for planned in months:
        path = month_path(learner, planned.slug)
        content = content_of(planned.edition)[planned.uuid]
        for end, week in zip(content.ends, content.weeks, strict=True):
            day = dates.due(planned.pk, end)
            if day:
                month = planned.label or planned.title
                title = _("%(month)s: %(week)s ends") % {"month": month, "week": week["label"]}
                yield event_of(f"week-{week['id']}-{learner.uuid}", day, title, path)


def corrections(learner: Membership) -> Iterator[Event]:
    """The days by which corrections after a defence are due."""
    asked = Defence.objects.filter(learner=learner, corrections_by__isnull=False).select_related("month")
    for defence in asked:
        title = _("Corrections of “%(month)s” are due") % {"month": defence.month}
        path = month_path(learner, defence.month.slug)
        yield event_of(f"corrections-{defence.uuid}", defence.corrections_by, title, path)


def defences(user: User) -> Iterator[Event]:
    """Those at which the person was present."""
    found = Defence.objects.filter(present=user).select_related("learner__user", "month")
    for defence in found:
        title = _("Defence of “%(month)s”, %(name)s") % {"month": defence.month, "name": defence.learner.user}
        path = month_path(defence.learner, defence.month.slug)
        event = event_of(f"defence-{defence.uuid}", defence.at, title, path)
        event.add("dtend", defence.at + timedelta(minutes=defence.minutes))
        yield event


def reviews(user: User) -> Iterator[Event]:
    """When the review of what waits is due, where a cohort promises days: of own work, and of what waits for them."""
    own = Submission.objects.queued().filter(learner__user=user)
    theirs = Submission.objects.waiting_for(user).filter(Q(mine=True))
    for rows, words in ((own, _("Review of “%(work)s” is due")), (theirs, _("Review “%(work)s”, %(name)s"))):
        promised = rows.filter(learner__cohort__review_days__isnull=False)
        found = promised.select_related(
            "learner__user", "learner__cohort", "deliverable__month", "project__month"
        ).prefetch_related("learner__cohort__pauses")
        for row in found[:REVIEWS]:
            day = row.learner.cohort.review_by(row.waiting_since)
            if day:
                title = words % {"work": row, "name": row.learner.user}
                yield event_of(f"review-{row.uuid}", day, title, row.get_absolute_url())
