"""The admin's pages of the plan: curricula, documents with their editions, and months."""

from .curricula import CurriculumAdmin
from .documents import DocumentAdmin
from .months import MonthAdmin

__all__ = ["CurriculumAdmin", "DocumentAdmin", "MonthAdmin"]
