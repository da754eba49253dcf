"""A secret in what people wrote, and looks for it, for tests of erasing."""

from typing import Any

from django.db import models

from people.models import Membership, User
from progress.erasing import OnePerson
from progress.models import Entry
from progress.verification import Verification
from submissions import store
from submissions.models import File
from tests.routes import our_rows

SECRET = "hunter2-is-the-password"
REASON = "A password was in it."


def problems() -> list[str]:
    return [line for line in Verification().problems() if not line.startswith("trigger")]


def counted() -> int:
    """How many erased things verify counts."""
    verification = Verification()
    assert [line for line in verification.problems() if not line.startswith("trigger")] == []
    return verification.erased


def rows(model: type[models.Model]) -> "models.QuerySet[Any]":
    """The rows without the model's own guard."""
    return models.QuerySet(model)


def last_entry(learner: Membership) -> Entry:
    return Entry.objects.filter(learner=learner).order_by("-number")[0]


def bytes_of(file: File) -> bytes:
    return store.path_of(file.blob.sha256).read_bytes()


def everything() -> str:
    """Every text column of every table of ours, to look for what should be gone."""
    return str([list(row.values()) for table in our_rows().values() for row in table])


def erase(person: User, admin: User) -> list[Entry]:
    return OnePerson(User.objects.get(pk=person.pk)).carry_out(admin, "Asked to be forgotten.")
