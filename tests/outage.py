"""A site as it is deployed, in processes of its own, whose parts a test takes away and brings back."""

import os
import re
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, Request, build_opener

from django.conf import settings as site

PLAIN = {"DEMO": "yes", "DEBUG": "no", "HTTPS": "no", "LOG_LEVEL": "ERROR", "ALLOWED_HOSTS": "localhost"}


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()


class AsItIs(HTTPErrorProcessor):
    """A refusal or a redirect is an answer too."""

    def http_response(self, request: Request, response: object) -> object:
        return response


class Browser:
    """Somebody at the site, with their cookies."""

    def __init__(self, origin: str) -> None:
        self.origin, self.jar = origin, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar), AsItIs)

    def get(self, path: str, data: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.opener.open(Request(self.origin + path, data, named), timeout=60) as answer:  # noqa: S310
            return Answer(answer.status, dict(answer.headers), answer.read())

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        key = next((cookie.value or "" for cookie in self.jar if cookie.name.endswith("csrf")), "")
        typed = urlencode({"csrfmiddlewaretoken": key, **form}).encode()
        return self.get(path, typed, Referer=self.origin + "/", **headers)

    def log_in(self, email: str) -> None:
        self.get("/accounts/login/")
        assert self.post("/accounts/login/", {"login": email, "password": "demo"}).status == 302


class Deployed:
    """The demo's people on a gunicorn with the deployed settings; `environment` says where its parts are."""

    def __init__(self, folder: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.origin = f"http://localhost:{port}"
        places = {
            "DATABASE_URL": f"sqlite:///{folder / 'cairn.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
        }
        self.environment = os.environ | PLAIN | {"VAR": str(folder)} | places
        self.environment |= {"BIND": f"127.0.0.1:{port}", "WEB_PROCESSES": "2"} | environment
        self.log = folder / "gunicorn.log"

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=site.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )

    def __enter__(self) -> Self:
        told = self.manage("demo", "--verbosity", "0")
        assert told.returncode == 0, told.stderr
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "config.wsgi"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=site.BASE_DIR, env=self.environment, stdout=log, stderr=log
            )
        self.wait()
        return self

    def wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                Browser(self.origin).get("/healthz")
                return
            except (URLError, HTTPError, OSError):
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(60)


def tick_of(page: str) -> str:
    """The address of the first task's form."""
    found = re.search(r'action="([^"]*/completions?/[^"]*)"|action="([^"]*completion[^"]*)"', page)
    assert found, page
    return found[1] or found[2]
