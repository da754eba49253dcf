"""The cohort's list: who stands where, who is quiet, what waits too long; in every order, narrowed, as a sheet."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Cohort, Membership, Pause, User
from progress import record
from progress.demo.people import clock
from progress.models import Completion
from submissions.models import Review, Said, Submission, Thread
from tests.cast import Cast, month_text, publish_month
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of

Row = dict[str, str]


def back(days: float) -> datetime:
    """So many days ago, at this time of the day."""
    return timezone.now() - timedelta(days=days)


def day(days: int) -> date:
    """So many days before today, where the cast's cohorts are."""
    return datetime.now(UTC).date() - timedelta(days=days)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, who have been together for fifty days, in a month that takes them sixteen weeks."""
    Cohort.objects.update(starts=day(50), pace=Decimal(8))
    Cohort.objects.filter(pk=cast.cohort.pk).update(review_days=3)
    Membership.objects.update(joined_at=back(60))
    publish_month(cast.curriculum, month_text(weeks=2))
    cast.cohort.refresh_from_db()
    return cast


def rows(client: Client, cast: Cast, query: str = "", user: User | None = None) -> list[Row]:
    """The sheet, as a spreadsheet reads it."""
    client.force_login(user or cast.mentor)
    address = reverse("progress:cohort_sheet", args=[cast.cohort.uuid])
    answer = client.get(f"{address}{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))


def names(client: Client, cast: Cast, query: str = "") -> list[str]:
    return [row["Learner"] for row in rows(client, cast, query)]


def row_of(client: Client, cast: Cast, learner: Membership | None = None) -> Row:
    wanted = str((learner or cast.learner).user)
    return next(row for row in rows(client, cast) if row["Learner"] == wanted)


def page(client: Client, cast: Cast, query: str = "", user: User | None = None) -> str:
    client.force_login(user or cast.mentor)
    answer = client.get(f"/cohorts/{cast.cohort.uuid}/{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def shown_names(html: str) -> list[str]:
    """The names of the list, in order."""
    return re.findall(r'class="name"><a [^>]*>([^<]*)<', html)


def plain(html: str) -> str:
    """Its words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# Where each stands ------------------------------------------------------------------------------------------
def test_line_says_where_a_learner_stands(client: Client, cast: Cast) -> None:
    first, second = cast.criteria
    with clock(back(2)):
        version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    Thread.objects.open(version, cast.mentor, Said("Name the queue.", uuid4(), "must"), review)
    Thread.objects.open(version, cast.mentor, Said("Shorter.", uuid4(), "should"), review)
    assert row_of(client, cast)["Open points"] == "0"  # Nobody has sent them.
    review.publish(Review.Verdict.CHANGES)
    record.mark(cast.learner, first, cast.mentor, "met", "Yes.", seen=0)

    row = row_of(client, cast)
    month = str(cast.month)
    assert (row["Working on"], row[month]) == (month, "1 of 2")
    assert (row["Criteria met"], row["Criteria"], row["Open points"]) == ("1", "2", "1")
    assert (row["Last activity"], row["Own mentor"]) == (day(2).isoformat(), "Tomas Lindqvist")
    assert (row["Works waiting"], row["Waiting since"]) == ("0", "")
    shown = page(client, cast)
    assert '<span class="stone begun"></span>1 of 2' in shown
    assert '<span class="stone "></span>not started' in shown

    record.mark(cast.learner, second, cast.mentor, "met", "Yes.", seen=0)
    publish_month(cast.curriculum, month_text(weeks=2, criteria=3))
    row = row_of(client, cast)
    assert (row["Working on"], row[month]) == ("all complete", "complete")
    assert '<span class="stone laid"></span>complete' in page(client, cast)
    assert (row["Criteria met"], row["Criteria"]) == ("3", "3")  # What came later does not bind them.


def test_draft_is_not_told(client: Client, cast: Cast) -> None:
    draft = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable).start_draft()
    draft.save_draft("# Work", "", "", draft.revision)
    row = row_of(client, cast)
    assert (row["Last activity"], row[str(cast.month)], row["Works waiting"]) == ("", "not started", "0")


