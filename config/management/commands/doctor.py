"""manage.py doctor: what is well about this site and what is not, a line each, with what to do."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import findings


class Command(BaseCommand):
    """Leaves with status 1 when something is wrong; warnings alone are fine. Run it as the user of the site."""

    help = "Look at the database, mail, disk, worker, folders, clock, static files and settings of this site."
    requires_system_checks = ()  # what they find is one of the findings

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for found in findings():
            style = {"wrong": self.style.ERROR, "warning": self.style.WARNING}.get(found.state, str)
            self.stdout.write(style(str(found)))
            self.stdout.flush()
            wrong += found.state == "wrong"
        if wrong:
            sys.exit(1)
