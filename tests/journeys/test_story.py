"""The story that Cairn is for, in a real browser: from the invitation to the complete month."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Curriculum
from people.models import Invitation, Membership
from progress.demo.files import drawing
from progress.models import Completion, Entry
from submissions.models import Review, Version
from tests.factories import PASSWORD, CohortFactory, mentor_of
from tests.journeys.conftest import turn_to

MONTH = Path(__file__).parents[3] / "shared" / "curricula" / "month-08-as-received.md"
WORK = "Architecture overview document"
DIAGRAM = "Data flow diagram"
CRITERIA = [
    "Understand system components",
    "Can design end-to-end systems",
    "Trade-offs are documented",
    "Design is defensible",
]

Look = Callable[[Page], None]
NewContext = Callable[..., BrowserContext]


def log_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def join(page: Page, site: str, invitation: Invitation) -> None:
    page.goto(site + invitation.url)
    page.locator("input[name=name]").fill("Ines Duarte")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Join").click()
    page.wait_for_url("**/path/")


def tick(page: Page, task: str) -> None:
    box = page.get_by_role("checkbox", name=task)
    box.click()
    expect(page.get_by_role("checkbox", name=task)).to_have_attribute("aria-checked", "true")


def hand_in(page: Page, folder: Path, scripted: bool) -> None:
    file = folder / "overview.md"
    file.write_text("# Overview\n\n```mermaid\nflowchart LR\n  a --> b\n```\n")
    page.get_by_label("Add files").set_input_files(file)
    if not scripted:
        page.get_by_role("button", name="Add the chosen files").click()
    expect(page.locator("#draft-files")).to_contain_text("overview.md")
    page.get_by_label("Text", exact=True).fill("## What it is\n\nFour components.")
    page.locator("#draft").get_by_role("button", name="Hand in").click()
    expect(page.locator("#notices")).to_contain_text("Handed in")


def hand_in_a_diagram(page: Page, folder: Path, scripted: bool) -> None:
    file = folder / "data-flow.svg"
    file.write_bytes(drawing())
    page.get_by_role("button", name=DIAGRAM).click()
    page.wait_for_url("**/submissions/**")
    page.get_by_label("Add files").set_input_files(file)
    if not scripted:
        page.get_by_role("button", name="Add the chosen files").click()
    expect(page.locator("#draft-files")).to_contain_text("data-flow.svg")
    page.locator("#draft").get_by_role("button", name="Hand in").click()
    expect(page.locator("#notices")).to_contain_text("Handed in")


def act_on_criterion(page: Page, act: str, criterion: str) -> Locator:
    """Opens the form about one criterion, and returns where it stands."""
    place = page.locator(".criterion", has_text=criterion)
    place.get_by_role("link", name=act).click()
    expect(place.get_by_label("Evidence")).to_be_visible()
    return place


def write_a_comment(page: Page, words: str, kind: str) -> None:
    page.get_by_label("Comment", exact=True).fill(words)
    page.locator("#new-kind").select_option(kind)
    page.get_by_role("button", name="Add to my review").click()
    expect(page.locator("#threads")).to_contain_text(words)


def finish(page: Page, verdict: str, summary: str, met: list[str]) -> None:
    sheet = page.locator("#finish")
    if not sheet.is_visible():
        page.get_by_role("link", name="Finish review").first.click()
    expect(sheet).to_be_visible()
    sheet.get_by_label("Summary").fill(summary)
    sheet.get_by_label(verdict, exact=True).check()
    for criterion in met:
        group = sheet.get_by_role("group", name=criterion)
        group.get_by_label("Met", exact=True).check()
    sheet.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_load_state()
    expect(page.locator("#notices")).to_contain_text("sent")


@pytest.mark.parametrize(
    ("width", "theme", "scripted"),
    [
        pytest.param(390, "dark", True, id="phone", marks=pytest.mark.story),
        pytest.param(1440, "light", True, id="desktop", marks=pytest.mark.prove),
        pytest.param(1440, "light", False, id="without-script", marks=pytest.mark.prove),
    ],
)
def test_story_from_invitation_to_complete_month(
    live_server: LiveServer,
    new_context: NewContext,
    axe: Look,
    shot: Callable[[Page, str], None],
    tmp_path: Path,
    width: int,
    theme: str,
    scripted: bool,
) -> None:
    site = live_server.url
    call_command("import_curriculum", str(MONTH), curriculum="ml", title="ML Practitioner", verbosity=0)
    cohort = CohortFactory.create(curriculum=Curriculum.objects.get(slug="ml"), name="Autumn cohort")
    mentor = mentor_of(cohort, name="Tomas Lindqvist")
    invitation = Invitation.objects.create(cohort=cohort, email="ines@example.org", mentor=mentor)
    viewport = {"width": width, "height": 900}
    options = {"viewport": viewport, "color_scheme": theme, "java_script_enabled": scripted}
    look: Look = axe if scripted else (lambda page: None)
    learners, mentors = new_context(**options), new_context(**options)

    # The learner joins, reads the month and ticks a task.
    ines = learners.new_page()
    join(ines, site, invitation)
    learner = Membership.objects.get(user__email="ines@example.org")
    assert learner.mentor == mentor
    look(ines)
    shot(ines, "path")
    ines.get_by_role("button", name="Understood").click()
    ines.locator(".cairn").get_by_role("link", name="Month 08").click()
    ines.wait_for_url("**/months/month-08/")
    look(ines)
    shot(ines, "month")
    tick(ines, "Learn about feature stores")
    assert Completion.objects.done().get().task.text == "Learn about feature stores"

    # She hands in a document with a file.
    ines.get_by_role("button", name=WORK).click()
    ines.wait_for_url("**/submissions/**")
    look(ines)
    hand_in(ines, tmp_path, scripted)
    look(ines)
    shot(ines, "handed-in")
    first = Version.objects.submitted().get()
    assert (first.number, first.files.get().name) == (1, "overview.md")

    # She hands in a diagram, and says of a criterion that her document meets it.
    month = f"{site}/learners/{learner.uuid}/months/month-08/"
    ines.goto(month)
    hand_in_a_diagram(ines, tmp_path, scripted)
    ines.goto(month)
    place = act_on_criterion(ines, "I think this is met…", CRITERIA[0])
    place.get_by_label("Evidence").select_option(f"{WORK}, version 1")
    look(ines)
    shot(ines, "claim")
    place.get_by_role("button", name="Send to my mentor").click()
    expect(ines.locator(".criterion", has_text=CRITERIA[0])).to_contain_text("With Tomas")
    assert Entry.objects.get().version == first

    # The mentor finds it on the desk, and asks for changes.
    tomas = mentors.new_page()
    log_in(tomas, site, mentor.email)
    expect(tomas).to_have_url(f"{site}/desk/")
    look(tomas)
    shot(tomas, "desk")
    tomas.get_by_role("button", name=WORK).click()
    tomas.wait_for_url("**/submissions/**")
    turn_to(tomas, "Comments")
    write_a_comment(tomas, "Where does the registry end?", "must")
    look(tomas)
    shot(tomas, "reviewing")
    ines.reload()
    expect(ines.locator("main")).not_to_contain_text("Where does the registry end?")
    finish(tomas, "Request changes", "A good map. One thing is missing.", [])
    assert Review.objects.counted().get().verdict == "changes"

    # She answers with a second version.
    ines.goto(f"{site}/path/")
    look(ines)
    ines.get_by_role("link", name=WORK).first.click()
    ines.wait_for_url("**/submissions/**")
    turn_to(ines, "Work")
    ines.get_by_role("button", name="Begin version 2").click()
    answers = ines.get_by_role("group", name="Points that must be fixed")
    answers.get_by_label("Fixed here").check()
    answers.get_by_label("Your answer").fill("Added as section 3.")
    ines.get_by_label("Text", exact=True).fill(
        "## What it is\n\nFour components, and where the registry ends."
    )
    look(ines)
    shot(ines, "second-version")
    ines.get_by_role("button", name="Hand in version 2").click()
    expect(ines.locator("#notices")).to_contain_text("Handed in")
    assert first.submission.versions.submitted().count() == 2

    # The mentor confirms, accepts, and marks every criterion with this version as evidence.
    tomas.goto(f"{site}/desk/")
    tomas.get_by_role("button", name=WORK).click()
    tomas.wait_for_url("**/submissions/**")
    turn_to(tomas, "Comments")
    tomas.get_by_role("button", name="Confirm fixed").click()
    expect(tomas.locator("#threads")).to_contain_text("Confirmed fixed")
    finish(tomas, "Accept", "Now it can be argued with.", CRITERIA[:3])
    shot(tomas, "finished")
    tomas.goto(f"{site}/desk/")
    tomas.get_by_role("button", name=DIAGRAM).click()
    tomas.wait_for_url("**/submissions/**")
    finish(tomas, "Accept", "It can be read without you.", [])

    # She defends her design; the mentor records it, and it is the evidence of the last criterion.
    tomas.goto(month)
    tomas.get_by_role("link", name="Record a defence").click()
    tomas.get_by_label(f"{WORK}, version 2").check()
    tomas.get_by_label("Passed", exact=True).check()
    look(tomas)
    shot(tomas, "defence")
    tomas.get_by_role("button", name="Record the defence").click()
    tomas.wait_for_url("**/months/month-08/#defences")
    place = act_on_criterion(tomas, "Mark…", CRITERIA[3])
    place.get_by_label("Met", exact=True).check()
    defence = place.locator("option", has_text="Defence of").get_attribute("value")
    place.get_by_label("Evidence").select_option(defence)
    look(tomas)
    shot(tomas, "mark")
    place.get_by_role("button", name="Record the mark").click()
    expect(tomas.locator(".criterion", has_text=CRITERIA[3])).to_contain_text("in the defence of")

    # The month is complete, and each mark names its evidence.
    marks = Entry.objects.filter(kind="mark")
    assert [mark.decision for mark in marks] == ["met"] * len(CRITERIA)
    assert {mark.version.number for mark in marks if mark.version} == {2}
    assert [mark.defence is not None for mark in marks] == [False, False, False, True]
    assert Entry.objects.filter(kind="complete", learner=learner).count() == 1
    ines.goto(month)
    expect(ines.locator("main")).to_contain_text("is complete")
    look(ines)
    shot(ines, "complete")
