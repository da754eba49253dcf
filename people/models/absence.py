"""When a mentor is away, and who stands in."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from people.dates import DAY
from people.models.cohort import Cohort, check_day
from people.models.membership import Membership
from people.models.user import User


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences."""

    def now(self) -> "AbsenceQuerySet":
        """Those whose days have come and are not over."""
        # The database's clock: pages keep the SQL that asks this, and a time in it would grow old.
        return self.filter(begins_at__lte=Now(), ends_at__gt=Now())

    def running(self) -> "AbsenceQuerySet":
        """Those by which a turn goes to another now: both people still mentor the cohort."""
        mentors = Membership.objects.current().mentors()
        return self.now().filter(
            membership__in=mentors,
            stand_in__in=mentors.filter(cohort=models.OuterRef("membership__cohort")).values("user"),
        )

    def ahead(self) -> "AbsenceQuerySet":
        """Those that run or are to come."""
        return self.filter(ends_at__gt=timezone.now())

    def hand_to(self, leaving: Membership, successor: User) -> list["Absence"]:
        """Lets the successor stand in wherever a mentor who leaves would have; returns those where they cannot."""
        left = []
        for absence in self.ahead().filter(stand_in=leaving.user_id, membership__cohort=leaving.cohort_id):
            absence.stand_in = successor
            try:
                absence.clean()
            except ValidationError:
                left.append(absence)
            else:
                absence.save(update_fields=["stand_in"])
        return left

    def touching(self, first: date, last: date) -> "AbsenceQuerySet":
        """Those that have a day in common with these days."""
        return self.filter(first__lte=last, last__gte=first)


class Absence(models.Model):
    """Days, both included, on which a mentor is away from a cohort, and the mentor to whom their turn goes."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="absences", verbose_name=_("mentor")
    )
    first = models.DateField(_("first day"), validators=[check_day])
    last = models.DateField(_("last day"), validators=[check_day])
    stand_in = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("stand-in"))
    begins_at = models.DateTimeField(editable=False)
    """When the first day begins where the cohort is: written with it, for queries over many cohorts."""
    ends_at = models.DateTimeField(editable=False)
    """When the last day is over where the cohort is."""

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["first", "pk"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="absence_in_order",
                violation_error_message=_("The last day comes before the first."),
            )
        ]

    if TYPE_CHECKING:
        membership_id: int

    def __str__(self) -> str:
        return f"{self.membership.user}, {date_format(self.first)} – {date_format(self.last)}"

    def save(self, *args: Any, **named: Any) -> None:
        self.begins_at = self.midnight(self.first)
        self.ends_at = self.midnight(self.last + DAY)
        if (fields := named.get("update_fields")) is not None:
            named["update_fields"] = {*fields, "begins_at", "ends_at"}
        super().save(*args, **named)

    def midnight(self, day: date) -> datetime:
        """When a day begins in the cohort's zone."""
        return datetime.combine(day, time.min, tzinfo=self.membership.cohort.zone)

    def clean(self) -> None:
        """Raises ValidationError for what cannot be. In a transaction: a cohort's absences are written one by one."""
        if not self.membership_id or not self.first or not self.last or not self.stand_in_id:
            return
        membership = self.membership
        Cohort.objects.select_for_update(no_key=True).get(pk=membership.cohort_id)
        if membership.role != Membership.Role.MENTOR or membership.ended_at is not None:
            raise ValidationError(_("Only who mentors this cohort now can be away from it."))
        if self.last < self.first:
            raise ValidationError({"last": _("The last day comes before the first.")})
        if self._state.adding and self.last < membership.cohort.today():
            raise ValidationError({"last": _("These days are over already.")})
        self.check_overlap()
        self.check_stand_in()

    def check_overlap(self) -> None:
        same = Absence.objects.filter(membership=self.membership).exclude(pk=self.pk)
        if other := same.touching(self.first, self.last).first():
            raise ValidationError(
                {"first": _("These days touch another absence: %(days)s.") % {"days": other.days}}
            )

    def check_stand_in(self) -> None:
        """The stand-in mentors the cohort and is there on these days; and nobody leans on who is away then."""
        cohort = self.membership.cohort
        if self.stand_in_id == self.membership.user_id or not cohort.has_mentor(self.stand_in):
            raise ValidationError({"stand_in": _("Choose another mentor of the same cohort.")})
        touching = Absence.objects.filter(membership__cohort=cohort).exclude(pk=self.pk)
        touching = touching.touching(self.first, self.last).select_related("membership__user")
        if away := touching.filter(membership__user=self.stand_in_id, membership__ended_at=None).first():
            raise ValidationError(
                {
                    "stand_in": _("%(name)s is away then: %(days)s.")
                    % {"name": self.stand_in, "days": away.days}
                }
            )
        leaning = touching.filter(stand_in=self.membership.user_id, membership__ended_at=None).first()
        if leaning:
            raise ValidationError(
                {
                    "first": _(
                        "%(name)s stands in for %(other)s then (%(days)s). Another stand-in is needed there first."
                    )
                    % {
                        "name": self.membership.user,
                        "other": leaning.membership.user,
                        "days": leaning.days,
                    }
                }
            )

    @property
    def days(self) -> str:
        """First and last day in words."""
        return f"{date_format(self.first, 'j F Y')} – {date_format(self.last, 'j F Y')}"

    @property
    def is_begun(self) -> bool:
        return self.membership.cohort.today() >= self.first

    def finish(self) -> None:
        """The mentor is back: the absence ends yesterday; one that has not begun, or began today, goes."""
        yesterday = self.membership.cohort.today() - DAY
        if self.first > yesterday:
            self.delete()
        elif self.last > yesterday:
            self.last = yesterday
            self.save(update_fields=["last"])
