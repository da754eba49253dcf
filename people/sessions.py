"""Django's sessions in the database, read with a query that is kept."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from curriculum.prepared import Prepared


class SessionStore(db.SessionStore):
    """As Django's; each request reads one."""

    def _get_session_from_db(self) -> Session | None:
        # Ours are letters and digits; a database may fail at what else a cookie can hold.
        key = self.session_key or ""
        found = _session(key, timezone.now()) if key.isalnum() else []
        if not found:
            self._session_key = None
            return None
        return found[0]


@Prepared
def _session(key: str, now: datetime) -> QuerySet[Any, Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
