"""What tests of backups begin with: a site with a row of everything, and looks at it that no backup takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from people.models import User
from progress import record, triggers
from progress.erasing import OneEntry, OneFile
from progress.models import Completion, Look
from submissions.models import Submission
from tests.routes import World

ODD = "“Straße”, 名前,\ttab,\nline\r\n, 'quotes' \"both\", \\ and 🪨"
Dump = dict[str, list[dict[str, Any]]]


class Made(NamedTuple):
    """A backup, and what there was when it was made."""

    file: Path
    rows: Dump
    blobs: dict[str, bytes]


def dump() -> Dump:
    """Every row of every model but sessions, read in another way than a backup reads."""
    models: list[type[Model]] = list(apps.get_models(include_auto_created=True))
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in models
        if model._meta.label != "sessions.Session"
    }


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything() -> World:
    """The world at work, and a row of each thing that it has none of."""
    world = World()
    cast = world.cast
    claimed = record.claim(cast.learner, cast.criteria[0], cast.learner.user, ODD)
    record.mark(
        cast.learner,
        cast.criteria[0],
        cast.mentor,
        "met",
        "Yes.",
        version=world.reviewed,
        seen=claimed.number,
    )
    OneEntry(claimed.uuid).carry_out(cast.admin, "Asked for.")
    work = Submission.objects.create(learner=cast.learner, project=cast.project).start_draft()
    file = world.file(work, "pin.md", b"4711", "markdown", "text/markdown")
    work.submit()
    record.claim(cast.learner, cast.criteria[1], cast.learner.user, version=work)
    OneFile(file.uuid).carry_out(cast.admin, "Asked for.")
    Completion.objects.note(cast.learner, cast.task, ODD)
    Completion.objects.tick(cast.learner, cast.task)
    asked = world.dropped.thread.comments.order_by("pk")[0]
    asked.change(cast.mentor, f"@Colleague, {ODD}")
    asked.thread.undo(cast.mentor, world.dropped)
    Look.objects.take(cast.learner, cast.month, cast.month.document.editions.get())
    Authenticator.objects.create(
        user=cast.mentor, type="totp", data={"b": [1.0, 0.1, None], "a": {"z": 1, "y": 2}}
    )
    LogEntry.objects.create(
        user=cast.admin,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(cast.mentor.pk),
        object_repr=ODD,
        action_flag=ADDITION,
    )
    task = {"args_kwargs": {}, "task_path": "people.tasks.welcome", "backend_name": "default"}
    for status, value in (("READY", None), ("SUCCESSFUL", [None])):
        DBTaskResult.objects.create(status=status, return_value=value, run_after=timezone.now(), **task)
    world.client("learner").get("/")  # a session
    return world


@contextmanager
def committed(media: Path) -> Iterator[World]:
    """Everything, for good; and nothing afterwards."""
    with override_settings(MEDIA_ROOT=media):
        try:
            yield everything()
        finally:
            triggers.lift(connection)
            call_command("flush", interactive=False, verbosity=0)
            triggers.install(connection)


def restore(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("restore", str(file), *options, stdout=out)
    return out.getvalue()
