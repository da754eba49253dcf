"""The admin's home: what it counts, and the lists that its figures lead to."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Edition
from people.models import Cohort, Invitation, Mail, Membership
from progress.demo.people import clock
from submissions.models import Blob, Review, Submission
from tests.cast import Cast, month_text, publish_month
from tests.factories import CohortFactory, InvitationFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.once


def home(client: Client) -> dict[str, str]:
    """Each figure by its label: what it counts."""
    page = client.get(reverse("admin:index")).text.split('class="figures"')[1].split("</ul>")[0]
    words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in page.split("<li")[1:]]
    return {word: word.strip("> ") for word in words}


def listed(client: Client, figure: str) -> int:
    """How many rows the list has that a figure leads to."""
    page = client.get(reverse("admin:index")).text.split('class="figures"')[1].split("</ul>")[0]
    found = re.search(rf'href="([^"]+)"><strong>[^<]*</strong> {figure}', page)
    assert found, page
    answer = client.get(unescape(found[1]))
    assert answer.status_code == 200
    return answer.text.count('<th class="field-') + answer.text.count('<td class="field-subject')


def has(client: Client, *words: str) -> None:
    said = " | ".join(home(client).values())
    for word in words:
        assert word in said, said


def test_home_of_an_empty_site_counts_nothing(db: None, client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    has(client, "0 cohorts run with 0 learners", "0 invitations are open", "0 documents have a draft")
    has(
        client,
        "0 works wait too long",
        "0 bytes stored in 0 files".replace(" ", "\xa0", 1).replace("\xa0", " "),
    )


def test_home_counts_what_admins_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    CohortFactory.create(ended_at=timezone.now())
    has(client, "2 cohorts run with 3 learners")
    assert listed(client, "cohorts run") == 2

    InvitationFactory.create(cohort=cast.cohort)
    InvitationFactory.create(cohort=cast.cohort, email="a@example.org")
    InvitationFactory.create(cohort=cast.cohort, revoked_at=timezone.now())
    InvitationFactory.create(cohort=cast.cohort, expires_at=timezone.now())
    InvitationFactory.create(cohort=Cohort.objects.get(ended_at__isnull=False))
    joined = InvitationFactory.create(cohort=cast.cohort, email="b@example.org")
    Membership.objects.filter(pk=cast.fellow.pk).update(invitation=joined)
    shared = InvitationFactory.create(cohort=cast.cohort)
    Membership.objects.filter(pk=cast.learner.pk).update(invitation=shared)
    has(client, "3 invitations are open")
    assert listed(client, "invitations are open") == 3
    assert [one.state for one in Invitation.objects.standing()] == [Invitation.State.OPEN] * 3

    document = cast.month.document
    has(client, "0 documents have a draft")
    Edition.objects.create(document=document, number=9, source="# Another")
    has(client, "1 document has a draft")
    assert listed(client, "document has a draft") == 1

    has(client, "0 mails fail")
    Mail.objects.create(kind="account", to="typo@example.org", failed_at=timezone.now())
    has(client, "1 mail fails")
    assert listed(client, "mail fails") == 1

    Blob.objects.create(sha256="a" * 64, size=2048)
    has(client, "2.0 KB stored in 1 file")


@pytest.mark.parametrize(
    ("promised", "days", "late"), [(3, 3, 0), (3, 4, 1), (None, 7, 0), (None, 8, 1), (0, 0, 0), (0, 1, 1)]
)
def test_work_waits_too_long_by_what_its_cohort_promises(
    client: Client, cast: Cast, promised: int | None, days: int, late: int
) -> None:
    cast.cohort.review_days = promised
    cast.cohort.save()
    cast.other_cohort.review_days = 30
    cast.other_cohort.save()
    with clock(timezone.now() - timedelta(days=days)):
        version, _other = cast.hand_in(), cast.hand_in(cast.stranger)
    assert Submission.objects.overdue().count() == late
    client.force_login(cast.admin)
    has(client, f"{late} work waits too long" if late else "0 works wait too long")
    assert listed(client, "works? waits? too long") == late
    Review.objects.begin(version, cast.mentor).publish(Review.Verdict.ACCEPT)
    assert not Submission.objects.overdue().exists()


def test_list_of_what_waits_names_whose_turn_it_is_and_shows_no_work(client: Client, cast: Cast) -> None:
    version = cast.hand_in(text="# Secret plan")
    cast.hand_in(cast.fellow)
    client.force_login(cast.admin)
    page = client.get(reverse("admin:submissions_submission_changelist")).text
    for words in ("Ines Duarte", "With Tomas Lindqvist", "any mentor of the cohort", str(cast.cohort)):
        assert words in page
    assert "Secret plan" not in page
    for path in (f"{version.submission_id}/delete/", "add/"):
        assert client.get(f"/admin/submissions/submission/{path}").status_code == 403


def test_home_asks_the_same_few_queries(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    asked = []
    for number in range(2):
        cast.hand_in(MembershipFactory.create(cohort=cast.cohort))
        InvitationFactory.create(cohort=CohortFactory.create(curriculum=cast.curriculum))
        publish_month(cast.curriculum, month_text(20 + number), f"month-{20 + number}/README.md")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("admin:index")).status_code == 200
        asked.append(len(queries))
    assert asked == [11, 11]
