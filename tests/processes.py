"""Programs of ours that a test starts, on the test's own database and files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings as site
from django.db import connection


def address_of_database() -> str:
    """The test's database, for a process that is no test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def manage(*words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`manage.py …`, with more variables in its environment; ended, if it still runs, when the block ends."""
    places = {"DATABASE_URL": address_of_database(), "MEDIA_ROOT": str(site.MEDIA_ROOT)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        env=os.environ | places | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
