"""What a process keeps of people's words and files, ready for the page: for minutes.

So what is erased is soon in no process's memory, though only one of them erases.
"""

import time
from collections.abc import Callable, Hashable, Sized
from functools import cache, lru_cache, wraps
from operator import itemgetter
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import JSONField, Model

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Answer = TypeVar("Answer")
Kept = TypeVar("Kept", bound=Sized)

MINUTES = 5
"""The longest that anything is kept; README.md promises it."""


class Memory:
    """The answers of functions, by what they were asked. All of them go every so many seconds, asked for or not."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._clears: list[Callable[[], None]] = []
        self._clock = Thread()

    def keeps(self, size: int) -> Callable[[Callable[..., Answer]], "_lru_cache_wrapper[Answer]"]:
        """Marks a function whose last `size` answers are kept; what it is asked must be hashable."""

        def keep(function: Callable[..., Answer]) -> "_lru_cache_wrapper[Answer]":
            @wraps(function)
            def first_time(*asked: object) -> Answer:
                self._wind()
                return function(*asked)

            kept = lru_cache(maxsize=size)(first_time)
            self._clears.append(kept.cache_clear)
            return kept

        return keep

    def shelf(self, size: int) -> "Shelf[Kept]":
        """Keeps answers of together up to `size` as `len` counts, each by a key that the caller makes."""
        shelf: Shelf[Kept] = Shelf(size, self._wind)
        self._clears.append(shelf.answers.clear)
        return shelf

    def forget(self) -> None:
        for clear in self._clears:
            clear()

    def _wind(self) -> None:
        """Starts the clock, in each process its own: a fork does not take a thread along."""
        if not self._clock.is_alive():
            self._clock = Thread(target=self._tick, name="memory", daemon=True)
            self._clock.start()

    def _tick(self) -> None:
        while True:
            time.sleep(self.seconds)
            self.forget()


class Shelf(Generic[Kept]):
    """Answers by their keys, for what is asked with more than should be kept."""

    def __init__(self, size: int, wind: Callable[[], None]) -> None:
        self.size, self.wind, self.held = size, wind, 0
        self.answers: dict[Hashable, Kept] = {}

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is kept under the key, which says all that the answer depends on; else what `make` makes."""
        found = self.answers.get(key)
        if found is None:
            self.wind()
            found = make()
            self.held = len(found) + (self.held if self.answers else 0)
            if self.held > self.size:
                self.answers.clear()
                self.held = len(found)
            self.answers[key] = found
        return found


def told(row: Model | None, *more: str) -> tuple[Any, ...] | None:
    """All columns of a row, and attributes that a query added, as values by which it can be compared; for keys."""
    if row is None:
        return None
    read, texts = _columns(type(row))
    values = vars(row)
    return (*read(values), *[repr(values[name]) for name in texts], *[values[name] for name in more])


@cache
def _columns(model: type[Model]) -> tuple[Callable[[dict[str, Any]], tuple[Any, ...]], tuple[str, ...]]:
    """What reads the columns from a row's values, and the names of those that cannot be compared as they are."""
    fields = model._meta.concrete_fields
    texts = tuple(field.attname for field in fields if isinstance(field, JSONField))
    return itemgetter(*(field.attname for field in fields if field.attname not in texts)), texts


MEMORY = Memory(MINUTES * 60)
