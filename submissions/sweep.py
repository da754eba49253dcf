"""The sweep: what lies on the disk, or in the table of blobs, and belongs to no file.

Left behind by drafts that were thrown away, by uploads that were broken off, and by an erasure whose process died
before the bytes went. Whoever adds a file renews the time of its bytes and takes the blob's row, and looks at the
disk once more before the file is committed; so nothing is swept that a file is about to name.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from submissions import store
from submissions.erasing import bytes_left, forget_digests
from submissions.models import Blob, File, Version
from submissions.models.file import NAMELESS

GRACE = timedelta(days=1)
"""How long bytes stay that no file names."""
ERASED_FILE = Exists(File.objects.filter(version=OuterRef("pk"), erased_at__isnull=False))
HAS_ERASED = Q(text_erased_at__isnull=False) | Q(link_erased_at__isnull=False) | Q(ERASED_FILE)
"""Finds versions of which something was erased."""


@dataclass
class Swept:
    """How many went of each."""

    uploads: int = 0
    """Pieces of uploads that were broken off."""
    blobs: int = 0
    """Bytes that no file named, not even one that was erased."""
    erased: int = 0
    """Bytes of erased files, which should have gone at once."""


def sweep(grace: timedelta = GRACE) -> Swept:
    """Removes what nothing has named for longer than `grace`; bytes of erased files without grace.

    And the digests that erasures of an older release left in reviews.
    """
    forget_digests(Version.objects.filter(HAS_ERASED))
    return Swept(
        erased=sum(blob.leave() for blob in bytes_left().order_by("pk")),
        blobs=sum(removed(sha256, grace) for sha256 in unnamed(grace)),
        uploads=store.sweep_incoming(grace),
    )


def unnamed(grace: timedelta) -> Iterator[str]:
    """Digests that no file names: of rows, with bytes or without, and of bytes without a row."""
    files = File.objects.filter(blob=OuterRef("pk"))
    rows = Blob.objects.filter(~Exists(files)).exclude(sha256__startswith=NAMELESS).order_by("pk")
    found = [sha256 for sha256 in rows.values_list("sha256", flat=True) if is_old(sha256, grace)]
    yield from found
    seen = set(found)
    for sha256 in store.stored():
        if sha256 not in seen and is_old(sha256, grace) and not Blob.objects.filter(sha256=sha256).exists():
            yield sha256


def is_old(sha256: str, grace: timedelta) -> bool:
    """Whether nobody has wanted the bytes for so long; those that are not there are old."""
    try:
        wanted = store.kept_at(sha256)
    except FileNotFoundError:
        return True
    return wanted < time.time() - grace.total_seconds()


def removed(sha256: str, grace: timedelta) -> bool:
    """Removes bytes and row, unless a file came to name them; the row is taken first."""
    with transaction.atomic():
        # A row even for bytes that have none: an upload of the same has to wait for it.
        blob, made = Blob.objects.select_for_update().get_or_create(sha256=sha256, defaults={"size": 0})
        if blob.files.exists() or not is_old(sha256, grace):
            if made:
                blob.delete()
            return False
        # While the row is taken: an upload of the same bytes waits, and then finds that they are gone.
        was_there = store.remove(sha256)
        blob.delete()
    return was_there
