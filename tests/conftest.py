"""What every test gets: files in a folder of its own, fast passwords, and a database that can be flushed."""

import importlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest
from django.conf import settings as site
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings

from tests.cast import Cast, make_cast
from tests.routes import World

PLAIN_STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MANIFEST_STATIC = {"staticfiles": {"BACKEND": "config.static.HashedFiles"}}
# A slow machine is no fault of what is tested.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long tests to make prove, and refuses a pure test that asks for the database."""
    left_out = [] if os.environ.get("PROVE") else [item for item in items if item.get_closest_marker("prove")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        asked = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("pure") and (asked or item.get_closest_marker("django_db")):
            raise pytest.UsageError(f"{item.nodeid} uses the database, but pure would skip it on PostgreSQL.")


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """A password costs nothing, static files need no collecting first, and no client copies what a page was made of."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = override_settings(PASSWORD_HASHERS=hashers, STORAGES=site.STORAGES | PLAIN_STATIC)
    with plain, pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.client.store_rendered_templates", lambda *_all, **_named: None)
        yield


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[Path]:
    """The folder of this test's blobs."""
    folder = tmp_path / "media"
    with override_settings(MEDIA_ROOT=folder):
        yield folder


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as a real site has them, with hashed names and a manifest; collected once a run."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STORAGES=site.STORAGES | MANIFEST_STATIC, STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def manifest_static(collected: Path) -> Iterator[Path]:
    """Pages name their static files by the manifest: one that is missing is an error, as on a real site."""
    with override_settings(STORAGES=site.STORAGES | MANIFEST_STATIC, STATIC_ROOT=collected):
        yield collected


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keeps SQLite in a file: the live server and the threads of a race need connections of their own."""
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "cairn.sqlite3"
        site.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(name)


def record_triggers() -> ModuleType | None:
    """progress.triggers, whose install and lift guard the record; None while there is no such module."""
    found = importlib.util.find_spec("progress.triggers")
    return importlib.import_module("progress.triggers") if found else None


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_record() -> Iterator[None]:
    """The record refuses every delete, so its triggers are lifted while a committed test is swept away.

    The caches are swept too: they live in a table that Django's flush does not know, and count log-ins.
    """
    sweep = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def sweep_unguarded(test: TransactionTestCase) -> None:
        triggers = record_triggers()
        if triggers:
            triggers.lift(connection)
        try:
            sweep(test)
            caches["default"].clear()
        finally:
            if triggers:
                triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", sweep_unguarded)
        yield


@contextmanager
def standing(blocker: Any) -> Iterator[None]:
    """What is done inside lasts as long as it is open, and tests in between undo what they do alone."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def commits(item: pytest.Item) -> bool:
    """Whether a test writes what a rollback would not undo."""
    marker = item.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures or (marker and marker.kwargs.get("transaction")))


@pytest.fixture(scope="module")
def standing_cast(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Cast | None]:
    """The standing cast, made once for a module; None where one of its tests commits."""
    if any(commits(item) for item in request.session.items if item.path == request.path):
        yield None
        return
    with standing(django_db_blocker):
        yield make_cast()


@pytest.fixture
def cast(standing_cast: Cast | None, db: None) -> Cast:
    """The standing cast, with a small month, as it was made, whatever the tests before did to it."""
    return deepcopy(standing_cast) if standing_cast else make_cast()


@pytest.fixture(scope="module")
def standing_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """The world of tests.routes and its blobs, made once for a module none of whose tests commits."""
    folder = tmp_path_factory.mktemp("world")
    with standing(django_db_blocker):
        with override_settings(MEDIA_ROOT=folder):
            world = World()
        yield world, folder


@pytest.fixture
def world(standing_world: tuple[World, Path], db: None, media: Path) -> World:
    """The world as it was made, whatever the tests before did to it."""
    world, folder = standing_world
    shutil.copytree(folder, media)
    return deepcopy(world)
