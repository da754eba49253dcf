"""Threads that ask nothing of anybody any more: they rest with the version that they were opened on."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from submissions.models import Review, Thread, Version
from submissions.models.comment import UNDO_TIME
from submissions.talk import Talk
from submissions.templatetags.drawn import DRAWN
from tests.cast import Cast
from tests.factories import mentor_of
from tests.submissions.talking import HTMX, answered, sent_threads, words


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the time pass in which a settled thread stays where it is."""
    real = timezone.now

    def pass_time() -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + UNDO_TIME + timedelta(seconds=1))

    return pass_time


def page(client: Client, about: Thread, **query: str | int) -> str:
    return client.get(about.submission.get_absolute_url(), query).text


def in_full(text: str) -> list[str]:
    return re.findall(r'<article class="thread [^>]* id="thread-([^"]+)"', text)


def test_what_is_settled_is_counted_and_stands_in_full_beside_its_version(
    cast: Cast, client: Client, later: Callable[[], None]
) -> None:
    settled, open_ = answered(cast, "Settled words", "Open words")
    settled.confirm(cast.mentor, words(""))
    client.force_login(cast.learner.user)
    assert in_full(page(client, settled)) == [str(settled.uuid), str(open_.uuid)], "just now it was settled"

    later()

    text = page(client, settled)
    assert in_full(text) == [str(open_.uuid)]
    assert "1 settled comment of version 1" in text
    assert 'Comments <span class="figure">2</span>' in text
    beside = page(client, settled, version=1)
    assert set(in_full(beside)) == {str(settled.uuid), str(open_.uuid)}
    assert "Settled words" in beside
    assert "settled comment" not in beside
    linked = page(client, settled, thread=str(settled.uuid))
    assert set(in_full(linked)) == {str(settled.uuid), str(open_.uuid)}
    assert "settled comment" not in linked


def test_those_of_a_version_come_when_they_are_asked_for(
    cast: Cast, client: Client, later: Callable[[], None]
) -> None:
    settled, open_ = answered(cast, "Settled words", "Open words")
    settled.drop(cast.mentor, words(""))
    client.force_login(cast.mentor)
    later()
    place = reverse("submissions:threads_at_rest", args=[settled.submission.uuid, 1])
    assert f'hx-get="{place}"' in page(client, settled)

    text = client.get(place, headers=HTMX).text

    assert in_full(text) == [str(settled.uuid)]
    assert "Reopen" in text
    assert client.get(place)["Location"] == f"{settled.submission.get_absolute_url()}?version=1#talk"
    again = client.post(
        reverse("submissions:comment_new", args=[settled.uuid]),
        {"do": "reopen", "body": "Still there.", "key": words().key, "latest": 2},
        headers=HTMX,
    )
    assert "Still there." in again.text
    assert set(in_full(page(client, settled))) == {str(settled.uuid), str(open_.uuid)}
    assert in_full(client.get(place, headers=HTMX).text) == []


def confirmed(thread: Thread, cast: Cast) -> None:
    thread.confirm(cast.mentor, words(""))


def thanked(thread: Thread, cast: Cast) -> None:
    confirmed(thread, cast)
    thread.reply(cast.learner.user, words("But look at the other one."))


def taken_back(thread: Thread, cast: Cast) -> None:
    thread.undo(cast.mentor, thread.confirm(cast.mentor, words("")))


def reopened(thread: Thread, cast: Cast) -> None:
    confirmed(thread, cast)
    thread.reopen(cast.mentor, words(""))


@pytest.mark.parametrize(
    ("act", "rests"), [(confirmed, True), (thanked, False), (taken_back, False), (reopened, False)]
)
def test_only_what_ended_in_its_settling_rests(
    cast: Cast, later: Callable[[], None], act: Callable[[Thread, Cast], None], rests: bool
) -> None:
    (thread,) = answered(cast, "Words")
    act(thread, cast)
    later()
    assert [line.rests for line in Talk(thread.submission, cast.learner.user).lines] == [rests]


