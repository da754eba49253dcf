"""What pages call the months of a curriculum: by the word that its author uses, and never by another one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Month
from curriculum.publication import publish
from curriculum.units import Units
from people.models import Cohort
from progress import record
from tests.cast import Cast, month_text, publish_month
from tests.mails import later
from tests.routes import PEOPLE, World, undone
from tests.test_access import ROWS

pytestmark = pytest.mark.once

SAID = re.compile(r"\bmonths?\b", re.IGNORECASE)
HEARD = {"alt", "aria-label", "content", "data-cap", "data-said", "label", "placeholder", "title"}
"""Attributes that people read or hear."""
FOR_AUTHORS = {"curriculum:markdown_help"}
"""It tells how a month is written, whatever it is called."""
AS_MODULE = ("# Month", "# Module")


class Words(HTMLParser):
    """The words of a page, without its addresses, classes and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code = tag in ("script", "style")
        self.heard += [value or "" for name, value in attrs if name in HEARD]

    def handle_endtag(self, tag: str) -> None:
        self.is_code = False

    def handle_data(self, data: str) -> None:
        if not self.is_code:
            self.heard.append(data)


def words(html: str) -> str:
    page = Words()
    page.feed(html)
    return re.sub(r"\s+", " ", " ".join(page.heard))


def plain(text: str) -> str:
    """A text without its addresses, its long lines put together as calendar programs do."""
    return re.sub(r"https?://\S+", "", text.replace("\r\n ", ""))


