"""What the pages of people's admin share: nothing is deleted, and an action says and logs what it did."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from people.models import Cohort, Invitation, Mail, Membership, User


def admin_of(request: HttpRequest) -> User:
    """The admin who asks; the admin site has let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class Kept:
    """Rows of this kind are ended, revoked or deactivated: the admin has no way to delete them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def log(request: HttpRequest, rows: "QuerySet[Any] | list[Any]", change: str, flag: int = CHANGE) -> None:
    """Writes a line of the log for each row that an action changed."""
    LogEntry.objects.log_actions(admin_of(request).pk, rows, flag, change_message=change)


def done(request: HttpRequest, sentence: str, rows: list[Any]) -> None:
    """Says how many rows an action changed."""
    messages.success(request, sentence % len(rows))


def mentors_of(cohort: Cohort) -> QuerySet[User]:
    """Who mentors the cohort now."""
    mentors = Membership.objects.current().mentors().filter(cohort=cohort)
    return User.objects.filter(pk__in=mentors.values("user"))


def mail(request: HttpRequest, invitations: list[Invitation]) -> None:
    """Has each personal invitation sent to its address; says how many, and why the others are not."""
    sent = [one for one in invitations if one.email and one.is_open]
    with transaction.atomic():
        for invitation in sent:
            Mail.objects.write_invitation(invitation)
    messages.success(
        request, ngettext("%d mail is on its way.", "%d mails are on their way.", len(sent)) % len(sent)
    )
    left = len(invitations) - len(sent)
    if left:
        said = ngettext(
            "%d was left: only personal invitations that are open are mailed.",
            "%d were left: only personal invitations that are open are mailed.",
            left,
        )
        messages.warning(request, said % left)
