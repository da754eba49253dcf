"""The search: what each person finds, how words are compared, and what is no search."""

from html import unescape

import pytest
from django.db import connection
from django.db.models import Value
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Task
from people.models import Membership, User
from progress.spelling import Spelt, spelt
from submissions.models import Submission
from tests.cast import Cast, month_text, publish_month
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of

LIST = {"HX-Request": "true"}


def page(client: Client, user: User, query: str) -> str:
    client.force_login(user)
    answer = client.get(reverse("progress:search"), {"q": query})
    assert answer.status_code == 200
    return unescape(answer.text.split('<main id="main"')[1])


def test_learner_finds_months_own_work_and_mentors(client: Client, cast: Cast) -> None:
    version, ines = cast.hand_in(), cast.learner.user
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert f'href="{month}">Month 08: System Design<' in page(client, ines, "system des")
    assert f'href="{month}#criterion-{cast.criteria[0].uuid}"' in page(client, ines, "criterion 1")
    assert f'href="{month}#task-{cast.task.uuid}"' in page(client, ines, "TASK 1.1")
    found = page(client, ines, "work 1.1")
    assert f'href="{month}#work-{cast.deliverable.uuid}"' in found
    assert f'href="{version.submission.get_absolute_url()}"' in found
    assert "Waiting for review" in found
    path = reverse("progress:learner_path", args=[cast.learner.uuid])
    assert f'href="{path}">Tomas Lindqvist<' in page(client, ines, "tomas")


def test_learner_finds_nobody_elses_work_and_no_other_learner(client: Client, cast: Cast) -> None:
    theirs = [cast.hand_in(one).submission for one in (cast.fellow, cast.stranger)]
    for query in ("Kwame", "Amira", "Mensah"):
        assert "Nothing found" in page(client, cast.learner.user, query)
    found = page(client, cast.learner.user, "work 1.1")
    assert not [one for one in theirs if str(one.uuid) in found]
    assert ">Sofia Marques<" not in page(client, cast.learner.user, "sofia")  # who mentors another cohort
    assert ">Tomas Lindqvist<" not in page(client, cast.stranger.user, "lindqvist")


def test_mentor_finds_learners_work_and_months_of_their_cohorts_alone(client: Client, cast: Cast) -> None:
    mine, other = cast.hand_in().submission, cast.hand_in(cast.stranger).submission
    found = page(client, cast.mentor, "ines")
    assert f'href="{reverse("progress:learner_path", args=[cast.learner.uuid])}"' in found
    assert f'href="{mine.get_absolute_url()}"' in found
    assert "Nothing found" in page(client, cast.mentor, "amira")
    assert str(other.uuid) not in page(client, cast.mentor, "work")
    cohort = reverse("progress:cohort_detail", args=[cast.cohort.uuid])
    assert f'href="{cohort}">Month 08: System Design<' in page(client, cast.mentor, "month 08")
    assert f'href="{cohort}">{cast.cohort}<' in page(client, cast.mentor, str(cast.cohort))


def test_right_that_is_gone_finds_nothing(client: Client, cast: Cast) -> None:
    cast.hand_in()
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())
    for query in ("ines", "work 1.1", "month 08"):
        assert "Nothing found" in page(client, cast.mentor, query)
    cast.learner.end()
    assert "System Design" in page(client, cast.learner.user, "system")  # which stays readable
    assert "Nothing found" in page(client, cast.learner.user, "tomas")


def test_drafts_of_others_are_not_found(client: Client, cast: Cast) -> None:
    draft = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    draft.start_draft().save_draft("A secret plan", "", "", 0)
    assert str(draft.uuid) in page(client, cast.learner.user, "work 1.1")
    assert str(draft.uuid) not in page(client, cast.mentor, "work 1.1")
    for person in (cast.learner.user, cast.mentor):
        assert "Nothing found" in page(client, person, "secret")
    newer = cast.hand_in(cast.fellow).submission
    newer.start_draft()
    assert "Draft" not in page(client, cast.mentor, "kwame")


def test_admin_finds_people_cohorts_and_months_in_the_admin(client: Client, cast: Cast) -> None:
    person = reverse("admin:people_user_change", args=[cast.learner.user_id])
    assert f'href="{person}">Ines Duarte<' in page(client, cast.admin, cast.learner.user.email)
    assert reverse("admin:people_cohort_change", args=[cast.cohort.pk]) in page(
        client, cast.admin, cast.cohort.name
    )
    month = reverse("admin:curriculum_month_change", args=[cast.month.pk])
    assert f'href="{month}"' in page(client, cast.admin, "task 1.1")
    assert cast.learner.user.email not in page(client, cast.mentor, "ines")
    assert "Nothing found" in page(client, cast.mentor, cast.learner.user.email)
    work = cast.hand_in().submission
    assert str(work.uuid) not in page(client, cast.admin, "work 1.1")


def test_what_is_not_published_or_was_archived_is_not_found(client: Client, cast: Cast) -> None:
    assert "System Design" in page(client, cast.learner.user, "requirement")
    Task.objects.filter(text="A requirement").update(archived_at=timezone.now())
    assert "Nothing found" in page(client, cast.learner.user, "requirement")
    cast.month.document.published = None
    cast.month.document.save(update_fields=["published"])
    assert "Nothing found" in page(client, cast.learner.user, "system design")


