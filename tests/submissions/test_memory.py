"""What a process keeps of people's words is forgotten in minutes, also by a process that does nothing more."""

import os
import re
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from submissions import reading, showing
from submissions.memory import MEMORY, Memory
from submissions.models import review

pytestmark = pytest.mark.pure


class Words:
    """What a function answers: something whose end can be seen."""


def becomes(what: Callable[[], bool]) -> bool:
    """Whether it is so within seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


def asked_of(memory: Memory) -> Callable[[str], Words]:
    @memory.keeps(8)
    def words(_text: str) -> Words:
        return Words()

    return words


def test_answer_is_kept_for_the_next_time() -> None:
    words = asked_of(Memory(60))
    assert words("a") is words("a")
    assert words("b") is not words("a")


def test_answer_is_gone_though_nobody_asks_again() -> None:
    words = asked_of(Memory(0.05))
    for text in ("a", "b"):  # and again, once the first was forgotten
        there = weakref.ref(words(text))
        assert becomes(lambda there=there: there() is None)  # type: ignore[misc]


def test_answer_is_gone_from_a_process_that_was_forked_too() -> None:
    words = asked_of(Memory(0.05))
    words("a")
    child = os.fork()
    if not child:
        there = weakref.ref(words("b"))
        os._exit(0 if becomes(lambda: there() is None) else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        (review.rendered_words, ("A secret.",)),
        (showing.rendered_text, ("A secret.",)),
        (showing.shown_blob, ("0" * 64, "docx", "a.docx", "en")),
        (showing.blob_outline, ("0" * 64, "docx", None, "en")),
        (reading.reading_of_text, ("A secret.",)),
    ],
)
def test_words_and_files_are_forgotten(kept: Any, asked: tuple[Any, ...]) -> None:
    kept(*asked)
    assert kept.cache_info().currsize
    MEMORY.forget()
    assert kept.cache_info().currsize == 0
    assert MEMORY.seconds <= 5 * 60


def test_nothing_of_people_is_kept_in_another_way() -> None:
    """A control of the rule: the search finds the memory itself."""
    apps = (Path(settings.BASE_DIR) / app for app in ("people", "submissions", "progress"))
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for app in apps
        for path in app.rglob("*.py")
        if re.search(r"@(functools\.)?(lru_)?cache\b|lru_cache\(", path.read_text("utf-8"))
    }
    assert found == {
        "people/models/user.py",  # time zones
        "people/templatetags/times.py",  # moments, in a zone and a language
        "progress/document.py",  # months, as they were published
        "submissions/memory.py",
        "submissions/store/bucket.py",  # its client
    }
