"""Says what an import would say of Markdown files, without a site: for authors, and for what runs when they commit."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.comparison import unified
from curriculum.intake import Incoming, Intake, incoming
from curriculum.markdown import Refused, is_dashboard, read
from curriculum.remarks import Remark
from curriculum.repair import repaired_source


class Command(BaseCommand):
    help = "Check Markdown as an import reads it, without a database. Leaves with status 1 for what would be refused."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help=_("A Markdown file, or a folder of them.")
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help=_("Print how damaged letters would be put right. Nothing is written."),
        )
        parser.add_argument("--format", choices=["text", "json"], default="text", help=_("How to report."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = list(incoming(options["paths"]))
        except OSError as error:
            reason = _("%(path)s cannot be read: %(reason)s")
            raise CommandError(reason % {"path": error.filename, "reason": error.strerror}) from error
        if not files:
            raise CommandError(_("There is no Markdown file in what was named."))
        for file in files:
            # A folder's dashboard is fine, also where every file of the folder is named by itself.
            file.in_folder |= is_for_dashboard(file)
            file.read()
        Intake("", "", files).refuse_twice()
        if options["format"] == "json":
            found = [as_json(file, remark) for file in files for remark in remarks_of(file)]
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self.tell(files, options["repair"])
        refused = sum(bool(file.refusals) for file in files)
        if refused:
            sentence = ngettext("%(n)d file is refused.", "%(n)d files are refused.", refused)
            raise CommandError(sentence % {"n": refused})

    def tell(self, files: list[Incoming], repair: bool) -> None:
        """A line each, as compilers write it."""
        for file in files:
            for one in remarks_of(file):
                place = f"{file.shown}:{one.line}:{one.column}"
                self.stdout.write(f"{place}: {one.severity} {one.code} {' '.join(one.words.split())}")
            if repair and repaired_source(file.source) != file.source:
                self.stdout.write(unified(file.shown, file.source, repaired_source(file.source)))


def is_for_dashboard(file: Incoming) -> bool:
    try:
        return is_dashboard(read(file.data))
    except Refused:
        return False


def remarks_of(file: Incoming) -> list[Remark]:
    """What there is to say about a file that was read, by line."""
    remarks = [*map(Remark.of_refusal, file.refusals), *map(Remark.of, file.findings)]
    return sorted(remarks, key=lambda one: (one.line, one.column))


def as_json(file: Incoming, remark: Remark) -> dict[str, Any]:
    return {
        "file": file.shown,
        "line": remark.line,
        "column": remark.column,
        "severity": str(remark.severity),
        "code": remark.code,
        "message": remark.words,
        "repair": remark.repair,
    }
