"""Pages of a list whose length nobody counts: each begins after the last row of the one before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
PER_PAGE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """After a row, by what orders it. In an address: `yours.microseconds.key`."""

    yours: bool
    """Whether that row was the person's own turn, where those come first."""
    at: datetime
    key: int

    def __str__(self) -> str:
        return f"{int(self.yours)}.{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.key}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None, for the beginning, where there is none or it is no place."""
        parts = text.split(".")
        if len(parts) != 3 or not all(
            part.isascii() and part.isdecimal() and len(part) < 18 for part in parts
        ):
            return None
        yours, at, key = map(int, parts)
        try:
            return cls(bool(yours), EPOCH + timedelta(microseconds=at), key)
        except OverflowError:
            return None

    def later(self, rows: QuerySet[Row], time: str) -> QuerySet[Row]:
        """Those that come after it, oldest first by the column `time`."""
        return rows.filter(Q(**{f"{time}__gt": self.at}) | Q(**{time: self.at, "pk__gt": self.key}))

    def earlier(self, rows: QuerySet[Row], time: str) -> QuerySet[Row]:
        """Those that come after it, newest first by the column `time`."""
        return rows.filter(Q(**{f"{time}__lt": self.at}) | Q(**{time: self.at, "pk__lt": self.key}))


@dataclass
class Page:
    """Some rows of a list."""

    rows: list[Any]
    after: Place | None
    more: Place | None = None
    """Where the next page begins."""
    mine: int = 0
    """How many it has of the person's own turn; one more than fit, where there are more."""
