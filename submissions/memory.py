"""What a process keeps of people's words and files, ready for the page: for minutes.

So what is erased is soon in no process's memory, though only one of them erases.
"""

import time
from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Answer = TypeVar("Answer")

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


MEMORY = Memory(MINUTES * 60)
