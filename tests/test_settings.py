"""Unsafe settings are refused by name; the documented ones pass Django's own check."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
SAFE = {
    "SECRET_KEY": "Zk3-jD8_qLw0PxV6bNh2Rt9Ym4Fc7Gs1Ka5Ue-Io_Wp8Xv3",
    "ALLOWED_HOSTS": "cairn.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://cairn.example.org",
}
OURS = ("DEBUG", "DEMO", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "HTTPS", "CSRF_TRUSTED_ORIGINS")
HARNESS = "DJANGO_ALLOW_ASYNC_UNSAFE"
"""Set by the browser tests' plugin, never on a site."""


def check(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` in an environment that holds these settings and none of ours besides."""
    environment = {name: value for name, value in os.environ.items() if name not in (*OURS, HARNESS)}
    environment |= {"VAR": str(tmp_path)} | settings
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("more", [{}, {"USERCONTENT_ORIGIN": "https://files.example.net"}])
def test_documented_settings_pass_the_check_without_a_warning(tmp_path: Path, more: dict[str, str]) -> None:
    settings = SAFE | {"SECRET_KEY": SAFE["SECRET_KEY"] * 2} | more
    done = check(tmp_path, "--deploy", "--fail-level", "WARNING", **settings)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        (
            {"SECRET_KEY": "for-the-demo-and-for-development-only-never-for-a-site-that-people-use"},
            "SECRET_KEY",
        ),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "DEBUG"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"DATABASE_URL": "mysql://cairn@localhost/cairn"}, "DATABASE_URL"),
        ({"FILE_LIMIT_MB": "-1"}, "FILE_LIMIT_MB"),
        ({"USERCONTENT_ORIGIN": "files.example.net"}, "USERCONTENT_ORIGIN"),
        ({"USERCONTENT_ORIGIN": "https://files.example.net/here"}, "USERCONTENT_ORIGIN"),
        ({"USERCONTENT_ORIGIN": "http://files.example.net"}, "USERCONTENT_ORIGIN"),
        ({"USERCONTENT_ORIGIN": "https://cairn.example.org"}, "USERCONTENT_ORIGIN"),
    ],
)
def test_unsafe_or_unreadable_settings_are_refused_by_name(
    tmp_path: Path, settings: dict[str, str], name: str
) -> None:
    safe = SAFE | {"SECRET_KEY": SAFE["SECRET_KEY"] * 2}
    done = check(tmp_path, **(safe | settings))

    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]
