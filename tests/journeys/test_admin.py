"""A month is edited in the admin in a real browser, and every page of the admin is looked at by axe."""

import os
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Criterion, Deliverable, Document, Idea, Month, Resource, Task
from curriculum.publication import publish
from people.models import Cohort, User
from progress.models import Completion
from tests.factories import (
    PASSWORD,
    CohortFactory,
    CurriculumFactory,
    DocumentFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
    mentor_of,
)

MONTH = Path(__file__).parents[2] / "progress" / "demo" / "curriculum" / "month-08" / "README.md"

EDITS = [
    ("- [ ] Learn about feature stores\n- [ ] Study model registries\n", ""),
    (
        "- [ ] Explore orchestration tools\n",
        "- [ ] Explore orchestration tools\n- [ ] Study model registries\n",
    ),
    ("- [ ] Study data quality systems\n", ""),
    (
        "- [ ] Design serving architecture\n",
        "- [ ] Study data quality systems\n- [ ] Design serving architecture\n",
    ),
    ("- [ ] Plan for high availability\n", ""),
    ("- [ ] Understand caching", "- [ ] Plan for high availability\n- [ ] Understand caching"),
    ("Choose an ML system to design", "Choose *one* system to design"),
    (
        "- [ ] Present and defend design\n",
        "- [ ] Present and defend design\n- [ ] Write down what you gave up\n",
    ),
    ("- Architecture diagrams\n", "- Architecture diagrams\n- Decision record\n"),
    ("Design is defensible", "Design is defended"),
    ("Fraud detection platform", "Fraud detection"),
    ("Google's ML System Design papers", "Papers on ML systems at Google"),
]
"""What the story changes in the text, and nothing else."""

Axe = Callable[..., None]
Shot = Callable[[Page, str], None]
Contexts = Callable[..., BrowserContext]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: LazySettings) -> str:
    return str(live_server.url)


@pytest.fixture
def cohort(site: str) -> Cohort:
    """A cohort that learns Month 08."""
    curriculum = CurriculumFactory.create(slug="ai", title="AI Practitioner")
    publish(
        DocumentFactory.create(curriculum=curriculum, path="month-08/README.md"), MONTH.read_bytes().decode()
    )
    cohort: Cohort = CohortFactory.create(curriculum=curriculum, name="Spring 2027", starts=date(2027, 1, 4))
    return cohort


@pytest.fixture
def page(new_context: Contexts, site: str) -> Page:
    """An admin's browser."""
    admin = UserFactory.create(name="Rosa", is_staff=True, is_superuser=True)
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    log_in(page, site, admin)
    return page


def log_in(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def address(site: str, name: str, *args: Any) -> str:
    return site + reverse(f"admin:{name}", args=args)


def row(page: Page, words: str) -> Locator:
    """The line of a list that holds these words; the words are looked up once."""
    index = page.locator(".entry.djn-item textarea").evaluate_all(
        "(boxes, words) => boxes.findIndex((box) => box.value === words)", words
    )
    assert index >= 0, f"no line says {words!r}"
    box = page.locator(".entry.djn-item textarea").nth(index).get_attribute("id")
    return page.locator(f".entry:has(> .fields #{box})")


def box(line: Locator) -> Locator:
    return line.locator("textarea")


def said(line: Locator) -> list[str]:
    """What the lines of a line's list say, in their order."""
    return (
        line.locator("xpath=..")
        .locator("> .djn-item textarea")
        .evaluate_all("(boxes) => boxes.map((box) => box.value)")
    )


def drag(page: Page, line: Locator, onto: Locator) -> None:
    """By the mouse, in steps, as a hand does it."""
    line.scroll_into_view_if_needed()
    handle, place = line.locator(".drag-handler").bounding_box(), onto.bounding_box()
    assert handle is not None
    assert place is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 6, steps=3)
    page.mouse.move(x + 3, place["y"] + place["height"] / 2, steps=12)
    page.mouse.move(x + 3, place["y"] + place["height"] * 0.9, steps=6)
    page.mouse.up()


def press(page: Page, line: Locator, name: str) -> None:
    """A button of a line, by the keyboard."""
    line.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def add(group: Locator, name: str, words: str) -> Locator:
    group.get_by_role("button", name=f"Add {name}", exact=True).click()
    new = group.locator("> .djn-items > .djn-item").last
    # The first field of what was added has the focus.
    expect(new.locator("textarea, input:not([type=hidden])").first).to_be_focused()
    box(new).fill(words)
    return new


