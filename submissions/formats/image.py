"""PNG, JPEG and WebP. In the child the header is believed for the size, then every pixel is decoded."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from submissions.formats.kinds import Unacceptable
from submissions.formats.looks import PLAIN, told
from submissions.formats.sandbox import Limits, extract, inspect
from submissions.formats.shown import Entry, Shown

__all__ = [
    "BROKEN",
    "IS_READ",
    "LIBRARIES",
    "SELECTORS",
    "extract",
    "inspect",
    "looks",
    "outline",
    "parse",
    "show",
    "size_of",
]

BROKEN = "image-broken"
LIBRARIES = ("PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.WebPImagePlugin", "PIL.ImageOps")
SELECTORS = frozenset({"region"})
IS_READ = False
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
ORIENTATION, TURNED = 0x0112, {5, 6, 7, 8}
MILLION = 1_000_000
USUAL_GAMMA = 0.45455


def show(path: Path) -> Shown:
    return Shown("image")


def outline(path: Path, pages: int | None = None) -> list[Entry]:
    return []


# In the child -----------------------------------------------------------------------------------------------
def opened(file: BinaryIO, form: str) -> Any:
    """The picture, of which only the header was read."""
    from PIL import Image  # noqa: PLC0415 (for the child alone)

    # Our own limit is checked on the header; Pillow's would only warn at a lower one.
    Image.MAX_IMAGE_PIXELS = None
    return Image.open(file, formats=[form])


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """Width and height in pixels, as a browser shows the picture (turned as the camera was held)."""
    form = FORMATS[extension]
    width, height = size_of(file, form, limits)
    if form == "PNG":
        _check_sums(file)
    file.seek(0)
    with opened(file, form) as image:
        turned = image.getexif().get(ORIENTATION) in TURNED
        # A JPEG decodes at an eighth of its size: every byte is read, and the memory is a fraction.
        image.draft(None, (width // 8 or 1, height // 8 or 1))
        image.load()
    return {"width": height, "height": width} if turned else {"width": width, "height": height}


def looks(file: BinaryIO, limits: Limits) -> Iterator[dict[str, Any]]:
    """The picture as it is shown: every pixel, whatever else the file says. Of one that moves nothing."""
    from PIL import Image, ImageOps  # noqa: PLC0415 (for the child alone)

    with Image.open(file, formats=sorted(set(FORMATS.values()))) as image:
        is_turned = image.getexif().get(ORIENTATION, 1) != 1
        # Turning makes a second copy of the whole, for which there may be no room.
        if getattr(image, "is_animated", False) or (
            is_turned and image.width * image.height > limits.webp_pixels
        ):
            return
        image.load()
        if is_turned:
            ImageOps.exif_transpose(image, in_place=True)
        yield told(1, image, _colours(image))


def _colours(image: Any) -> bytes:
    """What decides how the numbers of the pixels are shown, where that is not as usual."""
    profile, gamma = image.info.get("icc_profile") or b"", image.info.get("gamma") or USUAL_GAMMA
    is_usual = b"sRGB" in profile or b"s\0R\0G\0B" in profile
    if not profile and "srgb" not in image.info and abs(gamma - USUAL_GAMMA) > 0.01:
        profile = str(gamma).encode()
    mode = b"" if image.mode in PLAIN else image.mode.encode()
    return sha256((b"" if is_usual else profile) + mode).digest()


def size_of(file: BinaryIO, form: str, limits: Limits) -> tuple[int, int]:
    """Width and height by the header alone; raises Unacceptable when that is too many pixels."""
    if form == "WEBP":
        # Pillow makes room for four copies of a WebP, two of them on opening: too late to ask, and fewer fit.
        most = min(limits.pixels, limits.webp_pixels)
        width, height = webp_size(file.read(32))
    else:
        most = limits.pixels
        with opened(file, form) as image:
            width, height = image.size
    if width * height > most:
        # Rounded up, so that the two numbers of the sentence never look equal.
        raise Unacceptable("image-pixels", pixels=-(-width * height // MILLION), limit=f"{most / MILLION:g}")
    return width, height


def webp_size(head: bytes) -> tuple[int, int]:
    """Width and height by the first 32 bytes of a WebP (RFC 9649, 2.5 to 2.7); else ValueError."""
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(
                head[28:30], "little"
            ) & 0x3FFF
    raise ValueError("no WebP header")


def _check_sums(file: BinaryIO) -> None:
    file.seek(0)
    with opened(file, "PNG") as image:
        image.verify()
