"""People, the cohorts they belong to, and the ways in."""

from people.models.cohort import Cohort, CohortQuerySet, Membership, MembershipQuerySet, MonthStart, Pause
from people.models.invitation import Invitation, InvitationQuerySet, invitation_expiry
from people.models.user import (
    FORMER,
    NOWHERE,
    User,
    UserManager,
    check_time_zone,
    known_zone,
    time_zones,
)

__all__ = [
    "FORMER",
    "NOWHERE",
    "Cohort",
    "CohortQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "MembershipQuerySet",
    "MonthStart",
    "Pause",
    "User",
    "UserManager",
    "check_time_zone",
    "invitation_expiry",
    "known_zone",
    "time_zones",
]
