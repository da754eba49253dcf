"""manage.py read_files: reads what was handed in before this release could."""

import logging
from typing import Any

from django.core.management.base import BaseCommand

from submissions.models import File
from submissions.reading import read_again, unread

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Safe at any time, also while people work, and when run again. To be run once after an upgrade."""

    help = "Read the words of files that were not read when they came in, so that comments can be about passages."

    def handle(self, *args: Any, **options: Any) -> None:
        read = partly = missing = 0
        for key in unread():
            file = File.objects.select_related("blob").filter(pk=key, erased_at=None).first()
            if not file:
                continue
            try:
                note = read_again(file)
            except OSError:
                logger.exception("The blob of file %s cannot be read.", file.uuid)
                missing += 1
                continue
            read += not note
            partly += bool(note)
        self.stdout.write(
            f"{read} files were read, {partly} in part or not at all, {missing} are missing in the store."
        )
