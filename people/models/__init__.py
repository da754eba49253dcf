"""People, the cohorts they belong to, and the ways in."""

from people.models.absence import Absence, AbsenceQuerySet
from people.models.cohort import (
    Cohort,
    CohortQuerySet,
    Membership,
    MembershipQuerySet,
    MonthStart,
    Pause,
    followers,
    mentor_left,
)
from people.models.invitation import Invitation, InvitationQuerySet, invitation_expiry
from people.models.user import User, UserManager, check_time_zone, known_zone, time_zones

__all__ = [
    "Absence",
    "AbsenceQuerySet",
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
    "followers",
    "invitation_expiry",
    "known_zone",
    "mentor_left",
    "time_zones",
]
