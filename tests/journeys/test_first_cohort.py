"""An admin from nothing: an empty site gets its first admin, a month, a cohort, and the people who learn in it."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Document
from people.models import Cohort, Invitation, Membership, User
from submissions.models import Review, Thread, Version
from tests.factories import PASSWORD, InvitationFactory
from tests.journeys.conftest import evaluate
from tests.journeys.test_story import WORK, NewContext, hand_in, log_in, write_a_comment
from tests.mails import Postbox, later, post_office

MONTHS = Path(__file__).parents[2] / "progress" / "demo" / "curriculum"
FIRST_ADMIN = {"SETUP_EMAIL": "helena@example.org", "SETUP_NAME": "Helena Costa", "SETUP_PASSWORD": PASSWORD}
TOMAS, SOFIA = "Tomas Lindqvist <tomas@example.org>", "Sofia Marques <sofia@example.org>"
INES, KWAME = "Ines Duarte <ines@example.org>", "Kwame Mensah <kwame@example.org>"


def link_for(address: str, box: Postbox) -> str:
    """The link in the newest mail to this address."""
    message = [one for one in box.messages if one["To"] == address][-1]
    plain = message.get_body(("plain",))
    assert plain is not None
    return re.findall(r"https?://\S+", plain.get_content())[0]


def invite(admin: Page, who: str, role: str, mentor: str = "", *, by_mail: bool = True) -> None:
    """From the cohort's page, as somebody who pastes a line; ends on the list of its invitations."""
    admin.get_by_role("link", name="Add people").click()
    admin.get_by_label("People", exact=False).first.fill(who)
    admin.get_by_label("Role").select_option(role)
    if mentor:
        admin.get_by_label("Own mentor").select_option(label=mentor)
    admin.get_by_role("button", name="See what would happen").click()
    expect(admin.get_by_role("table")).to_contain_text("is invited")
    button = "Invite 1 person by mail" if by_mail else "Invite without mail"
    admin.get_by_role("button", name=button).click()
    expect(admin.locator(".messagelist")).to_contain_text("1 invitation was written")


def line_of(admin: Page, address: str) -> Locator:
    """Somebody's line in the list of invitations, as it is now."""
    admin.goto(admin.url)
    return admin.locator("#result_list tbody tr", has_text=address)


def follow(page: Page, link: str) -> None:
    with page.expect_response("**/opening/"):  # the page says that a browser shows it
        page.goto(link)
    expect(page.get_by_role("heading", name="Join Winter 2027")).to_be_visible()


