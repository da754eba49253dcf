"""A mentor's evening: from the daily mail to a desk on which nothing waits."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise
from uuid import uuid4

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import Notification
from progress import record
from progress.models import Entry
from submissions.models import Comment, Review, Said, Thread
from tests.cast import make_cast, month_text
from tests.factories import PASSWORD
from tests.journeys.test_story import NewContext, act_on_criterion, finish
from tests.mails import later, post_office

DAY = timedelta(days=1)


def lines(mail: EmailMessage) -> dict[str, str]:
    """The links of a mail, each with its sentence."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    words = plain.get_content().splitlines()
    return {link: said for said, link in pairwise(words) if link.startswith("http") and said.endswith(".")}


@pytest.mark.prove
@pytest.mark.once
def test_mentor_works_through_what_the_daily_mail_tells(
    live_server: LiveServer,
    new_context: NewContext,
    settings: LazySettings,
    shot: Callable[[Page, str], None],
) -> None:
    site = settings.SITE_ORIGIN = live_server.url
    school = make_cast(month_text(works=2))
    ines, kwame, tomas = school.learner, school.fellow, school.mentor
    first, second = school.month.deliverables.order_by("pk")

    # What came in during the day: a work of each, a question, and a claim.
    accepted = school.hand_in(ines, first, "# A map")
    review = Review.objects.begin(accepted, tomas)
    review.save_draft("accept", "Clear.", review.revision)
    review.publish("accept")
    Thread.objects.open(accepted, ines.user, Said("Is one region enough?", uuid4()))
    record.claim(ines, school.criteria[0], ines.user, version=accepted)
    school.hand_in(ines, second, "# A plan")
    school.hand_in(kwame, second, "# Another plan")

    # In the morning all of it is one mail. Its first link leads past the log-in to the work.
    with post_office() as box:
        later(DAY)
        (mail,) = [message for message in box.messages if message["To"] == tomas.email]
        told = lines(mail)
        assert mail["Subject"] == "4 things wait for you"
        assert sorted(told.values()) == [
            "Ines Duarte handed in “Work 1.2”.",
            "Ines Duarte thinks that “Criterion 1” is met.",
            "Ines Duarte wrote about “Work 1.1”.",
            "Kwame Mensah handed in “Work 1.2”.",
        ]
        page = new_context(viewport={"width": 390, "height": 844}).new_page()
        page.goto(
            next(link for link, sentence in told.items() if sentence.startswith("Ines Duarte handed in"))
        )
        shot(page, "asked-to-log-in")
        page.get_by_label("Email").fill(tomas.email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/submissions/**")
        shot(page, "work")
        page.get_by_role("button", name="Start review").click()
        finish(page, "Accept", "It can be carried out.", [])

        # The desk has the other work, then the question, then the claim.
        page.goto(f"{site}/desk/")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Nothing waits for you first; 1 waits for your cohort"
        )
        shot(page, "desk")
        page.get_by_role("button", name="Review").click()
        page.wait_for_url("**/submissions/**")
        finish(page, "Request changes", "What does it cost?", [])
        page.goto(f"{site}/desk/")
        expect(page.get_by_role("heading", level=1)).to_have_text("No work waits for you, but questions do")
        page.get_by_role("link", name="Is one region enough?").click()
        page.wait_for_url("**/submissions/**")
        asked = page.locator(".thread", has_text="Is one region enough?")
        shot(page, "question")
        asked.locator("summary", has_text="Reply").click()
        asked.get_by_label("Your reply").fill("For now. Say what a second one would cost.")
        asked.get_by_role("button", name="Send now").click()
        expect(asked).to_contain_text("For now. Say what a second one would cost.")
        page.goto(f"{site}/desk/")
        expect(page.get_by_role("heading", level=1)).to_have_text("No work waits for you, but claims do")
        page.get_by_role("link", name="Criterion 1").click()
        page.wait_for_url("**/months/**")
        place = act_on_criterion(page, "Mark…", "Criterion 1")
        expect(place.get_by_label("Evidence")).not_to_have_value("")  # it is what the learner named
        place.get_by_label("Met", exact=True).check()
        shot(page, "claim")
        place.get_by_role("button", name="Record the mark").click()
        expect(page.locator(".criterion", has_text="Criterion 1")).to_contain_text("Tomas Lindqvist")
        page.goto(f"{site}/desk/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits for you")
        expect(page.locator(".queue li")).to_have_count(0)
        shot(page, "empty")

        # It is all in the database, both learners are told, and the next morning brings Tomas no mail.
        verdicts = Review.objects.counted().order_by("pk").values_list("verdict", flat=True)
        assert list(verdicts) == ["accept", "accept", "changes"]
        assert Comment.objects.filter(author=tomas).get().body == "For now. Say what a second one would cost."
        mark = Entry.objects.get(kind="mark")
        assert (mark.criterion, mark.decision, mark.version) == (school.criteria[0], "met", accepted)
        assert not Notification.objects.of(tomas).still_waiting().exists()
        assert not Notification.objects.of(tomas).unread().exists()
        box.messages.clear()
        later(DAY)
        assert {message["To"] for message in box.messages} == {ines.user.email, kwame.user.email}
