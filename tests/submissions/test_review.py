"""Reviews: their draft, their sending, and what becomes of them afterwards."""

import hashlib
import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Membership, User
from submissions.models import (
    Comment,
    Hold,
    Newer,
    Opening,
    Review,
    Said,
    StaleDraft,
    State,
    Submission,
    Thread,
    Version,
)
from tests.cast import Cast
from tests.factories import MembershipFactory, mentor_of


def words(body: str = "Where do the labels wait?", kind: str = "must") -> Said:
    return Said(body, uuid4(), kind)


def begun(cast: Cast, version: Version | None = None, mentor: User | None = None) -> Review:
    return Review.objects.begin(version or cast.hand_in(), mentor or cast.mentor)


def must_fix(cast: Cast, version: Version) -> Thread:
    """A must-fix thread that was sent."""
    review = begun(cast, version)
    thread = Thread.objects.open(version, cast.mentor, words(), review)
    review.publish("changes")
    return thread


def state_of(version: Version) -> State:
    return Submission.objects.get(pk=version.submission_id).state


def test_begin_makes_one_draft_and_notes_the_opening(cast: Cast) -> None:
    version = cast.hand_in()

    first, second = begun(cast, version), begun(cast, version)

    assert first == second
    assert Opening.objects.filter(version=version, mentor=cast.mentor).count() == 1
    with pytest.raises(ValidationError):
        version.take_back()


def test_begin_is_refused_to_all_but_mentors_of_the_cohort(cast: Cast) -> None:
    version = cast.hand_in()

    for person in (cast.learner.user, cast.fellow.user, cast.other_mentor, cast.admin):
        with pytest.raises(PermissionDenied):
            begun(cast, version, person)

    assert not Review.objects.exists()
    assert not Opening.objects.exists()


def test_begin_is_refused_for_ones_own_work(cast: Cast) -> None:
    version = cast.hand_in()
    Membership.objects.filter(pk=cast.learner.pk).update(ended_at=timezone.now())
    MembershipFactory.create(user=cast.learner.user, cohort=cast.cohort, role=Membership.Role.MENTOR)

    with pytest.raises(PermissionDenied):
        begun(cast, version, cast.learner.user)

    assert begun(cast, version, cast.mentor)


def test_save_draft_made_from_an_older_state_shows_the_other_text(cast: Cast) -> None:
    review = begun(cast)
    review.save_draft("", "From the first tab", 0)

    with pytest.raises(StaleDraft) as stale:
        Review.objects.get().save_draft("", "From the second tab", 0)

    assert stale.value.review.summary == "From the first tab"
    assert Review.objects.get().summary == "From the first tab"


def test_save_draft_of_the_same_text_twice_is_one_save(cast: Cast) -> None:
    review = begun(cast)

    review.save_draft("accept", "Good", 0)
    review.save_draft("accept", "Good", 0)

    assert Review.objects.get().revision == 1


def test_publish_decides_and_names_what_it_was_made_on(cast: Cast) -> None:
    version = cast.hand_in(text="# Pipeline")
    review = begun(cast, version)
    before = state_of(version)

    review.publish("accept")

    review.refresh_from_db()
    assert (before, state_of(version)) == (State.WAITING, State.ACCEPTED)
    assert review.digests == version.digests()
    assert review.digests == [hashlib.sha256(b"# Pipeline").hexdigest()]


def test_publish_twice_leaves_the_first(cast: Cast) -> None:
    review = begun(cast)
    review.publish("changes")
    at = Review.objects.get().published_at

    review.publish("accept")

    row = Review.objects.get()
    assert (row.verdict, row.published_at) == ("changes", at)


def test_publish_comment_only_decides_nothing(cast: Cast) -> None:
    review = begun(cast)
    review.save_draft("comment", "One thing to think about.", 0)

    review.publish("comment")

    assert state_of(review.version) == State.WAITING


def test_publish_needs_something_said_or_decided(cast: Cast) -> None:
    review = begun(cast)

    with pytest.raises(ValidationError) as refusal:
        review.publish("comment")

    assert refusal.value.code == "empty"
    assert Review.objects.get().is_draft


