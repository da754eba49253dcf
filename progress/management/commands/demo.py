"""Fills an empty site with the demo."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from people.models import Cohort
from progress.demo.people import ADMIN, COHORT, LEARNER, MENTOR, PASSWORD
from progress.demo.story import tell


class Command(BaseCommand):
    help = "Prepare the database and load the demo, once. Only where DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                _("This is not the demo: nothing was changed. Set DEMO=1 for a site made for trying out.")
            )
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not Cohort.objects.filter(name=COHORT).exists():
            self.stdout.write(_("Loading the demo …"))
            tell()
        if options["verbosity"]:
            for line in (LEARNER, MENTOR, ADMIN, _("Password: %(word)s") % {"word": PASSWORD}):
                self.stdout.write(f"  {line}")
