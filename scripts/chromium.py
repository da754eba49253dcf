"""Prints the path of a Chromium for the browser tests, installing one where that is possible.

Order: $CHROMIUM, Playwright's own, one of this machine; then Debian's package (as root) or Playwright's.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# In a process of its own: Playwright refuses to start twice in one thread, and the tests have it running.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find() -> Path | None:
    """The Chromium that is there already, or None; a $CHROMIUM that does not exist is an error."""
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).is_file():
            sys.exit(f"CHROMIUM names {named}, which is not there: correct it, or leave it out.")
        return Path(named)
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    own = asked.stdout.strip()
    if own and Path(own).is_file():
        return Path(own)
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return Path(on_path)
    return MACOS if MACOS.is_file() else None


def install() -> None:
    """Tries Debian's package, then Playwright's download; what they say goes to standard error."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    attempts = [[playwright]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        package = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        attempts.insert(0, [["apt-get", "update"], package])
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for commands in attempts:
        # stdout is for the path alone
        if all(
            subprocess.run(line, stdout=sys.stderr, env=quiet, check=False).returncode == 0
            for line in commands
        ):
            return


def main() -> None:
    chromium = find()
    if chromium is None:
        print("No Chromium on this machine: installing one.", file=sys.stderr)
        install()
        chromium = find()
    if chromium is None:
        sys.exit(
            "The browser tests need a Chromium, and none could be installed: run"
            " '.venv/bin/python -m playwright install --with-deps chromium', or name one in $CHROMIUM."
        )
    print(chromium)


if __name__ == "__main__":
    main()
