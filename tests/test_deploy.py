"""What deploy/ holds, as far as this machine can read it; and, in make prove, nginx with it."""

import ast
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as site

from tests.outage import Answer, Browser, Deployed
from tests.submissions.bucket import free_port

pytestmark = pytest.mark.pure

DEPLOY = site.BASE_DIR / "deploy"
README = (site.BASE_DIR / "README.md").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
OF_THE_CONNECTION = {
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Date",
    "Keep-Alive",
    "Server",
    "Transfer-Encoding",
}


def unit(name: str) -> dict[str, str]:
    """The settings of a systemd unit; of those that come twice, the last."""
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


def test_compose_file_starts_the_same_image_as_web_and_worker() -> None:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = read["services"]
    assert services.keys() == {"database", "setup", "web", "worker"}
    assert services["worker"]["command"] == ["python", "manage.py", "db_worker"]
    assert services["web"]["image"] == services["worker"]["image"] == services["setup"]["image"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"], "plain HTTP stays on the machine"
    assert read["volumes"].keys() == {"database", "media"}


def test_units_start_what_is_there_as_nobody_special() -> None:
    web, worker = unit("cairn-web.service"), unit("cairn-worker.service")
    assert web["ExecStart"].endswith("gunicorn --config deploy/gunicorn.py config.wsgi")
    assert worker["ExecStart"].endswith("manage.py db_worker")
    for one in (web, worker):
        assert (one["User"], one["ProtectSystem"], one["PrivateTmp"]) == ("cairn", "strict", "yes")
        assert one["NoNewPrivileges"] == one["ProtectHome"] == "yes"


def test_gunicorn_has_threads() -> None:
    read = ast.parse((DEPLOY / "gunicorn.py").read_text())
    said = {
        node.targets[0].id: ast.unparse(node.value)
        for node in read.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert said["worker_class"] == "'gthread'"
    assert "'4'" in said["workers"]
    assert "'8'" in said["threads"]


def test_nginx_takes_what_the_site_takes() -> None:
    most = int(re.search(r"client_max_body_size (\d+)m", NGINX)[1])  # type: ignore[index]
    from submissions.upload import FORM_SIZE  # noqa: PLC0415

    assert most * 2**20 > site.VERSION_LIMIT + FORM_SIZE >= (most - 2) * 2**20


def test_nginx_waits_longer_than_an_upload_waits_for_its_check() -> None:
    """Otherwise it would say that the site is not running, and the file might be there all the same."""
    most = int(re.search(r"proxy_read_timeout (\d+)s", NGINX)[1])  # type: ignore[index]
    from submissions.formats import sandbox  # noqa: PLC0415

    assert most > max(sandbox.WAIT, sandbox.LIMITS.wall)


def test_every_setting_of_the_site_is_in_the_readme() -> None:
    """Those that config/settings.py reads from the environment."""
    source = (site.BASE_DIR / "config" / "settings.py").read_text()
    read = set(re.findall(r"\b(?:text|flag|number|words|one_of)\(\"([A-Z_0-9]+)\"", source))
    assert len(read) > 30
    assert {name for name in read if f"`{name}`" not in README} == set()


# nginx itself -----------------------------------------------------------------------------------------------
@pytest.fixture
def folder() -> Iterator[Path]:
    """Reachable for the user that nginx becomes."""
    made = Path(tempfile.mkdtemp(prefix="cairn-nginx-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


class Nginx:
    """The site of deploy/nginx.conf on a port of this machine, without its certificate."""

    def __init__(self, folder: Path, upstream: str) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program, "This test needs nginx, such as Debian's package nginx-light."
        self.port = free_port()
        served = (
            NGINX[: NGINX.index("server {\n    listen 80;")]
            + NGINX[NGINX.index("server {\n    listen 443") :]
        )
        served = re.sub(r"    (ssl_\w+|listen \[::\]:443) .*\n", "", served)
        served = served.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port};")
        served = served.replace("127.0.0.1:8000", upstream).replace("/srv/cairn/media", str(folder / "media"))
        served = served.replace("cairn.example.org", "localhost")
        places = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user root;\npid {folder}/nginx.pid;\ndaemon off;\nerror_log {folder}/nginx.log;\n"
            f"events {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{places}{served}}}\n"
        )
        self.process = subprocess.Popen(
            [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
        )

    def __enter__(self) -> Browser:
        browser = Browser(f"http://localhost:{self.port}")
        for _time in range(100):
            try:
                browser.get("/healthz")
                break
            except OSError:
                assert self.process.poll() is None
        return browser

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)


def headers_of(answer: Answer) -> dict[str, str]:
    """All but those of the connection; without X-Forwarded-Proto, both speak plain HTTP."""
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_CONNECTION}


@pytest.mark.prove
def test_nginx_sends_files_with_every_header_of_the_site(folder: Path) -> None:
    with Deployed(folder, SENDFILE="nginx") as sending, Deployed(folder) as plain:
        upstream = sending.origin.removeprefix("http://").replace("localhost", "127.0.0.1")
        with Nginx(folder, upstream) as front:
            direct = Browser(plain.origin)
            files = set()
            for browser in (front, direct):
                browser.log_in("mentor@demo.test")
                desk = browser.get("/desk/").text
                for work in sorted(set(re.findall(r'href="(/submissions/[0-9a-f-]{36}/)', desk))):
                    page = browser.get(work).text
                    files |= set(re.findall(r'"(/files/[0-9a-f-]{36}/[^"]+)"', page))
            assert len(files) >= 3
            for address in sorted(files):
                ours, theirs = direct.get(address), front.get(address)
                assert (theirs.status, theirs.body) == (ours.status, ours.body), address
                assert headers_of(theirs) == headers_of(ours), address
                assert "sandbox" in theirs.headers["Content-Security-Policy"]
                assert "X-Accel-Redirect" not in theirs.headers

                part, same = front.get(address, Range="bytes=2-5"), direct.get(address, Range="bytes=2-5")
                assert (part.status, part.body) == (same.status, same.body) == (206, ours.body[2:6])
                assert headers_of(part) == headers_of(same)
                etag = ours.headers["ETag"]
                assert front.get(address, If_None_Match=etag).status == 304
                assert front.get(address, If_Range=etag, Range="bytes=0-0").status == 206
                assert front.get(address, If_Range='"other"', Range="bytes=0-0").status == 200
            blob = next(path for path in (folder / "media" / "blobs").rglob("*") if path.is_file())
            place = blob.relative_to(folder / "media")
            assert front.get(f"/{place}").status == 404, "the folder itself answers nobody"
            assert Browser(front.origin).get(min(files)).status == 302, "nor does the site, without a log-in"


@pytest.mark.prove
def test_nginx_says_that_the_site_is_away(folder: Path) -> None:
    with Nginx(folder, f"127.0.0.1:{free_port()}") as front:
        told = front.get("/path/")
    assert (told.status, told.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert told.text.startswith("Cairn is not running at the moment.")
