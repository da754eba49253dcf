"""manage.py restore: a backup into an empty site, all of it or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from progress.backup import Refused
from progress.backup.restoring import Restoring


class Command(BaseCommand):
    """Leaves with status 1 when nothing was changed, and when the restored site has problems of its own."""

    help = (
        "Load a backup into an empty site, on either engine. The whole file is checked first, and what was "
        "loaded is compared with it. Run it while no server of the site is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--another-site", action="store_true", help="take a backup that was made under another SECRET_KEY"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        restoring = Restoring(options["file"], another_site=options["another_site"])
        try:
            for line in restoring.steps():
                if options["verbosity"] > 1:
                    self.stdout.write(line)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        manifest = restoring.archive.manifest
        rows = sum(table["rows"] for table in manifest.tables.values())
        self.stdout.write(f"{rows} rows and {manifest.blobs} files of {manifest.made_at} are restored.")
        problems = 0
        for problem in restoring.problems():
            problems += 1
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"The site is restored as it was when the backup was made: {problems} found.")
        self.stdout.write("Rows, files and records are as the backup has them.")
