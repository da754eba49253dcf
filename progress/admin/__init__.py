"""What admins may see of the work and the record, each look logged, and erasing."""

from progress.admin.submission import SubmissionAdmin

__all__ = ["SubmissionAdmin"]
