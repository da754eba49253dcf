"""The palette: every pair of tokens that meets on a page has the contrast that WCAG 2.2 asks for, light and dark."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

CSS = Path(__file__).parent.parent / "static" / "css" / "cairn.css"
TOKEN = re.compile(r"--([\w-]+):\s*(?:light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)|(#[0-9a-f]{6}))")
GROUNDS = ("paper", "sheet", "sunk")
TEXT = [
    *[(ink, ground) for ink in ("ink", "soft", "moss", "rust", "slate") for ground in GROUNDS],
    ("moss", "moss-wash"),
    ("rust", "rust-wash"),
    ("slate", "slate-wash"),
    *[("ink", ground) for ground in ("moss-wash", "rust-wash", "slate-wash", "mark")],
    ("on-moss", "moss"),
    ("on-stone", "stone-1"),
    ("on-stone", "stone-3"),
    ("paper", "ink"),
]
"""Text on its ground: at least 4.5 to 1."""
CONTROLS = [
    *[(edge, ground) for edge in ("line-strong", "moss", "rust", "slate") for ground in GROUNDS],
    ("slate", "moss-wash"),
]
"""Edges of controls, signs of a state and the focus ring: at least 3 to 1."""


def tokens(css: str) -> dict[str, tuple[str, str]]:
    """Name → its colour in the light and in the dark."""
    return {name: (both or light, both or dark) for name, light, dark, both in TOKEN.findall(css)}


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read_on_its_ground(ink: str, ground: str, theme: int) -> None:
    found = tokens(CSS.read_text())
    assert contrast(found[ink][theme], found[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), CONTROLS)
def test_controls_and_states_can_be_seen(edge: str, ground: str, theme: int) -> None:
    found = tokens(CSS.read_text())
    assert contrast(found[edge][theme], found[ground][theme]) >= 3


def test_every_colour_of_the_palette_is_looked_at() -> None:
    used = {name for pair in TEXT + CONTROLS for name in pair}
    decorations = {"line", "stone-2"}
    assert set(tokens(CSS.read_text())) - decorations == used
