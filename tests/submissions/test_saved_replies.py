"""Saved replies: a mentor's own words, kept, put into a comment, and nobody else's."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from submissions.models import Comment, Review, SavedReply, Thread
from submissions.models.saved_reply import MOST
from tests.cast import Cast
from tests.submissions.talking import HTMX, sent_threads, words

pytestmark = pytest.mark.once

PLACE = "/saved-replies/"


@pytest.fixture
def mentor(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mentor)
    return client


def test_reply_is_saved_from_an_own_comment_in_one_step(cast: Cast, mentor: Client) -> None:
    (thread,) = sent_threads(cast, "Say what each label\nmeans.")
    comment = thread.comments.get()
    page = mentor.get(thread.submission.get_absolute_url()).text
    assert f'form="save-reply" name="comment" value="{comment.uuid}"' in page

    answers = [mentor.post(PLACE, {"comment": comment.uuid}, headers=HTMX) for _click in range(2)]

    assert all("Saved as a reply." in answer.text for answer in answers)
    (reply,) = SavedReply.objects.all()
    assert (reply.title, reply.body) == ("Say what each label means.", "Say what each label\nmeans.")
    answer = mentor.post(PLACE, {"comment": comment.uuid})
    assert answer["Location"].endswith(f"#thread-{thread.uuid}")


def test_reply_of_others_comments_is_not_saved(cast: Cast, mentor: Client) -> None:
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("Enough?"))
    for uuid in (thread.comments.get().uuid, uuid4(), "nonsense"):
        assert mentor.post(PLACE, {"comment": uuid}).status_code == 404
    assert not SavedReply.objects.exists()


def test_page_changes_and_deletes_and_says_what_is_wrong(cast: Cast, mentor: Client) -> None:
    mentor.post(PLACE, {"title": "", "body": "  First words  \r\nof it"})
    mentor.post(PLACE, {"title": "Other", "body": "Other words"})
    first, other = SavedReply.objects.order_by("pk")
    assert (first.title, first.body) == ("First words of it", "First words  \nof it")
    place = f"{PLACE}{other.uuid}/"

    refused = mentor.post(place, {"title": "Mine", "body": "First words  \nof it"})
    assert refused.status_code == 422
    assert "Another saved reply says exactly this already." in refused.text
    assert 'value="Mine"' in refused.text
    empty = mentor.post(place, {"title": "Mine", "body": " "})
    assert empty.status_code == 422
    long = mentor.post(PLACE, {"title": "x" * 81, "body": "Kept words"})
    assert long.status_code == 422
    assert "Kept words</textarea>" in long.text

    assert mentor.post(place, {"title": "Mine", "body": "Changed"}).status_code == 302
    other.refresh_from_db()
    assert (other.title, other.body) == ("Mine", "Changed")
    mentor.post(f"{PLACE}{first.uuid}/", {"remove": "yes"})
    assert list(SavedReply.objects.all()) == [other]


def test_list_has_an_end(cast: Cast) -> None:
    SavedReply.objects.bulk_create(
        SavedReply(mentor=cast.mentor, title=str(n), body=str(n), digest=str(n)) for n in range(MOST)
    )
    with pytest.raises(ValidationError):
        SavedReply.objects.keep(cast.mentor, "One more")
    assert SavedReply.objects.keep(cast.other_mentor, "Another's list").pk


def test_reply_is_put_in_without_a_script_and_nothing_is_sent_yet(cast: Cast, mentor: Client) -> None:
    (thread,) = sent_threads(cast, "Why?")
    reply = SavedReply.objects.keep(cast.mentor, "Say what each label means.", "Labels")
    SavedReply.objects.keep(cast.other_mentor, "Another's")
    place = reverse("submissions:comment_new", args=[thread.uuid])
    sent = {"do": "saved", "body": "Half a sentence", "key": uuid4(), "latest": 1}

    page = mentor.post(place, sent).text
    assert "Half a sentence</textarea>" in page
    assert f'<option value="{reply.uuid}">Labels</option>' in page
    assert "Another's" not in page
    page = mentor.post(place, sent | {"saved": reply.uuid}).text

    assert "Half a sentence\n\nSay what each label means.</textarea>" in page
    assert Comment.objects.count() == 1
    reply.refresh_from_db()
    assert reply.used == 1

    new = reverse("submissions:thread_new", args=[thread.submission.uuid])
    sent |= {"version": 1, "kind": "must"}
    page = mentor.post(new, sent | {"saved": reply.uuid, "body": ""}).text
    assert "Say what each label means.</textarea>" in page
    assert '<option value="must" selected>' in page
    assert "Write something first" not in page
    assert not Review.objects.drafts().exists()


def test_learner_is_offered_none(cast: Cast, client: Client) -> None:
    (thread,) = sent_threads(cast, "Why?")
    client.force_login(cast.learner.user)
    page = client.get(thread.submission.get_absolute_url()).text
    assert "Saved replies" not in page
    assert "save-reply" not in page


def test_script_is_given_the_list_those_used_most_first(cast: Cast, mentor: Client) -> None:
    rare, often = (SavedReply.objects.keep(cast.mentor, body) for body in ("Rare <b>", "Often"))
    assert mentor.post(f"{PLACE}{often.uuid}/", {"used": "yes"}).status_code == 204
    answer = mentor.get(PLACE, headers=HTMX).text
    assert answer.index('data-words="Often"') < answer.index('data-words="Rare &lt;b&gt;"')
    assert str(rare.uuid) in answer
