"""The sheet on which a review ends."""

from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from people.models import Membership
from progress import defence
from progress.finish import Sheet
from progress.models import Entry
from submissions.models import Review, State, Submission, Thread
from tests.cast import Cast
from tests.factories import mentor_of
from tests.progress.sheets import begun, finish_url, mark, said, sheet


def test_finish_sends_review_and_marks_together(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    first, second = cast.criteria
    marks = mark(first, evidence=f"version:{review.version.uuid}") | mark(second, "not_yet", "Look at part 2")

    answer = client.post(finish_url(review), sheet(review) | marks)

    assert answer["Location"] == review.version.submission.get_absolute_url()
    review.refresh_from_db()
    assert (review.verdict, review.summary, review.is_draft) == ("accept", "Well done", False)
    decided = (
        Entry.objects.filter(kind="mark").order_by("number").values_list("criterion", "decision", "version")
    )
    assert list(decided) == [(first.pk, "met", review.version.pk), (second.pk, "not_yet", None)]


def test_finish_completes_the_month_with_its_last_criterion(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    evidence = f"version:{review.version.uuid}"
    marks = mark(cast.criteria[0], evidence=evidence) | mark(cast.criteria[1], evidence=evidence)

    client.post(finish_url(review), sheet(review) | marks)

    assert Entry.objects.filter(kind="complete").count() == 1


def test_finish_with_one_bad_mark_sends_nothing_and_keeps_the_words(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], evidence=f"version:{review.version.uuid}")
    marks |= mark(cast.criteria[1], "not_yet", note="")

    answer = client.post(finish_url(review), sheet(review, summary="Hours of words") | marks)

    assert answer.status_code == 422
    assert "Hours of words" in answer.text
    assert not Entry.objects.exists()
    assert Review.objects.get().is_draft


def test_finish_after_another_mark_shows_it_and_sends_nothing(cast: Cast, client: Client) -> None:
    from progress import record  # noqa: PLC0415

    review, colleague = begun(cast), mentor_of(cast.cohort, name="Pedro Alves")
    record.mark(cast.learner, cast.criteria[0], colleague, "not_yet", "Not for me", seen=0)
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], note="My own reason", evidence=f"version:{review.version.uuid}")

    answer = client.post(finish_url(review), sheet(review) | marks)

    assert answer.status_code == 409
    assert "Pedro Alves marked this" in answer.text
    assert "My own reason" in answer.text
    assert Review.objects.get().is_draft
    seen = Entry.objects.get().number
    again = sheet(Review.objects.get()) | marks | {f"{cast.criteria[0].uuid}-seen": seen}
    assert client.post(finish_url(review), again).status_code == 302


def test_finish_twice_sends_once(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    filled = sheet(review) | mark(cast.criteria[0], note="Seen it")

    answers = [client.post(finish_url(review), filled).status_code for _click in range(2)]

    assert answers == [302, 302]
    assert Review.objects.count() == 1
    assert Entry.objects.filter(kind="mark").count() == 1


@pytest.mark.parametrize(
    "other", [{"summary": "From the other window"}, {"verdict": "changes"}], ids=["words", "verdict"]
)
def test_finish_from_another_window_is_told_and_given_back(
    cast: Cast, client: Client, other: dict[str, str]
) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    first = sheet(review)
    assert client.post(finish_url(review), first).status_code == 302

    answer = client.post(finish_url(review), first | other)

    assert answer.status_code == 409
    assert other.get("summary", "Accept") in answer.text
    assert (Review.objects.get().summary, Review.objects.get().verdict) == ("Well done", "accept")


def test_finish_asks_before_accepting_with_an_open_must_fix(cast: Cast, client: Client) -> None:
    review = begun(cast)
    Thread.objects.open(review.version, cast.mentor, said(kind="must"), review)
    client.force_login(cast.mentor)

    refused = client.post(finish_url(review), sheet(review))
    review.refresh_from_db()
    taken = client.post(finish_url(review), sheet(review, accept_open="yes"))

    assert refused.status_code == 422
    assert "although 1 point that must be fixed is not confirmed" in refused.text
    assert taken.status_code == 302


def test_finish_tells_of_a_newer_version_and_carries_the_draft_over(cast: Cast, client: Client) -> None:
    review = begun(cast)
    newer = cast.hand_in(text="# Second")
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], "not_yet", "A note about this")

    told = client.post(finish_url(review), sheet(review) | marks)
    review.refresh_from_db()
    carried = client.post(finish_url(review), sheet(review, carry="yes") | marks)

    assert told.status_code == 409
    assert "Carry my draft over to version 2" in told.text
    row = Review.objects.get()
    assert (row.version, row.is_draft, row.summary) == (newer, True, "Well done")
    assert carried.status_code == 200
    assert "A note about this" in carried.text
    assert not Entry.objects.exists()


