"""What the pages of people's admin share: nothing is deleted, and an action says and logs what it did."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.mail import get_connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Cohort, Invitation, Membership, User


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
    """Sends each personal invitation to its address; says how many went out, and why the others did not."""
    written = [
        one.message(request.build_absolute_uri(one.url)) for one in invitations if one.email and one.is_open
    ]
    try:
        sent = get_connection().send_messages(written) or 0
    except OSError:
        messages.error(
            request, _("The mail server did not answer. The invitations stand; send the mails again later.")
        )
        return
    messages.success(request, ngettext("%d mail was sent.", "%d mails were sent.", sent) % sent)
    left = len(invitations) - len(written)
    if left:
        said = ngettext(
            "%d was left: only personal invitations that are open are mailed.",
            "%d were left: only personal invitations that are open are mailed.",
            left,
        )
        messages.warning(request, said % left)
