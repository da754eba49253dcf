"""People, the cohorts they belong to, and the ways in."""

import zoneinfo
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Curriculum, Month

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


def check_time_zone(name: str) -> None:
    """Raises ValidationError for a name that the time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone; choose one such as Europe/Lisbon."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Users are found by e-mail address, whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password, one who can only log in after setting one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractUser):
    """A person who can log in, by e-mail address."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as my device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    username = None  # type: ignore[assignment]  # logging in is by e-mail
    first_name = None  # type: ignore[assignment]  # one name, written as the person writes it
    last_name = None  # type: ignore[assignment]
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    """In small letters, made so in Python: SQLite lowers ASCII only."""
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[check_time_zone])
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    language = models.CharField(_("language"), max_length=15, default="en")
    keys = models.BooleanField(_("single-letter keys"), default=True)
    welcomed_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the three sentences of the first visit were put away."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split()[0]


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Cohorts."""

    def mentored_by(self, user: User) -> "CohortQuerySet":
        """Cohorts in which the user is a mentor now."""
        return self.filter(
            memberships__user=user, memberships__role=Membership.Role.MENTOR, memberships__ended_at=None
        )


class Cohort(models.Model):
    """People who follow one curriculum together, from a start date, at a pace."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    curriculum = models.ForeignKey(Curriculum, models.PROTECT, related_name="cohorts", verbose_name=_("curriculum"))
    name = models.CharField(_("name"), max_length=150)
    starts = models.DateField(_("starts"))
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
        _("review days"), null=True, blank=True, help_text=_("Days a mentor has to answer; empty promises nothing.")
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

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Where this cohort's days begin and end."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self) -> date:
        """The day it is in the cohort's zone."""
        return timezone.now().astimezone(self.zone).date()


class MonthStart(models.Model):
    """The day a month begins for a cohort: written out once, so that a week added later moves nobody's dates."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="month_starts")
    month = models.ForeignKey(Month, models.PROTECT, related_name="starts")
    starts = models.DateField(_("starts"))

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
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    class Meta:
        ordering = ["first"]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="pause_in_order")]

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships."""

    def current(self) -> "MembershipQuerySet":
        """Those that have not ended, of people who may log in."""
        return self.filter(ended_at=None, user__is_active=True)

    def learners(self) -> "MembershipQuerySet":
        return self.filter(role=Membership.Role.LEARNER)

    def mentors(self) -> "MembershipQuerySet":
        return self.filter(role=Membership.Role.MENTOR)

    def visible_to(self, user: User) -> "MembershipQuerySet":
        """Learners' memberships whose work the user may read: their own, and those of cohorts they mentor now."""
        mentored = Membership.objects.filter(user=user, role=Membership.Role.MENTOR, ended_at=None)
        return self.learners().filter(Q(user=user) | Q(cohort__in=mentored.values("cohort")))


class Membership(models.Model):
    """A person in a cohort, as learner or as mentor. It is ended, never deleted; a repeat is a new membership."""

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
        _("own start"), null=True, blank=True, help_text=_("Empty: the cohort's. A late joiner's dates run from here.")
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
            models.CheckConstraint(condition=Q(role="learner") | Q(mentor=None), name="own_mentor_of_learners_only"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.cohort}"

    def is_mentored_by(self, user: User) -> bool:
        """Whether the user may review and mark this learner: a mentor of the cohort now, and never oneself."""
        if user.pk == self.user_id:
            return False
        return Membership.objects.current().mentors().filter(user=user, cohort=self.cohort_id).exists()


def invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def open(self) -> "InvitationQuerySet":
        """Those that can still be used."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A way into a cohort: personal (for one address) or shared. Its link is signed, not stored."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="invitations", verbose_name=_("cohort"))
    role = models.CharField(_("role"), max_length=7, choices=Membership.Role, default=Membership.Role.LEARNER)
    email = models.EmailField(_("e-mail address"), blank=True, help_text=_("Empty: anybody with the link."))
    name = models.CharField(_("name"), max_length=150, blank=True)
    mentor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("own mentor")
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), default=invitation_expiry)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]

    def __str__(self) -> str:
        return self.email or str(_("shared link"))