def tick(cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.task)


def hand_in(cast: Cast) -> None:
    cast.hand_in()


def comment(cast: Cast) -> None:
    thread = Thread.objects.get()
    thread.reply(cast.learner.user, Said("Because.", uuid4()))


def claim(cast: Cast) -> None:
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, "I think so.")


@pytest.mark.parametrize("sign", [tick, hand_in, comment, claim])
def test_each_sign_of_life_is_the_last_activity(
    client: Client, cast: Cast, sign: Callable[[Cast], None]
) -> None:
    if sign is comment:
        with clock(back(9)):
            version = cast.hand_in()
        review = Review.objects.begin(version, cast.mentor)
        Thread.objects.open(version, cast.mentor, Said("Why?", uuid4(), "question"), review)
        review.publish("changes")
        assert (
            row_of(client, cast)["Last activity"] == day(9).isoformat()
        )  # A mentor's words are no sign of theirs.
    with clock(back(4)):
        sign(cast)
    assert row_of(client, cast)["Last activity"] == day(4).isoformat()
    assert "4 days ago" in page(client, cast)
    assert row_of(client, cast, cast.fellow)["Last activity"] == ""


# Who is quiet -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "pause", "quiet"),
    [(6, None, ""), (7, None, "yes"), (8, (5, 4), ""), (9, (5, 4), "yes"), (20, (19, 0), "")],
)
def test_quiet_is_who_did_nothing_for_seven_days_of_work(
    client: Client, cast: Cast, days: int, pause: tuple[int, int] | None, quiet: str
) -> None:
    if pause:
        Pause.objects.create(cohort=cast.cohort, first=day(pause[0]), last=day(pause[1]))
    with clock(back(days)):
        tick(cast)
    assert row_of(client, cast)["Quiet"] == quiet
    assert row_of(client, cast, cast.fellow)["Quiet"] == "yes"


@pytest.mark.parametrize(("days", "quiet"), [(-3, ""), (6, ""), (7, "yes")])
@pytest.mark.parametrize("by", ["own start", "cohort", "joining"])
def test_quiet_counts_from_when_there_was_something_to_do(
    client: Client, cast: Cast, by: str, days: int, quiet: str
) -> None:
    if by == "own start":
        Membership.objects.filter(pk=cast.learner.pk).update(starts=day(days))
    elif by == "cohort":
        Cohort.objects.update(starts=day(days))
    else:
        Membership.objects.filter(pk=cast.learner.pk).update(joined_at=back(max(days, 0)))
    assert row_of(client, cast)["Quiet"] == quiet


def test_nobody_is_quiet_at_the_end(client: Client, cast: Cast) -> None:
    assert row_of(client, cast)["Quiet"] == "yes"
    with clock(back(20)):
        for criterion in cast.criteria:
            record.mark(cast.learner, criterion, cast.mentor, "met", "Yes.", seen=0)
    assert row_of(client, cast)["Quiet"] == ""
    assert row_of(client, cast, cast.fellow)["Quiet"] == "yes"
    Cohort.objects.update(ended_at=timezone.now())
    assert row_of(client, cast, cast.fellow)["Quiet"] == ""


# What waits too long ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("promised", "days", "pause", "late"),
    [
        (3, 3, None, ""),
        (3, 4, None, "yes"),
        (3, 4, (2, 2), ""),
        (3, 5, (2, 2), "yes"),
        (3, 4, (4, 4), ""),
        (3, 5, (5, 5), "yes"),
        (0, 0, None, ""),
        (0, 1, None, "yes"),
        (None, 40, None, ""),
    ],
)
def test_waiting_is_too_long_after_the_promised_days_of_work(
    client: Client, cast: Cast, promised: int | None, days: int, pause: tuple[int, int] | None, late: str
) -> None:
    Cohort.objects.update(review_days=promised)
    if pause:
        Pause.objects.create(cohort=cast.cohort, first=day(pause[0]), last=day(pause[1]))
    with clock(back(days)):
        version = cast.hand_in()
    row = row_of(client, cast)
    assert (row["Waiting since"], row["Works waiting"]) == (day(days).isoformat(), "1")
    assert row["Waiting too long"] == late
    shown = page(client, cast)
    assert ("1 work waits too long" in shown) == bool(late)
    assert (version.submission.get_absolute_url() in shown) == bool(late)


