"""What every template may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether this is the demo, which says so on its log-in page."""
    return {"demo": settings.DEMO}
