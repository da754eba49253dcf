"""What is well and what is not about a site: one finding a line, each with what to do."""

import getpass
import os
import smtplib
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.timesince import timesince
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks_db.models import DBTaskResult

from config import health, static
from config.tasks import nothing

WAITED = timedelta(minutes=5)
"""A task that was due so long ago, and was not begun, has no worker."""
PATIENCE = 6
"""Seconds in which a worker that is there takes up a task: it looks every second."""
DRIFT = timedelta(seconds=5)
INODES = 1000


@dataclass(frozen=True)
class Finding:
    """`state` is "ok", "warning" or "wrong"; `todo` is a sentence for whoever runs the site."""

    state: str
    about: str
    words: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.state:<8} {self.about}: {self.words} {self.todo}".rstrip()


def findings() -> Iterator[Finding]:
    """All of them, each as soon as it is known. What needs the database is left out while that is away."""
    away = False
    for check in (
        database,
        migrations,
        cache,
        clock,
        worker,
        folders,
        disks,
        static_files,
        mail,
        site_settings,
    ):
        about = check.__name__.replace("_", " ").removeprefix("site ")
        if away and check in (migrations, cache, clock, worker):
            yield Finding("warning", about, "not looked at, because the database is away.")
            continue
        try:
            for found in check():
                away |= found.state == "wrong" and check is database
                yield found
        except Exception as error:  # whatever it is, the other findings are wanted too
            yield Finding("wrong", about, f"{type(error).__name__}: {health.first_line(error)}.")


def database() -> Iterator[Finding]:
    try:
        with health.own_connection() as own, own.cursor() as cursor:
            cursor.execute("SELECT 1")
            version = ".".join(map(str, own.get_database_version()))
    except Exception as error:  # drivers raise what they like
        todo = "Is it running, and does DATABASE_URL name it?"
        yield Finding("wrong", "database", f"cannot be reached: {health.first_line(error)}.", todo)
    else:
        yield Finding("ok", "database", f"{connection.display_name} {version} answers.")


def migrations() -> Iterator[Finding]:
    if trouble := health.database():
        yield Finding("wrong", "migrations", trouble)
        return
    known, apps = health.known_migrations(), {app for app, _name in health.known_migrations()}
    with health.own_connection() as own:
        applied = health.applied_migrations(own)
    unknown = sorted(f"{app}.{name}" for app, name in applied - known if app in apps)
    if unknown:
        words = f"the database is newer than this code: it has {', '.join(unknown)}."
        yield Finding("warning", "migrations", words, "Install the newer code, or restore a backup (README).")
    else:
        yield Finding("ok", "migrations", "all are applied.")


def cache() -> Iterator[Finding]:
    table = settings.CACHES["default"].get("LOCATION", "")
    if table in connection.introspection.table_names():
        yield Finding("ok", "cache", f"its table {table} is there.")
    else:
        yield Finding("wrong", "cache", f"its table {table} is missing.", "Run manage.py createcachetable.")


def clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp()"
            if connection.vendor == "postgresql"
            else "SELECT strftime('%s', 'now')"
        )
        said = cursor.fetchone()[0]
    here, there = (
        datetime.now(UTC),
        said if isinstance(said, datetime) else datetime.fromtimestamp(int(said), UTC),
    )
    last = MigrationRecorder.Migration.objects.using("default").order_by("-applied").first()
    drift = abs(here - there)
    if drift > DRIFT:
        words = f"this machine and the database are {drift.total_seconds():.0f} seconds apart."
        yield Finding(
            "wrong", "clock", words, "Let both follow a time server, such as with systemd-timesyncd."
        )
    elif last and last.applied > here + DRIFT:
        words = f"it is {here:%Y-%m-%d %H:%M} UTC here, before the last migration was applied."
        yield Finding("wrong", "clock", words, "Set it, such as with timedatectl.")
    else:
        yield Finding("ok", "clock", f"{here:%Y-%m-%d %H:%M:%S} UTC, as in the database.")


def worker() -> Iterator[Finding]:
    start = "Start it: systemctl start cairn-worker, or manage.py db_worker."
    if not settings.TASKS["default"]["BACKEND"].endswith("DatabaseBackend"):
        yield Finding("ok", "worker", "none is needed: tasks are done at once.")
        return
    day = timezone.now() - timedelta(days=1)
    failed = DBTaskResult.objects.failed().filter(finished_at__gte=day).count()
    if failed:
        todo = "Their tracebacks are in the admin, under task results."
        yield Finding("warning", "worker", f"{failed} tasks failed since yesterday.", todo)
    oldest = min(map(due, DBTaskResult.objects.ready()), default=None)
    if oldest and oldest < timezone.now() - WAITED:
        yield Finding("wrong", "worker", f"away: a task has been waiting for {timesince(oldest)}.", start)
    elif takes_a_task():
        yield Finding("ok", "worker", "there: it did a task.")
    elif DBTaskResult.objects.running().exists():
        yield Finding(
            "warning", "worker", f"busy: it took no new task in {PATIENCE} seconds.", "Look again later."
        )
    else:
        yield Finding("wrong", "worker", f"away: nobody took a task in {PATIENCE} seconds.", start)


def due(row: Any) -> datetime:
    """When a task was to be begun; the library writes the last of all days for "at once"."""
    at: datetime = row.enqueued_at if row.run_after.year == 9999 else row.run_after
    return at


