"""Every page of learners and mentors, full, empty and with very long words: readable, in both themes, on any width."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Month
from people.models import Cohort, Membership, User
from submissions.models import Review, State, Submission
from tests.cast import make_cast, month_text
from tests.factories import CohortFactory, CurriculumFactory, MembershipFactory, mentor_of
from tests.journeys.conftest import evaluate

NewContext = Callable[..., BrowserContext]
WIDTHS = (320, 390, 820, 1440)
WIDER = """
[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 8).map((one) => `${one.tagName}.${one.className}`).join(", ")
"""
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung " * 3


def full() -> dict[User, list[str]]:
    """The demo, with its work in every state, and a review that is being written."""
    call_command("demo", verbosity=0)
    ines, tomas = (User.objects.get(email=f"{name}@demo.test") for name in ("learner", "mentor"))
    membership = Membership.objects.get(user=ines)
    works = Submission.objects.with_state()
    own = {work.state: work for work in works.filter(learner=membership)}
    assert own.keys() == {State.NONE, State.DRAFT, State.WAITING, State.CHANGES, State.ACCEPTED}
    waiting = own[State.WAITING].last_version
    assert waiting is not None
    review = Review.objects.begin(waiting, tomas)
    months = [
        reverse("progress:month_detail", args=[membership.uuid, month.slug]) for month in Month.objects.live()
    ]
    criterion = waiting.submission.month.criteria.last()
    assert criterion is not None
    claim, mark = (
        reverse(f"progress:{name}", args=[membership.uuid, criterion.uuid]) for name in ("claim", "mark")
    )
    defence = reverse("progress:defence_new", args=[membership.uuid, waiting.submission.month.slug])
    cohort = Cohort.objects.get()
    return {
        ines: ["/path/", *months, *[work.get_absolute_url() for work in own.values()], claim, "/account/"],
        tomas: [
            "/desk/",
            "/desk/?show=reviewed",
            reverse("progress:cohort_detail", args=[cohort.uuid]),
            reverse("progress:learner_path", args=[membership.uuid]),
            months[1],
            review.version.submission.get_absolute_url(),
            own[State.ACCEPTED].get_absolute_url(),
            mark,
            defence,
            "/nothing-here/",
        ],
    }


def empty() -> dict[User, list[str]]:
    """A cohort that nobody has done anything in, in a curriculum without a month."""
    cohort = CohortFactory.create(curriculum=CurriculumFactory.create())
    learner = MembershipFactory.create(cohort=cohort)
    mentor = mentor_of(CohortFactory.create(curriculum=cohort.curriculum))
    alone = Cohort.objects.get(memberships__user=mentor)
    return {
        learner.user: ["/path/"],
        mentor: ["/desk/", "/desk/?show=reviewed", reverse("progress:cohort_detail", args=[alone.uuid])],
    }


def long_words() -> dict[User, list[str]]:
    """Names and titles as long as they may be, some of them one word."""
    text = month_text().replace("System Design", LONG).replace("Task 1.1", LONG * 2).replace("Work", LONG)
    cast = make_cast(text.replace("Criterion 1", LONG).replace("Part 1", LONG).replace("Search", LONG))
    User.objects.update(name=LONG[:150])
    Cohort.objects.filter(pk=cast.cohort.pk).update(name=LONG[:150], notice=LONG)
    version = cast.hand_in(
        text=f"# {LONG}\n\n`{'x' * 400}`\n\n| {LONG} | b |\n|---|---|\n| {'y' * 200} | d |"
    )
    own = [
        reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug]),
        version.submission.get_absolute_url(),
    ]
    cohort = reverse("progress:cohort_detail", args=[cast.cohort.uuid])
    return {cast.learner.user: ["/path/", *own, "/account/"], cast.mentor: ["/desk/", cohort, *own]}


@pytest.fixture
def context(new_context: NewContext, settings: Any) -> BrowserContext:
    settings.DEMO = True
    return new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")


@pytest.mark.parametrize("world", [full, empty, long_words])
def test_pages_are_accessible_and_fit_any_width(
    live_server: LiveServer,
    context: BrowserContext,
    axe: Callable[..., None],
    shot: Callable[[Page, str], None],
    log_in_as: Callable[[BrowserContext, User], None],
    world: Callable[[], dict[User, list[str]]],
) -> None:
    for person, addresses in world().items():
        log_in_as(context, person)
        page = context.new_page()
        for place, address in enumerate(addresses):
            page.goto(live_server.url + address)
            axe(page)
            page.emulate_media(color_scheme="dark")
            axe(page, "color-contrast")
            shot(page, f"{person.pk}-{place}-dark")
            page.emulate_media(color_scheme="light")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wide = page.locator("html").evaluate("root => root.scrollWidth")
                assert wide <= width, f"{address} is {wide} wide at {width}: {evaluate(page, WIDER)}"
                shot(page, f"{person.pk}-{place}-{width}")
                if width == WIDTHS[0]:
                    axe(page)
        page.close()
