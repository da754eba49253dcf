"""What the worker does for this app; each task may be begun twice."""

from uuid import UUID

from django_tasks import task

from progress import news


@task
def tell_reworded(tasks: list[str]) -> None:
    """Tells whoever ticked these tasks (public ids) that they have new words, and takes back what is true no more."""
    uuids = [UUID(name) for name in tasks]
    news.forget_reworded(uuids)
    news.tell_reworded(uuids)
