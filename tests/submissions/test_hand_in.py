"""The draft, its saving, handing it in and taking it back."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from threading import Barrier, Event, Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse

from people.models import User
from submissions.models import Opening, Said, Stale, Submission, Version
from submissions.models import Thread as Talk
from submissions.models.anchor import Placement
from submissions.models.review import Review
from tests.cast import Cast, make_cast

HTMX = {"HX-Request": "true"}

NOBODY = "00000000-0000-4000-8000-000000000000"


def at(name: str, *args: Any) -> str:
    return reverse(f"submissions:{name}", args=args)


@pytest.fixture
def submission(cast: Cast) -> Submission:
    return Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)


@pytest.fixture
def learner(cast: Cast, client: Client) -> Client:
    client.force_login(cast.learner.user)
    return client


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields(**typed: Any) -> dict[str, Any]:
    return {"text": "", "link": "", "note": "", "version": "", "revision": "0"} | typed


# Beginning ------------------------------------------------------------------------------------------------


def test_start_makes_one_submission_however_often(cast: Cast, learner: Client) -> None:
    for _time in range(2):
        answer = learner.post(at("start", cast.learner.uuid), {"deliverable": str(cast.deliverable.uuid)})
        made = Submission.objects.get()
        assert answer.status_code == 302
        assert answer["Location"] == made.get_absolute_url()
    assert (made.learner, made.deliverable) == (cast.learner, cast.deliverable)


def test_start_takes_a_project(cast: Cast, learner: Client) -> None:
    learner.post(at("start", cast.learner.uuid), {"project": str(cast.project.uuid)})
    assert Submission.objects.get().project == cast.project


@pytest.mark.parametrize("sent", [{}, {"deliverable": "no-id"}, {"deliverable": NOBODY}])
def test_start_knows_no_other_work(cast: Cast, learner: Client, sent: dict[str, str]) -> None:
    assert learner.post(at("start", cast.learner.uuid), sent).status_code == 404
    assert not Submission.objects.exists()


def test_start_is_the_learners_alone(cast: Cast) -> None:
    sent = {"deliverable": str(cast.deliverable.uuid)}
    for user, status in [
        (cast.mentor, 403),
        (cast.fellow.user, 404),
        (cast.other_mentor, 404),
        (cast.admin, 404),
    ]:
        assert as_user(user).post(at("start", cast.learner.uuid), sent).status_code == status
    cast.learner.end()
    assert as_user(cast.learner.user).post(at("start", cast.learner.uuid), sent).status_code == 403
    assert not Submission.objects.exists()


# The draft ------------------------------------------------------------------------------------------------


def test_draft_is_saved_with_the_first_words(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("draft", submission.uuid), fields(text="# One\r\ntwo", note="Hi"), headers=HTMX)
    draft = submission.versions.get()
    assert answer.status_code == 200
    assert (draft.text, draft.note, draft.number, draft.revision) == ("# One\ntwo", "Hi", None, 1)
    assert f'name="revision" value="{draft.revision}"' in answer.content.decode()
    assert str(draft.uuid) in answer.content.decode()


def test_draft_redirects_without_a_script(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("draft", submission.uuid), fields(text="x"))
    assert answer.status_code == 302
    assert answer["Location"] == f"{submission.get_absolute_url()}#hand-in"


def test_draft_saved_twice_from_one_form_is_saved_once(submission: Submission, learner: Client) -> None:
    for _time in range(2):
        answer = learner.post(at("draft", submission.uuid), fields(text="same"), headers=HTMX)
        assert answer.status_code == 200
    assert submission.versions.get().revision == 1


def test_draft_shows_both_texts_of_two_tabs(submission: Submission, learner: Client) -> None:
    learner.post(at("draft", submission.uuid), fields(text="from the first tab"))
    answer = learner.post(at("draft", submission.uuid), fields(text="from the second tab"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "from the first tab" in page
    assert "from the second tab" in page
    assert submission.versions.get().text == "from the first tab"


def test_draft_tells_a_script_of_both_texts(submission: Submission, learner: Client) -> None:
    learner.post(at("draft", submission.uuid), fields(text="from the first tab"))
    answer = learner.post(at("draft", submission.uuid), fields(text="from the second tab"), headers=HTMX)
    assert answer.status_code == 409
    assert "from the first tab" in answer.content.decode()


def test_draft_of_the_second_tab_can_be_kept(submission: Submission, learner: Client) -> None:
    learner.post(at("draft", submission.uuid), fields(text="first"))
    learner.post(at("draft", submission.uuid), fields(text="second"))
    now = submission.versions.get()
    learner.post(at("draft", submission.uuid), fields(text="second", version=now.uuid, revision=now.revision))
    assert submission.versions.get().text == "second"


def test_draft_keeps_the_text_beside_a_bad_link(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("draft", submission.uuid), fields(text="kept", link="not a link"))
    assert answer.status_code == 422
    assert "not a link" in answer.content.decode()
    draft = submission.versions.get()
    assert (draft.text, draft.link) == ("kept", "")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_draft_links_lead_to_the_web_only(submission: Submission, learner: Client, link: str) -> None:
    assert learner.post(at("draft", submission.uuid), fields(link=link)).status_code == 422
    assert submission.versions.get().link == ""


def test_draft_refuses_nul_bytes_and_keeps_the_rest(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("draft", submission.uuid), fields(text="a\0b", note="kept"), headers=HTMX)
    assert answer.status_code == 422
    draft = submission.versions.get()
    assert (draft.text, draft.note) == ("", "kept")


def test_draft_refuses_a_text_past_the_limit(submission: Submission, learner: Client, settings: Any) -> None:
    answer = learner.post(
        at("draft", submission.uuid), fields(text="x" * (settings.TEXT_LIMIT + 1)), headers=HTMX
    )
    assert answer.status_code == 422
    assert submission.versions.get().text == ""


def test_draft_of_ten_megabytes_is_a_clear_page(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("draft", submission.uuid), fields(text="x" * 10_000_000))
    assert answer.status_code in (400, 413)
    assert not submission.versions.exists()


def test_draft_ignores_fields_of_others(submission: Submission, learner: Client, cast: Cast) -> None:
    more = {
        "number": "7",
        "submitted_at": "2020-01-01",
        "learner": cast.fellow.uuid,
        "status": "accepted",
        "met": "yes",
    }
    for _time in range(2):
        learner.post(at("draft", submission.uuid), fields(text="x", **more))
        draft = submission.versions.get()
        assert (draft.number, draft.submitted_at, draft.submission.learner) == (None, None, cast.learner)


def test_preview_shows_safe_html_and_stores_nothing(submission: Submission, learner: Client) -> None:
    answer = learner.post(
        at("preview", submission.uuid), fields(text="## Hi\n\n<script>alert(1)</script>"), headers=HTMX
    )
    assert ">Hi</h" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not submission.versions.exists()


def test_preview_without_a_script_saves_and_shows(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("preview", submission.uuid), fields(text="## Hi"))
    assert answer.status_code == 200
    assert ">Hi</h" in answer.content.decode()
    assert submission.versions.get().text == "## Hi"


# Handing in -----------------------------------------------------------------------------------------------


def test_submit_takes_what_the_form_says(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("submission_submit", submission.uuid), fields(text="Done", note="See the end"))
    version = submission.versions.get()
    assert answer.status_code == 302
    assert (version.number, version.text, version.note) == (1, "Done", "See the end")
    assert version.submitted_at is not None


def test_submit_clicked_twice_is_one_version(submission: Submission, learner: Client) -> None:
    for _time in range(2):
        answer = learner.post(at("submission_submit", submission.uuid), fields(text="Done"))
        assert answer.status_code == 302
    assert submission.versions.get().number == 1


def test_submit_of_a_known_draft_twice_is_one_version(submission: Submission, learner: Client) -> None:
    draft = submission.start_draft()
    for _time in range(2):
        learner.post(at("submission_submit", submission.uuid), fields(text="Done", version=draft.uuid))
    assert submission.versions.get().number == 1


def test_submit_keeps_what_was_typed_after_another_tab_handed_in(
    submission: Submission, learner: Client
) -> None:
    draft = submission.start_draft()
    learner.post(at("submission_submit", submission.uuid), fields(text="first", version=draft.uuid))
    answer = learner.post(at("submission_submit", submission.uuid), fields(text="second", version=draft.uuid))
    assert answer.status_code == 409
    assert "second" in answer.content.decode()
    assert [version.text for version in submission.versions.submitted()] == ["first"]


@pytest.mark.parametrize("typed", [{}, {"text": "  \n"}, {"note": "only a note"}])
def test_submit_needs_something(submission: Submission, learner: Client, typed: dict[str, str]) -> None:
    answer = learner.post(at("submission_submit", submission.uuid), fields(**typed))
    assert answer.status_code == 422
    assert "nothing to hand in" in answer.content.decode()
    assert not submission.versions.submitted().exists()


def test_submit_refuses_a_bad_link_and_keeps_the_rest(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("submission_submit", submission.uuid), fields(text="kept", link="x y"))
    assert answer.status_code == 422
    draft = submission.versions.get()
    assert (draft.number, draft.text) == (None, "kept")


def test_next_version_starts_from_the_last(cast: Cast, learner: Client) -> None:
    first = cast.hand_in(text="# Work")
    learner.post(at("draft", first.submission.uuid), {"start": "yes"})
    draft = first.submission.versions.drafts().get()
    assert (draft.text, draft.note) == ("# Work", "")
    draft.submit()
    assert draft.number == 2


def test_version_never_changes_once_submitted(cast: Cast) -> None:
    version = cast.hand_in(text="# Work")
    with pytest.raises(Stale):
        version.save_draft("other", "", "", version.revision)
    version.refresh_from_db()
    assert version.text == "# Work"


# Points that must be fixed --------------------------------------------------------------------------------


@pytest.fixture
def asked(cast: Cast) -> Talk:
    """A must-fix thread on a submitted version, with changes requested."""
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    thread = Talk.objects.open(version, cast.mentor, Said("Name the queue.", uuid4(), "must"), review)
    review.publish(Review.Verdict.CHANGES)
    return thread


def answered(thread: Talk, act: str = "fixed", body: str = "") -> dict[str, str]:
    return {f"act-{thread.uuid}": act, f"answer-{thread.uuid}": body, f"key-{thread.uuid}": str(uuid4())}


def test_submit_waits_for_an_answer(asked: Talk, learner: Client) -> None:
    answer = learner.post(at("submission_submit", asked.submission.uuid), fields(text="better"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Name the queue." in page
    assert asked.submission.versions.submitted().count() == 1
    assert asked.submission.versions.drafts().get().text == "better"


def test_submit_refuses_without_answer_in_the_model(asked: Talk) -> None:
    draft = asked.submission.start_draft()
    with pytest.raises(ValidationError):
        draft.submit()


def test_submit_writes_the_answers_first(asked: Talk, learner: Client, cast: Cast) -> None:
    sent = fields(text="better") | answered(asked, body="It is Kafka.")
    for _time in range(2):
        assert learner.post(at("submission_submit", asked.submission.uuid), sent).status_code == 302
    second = asked.submission.versions.get(number=2)
    said = asked.comments.get(act="fixed")
    assert (said.body, said.author, said.version) == ("It is Kafka.", cast.learner.user, second)
    assert asked.submission.versions.count() == 2


def test_submit_that_fails_sends_no_answer_and_keeps_it_typed(asked: Talk, learner: Client) -> None:
    draft = asked.submission.start_draft()
    draft.save_draft("", "", "", draft.revision)
    sent = fields(version=draft.uuid, revision=draft.revision) | answered(asked, "disagree", "Because.")
    answer = learner.post(at("submission_submit", asked.submission.uuid), sent)
    assert answer.status_code == 422
    assert "Because." in answer.content.decode()
    assert not asked.comments.exclude(act="").exists()


def test_disagreeing_needs_a_reason(asked: Talk, learner: Client) -> None:
    sent = fields(text="better") | answered(asked, "disagree")
    answer = learner.post(at("submission_submit", asked.submission.uuid), sent)
    assert answer.status_code == 422
    assert "Say why you disagree" in answer.content.decode()


def test_submit_places_what_people_pointed_at(asked: Talk, learner: Client) -> None:
    learner.post(at("submission_submit", asked.submission.uuid), fields(text="better") | answered(asked))
    placed = Placement.objects.get(anchor=asked.anchor, version__number=2)
    assert (placed.state, placed.score) == (Placement.State.WHOLE, 1.0)


# Taking back ----------------------------------------------------------------------------------------------


def test_take_back_makes_it_the_draft_again(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    for _time in range(2):
        assert learner.post(at("take_back", version.uuid)).status_code == 302
    version.refresh_from_db()
    assert (version.number, version.submitted_at) == (None, None)
    assert version.text == "# Work"


def test_take_back_ends_when_a_mentor_opens(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    version.open_for(cast.mentor)
    answer = learner.post(at("take_back", version.uuid))
    assert answer.status_code == 422
    assert "Tomas Lindqvist has already opened" in answer.content.decode()
    version.refresh_from_db()
    assert version.number == 1


def test_opening_is_noted_once(cast: Cast) -> None:
    version = cast.hand_in()
    version.open_for(cast.mentor)
    version.open_for(cast.mentor)
    assert Opening.objects.count() == 1


def test_opening_what_was_taken_back_is_refused(cast: Cast) -> None:
    version = cast.hand_in()
    version.take_back()
    with pytest.raises(Version.DoesNotExist):
        version.open_for(cast.mentor)


def test_take_back_is_refused_beside_a_new_draft(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    version.submission.start_draft()
    assert learner.post(at("take_back", version.uuid)).status_code == 422
    version.refresh_from_db()
    assert version.number == 1


def test_take_back_takes_the_newest_only(cast: Cast, learner: Client) -> None:
    first, second = cast.hand_in(), cast.hand_in(text="# More")
    assert learner.post(at("take_back", first.uuid)).status_code == 422
    assert learner.post(at("take_back", second.uuid)).status_code == 302


# Whose ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["draft", "preview", "file_add", "submission_submit"])
def test_writing_is_the_learners_alone(cast: Cast, name: str) -> None:
    submission = cast.hand_in().submission
    for user, status in [
        (cast.mentor, 403),
        (cast.fellow.user, 404),
        (cast.stranger.user, 404),
        (cast.other_mentor, 404),
        (cast.admin, 404),
    ]:
        assert as_user(user).post(at(name, submission.uuid), fields(text="x")).status_code == status
    assert submission.versions.count() == 1
    cast.learner.end()
    assert as_user(cast.learner.user).post(at(name, submission.uuid), fields(text="x")).status_code == 403


def test_take_back_is_the_learners_alone(cast: Cast) -> None:
    version = cast.hand_in()
    for user, status in [(cast.mentor, 403), (cast.fellow.user, 404), (cast.other_mentor, 404)]:
        assert as_user(user).post(at("take_back", version.uuid)).status_code == status


@pytest.mark.parametrize("name", ["draft", "preview", "file_add", "submission_submit"])
def test_reading_these_addresses_is_no_method(submission: Submission, learner: Client, name: str) -> None:
    assert learner.get(at(name, submission.uuid)).status_code == 405


# The project's system -------------------------------------------------------------------------------------


def test_system_can_be_an_idea_and_then_an_own_one(cast: Cast, learner: Client) -> None:
    idea = cast.project.ideas.first()
    assert idea is not None
    place = at("system", cast.learner.uuid, cast.project.uuid)
    assert learner.post(place, {"idea": str(idea.uuid), "system": "left over"}).status_code == 302
    chosen = Submission.objects.get()
    assert (chosen.idea, chosen.system) == (idea, "")
    answer = learner.post(place, {"idea": "own", "system": "A lending library"}, headers=HTMX)
    chosen.refresh_from_db()
    assert (chosen.idea, chosen.system) == (None, "A lending library")
    assert "A lending library" in answer.content.decode()


@pytest.mark.parametrize("sent", [{}, {"idea": "own"}, {"idea": "x"}, {"idea": NOBODY}])
def test_system_refuses_what_is_none(cast: Cast, learner: Client, sent: dict[str, str]) -> None:
    answer = learner.post(at("system", cast.learner.uuid, cast.project.uuid), sent)
    assert answer.status_code == 422
    assert not Submission.objects.exists()


def test_system_is_the_learners_alone(cast: Cast) -> None:
    place = at("system", cast.learner.uuid, cast.project.uuid)
    for user, status in [(cast.mentor, 403), (cast.fellow.user, 404)]:
        assert as_user(user).post(place, {"idea": "own", "system": "x"}).status_code == status


# Races ----------------------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each of several threads got back, or raised, when all began together."""
    gate = Barrier(len(acts))
    found: list[object] = []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            found.append(act())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def clicks(user: User, place: str, sent: dict[str, Any], times: int) -> list[Callable[[], int]]:
    """The same form sent from so many windows."""
    return [
        partial(lambda client: client.post(place, sent).status_code, as_user(user)) for _n in range(times)
    ]


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_gives_one_version() -> None:
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    place = at("submission_submit", submission.uuid)
    assert at_once(*clicks(cast.learner.user, place, fields(text="Done"), 4)) == [302] * 4
    assert [version.number for version in submission.versions.all()] == [1]


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_without_taking_turns_gives_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the race above: both clicks have looked before the first is done."""
    cast = make_cast()
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    gate, done, begin = Barrier(2), Event(), Submission.start_draft

    def begin_late(late: Submission) -> Version:
        if gate.wait(10):
            done.wait(10)
        return begin(late)

    def click(act: Callable[[], int]) -> int:
        status = act()
        done.set()
        return status

    monkeypatch.setattr("submissions.views.work.transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(Submission, "lock", lambda row: row)
    monkeypatch.setattr(Submission, "start_draft", begin_late)
    place = at("submission_submit", submission.uuid)
    at_once(*(partial(click, act) for act in clicks(cast.learner.user, place, fields(text="Done"), 2)))
    assert submission.versions.submitted().count() == 2


@pytest.mark.django_db(transaction=True)
def test_start_at_once_makes_one_submission() -> None:
    cast = make_cast()
    place, sent = at("start", cast.learner.uuid), {"deliverable": str(cast.deliverable.uuid)}
    assert at_once(*clicks(cast.learner.user, place, sent, 4)) == [302] * 4
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_opening_at_once_never_both_succeed() -> None:
    cast = make_cast()
    for turn in range(5):
        version = cast.hand_in(text=f"# {turn}")
        at_once(version.take_back, partial(Version.objects.get(pk=version.pk).open_for, cast.mentor))
        now = Version.objects.get(pk=version.pk)
        assert now.is_draft != now.openings.exists()
        if now.is_draft:
            now.submit()
