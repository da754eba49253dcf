"""Holds: who is reviewing what right now."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Notification, User
from submissions.models.work import Submission

HOLD_TIME = timedelta(minutes=30)


class Held(Exception):
    """Another mentor holds the submission: `hold` says who, and until when."""

    def __init__(self, hold: "Hold") -> None:
        super().__init__(str(hold))
        self.hold = hold


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds."""

    def running(self) -> "HoldQuerySet":
        return self.filter(until__gt=timezone.now())

    def take(self, submission: Submission, mentor: User) -> "Hold":
        """The mentor's hold, begun or renewed. Raises Held, or PermissionDenied for one who may not review.

        The one row that a submission may have decides between two mentors: it is changed only where it is
        one's own or has run out, and who comes second while it is made finds the other's.
        """
        submission.require_mentor(mentor)
        now = timezone.now()
        with transaction.atomic():
            free = self.filter(Q(mentor=mentor) | Q(until__lte=now), submission=submission)
            since = Case(When(mentor=mentor, until__gt=now, then=F("since")), default=now)
            free.update(mentor=mentor, since=since, until=now + HOLD_TIME)
            hold, _made = self.select_related("mentor").get_or_create(
                submission=submission, defaults={"mentor": mentor, "until": now + HOLD_TIME}
            )
        if hold.mentor_id != mentor.pk:
            raise Held(hold)
        return hold

    def take_over(self, submission: Submission, mentor: User) -> "Hold":
        """The mentor's hold, whoever had it before. The other's draft review stays theirs."""
        submission.require_mentor(mentor)
        now = timezone.now()
        with transaction.atomic():
            held = (
                self.running().select_related("mentor").filter(submission=submission).exclude(mentor=mentor)
            )
            others = [hold.mentor for hold in held]
            hold, _made = self.update_or_create(
                submission=submission, defaults={"mentor": mentor, "since": now, "until": now + HOLD_TIME}
            )
            submission.tell(others, Notification.Kind.TAKEN_OVER, mentor)
        return hold

    def renew(self, submission: Submission, mentor: User) -> "Hold | None":
        """Half an hour more, if it is still the mentor's. Returns the hold as it is now, whoever has it."""
        self.filter(submission=submission, mentor=mentor).update(until=timezone.now() + HOLD_TIME)
        return self.running().select_related("mentor").filter(submission=submission).first()

    def release(self, submission: Submission, mentor: User) -> None:
        """Give the hold back; another's is left alone."""
        self.filter(submission=submission, mentor=mentor).delete()


class Hold(models.Model):
    """A mentor's reservation of a submission while reviewing it; it means nothing after `until`.

    It tells others that somebody is at it; it never stands in the way of what a mentor has written.
    """

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="hold")
    mentor = models.ForeignKey(User, models.CASCADE, related_name="holds")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")

    def __str__(self) -> str:
        return f"{self.mentor}, {self.submission}"

    @property
    def is_running(self) -> bool:
        return self.until > timezone.now()
