"""Handing in, the answers that it needs, taking back, and the system of a project."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from submissions.models import Opening, Said, Stale, Submission, Version
from submissions.models import Thread as Talk
from submissions.models.anchor import Anchor, Placement
from submissions.models.review import Review
from tests.cast import Cast
from tests.submissions.sending import HTMX, NOBODY, as_user, at, fields

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


def test_link_is_completed_where_its_scheme_is_left_out(submission: Submission, learner: Client) -> None:
    learner.post(at("draft", submission.uuid), fields(link="miro.com/app/board/uXj=/"))
    assert submission.versions.get().link == "https://miro.com/app/board/uXj=/"
    page = learner.get(submission.get_absolute_url()).text
    # A browser that asks for a whole address would not even send it.
    assert re.search(r'<input type="text"[^>]* name="link"', page)


def test_refused_hand_in_has_what_it_answers_beside_it(asked: Talk, learner: Client, cast: Cast) -> None:
    page = learner.post(at("submission_submit", asked.submission.uuid), fields(text="better")).text
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert f'href="{month}#work-' in page
    assert f'<a href="#answer-{asked.uuid}">Name the queue.</a>' in page
    assert f'id="thread-{asked.uuid}"' in page
    assert "Version 1</h2>" in page


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
    assert learner.post(place, {"idea": str(idea.uuid), "system": ""}).status_code == 302
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


def test_chosen_idea_keeps_its_name_and_the_others_theirs(learner: Client, cast: Cast) -> None:
    idea = cast.project.ideas.order_by("pk")[0]
    place = at("system", cast.learner.uuid, cast.project.uuid)
    page = learner.post(place, {"idea": str(idea.uuid), "system": ""}, headers=HTMX).text
    for name in ("Search", "Payments"):
        assert f"<span>{name}</span>" in page
    assert "System ideas" not in page


def test_own_system_without_a_sentence_stays_chosen_and_a_sentence_is_never_lost(
    learner: Client, cast: Cast
) -> None:
    idea = cast.project.ideas.order_by("pk")[0]
    place = at("system", cast.learner.uuid, cast.project.uuid)
    learner.post(place, {"idea": str(idea.uuid), "system": ""})

    empty = learner.post(place, {"idea": "own", "system": ""}, headers=HTMX)
    beside = learner.post(place, {"idea": str(idea.uuid), "system": "A seed library"}, headers=HTMX)

    assert [empty.status_code, beside.status_code] == [422, 422]
    assert 'value="own" checked' in empty.text
    assert "A seed library" in beside.text
    assert "choose “My own…”" in beside.text
    learner.post(place, {"idea": "own", "system": "A seed library"})
    # What is still in the field from before is no new sentence.
    assert learner.post(place, {"idea": str(idea.uuid), "system": "A seed library"}).status_code == 302


# Answers, kept with the draft -------------------------------------------------------------------------------


def test_answers_are_saved_with_the_draft(asked: Talk, learner: Client) -> None:
    name = str(asked.uuid)
    typed = fields(text="better") | {f"answer-{name}": "It is Kafka."}
    saved = learner.post(at("draft", asked.submission.uuid), typed, headers=HTMX)
    assert saved.status_code == 200
    draft = asked.submission.versions.drafts().get()
    assert draft.answers == {name: {"act": "", "body": "It is Kafka."}}
    page = learner.get(asked.submission.get_absolute_url()).text
    assert re.search(r'name="answer-[^>]*>\s*It is Kafka.</textarea>', page)

    chosen = fields(text="better", version=draft.uuid, revision=1) | answered(asked, "fixed", "It is Kafka.")
    assert learner.post(at("draft", asked.submission.uuid), chosen, headers=HTMX).status_code == 200
    assert re.search(r'value="fixed" checked', learner.get(asked.submission.get_absolute_url()).text)
    assert not asked.comments.exclude(act="").exists()
    learner.post(at("submission_submit", asked.submission.uuid), {"version": draft.uuid})
    assert asked.comments.get(act="fixed").body == "It is Kafka."
    draft.refresh_from_db()
    assert (draft.number, draft.answers) == (2, {})


def test_answers_from_another_window_are_not_written_over(asked: Talk, learner: Client) -> None:
    draft = asked.submission.start_draft()
    first = fields(version=draft.uuid, text=draft.text) | answered(asked, "", "From the first")
    second = fields(version=draft.uuid, text=draft.text) | answered(asked, "", "From the second")
    assert learner.post(at("draft", asked.submission.uuid), first, headers=HTMX).status_code == 200
    stale = learner.post(at("draft", asked.submission.uuid), second, headers=HTMX)
    assert stale.status_code == 409
    assert "From the first" in stale.text
    draft.refresh_from_db()
    assert draft.answers[str(asked.uuid)]["body"] == "From the first"


def test_answer_that_cannot_be_kept_is_told_and_the_rest_is_saved(asked: Talk, learner: Client) -> None:
    typed = fields(text="better") | {f"answer-{asked.uuid}": "a\0b"}
    answer = learner.post(at("draft", asked.submission.uuid), typed, headers=HTMX)
    assert answer.status_code == 422
    assert "Null characters" in answer.text
    draft = asked.submission.versions.drafts().get()
    assert (draft.text, draft.answers) == ("better", {})


def test_hand_in_while_two_texts_stand_against_each_other_is_refused(asked: Talk, learner: Client) -> None:
    draft = asked.submission.start_draft()
    draft.save_draft("From the other window", "", "", 0)
    typed = fields(version=draft.uuid, text="From here") | answered(asked)
    stale = learner.post(at("draft", asked.submission.uuid), typed, headers=HTMX)
    assert stale.status_code == 409
    kept = dict(re.findall(r'type="hidden" name="(version|revision)" value="(.*?)"', stale.text))
    submitted = learner.post(at("submission_submit", asked.submission.uuid), typed | kept)
    assert submitted.status_code == 409
    draft.refresh_from_db()
    assert (draft.number, draft.text) == (None, "From the other window")

    over = re.search(r'name="over" value="(.*?)"', submitted.text)
    assert over
    again = learner.post(at("submission_submit", asked.submission.uuid), typed | kept | {"over": over[1]})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert (draft.number, draft.text) == (2, "From here")


def test_version_that_is_taken_back_takes_its_answers_along(asked: Talk, learner: Client, cast: Cast) -> None:
    sent = fields(text="better") | answered(asked, "fixed", "It is Kafka.")
    learner.post(at("submission_submit", asked.submission.uuid), sent)
    second = asked.submission.versions.get(number=2)
    assert learner.post(at("take_back", second.uuid)).status_code == 302
    assert "It is Kafka." not in as_user(cast.mentor).get(asked.submission.get_absolute_url()).text
    page = learner.get(asked.submission.get_absolute_url()).text
    assert re.search(r'name="answer-[^>]*>\s*It is Kafka.</textarea>', page)
    assert 'value="fixed" checked' in page


def test_version_whose_answers_were_spoken_about_is_not_taken_back(
    asked: Talk, learner: Client, cast: Cast
) -> None:
    learner.post(at("submission_submit", asked.submission.uuid), fields(text="better") | answered(asked))
    asked.confirm(cast.mentor, Said("", uuid4()))
    second = asked.submission.versions.get(number=2)
    assert learner.post(at("take_back", second.uuid)).status_code == 422
    second.refresh_from_db()
    assert second.number == 2


@pytest.mark.parametrize("name", ["submission_submit", "draft", "preview"])
def test_chosen_files_go_along_with_any_button(name: str, submission: Submission, learner: Client) -> None:
    """Without a script nothing else sends them."""
    typed = fields(text="# Words") | {"files": SimpleUploadedFile("plan.md", b"# Plan")}
    assert learner.post(at(name, submission.uuid), typed).status_code in {200, 302}
    version = submission.versions.get()
    assert [file.name for file in version.files.all()] == ["plan.md"]
    assert version.text == "# Words"


def test_hand_in_with_a_file_that_is_refused_waits_for_another(
    submission: Submission, learner: Client
) -> None:
    typed = fields(text="# Words") | {"files": SimpleUploadedFile("plan.exe", b"MZ")}
    answer = learner.post(at("submission_submit", submission.uuid), typed)
    assert answer.status_code == 422
    assert ".exe files cannot be handed in" in answer.text
    assert submission.versions.get().number is None


def test_why_a_version_stays_is_said_as_it_is_and_once(cast: Cast, learner: Client) -> None:
    asked = cast.hand_in()
    Talk.objects.open(asked, cast.learner.user, Said("Is this enough?", uuid4()))

    page = learner.get(asked.submission.get_absolute_url()).text
    refused = learner.post(at("take_back", asked.uuid))

    assert "You asked a question about this version, so it stays." in page
    assert refused.status_code == 422
    assert refused.text.count("You asked a question about this version") == 1
    assert "already said" not in page + refused.text


def test_evidence_is_said_to_keep_its_version(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    assert (
        "You can take it back until a mentor opens it."
        in learner.get(version.submission.get_absolute_url()).text
    )
    Anchor.objects.on_whole(version)
    page = learner.get(version.submission.get_absolute_url()).text
    assert "You named this version as evidence, so it stays." in page


def test_points_to_answer_have_place_quote_and_link(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    review = Review.objects.begin(version, cast.mentor)
    place: tuple[None, list[dict[str, Any]]] = (
        None,
        [
            {"type": "TextQuoteSelector", "exact": "labels are joined"},
            {"type": "SectionSelector", "path": ["Pipeline"]},
        ],
    )
    thread = Talk.objects.open(version, cast.mentor, Said("Where?", uuid4(), "must"), review, place)
    review.publish("changes")
    version.submission.start_draft()

    page = learner.get(version.submission.get_absolute_url()).text

    answer = page[page.index(f'id="answer-{thread.uuid}"') :][:1000]
    assert f'href="#thread-{thread.uuid}"' in answer
    assert "“Pipeline”" in answer
    assert '<blockquote class="passage">labels are joined</blockquote>' in answer
