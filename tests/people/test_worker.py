"""The worker as a process of its own, as a site runs it."""

import time
from collections.abc import Callable

from django.conf import settings as site

from people.models import Mail
from tests.mails import post_office
from tests.processes import manage


def until(done: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether something came true in so many seconds."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    return done()


def test_worker_sends_what_is_written_while_it_runs(transactional_db: None) -> None:
    Mail.objects.write_account("first@example.org", "First", "Before it started.")
    with post_office() as box:
        variables = {
            "EMAIL_HOST": site.EMAIL_HOST,
            "EMAIL_PORT": str(site.EMAIL_PORT),
            "EMAIL_USE_TLS": "no",
        }
        with manage("db_worker", "--interval", "0.1", "--no-startup-delay", **variables) as worker:
            assert until(lambda: len(box.messages) == 1)
            Mail.objects.write_account("second@example.org", "Second", "While it runs.")
            assert until(lambda: len(box.messages) == 2)
            assert until(lambda: not Mail.objects.unsent().exists())
            worker.terminate()
            assert worker.wait(30) == 0
    assert [message["To"] for message in box.messages] == ["first@example.org", "second@example.org"]
