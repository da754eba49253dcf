"""A mail server that tests can make refuse, and the worker that sends through it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.core import mail
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from people.models import Mail


def work() -> None:
    """Lets a worker do everything that is due."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="of-the-tests",
        excluded_queue_names=[],
    )
    # Not worker.run(): it closes the connection that the test's transaction is open on.
    while row := DBTaskResult.objects.ready().first():
        row.claim(worker.worker_id)
        worker.run_task(row)
        assert not row.traceback, row.traceback


def later(ahead: timedelta = timedelta(minutes=3)) -> list[Any]:
    """Lets so much time pass for the mails and tasks that wait, and the worker do its work; what it sent."""
    before, now = len(getattr(mail, "outbox", [])), timezone.now()
    for row in Mail.objects.unsent():
        Mail.objects.filter(pk=row.pk).update(due_at=row.due_at - ahead)
    for task in DBTaskResult.objects.filter(status="READY", run_after__lte=now + timedelta(days=400)):
        DBTaskResult.objects.filter(pk=task.pk).update(run_after=task.run_after - ahead)
    work()
    return list(getattr(mail, "outbox", []))[before:]


class Postbox:
    """What a real mail server took; `refusals` are its answers to the addresses that it does not take."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 Taken"


@contextmanager
def post_office() -> Iterator[Postbox]:
    """A mail server of its own on this machine, which the site sends to as long as it is open."""
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            EMAIL_USE_TLS=False,
        ):
            yield box
    finally:
        controller.stop()
