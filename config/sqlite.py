"""SQLite beside a web server: why one connection stays open, and what it is not asked."""

import logging
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)


def stay_open() -> BaseDatabaseWrapper | None:
    """A connection that is to be held as long as this process serves; None where the database is no SQLite file.

    When the last connection closes, SQLite takes the files beside the database away, and the next one has to make
    them anew, also to read: on a disk that is full or read-only by then, nothing could be read at all.
    """
    if connection.vendor != "sqlite" or not Path(connection.settings_dict["NAME"]).is_file():
        return None
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_master")
            cursor.fetchall()
    except Error:
        logger.warning("The database cannot be held open.", exc_info=True)
    return own


def know_json(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Says that SQLite knows JSON, as every release has that Python 3.11 comes with.

    Trap: Django finds that out by itself when it is first needed, in a transaction that may write. On a disk that is
    read-only, or while another writes, that fails, and the thread takes SQLite for one without JSON ever after.
    """
    if connection.vendor == "sqlite":
        vars(connection.features)["supports_json_field"] = True
