"""manage.py verify: whether the record, its triggers and the stored files are as they were."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.signing import BadSignature

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

    def handle(self, *args: Any, **options: Any) -> None:
        verification = self.against(options["heads"])
        problems = 0
        for problem in verification.problems():
            problems += 1
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{problems} found.")
        self.stdout.write(
            f"intact, {verification.erased} erased"
            f" ({verification.entries} entries of the record, {verification.blobs} stored files)"
        )
        if options["keep_heads"]:
            options["keep_heads"].write_text(heads())

    @staticmethod
    def against(file: Path | None) -> Verification:
        try:
            return Verification(file.read_text() if file else "")
        except (OSError, BadSignature, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: these are no heads that this site signed ({error}).") from error
