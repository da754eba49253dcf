from typing import Any
from uuid import UUID

from django.apps import AppConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from progress.spelling import teach


class ProgressConfig(AppConfig):
    name = "progress"
    verbose_name = _("Progress")

    def ready(self) -> None:
        from curriculum.publication import reworded  # noqa: PLC0415  # models are not loaded when this module is

        pre_migrate.connect(lift, sender=self)
        post_migrate.connect(install, sender=self)
        reworded.connect(tell_reworded)
        connection_created.connect(teach, dispatch_uid="spelling")


def tell_reworded(tasks: list[str], **kwargs: Any) -> None:
    """When something is published: what is true no more is taken back with it, what is new the worker tells later."""
    from progress import news  # noqa: PLC0415  # models are not loaded when this module is
    from progress import tasks as work  # noqa: PLC0415

    news.forget_reworded(UUID(name) for name in tasks)
    work.tell_reworded.enqueue(tasks)


def lift(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Before migrations: altering a table on SQLite fails while triggers of other tables name it."""
    if plan:
        from progress import triggers  # noqa: PLC0415  # models are not loaded when this module is

        triggers.lift(connections[using])


def install(using: str, **kwargs: Any) -> None:
    """After migrations, and after a flush."""
    from progress import triggers  # noqa: PLC0415  # models are not loaded when this module is

    triggers.install(connections[using])
