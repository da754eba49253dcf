"""The loop without a mouse: a learner hands in, a mentor reviews and marks, by the keyboard alone."""

from pathlib import Path

from django.core.management import call_command
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Curriculum
from progress.models import Completion, Entry
from submissions.models import Review, Version
from tests.factories import PASSWORD, CohortFactory, MembershipFactory, mentor_of
from tests.journeys.conftest import evaluate
from tests.journeys.test_story import NewContext

MONTH = Path(__file__).parents[3] / "shared" / "curricula" / "month-08-as-received.md"
FOCUSED = """(() => {
  const one = document.activeElement;
  const labels = [...(one.labels || [])].map((label) => label.textContent);
  const group = one.type === "radio" ? one.closest("fieldset").querySelector("legend").textContent : "";
  const seen = one.getBoundingClientRect();
  return {
    name: [group, one.getAttribute("aria-label"), ...labels, one.textContent, one.value].join(" "),
    kind: one.type || one.tagName.toLowerCase(),
    hidden: one !== document.body && document.elementsFromPoint(seen.x + seen.width / 2, seen.y + seen.height / 2)
      .every((shown) => !one.contains(shown) && !shown.contains(one)),
  };
})()"""


def reach(page: Page, name: str, kind: str = "") -> None:
    """Tabs on until the focus is on what has this name; fails when it is never reached, or covered by something."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = evaluate(page, FOCUSED)
        if name in focused["name"] and kind in focused["kind"]:
            assert not focused["hidden"], f"{name} has the focus and cannot be seen"
            return
    raise AssertionError(f"the keyboard never reaches {name}")


def log_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/accounts/login/")
    reach(page, "Email")
    page.keyboard.type(email)
    reach(page, "Password", "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def test_loop_by_keyboard_alone(live_server: LiveServer, new_context: NewContext) -> None:
    call_command("import_curriculum", str(MONTH), curriculum="ml", title="ML Practitioner", verbosity=0)
    cohort = CohortFactory.create(curriculum=Curriculum.objects.get(slug="ml"))
    mentor = mentor_of(cohort, name="Tomas Lindqvist")
    learner = MembershipFactory.create(cohort=cohort, mentor=mentor, user__name="Ines Duarte")

    ines = new_context().new_page()
    log_in(ines, live_server.url, learner.user.email)
    reach(ines, "Month 08")
    ines.keyboard.press("Enter")
    ines.wait_for_url("**/months/month-08/")
    reach(ines, "Study model registries", "submit")
    ines.keyboard.press("Space")
    expect(ines.get_by_role("checkbox", name="Study model registries")).to_have_attribute(
        "aria-checked", "true"
    )
    assert Completion.objects.done().get().task.text == "Study model registries"
    reach(ines, "Component comparison")
    ines.keyboard.press("Enter")
    ines.wait_for_url("**/submissions/**")
    reach(ines, "Text", "textarea")
    ines.keyboard.type("We would start with our own tables.")
    reach(ines, "Hand in", "submit")
    ines.keyboard.press("Enter")
    expect(ines.locator("#notices")).to_contain_text("Handed in")
    assert Version.objects.submitted().get().text == "We would start with our own tables."

    tomas = new_context().new_page()
    log_in(tomas, live_server.url, mentor.email)
    reach(tomas, "Review", "submit")
    tomas.keyboard.press("Enter")
    tomas.wait_for_url("**/submissions/**")
    reach(tomas, "Comment", "textarea")
    tomas.keyboard.type("What would it cost to be wrong?")
    reach(tomas, "Add to my review")
    tomas.keyboard.press("Enter")
    expect(tomas.locator("#threads")).to_contain_text("Not sent yet")
    reach(tomas, "Finish review")
    tomas.keyboard.press("Enter")
    expect(tomas.locator("#finish")).to_be_visible()
    reach(tomas, "Summary", "textarea")
    tomas.keyboard.type("Clear.")
    reach(tomas, "Decision", "radio")
    tomas.keyboard.press("Space")
    while "Accept" not in evaluate(tomas, FOCUSED)["name"]:
        tomas.keyboard.press("ArrowDown")
    reach(tomas, "Understand system components", "radio")
    while "Met" not in evaluate(tomas, FOCUSED)["name"].replace("Not met", ""):
        tomas.keyboard.press("ArrowDown")
    reach(tomas, "Send", "submit")
    tomas.keyboard.press("Enter")
    expect(tomas.locator("#notices")).to_contain_text("sent")
    assert Review.objects.counted().get().verdict == "accept"
    mark = Entry.objects.get(kind="mark")
    assert (mark.criterion and mark.criterion.text, mark.decision) == ("Understand system components", "met")