def test_publish_accept_asks_about_open_must_fixes(cast: Cast) -> None:
    version = cast.hand_in()
    must_fix(cast, version)
    review = begun(cast, version)

    with pytest.raises(ValidationError) as refusal:
        review.publish("accept")
    assert refusal.value.code == "open"
    review.publish("accept", accept_open=True)

    assert state_of(version) == State.ACCEPTED


def test_publish_accept_asks_nothing_once_they_are_confirmed(cast: Cast) -> None:
    version = cast.hand_in()
    must_fix(cast, version).confirm(cast.mentor, words(""))

    begun(cast, version).publish("accept")

    assert state_of(version) == State.ACCEPTED


def test_publish_by_a_mentor_who_left_is_refused(cast: Cast) -> None:
    review = begun(cast)
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())

    with pytest.raises(PermissionDenied):
        review.publish("accept")

    assert Review.objects.get().is_draft


def test_publish_tells_of_a_newer_version(cast: Cast) -> None:
    review = begun(cast)
    newer = cast.hand_in(text="# Second")

    with pytest.raises(Newer) as told:
        review.publish("accept")
    assert told.value.version == newer
    review.publish("accept", here=True)

    assert state_of(newer) == State.WAITING


def test_carry_over_takes_the_comments_to_the_newer_version(cast: Cast) -> None:
    review = begun(cast)
    thread = Thread.objects.open(review.version, cast.mentor, words(), review)
    review.save_draft("accept", "So far", 0)
    newer = cast.hand_in(text="# Second")

    review.carry_over()

    row = Review.objects.get()
    assert (row.version, row.verdict, row.summary) == (newer, "", "So far")
    assert row.comments.get().thread == thread
    assert thread.anchor.placements.filter(version=newer).exists()
    assert Opening.objects.filter(version=newer, mentor=cast.mentor).exists()


def test_hand_over_keeps_the_authors_of_comments(cast: Cast) -> None:
    colleague = mentor_of(cast.cohort)
    review = begun(cast)
    thread = Thread.objects.open(review.version, cast.mentor, words("Mine"), review)
    own = begun(cast, review.version, colleague)
    own.save_draft("", "Hers", 0)

    Hold.objects.take(review.version.submission, cast.mentor)

    review.hand_over(colleague)

    assert not Hold.objects.exists()

    row = Review.objects.get()
    assert (row.mentor, row.summary) == (colleague, "Hers")
    assert row.comments.get().author == cast.mentor
    assert Thread.objects.visible_to(colleague).get() == thread


def test_hand_over_takes_along_what_was_typed_last(cast: Cast, client: Client) -> None:
    review, colleague = begun(cast), mentor_of(cast.cohort)
    client.force_login(cast.mentor)
    url = reverse("submissions:review_hand_over", args=[review.uuid])
    typed = {"to": str(colleague.uuid), "summary": "Half a thought", "verdict": "changes", "revision": "7"}

    assert client.post(url, typed).status_code == 409
    review.refresh_from_db()
    assert (review.mentor, review.summary) == (cast.mentor, "")

    assert client.post(url, typed | {"revision": str(review.revision)}).status_code == 302
    review.refresh_from_db()
    assert (review.mentor, review.summary, review.verdict) == (colleague, "Half a thought", "changes")


def test_hand_over_to_somebody_who_may_not_review_is_refused(cast: Cast) -> None:
    review = begun(cast)

    for person in (cast.other_mentor, cast.learner.user):
        with pytest.raises(PermissionDenied):
            review.hand_over(person)

    assert Review.objects.get().mentor == cast.mentor


def test_withdraw_takes_the_decision_back_and_keeps_the_review(cast: Cast) -> None:
    review = begun(cast)
    review.publish("accept")

    review.withdraw(cast.mentor, "The wrong learner.")

    row = Review.objects.get()
    assert (row.verdict, row.withdrawn_reason) == ("accept", "The wrong learner.")
    assert state_of(review.version) == State.WAITING


def test_withdraw_frees_the_learner_of_its_must_fixes(cast: Cast) -> None:
    version = cast.hand_in()
    thread = must_fix(cast, version)
    before = version.submission.unanswered_must_fix().count()

    assert thread.review is not None
    thread.review.withdraw(cast.mentor, "A mistake.")

    assert (before, version.submission.unanswered_must_fix().count()) == (1, 0)


