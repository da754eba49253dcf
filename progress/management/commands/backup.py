"""manage.py backup: one file with every row and every blob, while the site runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from progress.backup import Refused
from progress.backup.making import Making


class Command(BaseCommand):
    """Leaves with status 1 without a file when there is no backup, and with one when blobs were missing."""

    help = (
        "Write one file with every row of the database and every stored file, while the site runs. "
        "Sessions, the cache and uploads on their way are left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        making = Making(options["file"], overwrite=options["overwrite"])
        try:
            for line in making.steps():
                if line.startswith("blob") or options["verbosity"] > 1:
                    self.stdout.write(line)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        manifest = making.manifest
        rows = sum(table["rows"] for table in manifest.tables.values())
        size = filesizeformat(manifest.bytes).replace("\xa0", " ")
        self.stdout.write(f"{options['file']}: {rows} rows and {manifest.blobs} files ({size})")
        if manifest.missing:
            raise CommandError(
                f"The backup is made, but {len(manifest.missing)} files are missing or damaged on this site: "
                "manage.py verify says more."
            )
