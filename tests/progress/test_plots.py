"""The cohort in pictures: their figures, their words and their shapes say the same."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from curriculum.pages import plan_of
from people.models import Cohort, Membership, Pause
from progress import record
from progress.board import Board
from progress.demo.people import clock
from progress.models import Completion
from progress.plots import HEIGHT, WEEKS, WIDTH, Loads, Progress, Waits
from submissions.models import Review, Version
from tests.cast import Cast, month_text, publish_month
from tests.factories import CohortFactory, MembershipFactory, UserFactory, mentor_of


def back(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def day(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


def board(cast: Cast) -> Board:
    cohort = Cohort.objects.get(pk=cast.cohort.pk)
    return Board(cohort, plan_of(cohort.curriculum_id).months)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast in the fourth week of a month of four weeks, eight tasks, a requirement and two criteria."""
    publish_month(cast.curriculum, month_text(weeks=4))
    Cohort.objects.filter(pk=cast.cohort.pk).update(starts=day(24), review_days=3)
    Membership.objects.update(joined_at=back(30))
    return cast


def handed_in(cast: Cast, place: int, days: int, learner: Membership | None = None) -> Version:
    """The work in that place of the month, handed in so many days ago."""
    with clock(back(days)):
        return cast.hand_in(learner, cast.month.deliverables.order_by("pk")[place])


def decide(cast: Cast, version: Version, days: int, verdict: str = "accept") -> Review:
    """A review by the cast's mentor, so many days ago."""
    with clock(back(days)):
        review: Review = Review.objects.begin(version, cast.mentor)
        review.save_draft(verdict, "Said.", review.revision)
        review.publish(verdict, accept_open=True)
    return review


def test_nothing_is_drawn_where_there_is_nothing(db: None, client: Client) -> None:
    """Each picture says then what it will show."""
    cohort = CohortFactory.create(starts=day(-3))
    MembershipFactory.create(cohort=cohort)
    mentor = mentor_of(cohort)
    client.force_login(mentor)
    shown = client.get(cohort.get_absolute_url()).text
    assert "As soon as the curriculum is published" in shown
    publish_month(cohort.curriculum, month_text())
    shown = client.get(cohort.get_absolute_url()).text
    assert re.search(r"From \w+ \d+ \w+ on, this will show week by week", shown)
    assert "No work was decided on in the last 12 weeks." in shown
    assert shown.count("<polyline") == 0
    Membership.objects.filter(user=mentor).update(ended_at=timezone.now())
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    client.force_login(admin)
    assert "This cohort has no mentor yet." in client.get(cohort.get_absolute_url()).text


# Progress against plan --------------------------------------------------------------------------------------
def shares(cast: Cast, css: str) -> list[int]:
    curve = Progress(board(cast)).of(css)
    assert curve
    return [round(share) for share in curve.shares]


def test_plan_is_the_weeks_that_are_over(cast: Cast) -> None:
    """At the start, after each of three weeks, and today; two learners who began together."""
    assert shares(cast, "plan") == [0, 25, 50, 75, 75]
    assert Progress(board(cast)).days == [day(18), day(11), day(4), day(0)]
    Membership.objects.filter(pk=cast.fellow.pk).update(starts=day(10))  # One week is over for them.
    assert shares(cast, "plan") == [0, 12, 25, 50, 50]
    Pause.objects.create(cohort=cast.cohort, first=day(24), last=day(15))
    assert shares(cast, "plan") == [0, 0, 0, 25, 38]


def test_week_counts_from_the_day_after_its_last(cast: Cast) -> None:
    Cohort.objects.update(starts=day(6))
    assert shares(cast, "plan") == [0, 0]
    Cohort.objects.update(starts=day(7))
    assert shares(cast, "plan") == [0, 25, 25]


def test_ticks_and_marks_count_from_their_day(cast: Cast) -> None:
    tasks = list(cast.month.tasks.filter(archived_at=None))
    assert len(tasks) == 9
    for days, count in ((20, 3), (11, 3)):
        with clock(back(days)):
            for task in tasks[:count] if days == 20 else tasks[3 : 3 + count]:
                Completion.objects.tick(cast.learner, task)
    Completion.objects.filter(task=tasks[0]).update(done_at=None, note="Not yet.")
    assert shares(cast, "ticked") == [0, 11, 28, 28, 28]  # 2 and 5, of two times nine

    first, second = cast.criteria
    for days, criterion in ((17, first), (5, second)):
        with clock(back(days)):
            record.mark(cast.learner, criterion, cast.mentor, "met", "Yes.", seen=0)
    assert shares(cast, "met") == [0, 0, 25, 50, 50]
    publish_month(cast.curriculum, month_text(weeks=4, criteria=3))
    assert [line.met for line in board(cast).current] == [3, 0]  # A complete month is met as a whole.
    assert shares(cast, "met") == [0, 0, 17, 50, 50]


