"""manage.py setup and manage.py doctor: a site from nothing, and what is wrong with one."""

import getpass
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config import doctor, static
from config.tasks import nothing
from people.models import User
from tests.conftest import MANIFEST_STATIC

FIRST = {
    "SETUP_EMAIL": " Helena@Example.org ",
    "SETUP_NAME": "Helena",
    "SETUP_PASSWORD": "seven quiet rivers",
}
START = "Start it: systemctl start cairn-worker, or manage.py db_worker."


# setup ------------------------------------------------------------------------------------------------------
@pytest.fixture
def first(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with what the environment says of the first admin; returns what it printed."""

    def run(**environment: str) -> str:
        for name in FIRST:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        told = StringIO()
        call_command("setup", stdout=told, stderr=told)
        return told.getvalue()

    return run


def test_setup_makes_the_first_admin_once(first: Any) -> None:
    told = first(**FIRST)
    admin = User.objects.get()
    assert (admin.email, admin.name, admin.is_superuser) == ("helena@example.org", "Helena", True)
    assert admin.check_password(FIRST["SETUP_PASSWORD"])
    assert "The first admin is helena@example.org." in told
    assert "What comes next" in told
    assert FIRST["SETUP_PASSWORD"] not in told

    again = first(**FIRST | {"SETUP_EMAIL": "other@example.org"})
    assert "Nothing had to be done" in again
    assert User.objects.get().password == admin.password


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"SETUP_EMAIL": "helena"}, "SETUP_EMAIL: Enter a valid email address."),
        ({"SETUP_EMAIL": "taken@example.org"}, "SETUP_EMAIL: Somebody has this address already."),
        ({"SETUP_NAME": "  "}, "SETUP_NAME: This field cannot be blank."),
        ({"SETUP_PASSWORD": "1234567"}, "SETUP_PASSWORD: This password is too short."),
        ({"SETUP_PASSWORD": "helena@example.org"}, "SETUP_PASSWORD: The password is too similar"),
    ],
)
def test_setup_refuses_by_name(first: Any, wrong: dict[str, str], words: str) -> None:
    User.objects.create_user("taken@example.org", name="Somebody")
    with pytest.raises(CommandError) as refused:
        first(**FIRST | wrong)
    assert words in str(refused.value)
    assert not User.objects.filter(is_superuser=True).exists()


def test_setup_without_anybody_to_ask_says_what_is_missing(
    first: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())
    with pytest.raises(CommandError, match="SETUP_PASSWORD is not set"):
        first(SETUP_EMAIL="helena@example.org", SETUP_NAME="Helena")


def test_setup_asks_until_the_answer_will_do(first: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["nonsense", "helena@example.org", "Helena"])
    secret = iter(
        ["short", "seven quiet rivers", "seven loud rivers", "seven quiet rivers", "seven quiet rivers"]
    )
    monkeypatch.setattr("builtins.input", lambda _question: next(typed))
    monkeypatch.setattr(getpass, "getpass", lambda _question: next(secret))
    monkeypatch.setattr(sys, "stdin", type("Terminal", (StringIO,), {"isatty": lambda _self: True})())
    told = first()
    assert "Enter a valid email address." in told
    assert "These are two different passwords." in told
    assert User.objects.get().check_password("seven quiet rivers")
    assert next(typed, None) is next(secret, None) is None


@pytest.mark.prove
@pytest.mark.pure
def test_setup_of_an_empty_site_twice(tmp_path: Path) -> None:
    """In an environment that holds these settings alone, with the static files of a real site."""
    settings = {
        "SECRET_KEY": "Zk3-jD8_qLw0PxV6bNh2Rt9Ym4Fc7Gs1Ka5Ue-Io_Wp8Xv3" * 2,
        "ALLOWED_HOSTS": "cairn.example.org",
        "VAR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
    }

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=site.BASE_DIR,
            env={"PATH": os.environ["PATH"]} | settings | FIRST,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    before = manage("doctor")
    assert before.returncode == 1
    assert "wrong    migrations: The database is not migrated" in before.stdout
    assert "wrong    static files" in before.stdout
    done = manage("setup")
    assert done.returncode == 0, done.stderr
    assert "The database is migrated." in done.stdout
    assert (tmp_path / "static" / "staticfiles.json").is_file()
    files = {path: path.stat().st_mtime for path in (tmp_path / "static").rglob("*")}
    again = manage("setup")
    assert (again.returncode, "Nothing had to be done" in again.stdout) == (0, True)
    assert {path: path.stat().st_mtime for path in (tmp_path / "static").rglob("*")} == files
    after = manage("doctor")
    assert [line for line in after.stdout.splitlines() if line.startswith("wrong")] == [
        f"wrong    worker: away: nobody took a task in 6 seconds. {START}"
    ]


# doctor -----------------------------------------------------------------------------------------------------
@pytest.fixture
def impatient(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0)


def about(check: Any) -> list[str]:
    """The findings of one check, without their advice."""
    return [f"{found.state}: {found.words}" for found in check()]


def test_doctor_looks_at_everything_and_leaves_with_what_is_wrong(
    impatient: None, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # the browser tests' alone
    told = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("doctor", stdout=told, no_color=True)
    lines = told.getvalue().splitlines()
    assert left.value.code == 1
    assert {line.split()[0] for line in lines} == {"ok", "warning", "wrong"}
    seen = [line[9:].split(":")[0] for line in lines]
    assert sorted(set(seen), key=seen.index) == [
        "database", "migrations", "cache", "clock", "worker", "folders", "disk", "static files", "mail", "settings",
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("wrong")] == [
        f"wrong    worker: away: nobody took a task in 0 seconds. {START}"
    ]
    assert not DBTaskResult.objects.exists(), "its own task is taken back"
    assert site.SECRET_KEY not in told.getvalue()


def test_task_that_waits_shows_that_the_worker_is_away(impatient: None) -> None:
    task = nothing.enqueue()
    assert about(doctor.worker) == ["wrong: away: nobody took a task in 0 seconds."]
    DBTaskResult.objects.filter(pk=task.id).update(enqueued_at=timezone.now() - timedelta(minutes=20))
    assert about(doctor.worker) == ["wrong: away: a task has been waiting for 20\xa0minutes."]
    later = timezone.now() + timedelta(days=1)
    DBTaskResult.objects.filter(pk=task.id).update(run_after=later)
    assert about(doctor.worker) == ["wrong: away: nobody took a task in 0 seconds."]


def test_worker_that_is_busy_or_failed_is_a_warning(impatient: None) -> None:
    DBTaskResult.objects.filter(pk=nothing.enqueue().id).update(status="RUNNING")
    DBTaskResult.objects.filter(pk=nothing.enqueue().id).update(status="FAILED", finished_at=timezone.now())
    assert about(doctor.worker) == [
        "warning: 1 tasks failed since yesterday.",
        "warning: busy: it took no new task in 0 seconds.",
    ]


def test_folder_and_disk_are_looked_at(db: None, settings: Any, tmp_path: Path) -> None:
    assert {line.split(":")[0] for line in about(doctor.folders)} == {"ok"}
    assert {line.split(":")[0] for line in about(doctor.disks)} == {"ok"}
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    settings.VERSION_LIMIT = 10**18
    assert about(doctor.folders)[0].startswith("wrong: The folder of the files")
    assert {line.split(":")[0] for line in about(doctor.disks)} >= {"wrong"}


@pytest.mark.pure
def test_static_files_have_to_be_newer_than_the_code(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = site.STORAGES | MANIFEST_STATIC
    settings.STATIC_ROOT = tmp_path
    assert about(doctor.static_files)[0].startswith("wrong: ")
    manifest = static.manifest()
    assert manifest == tmp_path / "staticfiles.json"
    manifest.write_text("{}")
    assert about(doctor.static_files) == [f"ok: collected in {tmp_path}."]
    os.utime(manifest, (1, 1))
    assert about(doctor.static_files)[0].startswith("wrong: ")


class Post(socketserver.StreamRequestHandler):
    """As much of a mail server as a log-in takes: it knows one password, and takes no mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif word == b"AUTH":
                right = line.split()[-1] == b"AHNpdGUAcmlnaHQ="
                self.wfile.write(b"235 welcome\r\n" if right else b"535 no\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"502 not here\r\n")


@pytest.fixture
def post() -> Iterator[int]:
    """The port of a mail server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.pure
def test_mail_server_is_asked_and_sent_nothing(settings: Any, post: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", post, False
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", "right"
    settings.DEFAULT_FROM_EMAIL = "Cairn <cairn@example.org>"
    assert about(doctor.mail) == [f"ok: 127.0.0.1:{post} answers and knows site. (Nothing was sent.)"]
    settings.EMAIL_HOST_PASSWORD = "wrong"
    assert about(doctor.mail) == [f"wrong: 127.0.0.1:{post} refused the log-in (535)."]
    settings.EMAIL_USE_TLS = True
    assert about(doctor.mail)[0].startswith(f"wrong: 127.0.0.1:{post} cannot be used: ")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Cairn <cairn@localhost>"
    assert [line.split(":")[0] for line in about(doctor.mail)] == ["warning"]


@pytest.mark.pure
def test_settings_that_pass_the_check_can_still_be_wrong_for_a_site(settings: Any) -> None:
    settings.HTTPS, settings.BEHIND_PROXY = True, False
    settings.ALLOWED_HOSTS = ["localhost"]
    words = "\n".join(about(doctor.site_settings))
    assert "warning: HTTPS without BEHIND_PROXY" in words
    assert "warning: ALLOWED_HOSTS names this machine alone." in words
    assert "security.W" in words, "the tests' own settings are none for a site"
