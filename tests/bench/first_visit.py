"""What goes over the wire to a real browser, which has never been here, and which was here a moment ago."""

import os

from playwright.sync_api import sync_playwright

from scripts.chromium import find


def bytes_of_visits(port: int, path: str, session: str) -> tuple[int, int]:
    """Bytes of all answers, heads included, at the first visit of a page and at the second."""
    chromium = find()
    if chromium is None:
        raise RuntimeError("This needs a Chromium: make test finds or installs one.")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        context = browser.new_context()
        context.add_cookies([{"name": "session", "value": session, "url": f"http://localhost:{port}"}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        received: list[float] = []
        wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        sums = []
        for _visit in range(2):
            received.clear()
            answer = page.goto(f"http://localhost:{port}{path}", wait_until="networkidle")
            if answer is None or answer.status != 200:
                raise RuntimeError(f"{path} was not shown")
            page.goto("about:blank")
            sums.append(round(sum(received)))
        browser.close()
    return sums[0], sums[1]
