"""Cohorts and their dates."""

import zoneinfo
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curriculum.models import Curriculum, Month
from people.dates import DAY, Days, missing_starts
from people.models.user import User, check_time_zone

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from people.models.invitation import Invitation
    from people.models.membership import Membership


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


COPIED = ["curriculum", "pace", "time_zone", "review_days", "notice", "talk_url"]
"""What a copied cohort takes over as it is."""


def check_day(day: date) -> None:
    """Raises ValidationError for a year that was mistyped; a plan that began then would not end in the calendar."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Is the year right? Choose a day between 2000 and 2199."))


class Role(models.TextChoices):
    """As what somebody belongs to a cohort."""

    LEARNER = "learner", _("learner")
    MENTOR = "mentor", _("mentor")


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Cohorts."""

    def mentored_by(self, user: User) -> "CohortQuerySet":
        """Cohorts in which the user is a mentor now."""
        return self.filter(memberships__user=user, memberships__role=Role.MENTOR, memberships__ended_at=None)

    def visible_to(self, user: User) -> "CohortQuerySet":
        """Cohorts whose page the user may see: those mentored now; for an admin who may see cohorts there, all."""
        if user.is_staff and user.has_perm("people.view_cohort"):
            return self.all()
        return self.mentored_by(user)

    def running(self) -> "CohortQuerySet":
        """Those that have not ended, also those that are still to begin."""
        return self.filter(ended_at=None)


class Cohort(models.Model):
    """People who follow one curriculum together, from a start date, at a pace."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    curriculum = models.ForeignKey(
        Curriculum, models.PROTECT, related_name="cohorts", verbose_name=_("curriculum")
    )
    name = models.CharField(_("name"), max_length=150)
    starts = models.DateField(_("starts"), validators=[check_day])
    pace = models.DecimalField(
        _("pace"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.25")), MaxValueValidator(Decimal(8))],
        help_text=_("1 is as the months say; 2 takes twice as long."),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[check_time_zone])
    review_days = models.PositiveSmallIntegerField(
        _("review days"),
        null=True,
        blank=True,
        help_text=_("Days a mentor has to answer; empty promises nothing."),
    )
    notice = models.TextField(_("notice"), blank=True, max_length=2000)
    talk_url = models.URLField(_("where we talk"), blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "name"]
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="cohort_name_once"),
            models.CheckConstraint(condition=Q(pace__gt=0), name="cohort_pace_positive"),
        ]

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]
        month_starts: RelatedManager["MonthStart"]
        pauses: RelatedManager["Pause"]
        invitations: RelatedManager["Invitation"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("progress:cohort_detail", args=[self.uuid])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Where this cohort's days begin and end."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self) -> date:
        """The day it is in the cohort's zone."""
        return timezone.now().astimezone(self.zone).date()

    @property
    def has_begun(self) -> bool:
        return self.today() >= self.starts

    def has_mentor(self, user: User) -> bool:
        """Whether the user mentors this cohort now."""
        return self.memberships.filter(
            user=user, role=Role.MENTOR, ended_at=None, user__is_active=True
        ).exists()

    def review_by(self, handed_in: datetime) -> date | None:
        """The last day on which a review is in time, for what was handed in then; None where nothing is promised.

        So many days after the day of handing in, in the cohort's zone; days of a pause do not count.
        """
        if self.review_days is None:
            return None
        return Days(self.pauses.all()).after(handed_in.astimezone(self.zone).date(), self.review_days)

    def late_before(self, patience: int) -> datetime:
        """What was handed in before this moment, and waits still, waits longer than promised; see `review_by`.

        `patience` are the days of a cohort that promises none.
        """
        days, promised = Days(self.pauses.all()), patience if self.review_days is None else self.review_days
        today = self.today()
        day = today - DAY * (promised + 1)
        while days.after(day, promised) >= today:
            day -= DAY
        return datetime.combine(day + DAY, time.min, tzinfo=self.zone)

    def write_starts(self) -> int:
        """Writes the start of each live month that has none, in the curriculum's order; moves no other.

        Returns how many were written. What is not written yet is shown as it would be (`people.dates.Dates`).
        """
        months = list(Month.objects.live().filter(curriculum=self.curriculum_id).in_order())
        known = dict(self.month_starts.values_list("month", "starts"))
        missing = missing_starts(self.starts, self.pace, months, known, Days(self.pauses.all()))
        MonthStart.objects.bulk_create(
            [MonthStart(cohort=self, month_id=month_id, starts=day) for month_id, day in missing.items()],
            ignore_conflicts=True,
        )
        return len(missing)

    def misplaced(self, starts: Mapping[int, date]) -> dict[int, str]:
        """What is wrong with starts, by the keys of their months: before the cohort's, or not in the plan's order."""
        wrong: dict[int, str] = {}
        before: Month | None = None
        for month in Month.objects.filter(curriculum=self.curriculum_id, pk__in=starts).in_order():
            if starts[month.pk] < self.starts:
                wrong[month.pk] = gettext("This is before the cohort's first day.")
            elif before and starts[month.pk] < starts[before.pk]:
                wrong[month.pk] = gettext(
                    "This is before %(month)s begins, which comes first in the plan."
                ) % {"month": before}
            before = month
        return wrong

    @transaction.atomic
    def copy(self, name: str, starts: date, *, mentors: bool, pauses: bool) -> "Cohort":
        """Another cohort of the same plan: curriculum, pace, zone, review days, notice and where people talk.

        With `pauses`, as many days after its start as here; with `mentors`, those who mentor this one now. The months'
        first days are written from the pace. Raises ValidationError for a name that is taken and for days outside the
        calendar.
        """
        other = Cohort(name=name, starts=starts)
        for copied in COPIED:
            setattr(other, copied, getattr(self, copied))
        other.full_clean()
        other.save()
        if pauses:
            moved = starts - self.starts
            for pause in self.pauses.all():
                new = Pause(cohort=other, first=pause.first + moved, last=pause.last + moved)
                new.full_clean()
                new.save()
        if mentors:
            for user in self.memberships.current().mentors().values_list("user", flat=True):  # type: ignore[attr-defined]
                other.memberships.create(user_id=user, role=Role.MENTOR)
        other.write_starts()
        return other

    @transaction.atomic
    def move_starts(self) -> int:
        """Writes anew the starts that lie ahead, after the pace or the pauses changed; returns how many.

        A month that has begun keeps its day.
        """
        self.month_starts.filter(starts__gt=self.today()).delete()
        return self.write_starts()


class MonthStart(models.Model):
    """The day a month begins for a cohort: written once, so that a week added later moves nobody's dates."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="month_starts")
    month = models.ForeignKey(Month, models.PROTECT, related_name="starts")
    starts = models.DateField(_("starts"), validators=[check_day])

    class Meta:
        ordering = ["starts", "pk"]
        verbose_name = _("start of a month")
        verbose_name_plural = _("starts of months")
        constraints = [models.UniqueConstraint(fields=["cohort", "month"], name="month_start_once")]

    def __str__(self) -> str:
        return f"{self.month}, {self.starts}"


class Pause(models.Model):
    """Days, both included, on which a cohort rests."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="pauses")
    first = models.DateField(_("first day"), validators=[check_day])
    last = models.DateField(_("last day"), validators=[check_day])

    class Meta:
        ordering = ["first"]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="pause_in_order",
                violation_error_message=_("The last day comes before the first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"