def test_months_of_other_curricula_are_not_found(client: Client, cast: Cast) -> None:
    other = CohortFactory.create()
    publish_month(other.curriculum, month_text(3).replace("System Design", "Kitchen"))
    assert "Nothing found" in page(client, cast.learner.user, "kitchen")
    assert "Kitchen" in page(client, MembershipFactory.create(cohort=other).user, "kitchen")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("jose", True),
        ("JOSÉ", True),
        ("nguyen lukasz", True),
        ("ÅNGSTROM", True),
        ("Σοφια", True),
        ("юл", True),
        ("jose nobody", False),
        ("100%", True),
        ("a_b", True),
        ("axb", False),
        ("10%0", False),
        (r"back\slash", True),
        ("'quote\"", True),
        ("<b>", True),
        ("se\u0301", True),  # an accent of its own
    ],
)
def test_words_are_compared_by_their_letters(client: Client, cast: Cast, query: str, found: bool) -> None:
    name = "José Nguyễn-Łukasz Ångström Σοφία Юлия 100% a_b back\\slash 'quote\" <b>"
    MembershipFactory.create(cohort=cast.cohort, user__name=name)
    client.force_login(cast.mentor)
    answer = client.get(reverse("progress:search"), {"q": query}).text
    assert ("Łukasz" in answer) is found
    assert "<b>" not in answer


@pytest.mark.parametrize(
    "text", ["Plain Words", "ÀÉÎÕÜ ñ Ÿ", "Nguyễn Thị Ánh", "ŁØĐ łøđ", "Ёжик Й", "ΑΘΗΝΑΣ", "İı", "漢字", ""]
)
def test_database_spells_as_we_do(db: None, text: str) -> None:
    row = User.objects.filter(pk=UserFactory.create().pk).annotate(spelling=Spelt(Value(text)))
    assert row.values_list("spelling", flat=True).get() == spelt(text)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 200, "The curriculum by its titles"),
        ("   ", 200, "The curriculum by its titles"),
        ("e", 200, "Type at least two letters."),
        ("李", 200, "Nothing found for “李”."),
        ("x" * 201, 422, "at most 200 characters. It has 201."),
        ("y" * 500, 422, "at most 200 characters. It has 500."),
        ("a\0b", 422, "a character that no text here has"),
        ("a b c d e f g h i", 422, "at most 8 words"),
        ("<script>alert(1)</script>", 200, "Nothing found for"),
    ],
)
def test_what_is_no_search_is_said(client: Client, cast: Cast, query: str, status: int, words: str) -> None:
    client.force_login(cast.learner.user)
    for headers in ({}, LIST):
        answer = client.get(reverse("progress:search"), {"q": query}, headers=headers)
        assert answer.status_code == status
        assert "<script>" not in answer.text.replace("<script src", "")
        assert "\0" not in answer.text
        if headers and not query.strip():
            continue
        assert words in unescape(answer.text)
    plain = client.get(reverse("progress:search"), {"q": query}).text
    assert query.strip("\0 ").replace("\0", "") in unescape(plain)


def test_list_is_a_fragment_with_options_that_a_browser_keeps_apart(client: Client, cast: Cast) -> None:
    cast.hand_in()
    client.force_login(cast.learner.user)
    answer = client.get(reverse("progress:search"), {"q": "1.1"}, headers=LIST)
    assert answer.text.startswith('<div id="search-list"')
    assert answer.text.count('role="option"') == 2  # the month, by its task, and the work
    assert 'data-said="2 results' in answer.text
    assert "HX-Request" in answer["Vary"]


def test_list_is_short_and_the_page_says_what_it_leaves_out(client: Client, cast: Cast) -> None:
    for number in range(35):
        MembershipFactory.create(cohort=cast.cohort, user__name=f"Walker {number}")
    client.force_login(cast.mentor)
    assert (
        client.get(reverse("progress:search"), {"q": "walker"}, headers=LIST).text.count('role="option"') == 5
    )
    found = page(client, cast.mentor, "walker")
    assert found.count(">Walker") == 30
    assert "The first 30; more words narrow the list." in found


@pytest.mark.parametrize(("who", "queries"), [("learner", 6), ("mentor", 6), ("admin", 7)])
def test_search_asks_the_same_few_queries(client: Client, cast: Cast, who: str, queries: int) -> None:
    person = getattr(cast, who)
    user = getattr(person, "user", person)
    client.force_login(user)
    for turn in range(2):
        cast.hand_in()
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("progress:search"), {"q": "1 e"})
        assert len(asked) == queries, turn
        for number in range(3):
            publish_month(cast.curriculum, month_text(10 + number), f"month-{number}/README.md")
            cohort = CohortFactory.create(curriculum=cast.curriculum)
            mentor_of(cohort, name="One e")
            role = Membership.Role.MENTOR if who == "mentor" else Membership.Role.LEARNER
            if who != "admin":
                MembershipFactory.create(cohort=cohort, user=user, role=role)
            cast.hand_in(MembershipFactory.create(cohort=cohort, user__name="Eleven 1"))


def test_field_is_on_every_page_and_its_key_is_told(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner.user)
    for address in ("/path/", "/account/", "/search/"):
        text = client.get(address).text
        assert text.count('role="search"') == 1
        assert "<kbd>/</kbd>" in text
