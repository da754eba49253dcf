"""The watch and axe themselves: each is shown a bad page and has to complain, under the site's own policy."""

from collections.abc import Callable

import pytest
from django.conf import settings as site
from playwright.sync_api import Page, Route

from tests.journeys.conftest import Watch

HOME = "http://localhost:1/"
CLEAN = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1></main></html>'
NAMELESS = CLEAN.replace("</main>", '<button></button><img src="data:,"></main>')


def show(page: Page, body: str, status: int = 200) -> None:
    """Opens the text as if the site had answered with it, under the site's policy."""
    policy = "; ".join(
        f"{name} {' '.join(words)}" for name, words in site.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    )
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}

    def answer(route: Route) -> None:
        if route.request.url == HOME:
            route.fulfill(status=status, headers=headers, body=body)
        elif route.request.url.endswith("/throws.js"):
            route.fulfill(content_type="text/javascript", body='throw new Error("a broken script")')
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.goto(HOME)


def test_watch_is_silent_on_a_clean_page(page: Page, watch: Watch, axe: Callable[[Page], None]) -> None:
    show(page, CLEAN)
    axe(page)
    assert watch.complaints == []


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("<script>1</script>", "blocked by the policy: policy-blocked script-src-elem inline"),
        ('<p style="color: red">red</p>', "blocked by the policy: policy-blocked style-src-attr inline"),
        ('<button onclick="1">go</button>', "blocked by the policy: policy-blocked script-src-attr inline"),
        ('<img src="https://elsewhere.example/a.png">', "policy-blocked img-src https://elsewhere.example"),
        ('<script src="/throws.js"></script>', "script error: a broken script"),
        ('<script src="/static/gone.js"></script>', "404 for http://localhost:1/static/gone.js"),
    ],
)
def test_watch_complains_about_a_fault(page: Page, watch: Watch, fault: str, complaint: str) -> None:
    show(page, CLEAN.replace("</main>", fault + "</main>"))
    page.wait_for_load_state("networkidle")
    assert complaint in "\n".join(watch.complaints)
    watch.complaints.clear()


def test_watch_complains_about_a_server_error(page: Page, watch: Watch) -> None:
    show(page, CLEAN, status=500)
    assert watch.complaints == [f"500 for {HOME}"]
    watch.complaints.clear()


def test_axe_lists_each_violation(page: Page, watch: Watch, axe: Callable[[Page], None]) -> None:
    show(page, NAMELESS)
    with pytest.raises(AssertionError) as failure:
        axe(page)
    assert "button-name" in str(failure.value)
    assert "image-alt" in str(failure.value)
    watch.complaints.clear()


def test_screenshot_breaks_no_policy(
    page: Page, watch: Watch, monkeypatch: pytest.MonkeyPatch, shot: Callable[[Page, str], None]
) -> None:
    monkeypatch.setenv("SHOTS", "1")
    show(page, CLEAN)
    shot(page, "clean")
    assert watch.complaints == []
