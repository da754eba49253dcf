"""The two addresses for probes, and what people are told while something of the machine is away."""

import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from config import health
from config.errors import outage
from submissions import store
from submissions.models import File, Submission
from tests.cast import Cast
from tests.submissions.sending import HTMX, send

BY_ADDRESS = {"Host": "10.0.0.7:8000"}
asked = threading.Event()


def probe(path: str, method: str = "GET", *, secure: bool = False) -> Any:
    client = Client(raise_request_exception=False)
    return client.generic(method, path, headers=BY_ADDRESS, secure=secure)


# Probes -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("origin", ["", "https://files.example.net"])
def test_probe_comes_by_bare_address_and_plain_http_and_is_given_no_cookie(
    db: None, settings: Any, media: Path, path: str, origin: str
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.USERCONTENT_ORIGIN = True, origin
    answer = probe(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert probe("/accounts/login/", secure=True).status_code == 400, "every other address looks at the host"
    assert probe(path, "POST").status_code == 405
    assert probe(path, "HEAD").status_code == 200


def test_being_alive_asks_nobody(cast: Cast, client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(cast.learner.user)
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"alive\n"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes new connections go to another database."""

    def go(name: str) -> None:
        monkeypatch.setitem(connections.settings["default"], "NAME", name)

    return go


def test_not_ready_without_a_database(db: None, elsewhere: Any, tmp_path: Path) -> None:
    elsewhere("no-such-database" if connection.vendor == "postgresql" else str(tmp_path / "no" / "folder"))
    answer = probe("/readyz")
    assert answer.status_code == 503
    assert answer.content.decode().startswith("The database cannot be reached: ")
    assert probe("/healthz").status_code == 200


def test_not_ready_before_the_migrations(db: None, elsewhere: Any, tmp_path: Path) -> None:
    elsewhere("postgres" if connection.vendor == "postgresql" else str(tmp_path / "empty.sqlite3"))
    answer = probe("/readyz")
    assert answer.status_code == 503
    assert "The database is not migrated, so run manage.py migrate" in answer.content.decode()


@pytest.fixture
def no_folder(settings: Any, tmp_path: Path) -> None:
    """The files have no place: a disk that is not there where it should be."""
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"


def test_not_ready_when_files_have_no_place(db: None, no_folder: None) -> None:
    answer = probe("/readyz")
    assert answer.status_code == 503
    assert "The folder of the files" in answer.content.decode()


def never() -> str:
    """A question that hangs."""
    asked.wait(30)
    return ""


def test_not_ready_when_the_answer_takes_too_long(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.READINESS = [f"{__name__}.never"]
    monkeypatch.setattr(health, "SECONDS", 0.1)
    answer = probe("/readyz")
    asked.set()
    assert (answer.status_code, b"in time" in answer.content) == (503, True)


# What people are told -----------------------------------------------------------------------------------------
@pytest.fixture
def read_only() -> Iterator[None]:
    """The database refuses every write, as it does on a disk that can only be read."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON")
            yield
            cursor.execute("PRAGMA query_only = OFF")
    else:
        before = transaction.savepoint()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.savepoint_rollback(before)


@pytest.fixture
def learner(cast: Cast, db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.learner.user)
    return client


def note_of(cast: Cast) -> str:
    return reverse("progress:completion_note", args=[cast.learner.uuid, cast.task.uuid])


def test_reading_goes_on_and_words_that_could_not_be_saved_are_given_back(
    cast: Cast, learner: Client, read_only: None
) -> None:
    page = learner.get(reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug]))
    assert page.status_code == 200
    refused = learner.post(note_of(cast), {"note": "Read it <twice>."})
    text = refused.content.decode()
    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    assert 'class="brand"' in text
    assert "This server can only be read at the moment, so nothing can be saved." in text
    assert "Read it &lt;twice&gt;." in text