def test_oldest_work_counts(client: Client, cast: Cast) -> None:
    works = list(cast.month.deliverables.order_by("pk"))
    for days, work in ((1, works[0]), (5, works[1])):
        with clock(back(days)):
            cast.hand_in(work=work)
    row = row_of(client, cast)
    assert (row["Works waiting"], row["Waiting since"]) == ("2", day(5).isoformat())
    assert "the oldest of 2" in page(client, cast)


# Who is behind ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "behind"), [(13, "0"), (14, "1")])
@pytest.mark.parametrize("own", [False, True])
def test_behind_is_who_has_not_completed_a_month_that_is_over(
    client: Client, cast: Cast, own: bool, days: int, behind: str
) -> None:
    """The month takes two weeks: its last day is the thirteenth after the first."""
    Cohort.objects.update(starts=day(30 if own else days), pace=1)
    Membership.objects.filter(pk=cast.learner.pk).update(starts=day(days) if own else None)
    assert row_of(client, cast)["Months behind"] == behind
    for criterion in cast.criteria:
        record.mark(cast.learner, criterion, cast.mentor, "met", "Yes.", seen=0)
    assert row_of(client, cast)["Months behind"] == "0"


def test_nobody_is_behind_in_a_month_without_criteria(client: Client, cast: Cast) -> None:
    Cohort.objects.update(pace=1)
    assert row_of(client, cast)["Months behind"] == "1"
    publish_month(cast.curriculum, month_text(weeks=2, criteria=0))
    assert row_of(client, cast)["Months behind"] == "0"


# Order and choice -------------------------------------------------------------------------------------------
@pytest.fixture
def crowd(cast: Cast) -> Cast:
    """Ines and Kwame, and Élodie between them, with something different in every column."""
    other = mentor_of(cast.cohort, name="Ada Berg")
    elodie = MembershipFactory.create(
        cohort=cast.cohort, user__name="Élodie Roux", mentor=other, joined_at=back(60)
    )
    with clock(back(5)):
        version = cast.hand_in(elodie)
    with clock(back(2)):
        cast.hand_in(cast.learner)
    review = Review.objects.begin(version, cast.mentor)
    Thread.objects.open(version, cast.mentor, Said("Why?", uuid4(), "must"), review)
    review.publish("comment")
    for criterion in cast.criteria:
        record.mark(elodie, criterion, cast.mentor, "met", "Yes.", seen=0)
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Yes.", seen=0)
    return cast


ELODIE, INES, KWAME = "Élodie Roux", "Ines Duarte", "Kwame Mensah"


ORDERS = {
    "": [ELODIE, INES, KWAME],
    "name": [ELODIE, INES, KWAME],
    "-name": [KWAME, INES, ELODIE],
    "month": [INES, KWAME, ELODIE],
    "-month": [ELODIE, INES, KWAME],
    "met": [KWAME, INES, ELODIE],
    "-met": [ELODIE, INES, KWAME],
    "points": [INES, KWAME, ELODIE],
    "-points": [ELODIE, INES, KWAME],
    "activity": [ELODIE, INES, KWAME],
    "-activity": [INES, ELODIE, KWAME],
    "waiting": [ELODIE, INES, KWAME],
    "-waiting": [INES, ELODIE, KWAME],
    "mentor": [ELODIE, INES, KWAME],
    "-mentor": [INES, ELODIE, KWAME],
}
"""Whoever has nothing in the column comes last both ways; equal ones stand by name."""


def test_list_is_sorted_by_each_column(client: Client, crowd: Cast) -> None:
    assert {order: names(client, crowd, f"?sort={order}") for order in ORDERS} == ORDERS


