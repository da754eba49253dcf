"""A place in a version as evidence: named by the learner, offered to whoever marks, and kept in the record."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.models import User
from progress import evidence, record
from progress.models import Entry
from progress.standing import Standing
from progress.verification import Verification
from submissions.models import Blob, File, Placement, Review, Version
from submissions.pointing import pointed
from tests.cast import Cast
from tests.submissions.talking import sent_threads

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
TEXT = "# Pipeline\n\nLabels wait.\n\n## Replays\n\nThe swap is one rename.\n"


@pytest.fixture
def version(cast: Cast) -> Version:
    return cast.hand_in(text=TEXT)


def send(user: User, name: str, *args: Any, **fields: Any) -> HttpResponse:
    client = Client()
    client.force_login(user)
    headers = {} if name == "evidence_new" else HTMX
    return client.post(reverse(f"progress:{name}", args=args), fields, headers=headers)  # type: ignore[return-value]


def claim(cast: Cast, value: str, note: str = "") -> HttpResponse:
    where = cast.learner.uuid, cast.criteria[0].uuid
    return send(cast.learner.user, "claim", *where, evidence=value, note=note)


def value_of(version: Version, **said: str) -> str:
    return evidence.place_value(version, pointed(version, said))


def test_place_leads_to_the_criteria_with_what_was_typed(cast: Cast, version: Version) -> None:
    where = version.submission.uuid
    said = {"version": "1", "quote": "one rename", "body": "Look <here>."}

    page = send(cast.learner.user, "evidence_new", where, **said).text

    value = value_of(version, quote="one rename")
    assert f'name="evidence" value="{value}"' in page
    assert '<blockquote class="passage">one rename</blockquote>' in page
    assert "“Replays”" in page
    assert "Look &lt;here&gt;.</textarea>" in page
    for criterion in cast.criteria:
        assert reverse("progress:claim", args=[cast.learner.uuid, criterion.uuid]) in page
    assert not Entry.objects.exists()


def test_place_that_is_not_there_keeps_what_was_typed(cast: Cast, version: Version) -> None:
    said = {"version": "1", "quote": "two renames", "body": "Look."}

    answer = send(cast.learner.user, "evidence_new", version.submission.uuid, **said)

    assert answer.status_code == 422
    assert "not in this version as it is kept" in answer.text
    assert "Look.</textarea>" in answer.text
    assert "I think that this is met" not in answer.text


def test_claim_on_a_place_has_an_anchor_there(cast: Cast, version: Version) -> None:
    answer = claim(cast, value_of(version, quote="one rename"))

    assert answer.status_code == 200
    entry = Entry.objects.get()
    assert entry.version == version
    assert entry.anchor
    assert entry.anchor.selectors == pointed(version, {"quote": "one rename"})[1]
    assert Placement.objects.get().state == "exact"
    assert "a place in Work 1.1, version 1" in answer.text
    where = f"{version.submission.get_absolute_url()}?version=1&amp;place={entry.anchor.uuid}#evidence"
    assert f'<a href="{where}">a place in Work 1.1, version 1</a>: “Replays” <q>one rename</q>' in answer.text
    assert entry.evidence_value == f"anchor:{entry.anchor.uuid}"
    assert not list(Verification().problems())


def test_claim_on_another_place_is_another_one(cast: Cast, version: Version) -> None:
    for _ in range(2):
        claim(cast, value_of(version, quote="one rename"), "See.")
    claim(cast, value_of(version, quote="Labels wait."), "See.")
    claim(cast, f"version:{version.uuid}", "See.")

    assert [bool(entry.place) for entry in Entry.objects.all()] == [True, True, False]


@pytest.mark.parametrize(
    "value",
    [
        "place:{}:text:9-5",
        "place:{}:text:0-9999",
        "place:{}:heading:1",
        "place:x:text",
        "place:{}:text:heading:2",
    ],
)
def test_claim_on_what_is_not_there_keeps_its_note(cast: Cast, version: Version, value: str) -> None:
    answer = claim(cast, value.format(version.uuid), "My words")

    assert answer.status_code == 422
    assert "My words" in answer.text
    assert not Entry.objects.exists()


def test_refused_claim_keeps_its_place(cast: Cast, version: Version) -> None:
    value = value_of(version, quote="one rename")

    answer = claim(cast, value, "x" * 200_001)

    assert answer.status_code == 422
    assert f'<option value="{value}" selected>' in answer.text


def test_place_that_was_claimed_is_offered_first_and_marked_with(cast: Cast, version: Version) -> None:
    claim(cast, value_of(version, quote="one rename"))
    anchor = Entry.objects.get().anchor
    assert anchor
    where = cast.learner.uuid, cast.criteria[0].uuid
    client = Client()
    client.force_login(cast.mentor)

    form = client.get(reverse("progress:mark", args=where)).text
    answer = send(cast.mentor, "mark", *where, decision="met", evidence=f"anchor:{anchor.uuid}", seen="1")

    assert form.index(f'<option value="anchor:{anchor.uuid}" selected>') < form.index(
        '<option value="version:'
    )
    assert "Work 1.1, version 1: one rename" in form
    assert answer.status_code == 200
    mark = Entry.objects.get(kind="mark")
    assert (mark.anchor, mark.version) == (anchor, version)
    assert not list(Verification().problems())


def test_place_of_somebody_else_is_no_evidence(cast: Cast, version: Version) -> None:
    theirs = cast.hand_in(learner=cast.fellow, text=TEXT)
    place = pointed(theirs, {"quote": "one rename"})
    record.claim(cast.fellow, cast.criteria[0], cast.fellow.user, version=theirs, place=place)
    anchor = Entry.objects.get().anchor
    assert anchor

    for value in (f"anchor:{anchor.uuid}", evidence.place_value(theirs, place)):
        assert claim(cast, value).status_code == 422
    with pytest.raises(ValidationError):
        record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=version, anchor=anchor)
    assert Entry.objects.count() == 1


# What becomes of it -------------------------------------------------------------------------------------------
CHANGED = "reads differently in the newest version"
SINCE = "has changed since it was marked"


def page_of(user: User, version: Version, place: str = "", number: str = "") -> str:
    client = Client()
    client.force_login(user)
    asked = {"place": place} | ({"version": number} if number else {})
    return client.get(version.submission.get_absolute_url(), asked).text


def test_evidence_leads_to_the_very_place(cast: Cast, version: Version) -> None:
    claim(cast, value_of(version, quote="one rename"))
    anchor = Entry.objects.get().anchor
    assert anchor
    cast.hand_in(text=TEXT.replace("one rename", "one atomic rename"))

    page = page_of(cast.mentor, version, str(anchor.uuid), "1")
    newer = page_of(cast.mentor, version, str(anchor.uuid))

    assert '<section class="evidence panel' in page
    assert '<blockquote class="passage">one rename</blockquote>' in page
    assert 'href="#text-H5" data-place>“Replays”' in page
    island = page.partition('<script id="evidence-place" type="application/json">')[2].partition("<")[0]
    assert json.loads(island)["start"] == anchor.selectors[1]["start"]
    assert "reads differently in this version" in newer


def test_evidence_of_somebody_else_is_not_shown(cast: Cast, version: Version) -> None:
    theirs = cast.hand_in(learner=cast.fellow, text="# Secret\n\nNobody may read this.")
    place = pointed(theirs, {"quote": "Nobody may read this."})
    record.claim(cast.fellow, cast.criteria[0], cast.fellow.user, version=theirs, place=place)
    anchor = Entry.objects.get().anchor
    assert anchor

    page = page_of(cast.learner.user, version, str(anchor.uuid))

    assert "evidence-place" not in page
    assert "Nobody may" not in page
    assert "evidence-place" not in page_of(cast.learner.user, version, "x")


def test_comment_as_evidence_leads_to_the_comment(cast: Cast, version: Version) -> None:
    (thread,) = sent_threads(cast, "Where do they wait?", version=version)
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", thread=thread, seen=0)

    page = page_of(cast.learner.user, version)

    assert (
        f'{version.submission.get_absolute_url()}?version=1&amp;thread={thread.uuid}#thread-{thread.uuid}">a comment on'
        in page
    )


def test_both_are_told_when_the_evidence_of_a_claim_changed(cast: Cast, version: Version) -> None:
    claim(cast, value_of(version, quote="one rename"))
    where = cast.learner.uuid, cast.criteria[0].uuid
    cast.hand_in(text=TEXT + "\nMore.\n")
    assert CHANGED not in page_of(cast.mentor, version)

    cast.hand_in(text=TEXT.replace("one rename", "two renames"))

    mentor = Client()
    mentor.force_login(cast.mentor)
    month = reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug])
    assert CHANGED in page_of(cast.learner.user, version)
    assert CHANGED in page_of(cast.mentor, version)
    assert CHANGED in mentor.get(month).text
    assert CHANGED in mentor.get(reverse("progress:mark", args=where)).text
    review = Review.objects.begin(version.submission.versions.get(number=3), cast.mentor)
    sheet = page_of(cast.mentor, version).partition('id="finish"')[2]
    assert review.is_draft
    assert CHANGED in sheet


def test_mark_is_looked_at_again_only_when_its_evidence_changes_after_it(
    cast: Cast, version: Version
) -> None:
    claim(cast, value_of(version, quote="The swap is one rename."))
    cast.hand_in(text=TEXT.replace("one rename", "two renames"))
    (row, anchor) = cast.criteria[0], Entry.objects.get().anchor
    record.mark(cast.learner, row, cast.mentor, "met", version=version, anchor=anchor, seen=1)

    def state() -> str:
        pages = [page_of(user, version) for user in (cast.learner.user, cast.mentor)]
        assert len({SINCE in page for page in pages}) == 1
        assert (SINCE in pages[0]) is ("Look again" in pages[0])
        return str(Standing(cast.learner, cast.month).criteria[row.pk].state)

    assert state() == "met"
    cast.hand_in(text=TEXT.replace("one rename", "two renames") + "\nMore.\n")
    assert state() == "met"
    cast.hand_in(text=TEXT.replace("one rename", "three renames"))
    assert state() == "again"
    record.mark(cast.learner, row, cast.mentor, "met", version=version, anchor=anchor, seen=2)
    assert state() == "met"
    cast.hand_in(text="# Other\n\nNothing of it is left.\n")
    assert state() == "again"
    record.mark(cast.learner, row, cast.mentor, "met", version=version, anchor=anchor, seen=3)
    cast.hand_in(text="# Other\n\nNothing of it is left, still.\n")
    assert state() == "met"


def test_changed_region_is_looked_at_again_when_it_changes_once_more(cast: Cast) -> None:
    submission = cast.hand_in().submission

    def picture(digest: str) -> Version:
        draft = submission.start_draft()
        draft.files.all().delete()
        blob = Blob.objects.get_or_create(sha256=digest * 64, defaults={"size": 9})[0]
        File.objects.create(version=draft, blob=blob, name="b.png", form="image")
        draft.submit()
        return draft

    first = picture("a")
    place = pointed(first, {"file": str(first.files.get().uuid), "region": "xywh=percent:1,2,30,40"})
    record.claim(cast.learner, cast.criteria[0], cast.learner.user, version=first, place=place)
    picture("b")
    anchor = Entry.objects.get().anchor
    record.mark(cast.learner, cast.criteria[0], cast.mentor, "met", version=first, anchor=anchor, seen=1)
    standings = []
    for digest in "bc":
        picture(digest)
        standings.append(str(Standing(cast.learner, cast.month).criteria[cast.criteria[0].pk].state))

    assert standings == ["met", "again"]
    ((_group, places), *_others) = evidence.choices(cast.learner, cast.month)
    assert places[0][1] == "Work 1.1, version 2: b.png, a region"
