"""Claims, marks and defences as requests: who may send them, what comes back, what changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from progress import record
from progress.defence import record as record_defence
from progress.models import Defence, Entry
from progress.standing import sums
from tests.cast import Cast
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of
from tests.progress.school import School, make_month

HTMX = {"HX-Request": "true"}


def send(user: User, address: str, htmx: bool = True, **fields: Any) -> HttpResponse:
    client = Client()
    client.force_login(user)
    response: HttpResponse = client.post(address, fields, headers=HTMX if htmx else {})  # type: ignore[assignment]
    return response


def address(school: School, name: str, criterion: int = 0) -> str:
    return reverse(f"progress:{name}", args=[school.learner.uuid, school.criteria[criterion].uuid])


def claim(school: School, user: User | None = None, **fields: Any) -> HttpResponse:
    fields.setdefault("note", "Done.")
    return send(user or school.user, address(school, "claim"), **fields)


def mark(school: School, user: User | None = None, criterion: int = 0, **fields: Any) -> HttpResponse:
    typed: dict[str, Any] = {"decision": "met", "note": "Because.", "seen": school.last}
    return send(user or school.mentor, address(school, "mark", criterion), **typed | fields)


def strangers(school: School) -> dict[str, User]:
    return {
        "classmate": MembershipFactory.create(cohort=school.cohort).user,
        "other cohort's mentor": mentor_of(CohortFactory.create(curriculum=school.cohort.curriculum)),
        "admin": UserFactory.create(is_staff=True, is_superuser=True),
    }


# Who may --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", [claim, mark])
def test_criterion_of_a_stranger_is_missing(school: School, act: Callable[..., HttpResponse]) -> None:
    for who, user in strangers(school).items():
        assert act(school, user).status_code == 404, who
    assert school.kinds == []


def test_claim_is_not_for_mentors(school: School) -> None:
    assert claim(school, school.mentor).status_code == 403
    assert school.kinds == []


def test_mark_is_not_for_the_learner(school: School) -> None:
    assert mark(school, school.user).status_code == 403
    assert school.kinds == []


def test_mark_is_missing_for_a_mentor_who_was_removed(school: School) -> None:
    school.mentor.memberships.update(ended_at=timezone.now())
    assert mark(school).status_code == 404
    assert school.kinds == []


def test_criterion_of_another_curriculum_is_missing(school: School) -> None:
    _month, school.criteria = make_month(CohortFactory.create(), ["Elsewhere"])
    assert claim(school).status_code == 404
    assert mark(school).status_code == 404


@pytest.mark.parametrize(
    ("name", "htmx"), [("claim", True), ("claim", False), ("mark", True), ("mark", False)]
)
def test_form_is_asked_for_and_says_what_there_is(
    school: School, client: Client, name: str, htmx: bool
) -> None:
    first = school.mark(decision="not_yet", note="The contract is missing.")
    client.force_login(school.mentor if name == "mark" else school.user)

    response = client.get(address(school, name) + "?next=/desk/", headers=HTMX if htmx else {})

    page = response.content.decode()
    assert ("<html" in page) is not htmx
    assert f'value="version:{school.version.uuid}"' in page
    assert "The contract is missing." in page
    assert 'name="next" value="/desk/"' in page
    assert (f'name="seen" value="{first.number}"' in page) is (name == "mark")
    assert school.kinds == ["not_yet"]


def test_form_leads_back_to_this_site_alone(school: School, client: Client) -> None:
    client.force_login(school.user)
    page = client.get(address(school, "claim") + "?next=//elsewhere.example/").content.decode()
    assert "elsewhere" not in page


EXTRA: dict[str, Any] = {
    "learner": "1",
    "mentor": "1",
    "author": "1",
    "met": "yes",
    "status": "met",
    "kind": "mark",
    "number": "77",
    "at": "2001-01-01",
    "meaning": "9",
    "month": "1",
    "complete": "yes",
    "before": "0",
}


def test_extra_fields_change_nothing(school: School) -> None:
    claim(school, decision="met", **EXTRA)
    mark(school, decision="not_yet", **EXTRA)
    mark(school, note="Now it is.", **EXTRA)
    entries = list(Entry.objects.filter(learner=school.learner))
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert school.kinds == ["claim", "not_yet", "met"]
    assert [entry.author for entry in entries] == [school.user, school.mentor, school.mentor]
    assert {entry.criterion for entry in entries} == {school.criteria[0]}
    assert {entry.meaning for entry in entries} == {1}
    assert Entry.objects.count() == 3


# What comes back ------------------------------------------------------------------------------------------
def test_claim_shows_with_whom_it_is(school: School) -> None:
    school.learner.mentor = school.mentor
    school.learner.save()
    response = claim(school, evidence=f"version:{school.version.uuid}")
    page = response.content.decode()
    assert response.status_code == 200
    assert f'id="criterion-{school.criteria[0].uuid}"' in page
    assert "With Tomas" in page
    assert "Architecture overview, version 1" in page
    assert Entry.objects.get().version == school.version


def test_mark_shows_who_and_why(school: School) -> None:
    page = mark(school, note="It <b>holds</b>.").content.decode()
    assert "Tomas Lindqvist" in page
    assert "It &lt;b&gt;holds&lt;/b&gt;." in page
    assert 'class="pill done"' in page
    assert "stone laid" in page


def test_mark_that_completes_the_month_tells_it(school: School) -> None:
    first = mark(school)
    assert "HX-Trigger" not in first.headers
    response = mark(school, criterion=1)
    name = school.criteria[1].month.label or school.criteria[1].month.title
    assert "month-complete" in response.headers["HX-Trigger"]
    assert f"{name} is complete" in response.content.decode()
    assert school.kinds == ["met", "met", "complete"]


def test_mark_without_htmx_leads_back_to_its_page(school: School) -> None:
    anchor = f"#criterion-{school.criteria[0].uuid}"
    response = mark(school, htmx=False, next="/submissions/x/?version=2#old")
    assert (response.status_code, response["Location"]) == (302, f"/submissions/x/?version=2{anchor}")
    month = reverse("progress:month_detail", args=[school.learner.uuid, school.month.slug])
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
    ):
        response = claim(school, htmx=False, note=elsewhere or "x", next=elsewhere, user=None)
        assert response.status_code in (302, 422)
        if response.status_code == 302:
            assert response["Location"] == month + anchor
    assert school.kinds == ["met"]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "brilliant"},
        {"decision": ""},
        {"decision": "met", "note": ""},
        {"decision": "not_yet", "note": ""},
        {"evidence": "version:00000000-0000-4000-8000-000000000000"},
        {"evidence": "version:x"},
        {"evidence": "user:1"},
        {"note": "a\0b"},
        {"note": "x" * 200_001},
        {"seen": ""},
        {"seen": "-1"},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_mark_that_is_refused_keeps_what_was_typed(school: School, wrong: dict[str, Any], htmx: bool) -> None:
    response = mark(school, htmx=htmx, **({"note": "My words."} | wrong))
    page = response.content.decode()
    assert response.status_code == 422
    assert 'class="error"' in page
    assert f'id="criterion-{school.criteria[0].uuid}"' in page
    assert ("<html" in page) != htmx
    if "note" not in wrong:
        assert "My words." in page
    assert school.kinds == []


def test_claim_that_is_refused_keeps_what_was_typed(school: School) -> None:
    response = claim(school, note="My words.", evidence=f"thread:{uuid4()}")
    assert response.status_code == 422
    assert "My words." in response.content.decode()
    assert claim(school, note=" ").status_code == 422
    assert school.kinds == []


def test_mark_after_another_shows_both_texts(school: School) -> None:
    first = school.mark(decision="not_yet", note="The contract is missing.", mentor=school.other_mentor)
    response = mark(school, note="Everything is there.", seen=0)
    page = response.content.decode()
    assert response.status_code == 409
    assert "The contract is missing." in page
    assert "Everything is there." in page
    assert f'name="seen" value="{first.number}"' in page
    assert school.kinds == ["not_yet"]
    assert mark(school, note="Everything is there.", seen=first.number).status_code == 200
    assert school.kinds == ["not_yet", "met"]


def test_mark_sent_twice_is_one(school: School) -> None:
    assert [mark(school, seen=0).status_code for _click in range(2)] == [200, 200]
    assert school.kinds == ["met"]


def test_learner_sees_no_form_for_marks(school: School) -> None:
    page = claim(school).content.decode()
    assert address(school, "mark") not in page
    assert address(school, "claim") in page


# Defences -------------------------------------------------------------------------------------------------
def defend(school: School, user: User | None = None, **fields: Any) -> HttpResponse:
    when = timezone.now() - timedelta(hours=2)
    fields = {
        "at": f"{when:%Y-%m-%dT%H:%M}",
        "minutes": 40,
        "present": [str(school.user.uuid), str(school.mentor.uuid)],
        "versions": [str(school.version.uuid)],
        "outcome": "passed",
        "note": "Calm.",
        "key": str(uuid4()),
    } | fields
    return send(user or school.mentor, defence_address(school), htmx=False, **fields)


def defence_address(school: School) -> str:
    return reverse("progress:defence_new", args=[school.learner.uuid, school.month.slug])


def test_defence_is_recorded_and_named_as_evidence(school: School) -> None:
    assert defend(school).status_code == 302
    defence = Defence.objects.get()
    assert (defence.recorded_by, defence.minutes, set(defence.present.all())) == (
        school.mentor,
        40,
        {school.user, school.mentor},
    )
    assert list(defence.versions.all()) == [school.version]
    assert mark(school, note="", evidence=f"defence:{defence.uuid}").status_code == 200
    assert school.kinds == ["defence", "met"]


def test_defence_is_for_mentors_of_the_cohort(school: School, client: Client) -> None:
    assert defend(school, school.user).status_code == 403
    for who, user in strangers(school).items():
        assert defend(school, user).status_code == 404, who
        client.force_login(user)
        assert client.get(defence_address(school)).status_code == 404, who
    assert not Defence.objects.exists()


def test_defence_form_offers_the_work_of_the_month(school: School, client: Client) -> None:
    client.force_login(school.mentor)
    response = client.get(defence_address(school))
    assert response.status_code == 200
    assert "Architecture overview, version 1" in response.content.decode()
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "0"},
        {"at": "soon"},
        {"at": "2999-01-01T10:00"},
        {"outcome": "brilliant"},
        {"at": "1999-01-01T10:00"},
        {"outcome": "corrections"},
        {"outcome": "corrections", "corrections_by": "2020-01-01"},
        {"outcome": "corrections", "corrections_by": "2999-01-01"},
        {"corrections_by": f"{timezone.now() + timedelta(days=9):%Y-%m-%d}"},
        {"present": []},
        {"present": ["x"]},
        {"versions": ["00000000-0000-4000-8000-000000000000"]},
        {"key": ""},
    ],
    ids=str,
)
def test_defence_that_is_refused_keeps_what_was_typed(school: School, wrong: dict[str, Any]) -> None:
    response = defend(school, **({"note": "My words."} | wrong))
    assert response.status_code == 422
    assert "My words." in response.content.decode()
    assert not Defence.objects.exists()


def test_defence_says_all_that_is_wrong_at_once(school: School) -> None:
    alone = defend(school, at="2999-01-01T10:00", present=[str(school.user.uuid)], outcome="corrections")
    page = alone.content.decode()
    for sentence in ("This time is still to come.", "choose who else was present", "Say by which day"):
        assert sentence in page, sentence


def test_defence_is_shown_to_learner_and_mentor(cast: Cast, client: Client) -> None:
    """On the month's page with all that was recorded, and on the path while corrections are due."""
    version, due = cast.hand_in(), timezone.localdate() + timedelta(days=9)
    record_defence(
        cast.learner,
        cast.month,
        cast.mentor,
        at=timezone.now() - timedelta(hours=1),
        minutes=35,
        present=[cast.learner.user, cast.mentor],
        versions=[version],
        outcome="corrections",
        corrections_by=due,
        note="Say what fails first.",
        key=uuid4(),
    )
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    for person in (cast.learner.user, cast.mentor):
        client.force_login(person)
        page = client.get(month).text
        for said in ("Passed with corrections", "Say what fails first.", "35 minutes", "Work 1.1, version 1"):
            assert said in page, said
        assert f"Present: {cast.learner.user}, {cast.mentor}." in page
    client.force_login(cast.learner.user)
    assert "Corrections to your defence are due by" in client.get("/path/").text