@pytest.mark.parametrize(
    ("order", "direction", "turned"),
    [("", "ascending", "-name"), ("-points", "descending", "points"), ("waiting", "ascending", "-waiting")],
)
def test_head_of_the_column_tells_the_order_and_turns_it(
    client: Client, crowd: Cast, order: str, direction: str, turned: str
) -> None:
    shown = page(client, crowd, f"?sort={order}")
    assert shown_names(shown) == ORDERS[order]
    assert re.findall(r'aria-sort="(\w+)"><a href="([^"#]*)', shown) == [(direction, f"?sort={turned}")]
    assert f'<option value="{order}" selected>' in shown


def test_list_is_narrowed(client: Client, crowd: Cast) -> None:
    User.objects.filter(pk=crowd.deactivated.pk).update(name="Gone Person")
    choices = {
        "?q=elodie": [ELODIE],
        "?q=%C3%89LOD": [ELODIE],
        "?q=nobody": [],
        "?mentor=none": [KWAME],
        f"?mentor={crowd.mentor.uuid}": [INES],
        "?state=late": [ELODIE],
        "?state=quiet": [KWAME],
        "?state=behind": [],
        "?q=ines&state=quiet": [],
        "?ended=yes": ["Gone Person"],
    }
    assert {query: names(client, crowd, query) for query in choices} == choices
    for query in ("?state=late", "?q=ines&state=quiet", "?q=%C3%89LOD", "?ended=yes"):
        shown = page(client, crowd, query)
        assert shown_names(shown) == choices[query]
        assert ("Nobody fits this choice." in shown) == (not choices[query])
        assert (f"learners.csv{query}" in shown.replace("&amp;", "&")) == bool(choices[query])


def test_other_choices_stay_when_one_changes(client: Client, crowd: Cast) -> None:
    shown = page(client, crowd, f"?mentor={crowd.mentor.uuid}&sort=-waiting")
    assert f'href="?mentor={crowd.mentor.uuid}&amp;sort=name#learners"' in shown
    assert '<option value="-waiting" selected>' in shown


def test_who_has_left_is_behind_a_link(client: Client, crowd: Cast) -> None:
    User.objects.filter(pk=crowd.deactivated.pk).update(is_active=True)
    assert "ended membership" not in page(client, crowd)
    crowd.fellow.end()
    assert KWAME not in plain(page(client, crowd))
    assert '<a href="?ended=yes">1 ended membership</a>' in page(client, crowd)
    assert [(row["Learner"], row["Ended"]) for row in rows(client, crowd, "?ended=yes")] == [
        (KWAME, day(0).isoformat())
    ]
    assert rows(client, crowd, "?ended=yes")[0]["Quiet"] == ""


BAD = {
    "?sort=height": "There is no such order. The list is sorted by name.",
    "?state=lost": "There is no such state. Everybody is shown.",
    "?mentor=somebody": "Nobody here has that mentor. Learners of all mentors are shown.",
    "?q=" + "x" * 151: "at most 150 characters",
    "?q=%00": "Null characters are not allowed.",
    "?ended=perhaps": "Order: Learner, A to Z.",
    "?sort=%00&sort=height&page=7": "There is no such order.",
}


def test_bad_choice_is_told_and_all_are_shown(client: Client, crowd: Cast) -> None:
    for query, said in BAD.items():
        shown = page(client, crowd, query)
        assert said in plain(shown)
        assert shown_names(shown) == [ELODIE, INES, KWAME]
    assert names(client, crowd, "?sort=height&state=lost&mentor=x&q=%00") == [ELODIE, INES, KWAME]


def test_empty_lists_teach(client: Client, cast: Cast) -> None:
    Cohort.objects.update(review_days=None)
    assert "promises no review days" in page(client, cast, "?state=late")
    assert "No review days are promised" in page(client, cast)
    Membership.objects.learners().update(ended_at=timezone.now())
    assert "All have left." in page(client, cast)


def test_cohort_that_nobody_has_joined_teaches(db: None, client: Client) -> None:
    cohort = CohortFactory.create(starts=day(-9))
    client.force_login(mentor_of(cohort))
    answer = client.get(cohort.get_absolute_url()).text
    assert "Nobody has joined yet." in answer
    assert "begins" in answer


