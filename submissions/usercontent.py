"""Addresses on the other origin, `USERCONTENT_ORIGIN`, each for one file, one way of sending it, and a short while.

Who may see a file is decided on the site at each request; from there the browser is sent on.
"""

import time
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from submissions.models import File

SIGNER = signing.Signer(salt="submissions.usercontent", sep=".")
PERIOD = 10 * 60
"""Seconds in which a file keeps one address, so that a browser that has it does not ask again."""


def signed_address(file: File, way: str) -> str:
    """Where the file is sent from now; the address is good until the end of the period after this one."""
    token = SIGNER.sign(f"{way}.{file.uuid.hex}.{int(time.time()) // PERIOD}")
    return settings.USERCONTENT_ORIGIN + reverse(
        "signed", urlconf="submissions.usercontent_urls", args=[token, file.name]
    )


def unsigned(token: str) -> tuple[UUID, str]:
    """The file and the way that an address names. Raises BadSignature for one that is not ours, or too old."""
    way, uuid, period = SIGNER.unsign(token).split(".")
    if not 0 <= int(time.time()) // PERIOD - int(period) <= 1:
        raise signing.SignatureExpired("too old")
    return UUID(uuid), way