def test_evidence_follows_a_draft_that_is_carried_over(cast: Cast, client: Client) -> None:
    review = begun(cast)
    newer = cast.hand_in(text="# Second")
    client.force_login(cast.mentor)
    marks = mark(cast.criteria[0], evidence=f"version:{review.version.uuid}")

    carried = client.post(finish_url(review), sheet(review, carry="yes") | marks)

    row = cast.criteria[0].uuid
    field = carried.text.split(f'name="{row}-evidence"')[1].split("</select>")[0]
    assert f'<option value="version:{newer.uuid}" selected>' in field


def test_finish_takes_a_defence_as_evidence(cast: Cast, client: Client) -> None:
    review = begun(cast)
    held = defence.record(
        cast.learner,
        cast.month,
        cast.mentor,
        at=timezone.now(),
        minutes=45,
        present=[cast.learner.user, cast.mentor],
        versions=[review.version],
        outcome="passed",
        key=uuid4(),
    )
    client.force_login(cast.mentor)

    client.post(finish_url(review), sheet(review) | mark(cast.criteria[0], evidence=f"defence:{held.uuid}"))

    assert Entry.objects.get(kind="mark").defence == held


def test_accepted_work_waits_for_nobody_though_a_point_is_open(cast: Cast, client: Client) -> None:
    review = begun(cast)
    Thread.objects.open(review.version, cast.mentor, said(kind="must"), review)
    review.publish("accept", accept_open=True)
    client.force_login(cast.learner.user)

    page = client.get(review.version.submission.get_absolute_url()).text

    assert "wait for you" not in page
    assert "waits for you" not in page
    assert '<p id="points"></p>' in page
    assert "Begin version 2" in page


def test_finish_here_leaves_the_newer_version_waiting(cast: Cast, client: Client) -> None:
    review = begun(cast)
    cast.hand_in(text="# Second")
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, here="yes"))

    assert answer.status_code == 302
    assert Submission.objects.get().state == State.WAITING


def test_finish_and_open_next_goes_on_to_what_waits(cast: Cast, client: Client) -> None:
    review = begun(cast)
    other = cast.hand_in(cast.fellow).submission
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, then="next"))

    assert answer["Location"] == other.get_absolute_url()


def test_finish_by_a_mentor_who_left_gives_the_words_back(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())

    answer = client.post(finish_url(review), sheet(review, summary="Hours of words"))

    assert answer.status_code == 404
    assert "Hours of words" in answer.text
    assert Review.objects.get().is_draft


def test_finish_is_refused_to_the_learner_whatever_fields_are_added(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.learner.user)
    extra = {"mentor": cast.learner.user.pk, "status": "accepted"} | mark(cast.criteria[0], note="I say so")

    answer = client.post(finish_url(review), sheet(review) | extra)

    assert answer.status_code == 403
    assert Review.objects.get().is_draft
    assert not Entry.objects.exists()
    assert client.get(finish_url(review)).status_code == 403


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"verdict": ""}, 422),
        ({"verdict": "met"}, 422),
        ({"summary": "x" * 200_001}, 422),
        ({"summary": "nul\x00"}, 422),
        ({"revision": "x"}, 422),
        ({"review": "x"}, 404),
        ({"review": uuid4()}, 404),
    ],
)
def test_finish_refuses_bad_input(cast: Cast, client: Client, values: dict[str, Any], status: int) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)

    answer = client.post(finish_url(review), sheet(review, **values))

    assert answer.status_code == status
    assert Review.objects.get().is_draft
    assert not Entry.objects.exists()


def test_words_that_are_saved_while_others_are_sent_are_not_sent_with_them(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two forms of one draft: without a look at the revision the one's words went out with the other's marks."""
    review, saved = begun(cast), Sheet.save

    def save_and_be_late(self: Sheet) -> bool:
        done = saved(self)
        Review.objects.filter(pk=review.pk).update(summary="From the other tab.", revision=F("revision") + 1)
        return done

    monkeypatch.setattr(Sheet, "save", save_and_be_late)
    client.force_login(cast.mentor)
    answer = client.post(
        finish_url(review), sheet(review, summary="Mine.") | mark(cast.criteria[0], note="Not yet.")
    )
    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "From the other tab." in answer.text
    assert Review.objects.get().is_draft
    assert not Entry.objects.exists()
