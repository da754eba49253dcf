"""Whose page it is, and what the person looking at it may do."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from people.models import Membership, User

LEARNER, MENTOR = "learner", "mentor"


def learner_or_404(user: User, uuid: UUID, only: str = "") -> tuple[Membership, str]:
    """A learner's membership that the user may see, and the user's role there.

    Raises Http404 for a stranger's exactly like for a missing one; PermissionDenied where `only` names the other role.
    """
    found = Membership.objects.visible_to(user).select_related("cohort__curriculum", "user", "mentor")
    learner = found.filter(uuid=uuid).first()
    if learner is None:
        raise Http404
    role = LEARNER if learner.user_id == user.pk else MENTOR
    if only and role != only:
        raise PermissionDenied
    return learner, role
