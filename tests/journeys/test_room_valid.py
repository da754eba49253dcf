"""Two hundred valid files of several producers: each is let in and shown."""

import io
from collections.abc import Callable
from typing import cast

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from submissions import store
from submissions.formats import Unacceptable
from submissions.models import File, Submission
from submissions.reading import reading_of
from tests.cast import Cast
from tests.factories import MembershipFactory
from tests.submissions import producers

BATCH = 20
SHOWN = {
    "pdf": ".leaf:first-child > canvas",
    "image": ".surface img",
    "svg": ".surface img",
    "notebook": ".cell",
    "markdown": "article.paper > *",
}
"""By the form of a file what has to be there; of all others lines."""
PAINTED = {"pdf", "image", "svg"}
"""Forms of which something has to be seen; of the others their first words are read."""
WHITE, TEAL = [255] * 4, [0, 128, 128, 255]
PLAIN = {
    **dict.fromkeys(["own-empty.pdf", "pdfium-1.pdf", "pdfium-2.pdf", "pdfium-7.pdf"], WHITE),
    **{f"png-{size}.png": TEAL for size in ("1-1", "1-900", "900-1", "5000-4000", "10000-200")},
    "png-I-16.png": [0, 0, 0, 255],
    "own-scanned.pdf": [200, 120, 40, 255],
    "graphviz.svg": [0] * 4,
}
"""Files of one colour: red, green, blue and how opaque, each up to 255."""
NEARLY = 3
"""What a JPEG makes of a colour."""
ONE_COLOUR = """(painted) => {
  const small = new OffscreenCanvas(300, 300).getContext("2d");
  small.drawImage(painted, 0, 0, 300, 300);
  const { data } = small.getImageData(0, 0, 300, 300);
  return data.every((value, place) => value === data[place % 4]) ? [...data.slice(0, 4)] : null;
}"""
FIRST = 40
"""Letters and signs, without blanks."""


def fault(page: Page, file: File) -> str:
    """Why a file is not shown, or nothing."""
    section = page.locator(f"#file-{file.uuid}")
    section.scroll_into_view_if_needed()
    part = section.locator(SHOWN.get(file.form, ".lines li, article.paper > *")).first
    try:
        expect(part).to_be_visible(timeout=15_000)
        if file.form in ("image", "svg"):
            expect(part).to_have_js_property("complete", True, timeout=15_000)
            assert part.evaluate_handle("image => image.naturalWidth").json_value(), "no picture"
        elif file.form == "pdf":
            assert not section.locator(".leaf:first-child > .untexted", has_text="could not be drawn").count()
        if file.form in PAINTED:
            assert is_painted(part, PLAIN.get(file.name)), "something else is painted, or nothing"
        else:
            words = squeezed(reading_of(file.version, file).text)[:FIRST]
            assert words, "nothing to read"
            assert words in squeezed(section.inner_text()), f"no {words}"
    except (AssertionError, PlaywrightError) as error:
        return f"{file.name}: {str(error).splitlines()[0]}"
    return ""


def is_painted(part: Locator, plain: list[int] | None) -> bool:
    """Whether there is something to see in a canvas or a picture, or just the colour that there has to be."""
    try:
        found = part.evaluate_handle(ONE_COLOUR).json_value()
    except PlaywrightError as error:
        if "tainted" not in str(error):
            raise
        # A drawing with pieces of a page: the browser lets nobody read it but from the screen.
        shot = Image.open(io.BytesIO(part.screenshot(caret="initial"))).convert("RGB")
        return any(low != high for low, high in cast(list[tuple[int, int]], shot.getextrema()))
    if not (found and plain):
        return bool(found == plain)
    return all(abs(one - other) <= NEARLY for one, other in zip(found, plain, strict=True))


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.prove
def test_valid_files_are_shown(open_room: Callable[..., Page], people: Cast, browser: Browser) -> None:
    with browser.new_page() as printer:
        files = list(producers.valid(printer).items())
    assert len(files) >= 200
    faults: list[str] = []
    for start in range(0, len(files), BATCH):
        # A next version would begin with the files of the one before.
        learner = MembershipFactory.create(cohort=people.cohort)
        work = Submission.objects.create(learner=learner, deliverable=people.deliverable)
        version = work.start_draft()
        for name, content in files[start : start + BATCH]:
            try:
                version.add_file(name, store.receive([content], 10**8))
            except Unacceptable as refused:
                faults.append(f"{name}: refused, {refused.code}")
        version.submit()
        page = open_room(version)
        faults += filter(None, (fault(page, file) for file in version.files.all()))
        page.context.close()
    print(f"{len(files) - len(faults)} of {len(files)} are shown", *faults, sep="\n")
    assert len(faults) <= len(files) * 0.01, "\n".join(faults)