def save(page: Page) -> None:
    page.get_by_role("button", name="Publish and go on editing").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_month_is_edited_in_the_admin(page: Page, site: str, cohort: Cohort, axe: Axe, shot: Shot) -> None:
    document, month = Document.objects.get(), Month.objects.get()
    registries, stores = (
        Task.objects.get(text="Study model registries"),
        Task.objects.get(text="Learn about feature stores"),
    )
    learner = MembershipFactory.create(cohort=cohort, user__name="Lena")
    for task in (registries, stores):
        Completion.objects.create(learner=learner, task=task, done_at=timezone.now())
    page.goto(address(site, "curriculum_month_changelist"))
    page.get_by_role("link", name="Month 08: System Design").click()
    expect(page.get_by_role("heading", name="Month 08: System Design")).to_be_visible()

    # By the mouse: the third task to the end of its week.
    line = row(page, registries.text)
    drag(page, line, row(page, "Explore orchestration tools"))
    assert said(row(page, registries.text)) == [
        "Understand ML system architecture",
        "Learn about feature stores",
        "Explore orchestration tools",
        "Study model registries",
    ]
    # By the keyboard: within a week, and past its end into the next.
    line = row(page, "Plan for high availability")
    press(page, line, "Move up")
    press(page, line, "Move up")
    expect(line.get_by_role("button", name="Move up")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("2 of 4")
    line = row(page, "Study data quality systems")
    press(page, line, "Move down")
    expect(page.get_by_role("status")).to_have_text("1 of 5")
    line = row(page, "Study data quality systems")
    expect(line.get_by_role("button", name="Move down")).to_be_focused()

    # What cannot be saved takes the focus, and nothing that was done is lost.
    wrong = row(page, "Choose an ML system to design")
    box(wrong).fill("")
    row(page, stores.text).get_by_label("Remove").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("[aria-invalid=true]")).to_be_focused()
    expect(row(page, stores.text).get_by_label("Remove")).to_be_checked()
    assert said(row(page, registries.text))[3] == registries.text
    axe(page)
    shot(page, "refused")
    page.locator("[aria-invalid=true]").fill("Choose an ML system to design")

    # Words, and what is new, gone and reworded.
    box(row(page, "Choose an ML system to design")).fill("Choose *one* system to design")
    week = page.locator(".part", has=page.get_by_role("heading", name="Week 4"))
    add(week.locator(".rows").nth(0), "task", "Write down what you gave up")
    add(week.locator(".rows").nth(1), "deliverable", "Decision record")
    box(row(page, "Design is defensible")).fill("Design is defended")
    box(row(page, "Fraud detection platform")).fill("Fraud detection")
    resource = row(page, "Google's ML System Design papers")
    box(resource).fill("Papers on ML systems at Google")
    page.get_by_label("What changed").fill("Less to study")
    axe(page)
    shot(page, "edited")
    save(page)
    expect(page.locator(".messagelist .warning")).to_contain_text(stores.text)

    document.refresh_from_db()
    assert document.published is not None
    assert (document.published.number, document.published.message) == (2, "Less to study")
    expected = MONTH.read_text()
    for before, after in EDITS:
        assert before in expected
        expected = expected.replace(before, after)
    assert document.published.source == expected

    registries.refresh_from_db()
    stores.refresh_from_db()
    assert (registries.archived_at, registries.position) == (None, 2)
    assert stores.archived_at is not None
    assert set(Completion.objects.values_list("task", flat=True)) == {registries.pk, stores.pk}
    moved = Task.objects.get(text="Study data quality systems")
    assert moved.week is not None
    assert (moved.week.number, moved.position, moved.archived_at) == (3, 0, None)
    for model, words in [
        (Task, "Choose *one* system to design"),
        (Task, "Write down what you gave up"),
        (Deliverable, "Decision record"),
        (Criterion, "Design is defended"),
        (Idea, "Fraud detection"),
        (Resource, "Papers on ML systems at Google"),
    ]:
        rows: Any = model._default_manager
        assert rows.live().filter(text=words).count() == 1, words

    # The edition before, with one click.
    page.goto(address(site, "curriculum_document_change", document.pk))
    page.get_by_role("table").get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".compared del").first).to_be_visible()
    axe(page)
    shot(page, "edition")
    page.get_by_role("button", name="Restore this edition").click()
    expect(page.locator(".messagelist .success")).to_contain_text("published again, as edition 3")
    document.refresh_from_db()
    assert document.published.data == MONTH.read_bytes()
    assert Task.objects.live().filter(pk=stores.pk).exists()
    assert Task.objects.live().filter(month=month).count() == 16


