"""Acts of several people at once: in threads, each with a connection of its own."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

Act = Callable[[], Any]


def at_once(*acts: Act) -> list[Any]:
    """What each act got back, or raised, when all began together."""
    gate = Barrier(len(acts))
    ends: list[Any] = [None] * len(acts)

    def run(index: int, act: Act) -> None:
        try:
            gate.wait()
            ends[index] = act()
        except Exception as error:
            ends[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def interleaved(first: Act, statement: str, second: Act) -> list[Any]:
    """How both ended, when `second` came as `first` was about to execute an SQL statement that begins so.

    A second that has to wait for its turn is waited for no longer than a moment.
    """
    reached, over = Event(), Event()

    def pause(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(statement) and not reached.is_set():
            reached.set()
            over.wait(1)
        return execute(sql, params, many, context)

    def run_first() -> Any:
        with connection.execute_wrapper(pause):
            try:
                return first()
            finally:
                reached.set()

    def run_second() -> Any:
        reached.wait(10)
        try:
            return second()
        finally:
            over.set()

    return at_once(run_first, run_second)


def take_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a row that another has taken."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)
