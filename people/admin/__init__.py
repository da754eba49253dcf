"""Running a school: people, cohorts, who belongs to them, and the ways in. Nothing is deleted here.

What an admin changes is logged by the admin itself; an action logs each row it changed.
"""

from people.admin.cohort import CohortAdmin
from people.admin.invitation import InvitationAdmin
from people.admin.mail import MailAdmin
from people.admin.membership import MembershipAdmin
from people.admin.person import UserAdmin

__all__ = ["CohortAdmin", "InvitationAdmin", "MailAdmin", "MembershipAdmin", "UserAdmin"]
