"""Who belongs to a cohort, as what, and since when."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Case, Count, Q, When
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.audience import Audience
from curriculum.models import Curriculum
from curriculum.prepared import Prepared
from people.models.cohort import Cohort, Role, check_day
from people.models.user import User

mentor_left = Signal()
"""Somebody mentors a cohort no more: `user` and `cohort`, by primary key. Sent in the transaction that ends it; who
hears it, in an app above, ends what hangs on it."""


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

    Role = Role

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
        help_text=_("Days added to every date that lies ahead; days of a pause do not count."),
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
        return bool(_mentoring(user.pk, self.cohort_id))

    def answerers(self) -> list[User]:
        """Who is told of what this learner asks: their own mentor while they mentor the cohort, else all who do.

        For one who is away it is who stands in.
        """
        from people.models.absence import Absence  # noqa: PLC0415 (that module imports this one)

        rows = Membership.objects.current().mentors().filter(cohort=self.cohort_id).select_related("user")
        mentors = list(rows.exclude(user=self.user_id))
        asked = [row for row in mentors if row.user_id == self.mentor_id] or mentors
        away = Absence.objects.running().filter(membership__in=asked).order_by("first")
        stand_ins = dict(away.values_list("membership", "stand_in"))
        told = {stand_ins.get(row.pk, row.user_id) for row in asked}
        return [row.user for row in mentors if row.user_id in told]

    def lock(self) -> None:
        """Takes its row until the transaction ends: what is counted for one learner is written by one at a time.

        `ended_at` is as it is then: somebody may have been erased while the row was waited for.
        """
        found = _locked(self.pk)
        if not found:
            raise Membership.DoesNotExist
        (self.ended_at,) = found

    def require_learner(self, user: User) -> None:
        """Raises PermissionDenied unless the user is this learner and the membership has not ended."""
        if user.pk != self.user_id or self.role != self.Role.LEARNER:
            raise PermissionDenied
        self.require_running()

    def require_running(self) -> None:
        """Raises PermissionDenied once the membership has ended: by then nothing is written in it any more."""
        if self.ended_at is not None:
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
        from people.models.invitation import Invitation  # noqa: PLC0415 (that module imports this one)

        if successor.pk == self.user_id or not self.cohort.has_mentor(successor):
            raise ValidationError(_("Choose another mentor of the same cohort."))
        with transaction.atomic():
            own = Membership.objects.filter(cohort=self.cohort_id, mentor=self.user_id, ended_at=None)
            learners = list(own.select_related("user"))
            own.update(mentor=successor)
            invitations = Invitation.objects.standing().filter(cohort=self.cohort_id, mentor=self.user_id)
            return Handed(learners, invitations.update(mentor=successor))

    def extend(self, days: int, since: date | None = None) -> None:
        """Adds working days to every date from a day on, by default the cohort's today; 0 takes the extension back."""
        self.extension_days = days
        self.extended_from = (since or self.extended_from or self.cohort.today()) if days else None


@Prepared
def _locked(pk: int) -> models.QuerySet[Membership, Any]:
    rows = Membership.objects.select_for_update(no_key=True).filter(pk=pk).order_by()
    return rows.values_list("ended_at", flat=True)


@Prepared
def _mentoring(user: int, cohort: int) -> models.QuerySet[Membership, int]:
    rows = Membership.objects.current().mentors().filter(user=user, cohort=cohort)
    return rows.order_by().values_list("pk", flat=True)


def followers(curriculum: Curriculum) -> Audience:
    """Learners in a curriculum's running cohorts, a person in two of them once; and the cohorts that have learners."""
    learners = Membership.objects.current().learners()
    found = learners.filter(cohort__in=Cohort.objects.running().filter(curriculum=curriculum)).aggregate(
        people=Count("user", distinct=True), cohorts=Count("cohort", distinct=True)
    )
    return Audience(found["people"], found["cohorts"])
