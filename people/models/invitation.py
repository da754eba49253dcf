"""The ways in."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models.cohort import Cohort
from people.models.membership import Membership
from people.models.user import NOWHERE, User

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from people.models.mail import Mail

SIGNER = signing.Signer(salt="people.invitation", sep=".")


def invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def open(self) -> "InvitationQuerySet":
        """Those that can still be used."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def standing(self) -> "InvitationQuerySet":
        """Those whose state is open: a personal one that was followed is done, and an ended cohort takes nobody in."""
        joined = Exists(Membership.objects.filter(invitation=OuterRef("pk")))
        return self.open().filter(Q(email="") | ~joined, cohort__ended_at=None)

    def with_joined(self) -> "InvitationQuerySet":
        """Each knows without a query of its own whether somebody has joined by it."""
        return self.annotate(has_joined=Exists(Membership.objects.filter(invitation=OuterRef("pk"))))

    def with_mails(self) -> "InvitationQuerySet":
        """Each knows without a query of its own what became of its mails."""
        return self.prefetch_related("mails")

    def by_token(self, token: str) -> "Invitation":
        """The invitation whose link carries this token; raises Invitation.DoesNotExist for any other text."""
        try:
            name = SIGNER.unsign(token)
            return self.select_related("cohort__curriculum", "created_by", "mentor").get(uuid=UUID(name))
        except (signing.BadSignature, ValueError) as error:
            raise self.model.DoesNotExist from error


class Invitation(models.Model):
    """A way into a cohort: personal (for one address) or shared. Its link is signed, not stored."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        JOINED = "joined", _("joined")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

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
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    """When a browser first showed its page; programs that only follow links do not count."""

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]
        mails: RelatedManager["Mail"]

    def __str__(self) -> str:
        if self.email.endswith(f"@{NOWHERE}"):
            return str(_("(erased)"))
        return self.email or str(_("shared link"))

    def clean(self) -> None:
        self.email = self.email.strip().lower()
        if not self.cohort_id:
            return
        if self.role == Membership.Role.MENTOR:
            if not self.email:
                raise ValidationError(
                    {"email": _("A mentor is invited by address: a shared link is for learners.")}
                )
            if self.mentor:
                raise ValidationError({"mentor": _("Only learners have an own mentor.")})
        if self.mentor and not self.cohort.has_mentor(self.mentor):
            raise ValidationError({"mentor": _("This person is no mentor of the cohort.")})
        if self._state.adding and self.expires_at and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": _("This time is over already.")})
        if self._state.adding and self.email and self._open_for_same().exists():
            raise ValidationError({"email": _("There is an open invitation for this address already.")})
        members = self.cohort.memberships.filter(ended_at=None, user__email=self.email)
        if self._state.adding and self.email and members.exists():
            raise ValidationError({"email": _("This person is a member of the cohort already.")})

    def _open_for_same(self) -> "models.QuerySet[Invitation]":
        """Open invitations into the same cohort for the same address."""
        same = Invitation.objects.filter(cohort=self.cohort_id, email=self.email, revoked_at=None)
        return same.filter(expires_at__gt=timezone.now(), memberships=None)

    @property
    def token(self) -> str:
        """What the link carries: the invitation's public id, signed."""
        return SIGNER.sign(self.uuid.hex)

    @property
    def url(self) -> str:
        """The link's path."""
        return reverse("people:join", args=[self.token])

    @property
    def joined(self) -> bool:
        """Whether somebody has joined by it: a query, unless `with_joined` asked for many at once."""
        known: bool | None = self.__dict__.get("has_joined")
        return self.memberships.exists() if known is None else known

    @property
    def state(self) -> State:
        if self.email and self.joined:
            return self.State.JOINED
        if self.revoked_at:
            return self.State.REVOKED
        return (
            self.State.EXPIRED
            if self.expires_at <= timezone.now() or self.cohort.ended_at
            else self.State.OPEN
        )

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def last_mail(self) -> "Mail | None":
        """The newest mail that brought its link, or tried to; a reminder that waits for its day is none yet."""
        tried = [mail for mail in self.mails.all() if mail.kind == mail.Kind.INVITATION or mail.sent_at]
        return max(tried, key=lambda mail: mail.pk, default=None)

    def note_opening(self) -> None:
        """A browser shows its page: remembered the first time."""
        Invitation.objects.filter(pk=self.pk, opened_at=None).update(opened_at=timezone.now())

    def revoke(self) -> None:
        """Closes the link; who has joined by it stays."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def readdressed(self, email: str) -> "Invitation":
        """The same invitation made out to another address, not saved: its link is another one."""
        return Invitation(
            cohort=self.cohort,
            role=self.role,
            email=email.strip().lower(),
            name=self.name,
            mentor=self.mentor,
        )

    def erase(self) -> None:
        """Forgets whom it was made out to. It stays a personal one, and closed: nobody else gets in by it."""
        self.revoke()
        self.email, self.name = f"{self.uuid.hex}@{NOWHERE}", ""
        self.save(update_fields=["email", "name"])

    def consider(self, user: User | None) -> Membership | None:
        """The membership that the user has in this cohort already, or None where they may join.

        Raises ValidationError, with a sentence and a code: `person` (made out to another address), `role` (is
        here in another role), `ended` (was here before), `joined`, `expired`, `revoked` (it is closed).
        None stands for somebody who is not logged in.
        """
        if user and self.email and user.email != self.email:
            raise ValidationError(_("This invitation is made out to another address."), "person")
        rows = list(Membership.objects.filter(user=user, cohort=self.cohort_id)) if user else []
        for membership in rows:
            if membership.ended_at is None and membership.role == self.role:
                return membership
            if membership.ended_at is None:
                raise ValidationError(_("You are in this cohort already, in another role."), "role")
        if rows and not self.email:
            sentence = _("You were in this cohort before. A shared link does not bring you back.")
            raise ValidationError(sentence, "ended")
        if not self.is_open:
            raise ValidationError(SENTENCES[self.state], self.state)
        return None

    @transaction.atomic
    def accept(self, user: User) -> Membership:
        """The user's membership, made now if it is not there yet; raises as `consider` does."""
        # Two requests wait for each other here; SQLite's writers always do.
        rows = Invitation.objects.select_related("cohort__curriculum", "mentor").select_for_update(
            of=("self",)
        )
        fresh = rows.get(pk=self.pk)
        membership = fresh.consider(user)
        if membership is None:
            membership = fresh.new_membership(user)
            if fresh.email:
                user.confirm_address()
            fresh.cohort.write_starts()
        return membership

    def new_membership(self, user: User) -> Membership:
        """Writes the membership. A learner who joins after the cohort's start has a start of their own."""
        is_learner = self.role == Membership.Role.LEARNER
        today = self.cohort.today()
        mentor = self.mentor if self.mentor and self.cohort.has_mentor(self.mentor) else None
        return Membership.objects.create(
            user=user,
            cohort=self.cohort,
            role=self.role,
            mentor=mentor if is_learner else None,
            invitation=self,
            starts=today if is_learner and today > self.cohort.starts else None,
        )


SENTENCES = {
    Invitation.State.JOINED: _("This invitation has been used already."),
    Invitation.State.EXPIRED: _("This invitation has expired."),
    Invitation.State.REVOKED: _("This invitation was withdrawn."),
}
