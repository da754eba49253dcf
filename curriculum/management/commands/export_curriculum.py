"""Writes a curriculum's Markdown out, byte for byte as it stands."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from curriculum.intake import fits
from curriculum.models import Curriculum, Document


class Command(BaseCommand):
    help = "Export the published text of every document of a curriculum into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help=_("The curriculum's short name."))
        parser.add_argument("directory", metavar="DIRECTORY", help=_("Where to write; made when missing."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            curriculum = Curriculum.objects.get(slug=options["slug"])
        except Curriculum.DoesNotExist as error:
            raise CommandError(_("There is no curriculum “%(slug)s”.") % {"slug": options["slug"]}) from error
        root = Path(options["directory"]).resolve()
        documents = self.documents(curriculum, options)
        targets = [(document, target_of(root, document)) for document in documents]
        try:
            for document, target in targets:
                assert document.published is not None, "the query asks for published ones"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(document.published.data)
                self.stdout.write(document.path)
        except OSError as error:
            reason = _("%(path)s cannot be written: %(reason)s") % {
                "path": error.filename,
                "reason": error.strerror,
            }
            raise CommandError(reason) from error

    def documents(self, curriculum: Curriculum, options: dict[str, Any]) -> Iterable[Document]:
        """What is written, each with its published text. Whoever knows learners may give them other texts."""
        there = curriculum.documents.filter(archived_at=None, published__isnull=False)
        return there.select_related("published")


def target_of(root: Path, document: Document) -> Path:
    """Where a document goes. Raises CommandError for a place outside the folder, by its name or by a link."""
    target = (root / document.path).resolve()
    if not fits(document.path) or not target.is_relative_to(root):
        raise CommandError(
            _("“%(path)s” lies outside the folder: nothing was written.") % {"path": document.path}
        )
    return target
