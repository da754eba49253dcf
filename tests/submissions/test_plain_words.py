"""What is quoted in one line has no signs of Markdown, and says what it is."""

import pytest
from django.test import Client
from django.urls import reverse

from submissions.models import Review, Thread
from submissions.models.review import plain_words
from tests.cast import Cast
from tests.submissions.talking import answered, sent_threads, words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Where does **it** wait?", "Where does it wait?"),
        ("# Plan\n\n- `one` & two\n- [three](https://example.org/)", "Plan one & two three"),
        ("a_b costs 3 < 4", "a_b costs 3 < 4"),
        ("1. first\n2. second", "first second"),
        ("Two lines\nof words", "Two lines of words"),
    ],
)
def test_plain_words_are_those_of_the_markdown(said: str, words: str) -> None:
    assert plain_words(said) == words


def test_sheet_quotes_in_words_and_calls_replies_so(cast: Cast, client: Client) -> None:
    (thread,) = answered(cast, "Where?")
    review = Review.objects.begin(thread.submission.versions.get(number=2), cast.mentor)
    thread.reply(cast.mentor, words("Thank you, **clear**"), review)
    Thread.objects.open(review.version, cast.mentor, words("And `this`?", "should"), review)
    client.force_login(cast.mentor)

    page = client.get(thread.submission.get_absolute_url()).text

    sheet = page[page.index('id="finish-unsent"') :]
    assert "<strong>Reply</strong> Thank you, clear" in sheet
    assert "<strong>Should</strong> And this?" in sheet


def test_desk_quotes_a_question_in_words_and_leads_to_it(cast: Cast, client: Client) -> None:
    question = Thread.objects.open(
        cast.hand_in(), cast.learner.user, words("Is **this** `enough`?", "question")
    )
    client.force_login(cast.mentor)
    desk = client.get(reverse("progress:desk")).text
    assert "Is this enough?" in desk
    assert f'href="{question.get_absolute_url()}"' in desk


def test_news_of_a_thread_leads_to_it_and_is_read_with_its_page(cast: Cast, client: Client) -> None:
    (thread,) = sent_threads(cast, "Where?")
    cast.learner.user.notifications.mark_read()
    for author, person, kind in (
        (cast.learner.user, cast.mentor, "asked"),
        (cast.mentor, cast.learner.user, "replied"),
    ):
        thread.reply(author, words("There"))
        told = person.notifications.unread().get(kind=kind)
        assert told.url == thread.get_absolute_url()
        client.force_login(person)
        client.post(reverse("people:reading"), {"page": thread.submission.get_absolute_url()})
        assert not person.notifications.unread().filter(kind=kind).exists()
