"""What a comment said before its author changed it: nothing that others have read is lost by that."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from submissions.models.comment import Comment
from submissions.models.review import rendered_words


class EarlierWords(models.Model):
    """The words of a sent comment up to one change. The database keeps them as it keeps the comment itself."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="earlier")
    number = models.PositiveSmallIntegerField()
    """Which change ended them: 1 for the first."""
    body = models.TextField(blank=True)
    until = models.DateTimeField(auto_now_add=True)
    """When they were changed."""
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When they were erased, with the comment, and `body` became empty."""

    class Meta:
        ordering = ["number"]
        verbose_name = _("earlier words")
        verbose_name_plural = _("earlier words")
        constraints = [
            models.UniqueConstraint(fields=["comment", "number"], name="earlier_words_once_a_change"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(body=""), name="earlier_words_erased_are_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment}, {self.number}"

    @property
    def html(self) -> SafeString:
        """What was said, as safe HTML."""
        return rendered_words(self.body)
