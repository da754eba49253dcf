"""Cohorts, their dates, and who belongs to them."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, Count, F, Q, When
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curriculum.audience import Audience
from curriculum.models import Curriculum, Month
from people.dates import DAY, Days, missing_starts
from people.models.user import User, check_time_zone

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from people.models.invitation import Invitation


mentor_left = Signal()
"""Somebody mentors a cohort no more: `user` and `cohort`, by primary key. Sent in the transaction that ends it; who
hears it, in an app above, ends what hangs on it."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


COPIED = ["curriculum", "pace", "time_zone", "review_days", "notice", "talk_url"]
"""What a copied cohort takes over as it is."""


def check_day(day: date) -> None:
    """Raises ValidationError for a year that was mistyped; a plan that began then would not end in the calendar."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Is the year right? Choose a day between 2000 and 2199."))


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Cohorts."""

    def mentored_by(self, user: User) -> "CohortQuerySet":
        """Cohorts in which the user is a mentor now."""
        return self.filter(
            memberships__user=user, memberships__role=Membership.Role.MENTOR, memberships__ended_at=None
        )

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
            user=user, role=Membership.Role.MENTOR, ended_at=None, user__is_active=True
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
            Membership.objects.bulk_create(
                Membership(user_id=user, cohort=other, role=Membership.Role.MENTOR)
                for user in Membership.objects.current()
                .mentors()
                .filter(cohort=self)
                .values_list("user", flat=True)
            )
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


@dataclass(frozen=True)
class Handed:
    """What a mentor who leaves has given to another."""

    learners: list["Membership"]
    invitations: int
    """How many invitations name the other as own mentor now."""


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships."""

    def current(self) -> "MembershipQuerySet":
        """Those that have not ended, of people who may log in."""
        return self.filter(ended_at=None, user__is_active=True)

    def newest_first(self, today: date | None = None) -> "MembershipQuerySet":
        """The newest first; those whose cohort is still to begin, as of `today`, come after all others."""
        waits = Case(When(cohort__starts__gt=today or timezone.localdate(), then=1), default=0)
        return self.order_by(waits, "-joined_at", "-pk")

    def learners(self) -> "MembershipQuerySet":
        return self.filter(role=Membership.Role.LEARNER)

    def mentors(self) -> "MembershipQuerySet":
        return self.filter(role=Membership.Role.MENTOR)

    def visible_to(self, user: User) -> "MembershipQuerySet":
        """Learners' memberships whose work the user may read: own ones, and those of cohorts mentored now."""
        mentored = Membership.objects.filter(user=user, role=Membership.Role.MENTOR, ended_at=None)
        return self.learners().filter(Q(user=user) | Q(cohort__in=mentored.values("cohort")))


class Membership(models.Model):
    """A person in a cohort, as learner or as mentor. It ends and is never deleted; a repeat is a new one."""

    class Role(models.TextChoices):
        LEARNER = "learner", _("learner")
        MENTOR = "mentor", _("mentor")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="memberships", verbose_name=_("cohort"))
    role = models.CharField(_("role"), max_length=7, choices=Role, default=Role.LEARNER)
    mentor = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_learners",
        verbose_name=_("own mentor"),
        help_text=_("Who usually answers this learner."),
    )
    invitation = models.ForeignKey(
        "Invitation", models.PROTECT, null=True, blank=True, editable=False, related_name="memberships"
    )
    starts = models.DateField(
        _("own start"),
        null=True,
        blank=True,
        validators=[check_day],
        help_text=_("Empty: the cohort's. A late joiner's dates run from here."),
    )
    extension_days = models.PositiveSmallIntegerField(
        _("extension"),
        default=0,
        validators=[MaxValueValidator(366)],
        help_text=_("Working days added to every date that lies ahead."),
    )
    extended_from = models.DateField(
        _("extended from"),
        null=True,
        blank=True,
        validators=[check_day],
        help_text=_("Dates before this day stay. Empty: today."),
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user__name", "pk"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "cohort"], condition=Q(ended_at=None), name="membership_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(role="learner") | Q(mentor=None), name="own_mentor_of_learners_only"
            ),
            models.CheckConstraint(
                condition=Q(extension_days=0, extended_from=None)
                | Q(extension_days__gt=0, extended_from__isnull=False),
                name="extension_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.cohort}"

    def clean(self) -> None:
        same = Membership.objects.filter(user=self.user_id, cohort=self.cohort_id, ended_at=None)
        if self.ended_at is None and same.exclude(pk=self.pk).exists():
            raise ValidationError({"cohort": _("This person is in this cohort already.")})

    def is_mentored_by(self, user: User) -> bool:
        """Whether the user may review and mark this learner: mentors the cohort now, and is someone else."""
        if user.pk == self.user_id:
            return False
        return Membership.objects.current().mentors().filter(user=user, cohort=self.cohort_id).exists()

    def answerers(self) -> list[User]:
        """Who is told of what this learner asks: their own mentor while they mentor the cohort, else all who do."""
        rows = Membership.objects.current().mentors().filter(cohort=self.cohort_id).select_related("user")
        mentors = [row.user for row in rows.exclude(user=self.user_id)]
        return [mentor for mentor in mentors if mentor.pk == self.mentor_id] or mentors

    def lock(self) -> None:
        """Takes its row until the transaction ends: what is counted for one learner is written by one at a time."""
        Membership.objects.select_for_update(no_key=True).get(pk=self.pk)

    def require_learner(self, user: User) -> None:
        """Raises PermissionDenied unless the user is this learner and the membership has not ended."""
        if user.pk != self.user_id or self.role != self.Role.LEARNER or self.ended_at is not None:
            raise PermissionDenied

    def end(self) -> None:
        """Ends the membership: its rights are gone at the next request, what hangs on it stays."""
        if self.ended_at is not None:
            return
        with transaction.atomic():
            self.ended_at = timezone.now()
            self.save(update_fields=["ended_at"])
            self.tell_left(self.cohort_id)

    def tell_left(self, cohort_id: int) -> None:
        """Tells the apps above that a mentor left a cohort, by whatever way; of a learner there is nothing to tell."""
        if self.role == self.Role.MENTOR:
            mentor_left.send(sender=Membership, user=self.user_id, cohort=cohort_id)

    def hand_to(self, successor: User) -> "Handed":
        """Gives a mentor's own learners in this cohort, and the invitations of those to come, to another mentor of it.

        Raises ValidationError for one who does not mentor the cohort, or is the same.
        """
        if successor.pk == self.user_id or not self.cohort.has_mentor(successor):
            raise ValidationError(_("Choose another mentor of the same cohort."))
        with transaction.atomic():
            own = Membership.objects.filter(cohort=self.cohort_id, mentor=self.user_id, ended_at=None)
            learners = list(own.select_related("user"))
            own.update(mentor=successor)
            invitations = self.cohort.invitations.filter(mentor=self.user_id, revoked_at=None)
            return Handed(learners, invitations.update(mentor=successor))

    def extend(self, days: int, since: date | None = None) -> None:
        """Adds working days to every date from a day on, by default the cohort's today; 0 takes the extension back."""
        self.extension_days = days
        self.extended_from = (since or self.extended_from or self.cohort.today()) if days else None


def followers(curriculum: Curriculum) -> Audience:
    """Learners in a curriculum's running cohorts, a person in two of them once; and the cohorts that have learners."""
    learners = Membership.objects.current().learners()
    found = learners.filter(cohort__in=Cohort.objects.running().filter(curriculum=curriculum)).aggregate(
        people=Count("user", distinct=True), cohorts=Count("cohort", distinct=True)
    )
    return Audience(found["people"], found["cohorts"])
