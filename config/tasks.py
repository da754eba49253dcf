"""What the worker is asked to do for the site itself."""

from django_tasks import task


@task(priority=100)
def nothing() -> None:
    """Shows that a worker is there: it has been done."""
