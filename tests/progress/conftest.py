import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from tests.progress.backups import Made, committed, dump, files
from tests.progress.school import School, make_school


@pytest.fixture
def school(db: None) -> School:
    return make_school()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A backup of everything; the site is empty again."""
    folder = tmp_path_factory.mktemp("backup")
    with django_db_blocker.unblock(), committed(folder / "media"):
        before = dump()
        call_command("backup", str(folder / "site.zip"), stdout=StringIO())
    return Made(folder / "site.zip", before, files(folder / "media" / "blobs"))


@pytest.fixture
def backup(made: Made, tmp_path: Path, db: None) -> Iterator[Path]:
    """A copy of it, to be spoiled, beside an empty site."""
    yield Path(shutil.copy(made.file, tmp_path / "site.zip"))
    ContentType.objects.clear_cache()