def said(answer: Any) -> str:
    """The words of an answer of ours; nothing of a file that somebody handed in, or takes away."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    told = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    if answer.streaming or kind not in ("text/html", "text/calendar", "text/csv"):
        return told
    text = answer.content.decode()
    return f"{told} {words(text) if kind == 'text/html' else plain(text)}"


def walked(world: World, *methods: str) -> dict[str, str]:
    """What each address of ours says to the learner and to the mentor, as far as the access table lets them in."""
    found: dict[str, str] = {}
    for place, *answers in ROWS:
        name, method, case = [*place.split(), ""][:3]
        for person in ("learner", "mentor"):
            if (
                method not in methods
                or name in FOR_AUTHORS
                or answers[PEOPLE.index(person)] not in ("200", "302")
            ):
                continue
            with undone():
                client, address = world.client(person), world.address(name, case)
                if method == "GET":
                    answer = client.get(address)
                else:
                    answer = client.post(address, world.form(name), headers={"HX-Request": "true"})
                found[f"{person} {place}"] = said(answer)
                if answer.streaming:
                    answer.getvalue()  # to its end, so that its file is closed
    return found


def wrong(pages: dict[str, str]) -> dict[str, list[str]]:
    """Where it is a month, with what stands around it."""
    around = re.compile(rf".{{0,60}}{SAID.pattern}.{{0,60}}", re.IGNORECASE)
    return {name: around.findall(text) for name, text in pages.items() if SAID.search(text)}


def test_no_page_calls_a_module_a_month(db: None, media: Path) -> None:
    """On every address of ours outside of the admin, and in the answer to every form."""
    pages = walked(World(month_text(works=5).replace(*AS_MODULE)), "GET", "POST")
    assert len(pages) > 60
    assert wrong(pages) == {}
    assert "Modules, at the end" in pages["learner progress:month_detail GET"]
    assert "All modules" in pages["learner progress:path GET"]
    assert "the module is complete" in pages["learner progress:path GET"]


def test_months_are_called_months(world: World) -> None:
    """So that the test above can fail: the same pages of a curriculum of months."""
    pages = walked(world, "GET")
    told = {"learner_path", "curriculum_detail", "month_detail", "submission_detail", "month_changes"}
    assert {name.split(":")[1].removesuffix(" GET") for name in wrong(pages)} >= told | {
        "cohort_detail",
        "cohort_sheet",
        "desk",
    }
    assert "Months, at the end" in pages["learner progress:month_detail GET"]


@pytest.fixture
def modules(cast: Cast) -> Cast:
    """Two modules whose last days have passed, with all that a page says of a complete and of a changed one."""
    publish(cast.month.document, month_text(weeks=2).replace(*AS_MODULE), accept_loss=True)
    publish_month(cast.curriculum, month_text(9).replace(*AS_MODULE), "module-09/README.md")
    Cohort.objects.update(starts=timezone.localdate() - timedelta(days=100))
    cast.month.refresh_from_db()
    return cast


def shown(client: Client, cast: Cast) -> Iterator[tuple[str, str]]:
    """The pages of learner and mentor, by role and address."""
    own, month = cast.learner.uuid, Month.objects.get(pk=cast.month.pk).slug
    pages = {
        "learner": [
            reverse("progress:path"),
            reverse("progress:month_detail", args=[own, month]),
            reverse("progress:month_changes", args=[own, month]),
            reverse("people:notifications"),
            reverse("progress:own_data"),
        ],
        "mentor": [
            reverse("progress:learner_path", args=[own]),
            reverse("progress:month_detail", args=[own, month]),
            reverse("progress:defence_new", args=[own, month]),
            cast.cohort.get_absolute_url(),
            reverse("progress:cohort_sheet", args=[cast.cohort.uuid]),
            reverse("progress:desk"),
            reverse("progress:search") + "?q=task",
        ],
    }
    for role, addresses in pages.items():
        client.force_login(cast.mentor if role == "mentor" else cast.learner.user)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            yield f"{role} {address}", said(answer)
        archive = client.get(reverse("progress:own_data_archive")).getvalue()
        with ZipFile(BytesIO(archive)) as files:
            for name in files.namelist():
                if name.endswith(".html"):
                    yield f"{role}, {name} of the archive", words(files.read(name).decode())


def test_no_page_or_mail_of_a_complete_or_changed_module_calls_it_a_month(
    client: Client, modules: Cast
) -> None:
    before = dict(shown(client, modules))
    everything = " ".join(before.values())
    assert "2 modules behind" in everything
    assert "The last day of a module has passed" in everything
    assert "Modules behind" in everything  # the sheet
    task = modules.month.tasks.get(text="Task 1.2")
    modules.hand_in()
    client.force_login(modules.learner.user)
    client.post(reverse("progress:completion", args=[modules.learner.uuid, task.uuid]), {"done": "yes"})
    for criterion in modules.criteria:
        record.mark(modules.learner, criterion, modules.mentor, "met", "Yes.", seen=0)
    source = month_text(weeks=2, criteria=3, tasks=1).replace(*AS_MODULE).replace("- Work 1.1", "Prose.")
    publish(modules.month.document, source, accept_loss=True)
    told = {
        f"mail {mail.subject}": f"{mail.subject} {plain(mail.body)} {words(mail.alternatives[0].content)}"
        for mail in later()
    }
    assert any("“Module 08: System Design” is complete" in text for text in told.values())
    after = dict(shown(client, modules))
    everything = " ".join(after.values())
    assert "All criteria are met: Module 08 is complete." in everything
    assert "You have completed Module 08." in everything
    assert "No longer part of Module 08" in everything
    assert wrong(before | after | told) == {}


def test_no_answer_to_a_fork_calls_a_module_a_month(client: Client, modules: Cast) -> None:
    """What would be brought, and why a file is refused."""
    own = month_text().replace(*AS_MODULE).replace("[ ]", "[x]")
    later = own.replace("[x]", "[ ]").replace("- [ ] Task 1.2\n", "")
    publish(modules.month.document, later, accept_loss=True)
    sent = {
        "own": own,
        "another": "# Module 08: Gardening\n\n- [x] Dig\n- [ ] Sow\n",
        "elsewhere": "# Module 15: Elsewhere\n\n- [x] a\n",
        "all": "# All\n\n[a](module-08/) [b](module-09/)\n",
    }
    client.force_login(modules.learner.user)
    found = {}
    for name, text in sent.items():
        files = {"markdown": SimpleUploadedFile("README.md", text.encode())}
        found[name] = said(client.post(reverse("progress:fork", args=[modules.learner.uuid]), files))
    assert "2 tasks become ticked" in found["own"]
    assert "No task has these words." in found["own"]
    assert "and is something else" in found["another"]
    assert "is not part of" in found["elsewhere"]
    assert "has no boxes to tick" in found["all"]
    assert wrong(found) == {}


def test_nothing_published_is_called_nothing(client: Client, modules: Cast) -> None:
    Month.objects.update(archived_at=timezone.now())
    client.force_login(modules.learner.user)
    assert "Nothing is published yet." in client.get(reverse("progress:path")).text


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["Month 1", "Month 2"], "month"),
        (["Module 1", "MODULE 2"], "module"),
        (["Week 1"], "week"),
        (["Phase 1"], "phase"),
        (["Sprint 1"], "sprint"),
        (["Days 1"], "day"),
        (["Unit 1"], "unit"),
        (["Month 1", "Module 2"], "part"),
        (["Módulo 1"], "part"),
        (["Mes 1"], "month"),
        (["第个月 1"], "month"),
        (["", "Module 2"], "module"),
        (["", ""], "month"),
        ([], "month"),
    ],
)
@pytest.mark.pure
def test_units_follow_from_the_labels(labels: list[str], kind: str) -> None:
    months = [Month(label=label, unit=label.partition(" ")[0] or "Month") for label in labels]
    units = Units.of(months)
    assert units.kind == kind
    assert (str(units.one), str(units.many)) == (kind, f"{kind}s")
    assert (units.counted(1), units.counted(2)) == (f"1 {kind}", f"2 {kind}s")
