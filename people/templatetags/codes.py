"""A code that a phone's camera reads, drawn in the page itself: the site's policy forbids data: addresses."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped]
from qrcode.main import QRCode  # type: ignore[import-untyped]

register = template.Library()

BORDER = 4
"""Quiet modules around the code, as ISO/IEC 18004 asks for."""


@register.simple_tag
def qr_code(text: str, label: str) -> SafeString:
    """The text as a QR code: one path of unit squares. The label is for people who do not see it."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=BORDER)
    code.add_data(text)
    code.make()
    squares = (
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.get_matrix()) for x, dark in enumerate(row) if dark
    )
    side = code.modules_count + 2 * BORDER
    return format_html(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<rect width="{}" height="{}"></rect><path d="{}"></path></svg>',
        label,
        side,
        side,
        side,
        side,
        "".join(squares),
    )
