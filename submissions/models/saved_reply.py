"""Saved replies: what a mentor says often, kept to be put into a comment."""

import hashlib
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from people.models import User

MOST = 100
"""Saved replies that one person may have."""
TITLE = 80


class SavedReplyQuerySet(models.QuerySet["SavedReply"]):
    """Saved replies."""

    def of(self, mentor: User) -> "SavedReplyQuerySet":
        """A person's own, those that they use most first."""
        return self.filter(mentor=mentor).order_by("-used", "title", "pk")

    def keep(self, mentor: User, body: str, title: str = "") -> "SavedReply":
        """Saves a text once: the same words again are the one there is. Raises as `SavedReply.check` does."""
        with transaction.atomic():
            # Who saves twice at once has the row counted once.
            User.objects.select_for_update(no_key=True).get(pk=mentor.pk)
            reply = SavedReply(mentor=mentor)
            reply.say(body, title)
            known = self.filter(mentor=mentor, digest=reply.digest).first()
            if known:
                return known
            if self.filter(mentor=mentor).count() >= MOST:
                raise ValidationError(
                    _(
                        "You have %(most)s saved replies, and that is the most there can be. Delete some first."
                    ),
                    params={"most": MOST},
                )
            reply.save()
        return reply


class SavedReply(models.Model):
    """A text that a mentor puts into comments. Nobody else sees it."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentor = models.ForeignKey(User, models.CASCADE, related_name="saved_replies")
    title = models.CharField(_("name"), max_length=TITLE)
    body = models.TextField(_("text"))
    """Markdown."""
    digest = models.CharField(max_length=64, editable=False)
    """SHA-256 of the text, so that none is saved twice."""
    used = models.PositiveIntegerField(default=0, editable=False)
    """How often it was put into a comment."""
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedReplyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("saved reply")
        verbose_name_plural = _("saved replies")
        constraints = [models.UniqueConstraint(fields=["mentor", "digest"], name="saved_reply_once")]

    def __str__(self) -> str:
        return self.title

    def say(self, body: str, title: str) -> None:
        """Other words, not saved yet; without a title the first words are one. Raises ValidationError for none."""
        self.body = body.replace("\r\n", "\n").strip()
        if not self.body:
            raise ValidationError({"body": _("Write something first.")})
        self.title = title.strip()[:TITLE] or Truncator(" ".join(self.body.split())).chars(60)
        self.digest = hashlib.sha256(self.body.encode()).hexdigest()

    def change(self, body: str, title: str) -> None:
        """Other words. Raises ValidationError for none, and for those of another one of the same person."""
        with transaction.atomic():
            self.say(body, title)
            same = SavedReply.objects.filter(mentor=self.mentor_id, digest=self.digest).exclude(pk=self.pk)
            if same.exists():
                raise ValidationError({"body": _("Another saved reply says exactly this already.")})
            self.save(update_fields=["title", "body", "digest"])

    def use(self, user: User) -> None:
        """Counts that it was put into a comment."""
        if user.pk != self.mentor_id:
            raise PermissionDenied
        SavedReply.objects.filter(pk=self.pk).update(used=F("used") + 1, used_at=timezone.now())
