"""Every page of learners and mentors, full, empty and with very long words: readable, in both themes, on any width."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.admin.intake import kept
from curriculum.models import Month
from curriculum.publication import publish
from people.models import Cohort, Membership, User
from progress import defence
from progress.models import Completion, Defence
from submissions.models import Review, Said, State, Submission, Thread
from tests.cast import make_cast, month_text
from tests.factories import CohortFactory, CurriculumFactory, MembershipFactory, mentor_of
from tests.journeys.conftest import evaluate

NewContext = Callable[..., BrowserContext]
WIDTHS = (320, 390, 820, 1440)
THOROUGH = bool(os.environ.get("PROVE") or os.environ.get("SHOTS"))
"""In make prove each page is looked at in every width and in the dark too; in make test at its widest and narrowest."""
WIDER = """
[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 8).map((one) => `${one.tagName}.${one.className}`).join(", ")
"""
SEND = """
(([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  for (const [name, value] of Object.entries({ ...fields, csrfmiddlewaretoken: document.body.dataset.csrf })) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  setTimeout(() => form.submit()); // After the answer to the debugger, which leaving the page could lose.
})(%s)
"""
Visit = str | tuple[str, dict[str, str]]
"""An address, or one with the fields of a form."""
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung " * 3


def full() -> dict[User, list[Visit]]:
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
    recording = reverse("progress:defence_new", args=[membership.uuid, waiting.submission.month.slug])
    cohort = Cohort.objects.get()
    return {
        ines: [
            "/path/",
            reverse("progress:curriculum_detail", args=[membership.uuid]),
            *months,
            *[work.get_absolute_url() for work in own.values()],
            claim,
            "/account/",
            "/search/?q=design",
            "/account/data/",
            "/help/markdown/",
        ],
        tomas: [
            "/desk/",
            "/desk/?show=reviewed",
            reverse("progress:cohort_detail", args=[cohort.uuid]),
            reverse("progress:learner_path", args=[membership.uuid]),
            months[1],
            review.version.submission.get_absolute_url(),
            own[State.ACCEPTED].get_absolute_url(),
            mark,
            recording,
            "/account/absences/",
            "/nothing-here/",
        ],
        User.objects.get(email="admin@demo.test"): [
            f"{cohort.get_absolute_url()}?ended=yes&sort=height&mentor=x"
        ],
    }


def empty() -> dict[User, list[Visit]]:
    """A cohort that nobody has done anything in, in a curriculum without a month."""
    cohort = CohortFactory.create(curriculum=CurriculumFactory.create())
    learner = MembershipFactory.create(cohort=cohort)
    mentor = mentor_of(CohortFactory.create(curriculum=cohort.curriculum))
    alone = Cohort.objects.get(memberships__user=mentor)
    gone = MembershipFactory.create(cohort=cohort)
    gone.end()
    return {
        gone.user: ["/", reverse("progress:learner_path", args=[gone.uuid])],
        learner.user: ["/path/"],
        mentor: ["/desk/", "/desk/?show=reviewed", reverse("progress:cohort_detail", args=[alone.uuid])],
    }


def refused() -> dict[User, list[Visit]]:
    """What a form without the page's script leads to when it is not taken."""
    cast = make_cast()
    version = cast.hand_in()
    work = version.submission
    sent = Review.objects.begin(version, cast.mentor)
    point = Thread.objects.open(version, cast.mentor, Said("Name the queue.", uuid4(), "must"), sent)
    sent.publish(Review.Verdict.CHANGES)
    begun = Review.objects.begin(version, cast.mentor)
    begun.save_draft("", "Written in the other window", 0)

    def to(name: str, row: Any, **fields: str) -> Visit:
        return reverse(f"submissions:{name}", args=[row.uuid]), fields

    return {
        cast.learner.user: [
            to(
                "submission_submit", work, text="Better", link="no address", note="", version="", revision="0"
            ),
            to("comment_new", point, do="disagree", body="", key=str(uuid4())),
        ],
        cast.mentor: [
            to("review_draft", begun, summary="Mine", revision="0"),
            to("review_draft", begun, summary="x" * 200_001, revision="1"),
            to("review_withdraw", sent, reason=""),
            to("thread_new", work, body="", key=str(uuid4()), version="1", latest="1"),
            (reverse("submissions:comment_new", args=[uuid4()]), {"body": "Words about something gone"}),
        ],
    }


def defended() -> dict[User, list[Visit]]:
    """A month with defences of each outcome."""
    cast = make_cast()
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    for outcome in Defence.Outcome.values:
        defence.record(
            cast.learner,
            cast.month,
            cast.mentor,
            at=timezone.now(),
            minutes=45,
            present=[cast.learner.user, cast.mentor],
            versions=[cast.hand_in()],
            outcome=outcome,
            corrections_by=timezone.localdate() + timedelta(days=7) if outcome == "corrections" else None,
            note="Calm and exact.\n\nThe replay was not thought through.",
            key=uuid4(),
        )
    return {cast.learner.user: ["/path/", month], cast.mentor: [month]}


def changed() -> dict[User, list[Visit]]:
    """A month that was changed since its learner ticked, and the copy that they kept beside it."""
    words = "Read the chapter on replication and write half a page about it"
    text = month_text().replace("Task 1.1", words)
    cast = make_cast(text)
    for task in cast.month.tasks.all():
        Completion.objects.tick(cast.learner, task)
    Completion.objects.note(cast.learner, cast.task, "Took two evenings.")
    newer = text.replace("half a page", "a whole page").replace("- [ ] A requirement", "")
    publish(cast.month.document, newer.replace("- [ ] Task 1.2\n", "- [ ] Draw it\n"), accept_loss=True)
    copy = text.replace(f"- [ ] {words}\n", f"- [x] {words}\n  In three evenings.\n")
    copy = copy.replace("- [ ] Task 1.2\n", "- [x] Wrote an essay\n- [x] Draw it\n").replace("[ ]", "[x]")
    files = [("README.md", copy.encode()), ("picture.md", b"\xff")]
    own = [cast.learner.uuid, cast.month.slug]
    return {
        cast.learner.user: [
            reverse("progress:month_detail", args=own),
            reverse("progress:month_changes", args=own),
            (reverse("progress:fork", args=own[:1]), {"kept": kept(files)}),
        ]
    }


def long_words() -> dict[User, list[Visit]]:
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


def visit(page: Page, site: str, place: Visit) -> None:
    """Go to an address, or send a form there as a page without its script does."""
    if isinstance(place, str):
        page.goto(site + place)
        return
    address, fields = place
    page.goto(f"{site}/account/")
    with page.expect_navigation(url=site + address):
        evaluate(page, SEND % json.dumps([address, fields]))


@pytest.fixture
def look(axe: Callable[..., None], shot: Callable[[Page, str], None]) -> Callable[[Page, str], None]:
    """Fails on a page that is not accessible, in either theme, or is wider than the window."""

    def at(page: Page, name: str) -> None:
        axe(page)
        if THOROUGH:  # tests/test_look.py knows the pairs of colours
            page.emulate_media(color_scheme="dark")
            axe(page, "color-contrast")
            shot(page, f"{name}-dark")
            page.emulate_media(color_scheme="light")
        for width in WIDTHS if THOROUGH else WIDTHS[:1]:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.locator("html").evaluate("root => root.scrollWidth")
            assert wide <= width, f"{page.url} is {wide} wide at {width}: {evaluate(page, WIDER)}"
            shot(page, f"{name}-{width}")
            if width == WIDTHS[0] and THOROUGH:
                axe(page)
        page.set_viewport_size({"width": WIDTHS[-1], "height": 900})

    return at


@pytest.mark.law
@pytest.mark.parametrize(
    "world",
    [
        full,
        long_words,
        *(pytest.param(one, marks=pytest.mark.prove) for one in (empty, refused, defended, changed)),
    ],
)
def test_pages_are_accessible_and_fit_any_width(
    live_server: LiveServer,
    context: BrowserContext,
    look: Callable[[Page, str], None],
    log_in_as: Callable[[BrowserContext, User], None],
    world: Callable[[], dict[User, list[Visit]]],
) -> None:
    for person, addresses in world().items():
        log_in_as(context, person)
        page = context.new_page()
        for place, address in enumerate(addresses):
            visit(page, live_server.url, address)
            look(page, f"{person.pk}-{place}")
        page.close()


def test_page_of_who_was_logged_out_gives_the_words_back(
    live_server: LiveServer,
    context: BrowserContext,
    look: Callable[[Page, str], None],
    log_in_as: Callable[[BrowserContext, User], None],
) -> None:
    cast = make_cast()
    address = reverse("submissions:thread_new", args=[cast.hand_in().submission.uuid])
    log_in_as(context, cast.learner.user)
    page = context.new_page()
    page.goto(f"{live_server.url}/account/")
    context.clear_cookies(name=site.SESSION_COOKIE_NAME)

    with page.expect_navigation(url=live_server.url + address):
        evaluate(page, SEND % json.dumps([address, {"body": "An hour of words"}]))

    expect(page.locator("main")).to_contain_text("An hour of words")
    look(page, "logged-out")
