"""Takes the README's pictures again: `make run`, then `.venv/bin/python scripts/screenshots.py [address]`."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent


def main(address: str) -> None:
    chromium = (
        os.environ.get("CHROMIUM")
        or subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "chromium.py")],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.goto(f"{address}/accounts/login/")
        page.fill("[name=login]", "learner@demo.test")
        page.fill("[name=password]", "demo")
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/path/")
        page.screenshot(path=ROOT / "docs" / "path.png")
        page.get_by_role("link", name="Month 08").first.click()
        page.wait_for_url("**/months/month-08/")
        page.screenshot(path=ROOT / "docs" / "month.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
