"""Says what an import would say of Markdown files, without a site: for authors, and for what runs when they commit."""

import json
from argparse import ArgumentParser
from collections import Counter
from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curriculum.comparison import unified
from curriculum.guide import explained
from curriculum.intake import Incoming, Intake, incoming
from curriculum.markdown import Refused, Severity, is_dashboard, read
from curriculum.markdown.refusals import REFUSALS
from curriculum.markdown.rules import RULES
from curriculum.refused import refusals
from curriculum.remarks import Remark
from curriculum.repair import repaired_source

COUNTED = {
    "files": gettext_lazy("files"),
    "months": gettext_lazy("months"),
    "weeks": gettext_lazy("weeks"),
    "tasks": gettext_lazy("tasks"),
    "errors": gettext_lazy("refusals"),
    "warnings": gettext_lazy("warnings"),
    "notes": gettext_lazy("notes"),
}
"""What the last line counts."""


class Command(BaseCommand):
    help = "Check Markdown as an import reads it, without a database. Leaves with status 1 for what would be refused."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="*", metavar="PATH", help=_("A Markdown file, or a folder of them.")
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help=_("Print how damaged letters would be put right. Nothing is written."),
        )
        parser.add_argument(
            "--explain", metavar="CODE", help=_("Say what a code means, with an example. No file is read.")
        )
        parser.add_argument("--format", choices=["text", "json"], default="text", help=_("How to report."))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["explain"]:
            self.stdout.write(explanation(options["explain"]))
            return
        if not options["paths"]:
            raise CommandError(_("Name a file or a folder to check, or a code with --explain."))
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
        self.count(files, is_text=options["format"] == "text")
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

    def count(self, files: list[Incoming], is_text: bool) -> None:
        """What was read. Not where the lines and the JSON go, which other programs read."""
        said: Counter[str] = Counter({"files": len(files)})
        for file in files:
            said.update(file.counts())
        said["tasks"] += said["requirements"]
        named = [f"{word}: {said[one]}" for one, word in COUNTED.items()]
        self.stderr.write(", ".join(named), self.style.NOTICE)
        if is_text and (said["notes"] or said["warnings"] or said["errors"]):
            self.stderr.write(
                _(
                    "What a code means: manage.py check_curriculum --explain CODE, or /help/markdown/ on a site."
                ),
                self.style.NOTICE,
            )


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


def explanation(code: str) -> str:
    """A code's title, what is said of it, and its example. Raises CommandError for what is no code."""
    if code in RULES:
        rule = explained(RULES[code])
        return "\n".join(
            [f"{code} ({rule.rule.severity}): {rule.rule.title}", rule.done, "", rule.source]
        ).rstrip()
    one = next((one for kind in refusals().values() for one in kind if one.refusal.code == code), None)
    if one is None:
        near = get_close_matches(code, [*RULES, *REFUSALS], n=1)
        sentence = _("There is no code “%(code)s”.") % {"code": code}
        meant = [_("Did you mean “%(code)s”?") % {"code": near[0]}] if near else []
        raise CommandError(" ".join([sentence, *meant]))
    files = [f"{name}\n{text}" for name, text in one.files]
    said = one.said or [one.words]
    return "\n".join([f"{code} ({Severity.REFUSAL}): {one.refusal.title}", *said, "", *files]).rstrip()
