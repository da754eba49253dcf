"""Mentions: who is called by a comment, and told once, and never of what they cannot see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import Mail, Notification, User
from submissions.called import words_for
from submissions.models import Comment, Mention, Review, Thread
from submissions.models.mention import named_in
from tests.cast import Cast
from tests.factories import mentor_of
from tests.submissions.talking import words

pytestmark = pytest.mark.once

PEOPLE = [
    User(pk=n + 1, name=name, email=f"{n}@example.org")
    for n, name in enumerate(["Ana Maria Reis", "Ana Costa", "Bo O'Hara"])
]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Bo, please look", ["Bo O'Hara"]),
        ("@bo o'hara: yes", ["Bo O'Hara"]),
        ("(@Ana Maria\n Reis)", ["Ana Maria Reis"]),
        ("@Ana", []),  # two have that name
        ("@Boris", []),
        ("mail bo@Bo.org", []),
        ("`@Bo` and\n```\n@Bo\n```", []),
        ("@Ana Costa and @Bo and @Bo", ["Ana Costa", "Bo O'Hara"]),
        ("@", []),
    ],
)
def test_text_calls_people_by_name(text: str, called: list[str]) -> None:
    assert [str(person) for person in named_in(text, PEOPLE)] == called


def mentioned(user: User) -> list[Notification]:
    return list(user.notifications.filter(kind="mentioned"))


def test_mentor_who_is_called_is_told_once_with_the_place(cast: Cast) -> None:
    sofia = mentor_of(cast.cohort, name="Sofia Marques")
    review = Review.objects.begin(cast.hand_in(), cast.mentor)
    thread = Thread.objects.open(review.version, cast.mentor, words("What does @Sofia think?"), review)
    assert not mentioned(sofia), "it is not sent yet"

    review.publish("comment")

    (told,) = mentioned(sofia)
    assert told.url.endswith(f"#thread-{thread.uuid}")
    assert told.sentence == "Tomas Lindqvist mentioned you in a comment on “Work 1.1”."
    assert Mail.objects.filter(user=sofia, kind=Mail.Kind.MENTOR).exists()
    comment = thread.comments.get()
    comment.change(cast.mentor, "What does @Sofia think of it?")
    assert len(mentioned(sofia)) == 1


def test_change_calls_who_was_not_called_before(cast: Cast) -> None:
    sofia, other = mentor_of(cast.cohort, name="Sofia Marques"), mentor_of(cast.cohort, name="Joana Reis")
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("@Sofia, enough?"))
    thread.comments.get().change(cast.learner.user, "@Sofia or @Joana, enough?")
    assert [len(mentioned(person)) for person in (sofia, other)] == [1, 1]


def test_nobody_is_told_of_what_they_cannot_see_or_hear_anyway(cast: Cast) -> None:
    thread = Thread.objects.open(
        cast.hand_in(),
        cast.learner.user,
        words("@Tomas Lindqvist, @Kwame Mensah, @Amira Haddad, @Sofia Marques, @Ines Duarte"),
    )
    people = [cast.mentor, cast.fellow.user, cast.stranger.user, cast.other_mentor, cast.learner.user]
    assert not any(mentioned(person) for person in people)
    assert cast.mentor.notifications.filter(kind="asked").count() == 1
    assert [mention.user for mention in Mention.objects.all()] == [cast.mentor]
    thread.reply(cast.mentor, words("Yes, @Ines."))
    assert list(cast.learner.user.notifications.values_list("kind", flat=True)) == ["replied"]


def test_mentor_who_has_left_is_not_called(cast: Cast) -> None:
    gone = mentor_of(cast.cohort, name="Gone Away")
    gone.memberships.get().end()
    Thread.objects.open(cast.hand_in(), cast.learner.user, words("@Gone Away?"))
    assert not Mention.objects.exists()


def test_names_are_given_to_whoever_may_write_here(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    place = reverse("submissions:people", args=[version.submission.uuid])
    client.force_login(cast.learner.user)
    assert client.get(place).json() == {"names": ["Tomas Lindqvist"]}
    client.force_login(cast.mentor)
    assert client.get(place).json() == {"names": ["Ines Duarte"]}


# Where it is shown -----------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@Bo, look", '<p><span class="mention">@Bo</span>, look</p>'),
        ("**@bo  o'hara**", '<p><strong><span class="mention">@bo  o\'hara</span></strong></p>'),
        ("`@Bo` @Bo", '<p><code>@Bo</code> <span class="mention">@Bo</span></p>'),
        ("    @Bo", "<pre><code>@Bo\n</code></pre>"),
        ("@Ana Costa & @Bo", '<p>@Ana Costa &amp; <span class="mention">@Bo</span></p>'),
        ("@Boris and bo@Bo", "<p>@Boris and bo@Bo</p>"),
        ("<b>@Bo</b>", '<p>&lt;b&gt;<span class="mention">@Bo</span>&lt;/b&gt;</p>'),
        # A first name may be another's, where the whole one is said too.
        ("@Bo O'Hara or @Bo", '<p><span class="mention">@Bo O\'Hara</span> or @Bo</p>'),
    ],
)
def test_name_that_is_called_stands_out(text: str, shown: str) -> None:
    comment = Comment(body=text)
    comment.called = [PEOPLE[2]]
    assert words_for(PEOPLE[0], comment) == f"{shown}\n"
    assert words_for(PEOPLE[2], comment) == f"{shown}\n".replace("<span", "<mark").replace("</span", "</mark")


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "[see @Bo](https://a.example/@Bo)",
        '![x](/a.png "> @Bo")',
        '[a](/b "> @Bo")',
        "bo@Bo.org",
        "```\n@Bo\n```",
    ],
)
def test_name_in_code_or_in_a_link_stays_text(text: str) -> None:
    comment = Comment(body=text)
    comment.called = [PEOPLE[2]]
    assert words_for(PEOPLE[2], comment) == comment.html


@pytest.mark.pure
def test_name_that_is_html_stays_text() -> None:
    person = User(pk=9, name="<i>Eve</i> & Co", email="e@example.org")
    comment = Comment(body="@<i>Eve</i> & Co")
    comment.called = [person]
    called = '<mark class="mention">@&lt;i&gt;Eve&lt;/i&gt; &amp; Co</mark>'
    assert words_for(person, comment) == f"<p>{called}</p>\n"


def test_name_stands_out_to_all_and_as_their_own_to_who_is_called(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sofia = mentor_of(cast.cohort, name="Sofia Marques")
    thread = Thread.objects.open(cast.hand_in(), cast.learner.user, words("@Sofia, and @Kwame, enough?"))
    notice = mentioned(sofia)[0]

    def seen(reader: User) -> str:
        client.force_login(reader)
        page = client.get(notice.url.partition("#")[0]).text
        return page.split(f'id="thread-{thread.uuid}"')[1].split("</article>")[0]

    assert notice.url.partition("#")[2] == f"thread-{thread.uuid}"
    assert '<mark class="mention">@Sofia</mark>, and @Kwame, enough?' in seen(sofia)
    for other in (cast.mentor, cast.learner.user):
        assert '<span class="mention">@Sofia</span>, and @Kwame' in seen(other)
    words_page = client.get(reverse("submissions:comment_words", args=[thread.comments.get().uuid])).text
    assert '<span class="mention">@Sofia</span>' in words_page
    sofia.is_active = False
    sofia.save()
    a_minute_later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: a_minute_later)
    assert "@Sofia, and @Kwame" in seen(cast.mentor)
    thread.refresh_from_db()
    assert thread.comments.get().body == "@Sofia, and @Kwame, enough?"


def test_names_cost_one_query_for_however_many(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    client.force_login(cast.mentor)
    counts = []
    for body in ("Enough?", "@Tomas?", "@Tomas Lindqvist!", "@Tomas"):
        Thread.objects.open(version, cast.learner.user, words(body))
        with CaptureQueriesContext(connection) as asked:
            client.get(version.submission.get_absolute_url())
        counts.append(len(asked))
    assert counts == [counts[0], *[counts[0] + 1] * 3]
