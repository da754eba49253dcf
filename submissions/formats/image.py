"""PNG, JPEG and WebP, in the child: the header is believed for the size, then every pixel is decoded."""

from typing import BinaryIO

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import Limits

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
ORIENTATION, TURNED = 0x0112, {5, 6, 7, 8}
MILLION = 1_000_000

# Our own limit is checked on the header; Pillow's would only warn at a lower one.
Image.MAX_IMAGE_PIXELS = None


def parse(file: BinaryIO, extension: str, limits: Limits) -> dict[str, int]:
    """Width and height in pixels, as a browser shows the picture (turned as the camera was held)."""
    form = FORMATS[extension]
    width, height = size_of(file, form, limits)
    file.seek(0)
    with Image.open(file, formats=[form]) as image:
        image.verify()
    file.seek(0)
    with Image.open(file, formats=[form]) as image:
        turned = image.getexif().get(ORIENTATION) in TURNED
        # A JPEG decodes at an eighth of its size: every byte is read, and the memory is a fraction.
        image.draft(None, (width // 8 or 1, height // 8 or 1))
        image.load()
    return {"width": height, "height": width} if turned else {"width": width, "height": height}


def size_of(file: BinaryIO, form: str, limits: Limits) -> tuple[int, int]:
    """Width and height by the header alone; raises Unacceptable when that is too many pixels."""
    with Image.open(file, formats=[form]) as image:
        width, height = image.size
    if width * height > limits.pixels:
        # Rounded up, so that the two numbers of the sentence never look equal.
        pixels = -(-width * height // MILLION)
        raise Unacceptable("image-pixels", pixels=pixels, limit=f"{limits.pixels / MILLION:g}")
    return width, height