# The sheet --------------------------------------------------------------------------------------------------
FORMULAS = ["=1+1", "+49", "-2", "@sum", "\tx", "\rx", "＝1", '=HYPERLINK("http://x","y")']


def test_sheet_holds_no_formula(client: Client, cast: Cast) -> None:
    """Names of learners and mentors, and titles of months, are what people type."""
    for name in FORMULAS:
        MembershipFactory.create(
            cohort=cast.cohort, user__name=name, mentor=UserFactory.create(name=f"{name}!")
        )
    publish_month(cast.curriculum, month_text().replace("# Month 08: System Design", "# =2*3"), "other.md")
    client.force_login(cast.mentor)
    content = client.get(f"/cohorts/{cast.cohort.uuid}/learners.csv").content.decode("utf-8-sig")
    cells = [cell for line in csv.reader(StringIO(content, newline="")) for cell in line]
    wanted = {f"'{name}{end}" for name in FORMULAS for end in ("", "!")} | {"'=2*3"}
    assert wanted <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_sheet_is_a_file_that_spreadsheets_understand(client: Client, cast: Cast) -> None:
    Cohort.objects.filter(pk=cast.cohort.pk).update(name="Ünion / Herbst “26”")
    User.objects.filter(pk=cast.learner.user_id).update(name='Søren "Sø", the third')
    client.force_login(cast.mentor)
    answer = client.get(f"/cohorts/{cast.cohort.uuid}/learners.csv?state=quiet")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    named = f'attachment; filename="union-herbst-26-quiet-{day(0).isoformat()}.csv"'
    assert answer["Content-Disposition"] == named
    assert answer.content.startswith(b"\xef\xbb\xbfLearner,Working on,")
    assert b"\r\n" in answer.content
    assert 'Søren "Sø", the third' in names(client, cast, "?state=quiet")


# Whose page it is -------------------------------------------------------------------------------------------
def test_admin_sees_sums_and_no_way_into_the_work(client: Client, crowd: Cast) -> None:
    theirs, mentors = page(client, crowd, user=crowd.admin), page(client, crowd)
    assert "/learners/" in mentors
    assert "/submissions/" in mentors
    for word in (ELODIE, INES, "1 work waits too long"):
        assert word in plain(theirs)
        assert word in plain(mentors)
    assert not re.findall(r'href="/(learners|submissions|desk)/', theirs)
    assert f"/admin/people/cohort/{crowd.cohort.pk}/change/" in theirs
    assert rows(client, crowd, user=crowd.admin) == rows(client, crowd)
    Membership.objects.create(user=crowd.admin, cohort=crowd.cohort, role="mentor")
    assert "/submissions/" in page(client, crowd, user=crowd.admin)


def test_page_is_for_current_mentors_and_admins_of_cohorts(client: Client, cast: Cast) -> None:
    def status(user: User) -> int:
        client.force_login(user)
        answers = {
            client.get(f"/cohorts/{cast.cohort.uuid}/{name}").status_code for name in ("", "learners.csv")
        }
        assert len(answers) == 1
        return answers.pop()

    editor = UserFactory.create(is_staff=True)
    assert (status(cast.mentor), status(cast.admin), status(editor)) == (200, 200, 404)
    editor.user_permissions.add(Permission.objects.get(codename="view_cohort"))
    assert status(User.objects.get(pk=editor.pk)) == 200
    User.objects.filter(pk=editor.pk).update(is_staff=False)
    assert status(User.objects.get(pk=editor.pk)) == 404
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())
    assert (status(cast.mentor), status(cast.other_mentor), status(cast.learner.user)) == (404, 404, 404)


def test_admin_gets_there_from_the_cohort(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    form = client.get(reverse("admin:people_cohort_change", args=[cast.cohort.pk])).text
    way = re.search(r'href="(/admin/r/[^"]*)"', form)
    assert way
    assert client.get(way[1])["Location"].endswith(f"/cohorts/{cast.cohort.uuid}/")
