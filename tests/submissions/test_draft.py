"""Beginning, and the draft with its saving."""

from typing import Any

import pytest
from django.test import Client

from submissions.models import File, Submission
from tests.cast import Cast
from tests.submissions.sending import HTMX, NOBODY, as_user, at, fields, send

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


# Throwing it away --------------------------------------------------------------------------------------------


def test_discard_takes_the_draft_and_its_files_and_nothing_else(cast: Cast, learner: Client) -> None:
    version = cast.hand_in(text="# First")
    draft = version.submission.start_draft()
    send(learner, version.submission, ("a.md", b"x"))

    assert learner.post(at("discard", draft.uuid)).status_code == 302

    assert [one.number for one in version.submission.versions.all()] == [1]
    assert not File.objects.exists()
    page = learner.get(version.submission.get_absolute_url()).text
    assert "Begin version 2" in page
    assert "Take back" in page
    assert learner.post(at("discard", draft.uuid)).status_code == 404


def test_discard_leaves_what_was_handed_in_meanwhile(cast: Cast, learner: Client) -> None:
    version = cast.hand_in()
    page = learner.post(at("discard", version.uuid), follow=True)
    assert "handed in meanwhile" in page.content.decode()
    version.refresh_from_db()
    assert version.number == 1


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


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.org/x"]
)
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
    assert ">Hi</span></h" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not submission.versions.exists()


def test_preview_without_a_script_saves_and_shows(submission: Submission, learner: Client) -> None:
    answer = learner.post(at("preview", submission.uuid), fields(text="## Hi"))
    assert answer.status_code == 200
    assert ">Hi</span></h" in answer.content.decode()
    assert submission.versions.get().text == "## Hi"
