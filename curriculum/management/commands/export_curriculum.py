"""Writes a curriculum's Markdown out, byte for byte as it stands; files that have it already are not touched."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from curriculum.export import Done, Outside, targets
from curriculum.models import Curriculum, Document


class Command(BaseCommand):
    help = "Export the published text of every document of a curriculum into a folder; only what differs is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help=_("The curriculum's short name."))
        parser.add_argument("directory", metavar="DIRECTORY", help=_("Where to write; made when missing."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            curriculum = Curriculum.objects.get(slug=options["slug"])
        except Curriculum.DoesNotExist as error:
            raise CommandError(_("There is no curriculum “%(slug)s”.") % {"slug": options["slug"]}) from error
        words = {Done.NEW: _("new"), Done.CHANGED: _("changed"), Done.SAME: _("as it was")}
        try:
            for target in targets(Path(options["directory"]), self.documents(curriculum, options)):
                self.stdout.write(f"{target.shown}: {words[target.write()]}")
        except Outside as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            reason = _("%(path)s cannot be written: %(reason)s") % {
                "path": error.filename,
                "reason": error.strerror,
            }
            raise CommandError(reason) from error

    def documents(self, curriculum: Curriculum, options: dict[str, Any]) -> Iterable[Document]:
        """What is written, each with its published text. Whoever knows learners may give them other texts."""
        return curriculum.documents.published()
