"""Sent comments whose words are changed: what they said before stays, for everybody who could read it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from people.models import Notification
from progress.erasing import OneText
from progress.verification import marks
from submissions.models import Comment, EarlierWords, Mention, Review, Thread
from tests.cast import Cast
from tests.factories import mentor_of
from tests.routes import World
from tests.submissions.talking import HTMX, sent_threads, words


def opening(cast: Cast, body: str = "Where do the lables wait?") -> Comment:
    (thread,) = sent_threads(cast, body)
    return thread.comments.get()


def run(sql: str, *values: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def test_change_of_a_sent_comment_keeps_what_it_said(cast: Cast) -> None:
    comment = opening(cast)
    told = Notification.objects.count()

    comment.change(cast.mentor, "Where do the labels wait?")
    comment.change(cast.mentor, "Where do the labels wait?")
    comment.change(cast.mentor, "Which labels wait?")

    comment = Comment.objects.get()
    assert (comment.body, comment.edits) == ("Which labels wait?", 2)
    assert [(one.number, one.body) for one in comment.earlier.all()] == [
        (1, "Where do the lables wait?"),
        (2, "Where do the labels wait?"),
    ]
    assert Notification.objects.count() == told


def test_change_is_for_the_author_alone_while_they_belong_here(cast: Cast) -> None:
    comment = opening(cast)
    for person in (cast.learner.user, mentor_of(cast.cohort)):
        with pytest.raises(PermissionDenied):
            comment.change(person, "Mine")
    cast.mentor.memberships.get().end()
    with pytest.raises(PermissionDenied):
        comment.change(cast.mentor, "Late")
    assert Comment.objects.get().body == "Where do the lables wait?"


def test_change_of_what_has_no_words_or_counts_no_more_is_refused(cast: Cast) -> None:
    comment = opening(cast)
    dropped = comment.thread.drop(cast.mentor, words(""))
    with pytest.raises(PermissionDenied):
        dropped.change(cast.mentor, "Words")
    assert comment.review
    comment.review.withdraw(cast.mentor, "Wrong work.")
    with pytest.raises(PermissionDenied):
        comment.change(cast.mentor, "Words")


def test_change_made_from_older_words_is_told(cast: Cast) -> None:
    comment = opening(cast)
    seen = comment.state_digest
    comment.change(cast.mentor, "From one window")
    with pytest.raises(ValidationError):
        comment.change(cast.mentor, "From another", seen)
    assert Comment.objects.get().body == "From one window"


def test_database_lets_words_change_only_where_the_earlier_are_kept(cast: Cast) -> None:
    comment = opening(cast)
    table = Comment._meta.db_table
    for sql, values in (
        (f"UPDATE {table} SET body = %s", ["other"]),  # noqa: S608
        (f"UPDATE {table} SET body = %s, edits = edits + 1", ["other"]),  # noqa: S608
        (f"UPDATE {table} SET act = %s, edits = edits + 1", ["drop"]),  # noqa: S608
    ):
        with pytest.raises(DatabaseError):
            run(sql, *values)
    comment.change(cast.mentor, "other")
    with pytest.raises(DatabaseError):  # the words that are kept are those before the last change
        run(f"UPDATE {table} SET body = %s, edits = edits + 1", "third")  # noqa: S608
    earlier = EarlierWords._meta.db_table
    for sql in (f"DELETE FROM {earlier}", f"UPDATE {earlier} SET body = 'never said'"):  # noqa: S608
        with pytest.raises(DatabaseError):
            run(sql)


def test_answer_that_was_changed_goes_back_into_the_draft_with_its_version(cast: Cast) -> None:
    (thread,) = sent_threads(cast, "Why?")
    draft = thread.submission.start_draft()
    draft.save_draft("# Next", "", "", draft.revision)
    answer = thread.answer(cast.learner.user, "fixed", words("Dnoe"), draft)
    draft.submit()
    answer.change(cast.learner.user, "Done")

    draft.take_back()

    assert draft.answers == {str(thread.uuid): {"act": "fixed", "body": "Done"}}
    assert not EarlierWords.objects.exists()


def test_page_shows_that_it_was_changed_and_what_it_said(cast: Cast, client: Client) -> None:
    comment = opening(cast)
    place = reverse("submissions:comment_words", args=[comment.uuid])
    client.force_login(cast.mentor)
    page = client.get(place).text
    assert "Your comment" in page

    sent = {"body": "Where do the labels wait?", "seen": comment.state_digest}
    change = reverse("submissions:comment_change", args=[comment.uuid])
    answer = client.post(change, sent, headers=HTMX)

    assert answer.status_code == 200
    assert f'id="thread-{comment.thread.uuid}"' in answer.text
    assert ">edited<" in answer.text
    client.force_login(cast.learner.user)
    assert ">edited<" in client.get(comment.thread.submission.get_absolute_url()).text
    page = client.get(place).text
    assert "<del>lables</del>" in page
    assert "<ins>labels</ins>" in page
    assert "Your comment" not in page


def test_form_that_is_refused_gives_the_words_back(cast: Cast, client: Client) -> None:
    comment = opening(cast)
    seen = comment.state_digest
    comment.change(cast.mentor, "From one window")
    client.force_login(cast.mentor)
    change = reverse("submissions:comment_change", args=[comment.uuid])
    for headers in (HTMX, {}):
        answer = client.post(change, {"body": "From another", "seen": seen}, headers=headers)
        assert answer.status_code == 422
        assert "From one window" in answer.text
        assert "From another</textarea>" in answer.text
        assert client.post(change, {"body": " ", "seen": seen}, headers=headers).status_code == 422


def test_words_of_a_draft_are_nobody_elses(world: World) -> None:
    unsent = world.unsent.comments.get()
    place = reverse("submissions:comment_words", args=[unsent.uuid])
    for person in ("learner", "mentor"):
        assert world.client(person).get(place).status_code == 404


def test_erasing_takes_the_earlier_words_too(world: World) -> None:
    comment = Comment.objects.get(thread=world.thread)
    comment.change(world.cast.mentor, "Which one, @Colleague?")
    assert Mention.objects.count() == 1

    OneText("comment", comment.uuid).carry_out(world.cast.admin, "A name")

    (earlier,) = EarlierWords.objects.all()
    assert (earlier.body, bool(earlier.erased_at)) == ("", True)
    assert not Mention.objects.exists()
    page = world.client("learner").get(reverse("submissions:comment_words", args=[comment.uuid])).text
    assert "Which one" not in page
    assert "(erased on" in page
    (kind,) = (rows.exclude(empty) for kind, rows, empty in marks() if kind == "comment")
    assert not kind.exists()


def test_question_of_a_learner_can_be_changed_by_them(cast: Cast, client: Client) -> None:
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("Enuogh?"))
    client.force_login(cast.learner.user)
    change = reverse("submissions:comment_change", args=[thread.comments.get().uuid])
    assert client.post(change, {"body": "Enough?"}).status_code == 302
    assert thread.comments.get().body == "Enough?"


def test_page_says_what_goes_with_an_act_and_that_a_question_is_closed(cast: Cast, client: Client) -> None:
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("Enough?"))
    client.force_login(cast.learner.user)
    place = reverse("submissions:comment_new", args=[thread.uuid])
    page = client.get(thread.submission.get_absolute_url()).text
    assert 'value="drop" data-with="Close with this reply"' in page
    answer = client.post(place, {"do": "drop", "key": thread.uuid, "body": "Found it."}, headers=HTMX).text
    assert answer.count("Closed") == 3  # The thread, what was done, and what can be undone.
    assert "Dropped" not in answer
    assert "Found it." in answer


def test_removal_asks_first_and_is_told(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("Not needed"), review)
    client.force_login(cast.mentor)
    page = client.get(thread.submission.get_absolute_url()).text
    question = page[page.index('<details class="remove">') : page.index('name="remove" value="yes"')]
    assert "This comment and its words are gone then." in question
    assert "data-say" not in page
    change = reverse("submissions:comment_change", args=[thread.comments.get().uuid])
    assert "The comment was removed." in client.post(change, {"remove": "yes"}, headers=HTMX).text
    assert not Comment.objects.filter(body="Not needed").exists()