def test_script_is_told_in_a_sentence(cast: Cast, learner: Client, read_only: None) -> None:
    told = learner.post(note_of(cast), {"note": "Read."}, headers=HTMX)
    assert (told.status_code, told["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert told.content.decode().startswith("This server can only be read at the moment")


def wrapped(error: type[Exception], cause: Exception) -> Exception:
    """As Django hands on what the driver said."""
    told = error(*cause.args)
    told.__cause__ = cause
    return told


def sqlite_full(folder: Path) -> Exception:
    own = sqlite3.connect(folder / "full.sqlite3")
    own.executescript("PRAGMA max_page_count = 2; CREATE TABLE a (b)")
    with pytest.raises(sqlite3.OperationalError) as refused:
        own.execute("INSERT INTO a VALUES (zeroblob(100000))")
    own.close()
    return refused.value


def sqlite_locked(folder: Path) -> Exception:
    one, other = (sqlite3.connect(folder / "locked.sqlite3", timeout=0) for _ in range(2))
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as refused:
        other.execute("BEGIN IMMEDIATE")
    one.close()
    other.close()
    return refused.value


def sqlite_nonsense(folder: Path) -> Exception:
    own = sqlite3.connect(folder / "nonsense.sqlite3")
    with pytest.raises(sqlite3.OperationalError) as refused:
        own.execute("SELECT nothing FROM nowhere")
    own.close()
    return refused.value


@pytest.mark.pure
@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (sqlite_full, "is full"),
        (sqlite_locked, "too much to do"),
        (sqlite_nonsense, ""),
        (psycopg.OperationalError("connection refused"), "cannot be reached"),
        (psycopg.errors.AdminShutdown(), "cannot be reached"),
        (psycopg.errors.DiskFull(), "is full"),
        (psycopg.errors.ReadOnlySqlTransaction(), "only be read"),
        (psycopg.errors.TooManyConnections(), "too much to do"),
        (psycopg.errors.QueryCanceled(), "too much to do"),
        (psycopg.errors.DeadlockDetected(), "too much to do"),
        (psycopg.errors.UndefinedTable(), ""),
        (psycopg.errors.InvalidPassword(), ""),
    ],
)
def test_what_passes_is_told_from_a_fault_of_ours(cause: Any, words: str, tmp_path: Path) -> None:
    error = wrapped(OperationalError, cause if isinstance(cause, Exception) else cause(tmp_path))
    told = str(outage(error))
    assert words in told
    assert bool(told) == bool(words)


@pytest.mark.pure
def test_full_disk_is_told_from_other_errors_of_files() -> None:
    assert "is full" in str(outage(OSError(errno.ENOSPC, "No space left on device")))
    assert outage(OSError(errno.ENOENT, "No such file")) == ""
    assert outage(ValueError("ours")) == ""
    assert outage(OperationalError("without a cause")) == ""


def test_upload_without_a_place_is_refused_in_a_sentence_and_the_form_kept(
    cast: Cast, learner: Client, no_folder: None, media: Path, settings: Any
) -> None:
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    typed = {"text": "typed on", "link": "", "note": "", "version": "", "revision": "0"}
    refused = send(learner, submission, ("a.md", b"# A"), plain=True, **typed)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "This server can only be read at the moment, so the file was not kept." in page
    assert "typed on" in page
    assert submission.versions.get().text == "typed on"

    settings.MEDIA_ROOT = media  # it is back
    assert send(learner, submission, ("a.md", b"# A"), plain=True).status_code == 302
    file = File.objects.get()
    assert learner.get(file.url).getvalue() == b"# A"

    shutil.move(media / "blobs", media / "away")
    away = learner.get(file.url)
    assert away.status_code == 503
    assert "The place where files are kept cannot be reached" in away.content.decode()
    store.path_of(file.blob.sha256).parent.mkdir(parents=True)
    assert learner.get(file.url).status_code == 404, "one that is lost is another matter"
