"""Drawings that grow when they are drawn: counted at the door, before a browser would try."""

import io
from xml.etree.ElementTree import iterparse

import pytest

from submissions.formats.expansion import MOST, TEXT, Expansion
from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import LIMITS
from submissions.formats.xml import parse
from tests.submissions import samples

pytestmark = pytest.mark.pure


def svg(body: str) -> bytes:
    return samples.svg(body.encode())


def bomb(levels: int, each: int = 10) -> bytes:
    """Each group uses the one before it so many times."""
    groups = ['<g id="g0"><rect width="1" height="1"/></g>']
    groups += [f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * each + "</g>" for n in range(1, levels + 1)]
    return svg(f"<defs>{''.join(groups)}</defs><use href='#g{levels}'/>")


def is_too_large(content: bytes) -> bool:
    expansion = Expansion()
    for event, element in iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314 (our own)
        if event == "start":
            expansion.start(element)
        else:
            expansion.end()
    return expansion.is_too_large


@pytest.mark.parametrize(
    "content",
    [
        bomb(9),
        bomb(40, 2),
        bomb(9)
        .replace(b"href", b"xlink:href")
        .replace(b"<svg ", b'<svg xmlns:xlink="http://www.w3.org/1999/xlink" '),
    ],
    ids=["ten of ten", "two of two", "of the older name"],
)
def test_drawing_that_grows_without_end_is_refused(content: bytes) -> None:
    with pytest.raises(Unacceptable) as refused:
        parse(io.BytesIO(content), ".svg", LIMITS)
    assert refused.value.code == "too-complex"


@pytest.mark.parametrize(
    "content",
    [
        samples.svg(),
        bomb(4),
        svg('<defs><path id="a" d="M0 0"/></defs>' + '<use href="#a" x="1"/>' * 5000),
        svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><use href="#nowhere"/>'),
        svg('<g id="a"><use href="#a"/></g>' * 20),
        svg('<g id="a">' * 200 + "</g>" * 200),
    ],
    ids=["plain", "ten thousand", "letters", "in a circle", "of itself", "nested"],
)
def test_drawing_that_ends_is_let_in(content: bytes) -> None:
    parse(io.BytesIO(content), ".svg", LIMITS)


def test_most_is_where_it_begins() -> None:
    def many(count: int) -> bytes:
        return svg('<g id="a"/>' + '<use href="#a"/>' * count)

    half = MOST // 2
    assert not is_too_large(many(half - 2))
    assert is_too_large(many(half + 2))


def test_words_weigh_more_than_shapes() -> None:
    count = MOST // TEXT + 1
    assert is_too_large(svg("<text/>" * count))
    assert not is_too_large(svg("<rect/>" * count))
