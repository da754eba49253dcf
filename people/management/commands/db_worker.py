"""manage.py db_worker: the library's worker, which here outlives a database that is away."""

import logging
import time
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections
from django_tasks_db.management.commands import db_worker

from people.tasks import schedule_tidying

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds before the database is tried again."""


class Command(db_worker.Command):
    """Sends mails and does what else was put off, until it is stopped; one is enough for a school."""

    help = "Do what was put off, such as sending mails, until stopped."

    def configure_logging(self, verbosity: int) -> None:
        """As LOG_LEVEL says; a line for each task only when more is asked for."""
        level = logging.INFO if verbosity > 1 else logging.WARNING
        for name in ("django_tasks", "django_tasks_db"):
            logging.getLogger(name).setLevel(level)

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                if not options["batch"]:
                    schedule_tidying()
                super().handle(*args, **options)
            except (InterfaceError, OperationalError):
                if options["batch"]:
                    raise
                log.exception("The database cannot be reached: trying again in %d seconds.", PAUSE)
                close_old_connections()
                time.sleep(PAUSE)
            else:
                return