def takes_a_task() -> bool:
    """Whether a worker does a task in time. Either way, none is left."""
    task = nothing.enqueue()
    end = time.monotonic() + PATIENCE
    try:
        while not task.is_finished and time.monotonic() < end:
            time.sleep(0.2)
            task.refresh()
    except TaskResultDoesNotExist:  # somebody prunes what is done
        return True
    DBTaskResult.objects.filter(pk=task.id).exclude(status="RUNNING").delete()
    return task.is_finished


def folders() -> Iterator[Finding]:
    who = f"by {getpass.getuser()}"
    if trouble := import_string("submissions.store.trouble")():
        todo = f"Does it belong to the user that serves the site, and is it mounted? {settings.MEDIA_ROOT}"
        yield Finding("wrong", "folders", f"{trouble}", todo)
    else:
        place = f"{settings.MEDIA_ROOT}"
        if "blobs" in settings.STORAGES:
            place += f" and the bucket {settings.STORAGES['blobs']['OPTIONS']['bucket_name']}"
        yield Finding("ok", "folders", f"what is handed in can be kept {who} ({place}).")
    others = [Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())]
    if connection.vendor == "sqlite":
        others.append(Path(connection.settings_dict["NAME"]).parent)
    for folder in others:
        if os.access(folder, os.W_OK | os.X_OK):
            yield Finding("ok", "folders", f"{folder} is writable {who}.")
        else:
            yield Finding(
                "wrong", "folders", f"{folder} is not writable {who}.", "Give it to the user of the site."
            )


def disks() -> Iterator[Finding]:
    places = {"files": Path(settings.MEDIA_ROOT), "temporary files": Path(tempfile.gettempdir())}
    if connection.vendor == "sqlite":
        places["database"] = Path(connection.settings_dict["NAME"]).parent
    else:
        yield Finding("ok", "disk", "of the database: it is its server's. Look there.")
    for name, place in places.items():
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        disk = os.statvfs(there)
        free, inodes = disk.f_bavail * disk.f_frsize, disk.f_favail
        words = f"of the {name} ({there}): {filesizeformat(free)} free".replace("\xa0", " ")
        if free < settings.VERSION_LIMIT or (disk.f_files and inodes < INODES):
            yield Finding(
                "wrong", "disk", f"{words}, {inodes} inodes.", "Make room, or move it to a larger one."
            )
        elif free < 10 * settings.VERSION_LIMIT:
            yield Finding("warning", "disk", f"{words}.", "Make room before it is full.")
        else:
            yield Finding("ok", "disk", f"{words}.")


def static_files() -> Iterator[Finding]:
    vendor = settings.BASE_DIR / "static" / "vendor"
    if not any(vendor.glob("htmx/*")):
        todo = "Run npm ci --ignore-scripts, then scripts/vendor.py."
        yield Finding("wrong", "static files", f"{vendor} is empty.", todo)
    elif not static.need_collecting():
        yield Finding("ok", "static files", "served where they lie: this is the demo, or a developer's copy.")
    elif static.are_current():
        yield Finding("ok", "static files", f"collected in {settings.STATIC_ROOT}.")
    else:
        words = f"{static.manifest()} is missing, or older than the code."
        yield Finding("wrong", "static files", words, "Run manage.py collectstatic --no-input, then restart.")


def mail() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Finding("warning", "mail", "printed on the console, so nobody gets it.", "Set EMAIL_HOST.")
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    server = get_connection(timeout=10)
    try:
        server.open()
    except smtplib.SMTPAuthenticationError as error:
        todo = "Correct EMAIL_HOST_USER and EMAIL_HOST_PASSWORD."
        yield Finding("wrong", "mail", f"{where} refused the log-in ({error.smtp_code}).", todo)
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        todo = "Correct EMAIL_HOST, EMAIL_PORT and EMAIL_USE_TLS, or wait: mails are sent later."
        yield Finding("wrong", "mail", f"{where} cannot be used: {health.first_line(error)}.", todo)
    else:
        who = f" and knows {settings.EMAIL_HOST_USER}" if settings.EMAIL_HOST_USER else ""
        yield Finding("ok", "mail", f"{where} answers{who}. (Nothing was sent.)")
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.close()
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        words = f"comes from {settings.DEFAULT_FROM_EMAIL}, which nobody can answer."
        yield Finding("warning", "mail", words, "Set DEFAULT_FROM_EMAIL.")


def site_settings() -> Iterator[Finding]:
    if settings.DEBUG or settings.DEMO:
        yield Finding(
            "warning", "settings", "this is the demo, or a developer's copy: never a site for people."
        )
        return
    found = checks.run_checks(include_deployment_checks=True)
    for problem in found:
        state = "wrong" if problem.level >= checks.ERROR else "warning"
        yield Finding(state, "settings", f"{problem.id}: {' '.join(problem.msg.split())}", problem.hint or "")
    if settings.HTTPS and not settings.BEHIND_PROXY:
        words = "HTTPS without BEHIND_PROXY redirects for ever where a proxy in front ends TLS."
        yield Finding("warning", "settings", words, "Set BEHIND_PROXY=yes, if one sets X-Forwarded-Proto.")
    local = {"localhost", "127.0.0.1", "[::1]"}
    if set(settings.ALLOWED_HOSTS) <= local:
        yield Finding(
            "warning", "settings", "ALLOWED_HOSTS names this machine alone.", "Name the site's host."
        )
    if not found:
        yield Finding(
            "ok", "settings", f"manage.py check --deploy is silent; {', '.join(settings.ALLOWED_HOSTS)}."
        )
