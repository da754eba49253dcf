"""A site with its files collected, as a school runs it: every name of a script has a hash, and no script runs twice."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.crash.cycles import Site
from tests.crash.world import Person

pytestmark = [pytest.mark.pure]


def page_of(browser: Browser, site: Site, person: Person) -> tuple[Page, Counter[str]]:
    """A page of somebody who is logged in, and how often it loads each script, by its name without the hash."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.app.port}")
    context.add_cookies(
        [{"name": name, "value": value, "url": f"http://127.0.0.1:{site.app.port}"}
         for name, value in person.cookies.items()]
    )  # fmt: skip
    page, scripts = context.new_page(), Counter[str]()

    def note(url: str) -> None:
        path = urlsplit(url).path
        if path.startswith("/static/js/"):
            scripts[Path(path).name.split(".")[0]] += 1

    page.on("request", lambda request: note(request.url))
    return page, scripts


@pytest.mark.prove
def test_work_is_handed_in_and_reviewed_where_files_are_collected(browser: Browser, collected: Path) -> None:
    with Site("sqlite", collected, people=(1, 1)).running() as site:
        page, scripts = page_of(browser, site, site.world.learners[0])
        page.goto(f"/learners/{site.world.learners[0].learner}/months/{site.world.month}/")
        page.locator("button.deliverable").first.click()
        page.get_by_label("Text", exact=True).fill("# My design")
        page.wait_for_load_state("load")
        assert scripts["hand-in"] == 1
        assert scripts["cairn"] == 2, "once for each of the two pages"
        page.get_by_role("button", name="Hand in", exact=True).click()
        expect(page.locator("main")).to_contain_text("Take back")
        work = page.url

        mentor, scripts = page_of(browser, site, site.world.mentors[0])
        mentor.goto(work)
        mentor.get_by_role("button", name="Start review").click()
        mentor.locator("[data-finish]").first.click()
        mentor.get_by_label("Accept", exact=True).check()
        mentor.get_by_label("Summary").fill("Clear.")
        mentor.get_by_role("button", name="Send", exact=True).click()
        expect(mentor.locator("main")).to_contain_text("Accepted")
        mentor.wait_for_load_state("load")
        assert scripts["room"] == scripts["cairn"] >= 3, "each page loads both once"
        mentor.context.close()
        page.context.close()