def test_stale_save_shows_both_texts(page: Page, site: str, cohort: Cohort, axe: Axe, shot: Shot) -> None:
    document, month = Document.objects.get(), Month.objects.get()
    page.goto(address(site, "curriculum_month_change", month.pk))
    box(row(page, "Study model registries")).fill("Study two model registries")
    line = row(page, "Learn data versioning")
    press(page, line, "Move up")
    assert document.published is not None
    meanwhile = document.published.source.replace(
        "Learn about feature stores", "Learn about one feature store"
    )
    publish(document, meanwhile)

    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page.get_by_role("heading", name="Both changes")).to_be_visible()
    expect(page.locator(".errorlist").first).to_contain_text("Edition 2 was published while you were editing")
    texts = page.locator(".compared")
    expect(texts.locator(".new", has_text="Learn about one feature store")).to_be_visible()
    expect(texts.locator(".new", has_text="Study two model registries")).to_be_visible()
    expect(page.get_by_label("Your text", exact=True)).to_have_value(re.compile("Study two model registries"))
    assert said(row(page, "Study two model registries"))[2] == "Study two model registries"
    assert said(row(page, "Learn data versioning"))[1] == "Learn data versioning"
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    shot(page, "stale")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not overflow(page)
    document.refresh_from_db()
    assert document.published.source == meanwhile


def test_month_that_is_bare_gets_its_first_parts(page: Page, site: str, cohort: Cohort) -> None:
    document = DocumentFactory.create(curriculum=cohort.curriculum, path="month-09/README.md")
    publish(document, "# Month 09: Bare\n\n## Navigation\n\n- [Back](../README.md)\n")
    month = document.months.get()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address(site, "curriculum_month_change", month.pk))

    resource = add(page.locator("#resources-group"), "resource", "A book")
    resource.get_by_label("Group").fill("Books")
    weeks = page.locator("#weeks-group")
    weeks.get_by_role("button", name="Add week").click()
    week = weeks.locator("> .djn-items > .djn-item").last
    week.get_by_label("Title").fill("First")
    add(week.locator(".rows").nth(0), "task", "Read it")
    project = page.locator("#projects-group")
    project.get_by_role("button", name="Add project").click()
    project = project.locator("> .djn-items > .djn-item").last
    project.get_by_label("Title").fill("Build")
    project.get_by_label("Brief").fill("Something small.\n\nAnd whole.")
    add(project.locator(".rows"), "idea", "A shop")
    add(page.locator("#criteria-group"), "criterion", "It runs")
    page.get_by_label("Label").first.fill("Month 10")
    save(page)

    document.refresh_from_db()
    assert document.published is not None
    assert document.published.source == (
        "# Month 10: Bare\n\n"
        "## Weekly Breakdown\n\n### Week 1: First\n\n**Tasks**:\n- [ ] Read it\n\n"
        "## Resources\n\n### Books\n\n- A book\n\n"
        "## Project: Build\n\nSomething small.\n\nAnd whole.\n\n**Project ideas**:\n- A shop\n\n"
        "## Success Criteria\n\n- [ ] It runs\n\n"
        "## Navigation\n\n- [Back](../README.md)\n"
    )


@pytest.mark.prove
@pytest.mark.law
def test_pages_of_the_admin(page: Page, site: str, cohort: Cohort, axe: Axe, shot: Shot) -> None:
    mentor = mentor_of(cohort, name="Tomas")
    MembershipFactory.create(cohort=cohort, user__name="Lena", mentor=mentor)
    InvitationFactory.create(cohort=cohort, email="ana@example.org", created_by=mentor)
    document = Document.objects.get()
    pages: list[tuple[str, list[Any]]] = [
        ("index", []),
        ("curriculum_curriculum_changelist", []),
        ("curriculum_month_changelist", []),
        ("curriculum_document_changelist", []),
        ("people_cohort_changelist", []),
        ("people_user_changelist", []),
        ("people_membership_changelist", []),
        ("people_invitation_changelist", []),
        ("curriculum_curriculum_change", [cohort.curriculum.pk]),
        ("curriculum_month_change", [Month.objects.get().pk]),
        ("curriculum_document_change", [document.pk]),
        ("curriculum_document_edition", [document.pk, 1]),
        ("people_cohort_change", [cohort.pk]),
        ("people_cohort_add_people", [cohort.pk]),
        ("people_cohort_copy", [cohort.pk]),
        ("people_cohort_replacement", [cohort.pk]),
        ("submissions_submission_changelist", []),
        ("people_mail_changelist", []),
        ("people_cohort_add", []),
        ("people_membership_add", []),
        ("curriculum_curriculum_intake", []),
    ]
    for name, args in pages:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(address(site, name, *args))
        if name == "index":
            rows = {width: figures_in_rows(page, width) for width in (390, 820, 1440)}
            assert rows == {390: [2, 2, 2], 820: [3, 3], 1440: [3, 3]}
        if os.environ.get("PROVE"):
            axe(page)
        shot(page, f"{name}-light")
        page.emulate_media(color_scheme="dark")
        axe(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert not overflow(page), name
        shot(page, f"{name}-phone")


def figures_in_rows(page: Page, width: int) -> list[int]:
    """How many figures of the home stand in each row."""
    page.set_viewport_size({"width": width, "height": 900})
    tops = page.locator(".figures li").evaluate_all("all => all.map(one => one.offsetTop)")
    return list(Counter(tops).values())


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.locator("html").evaluate("(html) => html.scrollWidth - html.clientWidth")
    return wider
