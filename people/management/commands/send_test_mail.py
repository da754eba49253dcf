"""manage.py send_test_mail: whether the mail server takes mails of this site."""

from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils.translation import gettext as _


class Command(BaseCommand):
    """Sends at once, past the worker, so that the server's own answer is seen."""

    help = "Send a mail to ADDRESS now, and say what the mail server answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"].strip()
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(_("“%(text)s” is no e-mail address.") % {"text": address}) from None
        server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        text = _("This mail was sent to see whether %(site)s can send mails. It can.")
        try:
            send_mail(_("A test of mails from Cairn"), text % {"site": settings.SITE_ORIGIN}, None, [address])
        except SMTPRecipientsRefused as refused:
            code, answer = next(iter(refused.recipients.values()))
            said = _("%(server)s answers, and refuses %(address)s: %(code)s %(answer)s")
            facts = {
                "server": server,
                "address": address,
                "code": code,
                "answer": answer.decode(errors="replace"),
            }
            raise CommandError(said % facts) from refused
        except (OSError, SMTPException) as error:
            said = _(
                "%(server)s did not take the mail: %(error)s. Check EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER,"
                " EMAIL_HOST_PASSWORD and EMAIL_USE_TLS."
            )
            raise CommandError(said % {"server": server, "error": error}) from error
        if "smtp" not in settings.EMAIL_BACKEND:
            self.stdout.write(_("EMAIL_HOST is not set: the mail was printed, not sent."))
            return
        self.stdout.write(
            _("%(server)s took the mail. Look for it in %(address)s.")
            % {"server": server, "address": address}
        )
