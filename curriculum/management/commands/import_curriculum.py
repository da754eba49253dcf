"""Brings a curriculum's Markdown in, whole or not at all."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.comparison import unified
from curriculum.intake import COUNTED, Incoming, Intake, incoming
from curriculum.outlook import Outlook
from curriculum.repair import repaired_data

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
"""How words that go and that come are shown."""


class Command(BaseCommand):
    help = "Import a curriculum's months from Markdown files or folders. Nothing is written unless every file is good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help=_("A month's file, or a folder of them.")
        )
        parser.add_argument(
            "--curriculum", required=True, metavar="SLUG", help=_("Its short name; made when missing.")
        )
        parser.add_argument("--title", default="", help=_("The curriculum's title."))
        parser.add_argument("--dry-run", action="store_true", help=_("Report everything, write nothing."))
        parser.add_argument("--prune", action="store_true", help=_("Archive the months that the paths lack."))
        parser.add_argument(
            "--accept-loss",
            action="store_true",
            help=_("Archive items that the files lack although people have work on them; the work is kept."),
        )
        parser.add_argument(
            "--repair", action="store_true", help=_("Put damaged letters right in what is imported.")
        )
        parser.add_argument("--format", choices=["text", "json"], default="text", help=_("How to report."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_slug(options["curriculum"])
        except ValidationError as error:
            raise CommandError(_("--curriculum must be letters, digits, dashes and underscores.")) from error
        try:
            files = list(incoming(options["paths"]))
        except OSError as error:
            reason = _("%(path)s cannot be read: %(reason)s") % {
                "path": error.filename,
                "reason": error.strerror,
            }
            raise CommandError(reason) from error
        if not files:
            raise CommandError(_("There is no Markdown file in what was named."))
        if options["repair"]:
            self.repair(files, is_told=options["format"] == "text")
        intake = Intake(options["curriculum"], options["title"], files, accept_loss=options["accept_loss"])
        fine = intake.run(message=_("Imported"), prune=options["prune"], dry_run=options["dry_run"])
        if options["format"] == "json":
            self.stdout.write(json.dumps(intake.report(), ensure_ascii=False, indent=2))
        else:
            self.tell(intake, fine, options["dry_run"])
        for file in files:
            for one in file.refusals:
                self.stderr.write(f"{file.shown}:{one.line}: {one.reason}" if one.line else one.reason)
        if not fine:
            raise CommandError(_("Nothing was written."))

    def repair(self, files: list[Incoming], is_told: bool) -> None:
        """Each file as it was meant, and what that changes; the files themselves stay as they are."""
        for file in files:
            before, file.data = file.data, repaired_data(file.data)
            if is_told and before != file.data:
                self.stdout.write(unified(file.shown, before.decode(), file.data.decode()))

    def tell(self, intake: Intake, fine: bool, dry_run: bool) -> None:
        """The same as the JSON, for people."""
        states = {"new": _("new"), "changed": _("changed"), "same": _("as it was"), "": _("refused")}
        columns = COUNTED[:6]
        width = max(len(file.path) for file in intake.files)
        self.stdout.write(" " * width + "".join(f"{name:>14}" for name in columns))
        for file in intake.files:
            counts = file.counts()
            figures = "".join(f"{counts[name]:>14}" for name in columns)
            state = states[file.state] if not file.refusals else states[""]
            self.stdout.write(f"{file.path:<{width}}{figures}  {state}")
        total = intake.report()["total"]
        self.stdout.write(" " * width + "".join(f"{total[name]:>14}" for name in columns))
        for file in intake.files:
            for finding in file.findings:
                arrow = f" → {finding.repair}" if finding.repair else ""
                self.stdout.write(f"{file.shown}:{finding.line}: {finding.found}{arrow}. {finding.done}")
            if file.is_drafted and file.state == "changed":
                words = _(
                    "A draft of it is open in the admin. It stays, and follows this edition once it was compared."
                )
                self.stdout.write(f"{file.shown}: {words}")
        if intake.outlook is not None and not intake.is_new:
            self.tell_plan(intake.outlook)
        for document in intake.missing:
            months = ", ".join(str(month) for month in document.months.all())
            words = _("archived") if intake.pruned else _("not among the files; kept. --prune archives it")
            self.stdout.write(f"{document.path} ({months}): {words}.")
        if fine and intake.is_new:
            words = _(
                "“%(slug)s” is a new curriculum. If you meant one that is there, its slug is in the admin."
            )
            self.stdout.write(words % {"slug": intake.slug})
        if fine and dry_run:
            self.stdout.write(_("This was a dry run: nothing was written."))

    def tell_plan(self, plan: Outlook) -> None:
        """What becomes of each item, and whom it reaches."""
        counts = {"moved": plan.moved, "reworded": plan.reworded, "new": plan.new, "removed": plan.removed}
        figures = ", ".join(f"{name} {len(some)}" for name, some in counts.items())
        self.stdout.write(_("Items: kept %(kept)d, %(figures)s.") % {"kept": plan.kept, "figures": figures})
        self.stdout.write(
            _("Learners who follow it now: %(learners)d. Running cohorts: %(cohorts)d.")
            % {"learners": plan.audience.learners, "cohorts": plan.audience.groups}
        )
        for change in [*plan.moved, *plan.reworded, *plan.new, *plan.removed]:
            marks = dict.fromkeys(MARKS, "{}") if change.stage in ("new", "removed") else MARKS
            words = "".join(marks[run].format(text) for run, text in change.words)
            places = " → ".join(dict.fromkeys(filter(None, [change.old_place, change.new_place])))
            said = f"{change.stage}: {change.kind} “{words}”" + (f", {places}" if places else "")
            if change.learners:
                count = ngettext("work of %(n)d learner", "work of %(n)d learners", change.learners)
                said += f" ({count % {'n': change.learners}})"
            self.stdout.write(said)
