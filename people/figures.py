"""What the admin's home says about people: each figure with the list that it counts."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Cohort, Invitation, Mail, Membership, User


def figures(user: User) -> list[dict[str, Any]]:
    """Cohorts that run, invitations that nobody has followed, and mails that do not arrive."""
    found: list[dict[str, Any]] = []
    if user.has_perm("people.view_cohort"):
        cohorts = Cohort.objects.running().filter(starts__lte=timezone.localdate())
        learners = Membership.objects.current().learners().filter(cohort__in=cohorts).count()
        count = cohorts.count()
        found.append(
            {
                "count": count,
                "label": ngettext("cohort runs", "cohorts run", count),
                "detail": ngettext("with %d learner", "with %d learners", learners) % learners,
                "url": f"{reverse('admin:people_cohort_changelist')}?ended_at__isempty=1",
            }
        )
    if user.has_perm("people.view_invitation"):
        count = Invitation.objects.standing().count()
        found.append(
            {
                "count": count,
                "label": ngettext("invitation is open", "invitations are open", count),
                "detail": _("links that can still be used"),
                "url": f"{reverse('admin:people_invitation_changelist')}?state=open",
            }
        )
    if user.has_perm("people.view_mail"):
        count = Mail.objects.failing().count()
        found.append(
            {
                "count": count,
                "label": ngettext("mail fails", "mails fail", count),
                "detail": _("refused, or tried more than once"),
                "url": f"{reverse('admin:people_mail_changelist')}?state=failing",
                "is_late": count > 0,
            }
        )
    return found