def test_sentence_table_and_lines_agree(client: Client, cast: Cast) -> None:
    with clock(back(5)):
        record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", "Yes.", seen=0)
    client.force_login(cast.mentor)
    shown = re.sub(r"\s+", " ", unescape(client.get(f"/cohorts/{cast.cohort.uuid}/").text))
    said = "By today 75 % of the plan's weeks are over. 0 % of the tasks are ticked."
    assert f"{said} 25 % of the criteria are met: 1 of 4." in shown
    points = re.findall(r'<polyline class="(\w+)" points="([^"]*)"', shown)
    assert [name for name, _points in points] == ["plan", "ticked", "met"]
    lines = {name: [tuple(map(float, pair.split(","))) for pair in drawn.split()] for name, drawn in points}
    assert list(lines["plan"][0]) == [0, HEIGHT]
    assert list(lines["plan"][-1]) == pytest.approx([WIDTH, HEIGHT * 0.25], abs=0.1)
    assert list(lines["met"][-1]) == pytest.approx([WIDTH, HEIGHT * 0.75], abs=0.1)
    rows = re.findall(r'<th scope="row">[^<]*</th>((?:<td>\d+ %</td>)+)', shown)
    assert [re.findall(r"\d+", row) for row in rows][-1] == ["75", "0", "25"]


def test_names_of_lines_never_touch(cast: Cast) -> None:
    drawn = Progress(board(cast)).curves
    heights = sorted(curve.label_y for curve in drawn)
    assert all(below - above >= 14 for above, below in pairwise(heights))
    assert 0 <= heights[0] <= heights[-1] <= HEIGHT


def test_long_time_has_few_points(cast: Cast) -> None:
    Cohort.objects.update(starts=day(7 * 300), pace=Decimal(1))
    progress = Progress(board(cast))
    assert len(progress.days) <= 62
    assert shares(cast, "plan")[-1] == 100


# Waiting time by week ---------------------------------------------------------------------------------------
def test_waits_are_from_hand_in_to_the_first_review_that_decides(cast: Cast) -> None:
    monday = datetime.now(UTC).weekday()
    friday = monday + 3
    """Of last week, in days before today."""
    first = handed_in(cast, 0, friday + 2)
    decide(cast, first, friday + 1, "comment")  # decides nothing
    decide(cast, first, friday, "changes")
    decide(cast, handed_in(cast, 1, friday + 9), friday)
    again = handed_in(cast, 2, friday + 3)
    decide(cast, again, friday)
    decide(cast, again, 0)  # a second thought is no second wait
    withdrawn = decide(cast, handed_in(cast, 0, friday + 30, cast.fellow), friday)
    withdrawn.withdraw(cast.mentor, "Wrong one.")
    decide(cast, handed_in(cast, 3, 7 * WEEKS + 9), 7 * WEEKS + 7)  # too long ago

    waits = Waits(board(cast))
    assert len(waits.weeks) == WEEKS
    (week,) = waits.shown
    assert week.first == day(monday + 7)
    assert (sorted(week.waited), week.median, week.longest) == ([2, 3, 9], 3, 9)
    assert week.top == 0
    assert week.middle == pytest.approx(HEIGHT * 2 / 3, abs=0.1)
    assert waits.promise_y == pytest.approx(HEIGHT * 2 / 3, abs=0.1)
    said = "In 12 weeks 3 works were decided on: half of them within 3 days, the longest wait was 9 days."
    assert waits.sentence == f"{said} Promised: 3 days."

    Pause.objects.create(cohort=cast.cohort, first=day(friday + 8), last=day(friday + 4))
    assert Waits(board(cast)).shown[0].longest == 4


def test_half_a_day_is_said(cast: Cast) -> None:
    for place, days in ((0, 2), (1, 1)):
        decide(cast, handed_in(cast, place, days), 0)
    assert Waits(board(cast)).sentence.startswith(
        "In 12 weeks 2 works were decided on: half of them within 1.5 days, the longest wait was 2 days."
    )


# Load by mentor ---------------------------------------------------------------------------------------------
def test_loads_are_what_waits_for_whom_and_what_was_sent(cast: Cast) -> None:
    ada = mentor_of(cast.cohort, name="Ada Berg")
    handed_in(cast, 0, 1)
    handed_in(cast, 1, 1)
    handed_in(cast, 0, 1, cast.fellow)  # of nobody in particular
    decide(cast, handed_in(cast, 2, 5), 3)
    decide(cast, handed_in(cast, 3, 40), 29)  # too long ago

    loads = Loads(board(cast))
    seen = {load.name: (load.waiting, load.reviewed, load.learners) for load in loads.loads}
    assert seen == {"Ada Berg": (0, 0, 0), "Tomas Lindqvist": (2, 1, 1), "nobody in particular": (1, 0, 1)}
    said = "3 works wait: 2 for Tomas Lindqvist, 1 for nobody in particular."
    assert loads.sentence == f"{said} In the last four weeks 1 review was sent."
    widths = {load.name: (load.waiting_width, load.reviewed_width) for load in loads.drawn}
    assert widths["Tomas Lindqvist"] == (float(WIDTH), WIDTH / 2)

    Membership.objects.filter(pk=cast.fellow.pk).update(mentor=ada)
    assert Loads(board(cast)).sentence.startswith("3 works wait: 2 for Tomas Lindqvist, 1 for Ada Berg.")
    for number in range(8):
        mentor_of(cast.cohort, name=f"Mentor {number}")
    crowded = Loads(board(cast))
    assert (len(crowded.loads), len(crowded.drawn), crowded.more) == (10, 5, 5)