def join(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Join").click()
    expect(page.locator("#notices")).to_contain_text("You are in Winter 2027 now")


def is_kept(words: bytes, media: Path) -> bool:
    """Whether any stored file has these bytes in it."""
    return any(words in file.read_bytes() for file in media.rglob("*") if file.is_file())


@pytest.mark.once
def test_page_of_an_invitation_says_that_it_was_opened_however_late_its_script_comes(
    live_server: LiveServer, new_context: NewContext
) -> None:
    invitation = InvitationFactory.create(email="ines@example.org")
    page = new_context().new_page()

    def slowly(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/cairn.js", slowly)
    with page.expect_response("**/opening/") as told:
        page.goto(live_server.url + invitation.url)
    assert told.value.status == 200
    assert Invitation.objects.get().opened_at is not None


@pytest.mark.prove
def test_admin_begins_with_an_empty_site(
    live_server: LiveServer,
    new_context: NewContext,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    shot: Callable[[Page, str], None],
    media: Path,
    tmp_path: Path,
) -> None:
    site = settings.SITE_ORIGIN = live_server.url
    wide = {"viewport": {"width": 1440, "height": 900}}

    # The site is set up from the environment, and its first admin logs in.
    for name, value in FIRST_ADMIN.items():
        monkeypatch.setenv(name, value)
    told = StringIO()
    call_command("setup", stdout=told)
    assert "The first admin is helena@example.org." in told.getvalue()
    helena = new_context(permissions=["clipboard-read", "clipboard-write"], **wide).new_page()
    log_in(helena, site, "helena@example.org")
    expect(helena).to_have_url(f"{site}/admin/")
    shot(helena, "empty-admin")

    # She brings two months in; they are shown first, and published as they are.
    helena.get_by_role("link", name="Curricula").first.click()
    helena.get_by_role("link", name="Bring in Markdown").click()
    helena.get_by_label("Title of the new one").fill("ML Practitioner")
    helena.get_by_label("Markdown files").set_input_files(
        [MONTHS / "month-08" / "README.md", MONTHS / "month-09" / "README.md"]
    )
    helena.get_by_role("button", name="See what would happen").click()
    expect(helena.locator("#content")).to_contain_text(
        "months 1, weeks 4, tasks 16, deliverables 8, criteria 4"
    )
    shot(helena, "what-would-happen")
    assert not Document.objects.exists()
    helena.get_by_role("button", name="Bring in and publish 2 files").click()
    expect(helena.locator(".messagelist")).to_contain_text("2 files were brought in and are published")
    shot(helena, "curriculum")
    for document in Document.objects.select_related("published"):
        assert document.published is not None
        assert document.published.data == (MONTHS / document.path).read_bytes()

    # She starts a cohort that begins today, and invites its first mentor by mail.
    today = timezone.localdate()
    helena.goto(f"{site}/admin/")
    helena.get_by_role("link", name="Start a cohort").click()
    helena.get_by_role("textbox", name="Name:").fill("Winter 2027")
    helena.get_by_role("combobox", name="Curriculum").select_option(label="ML Practitioner")
    helena.get_by_role("textbox", name="Starts:").fill(today.isoformat())
    shot(helena, "new-cohort")
    helena.get_by_role("button", name="Save and continue editing").click()
    expect(helena.locator(".messagelist")).to_contain_text("was added successfully")
    shot(helena, "cohort")
    cohort, page_of_cohort = Cohort.objects.get(), helena.url
    assert [row.starts for row in cohort.month_starts.all()] == [today, today + timedelta(weeks=4)]
    with post_office() as box:
        invite(helena, TOMAS, "mentor")
        later()
        expect(line_of(helena, "tomas@example.org")).to_contain_text("sent")
        shot(helena, "invitations")
        tomas = new_context(**wide).new_page()
        follow(tomas, link_for("tomas@example.org", box))
        join(tomas)
        expect(tomas).to_have_url(f"{site}/desk/")

        # Of two learners one gets a mail, and the other the link, which she copies into a chat.
        helena.goto(page_of_cohort)
        invite(helena, INES, "learner", "Tomas Lindqvist")
        helena.goto(page_of_cohort)
        invite(helena, KWAME, "learner", "Tomas Lindqvist", by_mail=False)
        later()
    line = line_of(helena, "kwame@example.org")
    line.get_by_role("button", name="Copy").click()
    expect(line.get_by_role("button", name="Copied")).to_be_visible()
    copied = evaluate(helena, "navigator.clipboard.readText()")
    assert [message["To"] for message in box.messages] == ["tomas@example.org", "ines@example.org"]

    # The list says how far each of them is.
    ines, kwame = (new_context(**wide).new_page() for _ in range(2))
    follow(ines, link_for("ines@example.org", box))
    expect(line_of(helena, "ines@example.org")).to_contain_text(re.compile(r"sent.*opened", re.DOTALL))
    follow(kwame, copied)
    join(kwame)
    expect(line_of(helena, "kwame@example.org")).to_contain_text("joined")
    join(ines)
    expect(line_of(helena, "ines@example.org")).to_contain_text("joined")
    shot(helena, "followed")
    assert not Invitation.objects.standing().exists()
    learners = Membership.objects.learners().select_related("mentor")
    assert {str(learner.mentor) for learner in learners} == {"Tomas Lindqvist"}

    # A holiday is put into the second week, and the dates after it move.
    week_ends = [today + timedelta(days=days) for days in (6, 13, 20)]
    ines.goto(f"{site}/path/")
    expect(ines.locator("section", has=ines.get_by_role("heading", name="This week"))).to_contain_text(
        date_format(week_ends[0], "D j M")
    )
    helena.goto(page_of_cohort)
    helena.get_by_role("button", name="Add another Pause").click()
    pause = helena.locator("#pauses-0")
    pause.locator("input[name$=first]").fill((today + timedelta(days=1)).isoformat())
    pause.locator("input[name$=last]").fill((today + timedelta(days=7)).isoformat())
    helena.get_by_role("button", name="Save and continue editing").click()
    expect(helena.locator(".messagelist")).to_contain_text("The months' first days stay as they were told")
    helena.get_by_role("button", name="Save and move later months").click()
    expect(helena.locator(".messagelist")).to_contain_text("The dates of 1 cohort are new.")
    assert [row.starts for row in cohort.month_starts.all()] == [today, today + timedelta(weeks=5)]
    ines.reload()
    expect(ines.locator("section", has=ines.get_by_role("heading", name="This week"))).to_contain_text(
        date_format(week_ends[1], "D j M")
    )

    # Ines hands in; Tomas begins to review it, and has to leave before he is done. Sofia takes over what he has begun.
    ines.get_by_role("button", name=WORK).click()
    ines.wait_for_url("**/submissions/**")
    hand_in(ines, tmp_path, scripted=True)
    tomas.goto(f"{site}/desk/")
    tomas.get_by_role("button", name=WORK).click()
    write_a_comment(tomas, "Where does the registry end?", "must")
    with post_office() as box:
        helena.goto(page_of_cohort)
        invite(helena, SOFIA, "mentor")
        later()
    sofia = new_context(**wide).new_page()
    follow(sofia, link_for("sofia@example.org", box))
    join(sofia)
    helena.goto(page_of_cohort)
    helena.get_by_role("link", name="Replace a mentor").click()
    expect(helena.get_by_role("row", name="Tomas Lindqvist")).to_have_text(
        re.compile(r"Tomas Lindqvist\s*2\s*1\s*1")
    )
    helena.get_by_label("Who goes", exact=False).first.select_option(label="Tomas Lindqvist")
    helena.get_by_label("Who takes over:").select_option(label="Sofia Marques")
    shot(helena, "replacement")
    helena.get_by_role("button", name="Replace").click()
    expect(helena.locator(".messagelist")).to_contain_text(
        "Sofia Marques took over from Tomas Lindqvist: 2 learners, 1 work that waited, 1 review not sent yet"
    )
    shot(helena, "replaced")
    review = Review.objects.get()
    assert (str(review.mentor), review.is_draft, Thread.objects.get().kind) == ("Sofia Marques", True, "must")
    sofia.goto(f"{site}/desk/")
    sofia.get_by_role("button", name=re.compile(f"Continue.*{WORK}")).click()
    expect(sofia.locator("#threads")).to_contain_text("Where does the registry end?")
    assert not Cohort.objects.mentored_by(User.objects.get(email="tomas@example.org")).exists()

    # The file that Ines handed in has a secret in it: it goes, and the site says that something went.
    version = Version.objects.submitted().get()
    assert is_kept(b"flowchart", media)
    helena.goto(f"{site}/admin/")
    helena.get_by_role("link", name="Look at work").click()
    helena.get_by_role("link", name=WORK).click()
    shot(helena, "work")
    helena.get_by_role("link", name="Erase… overview.md").click()
    helena.get_by_label("Reason").fill("A password was in it.")
    helena.get_by_label("Type “").fill("erase")
    shot(helena, "erasing")
    helena.get_by_role("button", name="Erase for good").click()
    expect(helena.locator(".messagelist")).to_contain_text("Erased.")
    expect(helena.locator("#content")).to_contain_text("Erased file")
    assert version.files.get().erased_at is not None
    assert not is_kept(b"flowchart", media)
    sofia.reload()
    expect(sofia.locator("main")).to_contain_text("erased on")
    expect(sofia.locator("main")).not_to_contain_text("overview.md")
    told = StringIO()
    call_command("verify", stdout=told)
    assert told.getvalue().startswith("intact, 1 erased")
    assert User.objects.count() == 5
