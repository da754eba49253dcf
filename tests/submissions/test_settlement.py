"""Several threads confirmed or dropped at once, and that taken back."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Notification
from submissions.models import Comment, Review, Thread
from submissions.models.comment import UNDO_TIME
from submissions.settlement import Settlement
from submissions.talk import Talk
from tests.cast import Cast, make_cast
from tests.factories import mentor_of
from tests.submissions.talking import HTMX, answered, sent_threads, state, words
from tests.turns import at_once, take_no_rows


def form(*threads: Thread, act: str = "confirm") -> dict[str, object]:
    return {"act": act, "key": uuid4(), "thread": [thread.uuid for thread in threads]}


def test_several_are_confirmed_in_one_act_and_said_once(cast: Cast, client: Client) -> None:
    first, second, third = answered(cast, "One", "Two", "Three")
    place = reverse("submissions:several", args=[first.submission.uuid])
    client.force_login(cast.mentor)
    sent = form(first, second)

    answer = client.post(place, sent, headers=HTMX)
    again = client.post(place, sent, headers=HTMX)

    assert answer.status_code == again.status_code == 200
    assert "2 comments are confirmed." in answer.text
    assert "Undo all 2" in answer.text
    assert [state(thread) for thread in (first, second, third)] == ["confirmed", "confirmed", "answered"]
    assert Comment.objects.filter(act="confirm").count() == 2
    assert cast.learner.user.notifications.filter(kind="replied").count() == 1


def test_what_is_not_possible_is_said_by_thread_and_the_rest_is_done(cast: Cast, client: Client) -> None:
    first, second = answered(cast, "One", "Settled already")
    second.drop(cast.mentor, words(""))
    client.force_login(cast.mentor)
    place = reverse("submissions:several", args=[first.submission.uuid])

    answer = client.post(place, form(first, second), headers=HTMX)

    assert "1 comment is confirmed." in answer.text
    assert "“Settled already”: This thread is “Dropped” by now" in answer.text
    page = client.post(place, form(second), follow=True).text
    assert "Nothing was changed." in page
    assert "Settled already" in page


def test_nothing_and_nonsense_change_nothing(cast: Cast, client: Client) -> None:
    (thread,) = sent_threads(cast, "One")
    client.force_login(cast.mentor)
    place = reverse("submissions:several", args=[thread.submission.uuid])
    assert "Nothing was selected." in client.post(place, form(), headers=HTMX).text
    for wrong in ({"act": "reopen"}, {"thread": ["nonsense"]}, {"act": "undo"}):
        assert client.post(place, form(thread) | wrong).status_code == 400
    assert state(thread) == "open"


def test_undo_brings_back_the_state_that_was_there(cast: Cast, client: Client) -> None:
    first, second = answered(cast, "One", "Two")
    settlement = Settlement(first.submission, cast.mentor)
    settlement.settle("confirm", [first.uuid, second.uuid], uuid4())
    told = Notification.objects.count()
    client.force_login(cast.mentor)
    place = reverse("submissions:undo", args=[first.submission.uuid])

    sent = {"comment": [comment.uuid for comment in settlement.done]}
    answers = [client.post(place, sent, headers=HTMX) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "2 taken back, as they were before." in answers[0].text
    assert [state(first), state(second)] == ["answered", "answered"]
    assert Comment.objects.filter(act="undo").count() == 2
    assert Notification.objects.count() == told
    assert Talk(first.submission, cast.mentor).undoable == []
    for _turn in range(2):
        confirmed = first.confirm(cast.mentor, words(""))
        assert state(first) == "confirmed"
        first.undo(cast.mentor, confirmed)
        assert state(first) == "answered"


def test_undo_of_all_is_the_last_act_alone(cast: Cast, client: Client) -> None:
    first, second, third = answered(cast, "One", "Two", "Three")
    first.confirm(cast.mentor, words(""))
    Settlement(first.submission, cast.mentor).settle("confirm", [second.uuid, third.uuid], uuid4())
    assert {one.thread_id for one in Talk(first.submission, cast.mentor).undoable} == {second.pk, third.pk}
    page = page_of(first, cast, client)
    assert "Undo all 2" in page
    assert page.count('class="undo"') == 3, "each can still be taken back by itself"


def test_undo_never_reaches_behind_a_decision_that_was_sent(cast: Cast, client: Client) -> None:
    first, second = answered(cast, "One", "Two")
    before = first.confirm(cast.mentor, words(""))
    review = Review.objects.begin(first.submission.versions.get(number=2), cast.mentor)
    review.publish("accept", accept_open=True)
    after = second.confirm(cast.mentor, words(""))

    with pytest.raises(ValidationError, match="decided since"):
        first.undo(cast.mentor, before)
    assert [one.pk for one in Talk(first.submission, cast.mentor).undoable] == [after.pk]
    assert f'value="{before.uuid}"' not in page_of(first, cast, client)
    review.withdraw(cast.mentor, "Too early")
    first.undo(cast.mentor, before)
    assert state(first) == "answered"


def test_undo_of_a_closed_question_leaves_it_answered(cast: Cast) -> None:
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("Enough?"))
    thread.reply(cast.mentor, words("Yes"))
    closed = thread.drop(cast.learner.user, words(""))
    thread.undo(cast.learner.user, closed)
    assert state(thread) == "answered"


def test_undo_is_for_who_did_it_while_nothing_followed(cast: Cast) -> None:
    first, second = answered(cast, "One", "Two")
    confirmed = first.confirm(cast.mentor, words(""))
    with pytest.raises(PermissionDenied):
        first.undo(mentor_of(cast.cohort), confirmed)
    with pytest.raises(PermissionDenied):
        second.undo(cast.mentor, confirmed)
    first.reply(cast.learner.user, words("Thank you"))
    with pytest.raises(ValidationError):
        first.undo(cast.mentor, confirmed)
    assert state(first) == "confirmed"


def test_undo_is_refused_after_ten_minutes(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (thread,) = answered(cast, "One")
    confirmed = thread.confirm(cast.mentor, words(""))
    assert f'name="comment" value="{confirmed.uuid}"' in page_of(thread, cast, client)

    later = timezone.now() + UNDO_TIME + timedelta(seconds=1)
    with monkeypatch.context() as patch:
        patch.setattr("submissions.models.comment.timezone.now", lambda: later)
        with pytest.raises(ValidationError):
            thread.undo(cast.mentor, confirmed)
    assert state(thread) == "confirmed"


def page_of(thread: Thread, cast: Cast, client: Client) -> str:
    client.force_login(cast.mentor)
    return client.get(thread.submission.get_absolute_url()).text


def test_list_can_be_selected_from_only_where_there_are_several(cast: Cast, client: Client) -> None:
    first, second = answered(cast, "One", "Two")
    assert page_of(first, cast, client).count('form="several-form"') == 2
    second.confirm(cast.mentor, words(""))
    assert 'id="several-form"' not in page_of(first, cast, client)
    client.force_login(cast.learner.user)
    assert "several-form" not in client.get(first.submission.get_absolute_url()).text


@pytest.mark.django_db(transaction=True)
def test_two_mentors_confirm_at_once_and_the_second_is_told() -> None:
    cast = make_cast()
    first, second = answered(cast, "One", "Two")
    settlements = [Settlement(first.submission, one) for one in (cast.mentor, mentor_of(cast.cohort))]
    ids = [first.uuid, second.uuid]
    assert at_once(*(partial(one.settle, "confirm", ids, uuid4()) for one in settlements)) == [None, None]
    assert sorted(len(one.done) for one in settlements) == [0, 2]
    assert sorted(len(one.refused) for one in settlements) == [0, 2]
    assert Comment.objects.filter(act="confirm").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_undo_take_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one row that may take back an act decides, even where nobody waits for another."""
    cast = make_cast()
    (thread,) = answered(cast, "One")
    confirmed = thread.confirm(cast.mentor, words(""))
    take_no_rows(monkeypatch)
    at_once(*(partial(Thread.objects.get(pk=thread.pk).undo, cast.mentor, confirmed) for _n in range(2)))
    assert Comment.objects.filter(undoes=confirmed).count() == 1