def test_withdraw_needs_its_author_and_a_reason(cast: Cast) -> None:
    review = begun(cast)
    review.publish("accept")

    with pytest.raises(PermissionDenied):
        review.withdraw(mentor_of(cast.cohort), "Not mine.")
    with pytest.raises(ValidationError):
        review.withdraw(cast.mentor, "  ")

    assert Review.objects.get().withdrawn_at is None


def test_draft_is_hidden_from_the_learner_and_from_colleagues(cast: Cast) -> None:
    colleague = mentor_of(cast.cohort)
    review = begun(cast)
    review.save_draft("changes", "A secret summary", 0)
    Thread.objects.open(review.version, cast.mentor, words("A secret comment"), review)

    for person in (cast.learner.user, colleague):
        assert not Review.objects.visible_to(person).exists()
        assert not Thread.objects.visible_to(person).exists()
        assert not Comment.objects.visible_to(person).exists()

    assert Comment.objects.visible_to(cast.mentor).count() == 1
    review.publish("changes")
    assert Comment.objects.visible_to(cast.learner.user).count() == 1


def test_new_version_needs_an_answer_to_each_must_fix(cast: Cast) -> None:
    version = cast.hand_in()
    thread = must_fix(cast, version)
    with pytest.raises(ValidationError):
        cast.hand_in(text="# Second")

    second = version.submission.start_draft()
    thread.answer(cast.learner.user, "fixed", words("Done"), second)

    second.submit()
    assert second.number == 2


def test_waiting_for_puts_ones_own_first_then_the_oldest(cast: Cast) -> None:
    colleague = mentor_of(cast.cohort)
    learners = [cast.fellow, MembershipFactory.create(cohort=cast.cohort), cast.learner, cast.stranger]
    works = [cast.hand_in(learner).submission for learner in learners]

    assert list(Submission.objects.waiting_for(cast.mentor)) == [works[2], works[0], works[1]]
    assert list(Submission.objects.waiting_for(colleague)) == works[:3]
    assert list(Submission.objects.waiting_for(cast.other_mentor)) == [works[3]]


def test_waiting_for_goes_back_to_whoever_reviewed_last(cast: Cast) -> None:
    colleague = mentor_of(cast.cohort)
    begun(cast, mentor=colleague).publish("changes")
    cast.hand_in(text="# Second")

    assert Submission.objects.waiting_for(colleague).get().mine
    assert not Submission.objects.waiting_for(cast.mentor).get().mine
    Membership.objects.filter(user=colleague).update(ended_at=timezone.now())
    assert Submission.objects.waiting_for(cast.mentor).get().mine


def test_ahead_counts_what_waits_longer_for_the_same_mentor(cast: Cast) -> None:
    same = MembershipFactory.create(cohort=cast.cohort, mentor=cast.mentor)
    works = [cast.hand_in(one).submission for one in (same, cast.fellow, cast.learner)]

    rows = {row.pk: row for row in Submission.objects.queued()}

    assert [rows[work.pk].ahead() for work in works] == [0, 0, 1]


@pytest.mark.parametrize("who", ["learner", "fellow", "other_mentor", "admin"])
def test_review_pages_refuse_all_but_its_mentor(cast: Cast, who: str) -> None:
    review = begun(cast)
    person = getattr(cast, who)
    client = Client()
    client.force_login(person.user if isinstance(person, Membership) else person)
    data = {
        "verdict": "accept",
        "summary": "Mine",
        "revision": "0",
        "reason": "x",
        "to": str(cast.mentor.uuid),
    }

    for name in ("review_draft", "review_carry_over", "review_hand_over", "review_withdraw"):
        assert client.post(reverse(f"submissions:{name}", args=[review.uuid]), data).status_code == 404
        assert client.get(reverse(f"submissions:{name}", args=[review.uuid])).status_code == 405

    assert Review.objects.get().summary == ""


