"""Large files that learners hand in, each unlike any other and sound in its form."""

import io
import random

from PIL import Image

MEGABYTE = 1_000_000


def markdown(dice: random.Random, size: int) -> bytes:
    line = f"We chose {dice.randrange(16**8):08x} over two code bases, and say what that costs.\n\n".encode()
    return b"# A design\n\n" + line * (size // len(line))


def noise(dice: random.Random, size: int) -> tuple[int, int, bytes]:
    """Width and height of a picture of about so many bytes, and its pixels, red, green and blue."""
    width = 1000
    height = size // (3 * width)
    return width, height, dice.randbytes(3 * width * height)


def png(dice: random.Random, size: int) -> bytes:
    width, height, pixels = noise(dice, size)
    out = io.BytesIO()
    # Noise packs into nothing smaller: trying would only cost the cores that are measured.
    Image.frombytes("RGB", (width, height), pixels).save(out, "PNG", compress_level=0)
    return out.getvalue()


def pdf(dice: random.Random, size: int) -> bytes:
    """One page with a picture on it."""
    width, height, pixels = noise(dice, size)
    draw = b"q 595 0 0 842 0 0 cm /Picture Do Q"
    picture = f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
    picture += f" /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length {len(pixels)}"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw),
        b"<< %s >>\nstream\n%s\nendstream" % (picture.encode(), pixels),
        b"<< /XObject << /Picture 5 0 R >> >>",
    ]
    parts, places = [b"%PDF-1.4\n"], []
    for number, content in enumerate(objects, 1):
        places.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return b"".join(parts)


FORMS = {"design.md": markdown, "flow.png": png, "serving.pdf": pdf}


def large(dice: random.Random) -> tuple[str, bytes]:
    """A file of 1 to 10 MB: its name and its bytes."""
    name = dice.choice(list(FORMS))
    return name, FORMS[name](dice, dice.randint(MEGABYTE, 10 * MEGABYTE))
