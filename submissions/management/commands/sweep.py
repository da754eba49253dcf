"""manage.py sweep: removes from the disk what no file names."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from submissions.sweep import GRACE, sweep


class Command(BaseCommand):
    """Says how much it removed; safe at any time, also while people upload. To be run once a day."""

    help = (
        "Remove stored bytes that no file names, uploads that were broken off, and what erasing left behind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            metavar="HOURS",
            default=GRACE / timedelta(hours=1),
            help="how long something stays that nothing names (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep(timedelta(hours=options["grace"]))
        self.stdout.write(
            f"{swept.blobs} stored files that nothing names, {swept.erased} of erased files,"
            f" {swept.uploads} broken uploads were removed."
        )
