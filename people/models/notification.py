"""What people are told: a list in the app, and mails that carry it as each person has chosen."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models.mail import Mail
from people.models.membership import Membership
from people.models.user import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Kind(models.TextChoices):
    """What happened. Those up to `reworded` are told to learners, the others to mentors."""

    ACCEPTED = "accepted", _("work accepted")
    CHANGES = "changes", _("changes requested")
    COMMENTED = "commented", _("work commented on")
    REPLIED = "replied", _("reply from a mentor")
    TAKEN_AWAY = "taken-away", _("review withdrawn")
    MET = "met", _("criterion met")
    NOT_YET = "not-yet", _("criterion not met yet")
    WITHDRAWN = "withdrawn", _("mark withdrawn")
    COMPLETE = "complete", _("month complete")
    REOPENED = "reopened", _("month reopened")
    DEFENCE = "defence", _("defence recorded")
    REWORDED = "reworded", _("content reworded")
    WAITING = "waiting", _("work waits")
    ASKED = "asked", _("a learner wrote")
    CLAIMED = "claimed", _("criterion claimed")
    TAKEN_OVER = "taken-over", _("review taken over")
    HANDED_OVER = "handed-over", _("draft handed over")
    MENTIONED = "mentioned", _("mentioned in a comment")


TO_MENTORS = frozenset(
    {Kind.WAITING, Kind.ASKED, Kind.CLAIMED, Kind.TAKEN_OVER, Kind.HANDED_OVER, Kind.MENTIONED}
)

WAITS = frozenset({Kind.WAITING, Kind.ASKED, Kind.CLAIMED})
"""What somebody has to deal with: told again in a mentor's list until it is settled."""

SENTENCES: "dict[str, _StrPromise]" = {
    Kind.ACCEPTED: _("%(who)s accepted “%(what)s”."),
    Kind.CHANGES: _("%(who)s asked for changes on “%(what)s”."),
    Kind.COMMENTED: _("%(who)s commented on “%(what)s”."),
    Kind.REPLIED: _("%(who)s answered you on “%(what)s”."),
    Kind.TAKEN_AWAY: _("%(who)s withdrew a review of “%(what)s”."),
    Kind.MET: _("%(who)s marked “%(what)s” as met."),
    Kind.NOT_YET: _("%(who)s marked “%(what)s” as not met yet."),
    Kind.WITHDRAWN: _("%(who)s withdrew the mark on “%(what)s”."),
    Kind.COMPLETE: _("“%(what)s” is complete: %(who)s laid its stone."),
    Kind.REOPENED: _("“%(what)s” is open again: %(who)s withdrew a mark."),
    Kind.DEFENCE: _("%(who)s recorded your defence of “%(what)s”."),
    Kind.REWORDED: _("A task that you ticked in “%(what)s” has new words."),
    Kind.WAITING: _("%(who)s handed in “%(what)s”."),
    Kind.ASKED: _("%(who)s wrote about “%(what)s”."),
    Kind.CLAIMED: _("%(who)s thinks that “%(what)s” is met."),
    Kind.TAKEN_OVER: _("%(who)s took over your review of “%(what)s”. Your draft is kept."),
    Kind.HANDED_OVER: _("%(who)s handed the draft review of “%(what)s” over to you."),
    Kind.MENTIONED: _("%(who)s mentioned you in a comment on “%(what)s”."),
}


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications."""

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def of(self, user: User) -> "NotificationQuerySet":
        return self.filter(user=user).select_related("actor")

    def newest_first(self) -> "NotificationQuerySet":
        return self.order_by("-at", "-pk")

    def to_mail(self, mail: Mail) -> "NotificationQuerySet":
        """What the mail is about: unread, in no mail yet, of the mail's side."""
        mine = self.unread().filter(user=mail.user, mail=None)
        side = Q(kind__in=TO_MENTORS)
        return mine.filter(side if mail.kind == Mail.Kind.MENTOR else ~side)

    def mark_read(self) -> int:
        """Those that were unread are read from now on; returns how many."""
        return self.unread().update(read_at=timezone.now())

    def still_waiting(self) -> "NotificationQuerySet":
        """What a mentor was told of and nobody has dealt with yet, seen or not."""
        return self.filter(kind__in=WAITS, settled_at=None)

    def settle(self, learner: Membership, about: UUID, *kinds: str) -> None:
        """What waited does so no more: nobody needs to be told of it now."""
        now = timezone.now()
        waiting = self.filter(learner=learner, about=about, kind__in=kinds, settled_at=None)
        waiting.update(settled_at=now, read_at=Coalesce("read_at", now))

    def tell(self, people: Iterable[User], kind: str, *, actor: User | None, **facts: Any) -> None:
        """Tells each person once, and never of what they did themselves; their mail follows their choice.

        `facts` are `learner`, `what`, `about` and `url` of Notification. What is still unread, and in no mail yet,
        is told again as if new instead of a second time. Part of the caller's transaction: the list, the mail and
        the task that sends it are there together or not at all.
        """
        told = {person.pk: person for person in people if person.is_active and person != actor}
        facts["what"] = facts["what"][:300]
        same = Q(user__in=told, kind=kind, learner=facts["learner"], about=facts["about"], read_at=None)
        side = Mail.Kind.MENTOR if kind in TO_MENTORS else Mail.Kind.LEARNER
        with transaction.atomic():
            # The mails first, as the worker takes them: neither then waits for the other's rows.
            Mail.objects.write_news(told.values(), side)
            again = self.filter(same, mail=None)
            known = set(again.values_list("user", flat=True))
            if known:
                again.update(at=timezone.now(), actor=actor, **facts)
            self.bulk_create(
                Notification(user=person, kind=kind, actor=actor, at=timezone.now(), **facts)
                for person in told.values()
                if person.pk not in known
            )


class Notification(models.Model):
    """One thing that a person is told. Unread until they have seen it, or until it has settled itself."""

    Kind = Kind

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=11, choices=Kind)
    actor = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    """Who did it; None for what the site tells by itself."""
    learner = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    """Whose work or record it is about."""
    what = models.CharField(max_length=300)
    """The title of the work, month or criterion, as it was then."""
    about = models.UUIDField()
    """Public id of the work, month or criterion: several kinds about the same are told once each."""
    url = models.CharField(max_length=300)
    """The path of the page where it can be seen."""
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    """When what waited had been dealt with, by whomever."""
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, blank=True, related_name="notifications")
    """The mail that told it."""

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["user", "-at"], name="notification_list"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["about"], condition=Q(settled_at=None), name="notification_settled"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """In the language of whoever reads now."""
        facts: dict[str, Any] = {"who": self.actor or _("Somebody"), "what": self.what}
        return str(SENTENCES[self.kind] % facts)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to deal with it still."""
        return self.kind in WAITS and self.settled_at is None

    @property
    def is_unread(self) -> bool:
        return self.read_at is None
