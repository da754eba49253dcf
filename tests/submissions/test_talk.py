"""Threads: who says what, what it changes, and that a double click says it once."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from submissions.models import Comment, EarlierWords, Hold, Review, Said, Thread, Version
from submissions.talk import Talk
from tests.cast import Cast, make_cast
from tests.factories import mentor_of

HTMX = {"HX-Request": "true"}


def words(body: str = "Where do the labels wait?", kind: str = "must") -> Said:
    return Said(body, uuid4(), kind)


def draft_of(thread: Thread) -> Version:
    """The next version, in which a point is fixed."""
    return thread.submission.start_draft()


def sent_thread(cast: Cast, kind: str = "must", version: Version | None = None) -> Thread:
    review = Review.objects.begin(version or cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words(kind=kind), review)
    review.publish("changes")
    return thread


def state(thread: Thread) -> str:
    return str(Thread.objects.with_state().get(pk=thread.pk).state)


def test_thread_goes_from_open_to_answered_to_confirmed(cast: Cast) -> None:
    thread = sent_thread(cast)
    states = [state(thread)]

    thread.answer(cast.learner.user, "fixed", words("Done"), draft_of(thread))
    states.append(state(thread))
    thread.confirm(cast.mentor, words(""))
    states.append(state(thread))
    thread.reopen(cast.mentor, words("Not quite"))
    states.append(state(thread))

    assert states == ["open", "answered", "confirmed", "open"]


def test_learner_whose_membership_has_ended_reads_and_says_nothing(cast: Cast, client: Client) -> None:
    thread = sent_thread(cast)
    cast.learner.end()
    learner, version = cast.learner.user, thread.anchor.version
    thread = Thread.objects.get(pk=thread.pk)

    for say in (
        lambda: thread.reply(learner, words()),
        lambda: thread.answer(learner, "fixed", words()),
        lambda: Thread.objects.open(Version.objects.get(pk=version.pk), learner, words()),
    ):
        with pytest.raises(PermissionDenied):
            say()

    assert Comment.objects.count() == 1
    client.force_login(learner)
    page = client.get(thread.submission.get_absolute_url()).text
    assert words().body in page
    assert "<textarea" not in page


def test_thread_that_comes_while_its_page_is_made_waits_for_the_next_look(cast: Cast) -> None:
    known = sent_thread(cast)
    talk = Talk(known.submission, cast.learner.user)
    assert [row.pk for row in talk.rows] == [known.pk]

    late = Thread.objects.open(known.anchor.version, cast.learner.user, words("And this?"))

    assert [thread.row.pk for thread in talk if thread.comments] == [known.pk]
    assert [thread.row.pk for thread in Talk(known.submission, cast.learner.user)] == [known.pk, late.pk]


def test_thread_drop_is_for_whoever_opened_it(cast: Cast) -> None:
    thread = sent_thread(cast)

    for person in (cast.learner.user, mentor_of(cast.cohort)):
        with pytest.raises(ValidationError):
            thread.drop(person, words(""))
    thread.drop(cast.mentor, words(""))

    assert state(thread) == "dropped"


def test_thread_confirm_is_for_mentors_only(cast: Cast) -> None:
    thread = sent_thread(cast)
    thread.answer(cast.learner.user, "fixed", words("Done"), draft_of(thread))

    with pytest.raises(ValidationError):
        thread.confirm(cast.learner.user, words(""))
    with pytest.raises(PermissionDenied):
        thread.confirm(cast.other_mentor, words(""))

    assert state(thread) == "answered"
    thread.confirm(mentor_of(cast.cohort), words(""))
    assert state(thread) == "confirmed"


def test_thread_disagreement_needs_its_because(cast: Cast) -> None:
    thread = sent_thread(cast)

    with pytest.raises(ValidationError):
        thread.answer(cast.learner.user, "disagree", words(" "))

    assert state(thread) == "open"


def test_question_is_answered_once_somebody_else_spoke(cast: Cast) -> None:
    version = cast.hand_in()
    thread = Thread.objects.open(version, cast.learner.user, words("Is SQLite enough?"))
    before = state(thread)

    thread.reply(cast.mentor, words("For this, yes."))

    assert (before, state(thread)) == ("open", "answered")


def test_learners_thread_is_a_question_sent_at_once(cast: Cast) -> None:
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words(kind="must"))

    assert thread.kind == "question"
    assert Thread.objects.visible_to(cast.mentor).get() == thread


def test_thread_is_placed_in_later_versions_too(cast: Cast) -> None:
    thread = sent_thread(cast, kind="should")

    newer = cast.hand_in(text="# Second")

    assert [one.version for one in thread.anchor.placements.order_by("pk")] == [thread.anchor.version, newer]


def test_reply_within_a_draft_is_sent_with_the_review(cast: Cast) -> None:
    thread = sent_thread(cast)
    review = Review.objects.begin(thread.anchor.version, cast.mentor)

    thread.reply(cast.mentor, words("A secret reply"), review)

    assert not Comment.objects.visible_to(cast.learner.user).filter(body="A secret reply").exists()
    review.publish("comment")
    assert Comment.objects.visible_to(cast.learner.user).filter(body="A secret reply").exists()


def test_comment_with_the_same_key_is_added_once(cast: Cast) -> None:
    thread, said = sent_thread(cast), words("Once")

    first, second = thread.reply(cast.mentor, said), thread.reply(cast.mentor, said)
    other = thread.reply(cast.mentor, Said("Other words from the same form", said.key))

    assert first == second
    assert other != first
    assert thread.comments.filter(body="Once").count() == 1


def test_comment_key_of_somebody_else_takes_nothing_away(cast: Cast) -> None:
    thread, said = sent_thread(cast), words("Mine")
    thread.reply(cast.mentor, said)

    thread.reply(cast.learner.user, Said("Mine", said.key))

    assert set(thread.comments.filter(body="Mine").values_list("author", flat=True)) == {
        cast.mentor.pk,
        cast.learner.user.pk,
    }


def test_unsent_comment_leaves_no_trace_when_it_is_changed_or_removed(cast: Cast) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("Frist"), review)
    other = Thread.objects.open(review.version, cast.mentor, words("Not needed"), review)

    thread.comments.get().change(cast.mentor, "First")
    other.comments.get().remove(cast.mentor)
    review.publish("changes")

    assert [comment.body for comment in Comment.objects.all()] == ["First"]
    assert not EarlierWords.objects.exists()
    with pytest.raises(PermissionDenied):
        thread.comments.get().remove(cast.mentor)
    assert Thread.objects.get() == thread


def form(**values: Any) -> dict[str, Any]:
    return {"key": uuid4(), "body": "What about replays?", "version": 1, "latest": 1, "kind": "must"} | values


def test_thread_new_of_a_mentor_waits_in_the_draft_review(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)
    url = reverse("submissions:thread_new", args=[version.submission.uuid])
    extra = {"author": cast.learner.user.pk, "status": "confirmed", "verdict": "accept", "review": ""}

    answer = client.post(url, form(criterion=str(cast.criteria[0].uuid), **extra), headers=HTMX)

    thread = Thread.objects.get()
    assert answer.status_code == 200
    assert "Not sent yet" in answer.text
    assert (thread.author, thread.criterion, thread.kind) == (cast.mentor, cast.criteria[0], "must")
    assert thread.review is not None
    assert thread.review.is_draft
    assert thread.review.verdict == ""


def test_thread_new_on_a_page_that_knew_no_newer_version_is_about_the_known_one(
    cast: Cast, client: Client
) -> None:
    first = cast.hand_in()
    cast.hand_in(text="# Second")
    client.force_login(cast.mentor)

    client.post(reverse("submissions:thread_new", args=[first.submission.uuid]), form())

    assert Review.objects.get().version == first


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"body": ""}, 422),
        ({"body": "nul\x00byte"}, 422),
        ({"body": "x" * 200_001}, 422),
        ({"kind": "shout"}, 422),
        ({"criterion": "c0ffee"}, 422),
        ({"criterion": uuid4()}, 422),
        ({"key": "again"}, 422),
        ({"version": 7}, 404),
        ({"latest": 7}, 404),
    ],
)
def test_thread_new_refuses_bad_input_and_keeps_the_words(
    cast: Cast, client: Client, values: dict[str, Any], status: int
) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)
    url = reverse("submissions:thread_new", args=[version.submission.uuid])

    for headers in (HTMX, {}):
        answer = client.post(url, form(**values), headers=headers)
        assert answer.status_code == status
        assert form(**values)["body"].replace("\x00", "") in answer.text.replace("\x00", "")

    assert not Thread.objects.exists()


@pytest.mark.parametrize("do", ["confirm", "drop", "reopen", "nonsense", ""])
def test_comment_new_of_a_learner_cannot_act_as_a_mentor(cast: Cast, client: Client, do: str) -> None:
    thread = sent_thread(cast)
    client.force_login(cast.learner.user)
    url = reverse("submissions:comment_new", args=[thread.uuid])

    answer = client.post(url, form(do=do, act="confirm", state="confirmed"), headers=HTMX)

    assert answer.status_code == 422
    assert "What about replays?" in answer.text
    assert state(thread) == "open"
    assert client.post(url, form(do="disagree", body="No."), headers=HTMX).status_code == 200
    assert state(thread) == "answered"


def test_point_is_fixed_in_a_later_version_than_the_one_it_was_said_about(cast: Cast, client: Client) -> None:
    thread = sent_thread(cast, kind="should")
    client.force_login(cast.learner.user)
    url, page = reverse("submissions:comment_new", args=[thread.uuid]), thread.submission.get_absolute_url()

    assert 'value="fixed"' not in client.get(page).text
    answer = client.post(url, form(do="fixed", body="There."), headers=HTMX)
    assert answer.status_code == 422
    assert "There." in answer.text
    assert "Fix it in the next one" in answer.text
    assert state(thread) == "open"

    cast.hand_in(text="# Better")
    assert "Fixed in version 2" in client.get(page).text
    assert client.post(url, form(do="fixed", body="There."), headers=HTMX).status_code == 200
    assert state(thread) == "answered"
    said = thread.comments.get(act="fixed")
    assert said.version is not None
    assert said.version.number == 2

    thread.reopen(cast.mentor, words("Not there."))
    assert client.post(url, form(do="fixed"), headers=HTMX).status_code == 422


def test_disagreement_is_no_fix_to_confirm(cast: Cast, client: Client) -> None:
    thread = sent_thread(cast)
    thread.answer(cast.learner.user, "disagree", words("It is not asked for."))
    client.force_login(cast.mentor)

    page = client.get(thread.submission.get_absolute_url()).text

    assert "Disagrees: decide" in page
    assert 'name="do" value="confirm"' not in page
    assert "They are right: drop it" in page


def test_answer_beside_the_work_leaves_the_hand_in_form(cast: Cast, client: Client) -> None:
    thread = sent_thread(cast)
    client.force_login(cast.learner.user)
    url = reverse("submissions:comment_new", args=[thread.uuid])
    gone = f'<div id="answer-{thread.uuid}" hx-swap-oob="delete">'

    reply = client.post(url, form(do="reply", body="Which queue?"), headers=HTMX).text
    assert "1 point that must be fixed waits" in reply
    assert gone not in reply
    answer = client.post(url, form(do="disagree", body="No."), headers=HTMX).text
    assert '<p id="points" hx-swap-oob="true"></p>' in answer
    assert gone in answer


def test_comment_new_without_a_script_leads_back_to_the_thread(cast: Cast, client: Client) -> None:
    thread = sent_thread(cast)
    client.force_login(cast.mentor)

    answer = client.post(reverse("submissions:comment_new", args=[thread.uuid]), form(do="confirm", body=""))

    assert answer.status_code == 302
    assert answer["Location"] == thread.get_absolute_url()


@pytest.mark.parametrize("who", ["fellow", "stranger", "other_mentor", "admin"])
def test_talk_is_not_there_for_strangers(cast: Cast, client: Client, who: str) -> None:
    thread = sent_thread(cast)
    person = getattr(cast, who)
    client.force_login(getattr(person, "user", person))

    for name, uuid in (
        ("thread_new", thread.submission.uuid),
        ("comment_new", thread.uuid),
        ("comment_change", thread.comments.get().uuid),
        ("thread_new", uuid4()),
        ("comment_new", uuid4()),
        ("comment_change", uuid4()),
    ):
        answer = client.post(reverse(f"submissions:{name}", args=[uuid]), form(do="reply"))
        assert answer.status_code == 404
        assert "labels" not in answer.text
        assert client.get(reverse(f"submissions:{name}", args=[uuid])).status_code == 405

    assert Comment.objects.count() == 1


def test_unsent_thread_is_not_there_for_the_learner(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("A secret"), review)
    client.force_login(cast.learner.user)

    answer = client.post(reverse("submissions:comment_new", args=[thread.uuid]), form(do="reply"))

    assert answer.status_code == 404
    assert "A secret" not in answer.text


def together(*acts: Callable[[], object]) -> None:
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


@pytest.mark.parametrize(("key", "count"), [("the same", 1), ("one each", 2)])
def test_race_of_two_clicks_adds_one_comment(transactional_db: None, key: str, count: int) -> None:
    """With a key for each click, as a form without keys would be, there are two."""
    cast = make_cast()
    thread, said = sent_thread(cast), words("Once")
    second = said if key == "the same" else words("Once")

    together(lambda: thread.reply(cast.mentor, said), lambda: thread.reply(cast.mentor, second))

    assert thread.comments.filter(body="Once").count() == count


def test_comment_changed_in_two_windows_is_told_and_kept(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("As first written"), review)
    comment = thread.comments.get()
    client.force_login(cast.mentor)
    url = reverse("submissions:comment_change", args=[comment.uuid])
    seen = comment.state_digest
    assert client.post(url, {"body": "From one window", "seen": seen}, headers=HTMX).status_code == 200

    second = client.post(url, {"body": "From the other", "seen": seen}, headers=HTMX)

    assert second.status_code == 422
    assert "From one window" in second.text
    assert "From the other" in second.text
    assert Comment.objects.get().body == "From one window"
    again = {"body": "From the other", "seen": Comment.objects.get().state_digest}
    assert client.post(url, again, headers=HTMX).status_code == 200
    assert Comment.objects.get().body == "From the other"


def test_kind_and_criterion_change_until_the_review_is_sent(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("Where?", "should"), review)
    comment, criterion = thread.comments.get(), cast.criteria[1]
    client.force_login(cast.mentor)
    url = reverse("submissions:comment_change", args=[comment.uuid])

    def kind() -> tuple[str, int | None]:
        thread.refresh_from_db()
        return thread.kind, thread.criterion_id

    typed = {"body": "Where?", "kind": "must", "criterion": str(criterion.uuid)}
    answer = client.post(url, typed, headers=HTMX)
    assert answer.status_code == 200
    assert f'<option value="{criterion.uuid}" selected>' in answer.text
    assert kind() == ("must", criterion.pk)
    for wrong in ({"kind": "blocker"}, {"criterion": str(uuid4())}):
        assert client.post(url, typed | wrong, headers=HTMX).status_code == 422
    assert kind() == ("must", criterion.pk)

    criterion.archived_at = timezone.now()
    criterion.save()
    assert client.post(url, typed | {"kind": "should"}, headers=HTMX).status_code == 200
    assert kind() == ("should", criterion.pk)

    review.publish("comment")
    assert client.post(url, typed | {"kind": "praise"}, headers=HTMX).status_code == 403
    with pytest.raises(PermissionDenied):
        thread.reclassify(cast.mentor, "praise", None)
    assert kind() == ("should", criterion.pk)


def test_writing_a_comment_takes_the_hold_that_is_free(cast: Cast, client: Client) -> None:
    version, colleague = cast.hand_in(), mentor_of(cast.cohort)
    url = reverse("submissions:thread_new", args=[version.submission.uuid])
    for person in (cast.mentor, colleague):
        client.force_login(person)
        typed = {"body": "Why?", "kind": "should", "version": 1, "latest": 1, "key": uuid4()}
        answer = client.post(url, typed, headers=HTMX)
        assert answer.status_code == 200
        assert 'id="hold" hx-swap-oob="true"' in answer.text
    assert Hold.objects.get().mentor == cast.mentor


def test_answer_brings_the_sheet_up_to_date(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    client.force_login(cast.mentor)
    url = reverse("submissions:thread_new", args=[review.version.submission.uuid])
    typed = {"body": "Why three?", "kind": "must", "version": 1, "latest": 1, "key": uuid4()}

    answer = client.post(url, typed, headers=HTMX).text

    sheet = answer[answer.index('id="finish-unsent"') :]
    assert "1 comment not sent yet" in sheet
    assert "Why three?" in sheet
    assert "although 1 point that must be fixed is not confirmed" in sheet
