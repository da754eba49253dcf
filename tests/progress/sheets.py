"""A mentor's draft review and its sheet, as tests fill them in."""

from typing import Any
from uuid import uuid4

from django.urls import reverse

from submissions.models import Review, Said, Version
from tests.cast import Cast


def said(body: str = "Where do the labels wait?", kind: str = "should") -> Said:
    return Said(body, uuid4(), kind)


def begun(cast: Cast, version: Version | None = None) -> Review:
    return Review.objects.begin(version or cast.hand_in(), cast.mentor)


def finish_url(review: Review) -> str:
    return reverse("progress:review_finish", args=[review.version.submission.uuid])


def sheet(review: Review, /, **values: Any) -> dict[str, Any]:
    filled = {"review": review.uuid, "revision": review.revision, "verdict": "accept", "summary": "Well done"}
    return filled | {name.replace("__", "-"): value for name, value in values.items()}


def mark(
    criterion: Any, decision: str = "met", note: str = "", evidence: str = "", seen: int = 0
) -> dict[str, Any]:
    values = {"decision": decision, "note": note, "evidence": evidence, "seen": seen}
    return {f"{criterion.uuid}-{name}": value for name, value in values.items()}