@pytest.mark.parametrize(("kind", "rests"), [("praise", True), ("should", False), ("question", False)])
def test_praise_rests_when_the_next_version_is_there(
    cast: Cast, later: Callable[[], None], kind: str, rests: bool
) -> None:
    (thread,) = sent_threads(cast, "Words", kind=kind)
    cast.hand_in()
    talk = Talk(thread.submission, cast.learner.user)
    assert [one.row for one in talk.threads] == [thread], "it was sent just now"
    later()
    talk = Talk(thread.submission, cast.learner.user)
    assert ([one.row for one in talk.threads], len(talk.resting)) == (([], 1) if rests else ([thread], 0))


def test_withdrawn_review_rests_too(cast: Cast, later: Callable[[], None]) -> None:
    (thread,) = sent_threads(cast, "Words", kind="should")
    cast.hand_in()
    Review.objects.get().withdraw(cast.mentor, "Meant for another")
    later()
    assert [line.rests for line in Talk(thread.submission, cast.learner.user).lines] == [True]


def test_answer_that_is_not_sent_yet_keeps_it_open_for_its_author_alone(
    cast: Cast, later: Callable[[], None]
) -> None:
    (thread,) = answered(cast, "Words")
    thread.confirm(cast.mentor, words(""))
    colleague = mentor_of(cast.cohort)
    later()
    review = Review.objects.begin(Version.objects.latest("number"), colleague)
    thread.reply(colleague, words("Wait"), review)

    assert len(Talk(thread.submission, colleague).threads) == 1
    assert len(Talk(thread.submission, cast.mentor).threads) == 0
    assert len(Talk(thread.submission, cast.learner.user).threads) == 0


def bare(text: str) -> str:
    """The talk without what is new at each request."""
    talk = text[text.index('id="threads"') : text.index('id="told"')]
    talk = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "token", talk)
    return re.sub(r'name="key" value="[^"]+"', "key", talk)


def test_drawing_that_is_kept_is_the_one_that_would_be_made(cast: Cast, client: Client) -> None:
    """After each act both people's pages are as if nothing were kept."""
    first, second = answered(cast, "One", "Two")
    acts: list[Callable[[], object]] = [
        lambda: None,
        lambda: first.reply(cast.learner.user, words("More")),
        lambda: first.comments.latest("pk").change(cast.learner.user, "Other words"),
        lambda: first.confirm(cast.mentor, words("")),
        lambda: first.undo(cast.mentor, first.comments.latest("pk")),
        lambda: second.drop(cast.mentor, words("Never mind")),
        lambda: second.reopen(cast.mentor, words("")),
        lambda: second.answer(cast.learner.user, "disagree", words("No")),
        cast.hand_in,
        lambda: Review.objects.first().withdraw(cast.mentor, "Meant for another"),  # type: ignore[union-attr]
    ]
    seen = set()
    for act in acts:
        act()
        for person in (cast.learner.user, cast.mentor):
            client.force_login(person)
            page(client, first)
            kept = bare(page(client, first))
            DRAWN.answers.clear()
            assert kept == bare(page(client, first))
            seen.add(kept)
    assert len(seen) == 2 * len(acts)


def test_each_page_has_its_own_token_and_keys(cast: Cast, client: Client) -> None:
    (thread,) = answered(cast, "One")
    tokens: set[str] = set()
    keys: set[str] = set()
    for person in (cast.mentor, cast.learner.user, cast.mentor):
        client.force_login(person)
        text = page(client, thread)
        talk = text[text.index('id="threads"') :]
        tokens |= set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', talk))
        found = re.findall(r'name="key" value="([^"]+)"', talk)
        assert len(found) == len(set(found)) > 1
        assert not keys & set(found)
        keys |= set(found)
    assert len(tokens) == 3
    assert not any("token-" in one for one in tokens)
