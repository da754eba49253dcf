"""manage.py verify: whether the record, its triggers and the stored files are as they were."""

from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.signing import BadSignature

from progress.backup.archive import Archive, Refused
from progress.backup.comparison import Comparison
from progress.verification import Verification, heads


class Command(BaseCommand):
    """Writes a line for each problem to the output, and leaves with status 1 if there was one."""

    help = "Check every chain of the record, the database's triggers and every stored file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads", type=Path, metavar="FILE", help="compare with heads that were kept before"
        )
        parser.add_argument(
            "--keep-heads", type=Path, metavar="FILE", help="write the heads, to be kept elsewhere"
        )

        parser.add_argument(
            "--backup", type=Path, metavar="FILE", help="compare rows, files and records with a backup"
        )
        parser.add_argument(
            "--another-site",
            action="store_true",
            help="with --backup: take one that was made under another SECRET_KEY",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        archive = Archive(options["backup"]) if options["backup"] else None
        try:
            if archive:
                archive.check(another_site=options["another_site"])
            verification = self.against(options["heads"])
            if archive and archive.is_of_this_site and not options["heads"]:
                verification = Verification(archive.manifest.heads)
            differences = Comparison(archive).differences() if archive else ()
            problems = 0
            for problem in chain(verification.problems(), differences):
                problems += 1
                self.stdout.write(problem)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if problems:
            raise CommandError(f"{problems} found.")
        self.stdout.write(
            f"intact, {verification.erased} erased"
            f" ({verification.entries} entries of the record, {verification.blobs} stored files)"
            + (f", as in the backup of {archive.manifest.made_at}" if archive else "")
        )
        if options["keep_heads"]:
            options["keep_heads"].write_text(heads())

    @staticmethod
    def against(file: Path | None) -> Verification:
        try:
            return Verification(file.read_text() if file else "")
        except (OSError, BadSignature, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: these are no heads that this site signed ({error}).") from error