def test_corrections_wait_no_more_once_a_later_defence_passed(school: School) -> None:
    due = timezone.localdate() + timedelta(days=9)
    first = school.defend(outcome="corrections", corrections_by=due)
    learners = type(school.learner).objects.filter(pk=school.learner.pk)
    place = (school.learner.pk, school.month.pk)
    assert sums(learners)[place].corrections_by == due
    school.mark(defence=first)

    school.defend()

    assert sums(learners)[place].corrections_by is None


def test_not_met_yet_waits_on_the_learners_path(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner.user)
    assert "not met yet" not in client.get("/path/").text
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "not_yet", "The contract is missing.", seen=0)
    assert "1 criterion is not met yet." in client.get("/path/").text


def test_withdrawn_mark_says_by_whom_and_why(school: School) -> None:
    mark(school)
    page = mark(school, decision="withdrawn", note="I read the wrong version.").content.decode()
    assert "Tomas Lindqvist withdrew the mark" in page
    assert "I read the wrong version." in page


def test_defence_sent_twice_is_one(school: School) -> None:
    key = str(uuid4())
    assert [defend(school, key=key).status_code for _click in range(2)] == [302, 302]
    assert Defence.objects.count() == 1


def test_defence_ignores_extra_fields(school: School) -> None:
    defend(
        school, recorded_by=str(school.user.pk), learner="1", month="1", met="yes", created_at="2001-01-01"
    )
    defence = Defence.objects.get()
    assert (defence.recorded_by, defence.learner, defence.month) == (
        school.mentor,
        school.learner,
        school.month,
    )
    assert school.kinds == ["defence"]
