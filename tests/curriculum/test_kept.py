"""Fragments that are kept: each call fills its own gaps, and what is shown beside them tells one from another."""

from uuid import uuid4

from django.utils import translation
from django.utils.safestring import mark_safe

from curriculum.kept import _pieces, kept

LINE = "progress/_waiting.html"


def line(work: str = "Design", time: str = "", begun: bool = False, **more: str) -> str:
    """A line of the desk."""
    shown = {"number": 1, "held": "", "is_next": True, "begun": begun}
    gaps = {"learner": "Ines", "cohort": "Spring", "month": "Month 08", "holder": "", "until": ""} | more
    return kept(LINE, shown, work=work, uuid=uuid4(), time=time, csrf_token="token", **gaps)


def test_gaps_are_those_of_each_call_and_are_drawn_once() -> None:
    line()
    before = _pieces.cache_info()
    first, second = line("Design", learner="Ines"), line("Overview", learner="Amira")
    after = _pieces.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 2)
    assert "Design" in first
    assert "Ines" in first
    assert "Amira" not in first
    assert "Overview" in second
    assert "Ines" not in second
    assert "gap-" not in first + second


def test_what_is_shown_beside_the_gaps_tells_one_from_another() -> None:
    assert "Continue" not in line()
    assert "Continue" in line(begun=True)


def test_text_in_a_gap_is_escaped_and_html_is_not() -> None:
    html = line("<b>Work</b> gap-1 \\1", time=mark_safe("<time>4 days</time>"))  # a text of ours
    assert "&lt;b&gt;Work&lt;/b&gt; gap-1 \\1" in html
    assert "<b>Work" not in html
    assert "waits <time>4 days</time>" in html


def test_every_language_has_its_own() -> None:
    line()
    before = _pieces.cache_info().misses
    with translation.override("de"):
        line()
    assert _pieces.cache_info().misses == before + 1