def test_review_draft_keeps_what_is_typed_and_says_so(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    url, htmx = reverse("submissions:review_draft", args=[review.uuid]), {"HX-Request": "true"}

    first = client.post(
        url, {"summary": "One", "revision": "0", "mentor": "9", "published_at": "now"}, headers=htmx
    )
    stale = client.post(url, {"summary": "Two", "revision": "0"}, headers=htmx)
    nul = client.post(url, {"summary": "T\x00wo", "revision": "1"}, headers=htmx)

    assert [first.status_code, stale.status_code, nul.status_code] == [200, 409, 422]
    assert "One" in stale.text
    row = Review.objects.get()
    assert (row.summary, row.is_draft, row.mentor) == ("One", True, cast.mentor)


def test_review_draft_of_two_windows_shows_both_texts_and_keeps_the_one_that_is_chosen(
    cast: Cast, client: Client
) -> None:
    review = begun(cast)
    review.save_draft("", "From the other window", 0)
    client.force_login(cast.mentor)
    url, typed = reverse("submissions:review_draft", args=[review.uuid]), {"summary": "Mine", "revision": "0"}

    stale = client.post(url, typed)

    assert stale.status_code == 409
    assert "From the other window" in stale.text
    assert "Mine" in stale.text
    over = re.search(r'name="over" value="(\d+)"', stale.text)
    assert over
    assert client.post(url, typed | {"over": over[1]}).status_code == 302
    assert Review.objects.get().summary == "Mine"


def test_review_draft_that_is_refused_is_mended_where_it_is_shown(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    url, long = reverse("submissions:review_draft", args=[review.uuid]), "x" * (settings.TEXT_LIMIT + 1)

    refused = client.post(url, {"summary": long, "revision": "0", "verdict": "changes"})

    assert refused.status_code == 422
    form = refused.text.split(f'action="{url}"')[1].split("</form>")[0]
    assert re.search(rf'<textarea[^>]* name="summary"[^>]*>{long}</textarea>', form)
    assert "at most" in form
    assert "<button" in form
    kept = dict(re.findall(r'type="hidden" name="(verdict|revision)" value="(.*?)"', form))
    assert client.post(url, kept | {"summary": "Shorter"}).status_code == 302
    assert Review.objects.values_list("summary", "verdict").get() == ("Shorter", "changes")


def test_mentor_who_left_gets_the_words_back(cast: Cast, client: Client) -> None:
    review = begun(cast)
    client.force_login(cast.mentor)
    Membership.objects.filter(user=cast.mentor).update(ended_at=timezone.now())

    answer = client.post(
        reverse("submissions:review_draft", args=[review.uuid]),
        {"summary": "Two hours of work", "revision": "0"},
    )

    assert answer.status_code == 404
    assert "Two hours of work" in answer.text
    assert "# Work" not in answer.text


def test_marks_go_along_when_two_texts_of_a_draft_are_shown(cast: Cast, client: Client) -> None:
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    review.save_draft("", "From the other window", 0)
    client.force_login(cast.mentor)
    address = reverse("submissions:review_draft", args=[review.uuid])
    name = f"{cast.criteria[0].uuid}-decision"

    page = client.post(address, {"summary": "Mine", "verdict": "", "revision": "0", name: "met"})
    assert page.status_code == 409
    assert f'<input type="hidden" name="{name}" value="met">' in page.text

    client.post(address, {"summary": "Mine", "verdict": "", "revision": "0", "over": "1", name: "met"})
    assert Review.objects.get().marks == {name: "met"}


def test_draft_of_two_windows_shows_what_the_other_says_of_criteria(cast: Cast, client: Client) -> None:
    review, criterion = begun(cast), cast.criteria[0]
    client.force_login(cast.mentor)
    url = reverse("submissions:review_draft", args=[review.uuid])
    first = {f"{criterion.uuid}-decision": "met", f"{criterion.uuid}-note": "From the other window"}
    client.post(url, {"summary": "", "revision": "0"} | first)

    late = {"summary": "Mine", "revision": "0", f"{criterion.uuid}-note": "Mine too"}
    for headers in ({"HX-Request": "true"}, {}):
        stale = client.post(url, late, headers=headers)
        assert stale.status_code == 409
        assert f"<strong>{criterion}</strong>: Met" in stale.text
        assert "From the other window" in stale.text
    assert Review.objects.get().marks == first
