"""What the worker (`manage.py db_worker`) does. Each task may be begun twice: what is done already is left alone."""

import logging
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from people.letters import letter
from people.models import Mail

log = logging.getLogger(__name__)

LONGEST = timedelta(minutes=15)
"""A task that was begun longer ago belongs to a worker that was killed."""
TIDIED = timedelta(minutes=5)
KEPT_DAYS = 14
"""How long the rows of tasks that are done are kept."""


@task
def send_mail(name: str) -> None:
    """Sends the mail of this public id, once; later again where the server does not take it."""
    with transaction.atomic():
        mails = Mail.objects.unsent().select_for_update(of=("self",))
        mail = (
            mails.select_related("user", "invitation__cohort", "invitation__created_by")
            .filter(uuid=name)
            .first()
        )
        if mail is None or mail.due_at > timezone.now():
            return
        mail.take()
    try:
        message = letter(mail)
        if message is None:
            mail.delete()
            return
        message.send()
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (550, b""))
        refused(mail, code, answer)
    except SMTPDataError as error:
        refused(mail, error.smtp_code, error.smtp_error)
    except (OSError, SMTPException) as error:
        mail.later(f"{type(error).__name__}: {error}"[:1000])
    except Exception as error:
        log.exception("The mail %s could not be written", mail)
        mail.later(f"{type(error).__name__}: {error}"[:1000])
    else:
        mail.sent()


def refused(mail: Mail, code: int, answer: bytes | str) -> None:
    """5xx: the server will never take it (RFC 5321, 4.2.1); 4xx: it may, later."""
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    if code >= 500:
        mail.fail(f"{code} {words}"[:1000])
    else:
        mail.later(f"{code} {words}"[:1000])


@task
def tidy() -> None:
    """Gives tasks of workers that were killed to the next one, and forgets old ones. Has itself done again."""
    schedule_tidying(timezone.now() + TIDIED)
    stuck = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LONGEST)
    for row in stuck.exclude(task_path=tidy.module_path):
        log.warning("The task %s was left by a worker that stopped: it is done again.", row.task_path)
        DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.READY, started_at=None
        )
    stuck.filter(task_path=tidy.module_path).delete()
    done = DBTaskResult.objects.finished().filter(task_path=tidy.module_path)
    done.filter(finished_at__lt=timezone.now() - TIDIED).delete()
    call_command("prune_db_task_results", min_age_days=KEPT_DAYS, verbosity=0)
    call_command("clearsessions")


def schedule_tidying(when: object = None) -> None:
    """Has the tidying done once more, unless that is waiting already."""
    waiting = DBTaskResult.objects.filter(task_path=tidy.module_path, status=TaskResultStatus.READY)
    if not waiting.exists():
        tidy.using(run_after=when).enqueue()  # type: ignore[arg-type]
