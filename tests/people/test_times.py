"""Times as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from people.templatetags.times import age, ago, lasting

NOW = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)


def test_age_is_another_whenever_the_words_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn once for each age is never out of date: over two months, in steps that meet every border."""
    minutes = [*range(125), *range(125, 49 * 60, 7), *range(49 * 60, 62 * 24 * 60, 61)]
    said: dict[tuple[int, str], set[str]] = {}
    for minute in minutes:
        when = NOW - timedelta(minutes=minute)
        monkeypatch.setattr(timezone, "now", lambda: NOW)
        for words in (ago, lasting):
            text = words(when)
            # The time itself is said too, and is another for each.
            said.setdefault((age(when, NOW), words.__name__), set()).add(text.split(">")[1])
    days = {key: texts for key, texts in said.items() if len(texts) > 1}
    # Beyond 30 days `ago` says the day, which is the same for one time however old it grows.
    assert all(name == "ago" and number > 1030 for number, name in days)
    assert len({number for number, _name in said}) > 60 + 23 + 60
