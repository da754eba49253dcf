"""manage.py erase: one text, one file or one person, for good; with a reason, by an admin."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from people.models import User
from progress.erasing import KINDS, Erasure, OneFile, OnePerson, one_text


class Command(BaseCommand):
    """Lists what would go, asks for the word or the address to be typed, and erases all of it or nothing."""

    help = "Erase one text, one file or one person for good; the record says that it was, by whom and why."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True, metavar="file|text|person")
        one_file = what.add_parser("file", help="the bytes and the name of one file")
        one_file.add_argument("uuid", type=UUID, metavar="UUID")
        text = what.add_parser("text", help="one text")
        text.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
        text.add_argument("uuid", type=UUID, metavar="UUID", help="of the version, comment, review, tick …")
        person = what.add_parser("person", help="one person, with all that they handed in")
        person.add_argument("email", metavar="EMAIL")
        for one in (one_file, text, person):
            one.add_argument("--reason", required=True, help="kept in the record; do not repeat what goes")
            one.add_argument(
                "--by", metavar="EMAIL", default="", help="the admin who does it, if there are several"
            )
            one.add_argument("--dry-run", action="store_true", help="only list what would go")
            one.add_argument("--no-input", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        erasure = self.found(options)
        author = self.author(options["by"])
        self.tell(erasure)
        if options["dry_run"]:
            return
        if not options["no_input"]:
            typed = input(_("Type “%(word)s” to erase this for good: ") % {"word": erasure.word})
            if typed.strip() != erasure.word:
                raise CommandError(_("That is something else. Nothing was changed."))
        try:
            erasure.carry_out(author, options["reason"])
        except PermissionDenied as refusal:
            raise CommandError(_("Only an admin erases. Nothing was changed.")) from refusal
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(_("Erased. Copies in backups last until those are deleted."))

    @staticmethod
    def found(options: dict[str, Any]) -> Erasure:
        try:
            if options["what"] == "person":
                return OnePerson(User.objects.get_by_natural_key(options["email"]))
            if options["what"] == "file":
                return OneFile(options["uuid"])
            return one_text(options["kind"], options["uuid"])
        except ObjectDoesNotExist as missing:
            raise CommandError(_("There is nothing of that kind with that id or address.")) from missing

    @staticmethod
    def author(email: str) -> User:
        """The admin who erases: the one named, or the only one there is."""
        admins = User.objects.filter(is_staff=True, is_active=True)
        found = list(admins.filter(email=email.strip().lower()) if email else admins[:2])
        if len(found) != 1:
            raise CommandError(
                _("No admin has this address.") if email else _("Say which admin does it: --by EMAIL.")
            )
        return found[0]

    def tell(self, erasure: Erasure) -> None:
        self.stdout.write(erasure.title)
        for part in erasure.shown:
            self.stdout.write(f"  {part.count} {part.label}")
            for name in part.names:
                self.stdout.write(f"    {name}")
        if erasure.warning:
            self.stdout.write(erasure.warning)
