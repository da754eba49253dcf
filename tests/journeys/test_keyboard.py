"""Without a mouse: the loop of a work, an absence, a mentor who is replaced, a file that is erased."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Curriculum
from people.models import Absence
from progress.models import Completion, Entry
from submissions import store
from submissions.models import Review, Version
from tests.cast import make_cast
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


def go(page: Page, name: str, address: str, kind: str = "") -> None:
    """Presses what has this name, and waits for the page that it leads to."""
    reach(page, name, kind)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def choose(page: Page, label: str) -> None:
    """In the list that has the focus, by typing what is looked for."""
    page.keyboard.type(label)
    chosen = evaluate(page, "document.activeElement.selectedOptions[0].textContent")
    assert label in chosen, f"typing {label} chose {chosen}"


def type_day(page: Page, day: date) -> None:
    """Into a field for a day, as it is written where the browser is: month, day and year."""
    page.keyboard.type(day.strftime("%m%d%Y"))
    assert evaluate(page, "document.activeElement.value") == day.isoformat()


@pytest.mark.prove
def test_pages_of_mentors_and_admins_by_keyboard_alone(
    live_server: LiveServer, new_context: NewContext
) -> None:
    site = live_server.url
    school = make_cast()
    mentor_of(school.cohort, name="Sofia Marques")
    version = school.hand_in()
    version.submission.start_draft().add_file("overview.md", store.receive([b"# Secret"], 10**6))
    draft = version.submission.versions.get(submitted_at=None)
    draft.submit()

    # The filters of the cohort's page.
    tomas = new_context(locale="en-US").new_page()
    log_in(tomas, site, school.mentor.email)
    go(tomas, str(school.cohort), "**/cohorts/**")
    reach(tomas, "Own mentor", "select")
    choose(tomas, "Tomas")
    go(tomas, "Show", "**mentor=**", "submit")
    expect(tomas.locator("table.learners")).not_to_contain_text("Kwame Mensah")
    reach(tomas, "Show all")
    tomas.keyboard.press("Enter")
    expect(tomas.locator("table.learners")).to_contain_text("Kwame Mensah")

    # An absence.
    go(tomas, "Tomas Lindqvist", "**/account/")
    go(tomas, "When you are away", "**/absences/")
    first = timezone.localdate() + timedelta(days=7)
    reach(tomas, "First day")
    type_day(tomas, first)
    reach(tomas, "Last day")
    type_day(tomas, first + timedelta(days=2))
    reach(tomas, "tands in", "select")
    choose(tomas, "Sofia")
    reach(tomas, "Announce it")
    tomas.keyboard.press("Enter")
    expect(tomas.locator("#notices")).to_contain_text("Sofia Marques stands in for you")
    assert (Absence.objects.get().first, str(Absence.objects.get().stand_in)) == (first, "Sofia Marques")

    # A mentor is replaced, and a file is erased, in the admin.
    admin = new_context().new_page()
    log_in(admin, site, school.admin.email)
    go(admin, "Cohorts", "**/cohort/")
    go(admin, str(school.cohort), "**/change/", "a")
    go(admin, "Replace a mentor", "**/replacement/")
    reach(admin, "Who goes", "select")
    choose(admin, "Tomas")
    reach(admin, "Who takes over", "select")
    choose(admin, "Sofia")
    reach(admin, "Replace", "submit")
    admin.keyboard.press("Enter")
    expect(admin.locator(".messagelist")).to_contain_text("Sofia Marques took over from Tomas Lindqvist")
    admin.goto(f"{site}/admin/")
    go(admin, "Look at work", "**/submission/")
    go(admin, "Work 1.1", "**/change/")
    go(admin, "Erase… overview.md", "**/erasure/**")
    reach(admin, "Reason", "textarea")
    admin.keyboard.type("A password was in it.")
    reach(admin, "Type “")
    admin.keyboard.type("erase")
    reach(admin, "Erase for good")
    admin.keyboard.press("Enter")
    expect(admin.locator(".messagelist")).to_contain_text("Erased.")
    assert draft.files.get().erased_at is not None
