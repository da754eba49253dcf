"""For whoever watches the site: /healthz says that it is alive, /readyz that it can serve.

They are answered before anything looks at the host, the session or the person: a probe comes by plain HTTP and by
the machine's bare address, often, and also while the database is away.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError  # noqa: A004 (what `result` raises)
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

SECONDS = 5
"""In which all that is asked has to answer."""
# A question that hangs keeps its thread; more than these few are not asked at once.
threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="readyz")


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers the two addresses, and hands on everything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        view = {"/healthz": alive, "/readyz": ready}.get(request.path_info, get_response)
        return view(request)

    return middleware


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return said("alive", 200)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when a page can be served and work handed in; otherwise 503 and a sentence."""
    try:
        trouble = threads.submit(first_trouble).result(SECONDS)
    except TimeoutError:
        trouble = _("The database or the place of the files did not answer in time.")
    return said(trouble or "ready", 503 if trouble else 200)


def said(words: str, status: int) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(
        f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )


def first_trouble() -> str:
    """What the first of the settings' READINESS finds wrong, in a sentence; nothing when all is well."""
    return next(filter(None, (import_string(path)() for path in settings.READINESS)), "")


def database() -> str:
    """What is wrong with the database: it is away, or does not have the tables that this code needs."""
    try:
        with own_connection() as own:
            pending = known_migrations() - applied_migrations(own)
    except (DatabaseError, InterfaceError) as error:
        return _("The database cannot be reached: %(why)s.") % {"why": first_line(error)}
    if pending:
        return _("The database is not migrated, so run manage.py migrate (%(count)s to go).") % {
            "count": len(pending)
        }
    return ""


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """App and name of every migration of the code that runs."""
    return frozenset(MigrationLoader(None).disk_migrations)


def applied_migrations(own: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Asked by hand: Django's recorder asks the connection that requests keep."""
    with own.cursor() as cursor:
        if "django_migrations" not in own.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def first_line(error: Exception) -> str:
    """What went wrong, without the details of a connection that follow it."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip().rstrip(".")


@contextmanager
def own_connection() -> Iterator[BaseDatabaseWrapper]:
    """A connection for one question: those that requests keep may hang, or have died."""
    own = connection.copy()
    own.settings_dict["OPTIONS"] |= {"sqlite": {"timeout": 2}, "postgresql": {"connect_timeout": 2}}[
        own.vendor
    ]
    try:
        yield own
    finally:
        own.close()
