"""People who can log in."""

import zoneinfo
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curriculum.models import Month

if TYPE_CHECKING:
    from django.db.models import QuerySet

FEEDS = signing.Signer(salt="people.calendar", sep=".")

FORMER = "Former\N{NO-BREAK SPACE}member"
"""The name of everybody who was erased, as queries find it; a page says it in its own language."""
NOWHERE = "erased.invalid"
"""The domain of their addresses: RFC 2606 keeps `.invalid` from ever leading anywhere."""


@cache
def time_zones() -> list[str]:
    """The names of the time zone database, in order; read once, because that reads hundreds of files."""
    return sorted(zoneinfo.available_timezones())


def known_zone(typed: str) -> str:
    """The name of the zone that somebody typed with other capitals or blanks: "europe/lisbon", "Lisbon", "New York".

    What is no zone comes back as it was typed, to be refused by `check_time_zone`.
    """
    wanted = typed.strip().replace(" ", "_").lower()
    found = [name for name in time_zones() if wanted == name.lower()]
    found += [name for name in time_zones() if wanted == name.lower().rpartition("/")[2]]
    return found[0] if found else typed


def check_time_zone(name: str) -> None:
    """Raises ValidationError for a name that the time zone database does not know."""
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is no time zone; choose one such as Europe/Lisbon."), params={"name": name}
        )


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

    def by_feed(self, token: str) -> "User":
        """Whose calendar has this address now; raises User.DoesNotExist for any other text."""
        try:
            name, number = FEEDS.unsign(token).split(".")
            return self.get(uuid=name, feed_number=int(number), is_active=True)
        except (signing.BadSignature, ValueError, ValidationError) as error:
            raise User.DoesNotExist from error

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractUser):
    """A person who can log in, by e-mail address."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as my device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Mails(models.TextChoices):
        AT_ONCE = "at-once", _("at once")
        DAILY = "daily", _("once a day, at seven in the morning")
        NEVER = "never", _("never")

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
    learner_mail = models.CharField(
        _("mails about my own work"), max_length=7, choices=Mails, default=Mails.AT_ONCE
    )
    mentor_mail = models.CharField(
        _("mails about work that waits for me"), max_length=7, choices=Mails, default=Mails.DAILY
    )
    feed_number = models.PositiveIntegerField(default=0, editable=False)
    """Odd: the number of the calendar's address; even: there is none. Goes up only, so that no address comes back."""
    welcomed_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the three sentences of the first visit were put away."""
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    """When an admin erased the person: nobody logs in with what is left, and it names nobody."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(
                    is_active=False,
                    is_staff=False,
                    is_superuser=False,
                    name=FORMER,
                    email__endswith=f"@{NOWHERE}",
                ),
                name="user_erased_is_nobody",
            )
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Former\N{NO-BREAK SPACE}member")
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self) if self.erased_at else str(self).split()[0]

    @cached_property
    def is_mentor(self) -> bool:
        """Whether the user mentors any cohort now: comes with whoever is logged in, else one query."""
        return self.memberships.current().mentors().exists()

    @cached_property
    def is_learner(self) -> bool:
        """Whether the user learns in any cohort now: comes with whoever is logged in, else one query."""
        return self.memberships.current().learners().exists()

    def mails(self, kind: str) -> "User.Mails":
        """How often mails of a kind (`Mail.Kind.LEARNER` or `Mail.Kind.MENTOR`) go out to this person."""
        return self.Mails(self.mentor_mail if kind == "mentor" else self.learner_mail)

    def stop_mails(self, kind: str) -> None:
        """No more mails of a kind; what they would say is still in the list."""
        name = "mentor_mail" if kind == "mentor" else "learner_mail"
        setattr(self, name, self.Mails.NEVER)
        self.save(update_fields=[name])

    @property
    def feed_token(self) -> str:
        """What the address of the person's calendar carries; empty while there is none."""
        return FEEDS.sign(f"{self.uuid.hex}.{self.feed_number}") if self.has_feed else ""

    @property
    def has_feed(self) -> bool:
        return self.feed_number % 2 == 1

    def renew_feed(self, *, on: bool) -> None:
        """A new address for the calendar, or none; odd numbers are addresses, and each is used once."""
        self.feed_number += 2 if on and self.has_feed else 1 if on or self.has_feed else 0
        self.save(update_fields=["feed_number"])

    @cached_property
    def unread(self) -> int:
        """Notifications that the person has not seen: comes with whoever is logged in, else one query."""
        return apps.get_model("people", "Notification").objects.filter(user=self, read_at=None).count()

    def erase(self) -> None:
        """Leaves of the person a row that names nobody and lets nobody in; erasing twice is erasing once.

        What belongs to the account beside this row goes with it in `people/erasing.py`.
        """
        fresh = User(
            name=FORMER,
            email=f"{self.uuid.hex}@{NOWHERE}",
            is_active=False,
            erased_at=self.erased_at or timezone.now(),
        )
        fresh.set_unusable_password()
        kept = {"id", "uuid", "date_joined"}
        changed = [field.attname for field in self._meta.concrete_fields if field.attname not in kept]
        for name in changed:
            setattr(self, name, getattr(fresh, name))
        self.save(update_fields=changed)

    def months(self) -> "QuerySet[Month]":
        """Live months of the curricula of the user's cohorts, in order; an admin's are all."""
        months = Month.objects.live().order_by("curriculum", "position", "pk")
        if self.is_staff:
            return months
        return months.filter(curriculum__in=self.memberships.current().values("cohort__curriculum"))

    def confirm_address(self, verified: bool = True) -> None:
        """Makes the user's address the one that log-in knows: an address verified once stays so."""
        addresses = apps.get_model("account", "EmailAddress").objects
        addresses.filter(user=self).exclude(email=self.email).delete()
        address, _created = addresses.get_or_create(
            user=self, email=self.email, defaults={"primary": True, "verified": verified}
        )
        if (verified and not address.verified) or not address.primary:
            address.verified, address.primary = address.verified or verified, True
            address.save(update_fields=["verified", "primary"])
