"""Mentions: people whom a comment calls by their name, and who are told once for each comment."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Membership, Notification, User
from submissions.models.comment import Comment
from submissions.models.work import Submission

CODE = re.compile(r"(?ms)^(```|~~~).*?(?:^\1|\Z)|`[^`\n]*`")
"""Words in Markdown that call nobody."""
CALL = r"(?<![\w@./])@(%s)(?!\w)"
"""How a text calls one of some names."""


def audience(submission: Submission) -> list[User]:
    """Who may be called in a submission's threads: who can see it now, its learner and the cohort's mentors."""
    rows = Membership.objects.current().mentors().filter(cohort=submission.learner.cohort_id)
    mentors = [row.user for row in rows.select_related("user") if row.user_id != submission.learner.user_id]
    learner = submission.learner.user
    return [learner, *mentors] if learner.is_active else mentors


def named_in(text: str, people: Iterable[User]) -> list[User]:
    """Whom a text calls: `@` and the whole name, or the first name where only one of the people has it."""
    if "@" not in text:
        return []
    whole: dict[str, list[User]] = defaultdict(list)
    first: dict[str, list[User]] = defaultdict(list)
    for person in people:
        whole[_same(str(person))].append(person)
        first[_same(person.get_short_name())].append(person)
    called = {name: found for name, found in first.items() if len(found) == 1} | whole
    names = sorted(called, key=len, reverse=True)
    if not names:
        return []
    choice = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)
    found = re.findall(CALL % choice, CODE.sub(" ", text).casefold())
    return list(dict.fromkeys(person for name in found for person in called[_same(name)]))


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


class MentionQuerySet(models.QuerySet["Mention"]):
    """Mentions."""

    def tell(self, comment: Comment, submission: Submission, told: Iterable[User] = ()) -> None:
        """Tells those whom a sent comment calls, each once, and nobody who is `told` of the comment anyway.

        The learner always is. Part of the caller's transaction.
        """
        if "@" not in comment.body:
            return
        known = set(self.filter(comment=comment).values_list("user", flat=True)) | {comment.author_id}
        new = [one for one in named_in(comment.body, audience(submission)) if one.pk not in known]
        self.bulk_create(Mention(comment=comment, user=one) for one in new)
        passed = {one.pk for one in told} | {submission.learner.user_id}
        Notification.objects.tell(
            [one for one in new if one.pk not in passed],
            Notification.Kind.MENTIONED,
            actor=comment.author,
            learner=submission.learner,
            what=str(submission.subject),
            about=comment.thread.uuid,
            url=comment.thread.get_absolute_url(),
        )


class Mention(models.Model):
    """That a sent comment calls a person, who could see it then."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, models.CASCADE, related_name="mentions")

    objects = MentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once_a_comment")]

    def __str__(self) -> str:
        return f"{self.user}, {self.comment}"
