"""The desk's queue a page at a time, and a filter with more learners than it lists."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from people.models import Membership, User
from progress import desk
from submissions.models import Submission, Version
from tests.cast import Cast
from tests.factories import mentor_of

LINE = re.compile(r'<a href="/submissions/([0-9a-f-]{36})/">')
NEXT = re.compile(r'rel="next" href="(\?[^"]+)"')


def hand_in(cast: Cast, mentors: list[User | None]) -> None:
    """One work of each of so many new learners, who have these mentors of their own; the first has waited longest."""
    people = User.objects.bulk_create(
        [User(name=f"Learner {n:03}", email=f"queue{n}@example.org") for n in range(len(mentors))]
    )
    learners = Membership.objects.bulk_create(
        [Membership(user=u, cohort=cast.cohort, mentor=m) for u, m in zip(people, mentors, strict=True)]
    )
    works = Submission.objects.bulk_create(
        [Submission(learner=learner, deliverable=cast.deliverable) for learner in learners]
    )
    now = timezone.now()
    Version.objects.bulk_create(
        [
            # Each three came in at the same moment, so that time alone does not order them.
            Version(
                submission=work, number=1, text="# Work", submitted_at=now - timedelta(hours=200 - n // 3)
            )
            for n, work in enumerate(works)
        ]
    )
    Submission.objects.requeue()


def pages(client: Client) -> list[list[str]]:
    """The works on each page, following the links."""
    found: list[list[str]] = []
    query = ""
    while len(found) < 20:
        html = client.get(f"/desk/{query}").text
        found.append(
            list(
                dict.fromkeys(
                    LINE.findall("".join(re.findall(r'<ul class="queue">.*?</ul>', html, re.DOTALL)))
                )
            )
        )
        onward = NEXT.search(html)
        if not onward:
            break
        query = onward[1].replace("&amp;", "&")
    return found


@pytest.mark.parametrize(("mine", "others"), [(0, 31), (31, 31), (29, 40), (30, 1), (65, 0)])
def test_pages_of_the_queue_hold_each_work_once_in_its_order(
    client: Client, cast: Cast, db: None, mine: int, others: int
) -> None:
    colleague = mentor_of(cast.cohort)
    turns = [cast.mentor] * mine + [colleague] * others
    hand_in(cast, [turns[n * 7 % len(turns)] if len(turns) % 7 else turns[n] for n in range(len(turns))])
    client.force_login(cast.mentor)

    found = pages(client)

    expected = [str(row.uuid) for row in Submission.objects.waiting_for(cast.mentor)]
    assert [uuid for page in found for uuid in page] == expected
    assert {len(page) for page in found[:-1]} <= {30}
    html = client.get("/desk/").text
    if mine > 30:
        assert "More than 30 wait for you" in html
    elif mine:
        assert f"{mine} wait for you" in html
    else:
        assert "Nothing waits for you first; more than 30 wait for your cohort" in html


@pytest.mark.parametrize("after", ["", "1", "1.2", "x.y.z", "1.-5.3", f"1.{'9' * 17}9.1", "١.٢.٣", "0.0.0"])
def test_place_that_is_none_is_the_beginning_or_empty(client: Client, cast: Cast, after: str) -> None:
    cast.hand_in()
    client.force_login(cast.mentor)
    assert client.get("/desk/", {"after": after}).status_code == 200


def test_filter_lists_the_learners_of_the_chosen_cohort_where_they_are_many(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)
    offered = f'<option value="{cast.learner.pk}">'
    assert offered in client.get("/desk/").text
    monkeypatch.setattr(desk, "LISTED", 1)
    html = client.get("/desk/").text
    assert offered not in html
    assert "All; choose a cohort first to choose one" in html
    assert str(version.submission.uuid) in html
    monkeypatch.setattr(desk, "LISTED", 2)
    assert offered in client.get("/desk/", {"cohort": cast.cohort.pk}).text
