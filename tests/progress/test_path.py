"""The path and the month's margin: what waits for whoever looks, apart from what is with somebody else."""

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Deliverable
from curriculum.publication import publish
from submissions.models import Review, Submission
from tests.cast import Cast, month_text
from tests.factories import CohortFactory, MembershipFactory


def texts(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_path_tells_what_waits_for_the_learner_from_what_is_with_a_mentor(client: Client, cast: Cast) -> None:
    version = cast.hand_in()
    client.force_login(cast.learner.user)

    waiting = texts(client.get(reverse("progress:path")).text)
    mine, theirs = waiting.split("With your mentors")
    assert "Nothing waits for an answer" in mine
    assert f"{cast.deliverable} Version 1, handed in" in theirs

    Review.objects.begin(version, cast.mentor).publish(Review.Verdict.CHANGES)
    answered = texts(client.get(reverse("progress:path")).text)
    assert "With your mentors" not in answered
    assert f"What waits for you {cast.deliverable}" in answered


def test_draft_is_listed_for_its_learner_alone_and_is_nobodys_red_turn(client: Client, cast: Cast) -> None:
    submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
    submission.start_draft()
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])

    client.force_login(cast.learner.user)
    margin = client.get(month).text.split('<aside class="aside"')[1]
    assert "A draft, not handed in yet" in margin
    assert "Nothing at the moment" not in margin
    assert '<span class="pill empty">Draft</span>' in client.get(submission.get_absolute_url()).text

    client.force_login(cast.mentor)
    assert "A draft" not in client.get(month).text


def test_begun_version_of_work_that_is_with_a_mentor_is_listed_too(client: Client, cast: Cast) -> None:
    version = cast.hand_in()
    client.force_login(cast.learner.user)
    version.submission.start_draft()

    mine, theirs = texts(client.get(reverse("progress:path")).text).split("With your mentors")
    assert f"{cast.deliverable} A draft, not handed in yet Go on" in mine
    assert "the next one is begun" in theirs

    Review.objects.begin(version, cast.mentor).publish(Review.Verdict.CHANGES)
    waiting = texts(client.get(reverse("progress:path")).text)
    assert "the next one is begun Go on" in waiting
    assert "A draft, not handed in yet" not in waiting

    client.force_login(cast.mentor)
    assert "begun" not in texts(client.get(reverse("progress:learner_path", args=[cast.learner.uuid])).text)


def test_work_that_was_opened_and_has_no_draft_is_not_started(client: Client, cast: Cast) -> None:
    work = Deliverable.objects.get(pk=cast.deliverable.pk)
    submission = Submission.objects.create(learner=cast.learner, deliverable=work)
    client.force_login(cast.learner.user)
    assert '<span class="pill empty">Not started</span>' in client.get(submission.get_absolute_url()).text


def test_cohort_that_is_still_to_begin_does_not_hide_the_one_that_runs(client: Client, cast: Cast) -> None:
    later = CohortFactory.create(
        curriculum=cast.curriculum, name="Winter", starts=timezone.localdate() + timedelta(days=6)
    )
    second = MembershipFactory.create(cohort=later, user=cast.learner.user)
    client.force_login(cast.learner.user)

    own = client.get(reverse("progress:path")).text
    assert f"<span>{cast.cohort}</span>" in own
    there = reverse("progress:learner_path", args=[second.uuid])
    assert f'<a href="{there}">Winter</a>' in own
    assert f">{cast.cohort}</a>" in client.get(there).text

    cast.learner.end()
    assert "<span>Winter</span>" in client.get(reverse("progress:path")).text


def test_mentor_whose_membership_has_ended_is_told_so(client: Client, cast: Cast) -> None:
    cast.mentor.memberships.get().end()
    client.force_login(cast.mentor)
    page = client.get(reverse("progress:home")).text
    assert "Your membership has ended" in page
    assert f"{cast.cohort}, as a mentor" in page


def test_contents_of_a_month_are_plain_words(client: Client, cast: Cast) -> None:
    publish(cast.month.document, month_text().replace("Part 1", "Loading & *Exploring*"))
    client.force_login(cast.learner.user)
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert client.get(month).text.count(">Week 1: Loading &amp; Exploring</a>") == 2
