"""What stands at the top of the room: the newest review, and the filter of its comments."""

import re
from uuid import uuid4

from django.test import Client

from submissions.models import Review, Said
from tests.cast import Cast
from tests.submissions.talking import answered


def test_newest_review_stands_before_the_work_and_earlier_ones_behind_it(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    for summary in ("The first words", "The second words"):
        review = Review.objects.begin(version, cast.mentor)
        review.save_draft("changes", summary, review.revision)
        review.publish("changes")
    client.force_login(cast.learner.user)

    page = client.get(version.submission.get_absolute_url()).text

    places = [
        page.index(one) for one in ("The second words", "1 earlier review", "The first words", 'id="work"')
    ]
    assert places == sorted(places)


def test_place_of_reviews_is_there_before_the_first_so_that_it_can_come(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner.user)
    page = client.get(cast.hand_in().submission.get_absolute_url()).text
    assert len(re.findall('id="reviews"', page)) == 1
    assert 'class="review ' not in page


def test_filter_of_comments_is_kept_by_the_address_and_named_by_each_thread(
    cast: Cast, client: Client
) -> None:
    waits, settled = answered(cast, "One", "Two")
    settled.confirm(cast.mentor, Said("", uuid4()))
    client.force_login(cast.mentor)
    address = waits.submission.get_absolute_url()

    pages = {
        show: client.get(address, {"show": show} if show else {}).text
        for show in ("", "waiting", "open", "x")
    }

    said = dict(re.findall(r'<article class="thread ([^"]+)" id="thread-([^"]+)"', pages["waiting"]))
    assert {uuid: name for name, uuid in said.items()} == {
        str(waits.uuid): "must waits open",
        str(settled.uuid): "must",
    }
    for show, page in pages.items():
        only = re.search(r'id="talk"(?: data-only="(\w+)")?>', page)
        assert only
        assert only[1] == (show if show in ("waiting", "open") else None)
    assert 'href="?version=1#talk"' in client.get(address, {"version": "1", "show": "open"}).text
