"""Regions of pictures and pages: the same where they look the same, however the file was saved."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from submissions import formats, store
from submissions.formats import sandbox
from submissions.formats.looks import Looks
from submissions.models import Anchor, Placement, Submission, Version
from submissions.reading import looks_of
from tests.cast import Cast
from tests.submissions import pdfs, samples

pytestmark = pytest.mark.once

CORNER = "xywh=percent:5,5,20,20"
SIZE = (200, 160)


def drawn(dot: tuple[int, int] = (150, 120)) -> Image.Image:
    picture = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((15, 15, 45, 30), fill=(90, 120, 60))
    draw.ellipse((*dot, dot[0] + 8, dot[1] + 8), fill=(180, 60, 30))
    return picture


def saved(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def other_png() -> bytes:
    """The same picture with a palette, another compression, and words about it."""
    about = PngInfo()
    about.add_text("Software", "Another program")
    return saved(drawn().quantize(64), compress_level=1, pnginfo=about)


def moved_corner() -> bytes:
    picture = drawn()
    ImageDraw.Draw(picture).point((30, 20), fill="black")
    return saved(picture)


def turned() -> tuple[bytes, bytes]:
    """A photo with the camera held upright, and the same one turned by hand. Without loss, so that both can be."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(drawn(), exif=exif), saved(drawn().transpose(Image.Transpose.ROTATE_270))


def handed_in(cast: Cast, **files: bytes) -> Version:
    """The next version, with files by their names, in which a double underline stands for the dot."""
    submission, _made = Submission.objects.get_or_create(learner=cast.learner, deliverable=cast.deliverable)
    draft = submission.start_draft()
    for file in draft.files.all():
        draft.remove_file(file)
    for name, content in files.items():
        draft.add_file(name.replace("__", "."), store.receive([content], 10**8))
    draft.submit()
    return draft


def told(cast: Cast, region: str, before: dict[str, bytes], after: dict[str, bytes]) -> tuple[str, str]:
    """The state and the place, in the next version, of a region that was pointed at in the one file of the first."""
    first = handed_in(cast, **before)
    fragment = {"type": "FragmentSelector", "value": region}
    anchor = Anchor.objects.on_place(first, first.files.get(), [fragment])
    placed = Placement.objects.get(anchor=anchor, version=handed_in(cast, **after))
    return placed.state, placed.selectors[0]["value"] if placed.selectors else ""


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ({"a__png": saved(drawn())}, {"a__png": other_png()}, "exact"),
        ({"a__png": saved(drawn())}, {"b__png": other_png(), "c__png": samples.png()}, "exact"),
        ({"a__png": saved(drawn())}, {"a__png": saved(drawn((160, 120)))}, "exact"),
        ({"a__png": saved(drawn())}, {"a__png": moved_corner()}, "changed"),
        ({"a__png": saved(drawn())}, {"a__png": saved(drawn().resize((100, 80)))}, "changed"),
        ({"a__png": turned()[0]}, {"a__png": turned()[1]}, "exact"),
        (
            {"a__jpg": saved(drawn(), "JPEG")},
            {"a__jpg": saved(drawn(), "JPEG", progressive=True, optimize=True)},
            "exact",
        ),
        ({"a__jpg": saved(drawn(), "JPEG")}, {"a__jpg": saved(drawn(), "JPEG", quality=40)}, "changed"),
        ({"a__png": saved(drawn())}, {"a__png": saved(drawn(), icc_profile=b"other colours")}, "changed"),
    ],
    ids=["saved anew", "renamed", "other corner", "a dot", "smaller", "turned", "jpeg", "worse", "colours"],
)
def test_region_of_a_picture_is_exact_where_it_looks_the_same(
    cast: Cast, before: dict[str, bytes], after: dict[str, bytes], state: str
) -> None:
    assert told(cast, CORNER, before, after)[0] == state


LINES = [pdfs.lines_of(number) for number in (1, 2)]
HEAD, FOOT = "page=2&xywh=percent:8,4,80,6", "page=2&xywh=percent:8,90,80,4"


@pytest.mark.parametrize(
    ("region", "pages", "state", "page"),
    [
        (HEAD, [LINES[0], [*LINES[1][:-1], "Another last line"]], "exact", 2),
        (FOOT, [LINES[0], [*LINES[1][:-1], "Another last line"]], "changed", 2),
        (HEAD, [["A new first page"], LINES[0], LINES[1]], "moved", 3),
    ],
    ids=["the same", "another", "moved"],
)
def test_region_of_a_page_is_exact_where_it_is_drawn_the_same(
    cast: Cast, region: str, pages: list[list[str]], state: str, page: int
) -> None:
    old, new = pdfs.of_lines(LINES), pdfs.of_lines(pages, packed=False)

    found = told(cast, region, {"a__pdf": old}, {"a__pdf": new})

    assert found == (state, region.replace("page=2", f"page={page}"))


def test_region_of_a_scanned_page_is_exact_when_the_file_is_saved_anew(cast: Cast) -> None:
    old = pdfs.scanned(2)

    assert told(cast, HEAD, {"a__pdf": old}, {"a__pdf": old + b"\n% saved anew\n"})[0] == "exact"


@pytest.mark.prove
def test_file_is_sound_and_read_when_there_is_no_time_to_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdfs.of_text(60))
    whole = formats.inspect(path, "a.pdf").extracted
    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(drawing=0.05))

    found = formats.inspect(path, "a.pdf").extracted

    assert (found.text, found.note) == (whole.text, "")
    assert len(Looks(found.looks).pages) < len(Looks(whole.looks).pages) == 60


def test_picture_that_moves_has_no_look(cast: Cast) -> None:
    frames = [drawn(), drawn((10, 100))]
    version = handed_in(cast, a__png=saved(frames[0], save_all=True, append_images=frames[1:]))

    assert looks_of(version.files.get()).pages == {}
