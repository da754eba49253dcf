"""People, the cohorts they belong to, and the ways in."""

from people.models.absence import Absence, AbsenceQuerySet
from people.models.cohort import Cohort, CohortQuerySet, MonthStart, Pause
from people.models.invitation import Invitation, InvitationQuerySet, invitation_expiry
from people.models.mail import Mail, MailQuerySet
from people.models.membership import Membership, MembershipQuerySet, followers, mentor_left
from people.models.notification import Notification, NotificationQuerySet
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
    "Absence",
    "AbsenceQuerySet",
    "Cohort",
    "CohortQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Mail",
    "MailQuerySet",
    "Membership",
    "MembershipQuerySet",
    "MonthStart",
    "Notification",
    "NotificationQuerySet",
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
